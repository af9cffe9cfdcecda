#include "clients/cpp/insight_client.h"

#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/paging.h"
#include "clients/cpp/register_client.h"
#include "common/base/status_macros.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;

#define LIMPID_INSIGHT "/limpid.algoregister.v1.RegisterInsightService/"
constexpr Method kReferrers = {LIMPID_INSIGHT "ListReferrers", true};
constexpr Method kCheck = {LIMPID_INSIGHT "CheckRegistration", true};
// Compares every deployment of the register.
constexpr Method kProposals = {LIMPID_INSIGHT "ListProposals", true,
                               absl::Seconds(60)};
#undef LIMPID_INSIGHT

constexpr int kPageSize = 500;

}  // namespace

absl::StatusOr<v1::ListReferrersResponse> InsightClient::Referrers(
    v1::ListReferrersRequest request) {
  request.set_page_size(kPageSize);
  v1::ListReferrersResponse out;
  PageWalk walk(EmptyPage::kMayBeFollowed);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(auto page, Invoke<v1::ListReferrersResponse>(
                                           connection_, kReferrers, request));
    if (page.has_target()) *out.mutable_target() = page.target();
    for (auto& one : *page.mutable_referrers()) {
      *out.add_referrers() = std::move(one);
    }
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.referrers_size())));
    request.set_page_token(page.next_page_token());
  }
  return out;
}

absl::StatusOr<v1::CheckRegistrationResponse> InsightClient::Check(
    std::string_view registration_id, std::int64_t version,
    std::string_view source) {
  v1::CheckRegistrationRequest request;
  request.set_registration_id(std::string(registration_id));
  request.set_version(version);
  request.set_source(std::string(source));
  return Invoke<v1::CheckRegistrationResponse>(connection_, kCheck, request);
}

absl::StatusOr<v1::ListProposalsResponse> InsightClient::Proposals() {
  v1::ListProposalsRequest request;
  request.set_page_size(kPageSize);
  return Invoke<v1::ListProposalsResponse>(connection_, kProposals, request);
}

absl::Status InsightClient::CheckStillSo(const v1::Proposal& proposal) {
  // Older servers compute proposals when they are asked.
  if (proposal.registration_versions().empty()) return absl::OkStatus();
  if (proposal.registration_versions_size() !=
      proposal.registration_ids_size()) {
    return absl::InternalError("the server's proposal is not whole");
  }
  RegisterClient reader(connection_);
  for (int i = 0; i < proposal.registration_ids_size(); ++i) {
    const std::string& id = proposal.registration_ids(i);
    LIMPID_ASSIGN_OR_RETURN(const auto got, reader.Get(id, 0));
    if (got.newest_version() == proposal.registration_versions(i)) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        id,
        " changed after the proposal was made, and nothing was published; "
        "list the proposals again; in a large register that may take a "
        "minute"));
  }
  return absl::OkStatus();
}

}  // namespace limpid::client
