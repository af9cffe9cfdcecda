// Sweeps over everybody: a long one holds up neither the log nor a stop, and
// one that fails neither the others nor its own thread.

#include "consent/campaign/sweeping.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/forwarding_store.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::SecretOf;
using testing::World;

constexpr absl::Duration kShort = absl::Milliseconds(2);

// Whose pages of records do not end, or fail.
class SweptStore final : public testing::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  absl::StatusOr<std::optional<PersonalRow>> Get(
      const RowKey& key) const override {
    if (key.kind == RowKind::kRecord && failing_reads > 0) {
      --failing_reads;
      return absl::UnavailableError("the store is away");
    }
    return ForwardingStore::Get(key);
  }
  absl::StatusOr<std::vector<RowKey>> InState(
      RowKind kind, std::uint8_t state, const RowKey& after,
      std::size_t limit) const override {
    const std::size_t look = looks++;
    if (fails_every != 0 && look % fails_every == 0) {
      return absl::UnavailableError("the store is away");
    }
    return ForwardingStore::InState(kind, state, endless ? RowKey() : after,
                                    limit);
  }

  mutable std::atomic<std::size_t> looks = 0;
  // Reads of records.
  mutable std::atomic<std::size_t> failing_reads = 0;
  std::atomic<bool> endless = false;
  // Looks for a page; 0 for none.
  std::atomic<std::size_t> fails_every = 0;
};

class Sweeping : public ::testing::Test {
 protected:
  // A next version that asks for more.
  void Widen(const AgreementPointer& agreement) {
    AgreementContent content = testing::CareContent();
    content.recipients = {"A broker"};
    ASSERT_THAT(world_.consent().CreateAgreement(world_.service()->id,
                                                 agreement->id, content),
                IsOk());
  }
  // False when it has not come within a minute.
  static bool Await(const std::function<bool()>& come) {
    for (int i = 0; i < 30'000 && !come(); ++i) {
      std::this_thread::sleep_for(absl::ToChronoMilliseconds(kShort));
    }
    return come();
  }

  // The role again, over the same stores and log, with a ticker that does not
  // wait.
  void StartTicking() {
    world_.FailStart();
    stops_ = OpenStopLedger(world_.stop_ledger_path(), SecretOf(0x53)).value();
    ConsentOptions options;
    options.operator_name = "limpid.example";
    options.log_interval = kShort;
    options.sources = {{World::vault(), "Vault", ""}};
    options.push_worker_count = 0;
    options.key_worker = false;
    options.alarm = [this](const absl::Status& what) {
      const base::MutexLock lock(mutex_);
      alarms_.push_back(what);
    };
    ticking_ = Consent::Open(
                   {stores_.ledger(), stores_.keys(), keks_, *stops_,
                    world_.log(), world_.systems(), purposes_, world_.clock()},
                   {testing::KeyOf(0xe1), testing::KeyOf(0xe2), SecretOf(0x52)},
                   std::move(options))
                   .value();
  }
  std::vector<absl::Status> alarms() {
    const base::MutexLock lock(mutex_);
    return alarms_;
  }

  testing::StoresBehind<SweptStore> stores_;
  World world_{stores_};
  testing::OneKek keks_;
  testing::ThreePurposes purposes_;
  base::Mutex mutex_;
  std::vector<absl::Status> alarms_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<StopLedger> stops_;
  std::unique_ptr<Consent> ticking_;
};

TEST_F(Sweeping, WithoutEndHoldsUpNeitherTheLogNorAStop) {
  // A full page, again and again.
  for (std::uint8_t i = 1; i <= 16; ++i) world_.Granted(world_.NewCitizen(i));
  Widen(world_.agreement());
  stores_.front().endless = true;
  stores_.front().looks = 0;
  StartTicking();
  EXPECT_TRUE(Await([&] { return stores_.front().looks > 20; }));
  const std::size_t logged = world_.log().size();
  EXPECT_TRUE(Await([&] { return world_.log().size() > logged + 128; }));
  // A ticker that sweeps would be waited for without end.
  if (HasFailure()) stores_.front().endless = false;
  ticking_.reset();
}

TEST_F(Sweeping, ARecordThatCannotBeReadEndsTheSweepWithItsError) {
  world_.Granted(world_.NewCitizen(1));
  Widen(world_.agreement());
  world_.Restart();
  stores_.front().failing_reads = 1'000;
  EXPECT_THAT(world_.consent().RunCampaigns(),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_GT(stores_.front().failing_reads, 900U);
  stores_.front().failing_reads = 0;
  EXPECT_THAT(world_.consent().RunCampaigns(), IsOk());
  EXPECT_EQ(world_.consent().ListCampaigns().front().asked_count, 1U);
}

TEST_F(Sweeping, OneThatFailsStopsNoOther) {
  AgreementContent content = testing::CareContent();
  content.retention_days = 29;
  const AgreementPointer other = world_.Publish(content);
  const testing::Citizen ann = world_.NewCitizen(1);
  world_.Granted(ann);
  world_.Granted(ann, other);
  Widen(world_.agreement());
  Widen(other);
  // The first of two that take turns, always.
  stores_.front().fails_every = 2;
  stores_.front().looks = 0;
  EXPECT_THAT(world_.consent().RunCampaigns(),
              StatusIs(absl::StatusCode::kUnavailable));
  const auto campaigns = world_.consent().ListCampaigns();
  ASSERT_EQ(campaigns.size(), 2U);
  EXPECT_FALSE(campaigns[0].asking.done);
  EXPECT_TRUE(campaigns[1].asking.done);
  EXPECT_EQ(campaigns[1].asked_count, 1U);
}

TEST_F(Sweeping, WhatStandsStillIsAnAlarmOnce) {
  const testing::Citizen ann = world_.NewCitizen(1);
  world_.Granted(ann);
  Widen(world_.agreement());
  stores_.front().fails_every = 1;
  stores_.front().looks = 0;
  StartTicking();
  EXPECT_TRUE(Await([&] { return stores_.front().looks > 5; }));
  ticking_.reset();
  ASSERT_EQ(alarms().size(), 1U);
  EXPECT_EQ(alarms()[0].code(), absl::StatusCode::kInternal);
  EXPECT_NE(alarms()[0].message().find("stands still"), std::string::npos);
}

}  // namespace
}  // namespace limpid::consent
