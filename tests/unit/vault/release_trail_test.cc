// The vault's own trail of what it let go: what is noted, when it is written,
// and what shows that it was changed.

#include "vault/trail/release_trail.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/release_batch.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/log/catch_up.h"
#include "vault/store/trail_stores.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

constexpr char kDisability[] = "health.disability";
constexpr char kName[] = "person.name";

// Fails when it is told to, before or after it stored the row.
class FaultyTrailStore final : public TrailStore {
 public:
  absl::Status Insert(const TrailRow& row) override {
    if (fail_before) return absl::UnavailableError("no disk");
    if (on_insert) on_insert();
    absl::Status done = inner_->Insert(row);
    if (fail_after) return absl::UnavailableError("no answer");
    return done;
  }
  absl::StatusOr<std::optional<TrailRow>> Newest() const override {
    auto row = inner_->Newest();
    if (row.ok() && *row) Damage(**row);
    return row;
  }
  absl::StatusOr<std::vector<TrailRow>> From(std::uint64_t first,
                                             std::size_t limit) const override {
    auto rows = inner_->From(first, limit);
    for (TrailRow& row : *rows) Damage(row);
    if (swap && rows->size() > 1)
      std::swap((*rows)[0].sealed, (*rows)[1].sealed);
    return rows;
  }
  absl::StatusOr<std::uint64_t> FirstSince(
      std::int64_t time_ms) const override {
    return inner_->FirstSince(time_ms);
  }

  std::function<void()> on_insert;
  bool fail_before = false;
  bool fail_after = false;
  bool swap = false;
  // Number of a row whose bytes are not what was stored; 0 for none.
  std::uint64_t damaged = 0;

 private:
  void Damage(TrailRow& row) const {
    if (row.number == damaged) row.sealed.back() ^= 1;
  }

  std::unique_ptr<TrailStore> inner_ = NewMemoryTrailStore();
};

base::SecretBytes TrailKey() {
  return base::SecretBytes::Copy(Counting<32>(0x31));
}

class ReleaseTrailTest : public ::testing::Test {
 protected:
  ReleaseTrailTest() {
    world_.Put(world_.anna, kDisability, "true");
    world_.gate.Grant(kDisability);
    world_.gate.Grant(kName);
  }

  // One answer; whether it may leave.
  bool HandOver(std::vector<std::string> attributes) {
    absl::StatusOr<ReadAnswer> answer = absl::UnknownError("");
    mediator_.Read(
        world_.Request(std::move(attributes)),
        [&](absl::StatusOr<ReadAnswer> read) { answer = std::move(read); });
    EXPECT_THAT(answer, IsOk());
    world_.clock.Advance(absl::Milliseconds(30));
    const bool left = answer->HandOver([] {});
    answer->Close(answer->ClosingAfter(left, true));
    return left;
  }
  void Release(int times = 1) {
    for (int i = 0; i < times; ++i) EXPECT_TRUE(HandOver({kDisability, kName}));
  }
  TrailPage Read(std::uint64_t first = 0) {
    auto page = trail_.Read(first, absl::UnixEpoch(), ReleaseTrail::kMaxPage);
    EXPECT_THAT(page, IsOk());
    return page.ok() ? *std::move(page) : TrailPage();
  }
  static receipt::ReleaseBatch BatchOf(const TrailBatch& batch) {
    return receipt::ReleaseBatch::Decode(batch.batch).value();
  }

  VaultWorld world_;
  FaultyTrailStore store_;
  ReleaseTrail trail_{*world_.core, store_, world_.publisher, TrailKey()};
  Reader reader_{*world_.core, world_.gate.key(), nullptr, &trail_};
  Mediator mediator_{*world_.core, world_.gate, reader_};
};

