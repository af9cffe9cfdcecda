#include "vault/portability/exporter.h"

#include <limits>
#include <memory>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "vault/attribute/act_rate.h"
#include "vault/portability/bundle_line.h"
#include "vault/portability/carrier.h"

namespace limpid::vault {
namespace {

constexpr std::string_view kTokenLabel = "limpid/vault/export-page/3";

absl::Status Changed() {
  return absl::AbortedError(
      "something of yours was stored or erased meanwhile; begin again");
}

// Rows are only ever added or emptied: as many rows, as many of them kept, are
// the same rows. How long they are does not count: what is wrapped or sealed
// anew meanwhile holds what it held. Copies for services are no part of it:
// they come and go with what services may, and nobody exports them.
struct Mark {
  std::uint64_t versions = 0;
  std::uint64_t kept = 0;

  friend bool operator==(const Mark&, const Mark&) = default;
};

absl::StatusOr<Mark> MarkOf(const VaultReads& reads, const Owner& owner) {
  LIMPID_ASSIGN_OR_RETURN(const Usage usage, reads.UsageOf(owner));
  return Mark{usage.versions, usage.kept};
}

std::size_t SizeOf(const ExportPage& page) {
  std::size_t out = 0;
  for (const std::string& line : page.lines) out += line.size();
  return out;
}

}  // namespace

struct Exporter::Place {
  // Of the export's act, in milliseconds: its version.
  std::uint64_t begun_ms = 0;
  Mark kept;
  std::string attribute;
  std::uint64_t version = 1;

