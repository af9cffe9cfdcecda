#include "consent/rpc/training_rpc.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/validate.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/person_authenticator.h"
#include "consent/training/training_desk.h"

namespace limpid::consent {
namespace {

// A release with a full leaf has some 35 kB.
constexpr int kMaxReleases = 50;
constexpr std::string_view kPageLabel = "training-page/1";

v1::TrainingStage StageToProto(SnapshotStage stage) {
  switch (stage) {
    case SnapshotStage::kOpen:
      return v1::TRAINING_STAGE_OPEN;
    case SnapshotStage::kSealing:
      return v1::TRAINING_STAGE_SEALING;
    case SnapshotStage::kBuilt:
      return v1::TRAINING_STAGE_BUILT;
    case SnapshotStage::kPublished:
      return v1::TRAINING_STAGE_PUBLISHED;
  }
  return v1::TRAINING_STAGE_UNSPECIFIED;
}

v1::TrainingProof ProofToProto(const TrainingProof& proof) {
  v1::TrainingProof out;
  out.set_opening(ToProto(proof.opening));
  out.set_leaf_index(proof.index);
  for (const base::Digest32& hash : proof.path) out.add_path(ToProto(hash));
  out.set_commitment(ToProto(proof.entry));
  out.set_log_proof(proof.log_proof);
  return out;
}

v1::TrainingRelease ReleaseToProto(const TrainingReleaseView& view) {
  v1::TrainingRelease out;
  out.set_snapshot_id(view.use.snapshot.Text());
  if (!view.dataset.none()) out.set_dataset_id(view.dataset.Text());
  out.set_system_id(view.use.system.Text());
  out.set_service_id(view.use.service.Text());
  if (view.service != nullptr) out.set_organisation(view.service->organisation);
  out.set_record_id(view.use.record.Text());
  out.set_pseudonym(ToProto(view.use.pseudonym));
  *out.mutable_first_time() = ToProto(view.first);
  *out.mutable_last_time() = ToProto(view.last);
  for (const base::Digest32& read : view.reads) out.add_reads(ToProto(read));
  out.set_stage(StageToProto(view.stage));
  if (view.stage != SnapshotStage::kOpen) {
    *out.mutable_seal_time() = ToProto(view.sealed);
  }
  if (view.proof) *out.mutable_proof() = ProofToProto(*view.proof);
  return out;
}

absl::StatusOr<std::size_t> ReadPageToken(std::string_view token) {
  if (token.empty()) return std::size_t{0};
  base::ByteReader reader(base::AsBytes(token));
  reader.Label(kPageLabel);
  const std::uint32_t from = reader.U32();
  if (!reader.Finish().ok()) {
    return rpc::FieldError("page_token", "was not made for this call");
  }
  return from;
}

}  // namespace

TrainingRpc::TrainingRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                         Consent& consent)
    : edge_(rpc::EdgeOf<v1::TrainingService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* TrainingRpc::ListTrainingReleases(
    grpc::CallbackServerContext* context,
    const v1::ListTrainingReleasesRequest* request,
    v1::ListTrainingReleasesResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(
            const int size,
            rpc::PageSize(request->page_size(), kMaxReleases, kMaxReleases));
        LIMPID_ASSIGN_OR_RETURN(const std::size_t from,
                                ReadPageToken(request->page_token()));
        LIMPID_ASSIGN_OR_RETURN(
            const TrainingPage page,
            TrainingDesk(consent_).List(person, from,
                                        static_cast<std::size_t>(size)));
        for (const TrainingReleaseView& release : page.releases) {
          *response->add_releases() = ReleaseToProto(release);
        }
        response->set_unreadable_count(
            static_cast<std::uint32_t>(page.unreadable));
        if (page.unreadable > 0) {
          rpc::Alarm(absl::DataLossError(
              "stored rows of a training release do not open"));
        }
        if (!page.more) return absl::OkStatus();
        base::ByteWriter token(kPageLabel);
        const std::size_t next = from + page.releases.size();
        response->set_next_page_token(
            base::ToText(token.U32(static_cast<std::uint32_t>(next)).bytes()));
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent
