#include "clients/cpp/file_parts.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/json/value.h"

namespace limpid::client {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10U;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
// Longest name of a list.
constexpr std::size_t kMaxNameBytes = 256;

absl::Status AtLine(std::uint64_t line, std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("line ", line, ": ", base::ToAbsl(reason)));
}

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Puts rows together to parts as they end.
class PartBuilder {
 public:
  PartBuilder(FileOutline& outline, std::size_t max_bytes)
      : outline_(outline), max_bytes_(max_bytes) {}

  absl::Status AddRow(std::uint64_t begin, std::uint64_t end,
                      std::uint64_t line) {
    const std::uint64_t around = outline_.head.size() + outline_.tail.size();
    if (end - begin + around > max_bytes_) {
      return AtLine(line, "a row is too large to be imported");
    }
    const bool fits = !outline_.parts.empty() && rows_ < kMaxPartRows &&
                      end - outline_.parts.back().begin + around <= max_bytes_;
    if (fits) {
      outline_.parts.back().end = end;
      ++rows_;
    } else {
      outline_.parts.push_back({.begin = begin,
                                .end = end,
                                .first_line = line,
                                .first_row = outline_.row_count});
      rows_ = 1;
    }
    ++outline_.row_count;
    return absl::OkStatus();
  }

 private:
  FileOutline& outline_;
  std::size_t max_bytes_;
  std::size_t rows_ = 0;
};

// Looks at one byte after the other; at_ is the place of the one looked at.
class Scan {
 public:
  virtual ~Scan() = default;
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;

  virtual absl::Status Step(char c) = 0;
  // After the last byte.
  virtual absl::Status End() = 0;

  absl::Status Look(char c) {
    LIMPID_RETURN_IF_ERROR(Step(c));
    if (c == '\n') ++line_;
    ++at_;
    return absl::OkStatus();
  }
  void Skip(std::uint64_t bytes) { at_ += bytes; }

 protected:
  Scan(FileOutline& outline, std::size_t max_bytes)
      : outline_(outline), builder_(outline, max_bytes) {}
  FileOutline& outline_;
  PartBuilder builder_;
  std::uint64_t at_ = 0;
  std::uint64_t line_ = 1;
};

class JsonScan final : public Scan {
 public:
  JsonScan(FileOutline& outline, std::size_t max_bytes, std::string member)
      : Scan(outline, max_bytes), member_(std::move(member)) {}

  absl::Status Step(char c) override {
    if (in_string_) return StepInString(c);
    if (IsBlank(c)) return absl::OkStatus();
    if (closed_) return AtLine(line_, "something stands behind the end");
    const bool ends = InsideList() && (c == ',' || c == ']');
    if (ends) LIMPID_RETURN_IF_ERROR(EndRow(c));
    if (InsideList() && !ends && !row_) row_ = {at_, line_};
    return StepOutside(c);
  }

  absl::Status End() override {
    if (in_string_) return AtLine(string_line_, "a string does not end");
    if (!open_.empty()) return AtLine(line_, "ends inside a bracket");
    if (found_) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("there is no list \"", member_, "\" at the top"));
  }

 private:
  absl::Status StepInString(char c) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
      return absl::OkStatus();
    }
    if (open_.size() == 1 && name_.size() < kMaxNameBytes) name_.push_back(c);
    return absl::OkStatus();
  }

  absl::Status StepOutside(char c) {
    if (c == '"') {
      in_string_ = true;
      string_line_ = line_;
      if (open_.size() == 1) name_.clear();
    } else if (c == '{' || c == '[') {
      return Open(c);
    } else if (c == '}' || c == ']') {
      return Close(c);
    } else if (c == ',' && open_.size() == 1 && !InsideList()) {
      name_.clear();
    }
    return absl::OkStatus();
  }

  absl::Status Open(char c) {
    if (open_.size() == kMaxPartDepth) {
      return AtLine(line_, "too many brackets inside each other");
    }
    const bool bare = c == '[' && open_.empty();
    const bool named = c == '[' && open_ == "{" && name_ == member_;
    open_.push_back(c);
    if (!bare && !named) return absl::OkStatus();
    if (found_) return AtLine(line_, "the list appears twice");
    found_ = true;
    list_depth_ = open_.size();
    outline_.head =
        bare ? "[" : "{" + json::Canonical(json::Value(member_)) + ":[";
    outline_.tail = bare ? "]" : "]}";
    return absl::OkStatus();
  }

  absl::Status Close(char c) {
    if (open_.empty() || open_.back() != (c == '}' ? '{' : '[')) {
      return AtLine(line_, "a bracket closes that was not opened");
    }
    if (open_.size() == list_depth_) list_depth_ = 0;
    open_.pop_back();
    closed_ = open_.empty();
    return absl::OkStatus();
  }

  absl::Status EndRow(char c) {
    if (!row_) {
      // An empty list; otherwise a row of nothing, which the server reports.
      if (c == ']' && outline_.row_count == 0) return absl::OkStatus();
      row_ = {at_, line_};
    }
    const auto [begin, line] = *row_;
    row_.reset();
    return builder_.AddRow(begin, at_, line);
  }

  [[nodiscard]] bool InsideList() const {
    return list_depth_ > 0 && open_.size() == list_depth_;
  }

  std::string member_;
  std::string open_;
  // The string read last at the top.
  std::string name_;
  // Where the row begins that is being read, and on which line.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> row_;
  std::size_t list_depth_ = 0;
  std::uint64_t string_line_ = 1;
  bool in_string_ = false;
  bool escaped_ = false;
  bool found_ = false;
  bool closed_ = false;
};

