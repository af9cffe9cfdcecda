#include "algoregister/rpc/publish_rpc.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/registration/content.h"
#include "algoregister/rpc/convert.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"
#include "common/rpc/validate.h"

namespace limpid::algoregister {
namespace {

// One per draft: the organisation's and the row's own, and those of what a
// complete file lacks. Some 4 MB.
constexpr int kMaxSignatures =
    static_cast<int>(2 * kMaxImportRows + kMaxVanishedRows);
// Imports planned or read as plans at once, of all publishers: each has its
// file, then its rows with their remarks and drafts in memory.
constexpr int kMaxOpenPlans = 2;

absl::StatusOr<json::Value> ReadContent(std::string_view path,
                                        const std::string& text) {
  auto content = json::ParseStrict(text, {.max_bytes = kMaxContentBytes});
  if (!content.ok()) return rpc::AtField(path, content.status());
  return content;
}

absl::Status StoppedHalfWay() {
  return absl::UnavailableError(
      "the server is stopping; the rows reported so far are published, the "
      "others are not: import the file again");
}

// Finds the change that a request asks for and drafts it.
class Drafter {
 public:
  Drafter(Register& target, const Author& author,
          v1::PrepareVersionResponse& response)
      : target_(target), author_(author), response_(response) {}

  absl::StatusOr<Draft> Run(const v1::PrepareVersionRequest& request) {
    switch (request.change_case()) {
      case v1::PrepareVersionRequest::kCreate:
        return Create(request.create());
      case v1::PrepareVersionRequest::kUpdate:
        return Update(request.update());
      case v1::PrepareVersionRequest::kRetire:
        return Retire(request.retire());
      case v1::PrepareVersionRequest::kAddSnapshot:
        return AddSnapshot(request.add_snapshot());
      case v1::PrepareVersionRequest::kSealSnapshot:
        return SealSnapshot(request.seal_snapshot());
      case v1::PrepareVersionRequest::CHANGE_NOT_SET:
        break;
    }
    return rpc::FieldError("change", "missing");
  }

 private:
  absl::StatusOr<Draft> Create(const v1::CreateRegistration& change) {
    LIMPID_ASSIGN_OR_RETURN(const RegistrationKind kind,
                            FromProto("create.kind", change.kind()));
    LIMPID_ASSIGN_OR_RETURN(
        const json::Value content,
        ReadContent("create.content_json", change.content_json()));
    return target_.PrepareNew(author_, kind, content);
  }
  absl::StatusOr<Draft> Update(const v1::UpdateRegistration& change) {
    LIMPID_ASSIGN_OR_RETURN(
        const RegistrationId id,
        ReadId("update.registration_id", change.registration_id()));
    LIMPID_ASSIGN_OR_RETURN(
        const json::Value content,
        ReadContent("update.content_json", change.content_json()));
    return target_.PrepareUpdate(author_, id, content,
                                 change.keep_restricted());
  }
  absl::StatusOr<Draft> Retire(const v1::RetireRegistration& change) {
    LIMPID_ASSIGN_OR_RETURN(
        const RegistrationId id,
        ReadId("retire.registration_id", change.registration_id()));
    return target_.PrepareRetirement(author_, id);
  }
  absl::StatusOr<Draft> AddSnapshot(const v1::AddSnapshot& change) {
    LIMPID_ASSIGN_OR_RETURN(
        const RegistrationId dataset,
        ReadId("add_snapshot.dataset_id", change.dataset_id(),
               RegistrationKind::kDataset));
    LIMPID_RETURN_IF_ERROR(
        rpc::CheckText("add_snapshot.name", change.name(), /*max_bytes=*/200));
    const SnapshotId id = SnapshotId::Random();
    response_.set_snapshot_id(id.Text());
    return target_.PrepareSnapshot(author_, dataset, id, change.name());
  }
  absl::StatusOr<Draft> SealSnapshot(const v1::SealSnapshot& change) {
    LIMPID_ASSIGN_OR_RETURN(
        const RegistrationId dataset,
        ReadId("seal_snapshot.dataset_id", change.dataset_id(),
               RegistrationKind::kDataset));
    LIMPID_ASSIGN_OR_RETURN(
        const SnapshotId id,
        rpc::ParseId<SnapshotId>("seal_snapshot.snapshot_id",
                                 change.snapshot_id()));
    return target_.PrepareSeal(author_, dataset, id);
  }

