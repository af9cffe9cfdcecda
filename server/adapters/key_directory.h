// Consent publishes the keys of its services in the register: in this process,
// or over gRPC in another.

#ifndef LIMPID_SERVER_ADAPTERS_KEY_DIRECTORY_H_
#define LIMPID_SERVER_ADAPTERS_KEY_DIRECTORY_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "algoregister/registration/register.h"
#include "algoregister/service_key/service_key_store.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/rpc/client.h"
#include "consent/ids.h"
#include "consent/service_key/key_directory.h"

namespace limpid::server {

// Thread-safe.
class LocalKeyDirectory final : public consent::KeyDirectory {
 public:
  // Both must outlive it. `operator_key` signs the entries.
  LocalKeyDirectory(algoregister::Register& registrations,
                    const algoregister::ServiceKeyStore& keys,
                    const crypto::Ed25519PublicKey& operator_key)
      : register_(registrations), keys_(keys), operator_key_(operator_key) {}

  absl::StatusOr<std::uint64_t> Publish(base::ByteView entry) override;
  absl::StatusOr<std::vector<base::Bytes>> Read(
      const consent::ServiceId& service) override;

 private:
  algoregister::Register& register_;
  const algoregister::ServiceKeyStore& keys_;
  const crypto::Ed25519PublicKey operator_key_;
};

// Over a channel with the consent role's client certificate. Each call takes
// ten seconds at most. Thread-safe.
//
// Errors: those of rpc::MakeChannel.
absl::StatusOr<std::unique_ptr<consent::KeyDirectory>> MakeRemoteKeyDirectory(
    const rpc::ChannelOptions& options);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ADAPTERS_KEY_DIRECTORY_H_
