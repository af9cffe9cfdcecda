// A refused read costs the same whoever it is about: one batch, one entry of
// one size, whether the record is unknown, foreign, not granted, limited by a
// frequency, or part of an atomic agreement that lacks a part.

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using testing::Citizen;
using testing::Released;
using testing::World;

const SourceId kTaxOffice = testing::IdOf<SourceId>(17);

class EqualCost : public ::testing::Test {
 protected:
  EqualCost() {
    world_.AddSource({kTaxOffice, "Tax office", ""});
    world_.Restart();
    EXPECT_THAT(world_.consent().CreateDefaultSharing({}, world_.service()->id,
                                                      kTaxOffice),
                IsOk());
  }

  std::set<RowKey> EntryKeys() {
    const auto keys =
        stores_.ledger().InState(RowKind::kEntry, 0, RowKey{}, 10'000);
    return {keys->begin(), keys->end()};
  }

  // What a refused read left behind: batches, and the size of each new entry.
  using Cost = std::pair<std::uint64_t, std::vector<std::size_t>>;
  Cost CostOf(const AuthoriseRequest& request) {
    const std::set<RowKey> before = EntryKeys();
    const std::uint64_t batches = world_.consent().batch_count();
    const auto answer = world_.Ask(request);
    EXPECT_THAT(answer, IsOk());
    EXPECT_FALSE(Released(answer));
    Cost out;
    out.first = world_.consent().batch_count() - batches;
    for (const RowKey& key : EntryKeys()) {
      if (before.contains(key)) continue;
      out.second.push_back((*stores_.ledger().Get(key))->payload.size());
    }
    return out;
  }

  RecordId Frequent() {
    AgreementContent content = testing::CareContent();
    content.frequency = {1, 3'600};
    const RecordId id =
        world_.Granted(ann_, world_.Publish(content)).revision.record;
    EXPECT_TRUE(Released(world_.Read(id)));
    return id;
  }
  // Granted, and she is not linked to the tax office.
  RecordId LackingAPart() {
    AgreementContent content = testing::CareContent();
    content.lines.pop_back();
    content.lines[0].source = World::vault();
    content.lines[1].necessity = Necessity::kRequired;
    content.lines[1].source = kTaxOffice;
    content.atomic = true;
    return world_.Granted(ann_, world_.Publish(content)).revision.record;
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(1);
};

TEST_F(EqualCost, OneBatchAndOneEntryOfOneSize) {
  EXPECT_THAT(world_.consent().IssueSourceToken(ann_.id, World::vault()),
              IsOk());
  Service other = testing::CareService();
  other.id = ServiceId();
  other.keys = {base::Digest32{2}};
  ASSERT_THAT(world_.consent().CreateService({9}, other), IsOk());
  AuthoriseRequest foreign =
      World::ReadRequestFor(world_.Granted(ann_).revision.record);
  foreign.caller_key = base::Digest32{2};
  const Cost unknown = CostOf(World::ReadRequestFor(RecordId::Random()));
  EXPECT_EQ(unknown.first, 1U);
  ASSERT_EQ(unknown.second.size(), 1U);
  EXPECT_EQ(CostOf(foreign), unknown);
  const RecordId open = world_.Request(ann_).revision.record;
  EXPECT_EQ(CostOf(World::ReadRequestFor(open)), unknown);
  ASSERT_THAT(world_.consent().Defer(ann_.id, open), IsOk());
  EXPECT_EQ(CostOf(World::ReadRequestFor(open)), unknown);
  EXPECT_EQ(CostOf(World::ReadRequestFor(Frequent())), unknown);
  EXPECT_EQ(CostOf(World::ReadRequestFor(LackingAPart())), unknown);
}

}  // namespace
}  // namespace limpid::consent
