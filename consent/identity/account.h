// A person's account: the keys that open it and what each source calls her.
// docs/formats/event-sealing.md has the stored form.

#ifndef LIMPID_CONSENT_IDENTITY_ACCOUNT_H_
#define LIMPID_CONSENT_IDENTITY_ACCOUNT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "consent/ids.h"

namespace limpid::consent {

struct SourceLink {
  SourceId source;
  HolderId holder;

  friend bool operator==(const SourceLink&, const SourceLink&) = default;
};

struct Account {
  std::vector<crypto::Ed25519PublicKey> keys;
  std::vector<SourceLink> links;
  absl::Time created = absl::UnixEpoch();

  [[nodiscard]] std::optional<HolderId> HolderAt(const SourceId& source) const;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one account.
  static absl::StatusOr<Account> Decode(base::ByteView bytes);

  friend bool operator==(const Account&, const Account&) = default;
};

// RFC 7638 thumbprint of the key as an OKP JWK, base64url: the `kid` of the
// tokens that it makes.
std::string KeyIdOf(const crypto::Ed25519PublicKey& key);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_IDENTITY_ACCOUNT_H_
