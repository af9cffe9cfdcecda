// That a person moved to another operator: she declares it here, signed, and
// takes it back. While it stands, nothing new is stored for her, and whoever
// holds a live permit is told where she went instead of a value. Whoever holds
// none is told by consent what he always is. docs/formats/vault-move.md

#ifndef LIMPID_VAULT_PORTABILITY_MOVE_DESK_H_
#define LIMPID_VAULT_PORTABILITY_MOVE_DESK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "vault/attribute/person_acts.h"
#include "vault/attribute/person_vault.h"
#include "vault/attribute/vault_store.h"
#include "vault/core.h"
#include "vault/portability/origin.h"

namespace limpid::vault {

// Where she went. The key is the operator's evidence key, by her word.
struct NewOperator {
  std::string name;
  base::Digest32 evidence_key{};

  friend bool operator==(const NewOperator&, const NewOperator&) = default;
};

struct MoveDeclaration {
  // None takes it back.
  std::optional<NewOperator> to;
  // Of the move that this is, or that it takes back; from 1. So that a
  // signature counts once, and not again after something else was declared.
  std::uint64_t number = 0;
  // Millisecond precision; within kMostSkew of the vault's clock.
  absl::Time time;
  // Of MoveStatement, by the key of her account.
  base::Bytes signature;

  static constexpr absl::Duration kMostSkew = absl::Minutes(5);
};

base::Bytes MoveStatement(const SourceId& source, std::uint64_t number,
                          const std::optional<NewOperator>& to,
                          absl::Time time);

// Where the owner is now, or nowhere else.
//
// Errors:
//   kDataLoss  the act does not open.
absl::StatusOr<std::optional<NewOperator>> MovedTo(VaultCore& core,
                                                   const Owner& owner);

struct Whereabouts {
  // None while she is here.
  std::optional<NewOperator> to;
  // Of her last move, also if she took it back; 0 before the first.
  std::uint64_t last_number = 0;
};

// Thread-safe. Blocks on the stores.
class MoveDesk {
 public:
  // Moves of one person, those taken back included. Every read of hers looks
  // for the last one by its number, and a life has fewer.
  static constexpr std::uint64_t kMostMoves = 64;

  // `core` must outlive this object.
  explicit MoveDesk(VaultCore& core) : core_(core) {}

  // Durable when it answers. The same again, by its number, is answered with
  // the first one's act.
  //
  // Errors:
  //   kInvalidArgument     the name is empty or too long, it names this
  //                        operator, or the signature is not hers or not of the
  //                        last five minutes.
  //   kFailedPrecondition  she moved somewhere else already, or nowhere; or
  //                        everything of hers was erased here.
  //   kAborted             the number is not that of her next move, or of the
  //                        one that stands: ask Get and sign anew.
  //   kResourceExhausted   she declared kMostMoves; the last one can be taken
  //                        back.
  absl::StatusOr<DoneAct> Declare(const PersonCaller& caller,
                                  const MoveDeclaration& declaration);

  // Errors: as MovedTo.
  absl::StatusOr<Whereabouts> Get(const PersonCaller& caller);

 private:
  absl::Status Check(const PersonCaller& caller,
                     const MoveDeclaration& declaration) const;
  // The act that is there when nothing is to be changed: `last` is her last
  // move, which stands or not.
  absl::StatusOr<std::optional<DoneAct>> Repeat(
      const VaultReads& reads, const Owner& owner, std::uint64_t last,
      const MoveDeclaration& declaration) const;
  static absl::StatusOr<std::optional<DoneAct>> RepeatBack(
      const VaultReads& reads, const Owner& owner, std::uint64_t last,
      std::uint64_t number);

  VaultCore& core_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_PORTABILITY_MOVE_DESK_H_
