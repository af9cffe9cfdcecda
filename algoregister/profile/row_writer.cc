#include "algoregister/profile/row_writer.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "algoregister/profile/cell.h"
#include "algoregister/profile/document.h"
#include "algoregister/profile/export.h"
#include "algoregister/profile/made.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "algoregister/profile/row_languages.h"
#include "algoregister/profile/row_rest.h"
#include "algoregister/profile/text_list.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/rich_text.h"
#include "algoregister/registration/value_check.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using json::Value;

// Members of a companion that the row has not.
void AddBeside(const Value& companion, Value& row) {
  for (const json::Member& beside : companion.members()) {
    if (row.Find(beside.key) == nullptr) row.Set(beside.key, beside.value);
  }
}

// What that register writes for "not known".
std::string_view Unknown(std::span<const CodePair> codes) {
  const auto found =
      std::find_if(codes.begin(), codes.end(),
                   [](const CodePair& pair) { return pair.ours.empty(); });
  return found == codes.end() ? std::string_view() : found->foreign;
}

// Whether that register has a code spelled so, and reads it bare.
bool IsCode(std::span<const CodePair> codes, std::string_view text) {
  return !text.starts_with('[') &&
         std::any_of(codes.begin(), codes.end(), [text](const CodePair& pair) {
           return pair.foreign == text;
         });
}

std::string TextOfValue(const Value& value) {
  if (value.is_null()) return {};
  return value.is_string() ? value.string() : json::Canonical(value);
}

}  // namespace

std::string RowWriter::PointerTo(std::string_view field) {
  return "/fields/" + json::PointerToken(field);
}

void RowWriter::Drop(std::string pointer, std::string_view reason) {
  dropped_.push_back({.registration = item_.registration,
                      .pointer = std::move(pointer),
                      .reason = std::string(reason)});
}

bool RowWriter::ReadIds() {
  bool natural = false;
  const std::string natural_scheme = NaturalScheme(profile_);
  for (const Alias& alias : AliasesOf(item_.content)) {
    if (alias.scheme == profile_.name && foreign_id_.empty()) {
      foreign_id_ = alias.id;
    } else if (alias.scheme == natural_scheme) {
      natural = true;
    } else {
      Drop("/aliases", "another register's id");
    }
  }
  const bool needs_id = HasForeignIds(profile_) && !profile_.ids_may_be_blank;
  if (needs_id && foreign_id_.empty()) {
    Drop("", "has no id in that register");
    return false;
  }
  const Value* const listing = GivenValue(item_.content, fields::kListingField);
  const bool known = natural || !foreign_id_.empty();
  if (known && listing != nullptr && *listing == Value("vanished")) {
    Drop("", "that register no longer lists it");
    return false;
  }
  return true;
}

std::optional<Value> RowWriter::Run() {
  const auto before = static_cast<std::ptrdiff_t>(dropped_.size());
  if (!ReadIds()) return std::nullopt;
  Value row = flat_ ? Value::Array() : Value::Object();
  if (profile_.layout == Layout::kDocument) {
    const Column* const keeps = RestColumn(profile_);
    const Value* const rest =
        keeps == nullptr ? nullptr : GivenValue(item_.content, keeps->field);
    if (rest != nullptr && rest->is_object()) row = *rest;
  }
  makes_ = !SaysAnythingMade(profile_, row);
  for (const Column& column : profile_.columns) AddColumn(column, row);
  if (lacking_ != nullptr) {
    // The registration as a whole stays out, and so does what was of it.
    dropped_.erase(dropped_.begin() + before, dropped_.end());
    Drop("", absl::StrCat("has no ", base::ToAbsl(lacking_->foreign),
                          lacking_->type == ColumnType::kText
                              ? " in the language of that register"
                              : ", which that register requires"));
    return std::nullopt;
  }
  DropUncovered();
  return row;
}

