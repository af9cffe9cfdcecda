// The shares that a root key was split in, as a server knows them: numbers and
// a commitment, never a share and never the key. Says of one share everything
// that can be said before the others are there.
// docs/formats/root-key-shares.md

#ifndef LIMPID_SERVER_SHARE_SET_H_
#define LIMPID_SERVER_SHARE_SET_H_

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/slip39_share.h"
#include "server/config.h"

namespace limpid::server {

struct ShareSet {
  // SLIP-0039's identifier.
  std::uint16_t id = 0;
  // `threshold` of `count`: 1 of 1, or 2 to 16 of at most 16.
  std::uint8_t threshold = 0;
  std::uint8_t count = 0;
  // crypto::RootKeyCommitment.
  base::Digest32 commitment{};
};

bool UsesShares(const Config& config);
// `config` has been checked and uses shares.
ShareSet ShareSetOf(const Config& config);
// Names the set in `config`, and no other place of a key.
void UseShares(const ShareSet& set, Config& config);

// Reads one share and holds it against the set. What passes may still be forged
// in its value, which only the key shows that comes out.
//
// Errors, which print no word:
//   kInvalidArgument  it cannot be read, is of another set, or was made another
//                     way than shares of this set are.
absl::StatusOr<crypto::slip39::Share> ReadShare(const ShareSet& set,
                                                const base::SecretBytes& words);

// The key of exactly `set.threshold` different shares.
//
// Errors:
//   kFailedPrecondition  they do not give the key of the commitment; which of
//                        them is wrong cannot be told.
absl::StatusOr<base::SecretBytes> OpenShares(
    const ShareSet& set, std::span<const base::SecretBytes> shares);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_SHARE_SET_H_
