// The tick: every entry reaches the log once, whatever fails in between, and
// the files at rest say nothing about anybody.

#include "consent/ledger/log_tick.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "consent/receipt/tick_places.h"
#include "gtest/gtest.h"
#include "tests/conformance/consent/backends.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::Citizen;
using testing::World;

class LogTickCrash : public ::testing::TestWithParam<testing::Backend> {
 protected:
  // How often each of the person's leaves is in the log.
  void ExpectEachLeafOnce() {
    const auto page = world_.consent().ListAccesses(ann_.id, {}, 0, 100);
    ASSERT_THAT(page, IsOk());
    const auto entries = world_.log().entries();
    for (const AccessView& access : page->entries) {
      EXPECT_EQ(std::count(entries.begin(), entries.end(), access.leaf), 1);
      EXPECT_EQ(access.stage, ReceiptStage::kLogged);
    }
  }

  std::unique_ptr<testing::Stores> stores_ = testing::MakeStores(GetParam());
  World world_{*stores_};
  Citizen ann_ = world_.NewCitizen(1);
};

TEST_P(LogTickCrash, PadsToAPowerOfTwo) {
  (void)world_.Granted(ann_);
  ASSERT_THAT(world_.consent().TickLog(), IsOk());
  EXPECT_EQ(world_.log().size(), 64U);
  for (const base::Bytes& leaf : world_.log().entries()) {
    EXPECT_EQ(leaf.size(), 33U);
    EXPECT_EQ(leaf[0], 1);
  }
  ExpectEachLeafOnce();
  ASSERT_THAT(world_.consent().TickLog(), IsOk());
  EXPECT_EQ(world_.log().size(), 128U);
  ExpectEachLeafOnce();
}

TEST_P(LogTickCrash, ALogThatIsDownLosesNothing) {
  (void)world_.Granted(ann_);
  world_.log().FailBefore(true);
  EXPECT_FALSE(world_.consent().TickLog().ok());
  const auto page = world_.consent().ListAccesses(ann_.id, {}, 0, 100);
  EXPECT_EQ(page->entries[0].stage, ReceiptStage::kDurable);
  (void)world_.Granted(ann_);
  world_.log().FailBefore(false);
  world_.Restart();
  ASSERT_THAT(world_.consent().TickLog(), IsOk());
  ExpectEachLeafOnce();
}

TEST_P(LogTickCrash, ACrashAfterTheAppendLogsNothingTwice) {
  (void)world_.Granted(ann_);
  world_.log().FailAfter(true);
  EXPECT_FALSE(world_.consent().TickLog().ok());
  world_.log().FailAfter(false);
  world_.Restart();
  EXPECT_EQ(world_.consent().restored_count(), 0U);
  ASSERT_THAT(world_.consent().TickLog(), IsOk());
  ExpectEachLeafOnce();
}

TEST_P(LogTickCrash, SomebodyElsesEntryStopsTheTick) {
  (void)world_.Granted(ann_);
  world_.log().FailBefore(true);
  EXPECT_FALSE(world_.consent().TickLog().ok());
  world_.log().FailBefore(false);
  const std::vector<base::Bytes> foreign = {base::Bytes(33, 1)};
  ASSERT_THAT(world_.log().Append(foreign), IsOk());
  EXPECT_THAT(world_.consent().TickLog(),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

INSTANTIATE_TEST_SUITE_P(Stores, LogTickCrash,
                         ::testing::ValuesIn(testing::Installed()),
                         [](const auto& which) {
                           return testing::BackendName(which.param);
                         });

TEST(LogTick, PlacesEveryItemOnce) {
  PlanRow plan{1, 5, 64, 64, {3}, false};
  std::vector<LeafRow> commitments;
  for (std::uint8_t i = 1; i <= 5; ++i) commitments.push_back({i, {i}});
  const auto leaves = LeavesOf(plan, commitments);
  ASSERT_EQ(leaves.size(), 64U);
  EXPECT_EQ(std::set<base::Bytes>(leaves.begin(), leaves.end()).size(), 64U);
  TickPlaces places;
  for (const LeafRow& row : commitments) {
    const std::uint64_t index = places.IndexOf(plan, row.position);
    EXPECT_EQ(leaves.at(index - 64)[1], row.commitment[0]);
  }
  EXPECT_EQ(LeavesOf(plan, commitments), leaves);
}

TEST(ConsentAtRest, NamesNobodyAndNothingInClear) {
  testing::SqlStores stores;
  World world(stores);
  const Citizen ann = world.NewCitizen(1);
  const RecordView record = world.Granted(ann);
  const auto read = world.Read(record.revision.record);
  const auto permit = receipt::Permit::Decode(read->release->item);
  const auto account = world.consent().GetAccount(ann.id);
  std::vector<std::string> planted = {
      "person.birth_date",
      "over_n",
      std::string(testing::kCare),
      base::ToText(ann.key.PublicKey().bytes),
      KeyIdOf(ann.key.PublicKey()),
      base::ToText(account->account.HolderAt(World::vault())->bytes()),
      base::ToText(world.service()->id.bytes()),
  };
  // Without the page encryption: what a leaked cache or a careless dump shows.
  // Shards are needed only to find the rows; any blinder of the right key does.
  std::string clear;
  for (std::uint16_t shard = 0; shard < 4'096; ++shard) {
    for (const RowKind kind :
         {RowKind::kAccount, RowKind::kAccountKey, RowKind::kRecord,
          RowKind::kRevision, RowKind::kEntry, RowKind::kPseudonym}) {
      const auto rows = stores.ledger().ListKind(shard, ann.id, kind);
      for (const PersonalRow& row : *rows) {
        clear += base::ToText(row.payload);
        if (row.lookup) clear += base::ToText(*row.lookup);
        // Row ids of pseudonyms are the pseudonyms, next to nothing.
        if (kind != RowKind::kPseudonym) clear += base::ToText(row.key.id);
      }
    }
  }
  ASSERT_GT(clear.size(), 1'000U);
  planted.push_back(base::ToText(permit->pseudonym));
  for (const std::string& needle : planted) {
    EXPECT_EQ(clear.find(needle), std::string::npos);
  }
  // And the files themselves, identity included.
  world.Stop();
  stores.Close();
  planted.push_back(base::ToText(ann.id.bytes()));
  planted.emplace_back("City of Delft");
  for (const auto& file :
       std::filesystem::directory_iterator(stores.directory())) {
    const std::string bytes = limpid::testing::ReadFile(file.path());
    for (const std::string& needle : planted) {
      EXPECT_EQ(bytes.find(needle), std::string::npos) << file.path();
    }
  }
}

}  // namespace
}  // namespace limpid::consent