TEST_F(ReleaseTrailTest, NotesWhatLeftAndNothingOfWhom) {
  const absl::Time before = world_.clock.Now();
  Release();
  const TrailPage page = Read();
  ASSERT_EQ(page.batches.size(), 1U);
  const receipt::ReleaseBatch batch = BatchOf(page.batches.front());
  EXPECT_EQ(batch.source, world_.core->identity().source.bytes());
  EXPECT_EQ(batch.number, 1U);
  EXPECT_EQ(batch.previous, base::Digest32{});
  ASSERT_EQ(batch.notes.size(), 1U);
  const receipt::ReleaseNote& note = batch.notes.front();
  EXPECT_EQ(note.handed_over, absl::FromUnixMillis(absl::ToUnixMillis(
                                  before + absl::Milliseconds(30))));
  EXPECT_EQ(note.elapsed, absl::Milliseconds(30));
  EXPECT_EQ(note.lease, absl::Seconds(2));
  EXPECT_EQ(note.permitted, 2);
  EXPECT_EQ(note.released, 1) << "there is no name";
  EXPECT_EQ(note.lines,
            receipt::PermittedLines(std::vector<receipt::PermitLine>{
                world_.gate.lines[kDisability], world_.gate.lines[kName]}));
  const std::string text = base::ToText(page.batches.front().batch);
  EXPECT_EQ(text.find(base::ToText(world_.anna.holder.bytes())),
            std::string::npos);
  EXPECT_EQ(text.find("disability"), std::string::npos);
  EXPECT_EQ(page.next, 0U);
  EXPECT_EQ(page.complete_until, world_.clock.Now());
  EXPECT_FALSE(page.lost);
}

TEST_F(ReleaseTrailTest, WhatDidNotLeaveIsNotNoted) {
  // No value; withdrawn; too late.
  EXPECT_TRUE(HandOver({kName}));
  absl::StatusOr<ReadAnswer> answer = absl::UnknownError("");
  mediator_.Read(
      world_.Request({kDisability}),
      [&](absl::StatusOr<ReadAnswer> read) { answer = std::move(read); });
  world_.fences.Raise(world_.gate.record_text, 2);
  EXPECT_FALSE(answer->HandOver([] {}));
  EXPECT_TRUE(Read().batches.empty());
}

TEST_F(ReleaseTrailTest, ABatchStandsInTheLog) {
  Release();
  const std::uint64_t acts = world_.store->Head()->counter;
  EXPECT_EQ(*trail_.Write(), 1U);
  EXPECT_EQ(world_.store->Head()->counter, acts + 1);
  EXPECT_FALSE(Read().batches.front().leaf);
  ASSERT_THAT(world_.publisher.Tick(), IsOk());
  const TrailBatch shown = Read().batches.front();
  ASSERT_TRUE(shown.leaf);
  EXPECT_EQ(shown.leaf->index, acts);
  const Disclosure disclosure = Disclosure::Decode(shown.disclosure).value();
  EXPECT_EQ(CommitAct(disclosure.opening, disclosure.encoded_act),
            shown.commitment);
  const Act act = Act::Decode(disclosure.encoded_act).value();
  EXPECT_EQ(act.body, receipt::DigestOf(shown.batch));
  EXPECT_EQ(act.value_version, 1U);
  EXPECT_TRUE(act.holder.none());
  EXPECT_TRUE(act.attribute.empty());
  // Nothing waits: nothing is written.
  EXPECT_EQ(*trail_.Write(), 0U);
  EXPECT_EQ(world_.store->Head()->counter, acts + 1);
}

TEST_F(ReleaseTrailTest, BatchesFollowEachOther) {
  const auto most = static_cast<int>(receipt::kMaxReleaseNotes);
  Release(most + 1);
  EXPECT_EQ(*trail_.Write(), receipt::kMaxReleaseNotes + 1);
  Release();
  const TrailPage page = Read();
  ASSERT_EQ(page.batches.size(), 3U);
  for (std::size_t i = 1; i < page.batches.size(); ++i) {
    EXPECT_EQ(BatchOf(page.batches[i]).number, i + 1);
    EXPECT_EQ(BatchOf(page.batches[i]).previous,
              receipt::DigestOf(page.batches[i - 1].batch));
  }
  // By pages, and from a time on.
  const auto first = trail_.Read(0, absl::UnixEpoch(), 2);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->batches.size(), 2U);
  EXPECT_EQ(first->next, 3U);
  EXPECT_EQ(Read(3).batches.size(), 1U);
  const auto late = trail_.Read(0, world_.clock.Now(), 2);
  EXPECT_EQ(BatchOf(late->batches.front()).number, 3U);
}

TEST_F(ReleaseTrailTest, NothingIsLostOrTwiceWhenAWriteFails) {
  Release();
  store_.fail_before = true;
  EXPECT_THAT(trail_.Write(), StatusIs(absl::StatusCode::kUnavailable));
  store_.fail_before = false;
  // Stored, and nobody knows; and without its act.
  store_.fail_after = true;
  EXPECT_THAT(trail_.Write(), StatusIs(absl::StatusCode::kUnavailable));
  store_.fail_after = false;
  Release();
  const TrailPage page = Read();
  ASSERT_EQ(page.batches.size(), 2U);
  EXPECT_EQ(BatchOf(page.batches[0]).notes.size(), 1U);
  EXPECT_EQ(BatchOf(page.batches[1]).notes.size(), 1U);
  EXPECT_FALSE(page.batches[0].disclosure.empty());
  EXPECT_FALSE(page.batches[1].disclosure.empty());
}

