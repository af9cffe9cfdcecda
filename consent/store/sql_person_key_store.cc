// The persons' wrapped keys, in a database of their own.

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "common/storage/session.h"
#include "consent/store/key_rows.h"
#include "consent/store/sql_ledger_store.h"

namespace limpid::consent {
namespace {

using storage::Session;

class SqlPersonKeyStore final : public PersonKeyStore {
 public:
  explicit SqlPersonKeyStore(storage::Database& database)
      : database_(database) {}

  absl::Status Insert(const PersonId& person, const Wrapped& key) override {
    return database_.Write([&](Session& session) {
      return InsertPersonKey(session, person, key);
    });
  }

  absl::StatusOr<std::optional<Wrapped>> Get(
      const PersonId& person) const override {
    return Read(&ReadPersonKey, person);
  }

  absl::Status PutLogKey(const PersonId& person, const Wrapped& key) override {
    bool replaced = false;
    LIMPID_RETURN_IF_ERROR(
        database_.Write([&](Session& session) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(replaced, PutLogKeyRow(session, person, key));
          return absl::OkStatus();
        }));
    // The earlier one also leaves the write-ahead log.
    return replaced ? database_.Checkpoint() : absl::OkStatus();
  }

  absl::StatusOr<std::optional<Wrapped>> GetLogKey(
      const PersonId& person) const override {
    return Read(&ReadLogKey, person);
  }

  absl::Status Erase(const PersonId& person) override {
    LIMPID_RETURN_IF_ERROR(database_.Write(
        [&](Session& session) { return DeletePersonKeys(session, person); }));
    // Also when nothing was there: a crash may have come before this.
    return database_.Checkpoint();
  }

 private:
  using Reading = absl::StatusOr<std::optional<Wrapped>>(Session&,
                                                         const PersonId&);

  absl::StatusOr<std::optional<Wrapped>> Read(Reading* read,
                                              const PersonId& person) const {
    std::optional<Wrapped> out;
    LIMPID_RETURN_IF_ERROR(
        database_.Read([&](Session& session) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(out, read(session, person));
          return absl::OkStatus();
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
