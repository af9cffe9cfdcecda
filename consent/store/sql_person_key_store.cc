// The persons' wrapped keys, in a database of their own.

#include <cstdint>
#include <memory>
#include <optional>

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
    std::optional<Wrapped> out;
    LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
      return session.Query(
          "SELECT epoch, wrap FROM person_key WHERE person = $1",
          {person.bytes()}, [&](const Row& row) {
            out = Wrapped{static_cast<std::uint32_t>(row.Int(0)),
                          base::ToBytes(row.Blob(1))};
            return absl::OkStatus();
          });
    }));
    return out;
  }

 private:
  storage::Database& database_;
};

}  // namespace

std::unique_ptr<PersonKeyStore> MakeSqlPersonKeyStore(
    storage::Database& database) {
  return std::make_unique<SqlPersonKeyStore>(database);
}

}  // namespace limpid::consent
