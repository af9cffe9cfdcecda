#include "algoregister/profile/row.h"

#include <algorithm>
#include <cstddef>
#include <map>
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
#include "algoregister/profile/made.h"
#include "algoregister/profile/natural_key.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/record_reader.h"
#include "algoregister/profile/row_rest.h"
#include "algoregister/profile/text_list.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/ids.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using base::ToAbsl;
using json::Value;

constexpr std::size_t kMaxOrganisationBytes = 200;
constexpr std::string_view kOutside = "not part of the profile; left out";

class RowReader {
 public:
  RowReader(const Profile& profile, const Value& row)
      : profile_(profile),
        row_(row),
        flat_(profile.layout == Layout::kCsv),
        document_(profile.layout == Layout::kDocument),
        made_(document_ && IsMadeByExport(profile, row)),
        rest_(RestColumn(profile)) {}

  RowReading Run() {
    if (!row_.is_object()) {
      Reject("", "not an object");
      return std::move(out_);
    }
    if (row_.members().empty()) {
      Reject("", "has nothing in it");
      return std::move(out_);
    }
    out_.language = profile_.language;
    ReadLanguage();
    for (const Column& column : profile_.columns) ReadColumn(column);
    for (const auto& [field, cells] : members_) ReadRecordField(field, cells);
    ReadRest();
    out_.natural_id = NaturalIdOf(profile_, row_, out_);
    return std::move(out_);
  }

 private:
  void Reject(std::string_view field, std::string_view message) {
    out_.findings.push_back({.field = std::string(field),
                             .repaired = false,
                             .message = std::string(message)});
  }
  void Repair(std::string_view field, std::string_view message) {
    for (const Finding& earlier : out_.findings) {
      if (earlier.field == field && earlier.message == message) return;
    }
    out_.findings.push_back({.field = std::string(field),
                             .repaired = true,
                             .message = std::string(message)});
  }

  [[nodiscard]] const Value* Look(const Column& column) const {
    return document_ ? FindPlace(row_, column.foreign)
                     : row_.Find(column.foreign);
  }

  [[nodiscard]] CellType TypeOf(const Column& column) const {
    return {
        .type = column.type,
        .codes = column.codes,
        .language = column.language.empty() ? out_.language : column.language,
        .separator = column.separator,
        .month_first = column.month_first,
        .flat = flat_};
  }

  // Before all texts.
  void ReadLanguage() {
    bool said = false;
    for (const Column& column : profile_.columns) {
      const Value* const value =
          column.type == ColumnType::kLanguage ? Look(column) : nullptr;
      if (value == nullptr || IsEmptyCell(*value)) continue;
      CellReading ignored;
      const auto text = TextOfCell(*value, flat_, ignored);
      const CodePair* const pair =
          text ? FindCode(column.codes, *text) : nullptr;
      if (pair == nullptr) {
        Repair(column.foreign,
               absl::StrCat("not a language known here; read as ",
                            ToAbsl(out_.language)));
      } else if (pair->ours.empty()) {
        Reject(column.foreign,
               "in a language that this profile does not read; take the "
               "profile of that language");
      } else if (!said) {
        out_.language = pair->ours;
        said = true;
      } else if (pair->ours != out_.language &&
                 pair->ours != profile_.language) {
        Repair(column.foreign, "another column says otherwise; left out");
      }
    }
  }

  void ReadColumn(const Column& column) {
    if (column.type == ColumnType::kLanguage) return;
    // The rest of a document is read last.
    if (document_ && column.foreign.empty()) return;
    if (column.type == ColumnType::kMade) {
      // What a document from elsewhere says of itself stays in its rest.
      if (!made_) unread_.push_back(&column);
      return;
    }
    const Value* const value = Look(column);
    if (column.type == ColumnType::kConstant) {
      ReadConstant(column, value);
    } else if (column.type == ColumnType::kForeignId) {
      ReadForeignId(column, value);
    } else if (value == nullptr || IsEmptyCell(*value)) {
      ReadNothing(column, value);
    } else if (column.type == ColumnType::kOrganisationName) {
      ReadOrganisation(column, *value);
    } else if (column.type == ColumnType::kRecordMember) {
      members_[column.field].push_back(
          {.column = &column, .type = TypeOf(column), .value = value});
    } else {
      ReadField(column, *value);
    }
  }

