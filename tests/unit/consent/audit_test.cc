// What an auditor sees, and what she cannot join.

#include "consent/audit/audit.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/receipt/erasure.h"
#include "consent/log/erasure_desk.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using receipt::AccessKind;
using testing::Citizen;
using testing::World;

class Audit : public ::testing::Test {
 protected:
  Audit() {
    record_ = world_.Granted(ann_).revision.record;
    (void)world_.Read(record_);
    (void)world_.Granted(bob_);
    (void)world_.Read(RecordId::Random());
    // Whole hours, and over.
    from_ = absl::FromUnixSeconds(absl::ToUnixSeconds(world_.clock().Now()) /
                                  3'600 * 3'600);
    period_ = {from_, from_ + absl::Hours(1)};
    world_.clock().Advance(absl::Hours(2));
  }

  std::vector<AuditEntry> List(const AuditorKey& auditor) {
    AuditBook book(world_.consent());
    const auto listing = book.List(auditor, period_);
    EXPECT_THAT(listing, IsOk());
    if (!listing.ok()) return {};
    EXPECT_FALSE((*listing)->next_after);
    return (*listing)->entries;
  }
  std::vector<AuditEntry> List() { return List(auditor_); }
  std::vector<receipt::Tick> Ticks() {
    AuditBook book(world_.consent());
    std::vector<receipt::Tick> out;
    std::uint64_t below = 0;
    do {
      const auto page = book.Ticks(below, /*limit=*/2);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) break;
      out.insert(out.end(), page->ticks.begin(), page->ticks.end());
      below = page->next_below;
    } while (below != 0);
    return out;
  }
  absl::Status CheckAll() {
    const std::vector<base::Bytes> leaves = world_.log().entries();
    std::uint64_t end = leaves.size();
    for (const receipt::Tick& tick : Ticks()) {
      if (tick.first_index + tick.leaf_count != end) {
        return absl::DataLossError("a gap");
      }
      end = tick.first_index;
      absl::Status checked = receipt::CheckTick(
          tick, std::span(leaves).subspan(tick.first_index, tick.leaf_count));
      if (!checked.ok()) return checked;
    }
    return end == 0 ? absl::OkStatus() : absl::DataLossError("no beginning");
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(11);
  Citizen bob_ = world_.NewCitizen(12);
  RecordId record_;
  absl::Time from_;
  AuditPeriod period_;
  AuditorKey auditor_{1};
};

TEST_F(Audit, ListsEverythingAndSaysWhoOfNothing) {
  const auto all = List();
  // Requested, granted, read; requested, granted; one unknown.
  ASSERT_EQ(all.size(), 6U);
  std::map<AccessKind, int> kinds;
  for (const AuditEntry& one : all) {
    ++kinds[one.entry.kind];
    EXPECT_EQ(one.content, AuditContent::kShown);
    EXPECT_EQ(one.time, from_);
    const receipt::AccessEntry& entry = one.entry;
    EXPECT_EQ(entry.access, base::ByteArray<16>{});
    EXPECT_EQ(entry.record, base::ByteArray<16>{});
    EXPECT_EQ(entry.revision, 0U);
    EXPECT_EQ(entry.sequence, 0U);
    EXPECT_EQ(entry.previous, base::Digest32{});
    EXPECT_EQ(entry.system, base::ByteArray<16>{});
    EXPECT_EQ(entry.snapshot, base::ByteArray<16>{});
    EXPECT_EQ(entry.embargo, base::Digest32{});
    EXPECT_EQ(ServiceId(entry.service), world_.service()->id);
    EXPECT_FALSE(entry.purpose.empty());
    EXPECT_NE(base::ToBytes(one.pseudonym), base::ToBytes(ann_.id.bytes()));
  }
  EXPECT_EQ(kinds[AccessKind::kReleaseDecided], 2);
  EXPECT_EQ(kinds[AccessKind::kGranted], 2);
}

TEST_F(Audit, OnePersonHasOneNameForOneAuditorPeriodAndService) {
  const auto names = [](const std::vector<AuditEntry>& all) {
    std::map<base::ByteArray<16>, int> out;
    for (const AuditEntry& one : all) ++out[one.pseudonym];
    return out;
  };
  const auto first = names(List());
  // Ann, Bob, and nobody.
  ASSERT_EQ(first.size(), 3U);
  EXPECT_EQ(first.at(base::ByteArray<16>{}), 1);
  EXPECT_EQ(names(List()), first);
  const auto other = names(List(AuditorKey{2}));
  period_.until += absl::Hours(1);
  const auto longer = names(List());
  for (const auto& [name, count] : first) {
    if (name == base::ByteArray<16>{}) continue;
    EXPECT_FALSE(other.contains(name));
    EXPECT_FALSE(longer.contains(name));
  }
}

TEST_F(Audit, AnotherServiceSeesAnotherName) {
  Service other = testing::CareService();
  other.id = ServiceId();
  other.keys = {base::Digest32{2}};
  const auto made = world_.consent().CreateService({9}, other);
  ASSERT_THAT(made, IsOk());
  // Refused, and entered in Ann's log.
  AuthoriseRequest foreign = World::ReadRequestFor(record_);
  foreign.caller_key = base::Digest32{2};
  (void)world_.Ask(foreign);
  period_ = {from_, from_ + absl::Hours(3)};
  world_.clock().Advance(absl::Hours(2));
  std::map<ServiceId, std::set<base::ByteArray<16>>> names;
  for (const AuditEntry& one : List()) {
    if (one.pseudonym != base::ByteArray<16>{}) {
      names[ServiceId(one.entry.service)].insert(one.pseudonym);
    }
  }
  for (const auto& name : names[(*made)->id]) {
    EXPECT_FALSE(names[world_.service()->id].contains(name));
  }
}