// The note that was stored unknown to anybody may be of the same access as the
// next one, and more may wait in memory than the batch has, or fewer.
TEST_F(ReleaseTrailTest, OfTwoReleasesOfOneAccessNoneIsLost) {
  receipt::ReleaseNote note;
  note.permitted = 1;
  note.released = 1;
  ASSERT_TRUE(trail_.Note(note));
  ASSERT_TRUE(trail_.Note(note));
  EXPECT_EQ(*trail_.Write(), 2U);
  // The same access again, and nothing is unknown.
  ASSERT_TRUE(trail_.Note(note));
  EXPECT_EQ(*trail_.Write(), 1U);
  // Unknown, and stored.
  ASSERT_TRUE(trail_.Note(note));
  store_.fail_after = true;
  EXPECT_THAT(trail_.Write(), StatusIs(absl::StatusCode::kUnavailable));
  store_.fail_after = false;
  ASSERT_TRUE(trail_.Note(note));
  EXPECT_EQ(*trail_.Write(), 1U);
  // Unknown, and not stored.
  ASSERT_TRUE(trail_.Note(note));
  store_.fail_before = true;
  EXPECT_THAT(trail_.Write(), StatusIs(absl::StatusCode::kUnavailable));
  store_.fail_before = false;
  EXPECT_EQ(*trail_.Write(), 1U);
  std::size_t notes = 0;
  for (const TrailBatch& batch : Read().batches) {
    notes += BatchOf(batch).notes.size();
  }
  EXPECT_EQ(notes, 6U);
}

TEST_F(ReleaseTrailTest, AnActThatWasLeftOutIsEnteredWithoutANewRelease) {
  Release();
  store_.fail_after = true;
  EXPECT_THAT(trail_.Write(), StatusIs(absl::StatusCode::kUnavailable));
  store_.fail_after = false;
  const std::uint64_t acts = world_.store->Head()->counter;
  // The process ended there.
  ReleaseTrail next(*world_.core, store_, world_.publisher, TrailKey());
  EXPECT_EQ(*next.Write(), 0U);
  EXPECT_EQ(world_.store->Head()->counter, acts + 1);
  EXPECT_EQ(*next.Write(), 0U);
  EXPECT_EQ(world_.store->Head()->counter, acts + 1);
}

