#include "algoregister/rpc/consent_facts_rpc.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "algoregister/bridge/consent_facts.h"
#include "algoregister/registration/ids.h"
#include "algoregister/rpc/convert.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/receipt/consent_facts.h"
#include "common/rpc/validate.h"
#include "common/tlog/checkpoint.h"
#include "common/tlog/note.h"

namespace limpid::algoregister {
namespace {

absl::StatusOr<std::optional<absl::CivilMonth>> ReadMonth(
    std::string_view text) {
  if (text.empty()) return std::optional<absl::CivilMonth>();
  absl::CivilMonth month;
  if (text.size() != 7 || !absl::ParseCivilTime(base::ToAbsl(text), &month) ||
      absl::FormatCivilTime(month) != base::ToAbsl(text)) {
    return rpc::FieldError("month", "must be a month such as 2027-05");
  }
  return std::optional(month);
}

absl::StatusOr<std::optional<RegistrationId>> ReadDataset(
    std::string_view text) {
  if (text.empty()) return std::optional<RegistrationId>();
  LIMPID_ASSIGN_OR_RETURN(
      const RegistrationId id,
      ReadId("dataset_id", text, RegistrationKind::kDataset));
  return std::optional(id);
}

std::string DatasetText(const base::ByteArray<16>& bytes) {
  return RegistrationId{RegistrationKind::kDataset, bytes}.Text();
}

v1::SnapshotFigures ToProto(const receipt::SnapshotFacts& facts) {
  v1::SnapshotFigures out;
  out.set_dataset_id(DatasetText(facts.dataset));
  out.set_snapshot_id(SnapshotId(facts.snapshot).Text());
  out.set_figures_of_id(SnapshotId(facts.figures_of).Text());
  out.set_person_count(static_cast<std::int64_t>(facts.persons));
  if (facts.withdrawn) {
    out.set_withdrawn_count(static_cast<std::int64_t>(*facts.withdrawn));
  }
  return out;
}

absl::Status Prove(const tlog::Log& log, std::uint64_t index,
                   limpid::log::v1::InclusionProof& out) {
  LIMPID_ASSIGN_OR_RETURN(const tlog::LogProof proof, log.Prove(index));
  out.set_leaf_index(static_cast<std::int64_t>(proof.index));
  for (const base::Digest32& hash : proof.hashes) {
    out.add_hashes(base::ToText(hash));
  }
  LIMPID_ASSIGN_OR_RETURN(const tlog::Note note,
                          tlog::ParseNote(proof.checkpoint));
  LIMPID_ASSIGN_OR_RETURN(const tlog::Checkpoint head,
                          tlog::ParseCheckpoint(note.text));
  out.mutable_checkpoint()->set_note(proof.checkpoint);
  out.mutable_checkpoint()->set_tree_size(static_cast<std::int64_t>(head.size));
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* ConsentFactsRpc::GetConsentFacts(
    grpc::CallbackServerContext* context,
    const v1::GetConsentFactsRequest* request,
    v1::GetConsentFactsResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
    return Get(*request, *response);
  });
}

absl::Status ConsentFactsRpc::Get(const v1::GetConsentFactsRequest& request,
                                  v1::GetConsentFactsResponse& response) const {
  LIMPID_ASSIGN_OR_RETURN(const auto dataset,
                          ReadDataset(request.dataset_id()));
  LIMPID_ASSIGN_OR_RETURN(const auto month, ReadMonth(request.month()));
  // An administrator may bring those of every operator: all of them.
  for (const crypto::Ed25519PublicKey& key :
       parts_.operators.KeysFor({}, /*administrator=*/true)) {
    LIMPID_ASSIGN_OR_RETURN(const auto found,
                            FindConsentFacts(parts_.entries, key, month));
    if (!found) continue;
    LIMPID_ASSIGN_OR_RETURN(const receipt::ConsentFactsEntry entry,
                            receipt::ParseConsentFacts(found->entry));
    v1::PublishedConsentFacts& out = *response.add_facts();
    out.set_entry(base::ToText(found->entry));
    LIMPID_RETURN_IF_ERROR(
        Prove(parts_.log, found->leaf_index.value_or(0), *out.mutable_proof()));
    out.set_month(absl::FormatCivilTime(entry.facts.month));
    *out.mutable_count_time() = ToProto(entry.time);
    for (const receipt::SnapshotFacts& one : entry.facts.snapshots) {
      if (dataset && dataset->bytes != one.dataset) continue;
      *out.add_snapshots() = ToProto(one);
    }
  }
  return absl::OkStatus();
}

}  // namespace limpid::algoregister
