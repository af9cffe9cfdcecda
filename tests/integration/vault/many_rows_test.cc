// What a person with thousands of rows costs: no call of hers walks them again
// for each of them. Counted in steps of the engine, which no other load on the
// machine changes.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "gtest/gtest.h"
#include "sqlcipher/sqlite3.h"
#include "tests/testing/database_home.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_disk.h"
#include "vault/attribute/person_acts.h"
#include "vault/store/sql_store.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

// Counted in portions of so many.
constexpr int kPortion = 10;

std::atomic<std::uint64_t>& Steps() {
  static std::atomic<std::uint64_t> steps = 0;
  return steps;
}

int CountPortion(void* /*unused*/) {
  Steps() += kPortion;
  return 0;
}

int Watch(sqlite3* connection, const char** /*error*/,
          const sqlite3_api_routines* /*api*/) {
  sqlite3_progress_handler(connection, kPortion, CountPortion, nullptr);
  return SQLITE_OK;
}

// The signature that SQLite calls it by is not the one it declares.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
const auto kWatch = reinterpret_cast<void (*)()>(&Watch);

class ManyRows : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(sqlite3_auto_extension(kWatch), SQLITE_OK);
    values_ = values_home_.Create(VaultStoreMigrations()).value();
    keys_ = keys_home_.Create(KeyStoreMigrations()).value();
    disk_.values = NewSqlVaultStore(*values_);
    disk_.keys = NewSqlKeyStore(*keys_);
    disk_.Start();
  }
  void TearDown() override { (void)sqlite3_cancel_auto_extension(kWatch); }

  // `count` versions of one attribute, each with its act, as puts leave them.
  void Plant(const PersonCaller& who, std::uint64_t count) {
    VaultCore& core = *disk_->core;
    const Owner owner = disk_.OwnerOf(who);
    ASSERT_THAT(
        WriteUnderKey(core, owner, disk_.clock.Now(),
                      [&](VaultTransaction& transaction, const PersonKey& key) {
                        return PlantIn(transaction, key, owner, count);
                      }),
        IsOk());
  }
  // Rows of versions from 1 on that were erased, and one behind them that was
  // not.
  void PlantErased(const Owner& owner, const NameKey& name,
                   std::uint64_t count) {
    ASSERT_THAT(
        disk_.values->Write([&](VaultTransaction& transaction) -> absl::Status {
          AttributeRow row;
          row.owner = owner;
          row.name_key = name;
          row.label = {1};
          for (row.version = 1; row.version <= count + 1; ++row.version) {
            row.id = crypto::RandomArray<16>();
            row.request_key = crypto::RandomArray<16>();
            row.state =
                row.version <= count ? RowState::kErased : RowState::kKept;
            LIMPID_RETURN_IF_ERROR(transaction.Insert(row));
          }
          return absl::OkStatus();
        }),
        IsOk());
  }

  std::uint64_t StepsOf(absl::FunctionRef<absl::Status()> work) {
    Steps() = 0;
    EXPECT_THAT(work(), IsOk());
    return Steps();
  }

 private:
  absl::Status PlantIn(VaultTransaction& transaction, const PersonKey& key,
                       const Owner& owner, std::uint64_t count) {
    const VaultCore& core = *disk_->core;
    LIMPID_RETURN_IF_ERROR(
        LogPersonKey(transaction, core.acts(), owner, key, disk_.clock.Now()));
    Place place;
    place.owner = owner;
    place.attribute = kLanguage;
    place.name_key = core.blinder().NameKeyOf(owner.id, kLanguage);
    place.schema_version = 1;
    for (place.version = 1; place.version <= count; ++place.version) {
      place.request_key = crypto::RandomArray<16>();
      const AttributeRow row = core.codec().Seal(
          key, place, {{}, absl::FromUnixMillis(5), "\"nl\"", {}});
      LIMPID_RETURN_IF_ERROR(transaction.Insert(row));
      Act act;
      act.kind = ActKind::kPut;
      act.attribute = kLanguage;
      act.value_version = place.version;
      act.key_id = row.id;
      act.time = disk_.clock.Now();
      LIMPID_RETURN_IF_ERROR(
          core.acts()
              .Append(transaction, std::move(act), owner, row.name_key, &key)
              .status());
    }
    return absl::OkStatus();
  }

  testing::FileHome values_home_;
  testing::FileHome keys_home_;

 protected:
  // In this order, so that nothing is open when its directory goes.
  std::unique_ptr<storage::Database> values_;
  std::unique_ptr<storage::Database> keys_;
  Disk disk_;
  crypto::Ed25519PrivateKey key_ = crypto::Ed25519PrivateKey::Generate();
  PersonCaller anna_{HolderId::Random(), key_.PublicKey()};
  PersonCaller bela_{HolderId::Random(), key_.PublicKey()};
};

TEST_F(ManyRows, AnErasureCostsAsManyStepsMoreAsThereAreRowsMore) {
  constexpr std::uint64_t kFew = 1'000;
  constexpr std::uint64_t kMany = 4'000;
  Plant(anna_, kFew);
  Plant(bela_, kMany);
  const std::uint64_t few = StepsOf(
      [&] { return disk_->desk.EraseVersion(anna_, kLanguage, 7).status(); });
  const std::uint64_t many = StepsOf(
      [&] { return disk_->desk.EraseVersion(bela_, kLanguage, 7).status(); });
  RecordProperty("few", std::to_string(few));
  RecordProperty("many", std::to_string(many));
  // Four times as many; what grows with their square would be sixteen.
  EXPECT_LT(many, 5 * few) << few << " and " << many;
  // Of rows and acts, each read, wrapped anew, read again and counted.
  EXPECT_LT(many, 400 * kMany) << many;
  EXPECT_EQ(disk_.Slots(bela_).size(), 1);
  EXPECT_EQ(disk_.Value(bela_, kLanguage, 7), std::nullopt);
  EXPECT_EQ(disk_.Value(bela_, kLanguage, kMany), "\"nl\"");
}

