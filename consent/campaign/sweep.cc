#include "consent/campaign/sweep.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/base/status_macros.h"
#include "consent/ids.h"
#include "consent/record/state.h"

namespace limpid::consent {
namespace {

// Records of one commit: bounds how long decisions wait behind a page.
constexpr std::size_t kPage = 16;
constexpr std::array kPhases = {RecordState::kGranted, RecordState::kPaused,
                                RecordState::kGranted};

// What can be passed over, because trying again would not help.
bool IsBeyondHelp(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsDataLoss(status) ||
         absl::IsFailedPrecondition(status);
}

absl::Status Visit(Persons& persons, const RowKey& row, SweepVisitor visit) {
  LIMPID_ASSIGN_OR_RETURN(PersonState * person, persons.Load(row.person));
  LIMPID_ASSIGN_OR_RETURN(LiveRecord * record,
                          persons.LoadRecord(*person, RecordId(row.id)));
  return visit(*person, *record);
}

}  // namespace

void SweepCursor::Write(base::ByteWriter& out) const {
  out.U8(phase)
      .U16(after.shard)
      .Raw(after.person.bytes())
      .U8(static_cast<std::uint8_t>(after.kind))
      .Raw(after.id)
      .U64(after.sequence)
      .U8(done ? 1 : 0);
}

SweepCursor SweepCursor::Read(base::ByteReader& reader) {
  SweepCursor out;
  out.phase = reader.U8();
  out.after.shard = reader.U16();
  out.after.person = PersonId(reader.Array<16>());
  out.after.kind = static_cast<RowKind>(reader.U8());
  out.after.id = reader.Array<16>();
  out.after.sequence = reader.U64();
  out.done = reader.U8() != 0;
  return out;
}

absl::Status SweepPage(const LedgerStore& store, Persons& persons,
                       SweepCursor& cursor, SweepVisitor visit) {
  if (cursor.done || cursor.phase >= kPhases.size()) {
    cursor.done = true;
    return absl::OkStatus();
  }
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      store.InState(RowKind::kRecord,
                    static_cast<std::uint8_t>(kPhases.at(cursor.phase)),
                    cursor.after, kPage));
  const SweepCursor before = cursor;
  PersonId last;
  for (const RowKey& row : rows) {
    // What two records of a person would both add cannot be in one commit.
    if (row.person == last) return absl::OkStatus();
    const absl::Status visited = Visit(persons, row, visit);
    if (!visited.ok() && !IsBeyondHelp(visited)) {
      return cursor == before ? visited : absl::OkStatus();
    }
    last = row.person;
    cursor.after = row;
  }
  if (rows.size() == kPage) return absl::OkStatus();
  ++cursor.phase;
  cursor.after = RowKey();
  cursor.done = cursor.phase == kPhases.size();
  return absl::OkStatus();
}

}  // namespace limpid::consent
