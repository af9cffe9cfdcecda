#include "server/share_set.h"

#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/secret.h"
#include "common/crypto/aead.h"
#include "common/crypto/held_root_key.h"
#include "common/crypto/slip39.h"
#include "common/crypto/slip39_share.h"
#include "server/config.h"

namespace limpid::server {

namespace slip39 = crypto::slip39;

bool UsesShares(const Config& config) {
  return RootKeyKind(config) == kRootKeyShares;
}

ShareSet ShareSetOf(const Config& config) {
  ShareSet set;
  // Invariant: CheckConfig has seen ranges and lengths.
  set.id = static_cast<std::uint16_t>(config.root_key_share_set);
  set.threshold = static_cast<std::uint8_t>(config.root_key_share_threshold);
  set.count = static_cast<std::uint8_t>(config.root_key_share_count);
  const auto commitment = base::HexDecode(config.root_key_share_commitment);
  LIMPID_CHECK(commitment.ok());
  const auto digest = base::ToArray<sizeof(base::Digest32)>(*commitment);
  LIMPID_CHECK(digest.ok());
  set.commitment = *digest;
  return set;
}

void UseShares(const ShareSet& set, Config& config) {
  config.root_key_kind = kRootKeyShares;
  config.root_key_file.clear();
  config.root_key_module.clear();
  config.root_key_token.clear();
  config.root_key_pin_file.clear();
  config.root_key_share_set = set.id;
  config.root_key_share_threshold = set.threshold;
  config.root_key_share_count = set.count;
  config.root_key_share_commitment = base::HexEncode(set.commitment);
}

absl::StatusOr<slip39::Share> ReadShare(const ShareSet& set,
                                        const base::SecretBytes& words) {
  absl::StatusOr<slip39::Share> share = slip39::FromWords(words);
  if (!share.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the share cannot be read: ", share.status().message()));
  }
  const slip39::ShareInfo& info = share->info;
  if (info.identifier != set.id) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the share is of set ", info.identifier, ", and this server's key is ",
        "in set ", set.id, ": find the share of that set"));
  }
  const slip39::ShareInfo ours = {.identifier = set.id,
                                  .member_index = info.member_index,
                                  .member_threshold = set.threshold};
  if (info == ours && info.member_index < set.count &&
      share->value.size() == crypto::kAeadKeyBytes) {
    return share;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "the share says that it is of set ", set.id,
      ", but was not made with this server's shares: it is forged, or of "
      "another server whose set has the same number"));
}

absl::StatusOr<base::SecretBytes> OpenShares(
    const ShareSet& set, std::span<const base::SecretBytes> shares) {
  absl::StatusOr<base::SecretBytes> key = slip39::Combine(shares, "");
  if (key.ok() && key->size() == crypto::kAeadKeyBytes &&
      base::ConstantTimeEqual(crypto::RootKeyCommitment(*key),
                              set.commitment)) {
    return key;
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "the ", int{set.threshold},
      " shares can be read, but do not give this server's root key: one of "
      "them at least is wrong, and which cannot be told"));
}

}  // namespace limpid::server
