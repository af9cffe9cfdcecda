#include "clients/cpp/register_client.h"

#include <cstddef>
#include <utility>

#include "clients/cpp/disclosures.h"
#include "clients/cpp/paging.h"
#include "common/base/status_macros.h"
#include "common/tlog/proof.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;

#define LIMPID_REGISTER "/limpid.algoregister.v1.RegisterService/"
constexpr Method kList = {LIMPID_REGISTER "ListRegistrations", true};
constexpr Method kGet = {LIMPID_REGISTER "GetRegistration", true};
constexpr Method kHistory = {LIMPID_REGISTER "GetRegistrationHistory", true};
constexpr Method kDiff = {LIMPID_REGISTER "DiffRegistrationVersions", true};
constexpr Method kProof = {LIMPID_REGISTER "GetRegistrationProof", true};
constexpr Method kLogInfo = {LIMPID_REGISTER "GetLogInfo", true};
constexpr Method kProfiles = {
    "/limpid.algoregister.v1.ProfileService/ListProfiles", true};
constexpr Method kExport = {LIMPID_REGISTER "ExportRegistrations", false,
                            absl::Minutes(5)};
#undef LIMPID_REGISTER

constexpr int kPageSize = 500;

absl::Status Differs(std::string_view what) {
  return absl::DataLossError(std::string(what));
}

}  // namespace

absl::StatusOr<v1::ListRegistrationsResponse> RegisterClient::List(
    const v1::ListRegistrationsRequest& request) {
  return Invoke<v1::ListRegistrationsResponse>(connection_, kList, request);
}

absl::StatusOr<v1::GetRegistrationResponse> RegisterClient::Get(
    std::string_view registration_id, std::int64_t version) {
  v1::GetRegistrationRequest request;
  request.set_registration_id(std::string(registration_id));
  request.set_version(version);
  return Invoke<v1::GetRegistrationResponse>(connection_, kGet, request);
}

absl::StatusOr<v1::GetRegistrationResponse> RegisterClient::GetAt(
    std::string_view registration_id, absl::Time time) {
  v1::GetRegistrationRequest request;
  request.set_registration_id(std::string(registration_id));
  const std::int64_t seconds = absl::ToUnixSeconds(time);
  request.mutable_at_time()->set_seconds(seconds);
  request.mutable_at_time()->set_nanos(static_cast<std::int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return Invoke<v1::GetRegistrationResponse>(connection_, kGet, request);
}

absl::StatusOr<CheckedVersion> RegisterClient::GetChecked(
    std::string_view registration_id, std::int64_t version,
    const tlog::Policy& policy) {
  LIMPID_ASSIGN_OR_RETURN(auto got, Get(registration_id, version));
  if (got.version().registration_id() != registration_id ||
      (version != 0 && got.version().version() != version)) {
    return Differs("the server answered with another registration or version");
  }
  v1::GetRegistrationProofRequest request;
  request.set_registration_id(std::string(registration_id));
  request.set_version(got.version().version());
  LIMPID_ASSIGN_OR_RETURN(
      const auto proven,
      Invoke<v1::GetRegistrationProofResponse>(connection_, kProof, request));
  if (proven.leaf() != got.version().leaf()) {
    return Differs("the leaf of the version is not the one of its proof");
  }
  LIMPID_RETURN_IF_ERROR(CheckVersion(got.version()));
  tlog::LogProof proof;
  proof.index = static_cast<std::uint64_t>(proven.proof().leaf_index());
  if (got.version().leaf_index() != proven.proof().leaf_index()) {
    return Differs("the entry of the version is not the one of its proof");
  }
  proof.checkpoint = proven.proof().checkpoint().note();
  for (const std::string& hash : proven.proof().hashes()) {
    LIMPID_ASSIGN_OR_RETURN(proof.hashes.emplace_back(),
                            base::ToArray<32>(base::AsBytes(hash)));
  }
  CheckedVersion out;
  LIMPID_ASSIGN_OR_RETURN(
      out.checkpoint,
      tlog::VerifyProof(proof, base::AsBytes(proven.leaf()), policy));
  out.newest_version = got.newest_version();
  out.version = std::move(*got.mutable_version());
  return out;
}

absl::StatusOr<std::vector<v1::VersionSummary>> RegisterClient::History(
    std::string_view registration_id) {
  std::vector<v1::VersionSummary> out;
  v1::GetRegistrationHistoryRequest request;
  request.set_registration_id(std::string(registration_id));
  request.set_page_size(kPageSize);
  PageWalk walk(EmptyPage::kEnds);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(auto page,
                            Invoke<v1::GetRegistrationHistoryResponse>(
                                connection_, kHistory, request));
    for (auto& item : *page.mutable_versions()) out.push_back(std::move(item));
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.versions_size())));
    request.set_page_token(page.next_page_token());
  }
  return out;
}

absl::StatusOr<v1::DiffRegistrationVersionsResponse> RegisterClient::Diff(
    std::string_view registration_id, std::int64_t from, std::int64_t to) {
  v1::DiffRegistrationVersionsRequest request;
  request.set_registration_id(std::string(registration_id));
  request.set_from_version(from);
  request.set_to_version(to);
  return Invoke<v1::DiffRegistrationVersionsResponse>(connection_, kDiff,
                                                      request);
}

absl::StatusOr<log::v1::LogInfo> RegisterClient::LogInfo() {
  LIMPID_ASSIGN_OR_RETURN(
      auto response, Invoke<v1::GetLogInfoResponse>(connection_, kLogInfo,
                                                    v1::GetLogInfoRequest()));
  return std::move(*response.mutable_log());
}

absl::StatusOr<std::vector<v1::DroppedField>> RegisterClient::Export(
    std::string_view profile,
    absl::FunctionRef<absl::Status(std::string_view)> take) {
  v1::ExportRegistrationsRequest request;
  request.set_profile(std::string(profile));
  v1::ExportRegistrationsResponse part;
  std::vector<v1::DroppedField> dropped;
  absl::Status taken;
  const absl::Status streamed = connection_.Stream(kExport, request, part, [&] {
    if (part.has_file_chunk()) taken = take(part.file_chunk());
    if (part.has_dropped()) dropped.push_back(part.dropped());
    return taken.ok();
  });
  LIMPID_RETURN_IF_ERROR(taken);
  LIMPID_RETURN_IF_ERROR(streamed);
  return dropped;
}

absl::StatusOr<std::vector<v1::Profile>> RegisterClient::Profiles() {
  LIMPID_ASSIGN_OR_RETURN(
      auto response, Invoke<v1::ListProfilesResponse>(
                         connection_, kProfiles, v1::ListProfilesRequest()));
  return std::vector<v1::Profile>(response.profiles().begin(),
                                  response.profiles().end());
}

}  // namespace limpid::client
