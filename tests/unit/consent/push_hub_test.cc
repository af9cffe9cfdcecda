// The workers: no service waits for another, each has its events in order, and
// stopping does not wait for anybody.

#include "consent/push/push_hub.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/crypto/random.h"
#include "consent/ledger/memory_store.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/fake_push.h"
#include "tests/unit/consent/fixtures.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using testing::FakePush;
using testing::IdOf;
using testing::Pushed;

constexpr absl::Duration kPatience = absl::Seconds(10);
constexpr absl::Duration kStep = absl::Milliseconds(1);

// A gate that answers wait at.
class Gate {
 public:
  void Open() {
    const base::MutexLock lock(mutex_);
    open_ = true;
    changed_.NotifyAll();
  }
  void Wait() {
    const base::MutexLock lock(mutex_);
    while (!open_) changed_.Wait(mutex_);
  }

 private:
  base::Mutex mutex_;
  base::ConditionVariable changed_;
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
};

class PushHubTest : public ::testing::Test {
 protected:
  PushHubTest() : key_(keys_.Create(person_).value()) {}

  static std::string UrlOf(std::uint8_t service) {
    return "https://s" + std::to_string(service) + ".example/";
  }
  void Register(std::uint8_t service) {
    PushEndpoint endpoint;
    endpoint.service = IdOf<ServiceId>(service);
    endpoint.url = UrlOf(service);
    book_.Put(endpoint);
    PushProgress progress;
    progress.service = endpoint.service;
    book_.Put(progress);
  }
  void AddEvent(std::uint8_t service) { AddEvent(service, person_); }
  void AddEvent(std::uint8_t service, const PersonId& person) {
    LedgerCommit commit;
    commit.head = store_.Head().value();
    StreamEvent event;
    event.record = IdOf<RecordId>(service);
    event.agreement = IdOf<AgreementId>(4);
    event.revision = static_cast<std::uint32_t>(++commit.head.event);
    EventRow row;
    row.service = StreamOf(blinder_, IdOf<ServiceId>(service));
    row.position = commit.head.event;
    row.person = person;
    row.record = event.record;
    row.payload = SealStreamEvent(*key_, row, event.Encode());
    commit.events.push_back(row);
    ASSERT_THAT(store_.Commit(commit), IsOk());
  }
  PushHub& Start(std::size_t worker_count) {
    hub_.emplace(PushParts{store_, keys_, blinder_, clock_, evidence_key_,
                           operator_, book_, push_},
                 [this](const PushTurn& turn) {
                   for (const PushLetter& letter : turn.letters) {
                     book_.Put(letter);
                   }
                   book_.Put(turn.progress);
                   return absl::OkStatus();
                 });
    hub_->Start(worker_count);
    return *hub_;
  }
  std::size_t CountOf(std::uint8_t service) {
    std::size_t out = 0;
    for (const Pushed& one : push_.pushed()) {
      if (one.url == UrlOf(service)) ++out;
    }
    return out;
  }
  // Whether so many were sent to the service before patience ended.
  bool Sent(std::uint8_t service, std::size_t count) {
    const absl::Time until = absl::Now() + kPatience;
    while (CountOf(service) < count && absl::Now() < until) {
      absl::SleepFor(kStep);
    }
    return CountOf(service) == count;
  }

  const PersonId person_ = IdOf<PersonId>(2);
  const std::string operator_ = "limpid.example";
  MemoryLedgerStore store_;
  MemoryPersonKeyStore key_store_;
  testing::OneKek keks_;
  PersonKeys keys_{key_store_, keks_};
  const Blinder blinder_{crypto::RandomSecret(32), crypto::RandomSecret(32)};
  base::SystemClock clock_;
  const crypto::Ed25519PrivateKey evidence_key_ = testing::KeyOf(1);
  PushBook book_;
  // What answers use: workers may be at it when a test's body ends.
  Gate gate_;
  std::atomic<int> under_way_ = 0;
  std::atomic<int> most_ = 0;
  FakePush push_;
  PersonKey key_;
  // Last: its workers use everything above.
  std::optional<PushHub> hub_;
};

