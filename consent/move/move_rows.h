// Where moves are kept: what left, by its record; what came, by its move.

#ifndef LIMPID_CONSENT_MOVE_MOVE_ROWS_H_
#define LIMPID_CONSENT_MOVE_MOVE_ROWS_H_

#include "common/base/bytes.h"
#include "consent/ids.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Separate blinded moves from other blinded values.
inline constexpr std::uint8_t kMovedOutBlind = 100;
inline constexpr std::uint8_t kMovedInBlind = 101;

inline RowKey MovedOutKey(const Blinder& blinder, const PersonId& person,
                          const RecordId& record) {
  return {blinder.ShardOf(person), person, RowKind::kMove,
          blinder.Blind(kMovedOutBlind, {record.bytes()}), 0};
}

// Id of the row, and its lookup: one in the whole store for one move.
inline RowId MovedInId(const Blinder& blinder, const base::Digest32& move_id) {
  return blinder.Blind(kMovedInBlind, {move_id});
}

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_MOVE_MOVE_ROWS_H_
