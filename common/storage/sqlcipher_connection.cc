#include "common/storage/sqlcipher_connection.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/storage/dialect.h"
#include "common/storage/session.h"
#include "common/storage/sqlcipher_status.h"
#include "sqlcipher/sqlite3.h"

namespace limpid::storage {
namespace {

// Statement texts are constants of the code, a few dozen per store. More than
// this means that somebody builds them from values: those are prepared each
// time instead of filling memory.
constexpr std::size_t kMaxCachedStatements = 512;

// SQLCipher before this has other defaults and known defects.
constexpr int kLeastCipherMajor = 4;
constexpr int kLeastCipherMinor = 14;

constexpr std::int64_t kBytesPerKibibyte = 1024;

// x'<96 hex>': the form that SQLCipher takes as a raw key. Other bytes would be
// a passphrase and cost 175 ms of key derivation.
base::SecretBytes KeyLiteral(const base::SecretBytes& key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr unsigned kNibbleBits = 4;
  constexpr unsigned kNibbleMask = 0xF;
  const base::ByteView bytes = key.Reveal(base::SecretAccess::Get());
  base::SecretBytes literal(2 * bytes.size() + 3);
  const auto out = literal.RevealMutable(base::SecretAccess::Get());
  std::size_t at = 0;
  out[at++] = 'x';
  out[at++] = '\'';
  for (const std::uint8_t byte : bytes) {
    const unsigned value = byte;
    out[at++] = static_cast<std::uint8_t>(kDigits[value >> kNibbleBits]);
    out[at++] = static_cast<std::uint8_t>(kDigits[value & kNibbleMask]);
  }
  out[at] = '\'';
  return literal;
}

// "4.14.0 community": major, dot, minor, dot.
bool IsRecentEnough(std::string_view version) {
  const std::size_t dot = version.find('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view rest = version.substr(dot + 1);
  int major = 0;
  int minor = 0;
  return absl::SimpleAtoi(base::ToAbsl(version.substr(0, dot)), &major) &&
         absl::SimpleAtoi(base::ToAbsl(rest.substr(0, rest.find('.'))),
                          &minor) &&
         std::pair(major, minor) >=
             std::pair(kLeastCipherMajor, kLeastCipherMinor);
}

// Binds a view for the length of the call: SQLITE_STATIC, nothing is copied.
int Bind(sqlite3_stmt* statement, int index, const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return sqlite3_bind_int64(statement, index, *number);
  }
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    const char* data = text->data() == nullptr ? "" : text->data();
    return sqlite3_bind_text64(statement, index, data, text->size(),
                               SQLITE_STATIC, SQLITE_UTF8);
  }
  if (const auto* bytes = std::get_if<base::ByteView>(&value)) {
    // A null pointer would be NULL instead of empty.
    if (bytes->empty()) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob64(statement, index, bytes->data(), bytes->size(),
                               SQLITE_STATIC);
  }
  return sqlite3_bind_null(statement, index);
}

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}

  [[nodiscard]] bool IsNull(int column) const override {
    return Type(column) == SQLITE_NULL;
  }
  [[nodiscard]] std::int64_t Int(int column) const override {
    if (!Holds(column, SQLITE_INTEGER)) return 0;
    return sqlite3_column_int64(statement_, column);
  }
  [[nodiscard]] std::string_view Text(int column) const override {
    if (!Holds(column, SQLITE_TEXT)) return {};
    const void* data = sqlite3_column_text(statement_, column);
    return {static_cast<const char*>(data), Size(column)};
  }
  [[nodiscard]] base::ByteView Blob(int column) const override {
    if (!Holds(column, SQLITE_BLOB)) return {};
    const void* data = sqlite3_column_blob(statement_, column);
    return {static_cast<const std::uint8_t*>(data), Size(column)};
  }
  // A callback asked for a column as something it is not.
  [[nodiscard]] bool mismatch() const { return mismatch_; }

 private:
  void CopyExact(int column, std::span<std::uint8_t> out) const override {
    const base::ByteView bytes = Blob(column);
    if (bytes.size() == out.size()) {
      std::copy(bytes.begin(), bytes.end(), out.begin());
    } else if (!IsNull(column)) {
      mismatch_ = true;
    }
  }
  [[nodiscard]] int Type(int column) const {
    if (column < 0 || column >= sqlite3_data_count(statement_)) {
      mismatch_ = true;
      return SQLITE_NULL;
    }
    return sqlite3_column_type(statement_, column);
  }
  [[nodiscard]] bool Holds(int column, int type) const {
    const int found = Type(column);
    if (found != type && found != SQLITE_NULL) mismatch_ = true;
    return found == type;
  }
  [[nodiscard]] std::size_t Size(int column) const {
    return static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  }

  sqlite3_stmt* statement_;
  mutable bool mismatch_ = false;
};

}  // namespace