TEST_F(Audit, TheOrderFollowsNoPersonAndNoTime) {
  // Person by person, as the rows lie, would be 3 and 2 side by side.
  for (int i = 0; i < 30; ++i) {
    (void)world_.Granted(ann_);
    (void)world_.Granted(bob_);
  }
  period_ = {from_, from_ + absl::Hours(3)};
  world_.clock().Advance(absl::Hours(2));
  const auto all = List();
  int changes = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    changes += all[i].pseudonym != all[i - 1].pseudonym ? 1 : 0;
  }
  EXPECT_GT(changes, 20);
}

TEST_F(Audit, EveryLeafIsAnEntryOrProvenPadding) {
  ASSERT_THAT(world_.consent().TickLog(), IsOk());
  EXPECT_THAT(CheckAll(), IsOk());
  // Ticks in which nothing happened leave no plan and are proven all the same.
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(world_.consent().TickLog(), IsOk());
  }
  (void)world_.Read(record_);
  ASSERT_THAT(world_.consent().TickLog(), IsOk());
  ASSERT_THAT(world_.consent().TickLog(), IsOk());
  EXPECT_THAT(CheckAll(), IsOk());
  const auto ticks = Ticks();
  EXPECT_EQ(ticks.size(), 6U);
  std::uint64_t entries = 0;
  for (const receipt::Tick& tick : ticks) entries += tick.entry_count;
  EXPECT_EQ(entries, 7U);
  std::map<std::uint64_t, std::uint64_t> named;
  for (const AuditEntry& one : List()) {
    ASSERT_TRUE(one.tick);
    ++named[*one.tick];
  }
  EXPECT_EQ(named[0], 6U);
}

TEST_F(Audit, AnErasedEntryIsCountedAndSaysNothing) {
  ASSERT_THAT(world_.consent().TickLog(), IsOk());
  receipt::ErasureRequest terms;
  const auto page = world_.consent().ListAccesses(ann_.id, {}, 0, 1);
  const base::Bytes leaf = page->entries[0].leaf;
  std::copy(leaf.begin() + 1, leaf.end(), terms.commitment.begin());
  terms.operator_name = "limpid.example";
  terms.person = ann_.id.Text();
  terms.sequence = 3;
  terms.time = world_.clock().Now();
  ASSERT_THAT(ErasureDesk(world_.consent())
                  .Erase(ann_.id, receipt::SignErasure(terms, ann_.key)),
              IsOk());
  const auto all = List();
  ASSERT_EQ(all.size(), 6U);
  const auto erased =
      std::find_if(all.begin(), all.end(), [](const AuditEntry& one) {
        return one.content == AuditContent::kErased;
      });
  ASSERT_NE(erased, all.end());
  EXPECT_EQ(erased->pseudonym, base::ByteArray<16>{});
  EXPECT_TRUE(erased->entry.lines.empty());
  EXPECT_EQ(erased->service, nullptr);
  EXPECT_EQ(erased->tick, 0U);
}

TEST_F(Audit, AFullHourIsListedInParts) {
  const auto all = List();
  ASSERT_EQ(all.size(), 6U);
  for (const std::size_t most : {1U, 2U, 4U, 5U, 6U, 7U}) {
    AuditBook book(world_.consent(), most);
    std::vector<AuditEntry> joined;
    std::optional<AuditOrder> after;
    std::size_t parts = 0;
    do {
      const auto part = book.List(auditor_, period_, after);
      ASSERT_THAT(part, IsOk());
      EXPECT_LE((*part)->entries.size(), most);
      joined.insert(joined.end(), (*part)->entries.begin(),
                    (*part)->entries.end());
      after = (*part)->next_after;
      ++parts;
    } while (after);
    EXPECT_EQ(parts, (all.size() + most - 1) / most);
    ASSERT_EQ(joined.size(), all.size()) << most;
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(joined[i].pseudonym, all[i].pseudonym);
      EXPECT_EQ(joined[i].entry.kind, all[i].entry.kind);
    }
  }
}

// Overlapping periods join; what they join ends with the month.
TEST_F(Audit, NoPeriodReachesOverTheEndOfAMonth) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::CivilMonth next = absl::ToCivilMonth(from_, utc) + 1;
  const absl::Time end = absl::FromCivil(next, utc);
  world_.clock().Advance(end + absl::Hours(2) - world_.clock().Now());
  AuditBook book(world_.consent());
  EXPECT_THAT(book.List(auditor_, {absl::FromCivil(next - 1, utc), end}),
              IsOk());
  EXPECT_THAT(book.List(auditor_, {end, end + absl::Hours(1)}), IsOk());
  EXPECT_THAT(book.List(auditor_, {end - absl::Hours(1), end + absl::Hours(1)}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(Audit, PeriodsAreWholeHoursThatAreOver) {
  AuditBook book(world_.consent());
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(book.List(auditor_, {from_, from_}), refused);
  EXPECT_THAT(
      book.List(auditor_, {from_, from_ + absl::Hours(1) + absl::Seconds(1)}),
      refused);
  EXPECT_THAT(book.List(auditor_, {from_, from_ + absl::Hours(4)}), refused);
}

}  // namespace
}  // namespace limpid::consent