  Register& target_;
  const Author& author_;
  v1::PrepareVersionResponse& response_;
};

v1::CommitImportResponse ToProto(const ImportProgress& progress,
                                 const tlog::Log& log) {
  v1::CommitImportResponse out;
  out.set_committed_row_count(static_cast<std::int64_t>(progress.committed));
  out.set_failed_row_count(static_cast<std::int64_t>(progress.failed));
  out.set_total_row_count(static_cast<std::int64_t>(progress.total));
  out.set_tree_size(static_cast<std::int64_t>(log.size()));
  for (const RowFailure& failure : progress.failures) {
    v1::ImportFailure& row = *out.add_failures();
    row.set_row_index(static_cast<std::int64_t>(failure.index));
    row.set_message(failure.message);
  }
  return out;
}

absl::StatusOr<std::vector<crypto::Ed25519Signature>> ReadSignatures(
    const v1::CommitImportRequest& request) {
  LIMPID_RETURN_IF_ERROR(
      rpc::CheckCount("signatures", request.signatures_size(), kMaxSignatures));
  std::vector<crypto::Ed25519Signature> out;
  out.reserve(static_cast<std::size_t>(request.signatures_size()));
  for (const std::string& bytes : request.signatures()) {
    LIMPID_ASSIGN_OR_RETURN(
        const crypto::Ed25519Signature signature,
        ReadSignature(absl::StrCat("signatures[", out.size(), "]"), bytes));
    out.push_back(signature);
  }
  return out;
}

}  // namespace

absl::StatusOr<Publisher> PublishRpc::WhoCalls(
    const rpc::Caller& caller) const {
  auto publisher = parts_.publishers.FindByCertificate(caller.spki_thumbprint);
  if (absl::IsNotFound(publisher.status())) {
    return absl::PermissionDeniedError(
        "the certificate belongs to no publisher");
  }
  return publisher;
}

grpc::ServerUnaryReactor* PublishRpc::GetPublisher(
    grpc::CallbackServerContext* context,
    const v1::GetPublisherRequest* /*request*/,
    v1::GetPublisherResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const Publisher publisher, WhoCalls(caller));
        *response->mutable_publisher() = algoregister::ToProto(publisher);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PublishRpc::PrepareVersion(
    grpc::CallbackServerContext* context,
    const v1::PrepareVersionRequest* request,
    v1::PrepareVersionResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const Publisher publisher, WhoCalls(caller));
        return Prepare(publisher, *request, *response);
      });
}

absl::Status PublishRpc::Prepare(const Publisher& publisher,
                                 const v1::PrepareVersionRequest& request,
                                 v1::PrepareVersionResponse& response) {
  LIMPID_ASSIGN_OR_RETURN(
      const crypto::Ed25519PublicKey key,
      ReadKey("signing_public_key", request.signing_public_key()));
  LIMPID_RETURN_IF_ERROR(
      rpc::CheckText("reason", request.reason(), kMaxReasonBytes));
  const Author author = {.publisher = publisher,
                         .key = key,
                         .role = AuthorRole::kPublisher,
                         .reason = request.reason()};
  LIMPID_ASSIGN_OR_RETURN(
      const Draft draft, Drafter(parts_.target, author, response).Run(request));
  *response.mutable_draft() = algoregister::ToProto(draft);
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* PublishRpc::PublishVersion(
    grpc::CallbackServerContext* context,
    const v1::PublishVersionRequest* request,
    v1::PublishVersionResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const Publisher publisher, WhoCalls(caller));
        SignedDraft draft;
        LIMPID_ASSIGN_OR_RETURN(draft.draft, FromProto(request->draft()));
        LIMPID_ASSIGN_OR_RETURN(
            draft.signature, ReadSignature("signature", request->signature()));
        LIMPID_ASSIGN_OR_RETURN(const Version version,
                                parts_.target.Publish(publisher, draft));
        response->set_registration_id(version.registration.Text());
        response->set_version(version.number);
        response->set_leaf_index(
            static_cast<std::int64_t>(version.leaf_index.value_or(0)));
        return absl::OkStatus();
      });
}

