// Between the keys of a service and their protos.

#ifndef LIMPID_CONSENT_RPC_CONVERT_SERVICE_KEY_H_
#define LIMPID_CONSENT_RPC_CONVERT_SERVICE_KEY_H_

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "consent/agreement/service_public_key.h"
#include "limpid/consent/v1/service_key.pb.h"

namespace limpid::consent {

v1::ServicePublicKey ToProto(const ServicePublicKey& key);
// Errors: kInvalidArgument "<path>.keys[0].key: <reason>". Proofs are checked
// by the domain.
absl::StatusOr<std::vector<ServicePublicKey>> FromProto(
    std::string_view path, const v1::ServicePublicKeys& keys);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_CONVERT_SERVICE_KEY_H_