// RFC 4180 as the server reads it: quotes count at the start of a cell.
class CsvScan final : public Scan {
 public:
  CsvScan(FileOutline& outline, std::size_t max_bytes)
      : Scan(outline, max_bytes), max_header_(max_bytes / 2) {}

  absl::Status Step(char c) override {
    const bool line_end = c == '\n' || c == '\r';
    if (!in_quotes_ && line_end) {
      LIMPID_RETURN_IF_ERROR(EndRecord());
      return absl::OkStatus();
    }
    if (!record_) record_ = {at_, line_};
    if (!header_) {
      if (head_.size() >= max_header_) {
        return AtLine(record_->second, "the header is too large");
      }
      head_.push_back(c);
    }
    Quote(c);
    return absl::OkStatus();
  }

  absl::Status End() override {
    if (in_quotes_) return AtLine(quote_line_, "a quoted cell does not end");
    LIMPID_RETURN_IF_ERROR(EndRecord());
    return header_ ? absl::OkStatus() : AtLine(1, "the file is empty");
  }

 private:
  void Quote(char c) {
    if (in_quotes_) {
      in_quotes_ = c != '"';
      reopens_ = !in_quotes_;
      return;
    }
    if (c == '"' && (cell_start_ || reopens_)) {
      in_quotes_ = true;
      if (cell_start_) quote_line_ = line_;
    }
    reopens_ = false;
    cell_start_ = c == separator_ || (!header_ && c == ';');
  }

  absl::Status EndRecord() {
    cell_start_ = true;
    reopens_ = false;
    if (!record_) return absl::OkStatus();
    const auto [begin, line] = *record_;
    record_.reset();
    if (header_) return builder_.AddRow(begin, at_, line);
    header_ = true;
    const bool semicolons = head_.find(',') == std::string::npos &&
                            head_.find(';') != std::string::npos;
    separator_ = semicolons ? ';' : ',';
    outline_.head = head_ + "\n";
    return absl::OkStatus();
  }

  std::size_t max_header_;
  std::string head_;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> record_;
  std::uint64_t quote_line_ = 1;
  char separator_ = ',';
  bool header_ = false;
  bool in_quotes_ = false;
  bool reopens_ = false;
  bool cell_start_ = true;
};

absl::StatusOr<std::ifstream> OpenFile(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return absl::NotFoundError("the file cannot be read");
  return in;
}

absl::Status ScanFile(std::ifstream& in, Scan& scan) {
  std::array<char, kBufferBytes> buffer{};
  bool first = true;
  while (in) {
    in.read(buffer.data(), buffer.size());
    std::string_view read(buffer.data(), static_cast<std::size_t>(in.gcount()));
    if (first && read.starts_with(kByteOrderMark)) {
      scan.Skip(kByteOrderMark.size());
      read.remove_prefix(kByteOrderMark.size());
    }
    first = false;
    for (const char c : read) LIMPID_RETURN_IF_ERROR(scan.Look(c));
  }
  if (in.bad()) return absl::UnavailableError("the file cannot be read");
  return scan.End();
}

}  // namespace

absl::StatusOr<FileOutline> OutlineFile(const std::filesystem::path& file,
                                        const FileShape& shape,
                                        std::size_t max_bytes) {
  FileOutline outline;
  outline.file = file;
  LIMPID_ASSIGN_OR_RETURN(std::ifstream in, OpenFile(file));
  if (shape.csv) {
    CsvScan scan(outline, max_bytes);
    LIMPID_RETURN_IF_ERROR(ScanFile(in, scan));
  } else {
    JsonScan scan(outline, max_bytes, shape.list_member);
    LIMPID_RETURN_IF_ERROR(ScanFile(in, scan));
  }
  return outline;
}

absl::StatusOr<std::string> ReadPart(const FileOutline& outline,
                                     const FilePart& part) {
  LIMPID_ASSIGN_OR_RETURN(std::ifstream in, OpenFile(outline.file));
  std::string rows(part.end - part.begin, '\0');
  in.seekg(static_cast<std::streamoff>(part.begin));
  in.read(rows.data(), static_cast<std::streamsize>(rows.size()));
  if (static_cast<std::size_t>(in.gcount()) != rows.size()) {
    return absl::AbortedError("the file changed while it was imported");
  }
  return outline.head + rows + outline.tail;
}

}  // namespace limpid::client
