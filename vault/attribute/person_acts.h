// Acts of a person in the vault's own log, as what she did is answered: the
// commitment, and by when it will be public.

#ifndef LIMPID_VAULT_ATTRIBUTE_PERSON_ACTS_H_
#define LIMPID_VAULT_ATTRIBUTE_PERSON_ACTS_H_

#include <cstdint>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "vault/attribute/vault_store.h"
#include "vault/keys/blind.h"
#include "vault/keys/key_tree.h"
#include "vault/log/act_writer.h"

namespace limpid::vault {

class VaultCore;

// From an act to its leaf: twice the longest tick.
inline constexpr absl::Duration kLogPromise = absl::Minutes(2);

// A durable act: in the log by `promised_by`.
struct DoneAct {
  std::uint64_t version = 0;
  absl::Time time;
  base::Digest32 commitment{};
  absl::Time promised_by;
};

// What a person is told of a version that is not there: kNotFound.
absl::Status NoSuchVersion();

DoneAct Done(const ActRow& row);

// The act of a stored row.
//
// Errors:
//   kDataLoss  there is none: the row was not written by this program.
absl::StatusOr<DoneAct> ActOf(const VaultReads& reads, const AttributeRow& row,
                              ActKind kind);

// The owner's newest assisted key, made when she never had one.
//
// Errors: those of KeyTree::FindOrCreate, and
//   kDataLoss  she had one, by the vault's log, and it is not there: the store
//              of keys is an older copy, and nothing may be written under
//              another.
absl::StatusOr<std::shared_ptr<const PersonKey>> NewestKey(VaultCore& core,
                                                           const Owner& owner,
                                                           absl::Time now);

// Does `work` in a transaction under the owner's newest assisted key, which is
// made when there is none and durable in its own store before. Anew when the
// key was rotated in between: the rotation's first transaction has said so.
//
// Errors: those of `work`, of the stores and of NewestKey, and
//   kFailedPrecondition  everything of hers was erased here.
//   kUnavailable         her key was rotated again and again meanwhile.
absl::Status WriteUnderKey(
    VaultCore& core, const Owner& owner, absl::Time now,
    absl::FunctionRef<absl::Status(VaultTransaction&, const PersonKey&)> work);

// Whether the vault's log knows a newer key of hers than the newest that is
// there, or one where there is none, or that hers was destroyed: the store of
// keys is an older copy, and nothing can be written under them. For who holds
// her lock, so that no rotation is under way.
//
// Errors: those of the stores.
absl::StatusOr<bool> KeysAreBehind(VaultCore& core, const Owner& owner,
                                   absl::Time now);

// How many times the owner declared that she moved away from here.
absl::StatusOr<std::uint64_t> LastMove(const VaultReads& reads,
                                       const Owner& owner);
// The number of the move that stands, from 1; 0 when she is here.
// docs/formats/vault-move.md
absl::StatusOr<std::uint64_t> MoveInForce(const VaultReads& reads,
                                          const Owner& owner);
// Before anything new is stored.
//
// Errors:
//   kFailedPrecondition  she moved away.
absl::Status CheckNotMoved(const VaultReads& reads, const Owner& owner);

// Appends the act that `key`, her assisted one, was made, unless it is there.
absl::Status LogPersonKey(VaultTransaction& transaction, const ActWriter& acts,
                          const Owner& owner, const PersonKey& key,
                          absl::Time now);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ATTRIBUTE_PERSON_ACTS_H_
