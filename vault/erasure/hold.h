// A hold: why nothing of a person may be erased for a while. Values only.
// docs/formats/erasure-certificate.md

#ifndef LIMPID_VAULT_ERASURE_HOLD_H_
#define LIMPID_VAULT_ERASURE_HOLD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/aead.h"
#include "common/crypto/random.h"
#include "vault/erasure/erasure_store.h"
#include "vault/keys/ids.h"

namespace limpid::vault {

// What the law calls it. Stored: append, never renumber. Numbers are those of
// limpid.vault.v1.HoldGround.
enum class HoldGround : std::uint8_t {
  // GDPR Art. 17(3)(a): freedom of expression and information.
  kExpression = 1,
  // (b): a legal obligation, or a task in the public interest.
  kObligation = 2,
  // (c): public health.
  kPublicHealth = 3,
  // (d): archiving, research, statistics.
  kArchive = 4,
  // (e): legal claims.
  kLegalClaims = 5,
  // Art. 18(1): processing is restricted, at the person's request.
  kRestriction = 6,
};

struct Hold {
  HoldGround ground = HoldGround::kObligation;
  // Shown to the person: which law, order or file. 1 to kMaxReasonBytes.
  std::string reason;

  static constexpr std::size_t kMaxReasonBytes = 500;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kInvalidArgument  not exactly one hold.
  static absl::StatusOr<Hold> Decode(base::ByteView bytes);

  friend bool operator==(const Hold&, const Hold&) = default;
};

// "GDPR Art. 17(3)(e)".
std::string LawOf(HoldGround ground);

// A hold as it stands or stood.
struct PlacedHold {
  HoldId id{};
  HolderId holder;
  Hold hold;
  absl::Time placed;
  // Absent while it stands.
  std::optional<absl::Time> lifted;
};

base::Bytes SealHold(const Identity& identity, crypto::Suite suite,
                     const base::SecretBytes& key, const HoldRow& row,
                     const Hold& hold, crypto::RandomSource& random);
// Errors:
//   kDataLoss  it does not open.
absl::StatusOr<PlacedHold> OpenHold(const Identity& identity,
                                    const base::SecretBytes& key,
                                    const HoldRow& row);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ERASURE_HOLD_H_