grpc::ServerWriteReactor<v1::PlanImportResponse>* PublishRpc::PlanImport(
    grpc::CallbackServerContext* context,
    const v1::PlanImportRequest* request) {
  return rpc::ServerStream<v1::PlanImportResponse>(
      edge_, context,
      [=, this](const rpc::Caller& caller,
                const std::shared_ptr<PlanWriter>& writer) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const Publisher publisher, WhoCalls(caller));
        const auto open = open_plans_;
        if (open->fetch_add(1) >= kMaxOpenPlans) {
          open->fetch_sub(1);
          return absl::ResourceExhaustedError(
              "too many imports are planned now; try again later");
        }
        writer->OnClosed([open] { open->fetch_sub(1); });
        return Plan(publisher, *request, *writer);
      });
}

absl::Status PublishRpc::Plan(const Publisher& publisher,
                              const v1::PlanImportRequest& request,
                              PlanWriter& writer) {
  LIMPID_ASSIGN_OR_RETURN(
      const crypto::Ed25519PublicKey key,
      ReadKey("signing_public_key", request.signing_public_key()));
  if (request.first_row_line() < 0) {
    return rpc::FieldError("first_row_line", "must be 0 or more");
  }
  const auto first_row_line =
      static_cast<std::size_t>(request.first_row_line());
  if (request.part_index() < 0) {
    return rpc::FieldError("part_index", "must be 0 or more");
  }
  std::optional<ImportPart> import_part;
  if (!request.import_name().empty()) {
    import_part =
        ImportPart{.name = request.import_name(),
                   .index = static_cast<std::size_t>(request.part_index())};
  }
  LIMPID_ASSIGN_OR_RETURN(
      const std::shared_ptr<const ImportPlan> plan,
      parts_.desk.Plan(publisher, {.profile = request.profile(),
                                   .file = request.file(),
                                   .reason = request.reason(),
                                   .key = key,
                                   .complete = request.complete(),
                                   .part = import_part,
                                   .first_row_line = first_row_line}));
  writer.WriteFrom(
      [plan, next = std::size_t{0}](v1::PlanImportResponse& part) mutable {
        const std::size_t at = next++;
        if (at < plan->rows.size()) {
          *part.mutable_row() = algoregister::ToProto(plan->rows[at]);
        } else {
          *part.mutable_summary() = ToSummary(*plan);
        }
        return at <= plan->rows.size();
      });
  return absl::OkStatus();
}

grpc::ServerWriteReactor<v1::CommitImportResponse>* PublishRpc::CommitImport(
    grpc::CallbackServerContext* context,
    const v1::CommitImportRequest* request) {
  return rpc::ServerStream<v1::CommitImportResponse>(
      edge_, context,
      [=, this](const rpc::Caller& caller,
                const std::shared_ptr<CommitWriter>& writer) {
        return StartCommit(caller, *request, writer);
      });
}

// Nothing is sent before the start function has returned, so the work goes to
// another worker: progress is seen while it happens.
absl::Status PublishRpc::StartCommit(
    const rpc::Caller& caller, const v1::CommitImportRequest& request,
    const std::shared_ptr<CommitWriter>& writer) {
  LIMPID_ASSIGN_OR_RETURN(Publisher publisher, WhoCalls(caller));
  LIMPID_ASSIGN_OR_RETURN(
      const ImportId import,
      rpc::ParseId<ImportId>("import_id", request.import_id()));
  LIMPID_ASSIGN_OR_RETURN(std::vector<crypto::Ed25519Signature> signatures,
                          ReadSignatures(request));
  const bool queued =
      edge_.runtime.Run([this, publisher = std::move(publisher), import,
                         signatures = std::move(signatures), writer] {
        writer->Finish(parts_.desk.Commit(
            publisher, import, signatures,
            [this, &writer](const ImportProgress& progress) {
              // An import goes on when nobody watches.
              writer->Write(ToProto(progress, parts_.log));
              return edge_.runtime.draining() ? StoppedHalfWay()
                                              : absl::OkStatus();
            }));
      });
  if (queued) return absl::OkStatus();
  return absl::ResourceExhaustedError("too many calls; try later");
}

}  // namespace limpid::algoregister
