// Where something was sealed that came from another vault: operator, source and
// holder there, which its ciphertext is bound to. Kept beside the ciphertext,
// so that the device opens it as of there. docs/formats/export-bundle.md

#ifndef LIMPID_VAULT_PORTABILITY_ORIGIN_H_
#define LIMPID_VAULT_PORTABILITY_ORIGIN_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/aead.h"
#include "common/crypto/random.h"
#include "vault/attribute/record.h"
#include "vault/keys/ids.h"

namespace limpid::vault {

// A host name (RFC 1035), which is what the configuration takes: whoever an
// operator may be, what it exports is taken elsewhere, and can be moved to it.
inline constexpr std::size_t kMaxOperatorNameBytes = 253;

struct SealedOrigin {
  Identity vault;
  HolderId holder;

  friend bool operator==(const SealedOrigin&, const SealedOrigin&) = default;
};

// A slot body as the key store has it: with its origin in front when it came
// from another vault.
base::Bytes StoredSlotBody(const std::optional<SealedOrigin>& origin,
                           base::ByteView body);

struct SlotBody {
  std::optional<SealedOrigin> origin;
  base::Bytes body;
};
// The reverse; what has no origin is the body itself.
//
// Errors:
//   kDataLoss  it begins like one with an origin, and is none.
absl::StatusOr<SlotBody> ReadStoredSlotBody(base::ByteView stored);

// Payloads of sealed rows. An origin in a row tells where its person was
// before, so it is sealed, under a key of the vault: it stays when the person
// key is rotated, and goes with the payload. Thread-safe.
class OriginCodec {
 public:
  // `key` is the ring's kOriginsKeyName; `random` must outlive the codec.
  OriginCodec(Identity identity, crypto::Suite suite, base::SecretBytes key,
              crypto::RandomSource& random)
      : identity_(std::move(identity)),
        suite_(suite),
        key_(std::move(key)),
        random_(random) {}

  // What to store for `payload`, of the row with these owner, id and version.
  [[nodiscard]] base::Bytes Wrap(const AttributeRow& row,
                                 const SealedOrigin& origin,
                                 base::ByteView payload) const;

  struct Payload {
    std::optional<SealedOrigin> origin;
    // As the device made it.
    base::Bytes bytes;
  };
  // The payload of a sealed row and its origin, if it has one.
  //
  // Errors:
  //   kDataLoss  the origin does not open.
  [[nodiscard]] absl::StatusOr<Payload> Unwrap(const AttributeRow& row) const;

 private:
  [[nodiscard]] base::Bytes AadOf(const AttributeRow& row,
                                  std::uint8_t suite) const;

  const Identity identity_;
  const crypto::Suite suite_;
  const base::SecretBytes key_;
  crypto::RandomSource& random_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_PORTABILITY_ORIGIN_H_
