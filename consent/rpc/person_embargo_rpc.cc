#include "consent/rpc/person_embargo_rpc.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/validate.h"
#include "consent/embargo/embargo_desk.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/person_authenticator.h"

namespace limpid::consent {
namespace {

v1::ToldAccess Show(const ToldAccess& told) {
  v1::ToldAccess out;
  *out.mutable_access() = ToProto(told.view);
  out.set_log(ToProto(told.log));
  out.set_embargo_days(told.days);
  *out.mutable_until_time() = ToProto(told.until);
  out.set_entry(ToProto(told.entry));
  out.set_opening(ToProto(told.opening));
  return out;
}

v1::EmbargoOpening Show(const EmbargoOpening& shown) {
  v1::EmbargoOpening out;
  out.set_sequence(shown.sequence);
  if (shown.entry.empty()) return out;
  out.set_entry(ToProto(shown.entry));
  out.set_opening(ToProto(shown.opening));
  for (const receipt::EmbargoStep& step : shown.steps) {
    v1::EmbargoStep& to = *out.add_steps();
    to.set_opening(ToProto(step.opening));
    to.set_message(ToProto(step.message));
  }
  return out;
}

// The others are answered all the same; somebody must look at the store.
void AlarmIf(bool damaged) {
  if (!damaged) return;
  rpc::Alarm(absl::DataLossError("embargoed entries of a person do not open"));
}

// The id hides its number, which would say how many there are.
absl::StatusOr<std::optional<AccessId>> ParseAccessToken(
    std::string_view token) {
  if (token.empty()) return std::optional<AccessId>();
  const auto bytes = base::ToArray<16>(base::AsBytes(token));
  if (!bytes.ok()) {
    return rpc::FieldError("page_token", "was not made for this call");
  }
  return std::optional<AccessId>(AccessId(*bytes));
}

}  // namespace

PersonEmbargoRpc::PersonEmbargoRpc(rpc::Runtime& runtime,
                                   rpc::AuthPolicy policy, Consent& consent)
    : edge_(rpc::EdgeOf<v1::PersonEmbargoService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* PersonEmbargoRpc::ListToldAccesses(
    grpc::CallbackServerContext* context,
    const v1::ListToldAccessesRequest* request,
    v1::ListToldAccessesResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const int size,
                                rpc::PageSize(request->page_size(),
                                              kDefaultPageSize, kMaxPageSize));
        LIMPID_ASSIGN_OR_RETURN(const auto after,
                                ParseAccessToken(request->page_token()));
        LIMPID_ASSIGN_OR_RETURN(
            const ToldPage page,
            EmbargoDesk(consent_).ListTold(person, after,
                                           static_cast<std::size_t>(size)));
        for (const ToldAccess& told : page.accesses) {
          *response->add_accesses() = Show(told);
        }
        if (page.next_after) {
          response->set_next_page_token(ToProto(page.next_after->bytes()));
        }
        response->set_unreadable_count(
            static_cast<std::uint32_t>(page.unreadable));
        AlarmIf(page.unreadable > 0);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PersonEmbargoRpc::ListEmbargoOpenings(
    grpc::CallbackServerContext* context,
    const v1::ListEmbargoOpeningsRequest* request,
    v1::ListEmbargoOpeningsResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const int size,
                                rpc::PageSize(request->page_size(),
                                              kDefaultPageSize, kMaxPageSize));
        LIMPID_ASSIGN_OR_RETURN(const std::uint64_t below,
                                ParseNumberToken(request->page_token()));
        LIMPID_ASSIGN_OR_RETURN(
            const EmbargoOpeningPage page,
            EmbargoDesk(consent_).ListOpenings(person, below,
                                               static_cast<std::size_t>(size)));
        for (const EmbargoOpening& opening : page.openings) {
          *response->add_openings() = Show(opening);
        }
        response->set_next_page_token(NumberToken(page.next_below));
        AlarmIf(page.damaged);
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent
