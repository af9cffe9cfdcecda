#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "vault/store/sql_slots.h"
#include "vault/store/sql_store.h"

namespace limpid::vault {
namespace {

using base::ByteView;
using storage::Row;
using storage::Session;

#define LIMPID_TOMBSTONE_COLUMNS "sequence, kind, shard, owner, row_id, made"

constexpr std::string_view kInRotation =
    "SELECT shard, owner FROM key_slot WHERE custody = 1 AND slot_kind = 1 "
    "GROUP BY shard, owner HAVING COUNT(*) > 1 ORDER BY shard, owner";
constexpr std::string_view kInsertTombstone =
    "INSERT INTO tombstone (" LIMPID_TOMBSTONE_COLUMNS
    ", done) VALUES ($1, $2, $3, $4, $5, $6, 0)";
constexpr std::string_view kFindTombstone =
    "SELECT " LIMPID_TOMBSTONE_COLUMNS
    " FROM tombstone WHERE shard = $1 AND owner = $2 AND row_id = $3";
constexpr std::string_view kLastTombstone =
    "SELECT COALESCE(MAX(sequence), 0) FROM tombstone";
constexpr std::string_view kTombstonesAfter =
    "SELECT " LIMPID_TOMBSTONE_COLUMNS
    " FROM tombstone WHERE sequence > $1 ORDER BY sequence LIMIT $2";
constexpr std::string_view kUnfinished =
    "SELECT " LIMPID_TOMBSTONE_COLUMNS
    " FROM tombstone WHERE done = 0 ORDER BY sequence";
constexpr std::string_view kUnfinishedOf =
    "SELECT " LIMPID_TOMBSTONE_COLUMNS
    " FROM tombstone WHERE done = 0 AND shard = $1 AND owner = $2 "
    "ORDER BY sequence";
constexpr std::string_view kFinish =
    "UPDATE tombstone SET done = 1 WHERE shard = $1 AND owner = $2 "
    "AND sequence <= $3";
constexpr std::string_view kReopen = "UPDATE tombstone SET done = 0";

// A person's tombstone is of no row.
constexpr crypto::KeyId kNoRow{};

Tombstone ToTombstone(const Row& row) {
  Tombstone out;
  out.sequence = static_cast<std::uint64_t>(row.Int(0));
  out.kind = static_cast<TombstoneKind>(row.Int(1));
  out.owner.shard = static_cast<std::uint16_t>(row.Int(2));
  out.owner.id = HolderId(row.Array<base::kIdBytes>(3));
  out.row = row.Array<16>(4);
  out.time_ms = row.Int(5);
  return out;
}

absl::StatusOr<std::vector<Tombstone>> Stones(
    Session& session, std::string_view sql,
    std::initializer_list<storage::Value> values) {
  std::vector<Tombstone> out;
  LIMPID_RETURN_IF_ERROR(session.Query(sql, values, [&](const Row& row) {
    out.push_back(ToTombstone(row));
    return absl::OkStatus();
  }));
  return out;
}

absl::StatusOr<std::vector<Tombstone>> StonesOf(Session& session,
                                                const Owner& owner,
                                                const crypto::KeyId& row) {
  return Stones(
      session, kFindTombstone,
      {std::int64_t{owner.shard}, ByteView(owner.id.bytes()), ByteView(row)});
}

absl::StatusOr<std::uint64_t> LastIn(Session& session) {
  std::uint64_t out = 0;
  LIMPID_RETURN_IF_ERROR(session.Query(kLastTombstone, {}, [&](const Row& row) {
    out = static_cast<std::uint64_t>(row.Int(0));
    return absl::OkStatus();
  }));
  return out;
}

// Of a person who was erased whole nothing is stored again.
absl::Status CheckNotErased(Session& session, const Owner& owner) {
  LIMPID_ASSIGN_OR_RETURN(const auto erased, StonesOf(session, owner, kNoRow));
  if (erased.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError("this person was erased here");
}

// The tombstone, and no key of a person who is erased whole.
absl::Status Add(Session& session, const Tombstone& tombstone) {
  const Owner& owner = tombstone.owner;
  LIMPID_RETURN_IF_ERROR(
      session
          .Execute(kInsertTombstone,
                   {static_cast<std::int64_t>(tombstone.sequence),
                    static_cast<std::int64_t>(tombstone.kind),
                    std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
                    ByteView(tombstone.row), tombstone.time_ms})
          .status());
  if (tombstone.kind != TombstoneKind::kPerson) return absl::OkStatus();
  return DeleteKeysOf(session, owner);
}

class SqlKeyStore final : public KeyStore {
 public:
  explicit SqlKeyStore(storage::Database& database) : database_(database) {}

  absl::Status Insert(const SlotRow& row) override {
    return database_.Write([&](Session& session) -> absl::Status {
      LIMPID_RETURN_IF_ERROR(CheckNotErased(session, row.owner));
      return InsertSlot(session, row);
    });
  }

  absl::StatusOr<std::optional<SlotRow>> FindServerSlot(
      const Owner& owner, std::uint32_t generation) const override {
    return Take<std::optional<SlotRow>>([&](Session& session) {
      return ServerSlotOf(session, owner, generation);
    });
  }

  absl::Status InsertBeside(const SlotRow& row,
                            std::size_t max_slots) override {
    return database_.Write([&](Session& session) -> absl::Status {
      LIMPID_RETURN_IF_ERROR(CheckNotErased(session, row.owner));
      LIMPID_ASSIGN_OR_RETURN(const auto others,
                              SlotsOf(session, row.owner, row.custody));
      LIMPID_RETURN_IF_ERROR(CheckBeside(row, others, max_slots));
      return InsertSlot(session, row);
    });
  }

  absl::StatusOr<std::vector<SlotRow>> List(const Owner& owner,
                                            Custody custody) const override {
    return Take<std::vector<SlotRow>>(
        [&](Session& session) { return SlotsOf(session, owner, custody); });
  }

  absl::Status Delete(const SlotKey& key) override {
    return database_.Write([&](Session& session) -> absl::Status {
      LIMPID_ASSIGN_OR_RETURN(const auto slots,
                              SlotsOf(session, key.owner, key.custody));
      LIMPID_ASSIGN_OR_RETURN(const std::int64_t deleted,
                              DeleteSlot(session, key));
      if (deleted == 0) return absl::NotFoundError("no such slot");
      // Nothing of this remains: the transaction is undone.
      if (slots.size() == 1) return LastSlot();
      return absl::OkStatus();
    });
  }

  absl::Status InsertCopyKey(const CopyKeyRow& row) override {
    return database_.Write([&](Session& session) -> absl::Status {
      LIMPID_RETURN_IF_ERROR(CheckNotErased(session, row.owner));
      return InsertCopyKeyRow(session, row);
    });
  }

  absl::StatusOr<std::optional<CopyKeyRow>> FindCopyKey(
      const Owner& owner, const RecordKey& record) const override {
    return Take<std::optional<CopyKeyRow>>(
        [&](Session& session) { return CopyKeyOf(session, owner, record); });
  }

  absl::Status DestroyCopyKey(const Owner& owner,
                              const RecordKey& record) override {
    return database_.Write([&](Session& session) {
      return DeleteCopyKey(session, owner, record);
    });
  }

  absl::StatusOr<std::vector<RecordKey>> CopyKeyRecords(
      const Owner& owner) const override {
    return Take<std::vector<RecordKey>>(
        [&](Session& session) { return CopyKeyRecordsOf(session, owner); });
  }

  absl::Status DestroyCopyKeys(const Owner& owner,
                               std::span<const RecordKey> records) override {
    return database_.Write([&](Session& session) -> absl::Status {
      for (const RecordKey& record : records) {
        LIMPID_RETURN_IF_ERROR(DeleteCopyKey(session, owner, record));
      }
      return absl::OkStatus();
    });
  }

  absl::StatusOr<std::int64_t> DeleteSlotsBelow(const Owner& owner,
                                                Custody custody,
                                                std::uint32_t below) override {
    std::int64_t deleted = 0;
    LIMPID_RETURN_IF_ERROR(
        database_.Write([&](Session& session) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(
              deleted, DeleteSlotsOf(session, owner, custody, below));
          return absl::OkStatus();
        }));
    return deleted;
  }

  absl::StatusOr<std::vector<Owner>> OwnersInRotation() const override {
    std::vector<Owner> out;
    LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
      return session.Query(kInRotation, {}, [&](const Row& row) {
        out.push_back({static_cast<std::uint16_t>(row.Int(0)),
                       HolderId(row.Array<base::kIdBytes>(1))});
        return absl::OkStatus();
      });
    }));
    return out;
  }

  absl::StatusOr<std::size_t> Replace(
      std::span<const SlotChange> slots,
      std::span<const CopyKeyChange> copy_keys) override {
    std::size_t replaced = 0;
    LIMPID_RETURN_IF_ERROR(
        database_.Write([&](Session& session) -> absl::Status {
          for (const SlotChange& change : slots) {
            LIMPID_ASSIGN_OR_RETURN(const bool done,
                                    ReplaceSlot(session, change));
            if (done) ++replaced;
          }
          for (const CopyKeyChange& change : copy_keys) {
            LIMPID_ASSIGN_OR_RETURN(const bool done,
                                    ReplaceCopyKey(session, change));
            if (done) ++replaced;
          }
          return absl::OkStatus();
        }));
    return replaced;
  }

  absl::StatusOr<std::vector<SlotRow>> SlotsBelowEpoch(
      std::uint16_t shard, std::uint32_t epoch, std::size_t skip,
      std::size_t limit) const override {
    return Take<std::vector<SlotRow>>([&](Session& session) {
      return SlotsBelow(session, shard, epoch, skip, limit);
    });
  }

  absl::StatusOr<std::vector<CopyKeyRow>> CopyKeysBelowEpoch(
      std::uint16_t shard, std::uint32_t epoch, std::size_t skip,
      std::size_t limit) const override {
    return Take<std::vector<CopyKeyRow>>([&](Session& session) {
      return CopyKeysBelow(session, shard, epoch, skip, limit);
    });
  }

  absl::StatusOr<std::vector<std::uint16_t>> ShardsBelowEpoch(
      std::uint32_t epoch) const override {
    return Take<std::vector<std::uint16_t>>(
        [&](Session& session) { return ShardsBelow(session, epoch); });
  }

  absl::StatusOr<std::int64_t> DestroyCopyKeysOf(std::uint32_t epoch) override {
    std::int64_t deleted = 0;
    LIMPID_RETURN_IF_ERROR(
        database_.Write([&](Session& session) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(deleted, DeleteCopyKeysOf(session, epoch));
          return absl::OkStatus();
        }));
    return deleted;
  }

  absl::StatusOr<std::vector<EpochUse>> EpochUses() const override {
    return Take<std::vector<EpochUse>>(
        [&](Session& session) { return UsesOf(session); });
  }

  absl::Status Bury(std::span<Tombstone> tombstones) override {
    return database_.Write([&](Session& session) -> absl::Status {
      LIMPID_ASSIGN_OR_RETURN(std::uint64_t last, LastIn(session));
      for (Tombstone& tombstone : tombstones) {
        LIMPID_ASSIGN_OR_RETURN(
            const auto there,
            StonesOf(session, tombstone.owner, tombstone.row));
        if (!there.empty()) {
          tombstone = there.front();
          continue;
        }
        tombstone.sequence = ++last;
        LIMPID_RETURN_IF_ERROR(Add(session, tombstone));
      }
      return absl::OkStatus();
    });
  }

  absl::Status Adopt(std::span<const Tombstone> tombstones) override {
    return database_.Write([&](Session& session) -> absl::Status {
      for (const Tombstone& tombstone : tombstones) {
        LIMPID_RETURN_IF_ERROR(Add(session, tombstone));
      }
      return absl::OkStatus();
    });
  }

  absl::StatusOr<std::uint64_t> LastTombstone() const override {
    std::uint64_t out = 0;
    LIMPID_RETURN_IF_ERROR(
        database_.Read([&](Session& session) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(out, LastIn(session));
          return absl::OkStatus();
        }));
    return out;
  }

  absl::StatusOr<std::vector<Tombstone>> TombstonesAfter(
      std::uint64_t after, std::size_t limit) const override {
    return Read(kTombstonesAfter, {static_cast<std::int64_t>(after),
                                   static_cast<std::int64_t>(limit)});
  }

  absl::StatusOr<std::vector<Tombstone>> Unfinished(
      const std::optional<Owner>& owner) const override {
    if (!owner) return Read(kUnfinished, {});
    return Read(kUnfinishedOf,
                {std::int64_t{owner->shard}, ByteView(owner->id.bytes())});
  }

  absl::StatusOr<bool> IsBuried(const Owner& owner,
                                const crypto::KeyId& row) const override {
    return Take<bool>([&](Session& session) -> absl::StatusOr<bool> {
      LIMPID_ASSIGN_OR_RETURN(const auto found, StonesOf(session, owner, row));
      return !found.empty();
    });
  }

  absl::Status Finish(const Owner& owner, std::uint64_t sequence) override {
    return database_.Write([&](Session& session) {
      return session
          .Execute(kFinish,
                   {std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
                    static_cast<std::int64_t>(sequence)})
          .status();
    });
  }

  absl::Status Reopen() override {
    return database_.Write(
        [&](Session& session) { return session.Execute(kReopen).status(); });
  }

  absl::Status Scrub() override { return database_.Checkpoint(); }

 private:
  // What `read` takes out of one state.
  template <typename T, typename Read>
  absl::StatusOr<T> Take(Read read) const {
    T out{};
    LIMPID_RETURN_IF_ERROR(
        database_.Read([&](Session& session) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(out, read(session));
          return absl::OkStatus();
        }));
    return out;
  }

  absl::StatusOr<std::vector<Tombstone>> Read(
      std::string_view sql,
      std::initializer_list<storage::Value> values) const {
    std::vector<Tombstone> out;
    LIMPID_RETURN_IF_ERROR(
        database_.Read([&](Session& session) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(out, Stones(session, sql, values));
          return absl::OkStatus();
        }));
    return out;
  }

  storage::Database& database_;
};

}  // namespace

std::unique_ptr<KeyStore> NewSqlKeyStore(storage::Database& database) {
  return std::make_unique<SqlKeyStore>(database);
}

}  // namespace limpid::vault
