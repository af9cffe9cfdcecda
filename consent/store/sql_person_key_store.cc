// The persons' wrapped keys, in a database of their own.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "common/storage/session.h"
#include "consent/store/sql_ledger_store.h"

namespace limpid::consent {
namespace {

using storage::Row;
using storage::Session;

class SqlPersonKeyStore final : public PersonKeyStore {
 public:
  explicit SqlPersonKeyStore(storage::Database& database)
      : database_(database) {}

  absl::Status Insert(const PersonId& person, const Wrapped& key) override {
    return database_.Write([&](Session& session) {
      return session
          .Execute(
              "INSERT INTO person_key (person, epoch, wrap) "
              "VALUES ($1, $2, $3)",
              {person.bytes(), std::int64_t{key.epoch}, key.wrap})
          .status();
    });
  }

  absl::StatusOr<std::optional<Wrapped>> Get(
      const PersonId& person) const override {
    return First("SELECT epoch, wrap FROM person_key WHERE person = $1",
                 person);
  }

  absl::Status PutLogKey(const PersonId& person, const Wrapped& key) override {
    bool replaced = false;
    LIMPID_RETURN_IF_ERROR(
        database_.Write([&](Session& session) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(
              const std::int64_t changed,
              session.Execute(
                  "UPDATE person_log_key SET epoch = $1, wrap = $2 "
                  "WHERE person = $3",
                  {std::int64_t{key.epoch}, key.wrap, person.bytes()}));
          replaced = changed > 0;
          if (replaced) return absl::OkStatus();
          return session
              .Execute(
                  "INSERT INTO person_log_key (person, epoch, wrap) "
                  "VALUES ($1, $2, $3)",
                  {person.bytes(), std::int64_t{key.epoch}, key.wrap})
              .status();
        }));
    // The earlier one also leaves the write-ahead log.
    return replaced ? database_.Checkpoint() : absl::OkStatus();
  }

  absl::StatusOr<std::optional<Wrapped>> GetLogKey(
      const PersonId& person) const override {
    return First("SELECT epoch, wrap FROM person_log_key WHERE person = $1",
                 person);
  }

 private:
  absl::StatusOr<std::optional<Wrapped>> First(std::string_view sql,
                                               const PersonId& person) const {
    std::optional<Wrapped> out;
    LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
      return session.Query(sql, {person.bytes()}, [&](const Row& row) {
        out = Wrapped{static_cast<std::uint32_t>(row.Int(0)),
                      base::ToBytes(row.Blob(1))};
        return absl::OkStatus();
      });
    }));
    return out;
  }

  storage::Database& database_;
};

}  // namespace

std::unique_ptr<PersonKeyStore> MakeSqlPersonKeyStore(
    storage::Database& database) {
  return std::make_unique<SqlPersonKeyStore>(database);
}

}  // namespace limpid::consent
