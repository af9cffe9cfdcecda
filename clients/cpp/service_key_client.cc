#include "clients/cpp/service_key_client.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/tlog/proof.h"
#include "limpid/algoregister/v1/key_directory_service.pb.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;

constexpr Method kList = {
    "/limpid.algoregister.v1.KeyDirectoryService/ListServiceKeys", true};
constexpr int kPageSize = 200;

absl::StatusOr<tlog::Checkpoint> VerifyLogged(const v1::LoggedServiceKey& key,
                                              const tlog::Policy& policy) {
  tlog::LogProof proof;
  proof.index = static_cast<std::uint64_t>(key.proof().leaf_index());
  proof.checkpoint = key.proof().checkpoint().note();
  for (const std::string& hash : key.proof().hashes()) {
    const auto bytes = base::ToArray<32>(base::AsBytes(hash));
    if (!bytes.ok()) return absl::DataLossError("a proof is malformed");
    proof.hashes.push_back(*bytes);
  }
  auto checkpoint =
      tlog::VerifyProof(proof, base::AsBytes(key.entry()), policy);
  // Malformed or wrong: it is not to be believed.
  if (!checkpoint.ok())
    return absl::DataLossError(checkpoint.status().message());
  return checkpoint;
}

}  // namespace

absl::StatusOr<CheckedServiceKeys> ServiceKeyClient::Read(
    std::string_view service_id) {
  LIMPID_ASSIGN_OR_RETURN(const receipt::ServiceIdBytes service,
                          base::ParseIdText("svc", service_id));
  CheckedServiceKeys out;
  std::vector<base::Bytes> entries;
  v1::ListServiceKeysRequest request;
  request.set_service_id(std::string(service_id));
  request.set_page_size(kPageSize);
  do {
    LIMPID_ASSIGN_OR_RETURN(
        const auto page,
        Invoke<v1::ListServiceKeysResponse>(connection_, kList, request));
    for (const v1::LoggedServiceKey& key : page.keys()) {
      LIMPID_ASSIGN_OR_RETURN(out.checkpoint, VerifyLogged(key, policy_));
      entries.push_back(base::ToBytes(base::AsBytes(key.entry())));
      out.leaf_indexes.push_back(
          static_cast<std::uint64_t>(key.proof().leaf_index()));
    }
    if (entries.size() > kMaxServiceKeyEntries) {
      return absl::DataLossError("the chain of the service's keys has no end");
    }
    // One without entries is the end, whatever its token says.
    if (page.keys().empty()) break;
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (entries.empty()) {
    return absl::NotFoundError("the service has no key in this register");
  }
  LIMPID_ASSIGN_OR_RETURN(
      out.keys, receipt::ServiceKeys::Follow(service, operator_key_, entries));
  return out;
}

absl::StatusOr<crypto::X25519PublicKey> CurrentEncryptionKey(
    const receipt::ServiceKeys& keys, absl::Time now) {
  constexpr auto kEncryption = receipt::ServiceKeyKind::kEncryption;
  for (auto key = keys.keys().rbegin(); key != keys.keys().rend(); ++key) {
    if (key->kind == kEncryption &&
        keys.CheckUsable(kEncryption, key->bytes, now).ok()) {
      return crypto::X25519PublicKey{key->bytes};
    }
  }
  return absl::FailedPreconditionError(
      "the service has no encryption key in force");
}

absl::StatusOr<crypto::X25519PublicKey> ServiceKeyClient::CurrentEncryptionKey(
    std::string_view service_id, absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(const CheckedServiceKeys checked, Read(service_id));
  return client::CurrentEncryptionKey(checked.keys, now);
}

}  // namespace limpid::client