void RowWriter::AddColumn(const Column& column, Value& row) {
  const bool document = profile_.layout == Layout::kDocument;
  if (document && column.foreign.empty()) return;
  if (column.type == ColumnType::kMade && !makes_) return;
  std::optional<Value> value = ValueOf(column);
  // No import takes a row without it.
  if (column.required && lacking_ == nullptr &&
      (!value || IsEmptyCell(*value))) {
    lacking_ = &column;
  }
  if (flat_) {
    const std::string text = value ? TextOfValue(*value) : std::string();
    const bool number = value && value->is_number();
    row.Append(number ? text : Neutralise(text));
    return;
  }
  if (!document) {
    if (!value && column.optional) return;
    row.Set(column.foreign, value ? *std::move(value) : Value(""));
    return;
  }
  if (!value) return;
  // A file that said something else keeps saying it.
  if (column.type == ColumnType::kConstant &&
      FindPlace(row, column.foreign) != nullptr) {
    return;
  }
  if (!SetPlace(row, column.foreign, *std::move(value)).ok()) {
    Drop(PointerTo(column.field),
         "another place of the document is in its way");
    return;
  }
  if (column.type != ColumnType::kRecords) AddCompanion(column, row);
}

void RowWriter::AddCompanion(const Column& column, Value& row) {
  const std::string place(column.foreign);
  const std::string parent = place.substr(0, place.rfind('/') + 1);
  const Value companion = CompanionOf(column);
  for (const json::Member& beside : companion.members()) {
    const std::string at = parent + json::PointerToken(beside.key);
    if (FindPlace(row, at) == nullptr) (void)SetPlace(row, at, beside.value);
  }
}

std::optional<Value> RowWriter::ValueOf(const Column& column) {
  if (column.type == ColumnType::kForeignId) {
    if (!foreign_id_.empty()) return Value(foreign_id_);
    if (column.codes.empty()) return std::nullopt;
    return Value(std::string(column.codes.front().foreign) +
                 item_.registration.Text());
  }
  if (column.type == ColumnType::kMade) return MadeFor(column, item_);
  if (column.type == ColumnType::kLanguage) {
    return LanguageWord(profile_, column, language_);
  }
  if (column.type == ColumnType::kConstant) {
    if (column.codes.empty()) return std::nullopt;
    return ConstantOf(column.codes.front().foreign, flat_);
  }
  const std::string pointer = PointerTo(column.field);
  const Value* const field = item_.content.FindPointer(pointer);
  const Value* const value = GivenValue(item_.content, column.field);
  std::optional<Value> out;
  if (value != nullptr) {
    out = FieldOf(column, *value);
  } else if (field != nullptr && *field->Find("state") != Value("missing")) {
    Drop(pointer, "the state cannot be expressed");
  }
  if (!out) out = WordsInstead(column);
  if (out) return out;
  const std::string_view unknown = Unknown(column.codes);
  return unknown.empty() || column.required ||
                 (column.optional && field == nullptr)
             ? std::nullopt
             : std::optional(Value(unknown));
}

// The words that stood in the place of a code or an address.
std::optional<Value> RowWriter::WordsInstead(const Column& column) {
  if (column.otherwise.empty()) return std::nullopt;
  const Value* const words = GivenValue(item_.content, column.otherwise);
  if (words == nullptr) return std::nullopt;
  worded_.insert(column.otherwise);
  if (words->is_array()) {
    return ListOf(column, {words->elements().begin(), words->elements().end()});
  }
  if (words->is_object()) {
    return Text(ColumnType::kText, column, *words, PointerTo(column.otherwise));
  }
  return *words;
}

std::optional<Value> RowWriter::FieldOf(const Column& column,
                                        const Value& value) {
  const std::string pointer = PointerTo(column.field);
  if (column.type == ColumnType::kRecords) return Records(column, value);
  if (column.type == ColumnType::kRecordMember) return Members(column, value);
  if (column.type == ColumnType::kOrganisationName) {
    const auto id = RegistrationId::Parse(value.string());
    const auto name = id.ok() ? names_.find(*id) : names_.end();
    return name == names_.end() ? std::nullopt
                                : std::optional(Value(name->second));
  }
  std::optional<Value> out =
      Write(column.type, column, column.codes, value, pointer);
  // Beside the codes of a list, what was none.
  if (column.type != ColumnType::kCodes || column.otherwise.empty()) return out;
  const Value* const words = GivenValue(item_.content, column.otherwise);
  if (words == nullptr || !words->is_array()) return out;
  std::vector<Value> all;
  for (const Value& ours : value.elements()) {
    if (auto code = Code(column.codes, ours, pointer)) all.push_back(*code);
  }
  worded_.insert(column.otherwise);
  for (const Value& word : words->elements()) all.push_back(word);
  return ListOf(column, all);
}

