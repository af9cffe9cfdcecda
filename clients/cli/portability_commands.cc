// limpid person export, import: everything her vault keeps, encrypted to her
// own age key on this device, and brought to another vault.

#include <sys/types.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/copy_view.h"
#include "clients/cpp/bundle.h"
#include "clients/cpp/portability_client.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/crypto/age.h"
#include "common/crypto/private_file.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::vault::v1;

constexpr mode_t kOwnerOnly = 0600;
// Some thirty keys with their comments.
constexpr std::size_t kMaxIdentityFileBytes = std::size_t{8} << 10U;

struct ExportOptions {
  std::vector<std::string> to;
  std::string file;
};
struct MovedOptions {
  std::string name;
  std::string key;
  bool back = false;
};
struct ImportOptions {
  std::string identity;
  std::string file;
};

// What a bundle does not carry; said where it is made.
constexpr std::string_view kWhatItIs =
    "Whoever has the age key reads every value in it that is not sealed: keep "
    "both apart. What you sealed stays sealed and opens with your devices "
    "alone: keep device-key.json. Copies for services, consents, receipts and "
    "the vault's log are not in it.";

absl::StatusOr<std::vector<crypto::X25519PublicKey>> Recipients(
    const ExportOptions& options) {
  std::vector<crypto::X25519PublicKey> out;
  for (const std::string& text : options.to) {
    auto key = crypto::ParseAgeRecipient(text);
    if (!key.ok()) {
      return WrongUsage(absl::InvalidArgumentError(
          absl::StrCat("--to: ", key.status().message())));
    }
    out.push_back(*key);
  }
  return out;
}

absl::StatusOr<Report> Export(const ExportOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto recipients, Recipients(options));
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  client::PortabilityClient carrier(*parts.vault_connection);
  LIMPID_ASSIGN_OR_RETURN(
      client::Exported exported,
      carrier.Export({parts.trust->operator_name, parts.trust->source_id,
                      session.clock().Now()}));
  const auto encrypted =
      crypto::AgeEncrypt(base::AsBytes(exported.bundle), recipients);
  base::Wipe(exported.bundle);
  LIMPID_RETURN_IF_ERROR(encrypted.status());
  // Never over another file: it may be the only copy of an earlier state.
  LIMPID_RETURN_IF_ERROR(
      base::WriteNewFile(options.file, *encrypted, kOwnerOnly));
  json::Value out = json::Value::Object();
  out.Set("file", options.file);
  out.Set("versions", exported.versions).Set("slots", exported.slots);
  out.Set("commitment",
          base::Base64UrlEncode(base::AsBytes(exported.commitment)));
  const std::size_t versions = exported.versions;
  return Report{
      std::move(out), [options, versions](Terminal& terminal) {
        terminal.Line(absl::StrCat("Wrote ", versions, " version(s) to ",
                                   options.file, "; read them with `age -d`."));
        terminal.Line(std::string(kWhatItIs));
      }};
}

absl::StatusOr<base::Bytes> Decrypt(const ImportOptions& options) {
  const auto keys = crypto::ReadPrivateFile(options.identity, "the age key",
                                            kMaxIdentityFileBytes);
  if (!keys.ok()) return StateBroken(keys.status());
  const auto identities = crypto::ParseAgeIdentities(
      base::AsText(keys->Reveal(base::SecretAccess::Get())));
  if (!identities.ok()) {
    return StateBroken(absl::InvalidArgumentError(
        absl::StrCat("--identity: ", identities.status().message())));
  }
  const auto file =
      base::ReadFileBytes(options.file, client::kMaxBundleFileBytes);
  if (!file.ok()) return StateBroken(file.status());
  auto opened = crypto::AgeDecrypt(*file, *identities);
  if (opened.ok()) return opened;
  return StateBroken(absl::Status(
      opened.status().code(),
      absl::StrCat(options.file, ": ", opened.status().message())));
}

std::string ReasonOf(const client::RefusedLine& line) {
  return ShortName(v1::ImportRefusal_Name(line.refusal), "IMPORT_REFUSAL_");
}

json::Value ReportJson(const client::ImportReport& report) {
  json::Value refused = json::Value::Array();
  for (const client::RefusedLine& line : report.refused) {
    json::Value one = json::Value::Object();
    one.Set("line", line.number).Set("attribute", line.attribute);
    one.Set("version", line.version).Set("reason", ReasonOf(line));
    // The vault's words.
    auto detail = json::Value::FromText(line.detail);
    if (detail.ok()) one.Set("detail", *std::move(detail));
    refused.Append(std::move(one));
  }
  json::Value out = json::Value::Object();
  out.Set("read", report.read).Set("created", report.created);
  out.Set("unchanged", report.unchanged).Set("refused", std::move(refused));
  return out;
}

