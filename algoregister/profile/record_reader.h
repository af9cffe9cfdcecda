// Reads what a row says of a kRecords field: a list of objects, or columns that
// hold one member each. For row.cc alone.

#ifndef LIMPID_ALGOREGISTER_PROFILE_RECORD_READER_H_
#define LIMPID_ALGOREGISTER_PROFILE_RECORD_READER_H_

#include <string_view>
#include <vector>

#include "algoregister/profile/cell.h"
#include "algoregister/profile/profile.h"
#include "algoregister/registration/field_table.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// A list of objects, an object, or a list of texts, which are first members. A
// member that cannot be read is left out; so is a record that lacks a required
// one.
CellReading ReadRecords(const CellType& type, const Column& column,
                        const FieldSpec& field, const json::Value& value);

// One kRecordMember column of a row.
struct MemberCell {
  const Column* column = nullptr;
  CellType type;
  // Not empty.
  const json::Value* value = nullptr;
};
// What became of one of them.
struct MemberRemarks {
  const Column* column = nullptr;
  CellReading reading;
};

// The records that the columns of one field make together.
CellReading ReadMembers(const FieldSpec& field,
                        const std::vector<MemberCell>& cells,
                        std::vector<MemberRemarks>& remarks);

// `value` as one of a field's, or nothing and a fault.
void CheckReading(const FieldSpec& field, CellReading& reading);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_RECORD_READER_H_
