// Erasing what one entry of a person's log says.

#include "common/receipt/erasure.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/log_head.h"
#include "consent/consent_state.h"
#include "consent/duty/duty_desk.h"
#include "consent/ledger/entry_row.h"
#include "consent/log/completion_writing.h"
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

class Erasure : public ::testing::Test {
 protected:
  std::vector<AccessView> Log() {
    auto page = world_.consent().ListAccesses(ann_.id, {}, 0, 1'000);
    EXPECT_THAT(page, IsOk());
    return page.ok() ? std::move(page->entries) : std::vector<AccessView>();
  }
  AccessView Entry(std::uint64_t number) {
    for (AccessView& view : Log()) {
      if (view.entry.sequence == number) return std::move(view);
    }
    ADD_FAILURE() << "no entry " << number;
    return {};
  }
  receipt::ErasureRequest Terms(std::uint64_t number) {
    receipt::ErasureRequest out;
    const base::Bytes leaf = Entry(number).leaf;
    std::copy(leaf.begin() + 1, leaf.end(), out.commitment.begin());
    out.nonce.fill(7);
    out.operator_name = "limpid.example";
    out.person = ann_.id.Text();
    out.sequence = number;
    out.time = world_.clock().Now();
    return out;
  }
  absl::StatusOr<ErasedEntry> Send(const receipt::ErasureRequest& terms) {
    return ErasureDesk(world_.consent())
        .Erase(ann_.id, receipt::SignErasure(terms, ann_.key));
  }
  absl::StatusOr<ErasedEntry> Erase(std::uint64_t number) {
    return Send(Terms(number));
  }
  // Requested, granted, and one read: entries 1, 2, 3.
  RecordId OneRead() {
    const RecordId record = world_.Granted(ann_).revision.record;
    EXPECT_TRUE(testing::Released(world_.Read(record)));
    return record;
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(11);
};

// The withdrawal stands, whatever became of its entry.
TEST_F(Erasure, ARepeatedWithdrawalIsAnsweredWithoutItsReceipt) {
  const RecordId record = world_.Granted(ann_).revision.record;
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, record), IsOk());
  EXPECT_TRUE(world_.consent().Withdraw(ann_.id, record)->receipt.has_value());
  DutyDesk duties(world_.consent());
  const auto open =
      duties.ListServiceDuties(world_.service()->id, false, 0, 10);
  ASSERT_THAT(open, IsOk());
  for (const DutyView& one : open->duties) {
    ASSERT_THAT(duties.AcknowledgeDeletion(world_.service()->id, one.duty.id),
                IsOk());
  }
  ASSERT_EQ(Entry(3).entry.kind, AccessKind::kWithdrawn);
  ASSERT_THAT(Erase(3), IsOk());
  const auto again = world_.consent().Withdraw(ann_.id, record);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->record.state, RecordState::kWithdrawn);
  EXPECT_FALSE(again->receipt.has_value());
}

TEST_F(Erasure, TakesTheContentAndLeavesTheChain) {
  (void)OneRead();
  const AccessView before = Entry(3);
  ASSERT_THAT(
      world_.consent().GetAccessReceipt(ann_.id, AccessId(before.entry.access)),
      IsOk());
  const auto erased = Erase(3);
  ASSERT_THAT(erased, IsOk());
  EXPECT_EQ(erased->sequence, 3U);
  EXPECT_EQ(erased->told_in, 4U);
  EXPECT_EQ(erased->time, world_.clock().Now());

  const AccessView after = Entry(3);
  EXPECT_EQ(after.entry.access, base::ByteArray<16>{});
  EXPECT_TRUE(after.entry.lines.empty());
  EXPECT_TRUE(after.entry.purpose.empty());
  EXPECT_EQ(after.service, nullptr);
  EXPECT_EQ(after.entry.time, before.entry.time);
  EXPECT_EQ(after.leaf, before.leaf);
  EXPECT_EQ(after.entry.previous, before.entry.previous);
  EXPECT_FALSE(after.missing);
  ASSERT_TRUE(after.erasure);
  EXPECT_EQ(after.erasure->told_in, 4U);
  base::Digest32 commitment{};
  std::copy(after.leaf.begin() + 1, after.leaf.end(), commitment.begin());
  EXPECT_TRUE(receipt::ErasureCovers(after.erasure->request,
                                     ann_.key.PublicKey(), 3, commitment));
  // The telling entry has the number and nothing else.
  const AccessView told = Entry(4);
  EXPECT_EQ(told.entry.kind, AccessKind::kEntryErased);
  EXPECT_EQ(told.entry.revision, 3U);
  EXPECT_TRUE(RecordId(told.entry.record).none());
  EXPECT_TRUE(ServiceId(told.entry.service).none());
  EXPECT_THAT(
      world_.consent().GetAccessReceipt(ann_.id, AccessId(before.entry.access)),
      StatusIs(absl::StatusCode::kNotFound));
}

