// A refused read costs the same whoever it is about: one batch, rows of
// one size, whether the record is unknown, foreign, not granted, limited by a
// frequency, or part of an atomic agreement that lacks a part.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "consent/ledger/entry_row.h"
#include "consent/log/denial_tally.h"
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

  // What refused reads write.
  std::map<RowKey, base::Bytes> Rows() {
    std::map<RowKey, base::Bytes> out;
    for (const auto& [kind, state] :
         {std::pair{RowKind::kEntry,
                    static_cast<std::uint8_t>(EntryForm::kKeyed)},
          std::pair{RowKind::kDenialTally, std::uint8_t{0}}}) {
      const auto keys = stores_.ledger().InState(kind, state, RowKey{}, 10'000);
      for (const RowKey& key : *keys) {
        out[key] = (*stores_.ledger().Get(key))->payload;
      }
    }
    return out;
  }

  // What a refused read left behind: batches, and kind and size of each row
  // that is new or another one.
  using Cost =
      std::pair<std::uint64_t, std::vector<std::pair<RowKind, std::size_t>>>;
  Cost CostOf(const AuthoriseRequest& request) {
    const auto before = Rows();
    const std::uint64_t batches = world_.consent().batch_count();
    const auto answer = world_.Ask(request);
    EXPECT_THAT(answer, IsOk());
    EXPECT_FALSE(Released(answer));
    Cost out;
    out.first = world_.consent().batch_count() - batches;
    for (const auto& [key, payload] : Rows()) {
      const auto old = before.find(key);
      if (old != before.end() && old->second == payload) continue;
      out.second.emplace_back(key.kind, payload.size());
    }
    std::sort(out.second.begin(), out.second.end());
    return out;
  }
  // The first of a minute, and one that is counted.
  std::pair<Cost, Cost> CostsOf(const AuthoriseRequest& request) {
    world_.clock().Advance(2 * kDenialWindow);
    world_.consent().RunDue();
    const Cost first = CostOf(request);
    return {first, CostOf(request)};
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

TEST_F(EqualCost, OneBatchAndRowsOfOneSize) {
  EXPECT_THAT(world_.consent().IssueSourceToken(ann_.id, World::vault()),
              IsOk());
  Service other = testing::CareService();
  other.id = ServiceId();
  other.keys = {base::Digest32{2}};
  ASSERT_THAT(world_.consent().CreateService({9}, other), IsOk());
  AuthoriseRequest foreign =
      World::ReadRequestFor(world_.Granted(ann_).revision.record);
  foreign.caller_key = base::Digest32{2};
  const auto unknown = CostsOf(World::ReadRequestFor(RecordId::Random()));
  EXPECT_EQ(unknown.first.first, 1U);
  EXPECT_EQ(unknown.first.second.size(), 2U);
  EXPECT_EQ(unknown.second.first, 1U);
  EXPECT_EQ(unknown.second.second.size(), 1U);
  EXPECT_EQ(CostsOf(foreign), unknown);
  const RecordId open = world_.Request(ann_).revision.record;
  EXPECT_EQ(CostsOf(World::ReadRequestFor(open)), unknown);
  ASSERT_THAT(world_.consent().Defer(ann_.id, open), IsOk());
  EXPECT_EQ(CostsOf(World::ReadRequestFor(open)), unknown);
  EXPECT_EQ(CostsOf(World::ReadRequestFor(Frequent())), unknown);
  EXPECT_EQ(CostsOf(World::ReadRequestFor(LackingAPart())), unknown);
}

}  // namespace
}  // namespace limpid::consent
