// limpid person device code, list, add, remove: which of a person's devices
// reach what she sealed.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/id_kind.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::vault::v1;

struct None {};
struct AddOptions {
  std::string code;
};
struct RemoveOptions {
  std::string slot;
};

std::string IdOf(const v1::KeySlot& slot) {
  return base::FormatIdText("slt", base::AsBytes(slot.slot_id()));
}

std::string Remark(const client::KnownSlot& known) {
  if (known.malformed) return "NO SLOT: it opens nothing; remove it";
  if (known.slot.kind() != v1::SLOT_KIND_DEVICE) return "";
  if (!known.signed_by_person) return "NOT SIGNED BY YOU: remove it";
  return known.this_device ? "this device" : "";
}

absl::StatusOr<Report> Code(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  LIMPID_ASSIGN_OR_RETURN(const auto key, parts.device->Key());
  const std::string code = client::DeviceCode(key.PublicKey());
  json::Value out = json::Value::Object();
  out.Set("code", code);
  return Report{std::move(out), [code](Terminal& terminal) {
                  terminal.Line(code);
                  terminal.Line(
                      "On a device that opens your sealed values, run: limpid "
                      "person device add CODE. Carry the code there yourself: "
                      "whose code is added there reads everything you sealed.");
                }};
}

absl::StatusOr<Report> List(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  LIMPID_ASSIGN_OR_RETURN(const auto slots, parts.sealed->Slots());
  json::Value out = json::Value::Array();
  for (const client::KnownSlot& known : slots) {
    json::Value one = json::Value::Object();
    one.Set("slot", IdOf(known.slot));
    one.Set("kind",
            ShortName(v1::SlotKind_Name(known.slot.kind()), "SLOT_KIND_"));
    one.Set("created", Moment(known.slot.create_time()));
    one.Set("malformed", known.malformed);
    one.Set("signed_by_you", known.signed_by_person);
    one.Set("this_device", known.this_device);
    out.Append(std::move(one));
  }
  return Report{
      std::move(out), [slots](Terminal& terminal) {
        const std::vector<Row> rows =
            RowsOf(slots, [](const client::KnownSlot& known) -> Row {
              return {
                  IdOf(known.slot),
                  ShortName(v1::SlotKind_Name(known.slot.kind()), "SLOT_KIND_"),
                  Moment(known.slot.create_time()), Remark(known)};
            });
        terminal.Table({"slot", "kind", "created", ""}, rows);
      }};
}

absl::StatusOr<Report> Add(const AddOptions& options, Session& session) {
  const auto device = client::ParseDeviceCode(options.code);
  if (!device.ok()) return WrongUsage(device.status());
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  LIMPID_ASSIGN_OR_RETURN(const v1::AddKeySlotResponse added,
                          parts.sealed->AddDevice(*device));
  return Report{ToJson(added), [](Terminal& terminal) {
                  terminal.Line(
                      "That device now opens everything you sealed and will "
                      "seal.");
                }};
}

absl::StatusOr<Report> Remove(const RemoveOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  LIMPID_ASSIGN_OR_RETURN(const auto slots, parts.sealed->Slots());
  const auto found = std::find_if(slots.begin(), slots.end(),
                                  [&](const client::KnownSlot& known) {
                                    return IdOf(known.slot) == options.slot;
                                  });
  if (found == slots.end()) {
    return WithNext(absl::NotFoundError("you have no such slot"),
                    "limpid person device list shows them");
  }
  LIMPID_ASSIGN_OR_RETURN(const v1::DeleteKeySlotResponse removed,
                          parts.sealed->Remove(found->slot));
  return Report{
      ToJson(removed), [](Terminal& terminal) {
        terminal.Line(
            "Removed. It gets your sealed key here no more. If it opened "
            "something before, it may have kept the key and would open what it "
            "still gets hold of: the key itself is not changed by this.");
      }};
}

}  // namespace

void AddDeviceCommands(CLI::App& person, Session& session) {
  CLI::App* const group =
      person.add_subcommand("device", "Which devices open what you sealed");
  group->require_subcommand(1);
  AddCommand<None>(*group, session, "code",
                   "Show this device's code, for `device add` elsewhere", Code);
  AddCommand<None>(*group, session, "list", "List the ways to your sealed key",
                   List);
  auto [add, code] = AddCommand<AddOptions>(
      *group, session, "add", "Let another device of yours in", Add);
  add->add_option("code", code->code, "what `device code` showed there")
      ->required();
  auto [remove, slot] = AddCommand<RemoveOptions>(
      *group, session, "remove", "Take a way to your sealed key away", Remove);
  remove->add_option("slot", slot->slot, "as listed")
      ->required()
      ->check(OfKind({"slt"}));
}

}  // namespace limpid::cli
