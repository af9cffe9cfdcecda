// Whoever is told that something has ended is told when no byte is on its way
// under it: of every record that the act ended, and also when somebody else
// ended it a moment before.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "consent/consent_state.h"
#include "consent/identity/account_erasure_desk.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/delegation_fixture.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using receipt::DelegationKind;
using testing::Released;

using Act = std::function<absl::Status()>;

// An act on its way on a thread of its own.
class Running {
 public:
  explicit Running(Act act)
      : done_(std::async(std::launch::async, std::move(act))) {}

  // Long enough for an act that waits for nothing.
  [[nodiscard]] bool Waits() const {
    return done_.wait_for(std::chrono::milliseconds(100)) ==
           std::future_status::timeout;
  }
  absl::Status Result() { return done_.get(); }

 private:
  std::future<absl::Status> done_;
};

class Draining : public ConsentDelegation {
 protected:
  // Bytes on their way under the record, until it is closed.
  std::unique_ptr<OpenPermit> OnTheirWay(const RecordId& record) {
    auto answer = world_.Read(record);
    EXPECT_TRUE(Released(answer));
    EXPECT_TRUE(answer->release->hold->HandOverIfLive([] {}));
    return std::move(answer->release->hold);
  }
  Act Withdrawing(const RecordId& record) {
    return [this, record] {
      return consent().Withdraw(anna_.id, record).status();
    };
  }
  // Expects that `first` waits for the bytes, and so does `second`, which
  // finds done what it asks for.
  void ExpectBothWait(const RecordId& record, Act first, Act second) {
    auto permit = OnTheirWay(record);
    Running one(std::move(first));
    while (Released(world_.Read(record))) std::this_thread::yield();
    Running other(std::move(second));
    EXPECT_TRUE(other.Waits());
    EXPECT_TRUE(one.Waits());
    permit->Close();
    EXPECT_THAT(one.Result(), IsOk());
    EXPECT_THAT(other.Result(), IsOk());
  }
};

// Fences are raised in the order of the records' ids: bytes are on their way
// once under the first of two, and once under the last.
TEST_F(Draining, EndingADelegationWaitsForEachOfItsRecords) {
  for (std::size_t held = 0; held < 2; ++held) {
    const HeldDelegation made =
        Sign(Terms(DelegationKind::kPowerOfAttorney, {&mother_}));
    std::vector<RecordId> records = {GrantedByMother().revision.record,
                                     GrantedByMother().revision.record};
    std::sort(records.begin(), records.end());
    auto permit = OnTheirWay(records[held]);
    Running ending([&, id = made.id] {
      return desk().EndDelegation(anna_.id, id).status();
    });
    EXPECT_TRUE(ending.Waits());
    permit->Close();
    EXPECT_THAT(ending.Result(), IsOk());
  }
}

TEST_F(Draining, EndingADelegationWaitsNoLongerThanTheLease) {
  const HeldDelegation made =
      Sign(Terms(DelegationKind::kPowerOfAttorney, {&mother_}));
  const auto first = OnTheirWay(GrantedByMother().revision.record);
  const auto second = OnTheirWay(GrantedByMother().revision.record);
  Running ending(
      [&] { return desk().EndDelegation(anna_.id, made.id).status(); });
  EXPECT_TRUE(ending.Waits());
  world_.clock().Advance(receipt::kMaxLease);
  EXPECT_THAT(ending.Result(), IsOk());
}

TEST_F(Draining, EndingADelegationAgainWaitsToo) {
  const HeldDelegation made =
      Sign(Terms(DelegationKind::kPowerOfAttorney, {&mother_}));
  const Act end = [&, id = made.id] {
    return desk().EndDelegation(anna_.id, id).status();
  };
  ExpectBothWait(GrantedByMother().revision.record, end, end);
}

TEST_F(Draining, EndingAllDelegationsAgainWaitsToo) {
  (void)Sign(Terms(DelegationKind::kPowerOfAttorney, {&mother_}));
  const Act end = [&] { return desk().EndAllDelegations(anna_.id).status(); };
  ExpectBothWait(GrantedByMother().revision.record, end, end);
}

TEST_F(Draining, RevokingAnEndedDelegationWaitsToo) {
  const HeldDelegation made =
      Sign(Terms(DelegationKind::kPowerOfAttorney, {&mother_}));
  ExpectBothWait(
      GrantedByMother().revision.record,
      [&] { return desk().EndDelegation(anna_.id, made.id).status(); },
      [&] {
        return desk().RevokeDelegation(anna_.id, made.id, "moved").status();
      });
}