// Each start finishes what an erasure left; a key that does not open is hers
// alone.
TEST_F(Erasure, ADamagedLogKeyClosesNobodyElsesRecords) {
  (void)OneRead();
  ASSERT_THAT(Erase(3), IsOk());
  const Citizen bob = world_.NewCitizen(12);
  const RecordId his = world_.Granted(bob).revision.record;
  world_.Stop();
  auto key = stores_.keys().GetLogKey(ann_.id);
  ASSERT_THAT(key, IsOk());
  ASSERT_TRUE(key->has_value());
  PersonKeyStore::Wrapped damaged = **key;
  damaged.wrap.back() ^= 1U;
  ASSERT_THAT(stores_.keys().PutLogKey(ann_.id, damaged), IsOk());
  ASSERT_THAT(world_.TryStart(), IsOk());
  EXPECT_TRUE(testing::Released(world_.Read(his)));
  ASSERT_EQ(world_.alarms().size(), 1U);
  world_.Stop();
  ASSERT_THAT(stores_.keys().PutLogKey(ann_.id, **key), IsOk());
  ASSERT_THAT(world_.TryStart(), IsOk());
  EXPECT_EQ(world_.alarms().size(), 1U);
}

TEST_F(Erasure, TheChainStillCloses) {
  (void)OneRead();
  ASSERT_THAT(Erase(3), IsOk());
  (void)OneRead();
  const auto page = world_.consent().ListAccesses(ann_.id, {}, 0, 1'000);
  std::vector<receipt::ChainLink> links;
  for (const AccessView& view : page->entries) {
    receipt::ChainLink link{view.entry.sequence, view.entry.previous, {}};
    std::copy(view.leaf.begin() + 1, view.leaf.end(), link.commitment.begin());
    links.push_back(link);
  }
  const auto head =
      receipt::VerifyHead(page->signed_head, world_.consent().evidence_key());
  EXPECT_THAT(receipt::CheckChain(nullptr, links, *head), IsOk());
  EXPECT_EQ(head->sequence, 7U);
}

// Whatever copy of the row turns up later.
TEST_F(Erasure, NoKeyOpensAnEarlierCopyOfTheRow) {
  (void)OneRead();
  Consent::State& s = world_.consent().state();
  const RowKey key = EntryRowKey(s.blinder.ShardOf(ann_.id), ann_.id, 3);
  const PersonalRow copy = **stores_.ledger().Get(key);
  const auto log_key = s.person_keys.LogKeyOf(ann_.id);
  const PersonKey person_key = *s.KeyOf(ann_.id);
  ASSERT_TRUE(OpenEntryRow(*person_key, log_key->get(), copy)->content);
  ASSERT_THAT(Erase(3), IsOk());
  PersonKeys fresh(stores_.keys(), s.parts.keks);
  const auto left = fresh.LogKeyOf(ann_.id);
  EXPECT_FALSE(OpenEntryRow(*person_key, left->get(), copy)->content);
  // The others open.
  for (const std::uint64_t other : {1U, 2U, 4U}) {
    EXPECT_TRUE(OpenEntryRow(*person_key, left->get(),
                             **stores_.ledger().Get(EntryRowKey(
                                 s.blinder.ShardOf(ann_.id), ann_.id, other)))
                    ->content);
  }
}

TEST_F(Erasure, ASecondCallAnswersAsTheFirst) {
  (void)OneRead();
  const auto first = Erase(3);
  ASSERT_THAT(first, IsOk());
  world_.clock().Advance(absl::Minutes(1));
  const auto second = Erase(3);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->told_in, first->told_in);
  EXPECT_EQ(second->time, first->time);
  EXPECT_EQ(Log().size(), 4U);
}

TEST_F(Erasure, OnlyThePersonsOwnSignatureErases) {
  (void)OneRead();
  const receipt::ErasureRequest terms = Terms(3);
  const auto send = [&](const receipt::SignedErasure& erasure) {
    return ErasureDesk(world_.consent()).Erase(ann_.id, erasure).status();
  };
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(send(receipt::SignErasure(terms, testing::KeyOf(99))), refused);
  receipt::SignedErasure changed = receipt::SignErasure(terms, ann_.key);
  changed.signature[5] ^= 1U;
  EXPECT_THAT(send(changed), refused);
  receipt::ErasureRequest other = terms;
  other.operator_name = "elsewhere.example";
  EXPECT_THAT(Send(other).status(), refused);
  other = terms;
  other.commitment[0] ^= 1U;
  EXPECT_THAT(Send(other).status(), refused);
  other = terms;
  other.sequence = 2;
  EXPECT_THAT(Send(other).status(), refused);
  other = terms;
  other.time += absl::Hours(1);
  EXPECT_THAT(Send(other).status(), refused);
  const Citizen bob = world_.NewCitizen(12);
  EXPECT_THAT(ErasureDesk(world_.consent())
                  .Erase(bob.id, receipt::SignErasure(terms, ann_.key)),
              refused);
  other = terms;
  other.sequence = 99;
  EXPECT_THAT(Send(other).status(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(Log().size(), 3U);
}

TEST_F(Erasure, TheReceiptOfAConsentInForceStays) {
  const RecordId record = OneRead();
  EXPECT_THAT(Erase(2), StatusIs(absl::StatusCode::kFailedPrecondition));
  // What was before it and after it may go.
  EXPECT_THAT(Erase(1), IsOk());
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, record), IsOk());
  EXPECT_EQ(Log().size(), 5U);
}

