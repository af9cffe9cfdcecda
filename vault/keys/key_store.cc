#include "vault/keys/key_store.h"

namespace limpid::vault {

absl::Status CheckBeside(const SlotRow& row, std::span<const SlotRow> others,
                         std::size_t max_slots) {
  for (const SlotRow& other : others) {
    if (other.slot_kind == row.slot_kind && other.slot_id == row.slot_id &&
        other.generation == row.generation) {
      return absl::AlreadyExistsError("the slot exists");
    }
  }
  for (const SlotRow& other : others) {
    if (other.generation != row.generation || other.key_id != row.key_id) {
      return absl::FailedPreconditionError(
          "the slots that are there are of another key");
    }
  }
  if (others.size() >= max_slots) {
    return absl::ResourceExhaustedError("the key has the most slots");
  }
  return absl::OkStatus();
}

absl::Status LastSlot() {
  return absl::FailedPreconditionError(
      "this is the last way to the key: nothing under it could be opened any "
      "more");
}

}  // namespace limpid::vault