TEST_F(Draining, ASecondWithdrawalWaitsToo) {
  const RecordId record = world_.Granted(anna_).revision.record;
  ExpectBothWait(record, Withdrawing(record), Withdrawing(record));
}

TEST_F(Draining, ASecondNarrowingWaitsToo) {
  const RecordId record = world_.Granted(anna_).revision.record;
  auto permit = OnTheirWay(record);
  const Act narrow = [&] {
    return consent()
        .Narrow(anna_.id, record, {{"person.name"}, std::nullopt})
        .status();
  };
  Running one(narrow);
  while (consent().GetRecord(anna_.id, record)->revision.number < 3) {
    std::this_thread::yield();
  }
  Running other(narrow);
  EXPECT_TRUE(other.Waits());
  EXPECT_TRUE(one.Waits());
  permit->Close();
  EXPECT_THAT(one.Result(), IsOk());
  EXPECT_THAT(other.Result(), IsOk());
}

TEST_F(Draining, ErasingTheAccountWaitsForWhatAWithdrawalWaitsFor) {
  const RecordId record = world_.Granted(anna_).revision.record;
  receipt::AccountErasureRequest terms;
  terms.operator_name = "limpid.example";
  terms.person = anna_.id.Text();
  terms.give_up_duties = true;
  terms.time = world_.clock().Now();
  ExpectBothWait(record, Withdrawing(record), [&] {
    return AccountErasureDesk(consent())
        .Erase(anna_.id, receipt::SignAccountErasure(terms, anna_.key))
        .status();
  });
}

// Keeps the sequencer busy, so that what comes meanwhile is one batch.
class Busy {
 public:
  explicit Busy(Sequencer& sequencer)
      : busy_([this, &sequencer] {
          return sequencer
              .Call<bool>(
                  [this](Persons& /*persons*/,
                         Batch& /*batch*/) -> absl::StatusOr<bool> {
                    begun_.set_value();
                    end_.get_future().wait();
                    return true;
                  },
                  nullptr, /*alone=*/true)
              .status();
        }) {
    begun_.get_future().wait();
  }
  void End() {
    end_.set_value();
    EXPECT_THAT(busy_.Result(), IsOk());
  }

 private:
  std::promise<void> begun_;
  std::promise<void> end_;
  Running busy_;
};

TEST_F(Draining, TwoWithdrawalsOfABatchFailWithItsStopLedger) {
  const RecordId record = world_.Granted(anna_).revision.record;
  Busy busy(*consent().state().sequencer);
  Running one(Withdrawing(record));
  Running other(Withdrawing(record));
  EXPECT_TRUE(one.Waits());
  EXPECT_TRUE(other.Waits());
  const std::uint64_t batches = consent().batch_count();
  world_.FailStops();
  busy.End();
  EXPECT_THAT(one.Result(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(other.Result(), StatusIs(absl::StatusCode::kUnavailable));
  // It was one.
  EXPECT_EQ(consent().batch_count(), batches + 1);
}

// What a process before this one sent to a source elsewhere is not known here.
TEST_F(Draining, AWithdrawalAfterAStartWaitsForLeasesOfBefore) {
  const RecordId record = world_.Granted(anna_).revision.record;
  SourceInfo elsewhere{testing::IdOf<SourceId>(9), "Elsewhere", ""};
  elsewhere.key = base::Digest32{9};
  world_.AddSource(elsewhere);
  world_.Restart();
  Running withdrawing(Withdrawing(record));
  EXPECT_TRUE(withdrawing.Waits());
  EXPECT_FALSE(Released(world_.Read(record)));
  world_.clock().Advance(receipt::kMaxLease);
  EXPECT_THAT(withdrawing.Result(), IsOk());
}

TEST_F(Draining, InOneProcessNothingIsLeftOfAStartBefore) {
  const RecordId record = world_.Granted(anna_).revision.record;
  world_.Restart();
  EXPECT_THAT(consent().Withdraw(anna_.id, record), IsOk());
}

TEST_F(Draining, AStopIsNoAnswer) {
  const RecordId record = world_.Granted(anna_).revision.record;
  const auto permit = OnTheirWay(record);
  Running withdrawing(Withdrawing(record));
  while (Released(world_.Read(record))) std::this_thread::yield();
  world_.Stop();
  EXPECT_THAT(withdrawing.Result(), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace limpid::consent
