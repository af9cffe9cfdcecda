#include "algoregister/registration/publisher.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"

namespace limpid::algoregister {
namespace {

template <typename Key>
absl::Status CheckKeys(const char* field, const std::vector<Key>& keys) {
  if (keys.empty() || keys.size() > kMaxPublisherKeys) {
    return absl::InvalidArgumentError(absl::StrCat(field, ": must be 1 to 8"));
  }
  if (std::set<Key>(keys.begin(), keys.end()).size() != keys.size()) {
    return absl::InvalidArgumentError(absl::StrCat(field, ": one comes twice"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidatePublisher(const Publisher& publisher) {
  const std::string& name = publisher.name;
  if (name.empty() || name.size() > kMaxPublisherNameBytes ||
      !base::IsUtf8(name) || name.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError("name: must be 1 to 200 bytes of text");
  }
  LIMPID_RETURN_IF_ERROR(
      CheckKeys("certificate_thumbprints", publisher.certificate_thumbprints));
  return CheckKeys("signing_public_keys", publisher.signing_keys);
}

absl::Status CheckMaySign(const Publisher& publisher,
                          const crypto::Ed25519PublicKey& key,
                          AuthorRole role) {
  const auto& keys = publisher.signing_keys;
  if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
    return absl::InvalidArgumentError(
        "signing_public_key: not a key of this publisher");
  }
  if (role == AuthorRole::kImporter && !publisher.importer) {
    return absl::PermissionDeniedError("this publisher may not import");
  }
  return absl::OkStatus();
}

}  // namespace limpid::algoregister
