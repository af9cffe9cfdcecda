// Rotating the assisted key of one person: everything of hers is wrapped anew
// under a new generation, counted, and only then is the old one destroyed.
// Never touches a value. Killed anywhere, every value stays readable, and
// beginning again ends it. docs/formats/key-slots.md

#ifndef LIMPID_VAULT_ERASURE_PERSON_ROTATION_H_
#define LIMPID_VAULT_ERASURE_PERSON_ROTATION_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "vault/core.h"

namespace limpid::vault {

// One rotation. The caller holds the owner's lock; puts and reads of hers may
// go on.
class PersonRotation {
 public:
  // Rows or acts moved in one transaction.
  static constexpr std::size_t kBatch = 256;

  // Joins the first transaction.
  using FirstWork = absl::FunctionRef<absl::Status(
      VaultTransaction& transaction, const PersonKey& next)>;

  // `core` must outlive it.
  PersonRotation(VaultCore& core, const Owner& owner, absl::Time now)
      : core_(core), owner_(owner), now_(now) {}

  // Makes the next generation and, in one transaction of the values' store,
  // says so in the vault's log (from then on no put takes an older key) and
  // does `first`.
  //
  // Errors:
  //   kNotFound  she has no assisted key.
  absl::Status Begin(FirstWork first);
  // Wraps anew what is under older generations, in batches.
  //
  // Errors:
  //   kDataLoss  a row or act does not open: nothing is destroyed.
  absl::Status Move();
  // Counts: as many rows and acts as before, none under an older generation.
  // Then logs the destruction and destroys the older slots.
  //
  // Errors:
  //   kDataLoss  the count is wrong: nothing is destroyed.
  absl::Status End();

  // Of Begin: the slots that End destroys.
  [[nodiscard]] std::uint32_t destroyed_generation() const;
  [[nodiscard]] std::uint32_t destroyed_epoch() const;

 private:
  absl::StatusOr<std::shared_ptr<const PersonKey>> KeyOf(
      std::uint32_t generation);
  absl::StatusOr<std::size_t> MoveRows();
  absl::StatusOr<std::size_t> MoveActs();
  // All at once: they are few.
  absl::Status MoveLinks();
  // Once for each generation and kind.
  absl::Status LogKey(VaultTransaction& transaction, ActKind kind,
                      std::uint32_t generation, const crypto::KeyId& id);

  VaultCore& core_;
  const Owner owner_;
  const absl::Time now_;
  // Assisted ones, of every kind.
  std::vector<SlotRow> old_slots_;
  std::shared_ptr<const PersonKey> next_;
  PersonCount before_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ERASURE_PERSON_ROTATION_H_