// A prepared statement for one call: from the cache, or its own when the text
// is running already further up the stack. Reset when it goes.
class Connection::Lease {
 public:
  explicit Lease(Prepared* cached) : used_(cached) { used_->in_use = true; }
  explicit Lease(Prepared own)
      : own_(std::make_unique<Prepared>(std::move(own))), used_(own_.get()) {}
  Lease(Lease&& other) noexcept
      : own_(std::move(other.own_)),
        used_(std::exchange(other.used_, nullptr)) {}
  Lease& operator=(Lease&&) = delete;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    if (used_ == nullptr) return;
    (void)sqlite3_reset(get());
    (void)sqlite3_clear_bindings(get());
    used_->in_use = false;
  }

  [[nodiscard]] sqlite3_stmt* get() const { return used_->statement.get(); }

  // SQLITE_MISMATCH when the number of values is not that of the statement.
  [[nodiscard]] int BindAll(std::span<const Value> values) const {
    if (std::cmp_not_equal(values.size(), used_->parameter_count)) {
      return SQLITE_MISMATCH;
    }
    int index = 0;
    for (const Value& value : values) {
      if (const int code = Bind(get(), ++index, value); code != SQLITE_OK) {
        return code;
      }
    }
    return SQLITE_OK;
  }

 private:
  std::unique_ptr<Prepared> own_;
  Prepared* used_;
};

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(
    const std::filesystem::path& path, const base::SecretBytes& key,
    std::int64_t cache_bytes) {
  std::unique_ptr<Connection> connection(new Connection());
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &handle,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      /*zVfs=*/nullptr);
  connection->database_.reset(handle);
  LIMPID_RETURN_IF_ERROR(connection->Note(code));
  LIMPID_RETURN_IF_ERROR(connection->Key(key));
  LIMPID_RETURN_IF_ERROR(connection->Configure(cache_bytes));
  return connection;
}

absl::Status Connection::Key(const base::SecretBytes& key) {
  // Otherwise a wrong key prints three lines on standard error. The setting is
  // the process's, without a lock: the first connection makes it, before any
  // other can read it.
  static std::once_flag silenced;
  absl::Status silent;
  std::call_once(silenced, [&] {
    silent = Run("PRAGMA cipher_log_level = NONE");
    if (silent.ok()) silent = Run("PRAGMA cipher_log = off");
  });
  LIMPID_RETURN_IF_ERROR(silent);
  const base::SecretBytes literal = KeyLiteral(key);
  const base::ByteView bytes = literal.Reveal(base::SecretAccess::Get());
  LIMPID_RETURN_IF_ERROR(Note(sqlite3_key_v2(handle(), "main", bytes.data(),
                                             static_cast<int>(bytes.size()))));
  LIMPID_ASSIGN_OR_RETURN(const std::string version,
                          Ask("PRAGMA cipher_version"));
  if (!IsRecentEnough(version)) {
    return absl::InternalError(
        "this program was linked with another SQLite than SQLCipher 4.14 or "
        "later");
  }
  return absl::OkStatus();
}

absl::Status Connection::Configure(std::int64_t cache_bytes) {
  for (const int option :
       {SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_DQS_DDL,
        SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_VIEW,
        SQLITE_DBCONFIG_ENABLE_TRIGGER}) {
    LIMPID_RETURN_IF_ERROR(
        Note(sqlite3_db_config(handle(), option, 0, nullptr)));
  }
  LIMPID_RETURN_IF_ERROR(Note(
      sqlite3_db_config(handle(), SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr)));
  // Otherwise a plan may rest on the number that a LIMIT was bound to, and the
  // statement is parsed and planned anew each time one is bound.
  LIMPID_RETURN_IF_ERROR(Note(
      sqlite3_db_config(handle(), SQLITE_DBCONFIG_ENABLE_QPSG, 1, nullptr)));
  LIMPID_RETURN_IF_ERROR(
      Note(sqlite3_db_config(handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr)));
  WaitWhenBusy(kMostBusy);
  for (const char* pragma :
       {"PRAGMA cipher_page_size = 4096", "PRAGMA cipher_memory_security = OFF",
        "PRAGMA temp_store = MEMORY"}) {
    LIMPID_RETURN_IF_ERROR(Run(pragma));
  }
  // Negative: kibibytes instead of pages.
  return Run(
      absl::StrCat("PRAGMA cache_size = -", cache_bytes / kBytesPerKibibyte));
}

