// How often in a day a person may do what leaves an act in the vault's log and
// that no other limit counts: acts stay for ever, and each rotation of her key
// seals all of hers anew. docs/adr/2026-12-01-acts-have-a-rate.md

#ifndef LIMPID_VAULT_ATTRIBUTE_ACT_RATE_H_
#define LIMPID_VAULT_ATTRIBUTE_ACT_RATE_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "vault/attribute/vault_store.h"
#include "vault/keys/blind.h"
#include "vault/log/act.h"

namespace limpid::vault {

// What the acts are counted over, back from now.
inline constexpr absl::Duration kActRateWindow = absl::Hours(24);

// Most acts of `kind` within the window. Of what takes something back there are
// as many as of what it takes back, so it is never refused. 0: a kind without a
// rate.
std::size_t MostActs(ActKind kind);

// Whether the owner may have one more act of `kind`, which has a rate. In the
// transaction that appends it, no two at once pass the limit. Acts from more
// than a minute after `now` are not counted: they are of a clock that was put
// right since.
//
// Errors: those of the store, and
//   kResourceExhausted  not yet; the message says from when on.
absl::Status CheckActRate(const VaultReads& reads, const Owner& owner,
                          ActKind kind, absl::Time now);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ATTRIBUTE_ACT_RATE_H_