TEST_F(ReleaseTrailTest, ADamagedNewestBatchStopsNothing) {
  Release();
  ASSERT_THAT(trail_.Write(), IsOk());
  const base::Bytes lost = Read().batches.front().batch;
  Release();
  store_.damaged = 1;
  // An alarm once, and what waited is written all the same.
  EXPECT_THAT(trail_.Write(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(*trail_.Write(), 0U);
  const TrailPage page = Read();
  ASSERT_EQ(page.batches.size(), 2U);
  EXPECT_TRUE(page.batches[0].damaged);
  EXPECT_EQ(page.batches[0].number, 1U);
  EXPECT_TRUE(page.batches[0].batch.empty());
  EXPECT_FALSE(page.batches[0].disclosure.empty());
  EXPECT_FALSE(page.batches[1].damaged);
  EXPECT_EQ(BatchOf(page.batches[1]).number, 2U);
  EXPECT_EQ(BatchOf(page.batches[1]).previous, receipt::DigestOf(lost))
      << "as its act says it";
}

TEST_F(ReleaseTrailTest, ADamagedBatchWithoutAnActStopsNothing) {
  Release();
  store_.fail_after = true;
  EXPECT_THAT(trail_.Write(), StatusIs(absl::StatusCode::kUnavailable));
  store_.fail_after = false;
  store_.damaged = 1;
  // Its notes are still in memory: they are written anew.
  EXPECT_THAT(trail_.Write(), StatusIs(absl::StatusCode::kDataLoss));
  const TrailPage page = Read();
  ASSERT_EQ(page.batches.size(), 2U);
  EXPECT_TRUE(page.batches[0].damaged);
  EXPECT_TRUE(page.batches[0].disclosure.empty());
  EXPECT_EQ(BatchOf(page.batches[1]).notes.size(), 1U);
  EXPECT_EQ(BatchOf(page.batches[1]).previous, base::Digest32{});
}

TEST_F(ReleaseTrailTest, ABatchIsOfTheLatestOfItsNotes) {
  const absl::Time ahead = world_.clock.Now() + absl::Hours(2);
  receipt::ReleaseNote note;
  note.permitted = 1;
  note.released = 1;
  note.handed_over = absl::FromUnixMillis(absl::ToUnixMillis(ahead));
  ASSERT_TRUE(trail_.Note(note));
  // The clock was set back.
  note.handed_over -= absl::Hours(3);
  ASSERT_TRUE(trail_.Note(note));
  const auto page = trail_.Read(0, world_.clock.Now() + absl::Hours(1), 2);
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->batches.size(), 1U);
}

TEST_F(ReleaseTrailTest, WhatCannotBeNotedDoesNotLeave) {
  store_.fail_before = true;
  receipt::ReleaseNote note;
  for (std::size_t i = 0; i < ReleaseTrail::kMaxWaiting; ++i) {
    ASSERT_TRUE(trail_.Note(note));
  }
  bool sent = false;
  absl::StatusOr<ReadAnswer> answer = absl::UnknownError("");
  mediator_.Read(
      world_.Request({kDisability}),
      [&](absl::StatusOr<ReadAnswer> read) { answer = std::move(read); });
  EXPECT_FALSE(answer->HandOver([&] { sent = true; }));
  EXPECT_FALSE(sent);
  // An answer without values is no release.
  EXPECT_TRUE(HandOver({kName}));
  store_.fail_before = false;
  EXPECT_EQ(*trail_.Write(), ReleaseTrail::kMaxWaiting);
  EXPECT_TRUE(HandOver({kDisability}));
}

TEST_F(ReleaseTrailTest, ARowInAnothersPlaceDoesNotOpen) {
  Release();
  ASSERT_THAT(trail_.Write(), IsOk());
  Release();
  ASSERT_THAT(trail_.Write(), IsOk());
  store_.swap = true;
  const TrailPage page = Read(1);
  ASSERT_EQ(page.batches.size(), 2U);
  for (const TrailBatch& batch : page.batches) {
    EXPECT_TRUE(batch.damaged);
    EXPECT_TRUE(batch.batch.empty());
  }
}

// The number is the act's, and the batch is another's: an older copy of the
// trail was put back, and went on.
TEST_F(ReleaseTrailTest, ABatchThatIsNotTheOneOfItsActIsDamaged) {
  Release();
  ASSERT_THAT(trail_.Write(), IsOk());
  const auto rows = NewMemoryTrailStore();
  ReleaseTrail other(*world_.core, *rows, world_.publisher, TrailKey());
  receipt::ReleaseNote note;
  note.access = {9};
  note.handed_over = absl::UnixEpoch();
  ASSERT_TRUE(other.Note(note));
  // A listing does not take away what Write has to say.
  ASSERT_THAT(other.Read(1, absl::UnixEpoch(), 1), IsOk());
  EXPECT_THAT(other.Write(), StatusIs(absl::StatusCode::kDataLoss));
  const base::Digest32 logged = receipt::DigestOf(Read().batches.front().batch);
  for (const bool started_anew : {false, true}) {
    ReleaseTrail next(*world_.core, *rows, world_.publisher, TrailKey());
    ReleaseTrail& trail = started_anew ? next : other;
    ASSERT_TRUE(trail.Note(note));
    (void)trail.Write();
  }
  const auto page = other.Read(1, absl::UnixEpoch(), 3);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->batches.size(), 3U);
  EXPECT_TRUE(page->batches[0].damaged);
  EXPECT_TRUE(page->batches[0].batch.empty());
  // What follows goes on from what the log has.
  EXPECT_EQ(BatchOf(page->batches[1]).previous, logged);
  EXPECT_EQ(BatchOf(page->batches[2]).previous,
            receipt::DigestOf(page->batches[1].batch));
}

TEST_F(ReleaseTrailTest, APageHasABatchAndNotMoreThanItMay) {
  for (std::size_t i = 0; i <= ReleaseTrail::kMaxPage; ++i) {
    Release();
    ASSERT_THAT(trail_.Write(), IsOk());
  }
  const auto least = trail_.Read(1, absl::UnixEpoch(), 0);
  ASSERT_THAT(least, IsOk());
  EXPECT_EQ(least->batches.size(), 1U);
  EXPECT_EQ(least->next, 2U);
  const auto most =
      trail_.Read(1, absl::UnixEpoch(), 2 * ReleaseTrail::kMaxPage);
  ASSERT_THAT(most, IsOk());
  EXPECT_EQ(most->batches.size(), ReleaseTrail::kMaxPage);
  EXPECT_EQ(most->next, ReleaseTrail::kMaxPage + 1);
}

