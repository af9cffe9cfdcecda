// The algorithm register: read by anyone, written by publishers. Versions are
// verified before they are handed on; drafts are signed only after they were
// compared with what was asked for (draft_check.h).

#ifndef LIMPID_CLIENTS_CPP_REGISTER_CLIENT_H_
#define LIMPID_CLIENTS_CPP_REGISTER_CLIENT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/connection.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/registration.h"
#include "common/tlog/checkpoint.h"
#include "common/tlog/policy.h"
#include "limpid/algoregister/v1/profile_service.pb.h"
#include "limpid/algoregister/v1/publish_service.pb.h"
#include "limpid/algoregister/v1/register_service.pb.h"

namespace limpid::client {

// A version with what was checked about it.
struct CheckedVersion {
  algoregister::v1::RegistrationVersion version;
  std::int64_t newest_version = 0;
  // The checkpoint whose tree holds the leaf.
  tlog::Checkpoint checkpoint;
};

// Thread-compatible. One method per RPC unless it says more; errors are the
// server's.
class RegisterClient {
 public:
  explicit RegisterClient(Connection& connection) : connection_(connection) {}

  absl::StatusOr<algoregister::v1::ListRegistrationsResponse> List(
      const algoregister::v1::ListRegistrationsRequest& request);
  // Version 0 is the newest. Not verified: for browsing.
  absl::StatusOr<algoregister::v1::GetRegistrationResponse> Get(
      std::string_view registration_id, std::int64_t version);
  // The version that was the newest public one then. Not verified.
  absl::StatusOr<algoregister::v1::GetRegistrationResponse> GetAt(
      std::string_view registration_id, absl::Time time);
  // The version that was asked for, whose leaf is signed, opens to everything
  // the version says, and stands in the log of `policy`. `newest_version` stays
  // the server's word: a log proves what is in it, not that nothing follows.
  // That it is behind the version before is CheckHistory's to find.
  //
  // Errors: further
  //   kDataLoss  something does not verify; the message says what.
  absl::StatusOr<CheckedVersion> GetChecked(std::string_view registration_id,
                                            std::int64_t version,
                                            const tlog::Policy& policy);
  absl::StatusOr<std::vector<algoregister::v1::VersionSummary>> History(
      std::string_view registration_id);
  absl::StatusOr<algoregister::v1::DiffRegistrationVersionsResponse> Diff(
      std::string_view registration_id, std::int64_t from, std::int64_t to);
  absl::StatusOr<log::v1::LogInfo> LogInfo();
  // Gives `take` the file piece by piece, and answers what it leaves out. An
  // error of `take` ends it and is answered.
  absl::StatusOr<std::vector<algoregister::v1::DroppedField>> Export(
      std::string_view profile,
      absl::FunctionRef<absl::Status(std::string_view)> take);
  // The profiles that the server imports and exports.
  absl::StatusOr<std::vector<algoregister::v1::Profile>> Profiles();

 private:
  Connection& connection_;
};

// Reports progress: rows done and in all.
using ImportProgress =
    absl::FunctionRef<void(std::int64_t done, std::int64_t total)>;

// What to import.
struct ImportInput {
  std::string_view profile;
  // At most 7 MiB and 20,000 rows.
  std::string_view file;
  std::string_view reason;
  // Sign every draft and publish; otherwise plan alone.
  bool commit = true;
  // The file is all that its register has.
  bool complete = false;
  // Of a part of a larger file: line there of its first row.
  std::int64_t first_row_line = 0;
  // Of each part of a complete file: 16 random bytes, and its place among the
  // parts.
  std::string_view import_name = {};
  std::int64_t part_index = 0;
};

struct ImportReport {
  std::vector<algoregister::v1::ImportRow> rows;
  algoregister::v1::ImportSummary summary;
  // After the commit; all zero for a plan.
  algoregister::v1::CommitImportResponse committed;
  std::vector<algoregister::v1::ImportFailure> failures;
};

// Thread-compatible. Calls carry the publisher's client certificate.
class PublisherClient {
 public:
  // `key` signs versions; it and `connection` must outlive the client.
  PublisherClient(Connection& connection, const crypto::Ed25519PrivateKey& key)
      : connection_(connection), key_(key) {}

  absl::StatusOr<algoregister::v1::Publisher> GetPublisher();

  // Prepares, checks, signs and publishes one change; the key in `request` is
  // filled in. The answer of PrepareVersion goes to `prepared` when not null.
  //
  // Errors: further
  //   kDataLoss  the draft is not the change that was asked for, and nothing
  //   was
  //              signed; or another version was published than the drafted one.
  absl::StatusOr<algoregister::v1::PublishVersionResponse> Publish(
      const algoregister::v1::PrepareVersionRequest& request,
      algoregister::v1::PrepareVersionResponse* prepared = nullptr);

  // Prepares one change and publishes nothing: whether the caller may make it.
  absl::StatusOr<algoregister::v1::PrepareVersionResponse> Prepare(
      algoregister::v1::PrepareVersionRequest request);

  // Signs a row's drafts only if they are of this import and do what the row
  // says. How a row's cells become a content is the register's word.
  //
  // Errors: further
  //   kDataLoss  a draft is another one; nothing was published.
  absl::StatusOr<ImportReport> Import(const ImportInput& input,
                                      ImportProgress progress);
  // The same of a whole file.
  absl::StatusOr<ImportReport> Import(std::string_view profile,
                                      std::string_view file,
                                      std::string_view reason, bool commit,
                                      ImportProgress progress);

 private:
  // Adds the signatures of all drafts to `commit` unless it is null.
  absl::Status Plan(const algoregister::v1::PlanImportRequest& request,
                    ImportReport& report,
                    algoregister::v1::CommitImportRequest* commit);
  absl::Status SignRow(const algoregister::v1::ImportRow& row,
                       std::string_view reason,
                       algoregister::v1::CommitImportRequest& commit) const;
  absl::Status Commit(const algoregister::v1::CommitImportRequest& request,
                      ImportReport& report, ImportProgress progress);
  // A draft that was compared with what was asked for.
  absl::StatusOr<std::string> Sign(
      const algoregister::v1::VersionDraft& wire,
      const std::vector<receipt::FieldDisclosure>& fields) const;

  Connection& connection_;
  const crypto::Ed25519PrivateKey& key_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_REGISTER_CLIENT_H_