TEST_F(Erasure, WhatTellsOfAnErasureStays) {
  (void)OneRead();
  ASSERT_THAT(Erase(3), IsOk());
  EXPECT_THAT(Erase(4), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(Erasure, WhatBecameOfAnAccessStays) {
  const RecordId record = world_.Granted(ann_).revision.record;
  auto answer = world_.Read(record);
  ASSERT_TRUE(testing::Released(answer));
  answer->release->hold->CloseWith(receipt::AccessOutcome::kReleased);
  WriteCompletions(world_.consent().state(), /*all=*/true);
  ASSERT_EQ(Entry(4).entry.kind, AccessKind::kAccessCompleted);
  EXPECT_THAT(Erase(4), StatusIs(absl::StatusCode::kFailedPrecondition));
  // The access itself may go.
  EXPECT_THAT(Erase(3), IsOk());
  EXPECT_EQ(Entry(3).outcome, ShownOutcome::kNone);
}

TEST_F(Erasure, EvidenceOfWhatAServiceMustDeleteStaysUntilItAnswers) {
  const RecordId record = OneRead();
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, record), IsOk());
  EXPECT_THAT(Erase(3), StatusIs(absl::StatusCode::kFailedPrecondition));
  DutyDesk duties(world_.consent());
  const auto page =
      duties.ListServiceDuties(world_.service()->id, false, 0, 10);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->duties.size(), 1U);
  ASSERT_THAT(
      duties.AcknowledgeDeletion(world_.service()->id, page->duties[0].duty.id),
      IsOk());
  EXPECT_THAT(Erase(3), IsOk());
  EXPECT_THAT(Erase(2), IsOk());
}

TEST_F(Erasure, AnErasedEntryMatchesNoFilterButItsTime) {
  const RecordId record = OneRead();
  ASSERT_THAT(Erase(3), IsOk());
  const auto count = [&](const AccessFilter& filter) {
    return world_.consent()
        .ListAccesses(ann_.id, filter, 0, 100)
        ->entries.size();
  };
  EXPECT_EQ(count({.record = record}), 2U);
  EXPECT_EQ(count({.service = world_.service()->id}), 2U);
  EXPECT_EQ(count({.from = testing::kStart}), 4U);
  EXPECT_EQ(count({.until = testing::kStart}), 0U);
}

TEST_F(Erasure, NothingIsErasedThatCannotBeCommitted) {
  (void)OneRead();
  const receipt::ErasureRequest terms = Terms(3);
  stores_.memory().FailCommits(absl::ResourceExhaustedError("full"));
  EXPECT_FALSE(Send(terms).ok());
  stores_.memory().FailCommits(absl::OkStatus());
  const AccessView entry = Entry(3);
  EXPECT_FALSE(entry.erasure);
  EXPECT_FALSE(entry.missing);
  EXPECT_FALSE(entry.entry.lines.empty());
}

TEST_F(Erasure, AKeyThatCouldNotBeDestroyedIsAtTheNextCallOrStart) {
  (void)OneRead();
  auto& keys = dynamic_cast<MemoryPersonKeyStore&>(stores_.keys());
  const receipt::ErasureRequest terms = Terms(3);
  const auto destroyed = [&] {
    PersonKeys fresh(stores_.keys(), world_.consent().state().parts.keks);
    return !(*fresh.LogKeyOf(ann_.id))->Has(3);
  };
  keys.FailLogKeys(absl::UnavailableError("disk"));
  EXPECT_THAT(Send(terms), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(Entry(3).erasure);
  EXPECT_FALSE(destroyed());
  // Entries go on meanwhile.
  (void)OneRead();
  EXPECT_THAT(world_.TryStart(), StatusIs(absl::StatusCode::kUnavailable));
  keys.FailLogKeys(absl::OkStatus());
  world_.Restart();
  EXPECT_TRUE(destroyed());
  (void)OneRead();
  for (const AccessView& view : Log()) EXPECT_FALSE(view.missing);
}

TEST_F(Erasure, EntriesAfterOneAreReadAfterARestart) {
  (void)OneRead();
  ASSERT_THAT(Erase(3), IsOk());
  (void)OneRead();
  ASSERT_THAT(Erase(7), IsOk());
  world_.Restart();
  (void)OneRead();
  const auto log = Log();
  ASSERT_EQ(log.size(), 11U);
  for (const AccessView& view : log) {
    EXPECT_FALSE(view.missing) << view.entry.sequence;
    EXPECT_EQ(view.erasure.has_value(),
              view.entry.sequence == 3 || view.entry.sequence == 7);
  }
}

}  // namespace
}  // namespace limpid::consent
