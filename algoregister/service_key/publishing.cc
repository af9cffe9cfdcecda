// Publishing the keys of services.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/registration/register.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/service_key/service_key_store.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/service_key.h"

namespace limpid::algoregister {
namespace {

// Whichever of `operators` signed the entry.
absl::StatusOr<crypto::Ed25519PublicKey> SignerOf(
    base::ByteView entry, std::span<const crypto::Ed25519PublicKey> operators) {
  const auto signer = std::find_if(
      operators.begin(), operators.end(), [entry](const auto& key) {
        return receipt::VerifyServiceKeyEntry(entry, key).ok();
      });
  if (signer != operators.end()) return *signer;
  return absl::InvalidArgumentError(
      "entry: not a service's key that an operator known here has signed");
}

// Whether `next` may stand behind `chain`.
absl::Status CheckNextEntry(const receipt::ServiceKeyEntry& next,
                            base::ByteView entry,
                            const crypto::Ed25519PublicKey& signer,
                            const std::vector<StoredServiceKey>& chain) {
  if (!chain.empty() &&
      !receipt::VerifyServiceKeyEntry(chain.front().entry, signer).ok()) {
    return absl::PermissionDeniedError(
        "the keys of this service are another operator's");
  }
  if (next.number <= chain.size()) {
    return absl::AlreadyExistsError(
        "another entry has this place in the service's chain");
  }
  std::vector<base::Bytes> entries;
  entries.reserve(chain.size() + 1);
  for (const StoredServiceKey& key : chain) entries.push_back(key.entry);
  entries.push_back(base::ToBytes(entry));
  const auto followed =
      receipt::ServiceKeys::Follow(next.service, signer, entries);
  // The sentences of Follow name rules, no values.
  return followed.ok()
             ? absl::OkStatus()
             : absl::FailedPreconditionError(followed.status().message());
}

// Under a snapshot's id are the commitments to it, and nothing before them. A
// chain that a service has goes on whatever a dataset says since: no publisher
// can keep a stolen key from being removed.
absl::Status CheckIsAServices(const receipt::ServiceIdBytes& id,
                              const std::vector<StoredServiceKey>& chain,
                              const RegistrationStore& store) {
  if (!chain.empty() && receipt::IsServiceKeyEntry(chain.front().entry)) {
    return absl::OkStatus();
  }
  LIMPID_ASSIGN_OR_RETURN(const std::optional<RegistrationId> dataset,
                          store.FindSnapshot(SnapshotId(id)));
  if (!dataset) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "a snapshot of a dataset has this id, so no service can");
}

}  // namespace

absl::StatusOr<std::uint64_t> Register::PublishServiceKey(
    std::span<const crypto::Ed25519PublicKey> operators, base::ByteView entry) {
  LIMPID_ASSIGN_OR_RETURN(const crypto::Ed25519PublicKey signer,
                          SignerOf(entry, operators));
  LIMPID_ASSIGN_OR_RETURN(const receipt::ServiceKeyEntry next,
                          receipt::ParseServiceKeyEntry(entry));
  const base::MutexLock lock(mutex_);
  LIMPID_RETURN_IF_ERROR(RecoverLocked());
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<StoredServiceKey> chain,
      parts_.service_keys.List(next.service, 0, kMaxServiceKeyEntries));
  if (next.number <= chain.size() &&
      chain[next.number - 1].entry == base::ToBytes(entry)) {
    return chain[next.number - 1].leaf_index.value_or(0);
  }
  LIMPID_RETURN_IF_ERROR(CheckIsAServices(next.service, chain, parts_.store));
  LIMPID_RETURN_IF_ERROR(CheckNextEntry(next, entry, signer, chain));
  if (chain.size() == kMaxServiceKeyEntries) {
    return absl::ResourceExhaustedError("the service has too many keys");
  }
  StoredServiceKey key = {.service = next.service,
                          .number = next.number,
                          .entry = base::ToBytes(entry),
                          .leaf_index = {}};
  LIMPID_RETURN_IF_ERROR(Commit(key));
  return key.leaf_index.value_or(0);
}

}  // namespace limpid::algoregister
