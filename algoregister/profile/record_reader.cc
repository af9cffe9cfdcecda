#include "algoregister/profile/record_reader.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "algoregister/profile/cell.h"
#include "algoregister/profile/document.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "algoregister/profile/row_rest.h"
#include "algoregister/profile/text_list.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/value_check.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using base::ToAbsl;
using json::Value;

const Value* MemberOf(const Value& record, std::string_view foreign) {
  return foreign.starts_with('/') ? FindPlace(record, foreign)
                                  : record.Find(foreign);
}

// Whether a column reads the member, or something below it.
bool Reads(std::string_view foreign, const std::string& key) {
  if (!foreign.starts_with('/')) return foreign == key;
  const std::string first = "/" + json::PointerToken(key);
  return foreign.starts_with(first) &&
         (foreign.size() == first.size() || foreign[first.size()] == '/');
}

// The same remark on many records is one.
void AddOnce(std::string repair, CellReading& to) {
  if (std::find(to.repairs.begin(), to.repairs.end(), repair) ==
      to.repairs.end()) {
    to.repairs.push_back(std::move(repair));
  }
}

void Add(std::string_view member, const CellReading& from, CellReading& to) {
  for (const std::string& repair : from.repairs) {
    AddOnce(absl::StrCat(ToAbsl(member), ": ", repair), to);
  }
  if (!from.fault.empty()) {
    AddOnce(absl::StrCat(ToAbsl(member), ": ", from.fault, "; left out"), to);
  }
}

// Names as many as of a row; more are counted.
void NameSome(const std::set<std::string>& names, std::string_view why,
              CellReading& to) {
  std::size_t named = 0;
  for (const std::string& name : names) {
    if (named++ == kMaxUnknownNamed) break;
    to.repairs.push_back(absl::StrCat(name, ": ", ToAbsl(why)));
  }
  if (names.size() <= kMaxUnknownNamed) return;
  to.repairs.push_back(absl::StrCat(names.size() - kMaxUnknownNamed,
                                    " more members: ", ToAbsl(why)));
}

// Texts inside a flat file's cell, which was read as a whole already.
CellType Inside(CellType type) {
  type.flat = false;
  return type;
}

class RecordReader {
 public:
  RecordReader(const CellType& type, const Column& column,
               const FieldSpec& field)
      : type_(type), column_(column), field_(field) {}

  CellReading Run(const Value& value) {
    Value list = Value::Array();
    if (value.is_array()) {
      AddRecords(value.elements(), list);
    } else if (value.is_string()) {
      AddText(value, list);
    } else {
      AddRecord(value, list);
    }
    NameSome(unknown_, "not part of the profile; left out", out_);
    NameSome(too_large_, "too large to keep; left out", out_);
    if (list.size() > 0) {
      out_.value = std::move(list);
    } else if (out_.fault.empty() && !out_.repairs.empty()) {
      out_.fault = "no record could be read";
    }
    return std::move(out_);
  }

 private:
  void AddRecords(std::span<const Value> records, Value& list) {
    if (records.size() > kMaxListTexts) {
      out_.fault = kTooManyTexts;
      return;
    }
    for (const Value& record : records) AddRecord(record, list);
  }

  void AddText(const Value& value, Value& list) {
    const auto text = TextOfCell(value, type_.flat, out_);
    const auto parsed = json::ParseStrict(*text, {.max_bytes = text->size()});
    if (parsed.ok() && (parsed->is_array() || parsed->is_object())) {
      if (!type_.flat) out_.repairs.emplace_back("a list written as a text");
      AddRecords(parsed->is_array() ? parsed->elements()
                                    : std::span<const Value>(&*parsed, 1),
                 list);
      return;
    }
    ListNotation notation = ListNotation::kSeparated;
    const auto texts = ListOfText(*text, type_.separator, notation);
    if (!texts) {
      out_.fault = kTooManyTexts;
      out_.odd.push_back(*text);
      return;
    }
    if (notation == ListNotation::kPython) {
      out_.repairs.emplace_back("a list written as a text");
    }
    for (const std::string& one : *texts) {
      if (!one.empty()) AddRecord(Value(one), list);
    }
  }