// Its times are not in the order of its notes: two left at once, or the clock
// was set back.
TEST_F(ReleaseTrailTest, ABatchIsFoundByTheLatestOfItsNotes) {
  const absl::Time start =
      absl::FromUnixMillis(absl::ToUnixMillis(world_.clock.Now()));
  for (const int second : {1, 5, 3}) {
    receipt::ReleaseNote note;
    note.access = {static_cast<std::uint8_t>(second)};
    note.handed_over = start + absl::Seconds(second);
    ASSERT_TRUE(trail_.Note(note));
  }
  ASSERT_THAT(trail_.Write(), IsOk());
  const auto found = trail_.Read(0, start + absl::Seconds(5), 1);
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->batches.size(), 1U);
  const auto none = trail_.Read(0, start + absl::Seconds(6), 1);
  ASSERT_THAT(none, IsOk());
  EXPECT_TRUE(none->batches.empty());
  EXPECT_EQ(none->next, 0U);
}

// What leaves while the trail is written may be in no batch yet.
TEST_F(ReleaseTrailTest, IsCompleteUntilItsWriteBegan) {
  Release();
  const absl::Time before = world_.clock.Now();
  store_.on_insert = [&] { world_.clock.Advance(absl::Seconds(1)); };
  EXPECT_EQ(Read().complete_until, before);
}

TEST_F(ReleaseTrailTest, EachBatchHasOneAct) {
  Release();
  ASSERT_THAT(trail_.Write(), IsOk());
  const std::uint64_t acts = world_.store->Head()->counter;
  Release();
  ASSERT_THAT(trail_.Write(), IsOk());
  EXPECT_EQ(world_.store->Head()->counter, acts + 1);
}

TEST_F(ReleaseTrailTest, ARestoreSaysOfWhichTimeNotesAreLost) {
  Release();
  ASSERT_THAT(trail_.Write(), IsOk());
  ASSERT_THAT(world_.publisher.Tick(), IsOk());
  const auto acts = world_.store->ActsFrom(1, 100).value();
  world_.clock.Advance(absl::Hours(1));
  Release();
  ASSERT_THAT(trail_.Write(), IsOk());
  ASSERT_THAT(world_.publisher.Tick(), IsOk());
  world_.clock.Advance(absl::Hours(1));
  // The store as it was an hour after the beginning.
  auto older = NewMemoryVaultStore();
  ASSERT_THAT(older->Write([&](VaultTransaction& transaction) {
    for (const ActRow& row : acts) {
      absl::Status appended = transaction.AppendAct(row);
      if (!appended.ok()) return appended;
    }
    return absl::OkStatus();
  }),
              IsOk());
  const absl::Time restored =
      absl::FromUnixMillis(absl::ToUnixMillis(world_.clock.Now()));
  ASSERT_EQ(
      *CatchUp(*older, world_.log, world_.core->acts(), world_.clock.Now()),
      1U);
  const auto core = VaultCore::Open(
      {ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305, 16},
      {world_.keks, *world_.keys, *older, world_.clock});
  ASSERT_THAT(core, IsOk());
  const auto rows = NewMemoryTrailStore();
  const ActPublisher publisher(*older, world_.log);
  ReleaseTrail trail(**core, *rows, publisher, TrailKey());
  const auto page = trail.Read(0, absl::UnixEpoch(), 1);
  ASSERT_THAT(page, IsOk());
  ASSERT_TRUE(page->lost);
  EXPECT_EQ(page->lost->from, absl::FromUnixMillis(acts.back().time_ms));
  EXPECT_EQ(page->lost->until, restored);
  // A trail that was not put back with it has a batch without an act, which is
  // entered now.
  ReleaseTrail whole(**core, store_, publisher, TrailKey());
  const auto both = whole.Read(1, absl::UnixEpoch(), 2);
  ASSERT_THAT(both, IsOk());
  ASSERT_EQ(both->batches.size(), 2U);
  EXPECT_FALSE(both->batches[0].disclosure.empty());
  EXPECT_FALSE(both->batches[1].disclosure.empty());
}

}  // namespace
}  // namespace limpid::vault