  // Nothing is said: recorded, unless the profile leaves it open.
  void ReadNothing(const Column& column, const Value* value) {
    if (column.required) {
      Reject(column.foreign, "required, but empty");
      return;
    }
    // A flat file without the column was remarked on as a whole.
    if (value == nullptr && !column.optional && !flat_) {
      Repair(column.foreign, "absent; recorded as missing");
    }
    if (value == nullptr && column.optional) return;
    SetMissing(column);
  }

  // Does not take back what another column said of the same field.
  void SetMissing(const Column& column) {
    if (column.type == ColumnType::kText ||
        column.type == ColumnType::kRichText) {
      out_.empty_texts.push_back({column.field, TypeOf(column).language});
    }
    ClearWords(column);
    if (out_.fields.Find(column.field) != nullptr) return;
    if (column.optional) {
      Clear(column.field);
    } else {
      out_.fields.Set(column.field, Missing());
    }
  }
  // What an earlier file said in words instead of a code.
  void ClearWords(const Column& column) {
    if (column.otherwise.empty()) return;
    Clear(column.otherwise);
    out_.empty_texts.push_back({column.otherwise, TypeOf(column).language});
  }
  void Clear(std::string_view field) {
    const auto found =
        std::find(out_.cleared.begin(), out_.cleared.end(), field);
    if (found == out_.cleared.end()) out_.cleared.emplace_back(field);
  }

  // The first of several columns counts, but for languages.
  void SetGiven(const Column& column, Value value) {
    ClearWords(column);
    std::erase(out_.cleared, std::string(column.field));
    const Value* const before = out_.fields.Find(column.field);
    const Value* const said =
        before == nullptr ? nullptr : before->Find("value");
    if (said != nullptr && said->is_object() && value.is_object()) {
      for (const json::Member& member : said->members()) {
        value.Set(member.key, member.value);
      }
    } else if (said != nullptr) {
      if (*said != value) {
        Repair(column.foreign, "another column says otherwise; left out");
      }
      return;
    }
    out_.fields.Set(column.field, Given(std::move(value)));
  }

  // Not of the column's type: kept as words where the profile has a place for
  // them.
  void SetOdd(const Column& column, const CellReading& reading) {
    const FieldSpec* const spec = FindField(profile_.kind, column.otherwise);
    if (!column.otherwise.empty() && spec != nullptr && !reading.odd.empty()) {
      CellReading words;
      if (spec->type == FieldType::kText) {
        words = ReadCell(
            {.type = ColumnType::kText, .language = TypeOf(column).language},
            Value(reading.odd.front()));
      } else if (spec->type == FieldType::kPlains) {
        std::set<std::string_view> seen;
        Value list = Value::Array();
        for (const std::string& odd : reading.odd) {
          if (seen.insert(odd).second) list.Append(odd);
        }
        words.value = std::move(list);
      } else {
        words.value = Value(reading.odd.front());
      }
      CheckReading(*spec, words);
      if (words.value) {
        std::erase(out_.cleared, std::string(column.otherwise));
        out_.fields.Set(column.otherwise, Given(*std::move(words.value)));
        if (!column.formerly.empty()) {
          out_.moved.push_back(
              {column.formerly, *out_.fields.Find(column.otherwise)});
        }
        Repair(column.foreign, reading.fault + "; kept as words");
        return;
      }
    }
    if (column.required && !reading.value) {
      Reject(column.foreign, reading.fault);
    } else if (rest_ != nullptr && &column != rest_) {
      unread_.push_back(&column);
      Repair(column.foreign, reading.fault + "; kept unread");
    } else {
      Repair(column.foreign,
             reading.fault + (reading.value ? "; left out"
                                            : "; left out, recorded as "
                                              "missing"));
    }
  }

