#include "common/storage/dialect.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::storage {
namespace {

bool IsWordCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

bool SameWord(std::string_view left, std::string_view right) {
  return absl::EqualsIgnoreCase(base::ToAbsl(left), base::ToAbsl(right));
}

absl::Status Refused(const char* why) { return absl::InternalError(why); }

// Cuts the clause that PostgreSQL does not have off the end of `sql`; whether
// it was there.
bool CutOrderedByKey(std::string_view& sql) {
  constexpr std::string_view kClause = " WITHOUT ROWID";
  if (!sql.ends_with(kClause)) return false;
  sql.remove_suffix(kClause.size());
  return true;
}

// Walks over one statement, copying it to `out`.
class Translator {
 public:
  explicit Translator(std::string_view sql) : rest_(sql) {}

  absl::StatusOr<SqliteStatement> Run() {
    const bool ordered = CutOrderedByKey(rest_);
    while (!rest_.empty()) LIMPID_RETURN_IF_ERROR(Step());
    if (ordered && !creates_table()) {
      return Refused("WITHOUT ROWID ends a CREATE TABLE and nothing else");
    }
    if (ordered) out_.sql += " WITHOUT ROWID,";
    if (creates_table()) out_.sql += " STRICT";
    return out_;
  }

 private:
  absl::Status Step() {
    const char c = rest_.front();
    if (c == '\'' || c == '"') return Quoted(c);
    if (c == '$') return Placeholder();
    if (c == '?' || c == ';') {
      return Refused("a statement holds '?' or ';'");
    }
    if (IsWordCharacter(c)) return Word();
    Copy(1);
    return absl::OkStatus();
  }

  void Copy(std::size_t count) {
    out_.sql += rest_.substr(0, count);
    rest_.remove_prefix(count);
  }

  std::string_view TakeWord() {
    const auto* end = std::find_if_not(
        rest_.begin(), rest_.end(), [](char c) { return IsWordCharacter(c); });
    const auto size = static_cast<std::size_t>(end - rest_.begin());
    const std::string_view word = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return word;
  }

  absl::Status Quoted(char quote) {
    const std::size_t end = rest_.find(quote, 1);
    if (end == std::string_view::npos) {
      return Refused("a statement ends inside quotes");
    }
    Copy(end + 1);
    return absl::OkStatus();
  }

  absl::Status Placeholder() {
    rest_.remove_prefix(1);
    const std::string_view word = TakeWord();
    int number = 0;
    if (!absl::SimpleAtoi(base::ToAbsl(word), &number) || number < 1 ||
        number > out_.parameter_count + 1) {
      return Refused("the placeholders of a statement are out of order");
    }
    out_.parameter_count = std::max(out_.parameter_count, number);
    out_.sql += '$';
    out_.sql += word;
    return absl::OkStatus();
  }

  absl::Status Word() {
    const std::string_view word = TakeWord();
    constexpr std::array<std::string_view, 6> kRefused = {
        "AUTOINCREMENT", "DEFERRABLE", "DEFERRED", "GLOB", "PRAGMA", "REPLACE"};
    for (const std::string_view refused : kRefused) {
      if (SameWord(word, refused)) {
        return Refused("a statement uses a word outside the dialect");
      }
    }
    if (SameWord(previous_, "INSERT") && SameWord(word, "OR")) {
      return Refused("INSERT OR is not in the dialect: use ON CONFLICT");
    }
    ++word_count_;
    if (word_count_ == 1) {
      first_is_create_ = SameWord(word, "CREATE");
      first_is_alter_ = SameWord(word, "ALTER");
    }
    if (word_count_ == 2) second_is_table_ = SameWord(word, "TABLE");
    out_.sql += creates_table() || alters_table() ? SqliteType(word) : word;
    previous_ = word;
    return absl::OkStatus();
  }

  static std::string_view SqliteType(std::string_view word) {
    if (SameWord(word, "BIGINT")) return "INTEGER";
    if (SameWord(word, "BYTEA")) return "BLOB";
    return word;
  }

  [[nodiscard]] bool creates_table() const {
    return first_is_create_ && second_is_table_;
  }

  [[nodiscard]] bool alters_table() const {
    return first_is_alter_ && second_is_table_;
  }

  std::string_view rest_;
  std::string_view previous_;
  SqliteStatement out_;
  int word_count_ = 0;
  bool first_is_create_ = false;
  bool first_is_alter_ = false;
  bool second_is_table_ = false;
};

}  // namespace

absl::StatusOr<SqliteStatement> ToSqlite(std::string_view sql) {
  return Translator(sql).Run();
}

absl::StatusOr<PostgresStatement> ToPostgres(std::string_view sql) {
  LIMPID_ASSIGN_OR_RETURN(const SqliteStatement statement, ToSqlite(sql));
  CutOrderedByKey(sql);
  return PostgresStatement{std::string(sql), statement.parameter_count};
}

}  // namespace limpid::storage
