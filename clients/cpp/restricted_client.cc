#include "clients/cpp/restricted_client.h"

#include <cstddef>
#include <string>
#include <utility>

#include "clients/cpp/disclosures.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/receipt/registration.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;

constexpr Method kGet = {
    "/limpid.algoregister.v1.RestrictedReadService/GetRestricted", true};
#define LIMPID_READERS "/limpid.algoregister.v1.RestrictedReaderAdminService/"
constexpr Method kCreate = {LIMPID_READERS "CreateRestrictedReader", true};
constexpr Method kRemove = {LIMPID_READERS "RemoveRestrictedReader", true};
constexpr Method kList = {LIMPID_READERS "ListRestrictedReaders", true};
#undef LIMPID_READERS

constexpr std::size_t kRequestIdBytes = 16;

absl::Status CheckParts(std::string_view registration_id,
                        const v1::GetRestrictedResponse& parts) {
  LIMPID_ASSIGN_OR_RETURN(
      const receipt::RegistrationLeaf leaf,
      receipt::VerifyRegistrationLeaf(base::AsBytes(parts.leaf())));
  const std::string id = base::FormatIdText(
      receipt::RegistrationKindPrefix(leaf.kind), leaf.registration);
  if (id != registration_id || leaf.version != parts.version()) {
    return absl::DataLossError(
        "the leaf is of another registration or version");
  }
  LIMPID_ASSIGN_OR_RETURN(const auto fields,
                          ReadDisclosures(parts.disclosures()));
  for (const receipt::FieldDisclosure& field : fields) {
    if (!receipt::IsRestricted(field)) {
      return absl::DataLossError("a part is not a restricted one");
    }
  }
  return receipt::CheckDisclosures(leaf, fields).status();
}

}  // namespace

absl::StatusOr<v1::GetRestrictedResponse> RestrictedClient::Get(
    std::string_view registration_id, std::int64_t version) {
  v1::GetRestrictedRequest request;
  request.set_registration_id(std::string(registration_id));
  request.set_version(version);
  LIMPID_ASSIGN_OR_RETURN(auto parts, Invoke<v1::GetRestrictedResponse>(
                                          connection_, kGet, request));
  if (version != 0 && parts.version() != version) {
    return absl::DataLossError("the server answered with another version");
  }
  LIMPID_RETURN_IF_ERROR(CheckParts(registration_id, parts));
  return parts;
}

absl::StatusOr<v1::RestrictedReader> RestrictedClient::CreateReader(
    const v1::RestrictedReader& reader) {
  v1::CreateRestrictedReaderRequest request;
  *request.mutable_reader() = reader;
  request.set_request_id(base::ToText(crypto::RandomArray<kRequestIdBytes>()));
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<v1::CreateRestrictedReaderResponse>(
                              connection_, kCreate, request));
  return std::move(*response.mutable_reader());
}

absl::Status RestrictedClient::RemoveReader(std::string_view reader_id) {
  v1::RemoveRestrictedReaderRequest request;
  request.set_reader_id(std::string(reader_id));
  return Invoke<v1::RemoveRestrictedReaderResponse>(connection_, kRemove,
                                                    request)
      .status();
}

absl::StatusOr<v1::ListRestrictedReadersResponse>
RestrictedClient::ListReaders() {
  return Invoke<v1::ListRestrictedReadersResponse>(
      connection_, kList, v1::ListRestrictedReadersRequest());
}

}  // namespace limpid::client