  void Keep(const Column& column, CellReading reading) {
    for (const std::string& repair : reading.repairs) {
      Repair(column.foreign, repair);
    }
    // Half of it here and half in the rest would be neither.
    const bool all_or_nothing = rest_ != nullptr && !column.required;
    if (all_or_nothing && !reading.fault.empty()) reading.value.reset();
    const bool nothing = !reading.value;
    if (nothing && reading.fault.empty() && column.required) {
      Reject(column.foreign, "required, but empty");
      return;
    }
    if (nothing) {
      SetMissing(column);
    } else {
      SetGiven(column, *reading.value);
    }
    if (!reading.fault.empty()) SetOdd(column, reading);
  }

  void ReadField(const Column& column, const Value& value) {
    const FieldSpec* const spec = FindField(profile_.kind, column.field);
    if (spec == nullptr) {
      Repair(column.foreign, "no such field here; left out");
      return;
    }
    CellReading reading;
    if (column.type == ColumnType::kRecords) {
      reading = ReadRecords(TypeOf(column), column, *spec, value);
    } else if (column.single && value.size() > 1) {
      reading.fault = "several texts where one belongs";
    } else if (column.single && value.is_string()) {
      // A text that looks like a list is a text there.
      reading = ReadCell(TypeOf(column), Value(std::vector<Value>{value}));
    } else if (column.type == ColumnType::kPlains && !column.member.empty()) {
      const auto texts = WithoutWrapping(value, column.member);
      if (texts) {
        reading = ReadCell(TypeOf(column), *texts);
      } else {
        reading.fault = absl::StrCat("not a list of objects of ",
                                     ToAbsl(column.member), " alone");
      }
    } else {
      reading = ReadCell(TypeOf(column), value);
    }
    CheckReading(*spec, reading);
    Keep(column, std::move(reading));
  }

  void ReadRecordField(std::string_view field,
                       const std::vector<MemberCell>& cells) {
    const FieldSpec* const spec = FindField(profile_.kind, field);
    if (spec == nullptr) return;
    std::vector<MemberRemarks> remarks;
    CellReading reading = ReadMembers(*spec, cells, remarks);
    CheckReading(*spec, reading);
    for (MemberRemarks& one : remarks) {
      for (const std::string& repair : one.reading.repairs) {
        Repair(one.column->foreign, repair);
      }
      if (one.reading.fault.empty()) continue;
      // The other members stand.
      one.reading.value = Value();
      SetOdd(*one.column, one.reading);
    }
    // Empty columns of the field have recorded it as missing.
    if (reading.value) out_.fields.Remove(field);
    Keep(*cells.front().column, std::move(reading));
  }

  void ReadConstant(const Column& column, const Value* value) {
    if (column.codes.empty()) return;
    if (value == nullptr) {
      if (column.required) Reject(column.foreign, "required, but empty");
      return;
    }
    const bool same = std::any_of(
        column.codes.begin(), column.codes.end(), [&](const CodePair& pair) {
          const Value constant = ConstantOf(pair.foreign, flat_);
          return *value == constant ||
                 (document_ && SaysLess(*value, constant));
        });
    if (same) return;
    if (column.required) {
      Reject(column.foreign, "not what a file of this profile says there");
    } else if (rest_ != nullptr && !IsEmptyCell(*value)) {
      unread_.push_back(&column);
      Repair(column.foreign, "not what the profile says there; kept as it is");
    } else if (!IsEmptyCell(*value)) {
      Repair(column.foreign, "not what the profile says there; left out");
    }
  }

  void ReadForeignId(const Column& column, const Value* value) {
    if (value == nullptr || IsEmptyCell(*value)) {
      if (profile_.ids_may_be_blank) return;
      Reject(column.foreign, "required, but empty");
      return;
    }
    CellReading reading;
    const auto text = TextOfCell(*value, flat_, reading);
    for (const std::string& repair : reading.repairs) {
      Repair(column.foreign, repair);
    }
    if (!text) {
      out_.has_broken_id = true;
      Reject(column.foreign, reading.fault);
      return;
    }
    const auto minted = MintedFrom(column, *text);
    if (!minted) {
      out_.foreign_id = *text;
    } else if (minted->kind == profile_.kind) {
      out_.own_id = minted;
    }
  }