TEST_F(PushHubTest, SendsWhenNotified) {
  Register(1);
  PushHub& hub = Start(2);
  AddEvent(1);
  hub.Notify();
  EXPECT_TRUE(Sent(1, 1));
  AddEvent(1);
  hub.Notify();
  EXPECT_TRUE(Sent(1, 2));
}

TEST_F(PushHubTest, ServicesThatDoNotAnswerDelayNoOther) {
  constexpr std::uint8_t kQuick = 9;
  push_.AnswerWith([&](const Pushed& pushed) -> absl::StatusOr<PushAnswer> {
    if (pushed.url != UrlOf(kQuick)) gate_.Wait();
    return PushAnswer{202, ""};
  });
  Register(kQuick);
  PushHub& hub = Start(4);
  AddEvent(kQuick);
  hub.Notify();
  // It has shown that it is quick.
  ASSERT_TRUE(Sent(kQuick, 1));
  // More that hang than there are workers.
  for (std::uint8_t service = 1; service <= 6; ++service) {
    Register(service);
    AddEvent(service);
  }
  hub.Notify();
  for (std::size_t i = 2; i < 20; ++i) {
    AddEvent(kQuick);
    hub.Notify();
    EXPECT_TRUE(Sent(kQuick, i));
  }
  std::size_t hanging = 0;
  for (std::uint8_t service = 1; service <= 6; ++service) {
    hanging += CountOf(service);
  }
  EXPECT_LE(hanging, 2U);
  gate_.Open();
  for (std::uint8_t service = 1; service <= 6; ++service) {
    EXPECT_TRUE(Sent(service, 1)) << +service;
  }
}

TEST_F(PushHubTest, OneServiceHasOneEventUnderWayAtATime) {
  push_.AnswerWith([&](const Pushed& /*pushed*/) -> absl::StatusOr<PushAnswer> {
    most_ = std::max(most_.load(), ++under_way_);
    absl::SleepFor(kStep);
    --under_way_;
    return PushAnswer{202, ""};
  });
  Register(1);
  PushHub& hub = Start(4);
  for (std::size_t i = 1; i <= 50; ++i) {
    AddEvent(1);
    hub.Notify();
  }
  EXPECT_TRUE(Sent(1, 50));
  EXPECT_EQ(most_, 1);
}

TEST_F(PushHubTest, StoppingCancelsAndCountsNoFailure) {
  push_.AnswerWith([&](const Pushed& /*pushed*/) -> absl::StatusOr<PushAnswer> {
    gate_.Wait();
    return absl::UnavailableError("cut");
  });
  Register(1);
  AddEvent(1);
  PushHub& hub = Start(2);
  ASSERT_TRUE(Sent(1, 1));
  // Stop cancels before it waits: then what hangs ends.
  push_.OnCancel([&] { gate_.Open(); });
  hub.Stop();
  EXPECT_FALSE(book_.Find(IdOf<ServiceId>(1))->progress.trouble.has_value());
  hub.Notify();
}

TEST_F(PushHubTest, WhatWentWithItsPersonIsPassedOver) {
  Register(1);
  AddEvent(1, IdOf<PersonId>(7));
  AddEvent(1);
  AddEvent(1, IdOf<PersonId>(7));
  Start(0).RunDue();
  EXPECT_EQ(CountOf(1), 1U);
  const PushProgress progress = book_.Find(IdOf<ServiceId>(1))->progress;
  EXPECT_EQ(progress.cursor, 3U);
  EXPECT_EQ(progress.recent.size(), 1U);
}

TEST_F(PushHubTest, AStoreThatCannotTellIsAskedAgain) {
  Register(1);
  AddEvent(1);
  hub_.emplace(PushParts{store_, keys_, blinder_, clock_, evidence_key_,
                         operator_, book_, push_},
               [](const PushTurn& /*turn*/) {
                 return absl::UnavailableError("not known");
               });
  hub_->Start(1);
  EXPECT_TRUE(Sent(1, 2));
}

}  // namespace
}  // namespace limpid::consent
