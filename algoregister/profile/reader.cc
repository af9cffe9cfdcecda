#include "algoregister/profile/reader.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/profile/csv.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "algoregister/profile/text_list.h"
#include "algoregister/profile/windows_1252.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/elements.h"
#include "common/json/json.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using base::ToAbsl;
using json::Value;
using Findings = std::vector<Finding>;
using OnRow = absl::FunctionRef<absl::Status(const FileRow&)>;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

Finding Remark(std::string field, std::string message) {
  return {.field = std::move(field),
          .repaired = true,
          .message = std::move(message)};
}

// Elements of a list, or the list that a member of the object holds.
absl::Status ReadList(std::string_view member, const FileText& file,
                      OnRow on_row) {
  const auto rest = json::ForEachElement(
      file.text, member, {.max_bytes = file.max_bytes},
      [&on_row](const json::Element& element) {
        return on_row({.index = element.index,
                       .line = element.line,
                       .value = element.value});
      },
      std::max<std::size_t>(file.first_row_line, 1));
  return rest.status();
}

bool NamesAColumn(const Profile& profile, const Value& row) {
  if (profile.layout == Layout::kDocument) return true;
  return std::any_of(
      profile.columns.begin(), profile.columns.end(),
      [&row](const Column& c) { return row.Find(c.foreign) != nullptr; });
}

// The file is one row.
absl::Status ReadAlone(const Profile& profile, const FileText& file,
                       std::size_t begin, OnRow on_row) {
  const std::size_t first = std::max<std::size_t>(file.first_row_line, 1);
  LIMPID_ASSIGN_OR_RETURN(
      Value row, json::ParseStrictFrom(file.text, {.line = first, .column = 1},
                                       {.max_bytes = file.max_bytes}));
  if (!NamesAColumn(profile, row)) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is no list \"", ToAbsl(profile.list_member),
                     "\" at the top, and the file is no row itself"));
  }
  const std::string_view before = file.text.substr(0, begin);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  return on_row({.index = 0,
                 .line = first + static_cast<std::size_t>(lines),
                 .value = std::move(row)});
}

absl::Status ReadJson(const Profile& profile, const FileText& file,
                      OnRow on_row) {
  const std::size_t begin = file.text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) {
    return absl::InvalidArgumentError("line 1: the file is empty");
  }
  if (file.text[begin] == '[') return ReadList("", file, on_row);
  if (profile.layout == Layout::kDocument || profile.list_member.empty()) {
    return ReadAlone(profile, file, begin, on_row);
  }
  bool has_row = false;
  absl::Status listed =
      ReadList(profile.list_member, file, [&](const FileRow& row) {
        has_row = true;
        return on_row(row);
      });
  if (listed.ok() || has_row || !absl::IsInvalidArgument(listed)) return listed;
  // Not a fault of the list: there is none.
  const auto whole =
      json::ParseStrict(file.text, {.max_bytes = file.max_bytes});
  if (!whole.ok() || !whole->is_object() ||
      whole->Find(profile.list_member) != nullptr) {
    return listed;
  }
  return ReadAlone(profile, file, begin, on_row);
}

class CsvFile {
 public:
  CsvFile(const Profile& profile, const FileText& file)
      : profile_(profile), file_(file), reader_(file.text, Separator(file)) {}

  absl::StatusOr<Findings> Run(OnRow on_row) {
    LIMPID_RETURN_IF_ERROR(ReadHeader());
    if (file_.first_row_line > 0) reader_.SetLine(file_.first_row_line);
    CsvRecord record;
    for (std::size_t index = 0;; ++index) {
      LIMPID_ASSIGN_OR_RETURN(const bool more,
                              reader_.Next(columns_.size(), record));
      if (!more) return std::move(findings_);
      LIMPID_RETURN_IF_ERROR(
          on_row({.index = index, .line = record.line, .value = Row(record)}));
    }
  }

 private:
  static char Separator(const FileText& file) {
    const std::string_view header =
        file.text.substr(0, file.text.find_first_of("\r\n"));
    const bool semicolons = header.find(',') == std::string_view::npos &&
                            header.find(';') != std::string_view::npos;
    return semicolons ? ';' : ',';
  }

  absl::Status ReadHeader() {
    CsvRecord header;
    LIMPID_ASSIGN_OR_RETURN(const bool any,
                            reader_.Next(kMaxCsvColumns, header));
    if (!any) return absl::InvalidArgumentError("line 1: the file is empty");
    if (header.cell_count > kMaxCsvColumns) {
      return absl::InvalidArgumentError(absl::StrCat(
          "line ", header.line, ": more than ", kMaxCsvColumns, " columns"));
    }
    if (Separator(file_) == ';') {
      findings_.push_back(Remark("", "separated by semicolons"));
    }
    std::vector<std::string> unknown;
    for (const std::string& cell : header.cells) {
      if (!base::IsUtf8(cell)) {
        return absl::InvalidArgumentError(absl::StrCat(
            "line ", header.line, ": a name of a column is not UTF-8"));
      }
      TakeColumn(Numbered(std::string(Trim(cell))), unknown);
    }
    NameUnknown(unknown);
    return CheckColumns(header.line);
  }

