#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/cpp/draft_check.h"
#include "clients/cpp/register_client.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/receipt/registration.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;

#define LIMPID_PUBLISH "/limpid.algoregister.v1.PublishService/"
constexpr Method kGetPublisher = {LIMPID_PUBLISH "GetPublisher", true};
constexpr Method kPrepare = {LIMPID_PUBLISH "PrepareVersion", true};
constexpr Method kPublish = {LIMPID_PUBLISH "PublishVersion", true};
constexpr Method kPlan = {LIMPID_PUBLISH "PlanImport", false, absl::Minutes(5)};
constexpr Method kCommit = {LIMPID_PUBLISH "CommitImport", false,
                            absl::Minutes(30)};
#undef LIMPID_PUBLISH

}  // namespace

absl::StatusOr<v1::Publisher> PublisherClient::GetPublisher() {
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<v1::GetPublisherResponse>(
                                             connection_, kGetPublisher,
                                             v1::GetPublisherRequest()));
  return std::move(*response.mutable_publisher());
}

absl::StatusOr<std::string> PublisherClient::Sign(
    const v1::VersionDraft& wire,
    const std::vector<receipt::FieldDisclosure>& fields) const {
  const auto signature = receipt::SignRegistrationLeaf(
      base::AsBytes(wire.leaf_body()), fields, key_);
  if (!signature.ok()) {
    return absl::DataLossError(
        "the draft is not what its fields say; nothing was signed");
  }
  return base::ToText(*signature);
}

absl::StatusOr<v1::PublishVersionResponse> PublisherClient::Publish(
    const v1::PrepareVersionRequest& request,
    v1::PrepareVersionResponse* prepared) {
  LIMPID_ASSIGN_OR_RETURN(auto answer, Prepare(request));
  LIMPID_ASSIGN_OR_RETURN(const ReadDraft draft,
                          ReadDraft::From(answer.draft()));
  LIMPID_RETURN_IF_ERROR(
      CheckIsAskedFor(draft, request, answer, base::SystemClock().Now()));
  v1::PublishVersionRequest publish;
  LIMPID_ASSIGN_OR_RETURN(*publish.mutable_signature(),
                          Sign(answer.draft(), draft.fields));
  *publish.mutable_draft() = answer.draft();
  if (prepared != nullptr) *prepared = std::move(answer);
  LIMPID_ASSIGN_OR_RETURN(auto published, Invoke<v1::PublishVersionResponse>(
                                              connection_, kPublish, publish));
  if (published.registration_id() != publish.draft().registration_id() ||
      published.version() != publish.draft().version()) {
    return absl::DataLossError(
        "the register says that it published another version than was signed");
  }
  return published;
}

absl::StatusOr<v1::PrepareVersionResponse> PublisherClient::Prepare(
    v1::PrepareVersionRequest request) {
  request.set_signing_public_key(base::ToText(key_.PublicKey().bytes));
  return Invoke<v1::PrepareVersionResponse>(connection_, kPrepare, request);
}

absl::StatusOr<ImportReport> PublisherClient::Import(std::string_view profile,
                                                     std::string_view file,
                                                     std::string_view reason,
                                                     bool commit,
                                                     ImportProgress progress) {
  return Import(
      {.profile = profile, .file = file, .reason = reason, .commit = commit},
      progress);
}

absl::StatusOr<ImportReport> PublisherClient::Import(const ImportInput& input,
                                                     ImportProgress progress) {
  v1::PlanImportRequest request;
  request.set_profile(std::string(input.profile));
  request.set_file(std::string(input.file));
  request.set_reason(std::string(input.reason));
  request.set_complete(input.complete);
  request.set_first_row_line(input.first_row_line);
  request.set_import_name(std::string(input.import_name));
  request.set_part_index(input.part_index);
  request.set_signing_public_key(base::ToText(key_.PublicKey().bytes));
  ImportReport report;
  v1::CommitImportRequest commit;
  LIMPID_RETURN_IF_ERROR(
      Plan(request, report, input.commit ? &commit : nullptr));
  if (input.commit && report.summary.draft_count() > 0) {
    commit.set_import_id(report.summary.import_id());
    LIMPID_RETURN_IF_ERROR(Commit(commit, report, progress));
  }
  return report;
}

// Rows are signed as they come, while the server writes the next ones; nothing
// is sent back before all of them are.
absl::Status PublisherClient::Plan(const v1::PlanImportRequest& request,
                                   ImportReport& report,
                                   v1::CommitImportRequest* commit) {
  v1::PlanImportResponse part;
  absl::Status faultless;
  const absl::Status streamed = connection_.Stream(kPlan, request, part, [&] {
    if (part.has_row()) {
      if (commit != nullptr) {
        faultless = SignRow(part.row(), request.reason(), *commit);
      }
      report.rows.push_back(std::move(*part.mutable_row()));
    }
    if (part.has_summary()) report.summary = std::move(*part.mutable_summary());
    return faultless.ok();
  });
  // A fault of ours ends the stream with OK.
  LIMPID_RETURN_IF_ERROR(faultless);
  return streamed;
}

absl::Status PublisherClient::SignRow(const v1::ImportRow& row,
                                      std::string_view reason,
                                      v1::CommitImportRequest& commit) const {
  std::vector<ReadDraft> drafts;
  for (const v1::VersionDraft& wire : row.drafts()) {
    LIMPID_ASSIGN_OR_RETURN(drafts.emplace_back(), ReadDraft::From(wire));
  }
  LIMPID_RETURN_IF_ERROR(
      CheckIsOfRow(drafts, row, reason, base::SystemClock().Now()));
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    LIMPID_ASSIGN_OR_RETURN(
        *commit.add_signatures(),
        Sign(row.drafts(static_cast<int>(i)), drafts[i].fields));
  }
  return absl::OkStatus();
}

absl::Status PublisherClient::Commit(const v1::CommitImportRequest& request,
                                     ImportReport& report,
                                     ImportProgress progress) {
  v1::CommitImportResponse part;
  return connection_.Stream(kCommit, request, part, [&] {
    for (auto& failure : *part.mutable_failures()) {
      report.failures.push_back(std::move(failure));
    }
    report.committed = part;
    progress(part.committed_row_count() + part.failed_row_count(),
             part.total_row_count());
    return true;
  });
}

}  // namespace limpid::client