  void AddRecord(const Value& from, Value& list) {
    if (IsEmptyCell(from)) return;
    Value record = Value::Object();
    if (from.is_object()) {
      ReadObject(from, record);
    } else if (!column_.members.empty()) {
      ReadMember(column_.members.front(), from, record);
    }
    if (record.size() == 0) {
      AddOnce("a record with nothing to keep left out", out_);
      return;
    }
    for (const MemberSpec& member : field_.members) {
      if (!member.required || record.Find(member.name) != nullptr) continue;
      AddOnce(
          absl::StrCat("a record without ", ToAbsl(member.name), " left out"),
          out_);
      return;
    }
    list.Append(std::move(record));
  }

  void ReadObject(const Value& from, Value& record) {
    std::vector<const MemberColumn*> unread;
    const MemberColumn* others = nullptr;
    for (const MemberColumn& column : column_.members) {
      if (column.foreign.empty()) {
        others = &column;
        continue;
      }
      const Value* const value = MemberOf(from, column.foreign);
      if (value == nullptr || IsEmptyCell(*value)) continue;
      ReadMember(column, *value, record);
      if (record.Find(column.member) == nullptr) unread.push_back(&column);
    }
    if (others == nullptr) {
      NameUnknown(from);
    } else {
      KeepOthers(*others, RecordRest(column_, from, unread), record);
    }
  }

  // What no member takes, as JSON.
  void KeepOthers(const MemberColumn& column, const Value& rest,
                  Value& record) {
    if (rest.size() == 0) return;
    const MemberSpec* const member = FindMember(field_, column.member);
    if (member == nullptr) return;
    std::string text = json::Canonical(rest);
    if (text.size() <= member->max_bytes) {
      record.Set(column.member, std::move(text));
      return;
    }
    for (const json::Member& one : rest.members()) too_large_.insert(one.key);
  }

  void ReadMember(const MemberColumn& column, const Value& value,
                  Value& record) {
    if (IsEmptyCell(value)) return;
    const MemberSpec* const member = FindMember(field_, column.member);
    if (member == nullptr) return;
    CellType type = Inside(type_);
    type.type = column.type;
    type.codes = column.codes;
    CellReading reading = ReadCell(type, value);
    CheckReading(AsField(*member), reading);
    // What is not of the member's type stands in the one beside it.
    if (!column.otherwise.empty() && !reading.odd.empty()) {
      record.Set(column.otherwise, reading.odd.front());
      AddOnce(absl::StrCat(ToAbsl(column.foreign), ": ", reading.fault,
                           "; kept as words"),
              out_);
      reading.fault.clear();
    }
    Add(column.foreign, reading, out_);
    if (reading.value) record.Set(column.member, *std::move(reading.value));
  }

  void NameUnknown(const Value& from) {
    for (const json::Member& member : from.members()) {
      const bool known =
          std::any_of(column_.members.begin(), column_.members.end(),
                      [&member](const MemberColumn& column) {
                        return Reads(column.foreign, member.key);
                      });
      if (!known) unknown_.insert(member.key);
    }
  }

  const CellType& type_;
  const Column& column_;
  const FieldSpec& field_;
  CellReading out_;
  // Members of any record.
  std::set<std::string> unknown_;
  std::set<std::string> too_large_;
};