TEST_F(ManyRows, OneIsFoundByItsIdWithoutTheOthers) {
  constexpr std::uint64_t kMany = 4'000;
  Plant(anna_, kMany);
  const Owner owner = disk_.OwnerOf(anna_);
  const NameKey name = disk_->core->blinder().NameKeyOf(owner.id, kLanguage);
  const AttributeRow row = disk_.values->Find(owner, name, 2'000)->value();
  EXPECT_LT(StepsOf([&] {
              return disk_.values->ReadErasure(
                  [&](const ErasureReads& reads) -> absl::Status {
                    LIMPID_ASSIGN_OR_RETURN(const auto found,
                                            reads.FindById(owner, row.id));
                    EXPECT_EQ(found->version, 2'000);
                    LIMPID_ASSIGN_OR_RETURN(
                        const auto none, reads.FindById(owner, {1, 2, 3, 4}));
                    EXPECT_EQ(none, std::nullopt);
                    return absl::OkStatus();
                  });
            }),
            500);
}

// It is asked with the one writer in hand.
TEST_F(ManyRows, HowOftenSheDidSomethingIsCountedWithoutHerOtherActs) {
  Plant(anna_, 4'000);
  EXPECT_LT(StepsOf([&] {
              return disk_.values
                  ->RatedActs(disk_.OwnerOf(anna_), ActKind::kExport,
                              {0, absl::ToUnixMillis(disk_.clock.Now())}, 24)
                  .status();
            }),
            500);
}

TEST_F(ManyRows, ErasedVersionsCostAListNothing) {
  constexpr std::uint64_t kMany = 5'000;
  const Owner owner{7, HolderId::Random()};
  const NameKey name = crypto::RandomArray<16>();
  PlantErased(owner, name, kMany);
  EXPECT_LT(StepsOf([&]() -> absl::Status {
              LIMPID_ASSIGN_OR_RETURN(const auto rows,
                                      disk_.values->ListNewest(owner));
              EXPECT_EQ(rows.size(), 1);
              EXPECT_EQ(rows.front().version, kMany + 1);
              return absl::OkStatus();
            }),
            500);
  EXPECT_LT(StepsOf([&]() -> absl::Status {
              LIMPID_ASSIGN_OR_RETURN(const auto rows,
                                      disk_.values->Newest(owner, {&name, 1}));
              EXPECT_EQ(rows.front()->version, kMany + 1);
              return absl::OkStatus();
            }),
            500);
}

// Of kept ones each is looked at once.
TEST_F(ManyRows, AListCostsAsManyStepsAsThereAreVersions) {
  constexpr std::uint64_t kMany = 4'000;
  Plant(anna_, kMany);
  EXPECT_LT(StepsOf([&]() -> absl::Status {
              LIMPID_ASSIGN_OR_RETURN(
                  const auto rows,
                  disk_.values->ListNewest(disk_.OwnerOf(anna_)));
              EXPECT_EQ(rows.size(), 1);
              return absl::OkStatus();
            }),
            30 * kMany);
}

// Nor do those of others wait for somebody's long read.
TEST_F(ManyRows, AnErasureWaitsForALongReadAndPutsDoNot) {
  disk_.Fill(anna_);
  disk_.Fill(bela_);
  std::promise<void> reading;
  std::promise<void> over;
  std::jthread reader([&] {
    EXPECT_THAT(values_->Read([&](storage::Session& session) {
      absl::Status read =
          session.Query("SELECT COUNT(*) FROM attribute", {},
                        [](const storage::Row&) { return absl::OkStatus(); });
      reading.set_value();
      over.get_future().wait();
      return read;
    }),
                IsOk());
  });
  reading.get_future().wait();
  std::jthread erasure([&] {
    EXPECT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
  });
  absl::Duration longest;
  const absl::Time until = absl::Now() + absl::Seconds(1);
  while (absl::Now() < until) {
    const absl::Time begun = absl::Now();
    disk_.Put(bela_, kLanguage, "\"nl\"");
    longest = std::max(longest, absl::Now() - begun);
  }
  over.set_value();
  erasure.join();
  // Polling with the writer in hand took as long as the read.
  EXPECT_LT(longest, absl::Milliseconds(600));
  EXPECT_EQ(disk_.Value(anna_, kDisability, 1), std::nullopt);
}

// Whoever asks twice does not park a thread until the first is done.
TEST_F(ManyRows, AnErasureDoesNotWaitForAnotherForLong) {
  disk_.Fill(anna_);
  {
    const PersonLock::Held moving =
        disk_->eraser->LockOf(disk_.OwnerOf(anna_)).Take();
    EXPECT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1),
                StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_EQ(disk_.Value(anna_, kDisability, 1), "true");
    EXPECT_THAT(disk_->eraser->LockOf(disk_.OwnerOf(anna_))
                    .TakeWithin(absl::ZeroDuration()),
                StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_THAT(disk_->desk.EraseVersion(anna_, kDisability, 1), IsOk());
}

}  // namespace
}  // namespace limpid::vault
