// A DEK box: the key of one stored value, sealed to the public key of a key
// agent, with the name of what it is for inside. Whoever has the vault's keys
// and not the agent's can make one and cannot open it.
// docs/formats/key-agent.md

#ifndef LIMPID_VAULT_KEYS_DEK_BOX_H_
#define LIMPID_VAULT_KEYS_DEK_BOX_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/aead.h"
#include "common/crypto/x25519.h"
#include "vault/keys/ids.h"

namespace limpid::vault {

// What is inside.
struct BoxedDek {
  Identity vault;
  HolderId holder;
  std::string attribute;
  std::uint32_t schema_version = 0;
  std::uint64_t version = 0;
  // Of the row, which is the DEK's key id.
  crypto::KeyId row{};
  // 32 bytes.
  base::SecretBytes dek;
};

// Names the agent's key in the box: first 16 bytes of a hash of it.
crypto::KeyId DekBoxKeyId(const crypto::X25519PublicKey& agent);

// About 80 us.
//
// Errors:
//   kInvalidArgument  the agent's key is of small order.
absl::StatusOr<base::Bytes> SealDekBox(const crypto::X25519PublicKey& agent,
                                       const BoxedDek& contents);

// About 40 us.
//
// Errors:
//   kDataLoss  not a box, another agent's, or changed; never says which.
absl::StatusOr<BoxedDek> OpenDekBox(const crypto::X25519PrivateKey& agent,
                                    base::ByteView box);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_KEYS_DEK_BOX_H_
