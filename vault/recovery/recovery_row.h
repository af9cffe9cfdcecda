// What the data store keeps of the recoveries through one recovery slot: the
// newest one, and how many were cancelled. docs/formats/recovery.md

#ifndef LIMPID_VAULT_RECOVERY_RECOVERY_ROW_H_
#define LIMPID_VAULT_RECOVERY_RECOVERY_ROW_H_

#include <cstdint>

#include "common/base/bytes.h"
#include "vault/keys/blind.h"

namespace limpid::vault {

// Stored: append, never renumber.
enum class RecoveryState : std::uint8_t {
  kStarted = 1,
  kHandedOut = 2,
  kCancelled = 3,
};

// Times in milliseconds since 1970.
struct RecoveryRow {
  Owner owner;
  base::ByteArray<16> slot_id{};
  // Of the slot's recoveries, from 1.
  std::uint64_t number = 0;
  RecoveryState state = RecoveryState::kStarted;
  std::int64_t start_ms = 0;
  // The body is handed out in [open, close).
  std::int64_t open_ms = 0;
  std::int64_t close_ms = 0;
  // When it was handed out or cancelled; 0 before.
  std::int64_t end_ms = 0;
  // When the body last left through this slot, whatever came after; 0 for
  // never.
  std::int64_t handed_out_ms = 0;
  // Since the first recovery, or since recoveries were last allowed again.
  std::uint32_t cancels = 0;

  friend bool operator==(const RecoveryRow&, const RecoveryRow&) = default;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_RECOVERY_RECOVERY_ROW_H_