  // A header that comes again, by the name that the profile has for it.
  std::string Numbered(const std::string& name) {
    const std::size_t count = ++seen_[name];
    std::string numbered = absl::StrCat(name, "#", count);
    const bool known = count > 1 && Find(numbered) != nullptr;
    return known ? numbered : name;
  }

  void TakeColumn(const std::string& name, std::vector<std::string>& unknown) {
    const Column* const column = Find(name);
    if (column == nullptr) {
      unknown.push_back(name);
    } else if (Has(*column)) {
      findings_.push_back(
          Remark(name, "the column stands twice; the first counts"));
      columns_.push_back(nullptr);
      return;
    } else if (column->foreign != name) {
      findings_.push_back(
          Remark(std::string(column->foreign), "odd spelling of a column"));
    }
    columns_.push_back(column);
  }

  [[nodiscard]] bool Has(const Column& column) const {
    return std::any_of(
        columns_.begin(), columns_.end(), [&column](const Column* other) {
          return other != nullptr && other->foreign == column.foreign;
        });
  }

  // Exactly, or without regard to case, blanks, "_" and "-".
  [[nodiscard]] const Column* Find(std::string_view name) const {
    for (const Column& column : profile_.columns) {
      if (column.foreign == name) return &column;
    }
    for (const Column& column : profile_.columns) {
      if (Key(column.foreign) == Key(name)) return &column;
    }
    return nullptr;
  }
  static std::string Key(std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == ' ' || c == '_' || c == '-') continue;
      const bool upper = c >= 'A' && c <= 'Z';
      out.push_back(upper ? static_cast<char>(c - 'A' + 'a') : c);
    }
    return out;
  }

  void NameUnknown(const std::vector<std::string>& unknown) {
    for (std::size_t i = 0; i < unknown.size() && i < kMaxUnknownNamed; ++i) {
      findings_.push_back(
          Remark(unknown[i],
                 "a column that is not part of the profile; left "
                 "out"));
    }
    if (unknown.size() <= kMaxUnknownNamed) return;
    findings_.push_back(
        Remark("", absl::StrCat(unknown.size() - kMaxUnknownNamed,
                                " more columns that are not part of the "
                                "profile; left out")));
  }

  absl::Status CheckColumns(std::size_t line) {
    for (const Column& column : profile_.columns) {
      if (Has(column)) continue;
      const bool needed =
          column.required &&
          !(column.type == ColumnType::kForeignId && profile_.ids_may_be_blank);
      if (needed) {
        return absl::InvalidArgumentError(
            absl::StrCat("line ", line, ": there is no column \"",
                         ToAbsl(column.foreign), "\""));
      }
      const bool may_lack = column.optional ||
                            column.type == ColumnType::kConstant ||
                            column.type == ColumnType::kLanguage;
      if (may_lack) continue;
      findings_.push_back(Remark(std::string(column.foreign),
                                 "the file has no such column; recorded as "
                                 "missing"));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Value> Row(const CsvRecord& record) const {
    if (!record.fault.empty()) {
      return absl::InvalidArgumentError(record.fault);
    }
    if (record.cell_count != columns_.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("has ", record.cell_count,
                       " cells where the header has ", columns_.size()));
    }
    Value row = Value::Object();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i] == nullptr) continue;
      auto text = Value::FromText(record.cells[i]);
      if (!text.ok()) {
        return absl::InvalidArgumentError(absl::StrCat(
            "the cell of \"", ToAbsl(columns_[i]->foreign), "\" is not UTF-8"));
      }
      row.Set(columns_[i]->foreign, *std::move(text));
    }
    return row;
  }

  const Profile& profile_;
  const FileText& file_;
  CsvReader reader_;
  // How often each header came.
  std::map<std::string, std::size_t> seen_;
  // Of each cell; nullptr where it is left out.
  std::vector<const Column*> columns_;
  Findings findings_;
};

absl::Status CheckEncoding(std::string_view text) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    return absl::InvalidArgumentError(
        "line 1: the file is UTF-16; save it as UTF-8");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Findings> ForEachRow(const Profile& profile,
                                    const FileText& file, OnRow row) {
  if (file.text.size() > file.max_bytes) {
    return absl::ResourceExhaustedError("larger than allowed");
  }
  LIMPID_RETURN_IF_ERROR(CheckEncoding(file.text));
  FileText rest = file;
  Findings findings;
  if (file.text.starts_with(kByteOrderMark)) {
    rest.text.remove_prefix(kByteOrderMark.size());
    findings.push_back(Remark("", "a byte-order mark was skipped"));
  }
  std::string decoded;
  if (profile.windows_1252 && !base::IsUtf8(rest.text)) {
    decoded = FromWindows1252(rest.text);
    rest.text = decoded;
    findings.push_back(Remark("", "read as Windows-1252, for it is no UTF-8"));
  }
  if (profile.layout == Layout::kCsv) {
    LIMPID_ASSIGN_OR_RETURN(Findings more, CsvFile(profile, rest).Run(row));
    findings.insert(findings.end(), more.begin(), more.end());
    return findings;
  }
  LIMPID_RETURN_IF_ERROR(ReadJson(profile, rest, row));
  return findings;
}

}  // namespace limpid::algoregister
