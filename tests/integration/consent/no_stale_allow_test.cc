// The claim of consent.md section 4: after a withdrawal returned, no byte is
// handed over under that record. Readers and withdrawers run against each
// other, and every hand-over is compared with what had returned before it.

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/conformance/consent/backends.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using testing::Citizen;
using testing::Released;
using testing::World;

class NoStaleAllow : public ::testing::TestWithParam<testing::Backend> {
 protected:
  std::unique_ptr<testing::Stores> stores_ = testing::MakeStores(GetParam());
  World world_{*stores_};
  Citizen ann_ = world_.NewCitizen(1);
};

// One record under fire. `ended` is set after the ending call returned.
struct Target {
  RecordId record;
  std::atomic<bool> ended = false;
  std::atomic<int> handed_over = 0;
  std::atomic<int> stale = 0;
};

// Reads until the record has ended and one more read was refused.
void ReadOn(World& world, Target& target) {
  for (bool refused = false; !refused;) {
    auto answer = world.Read(target.record);
    if (!answer.ok()) return;
    refused = !answer->release.has_value();
    if (refused) continue;
    OpenPermit& hold = *answer->release->hold;
    // The check is inside: what happens between it and the network is the
    // stated residual, and in one process there is nothing between.
    (void)hold.HandOverIfLive([&] {
      ++target.handed_over;
      if (target.ended) ++target.stale;
    });
    hold.Close();
  }
}

TEST_P(NoStaleAllow, NothingIsHandedOverAfterWithdrawReturned) {
  constexpr int kReaders = 6;
  constexpr int kRounds = 8;
  for (int round = 0; round < kRounds; ++round) {
    Target target;
    target.record = world_.Granted(ann_).revision.record;
    std::vector<std::thread> readers;
    readers.reserve(kReaders);
    for (int i = 0; i < kReaders; ++i) {
      readers.emplace_back([&] { ReadOn(world_, target); });
    }
    while (target.handed_over < 3 * kReaders) std::this_thread::yield();
    const auto ended =
        round % 2 == 0
            ? world_.consent().Withdraw(ann_.id, target.record).status()
            : world_.consent().Pause(ann_.id, target.record).status();
    target.ended = true;
    EXPECT_THAT(ended, IsOk());
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(target.stale, 0);
  }
}

TEST_P(NoStaleAllow, AOneTimeGrantIsSpentOnceUnder64Readers) {
  constexpr int kReaders = 64;
  AgreementContent content = testing::CareContent();
  content.use_count_max = 1;
  const RecordId id =
      world_.Granted(ann_, world_.Publish(content)).revision.record;
  std::atomic<int> released = 0;
  std::vector<std::thread> readers;
  readers.reserve(kReaders);
  for (int i = 0; i < kReaders; ++i) {
    readers.emplace_back([&] {
      if (Released(world_.Read(id))) ++released;
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(released, 1);
  EXPECT_EQ(world_.consent().GetRecord(ann_.id, id)->state,
            RecordState::kExhausted);
}

TEST_P(NoStaleAllow, WithdrawWaitsForBytesOnTheirWay) {
  const RecordId id = world_.Granted(ann_).revision.record;
  auto answer = world_.Read(id);
  ASSERT_TRUE(Released(answer));
  ASSERT_TRUE(answer->release->hold->HandOverIfLive([] {}));
  std::atomic<bool> returned = false;
  std::thread withdrawer([&] {
    EXPECT_THAT(world_.consent().Withdraw(ann_.id, id), IsOk());
    returned = true;
  });
  // Refused already, though the call has not returned.
  while (world_.Read(id)->release.has_value()) std::this_thread::yield();
  EXPECT_FALSE(returned);
  answer->release->hold->Close();
  withdrawer.join();
  EXPECT_TRUE(returned);
}

TEST_P(NoStaleAllow, WithdrawWaitsNoLongerThanTheLease) {
  const RecordId id = world_.Granted(ann_).revision.record;
  auto answer = world_.Read(id);
  ASSERT_TRUE(answer->release->hold->HandOverIfLive([] {}));
  std::atomic<bool> returned = false;
  std::thread withdrawer([&] {
    EXPECT_THAT(world_.consent().Withdraw(ann_.id, id), IsOk());
    returned = true;
  });
  while (world_.Read(id)->release.has_value()) std::this_thread::yield();
  EXPECT_FALSE(returned);
  // Nobody closes the permit; its lease runs out.
  world_.clock().Advance(receipt::kMaxLease);
  withdrawer.join();
  EXPECT_TRUE(returned);
}

TEST_P(NoStaleAllow, ConcurrentPersonsKeepTheirChains) {
  constexpr int kPersons = 8;
  constexpr int kReads = 20;
  std::vector<Citizen> citizens;
  std::vector<RecordId> records;
  for (int i = 0; i < kPersons; ++i) {
    citizens.push_back(world_.NewCitizen(static_cast<std::uint8_t>(10 + i)));
    records.push_back(world_.Granted(citizens.back()).revision.record);
  }
  std::vector<std::thread> readers;
  for (int i = 0; i < kPersons; ++i) {
    readers.emplace_back([&, i] {
      for (int read = 0; read < kReads; ++read) {
        EXPECT_TRUE(
            Released(world_.Read(records[static_cast<std::size_t>(i)])));
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  for (const Citizen& citizen : citizens) {
    const auto page = world_.consent().ListAccesses(citizen.id, {}, 0, 200);
    ASSERT_EQ(page->entries.size(), 2U + kReads);
    for (std::size_t i = 0; i + 1 < page->entries.size(); ++i) {
      EXPECT_EQ(
          base::ToBytes(page->entries[i].entry.previous),
          base::ToBytes(base::ByteView(page->entries[i + 1].leaf).subspan(1)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, NoStaleAllow,
                         ::testing::ValuesIn(testing::Installed()),
                         [](const auto& which) {
                           return testing::BackendName(which.param);
                         });

}  // namespace
}  // namespace limpid::consent