  [[nodiscard]] base::Bytes Token() const {
    base::ByteWriter writer(kTokenLabel);
    return writer.U64(begun_ms)
        .U64(kept.versions)
        .U64(kept.kept)
        .Lp(attribute)
        .U64(version)
        .Take();
  }
  static absl::StatusOr<Place> Parse(base::ByteView token) {
    base::ByteReader reader(token);
    reader.Label(kTokenLabel);
    Place out;
    out.begun_ms = reader.U64();
    out.kept.versions = reader.U64();
    out.kept.kept = reader.U64();
    out.attribute = reader.LpText();
    out.version = reader.U64();
    if (!reader.Finish().ok() || !IsAttributeId(out.attribute) ||
        out.version == 0) {
      return absl::InvalidArgumentError("page_token: was not made here");
    }
    return out;
  }
};

ExportPage::~ExportPage() {
  for (std::string& line : lines) base::Wipe(line);
}

absl::StatusOr<DoneAct> Exporter::Begin(const PersonCaller& caller) {
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  const absl::Time now =
      absl::FromUnixMillis(absl::ToUnixMillis(core_.clock().Now()));
  DoneAct done;
  const absl::Status written = WriteUnderKey(
      core_, owner, now,
      [&](VaultTransaction& transaction, const PersonKey& key) -> absl::Status {
        LIMPID_RETURN_IF_ERROR(
            CheckActRate(transaction, owner, ActKind::kExport, now));
        LIMPID_RETURN_IF_ERROR(
            LogPersonKey(transaction, core_.acts(), owner, key, now));
        Act act;
        act.kind = ActKind::kExport;
        act.value_version = static_cast<std::uint64_t>(absl::ToUnixMillis(now));
        act.time = now;
        LIMPID_ASSIGN_OR_RETURN(const ActRow row,
                                core_.acts().Append(transaction, std::move(act),
                                                    owner, NameKey(), &key));
        done = Done(row);
        return absl::OkStatus();
      });
  if (!written.ok()) return written;
  return done;
}

absl::Status Exporter::CheckBegun(const Owner& owner,
                                  const Place& place) const {
  LIMPID_ASSIGN_OR_RETURN(
      const auto act, core_.store().FindAct({owner, NameKey(), place.begun_ms,
                                             ActKind::kExport}));
  if (act &&
      absl::AbsDuration(core_.clock().Now() -
                        absl::FromUnixMillis(act->time_ms)) <= kMaxDuration) {
    return absl::OkStatus();
  }
  return absl::AbortedError(
      "this export was not begun within the last hour; begin again");
}

absl::Status Exporter::AddSlots(const PersonCaller& caller, ExportPage& page) {
  LIMPID_ASSIGN_OR_RETURN(auto slots, slots_.List(caller));
  // Their bodies are handed out by a recovery alone, after its delay.
  std::erase_if(slots, [](const Slot& slot) {
    return slot.name.kind == SlotKind::kRecovery;
  });
  for (Slot& slot : slots) {
    page.lines.push_back(LineOfSlot(core_, caller, std::move(slot)));
  }
  return absl::OkStatus();
}

absl::Status Exporter::AddVersion(const PersonCaller& caller,
                                  const NameKey& name, const Place& place,
                                  std::span<const SlotRow> slots,
                                  ExportPage& page) {
  const VaultStore& store = core_.store();
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  LIMPID_ASSIGN_OR_RETURN(auto row, store.Find(owner, name, place.version));
  // Erased with everything of hers.
  if (!row) return Changed();
  std::uint32_t before = 0;
  if (place.version > 1) {
    LIMPID_ASSIGN_OR_RETURN(const auto earlier,
                            store.Find(owner, name, place.version - 1));
    if (!earlier) return Changed();
    before = earlier->schema_version;
  }
  if (before != row->schema_version) {
    LIMPID_ASSIGN_OR_RETURN(
        const auto entry,
        core_.catalogue().Find(place.attribute, row->schema_version));
    page.lines.push_back(DefinitionLine(entry->definition));
  }
  std::shared_ptr<const PersonKey> key;
  RowKeys keys;
  keys.authority = caller.authority();
  if (row->custody == Custody::kSealed) {
    keys.sealed = SealedKeyOf(slots, row->generation);
  } else {
    auto found = core_.KeyOf(*row);
    if (absl::IsNotFound(found.status())) return Changed();
    LIMPID_ASSIGN_OR_RETURN(key, std::move(found));
    keys.assisted = key.get();
  }
  LIMPID_ASSIGN_OR_RETURN(std::string line,
                          LineOfRow(core_, *row, place.attribute, keys));
  page.lines.push_back(std::move(line));
  return absl::OkStatus();
}

absl::Status Exporter::Fill(const PersonCaller& caller, Place& place,
                            ExportPage& page) {
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  // A person has few attributes beside what the catalogue knows, and the names
  // of rows are blinded: the catalogue says what to look for.
  const std::string from = std::exchange(place.attribute, "");
  std::uint64_t version = std::exchange(place.version, 1);
  std::size_t size = SizeOf(page);
  LIMPID_ASSIGN_OR_RETURN(const auto slots,
                          core_.key_store().List(owner, Custody::kSealed));
  for (const CatalogueEntryPtr& entry :
       core_.catalogue().List("", std::numeric_limits<std::size_t>::max())) {
    const std::string& attribute = entry->definition.id;
    if (attribute < from) continue;
    if (attribute != from) version = 1;
    const NameKey name = core_.blinder().NameKeyOf(owner.id, attribute);
    LIMPID_ASSIGN_OR_RETURN(const std::uint64_t highest,
                            core_.store().HighestVersion(owner, name));
    for (; version <= highest; ++version) {
      place = {place.begun_ms, place.kept, attribute, version};
      if (size >= kPageBytes || page.lines.size() >= kPageLines) {
        return absl::OkStatus();
      }
      LIMPID_RETURN_IF_ERROR(AddVersion(caller, name, place, slots, page));
      size += page.lines.back().size();
    }
  }
  place.attribute.clear();
  return absl::OkStatus();
}

absl::StatusOr<ExportPage> Exporter::Page(const PersonCaller& caller,
                                          base::ByteView token) {
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  ExportPage page;
  Place place;
  if (token.empty()) {
    LIMPID_ASSIGN_OR_RETURN(page.begun, Begin(caller));
    place.begun_ms = page.begun->version;
    LIMPID_ASSIGN_OR_RETURN(place.kept, MarkOf(core_.store(), owner));
    LIMPID_RETURN_IF_ERROR(AddSlots(caller, page));
  } else {
    LIMPID_ASSIGN_OR_RETURN(place, Place::Parse(token));
    LIMPID_RETURN_IF_ERROR(CheckBegun(owner, place));
  }
  LIMPID_RETURN_IF_ERROR(Fill(caller, place, page));
  LIMPID_ASSIGN_OR_RETURN(const Mark now, MarkOf(core_.store(), owner));
  if (now != place.kept) return Changed();
  if (!place.attribute.empty()) page.next = place.Token();
  return page;
}

}  // namespace limpid::vault
