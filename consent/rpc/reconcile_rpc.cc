#include "consent/rpc/reconcile_rpc.h"

#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/part_place.h"

namespace limpid::consent {
namespace {

constexpr int kUsualPage = 500;
constexpr int kLongestPage = 1'000;

v1::PermittedRead Show(const PermittedRead& read, std::string proof) {
  v1::PermittedRead out;
  out.set_state(static_cast<v1::PermittedState>(read.state));
  *out.mutable_time() = ToProto(read.time);
  if (read.state != PermittedState::kShown) return out;
  out.set_access_id(base::FormatIdText("acc", read.access));
  out.set_permitted_count(read.permitted);
  out.set_permitted_lines(ToProto(read.lines));
  if (read.fenced) *out.mutable_fence_time() = ToProto(*read.fenced);
  out.set_commitment(ToProto(read.commitment));
  out.set_log_proof(std::move(proof));
  return out;
}

}  // namespace

ReconcileRpc::ReconcileRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                           Consent& consent)
    : edge_(rpc::EdgeOf<v1::ReconcileService>(runtime, policy)),
      book_(consent) {}

absl::Status ReconcileRpc::List(const v1::ListPermittedReadsRequest& request,
                                v1::ListPermittedReadsResponse& response) {
  PermittedPeriod period;
  LIMPID_ASSIGN_OR_RETURN(period.from,
                          FromProto("from_time", request.from_time()));
  LIMPID_ASSIGN_OR_RETURN(period.until,
                          FromProto("until_time", request.until_time()));
  LIMPID_ASSIGN_OR_RETURN(
      const int size,
      rpc::PageSize(request.page_size(), kUsualPage, kLongestPage));
  LIMPID_ASSIGN_OR_RETURN(const PartPlace place,
                          ParsePartPlace(request.page_token()));
  LIMPID_ASSIGN_OR_RETURN(const PermittedListing part,
                          book_.List(period, place.after));
  const auto& all = part->reads;
  PartPage page = PageOf(place, all.size(), part->next_after, size);
  for (std::size_t i = page.begin; i < page.end; ++i) {
    LIMPID_ASSIGN_OR_RETURN(std::string proof, book_.Prove(all[i]));
    *response.add_reads() = Show(all[i], std::move(proof));
  }
  response.set_next_page_token(std::move(page.next_token));
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* ReconcileRpc::ListPermittedReads(
    grpc::CallbackServerContext* context,
    const v1::ListPermittedReadsRequest* request,
    v1::ListPermittedReadsResponse* response) {
  return rpc::Unary(edge_, context,
                    [=, this](const rpc::Caller&) -> absl::Status {
                      return List(*request, *response);
                    });
}

}  // namespace limpid::consent
