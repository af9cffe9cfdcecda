#include "consent/rpc/reconcile_rpc.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/rpc/validate.h"
#include "consent/rpc/convert.h"

namespace limpid::consent {
namespace {

constexpr int kUsualPage = 500;
constexpr int kLongestPage = 1'000;

// The place in a listing: a part, and how far in it.
struct Place {
  std::optional<PermittedOrder> after;
  std::uint64_t at = 0;
};

std::string TokenOf(const Place& place) {
  base::ByteWriter out;
  out.U64(place.at);
  if (place.after) out.Raw(*place.after);
  return base::ToText(out.bytes());
}

absl::StatusOr<Place> ParseToken(std::string_view token) {
  Place out;
  if (token.empty()) return out;
  base::ByteReader reader(base::AsBytes(token));
  out.at = reader.U64();
  if (!reader.rest().empty()) out.after = reader.Array<16>();
  if (!reader.Finish().ok()) {
    return rpc::FieldError("page_token", "was not made for this call");
  }
  return out;
}

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
  LIMPID_ASSIGN_OR_RETURN(Place place, ParseToken(request.page_token()));
  LIMPID_ASSIGN_OR_RETURN(const PermittedListing part,
                          book_.List(period, place.after));
  const auto& all = part->reads;
  place.at = std::min<std::uint64_t>(place.at, all.size());
  const std::uint64_t end = std::min<std::uint64_t>(
      all.size(), place.at + static_cast<std::uint64_t>(size));
  for (std::uint64_t i = place.at; i < end; ++i) {
    LIMPID_ASSIGN_OR_RETURN(std::string proof, book_.Prove(all[i]));
    *response.add_reads() = Show(all[i], std::move(proof));
  }
  if (end < all.size()) {
    response.set_next_page_token(TokenOf({place.after, end}));
  } else if (part->next_after) {
    response.set_next_page_token(TokenOf({part->next_after, 0}));
  }
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