void Show(const client::ImportReport& report, Terminal& terminal) {
  terminal.Line(absl::StrCat("Read ", report.read, ": ", report.created,
                             " created, ", report.unchanged, " there already, ",
                             report.refused.size(), " refused."));
  if (report.refused.empty()) return;
  terminal.Table(
      {"line", "attribute", "version", "reason", "detail"},
      RowsOf(report.refused, [](const client::RefusedLine& line) -> Row {
        return {absl::StrCat(line.number),
                line.attribute.empty() ? "(slot)" : line.attribute,
                absl::StrCat(line.version), ReasonOf(line), Clean(line.detail)};
      }));
}

absl::StatusOr<Report> Import(const ImportOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  LIMPID_ASSIGN_OR_RETURN(base::Bytes text, Decrypt(options));
  const auto bundle = client::ReadBundle(base::AsText(text));
  if (!bundle.ok()) {
    base::Wipe(text);
    return StateBroken(absl::Status(
        bundle.status().code(),
        absl::StrCat(options.file, ": ", bundle.status().message())));
  }
  client::PortabilityClient carrier(*parts.vault_connection);
  const auto imported = carrier.Import(*bundle);
  base::Wipe(text);
  if (!imported.ok()) {
    return WithNext(imported.status(),
                    "run the command again: what came through stays, and is "
                    "found there");
  }
  Report report{
      ReportJson(*imported),
      [report = *imported](Terminal& terminal) { Show(report, terminal); }};
  if (!imported->refused.empty()) {
    report.outcome = WithNext(
        absl::FailedPreconditionError("some of it was refused"),
        "keep the bundle: what was refused is in it, and nowhere else once "
        "you erase it at the old vault");
  }
  return report;
}

absl::StatusOr<Report> Moved(const MovedOptions& options, Session& session) {
  std::optional<client::MoveAway> to;
  if (!options.back) {
    LIMPID_ASSIGN_OR_RETURN(const auto key, ReadEvidenceKey(options.key));
    to = client::MoveAway{options.name, key};
  }
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.PersonAtVault());
  client::PortabilityClient carrier(*parts.vault_connection);
  LIMPID_ASSIGN_OR_RETURN(const client::Whereabouts there, carrier.GetMove());
  LIMPID_ASSIGN_OR_RETURN(
      const auto move,
      client::SignMoveAway(*parts.key, parts.trust->source_id, std::move(to),
                           there, session.clock().Now()));
  LIMPID_ASSIGN_OR_RETURN(const v1::DeclareMoveResponse done,
                          carrier.DeclareMove(move));
  return Report{ToJson(done), [options](Terminal& terminal) {
                  if (options.back) {
                    terminal.Line("You are here again.");
                    return;
                  }
                  terminal.Line(
                      "Services that hold a live consent of yours get no value "
                      "here any more, and are told: " +
                      options.name + ". Nothing new is stored here.");
                  terminal.Line(
                      "What is here stays until you erase it: limpid person "
                      "erase-everything");
                }};
}

}  // namespace

void AddPortabilityCommands(CLI::App& person, Session& session) {
  auto [out, leaving] = AddCommand<ExportOptions>(
      person, session, "export",
      "Write everything your vault keeps to a file that your age key opens",
      Export);
  out->add_option("--to", leaving->to,
                  "age recipient (age1...), of age-keygen; may be repeated")
      ->required();
  out->add_option("file", leaving->file, "a new file")->required();
  auto [in, coming] = AddCommand<ImportOptions>(
      person, session, "import",
      "Bring an export of another vault to yours; may be repeated", Import);
  in->add_option("--identity", coming->identity,
                 "key file of age-keygen that opens it")
      ->required();
  in->add_option("file", coming->file, "the export")->required();
  auto [moved, where] = AddCommand<MovedOptions>(
      person, session, "moved",
      "Say at your old vault where you went; services with a live consent are "
      "told",
      Moved);
  auto* const back = moved->add_flag("--back", where->back, "take it back");
  auto* const to =
      moved->add_option("--to", where->name, "name of the new operator")
          ->excludes(back);
  moved
      ->add_option("--evidence-key", where->key,
                   "evidence key of the new operator, received from it")
      ->needs(to)
      ->excludes(back);
}

}  // namespace limpid::cli