absl::Status Connection::Note(int code) {
  if (SpoilsConnection(code)) spoiled_ = true;
  if (IsDiskFailure(code)) disk_failed_ = true;
  absl::Status status = FromSqlite(code);
  if (spoiled_ || absl::IsResourceExhausted(status)) trouble_ = status;
  return status;
}

absl::StatusOr<Connection::Prepared> Connection::Prepare(std::string_view sql,
                                                         bool translate) {
  SqliteStatement statement{std::string(sql), 0};
  if (translate) {
    LIMPID_ASSIGN_OR_RETURN(statement, ToSqlite(sql));
  }
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(
      handle(), statement.sql.c_str(), static_cast<int>(statement.sql.size()),
      SQLITE_PREPARE_PERSISTENT, &raw, /*pzTail=*/nullptr);
  Prepared prepared;
  prepared.statement.reset(raw);
  prepared.parameter_count = statement.parameter_count;
  LIMPID_RETURN_IF_ERROR(Note(code));
  if (raw == nullptr) return absl::InternalError("a statement is empty");
  return prepared;
}

absl::StatusOr<Connection::Lease> Connection::Borrow(std::string_view sql,
                                                     bool translate) {
  const auto found = cache_.find(sql);
  if (found != cache_.end() && !found->second.in_use) {
    return Lease(&found->second);
  }
  LIMPID_ASSIGN_OR_RETURN(Prepared prepared, Prepare(sql, translate));
  if (found != cache_.end() || cache_.size() >= kMaxCachedStatements) {
    return Lease(std::move(prepared));
  }
  return Lease(&cache_.emplace(sql, std::move(prepared)).first->second);
}

absl::StatusOr<std::int64_t> Connection::Execute(
    std::string_view sql, std::span<const Value> values) {
  LIMPID_ASSIGN_OR_RETURN(const Lease lease, Borrow(sql, /*translate=*/true));
  LIMPID_RETURN_IF_ERROR(Note(lease.BindAll(values)));
  const std::int64_t before = sqlite3_total_changes64(handle());
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(lease.get());
  LIMPID_RETURN_IF_ERROR(Note(code));
  // changes() keeps the last statement's number when this one changed nothing.
  if (sqlite3_total_changes64(handle()) == before) return 0;
  return sqlite3_changes64(handle());
}

absl::Status Connection::Query(std::string_view sql,
                               std::span<const Value> values, RowCallback row) {
  LIMPID_ASSIGN_OR_RETURN(const Lease lease, Borrow(sql, /*translate=*/true));
  LIMPID_RETURN_IF_ERROR(Note(lease.BindAll(values)));
  for (;;) {
    const int code = sqlite3_step(lease.get());
    if (code != SQLITE_ROW) return Note(code);
    const SqliteRow current(lease.get());
    LIMPID_RETURN_IF_ERROR(row(current));
    if (current.mismatch()) {
      return absl::DataLossError("a column holds another type than expected");
    }
  }
}

absl::Status Connection::Run(std::string_view sql) { return Ask(sql).status(); }

absl::StatusOr<std::string> Connection::Ask(std::string_view sql) {
  LIMPID_ASSIGN_OR_RETURN(const Lease lease, Borrow(sql, /*translate=*/false));
  std::string answer;
  bool first = true;
  for (;;) {
    const int code = sqlite3_step(lease.get());
    if (code != SQLITE_ROW) {
      LIMPID_RETURN_IF_ERROR(Note(code));
      return answer;
    }
    const void* text = sqlite3_column_text(lease.get(), 0);
    if (first && text != nullptr) answer = static_cast<const char*>(text);
    first = false;
  }
}

bool Connection::in_transaction() const {
  return sqlite3_get_autocommit(database_.get()) == 0;
}

void Connection::WaitWhenBusy(absl::Duration most) {
  // Fails for a closed connection alone.
  (void)sqlite3_busy_timeout(handle(),
                             static_cast<int>(absl::ToInt64Milliseconds(most)));
}

void Connection::KeepLogOnClose(bool keep) {
  (void)sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
                          keep ? 1 : 0, nullptr);
}

}  // namespace limpid::storage