  // The id that an export made another of, for want of one.
  static std::optional<RegistrationId> MintedFrom(const Column& column,
                                                  std::string_view text) {
    if (column.codes.empty()) return std::nullopt;
    const std::string_view prefix = column.codes.front().foreign;
    if (!text.starts_with(prefix)) return std::nullopt;
    auto id = RegistrationId::Parse(text.substr(prefix.size()));
    return id.ok() ? std::optional(*id) : std::nullopt;
  }

  void ReadOrganisation(const Column& column, const Value& value) {
    CellReading reading;
    // A number is no name.
    if (value.is_string()) {
      auto text = TextOfCell(value, flat_, reading);
      for (const std::string& repair : reading.repairs) {
        Repair(column.foreign, repair);
      }
      if (text->size() <= kMaxOrganisationBytes &&
          text->find('\0') == std::string::npos) {
        out_.organisations.push_back({.field = column.field,
                                      .column = &column,
                                      .name = *std::move(text)});
        return;
      }
      reading.fault = "not a name that an organisation can have";
    } else {
      reading.fault = absl::StrCat("must be a text, is ",
                                   ToAbsl(json::KindName(value.kind())));
    }
    SetMissing(column);
    SetOdd(column, reading);
  }

  void ReadRest() {
    if (!document_) {
      if (!flat_) NameUnknown();
      return;
    }
    Value rest = DocumentRest(profile_, row_, unread_);
    if (rest_ != nullptr) {
      if (made_) ReadMade();
      KeepRest(rest);
      return;
    }
    Name(UntakenPlaces(row_, rest), kOutside);
  }

  void ReadMade() {
    std::vector<const Column*> unread = unread_;
    for (const Column& column : profile_.columns) {
      if (column.type == ColumnType::kMade) unread.push_back(&column);
    }
    Value rest = DocumentRest(profile_, row_, unread);
    const FieldSpec* const spec = FindField(profile_.kind, rest_->field);
    if (spec != nullptr) ShortenRest(rest, spec->max_bytes);
    out_.made = MadeDocument{.publisher = MadeBy(profile_, row_),
                             .field = rest_->field,
                             .rest = std::move(rest)};
  }

  void KeepRest(Value& rest) {
    if (rest.size() == 0) {
      ReadNothing(*rest_, &rest);
      return;
    }
    const FieldSpec* const spec = FindField(profile_.kind, rest_->field);
    if (spec != nullptr) {
      Name(ShortenRest(rest, spec->max_bytes), "too large to keep; left out");
    }
    ReadField(*rest_, rest);
  }

  // No finding that rejects is left out: what is not in the profile does not.
  void NameUnknown() {
    std::vector<std::string> unknown;
    for (const json::Member& member : row_.members()) {
      const bool known = std::any_of(
          profile_.columns.begin(), profile_.columns.end(),
          [&member](const Column& c) { return c.foreign == member.key; });
      if (!known) unknown.push_back(member.key);
    }
    Name(unknown, kOutside);
  }

  void Name(const std::vector<std::string>& unknown, std::string_view why) {
    const std::size_t count = std::min(unknown.size(), kMaxUnknownNamed);
    for (std::size_t i = 0; i < count; ++i) {
      Repair(unknown[i], why);
    }
    if (unknown.size() <= kMaxUnknownNamed) return;
    Repair("", absl::StrCat(unknown.size() - kMaxUnknownNamed,
                            " more: ", ToAbsl(why)));
  }

  const Profile& profile_;
  const Value& row_;
  const bool flat_;
  const bool document_;
  // An export made the document: what it says of itself is kept apart.
  const bool made_;
  // What takes the rest of a document, and the columns that leave theirs to it.
  const Column* const rest_;
  std::vector<const Column*> unread_;
  std::map<std::string_view, std::vector<MemberCell>> members_;
  RowReading out_;
};

}  // namespace

RowReading ReadRow(const Profile& profile, const Value& row) {
  return RowReader(profile, row).Run();
}

}  // namespace limpid::algoregister