// The texts of one column, one per record; empty ones say nothing. Of a flat
// file's cell they are read as Inside() has them.
std::vector<Value> PartsOf(const MemberCell& cell, const MemberSpec& member,
                           CellReading& out) {
  const Value& value = *cell.value;
  if (value.is_array() && value.size() <= kMaxListTexts) {
    return {value.elements().begin(), value.elements().end()};
  }
  if (value.is_array()) {
    out.fault = kTooManyTexts;
    return {};
  }
  if (!value.is_string()) return {value};
  const auto text = TextOfCell(value, cell.type.flat, out);
  const bool whole = member.type == FieldType::kText;
  ListNotation notation = ListNotation::kSeparated;
  const auto list = ListOfText(
      *text, whole ? std::string_view() : cell.type.separator, notation);
  if (!list) {
    out.fault = kTooManyTexts;
    out.odd.push_back(*text);
    return {};
  }
  if (notation == ListNotation::kPython ||
      (notation == ListNotation::kJson && !cell.type.flat)) {
    out.repairs.emplace_back("a list written as a text");
  }
  return {list->begin(), list->end()};
}

// A member that is a list itself belongs to one record.
bool IsList(const MemberSpec& member) {
  return member.type == FieldType::kCodes || member.type == FieldType::kPlains;
}

void ReadOneMember(const FieldSpec& field, const MemberCell& cell,
                   std::vector<Value>& records, MemberRemarks& remarks) {
  CellReading& out = remarks.reading;
  const MemberSpec* const member = FindMember(field, cell.column->member);
  if (member == nullptr) {
    out.fault = "not a member of the field";
    return;
  }
  const bool is_list = IsList(*member);
  const std::vector<Value> parts =
      is_list ? std::vector<Value>{*cell.value} : PartsOf(cell, *member, out);
  CellType type = is_list ? cell.type : Inside(cell.type);
  type.type = ColumnTypeFor(member->type);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (records.size() <= i) records.push_back(Value::Object());
    if (IsEmptyCell(parts[i])) continue;
    CellReading one = ReadCell(type, parts[i]);
    CheckReading(AsField(*member), one);
    for (std::string& repair : one.repairs) AddOnce(std::move(repair), out);
    if (one.value) {
      records[i].Set(cell.column->member, *std::move(one.value));
    } else if (!one.fault.empty()) {
      out.fault = one.fault;
      if (!cell.column->otherwise.empty() && !one.odd.empty()) {
        out.odd.push_back(one.odd.front());
      }
    }
  }
}

}  // namespace

void CheckReading(const FieldSpec& field, CellReading& reading) {
  if (!reading.value) return;
  const auto valid = CheckGiven(field, *reading.value, "");
  if (valid.ok()) return;
  const std::string message(base::ToStd(valid.message()));
  const std::size_t reason = message.find(": ");
  reading.fault =
      reason == std::string::npos ? message : message.substr(reason + 2);
  if (reading.text) {
    // Nothing was repaired of what is not kept.
    reading.odd.push_back(*reading.text);
    reading.repairs.resize(reading.text_repairs);
  } else if (reading.value->is_string()) {
    reading.odd.push_back(reading.value->string());
  }
  reading.value.reset();
}

CellReading ReadRecords(const CellType& type, const Column& column,
                        const FieldSpec& field, const Value& value) {
  return RecordReader(type, column, field).Run(value);
}

CellReading ReadMembers(const FieldSpec& field,
                        const std::vector<MemberCell>& cells,
                        std::vector<MemberRemarks>& remarks) {
  CellReading out;
  std::vector<Value> records;
  for (const MemberCell& cell : cells) {
    MemberRemarks& one = remarks.emplace_back();
    one.column = cell.column;
    ReadOneMember(field, cell, records, one);
  }
  Value list = Value::Array();
  for (Value& record : records) {
    if (record.size() == 0) continue;
    const auto lacking = std::find_if(
        field.members.begin(), field.members.end(),
        [&record](const MemberSpec& member) {
          return member.required && record.Find(member.name) == nullptr;
        });
    if (lacking == field.members.end()) {
      list.Append(std::move(record));
    } else {
      out.fault =
          absl::StrCat("a record without ", ToAbsl(lacking->name), " left out");
    }
  }
  if (list.size() > 0) out.value = std::move(list);
  return out;
}

}  // namespace limpid::algoregister