std::optional<Value> RowWriter::Write(ColumnType type, const Column& column,
                                      std::span<const CodePair> codes,
                                      const Value& value,
                                      const std::string& pointer) {
  switch (type) {
    case ColumnType::kText:
    case ColumnType::kRichText:
      return Text(type, column, value, pointer);
    case ColumnType::kCode:
      return Code(codes, value, pointer);
    case ColumnType::kCodes:
      return Codes(column, codes, value, pointer);
    case ColumnType::kPlains:
      return Plains(column, value, pointer);
    case ColumnType::kDigest: {
      constexpr std::string_view kPrefix = "sha256:";
      return Value(value.string().substr(kPrefix.size()));
    }
    case ColumnType::kDocument:
      return flat_ ? Value(json::Canonical(value)) : value;
    case ColumnType::kPlain:
    case ColumnType::kDate:
    case ColumnType::kUrl:
    case ColumnType::kNumber:
    case ColumnType::kForeignId:
    case ColumnType::kOrganisationName:
    case ColumnType::kRecords:
    case ColumnType::kRecordMember:
    case ColumnType::kConstant:
    case ColumnType::kMade:
    case ColumnType::kLanguage:
      return value;
  }
  return std::nullopt;
}

Value RowWriter::Plains(const Column& column, const Value& texts,
                        const std::string& pointer) {
  if (!column.member.empty()) return WithWrapping(texts, column.member);
  if (!column.single) {
    return ListOf(column, {texts.elements().begin(), texts.elements().end()});
  }
  std::string lines;
  for (const Value& text : texts.elements()) {
    if (!lines.empty()) lines.push_back('\n');
    lines += text.string();
  }
  if (texts.size() > 1) Drop(pointer, "several texts become one of lines");
  return Value(lines);
}

std::optional<Value> RowWriter::Text(ColumnType type, const Column& column,
                                     const Value& map,
                                     const std::string& pointer) {
  const std::string_view language = LanguageOf(column);
  const Value* const one = map.Find(language);
  if (one == nullptr) return std::nullopt;
  const std::string below = pointer + "/value/" + json::PointerToken(language);
  if (*one->Find("origin") != Value("human")) {
    Drop(below + "/origin", "who translated cannot be expressed");
  }
  const bool rich = one->Find("format") != nullptr;
  const std::string& text = one->Find("text")->string();
  if (type == ColumnType::kRichText) {
    return rich ? Value(text) : Value(EscapeText(text));
  }
  if (!rich) return Value(text);
  Drop(below + "/format", "the layout of the text cannot be expressed");
  return Value(PlainTextOf(text));
}

std::optional<Value> RowWriter::Code(std::span<const CodePair> codes,
                                     const Value& ours,
                                     const std::string& pointer) {
  for (const CodePair& pair : codes) {
    if (pair.ours == ours.string()) return Value(pair.foreign);
  }
  Drop(pointer, "the code cannot be expressed");
  return std::nullopt;
}

std::optional<Value> RowWriter::Codes(const Column& column,
                                      std::span<const CodePair> codes,
                                      const Value& ours,
                                      const std::string& pointer) {
  std::vector<Value> out;
  for (const Value& code : ours.elements()) {
    if (auto foreign = Code(codes, code, pointer)) out.push_back(*foreign);
  }
  if (out.empty()) return std::nullopt;
  return ListOf(column, out);
}

