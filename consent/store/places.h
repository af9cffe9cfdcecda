// Where a row of a person stands in its table. SQLite keeps a table's rows in
// the order of one number, so that number says which rows share pages.
// docs/formats/row-places.md

#ifndef LIMPID_CONSENT_STORE_PLACES_H_
#define LIMPID_CONSENT_STORE_PLACES_H_

#include <cstddef>
#include <cstdint>

#include "consent/ids.h"
#include "consent/ledger/row_kind.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Rows that stand together: each person has these many places, below zero, by
// her number (from 1) and a slot.
inline constexpr unsigned kSlotBits = 24;
inline constexpr std::int64_t kSlots = std::int64_t{1} << kSlotBits;
inline constexpr std::int64_t kFirstPlace = -(std::int64_t{1} << 62U);
// Persons behind it have their rows at the end of the table.
inline constexpr std::int64_t kMostNumbers =
    (std::int64_t{1} << (62U - kSlotBits)) - 1;

// The first place of a person; that of the row of her account.
constexpr std::int64_t PlaceOfPerson(std::int64_t number) {
  return kFirstPlace + number * kSlots;
}

// The one row of its kind that a person has: found by its place alone.
inline bool IsAccountRow(const RowKey& key) {
  return key.kind == RowKind::kAccount && key.id == key.person.bytes() &&
         key.sequence == 0;
}

// What every decision about a person reads, beside her account. The other rows
// are many, or seldom read, and stand in the order in which they came.
constexpr bool StandsWithPerson(RowKind kind) {
  return kind == RowKind::kRecord || kind == RowKind::kDelegation;
}

// Keys of a person stand at the first free one of these many places.
inline constexpr std::int64_t kKeyPlaces = 16;

// The first of them: the first 62 bits of her id.
inline std::int64_t KeyPlaceOf(const PersonId& person) {
  constexpr std::size_t kBytes = 8;
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < kBytes; ++i) {
    out = out << 8U | person.bytes()[i];
  }
  return static_cast<std::int64_t>(out >> 2U);
}

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_STORE_PLACES_H_
