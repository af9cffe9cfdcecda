// limpid register keygen, publish, snapshot: the register's writing side.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/publisher_checks.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/register_client.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::algoregister::v1;

struct OneFile {
  std::string file;
};
struct PublishOptions {
  std::string file;
  std::string kind;
  std::string id;
  std::string reason;
  std::string signing_key;
  bool retire = false;
  bool keep_restricted = false;
};
struct SnapshotOptions {
  std::string dataset;
  std::string name;
  std::string seal;
  std::string reason;
  std::string signing_key;
};

absl::StatusOr<Report> KeyGen(const OneFile& options, Session& /*session*/) {
  const client::PersonKey key = client::PersonKey::Generate();
  LIMPID_RETURN_IF_ERROR(CannotWrite(key.WriteNew(options.file)));
  const std::string public_key =
      base::Base64Encode(key.key().PublicKey().bytes);
  json::Value out = json::Value::Object();
  out.Set("public_key", public_key);
  return Report{std::move(out), [public_key](Terminal& terminal) {
                  terminal.Facts({{"public key", public_key}});
                  terminal.Line(
                      "Give the public key to the administrator of the "
                      "register; keep the file to yourself.");
                }};
}

absl::StatusOr<Report> Send(const v1::PrepareVersionRequest& request,
                            const std::string& signing_key, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const client::PersonKey key, SigningKey(signing_key));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::PublisherClient publisher(*connection, key.key());
  v1::PrepareVersionResponse prepared;
  LIMPID_ASSIGN_OR_RETURN(const v1::PublishVersionResponse published,
                          publisher.Publish(request, &prepared));
  json::Value out = cli::ToJson(published);
  const std::string snapshot = prepared.snapshot_id();
  out.Set("snapshot_id", snapshot);
  return Report{
      std::move(out), [published, snapshot](Terminal& terminal) {
        terminal.Facts({{"published", published.registration_id()},
                        {"version", absl::StrCat(published.version())},
                        {"log entry", absl::StrCat(published.leaf_index())},
                        {"snapshot", snapshot}});
      }};
}

absl::StatusOr<Report> Publish(const PublishOptions& options,
                               Session& session) {
  LIMPID_RETURN_IF_ERROR(
      CheckPublish(options.file, options.id, options.retire));
  v1::PrepareVersionRequest request;
  request.set_reason(options.reason);
  if (options.retire) {
    request.mutable_retire()->set_registration_id(options.id);
    return Send(request, options.signing_key, session);
  }
  LIMPID_ASSIGN_OR_RETURN(const std::string content,
                          ReadTextFile(options.file));
  if (options.id.empty()) {
    v1::RegistrationKind kind = v1::REGISTRATION_KIND_UNSPECIFIED;
    std::string name = "REGISTRATION_KIND_" + options.kind;
    for (char& c : name) c = static_cast<char>(std::toupper(c));
    if (!v1::RegistrationKind_Parse(name, &kind)) {
      return WithNext(
          WrongUsage(absl::InvalidArgumentError(
              "give --kind for a new registration or --id for a new version")),
          "limpid register list --help names the kinds");
    }
    request.mutable_create()->set_kind(kind);
    request.mutable_create()->set_content_json(content);
  } else {
    request.mutable_update()->set_registration_id(options.id);
    request.mutable_update()->set_content_json(content);
    request.mutable_update()->set_keep_restricted(options.keep_restricted);
  }
  return Send(request, options.signing_key, session);
}

absl::StatusOr<Report> Snapshot(const SnapshotOptions& options,
                                Session& session) {
  v1::PrepareVersionRequest request;
  request.set_reason(options.reason);
  if (options.seal.empty()) {
    request.mutable_add_snapshot()->set_dataset_id(options.dataset);
    request.mutable_add_snapshot()->set_name(options.name);
  } else {
    request.mutable_seal_snapshot()->set_dataset_id(options.dataset);
    request.mutable_seal_snapshot()->set_snapshot_id(options.seal);
  }
  return Send(request, options.signing_key, session);
}

}  // namespace

absl::StatusOr<client::PersonKey> SigningKey(const std::string& file) {
  auto key = client::PersonKey::Read(file);
  if (key.ok()) return key;
  absl::Status failed = StateBroken(key.status());
  // One that is there is not to be made anew.
  if (!absl::IsNotFound(failed)) return failed;
  return WithNext(std::move(failed),
                  "make one with: limpid register keygen FILE");
}

absl::Status AboutProfile(absl::Status status) {
  if (!absl::IsInvalidArgument(status) ||
      !absl::StartsWith(status.message(), "profile:")) {
    return status;
  }
  return WithNext(std::move(status),
                  "limpid register profiles lists those there are");
}

absl::Status CheckPublish(std::string_view file, std::string_view id,
                          bool retire) {
  if (retire && (!file.empty() || id.empty())) {
    return WrongUsage(
        absl::InvalidArgumentError("--retire takes --id and no file"));
  }
  if (!retire && file.empty()) {
    return WrongUsage(absl::InvalidArgumentError(
        "no file was named; to retire a registration say --retire"));
  }
  return absl::OkStatus();
}

absl::Status CheckCommitted(const client::ImportReport& report) {
  const v1::CommitImportResponse& done = report.committed;
  const bool heard =
      report.summary.draft_count() == 0 || done.total_row_count() > 0;
  if (heard && report.failures.empty() && done.failed_row_count() == 0 &&
      done.committed_row_count() == done.total_row_count()) {
    return absl::OkStatus();
  }
  return WithNext(
      absl::AbortedError(absl::StrCat(
          "not all of the file was imported: of ", done.total_row_count(),
          " rows ", done.committed_row_count(), " were published and ",
          done.failed_row_count(), " given up")),
      "import the file again: what is there already is left as it is");
}

void AddPublisherCommands(CLI::App& group, Session& session) {
  auto [keygen, target] = AddCommand<OneFile>(
      group, session, "keygen", "Make a key that signs registrations", KeyGen);
  keygen->add_option("file", target->file)->required();
  AddImportCommands(group, session);
  auto [publish, what] = AddCommand<PublishOptions>(
      group, session, "publish",
      "Publish a new registration or a new version, or retire one", Publish);
  publish->add_option("file", what->file,
                      R"(JSON with "fields" and perhaps "aliases")");
  publish->add_option("--kind", what->kind, "of a new registration");
  publish->add_option("--id", what->id, "registration to change or retire");
  publish->add_flag("--retire", what->retire,
                    "instead of a file: retire --id, which nothing undoes");
  publish->add_flag("--keep-restricted", what->keep_restricted,
                    "of --id: parts that the file does not have, and the field "
                    "of which has an audience, stay as they are");
  publish->add_option("--reason", what->reason)->required();
  publish->add_option("--signing-key", what->signing_key)->required();
  auto [snapshot, of] = AddCommand<SnapshotOptions>(
      group, session, "snapshot", "Open or seal a snapshot of a dataset",
      Snapshot);
  snapshot->add_option("dataset", of->dataset)->required();
  snapshot->add_option("--name", of->name, "name of a new snapshot");
  snapshot->add_option("--seal", of->seal, "snapshot to seal");
  snapshot->add_option("--reason", of->reason)->required();
  snapshot->add_option("--signing-key", of->signing_key)->required();
}

}  // namespace limpid::cli