Value RowWriter::ListOf(const Column& column,
                        const std::vector<Value>& elements) const {
  if (!flat_) return Value(elements);
  std::vector<std::string> texts;
  texts.reserve(elements.size());
  for (const Value& element : elements) texts.push_back(TextOfValue(element));
  // A code may have the separator in it; reading puts it together again, and no
  // words.
  if (column.type == ColumnType::kCodes && texts.size() == 1 &&
      IsCode(column.codes, texts.front())) {
    return Value(texts.front());
  }
  return Value(JoinTexts(texts, column.separator));
}

Value RowWriter::OthersOf(const Column& column, const Value& record,
                          const std::string& pointer) {
  const auto others =
      std::find_if(column.members.begin(), column.members.end(),
                   [](const MemberColumn& m) { return m.foreign.empty(); });
  if (others == column.members.end()) return Value::Object();
  const Value* const text = record.Find(others->member);
  if (text == nullptr) return Value::Object();
  auto parsed = json::ParseStrict(text->string());
  if (parsed.ok() && parsed->is_object()) return *std::move(parsed);
  Drop(Below(pointer, others->member), "not a JSON object");
  return Value::Object();
}

void RowWriter::WriteMember(const Column& column, const MemberColumn& member,
                            const Value& record, const std::string& pointer,
                            Value& row) {
  if (member.foreign.empty()) return;
  const Value* const value = record.Find(member.member);
  const Value* const words =
      member.otherwise.empty() ? nullptr : record.Find(member.otherwise);
  std::optional<Value> written;
  if (value != nullptr && !member.unless.empty() &&
      record.Find(member.unless) != nullptr) {
    Drop(Below(pointer, member.member),
         "not beside " + std::string(member.unless));
  } else if (value != nullptr) {
    written = Write(member.type, column, member.codes, *value,
                    Below(pointer, member.member));
  } else if (words != nullptr) {
    written = *words;
  }
  // One place takes one of the two, and reading takes the other out.
  if (value != nullptr && words != nullptr) {
    Drop(Below(pointer, member.otherwise),
         "not beside " + std::string(member.member));
  }
  if (!written) return;
  if (member.foreign.starts_with('/')) {
    (void)SetPlace(row, member.foreign, *std::move(written));
  } else {
    row.Set(member.foreign, *std::move(written));
  }
  AddBeside(CompanionOf(member), row);
}

std::optional<Value> RowWriter::Records(const Column& column,
                                        const Value& list) {
  Value out = Value::Array();
  std::size_t index = 0;
  for (const Value& record : list.elements()) {
    const std::string pointer =
        absl::StrCat(PointerTo(column.field), "/value/", index++);
    Value row = OthersOf(column, record, pointer);
    for (const MemberColumn& member : column.members) {
      WriteMember(column, member, record, pointer, row);
    }
    if (row.size() == 0) continue;
    AddBeside(CompanionOf(column), row);
    out.Append(std::move(row));
  }
  if (out.size() == 0) return std::nullopt;
  return flat_ ? Value(json::Canonical(out)) : out;
}

std::optional<Value> RowWriter::Members(const Column& column,
                                        const Value& list) {
  const FieldSpec* const spec = FindField(profile_.kind, column.field);
  const MemberSpec* const member =
      spec == nullptr ? nullptr : FindMember(*spec, column.member);
  if (member == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  bool any = false;
  std::optional<Value> last;
  std::size_t index = 0;
  for (const Value& record : list.elements()) {
    const std::string pointer =
        Below(absl::StrCat(PointerTo(column.field), "/value/", index++),
              column.member);
    const Value* const value = record.Find(column.member);
    last = value == nullptr ? std::nullopt
                            : Write(ColumnTypeFor(member->type), column,
                                    column.codes, *value, pointer);
    any = any || last.has_value();
    texts.push_back(last ? TextOfValue(*last) : std::string());
  }
  if (!any) return WordsInstead(column);
  if (texts.size() == 1 && (last->is_array() || last->is_number())) return last;
  const bool whole = member->type == FieldType::kText ||
                     member->type == FieldType::kCodes ||
                     member->type == FieldType::kPlains;
  if (whole && texts.size() == 1 && flat_) return last;
  return Value(JoinTexts(texts, whole ? std::string_view() : column.separator));
}

}  // namespace limpid::algoregister
