#include "algoregister/profile/row.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "algoregister/profile/profile.h"
#include "algoregister/registration/content.h"
#include "common/base/check.h"
#include "common/base/text.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using base::ToAbsl;
using json::Value;

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  const std::size_t end = text.find_last_not_of(kBlank);
  return text.substr(begin, end - begin + 1);
}

// Letters and digits alone, lower case: "In gebruik" and "in_gebruik" meet.
std::string CodeKey(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') {
      out.push_back(static_cast<char>(c - 'A' + 'a'));
    } else if (c != ' ' && c != '_' && c != '-') {
      out.push_back(c);
    }
  }
  return out;
}

// "07-04-2026" as "2026-04-07"; anything else as it is.
std::string IsoDate(std::string_view text) {
  constexpr std::string_view kShape = "dd-dd-dddd";
  if (text.size() != kShape.size()) return std::string(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == 'd' ? !digit : text[i] != '-') return std::string(text);
  }
  return absl::StrCat(ToAbsl(text.substr(6)), "-", ToAbsl(text.substr(3, 2)),
                      "-", ToAbsl(text.substr(0, 2)));
}

class RowReader {
 public:
  RowReader(const Profile& profile, const Value& row)
      : profile_(profile), row_(row) {}

  RowReading Run() {
    if (!row_.is_object()) {
      Reject("", "not an object");
      return std::move(out_);
    }
    if (row_.members().empty()) {
      Reject("", "has nothing in it");
      return std::move(out_);
    }
    for (const Column& column : profile_.columns) ReadColumn(column);
    NameUnknown();
    return std::move(out_);
  }

 private:
  void Reject(std::string_view field, std::string_view message) {
    out_.findings.push_back({.field = std::string(field),
                             .repaired = false,
                             .message = std::string(message)});
  }
  void Repair(std::string_view field, std::string_view message) {
    out_.findings.push_back({.field = std::string(field),
                             .repaired = true,
                             .message = std::string(message)});
  }

  // No finding that rejects is left out: what is not in the profile does not.
  void NameUnknown() {
    std::size_t count = 0;
    for (const json::Member& member : row_.members()) {
      const bool known = std::any_of(
          profile_.columns.begin(), profile_.columns.end(),
          [&member](const Column& c) { return c.foreign == member.key; });
      if (known) continue;
      if (++count > kMaxUnknownNamed) continue;
      Repair(member.key, "not part of the profile; left out");
    }
    if (count <= kMaxUnknownNamed) return;
    Repair("",
           absl::StrCat(count - kMaxUnknownNamed,
                        " more that are not part of the profile; left out"));
  }

  void ReadColumn(const Column& column) {
    const std::optional<std::string> text = TextOfColumn(column);
    if (!text) return;
    if (text->empty()) {
      if (column.required) {
        Reject(column.foreign, "required, but empty");
      } else {
        out_.fields.Set(column.field, Missing());
      }
      return;
    }
    Place(column, *text);
  }

  // The column's text without blanks at its ends; nothing once rejected.
  std::optional<std::string> TextOfColumn(const Column& column) {
    const Value* const value = row_.Find(column.foreign);
    if (value == nullptr || value->is_null()) {
      if (!column.required) {
        Repair(column.foreign, "absent; recorded as missing");
      }
      return std::string();
    }
    if (value->is_integer() && column.type == ColumnType::kForeignId) {
      Repair(column.foreign, "a number; read as text");
      return std::to_string(value->integer());
    }
    if (!value->is_string()) {
      Reject(column.foreign,
             absl::StrCat("must be a text, is ",
                          ToAbsl(json::KindName(value->kind()))));
      return std::nullopt;
    }
    const std::string_view trimmed = Trim(value->string());
    if (trimmed.size() != value->string().size()) {
      Repair(column.foreign, "blanks at the ends removed");
    }
    return std::string(trimmed);
  }

  void Place(const Column& column, const std::string& text) {
    switch (column.type) {
      case ColumnType::kForeignId:
        out_.foreign_id = text;
        return;
      case ColumnType::kOrganisationName:
        out_.organisation_name = text;
        return;
      case ColumnType::kText:
        out_.fields.Set(column.field, GivenText(profile_.language, text));
        return;
      case ColumnType::kUrl:
        out_.fields.Set(column.field, Given(Value(text)));
        return;
      case ColumnType::kDate: {
        const std::string date = IsoDate(text);
        if (date != text) Repair(column.foreign, "day first; turned round");
        out_.fields.Set(column.field, Given(Value(date)));
        return;
      }
      case ColumnType::kCode:
        PlaceCode(column, text);
        return;
      case ColumnType::kRichText:
      case ColumnType::kPlain:
      case ColumnType::kCodes:
      case ColumnType::kPlains:
      case ColumnType::kNumber:
      case ColumnType::kDigest:
      case ColumnType::kRecords:
      case ColumnType::kRecordMember:
      case ColumnType::kDocument:
      case ColumnType::kConstant:
        LIMPID_CHECK(false);
    }
  }

  void PlaceCode(const Column& column, const std::string& text) {
    const auto found =
        std::find_if(column.codes.begin(), column.codes.end(),
                     [&text](const CodePair& pair) {
                       return CodeKey(pair.foreign) == CodeKey(text);
                     });
    if (found == column.codes.end()) {
      Reject(column.foreign, "unknown code");
      return;
    }
    if (found->foreign != text)
      Repair(column.foreign, "odd spelling of a code");
    out_.fields.Set(column.field, found->ours.empty()
                                      ? Missing()
                                      : Given(Value(found->ours)));
  }

  const Profile& profile_;
  const Value& row_;
  RowReading out_;
};

}  // namespace

bool RowReading::rejected() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return !finding.repaired; });
}

RowReading ReadRow(const Profile& profile, const Value& row) {
  return RowReader(profile, row).Run();
}

Finding RejectionOf(const Profile& profile, const absl::Status& status) {
  const std::string message(base::ToStd(status.message()));
  for (const Column& column : profile.columns) {
    const std::string pointer =
        column.type == ColumnType::kForeignId
            ? std::string("/aliases")
            : absl::StrCat("/fields/", ToAbsl(column.field));
    const bool here = message.starts_with(pointer + "/") ||
                      message.starts_with(pointer + ":");
    if (!here) continue;
    const std::size_t reason = message.find(": ");
    return {.field = std::string(column.foreign),
            .repaired = false,
            .message = reason == std::string::npos
                           ? message
                           : message.substr(reason + 2)};
  }
  return {.field = "", .repaired = false, .message = message};
}

}  // namespace limpid::algoregister
