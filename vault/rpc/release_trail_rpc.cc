#include "vault/rpc/release_trail_rpc.h"

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "vault/rpc/convert.h"

namespace limpid::vault {
namespace {

void Fill(const TrailBatch& from, v1::ReleaseBatch& out) {
  out.set_batch(base::ToText(from.batch));
  out.set_number(from.number);
  out.set_damaged(from.damaged);
  *out.mutable_last_time() = ToProto(from.last);
  if (from.disclosure.empty()) return;
  out.set_opening(base::ToText(from.disclosure));
  out.set_commitment(base::ToText(from.commitment));
  if (!from.leaf) return;
  out.set_logged(true);
  out.set_leaf_index(from.leaf->index);
  for (const base::Digest32& hash : from.leaf->hashes) {
    out.add_inclusion_hashes(base::ToText(hash));
  }
  out.set_checkpoint(from.leaf->checkpoint);
}

}  // namespace

ReleaseTrailRpc::ReleaseTrailRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                                 ReleaseTrail& trail)
    : edge_(rpc::EdgeOf<v1::ReleaseTrailService>(runtime, policy)),
      trail_(trail) {}

grpc::ServerUnaryReactor* ReleaseTrailRpc::ListReleaseBatches(
    grpc::CallbackServerContext* context,
    const v1::ListReleaseBatchesRequest* request,
    v1::ListReleaseBatchesResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        if (!request->has_from_time()) {
          return rpc::FieldError("from_time", "is missing");
        }
        const absl::Time from =
            absl::FromUnixSeconds(request->from_time().seconds());
        LIMPID_ASSIGN_OR_RETURN(
            const TrailPage page,
            trail_.Read(request->first_number(), from, ReleaseTrail::kMaxPage));
        for (const TrailBatch& batch : page.batches) {
          Fill(batch, *response->add_batches());
        }
        response->set_next_number(page.next);
        *response->mutable_complete_time() = ToProto(page.complete_until);
        if (page.lost) {
          *response->mutable_lost_from_time() = ToProto(page.lost->from);
          *response->mutable_lost_until_time() = ToProto(page.lost->until);
        }
        return absl::OkStatus();
      });
}

}  // namespace limpid::vault
