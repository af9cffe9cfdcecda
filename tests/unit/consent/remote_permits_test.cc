#include "consent/source/remote_permits.h"

#include <memory>
#include <utility>

#include "common/receipt/permit.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/unit/consent/fixtures.h"

namespace limpid::consent {
namespace {

using testing::IdOf;

constexpr auto kSent = receipt::AccessOutcome::kReleased;

class RemotePermitsTest : public ::testing::Test {
 protected:
  bool Send(std::uint8_t access, std::uint64_t revision = 1) {
    return remote_.Send(source_, IdOf<AccessId>(access),
                        permits_.Open(record_, revision, receipt::kMaxLease),
                        [this] { ++sent_; });
  }
  // Whether a fence at revision 2 need not wait.
  bool FenceDrainsAtOnce() {
    bool drained = false;
    permits_.Fence(record_, 2, [&drained] { drained = true; });
    return drained;
  }

  limpid::testing::FakeClock clock_{testing::kStart};
  Permits permits_{clock_};
  RemotePermits remote_{clock_};
  const SourceId source_ = IdOf<SourceId>(7);
  const RecordId record_ = IdOf<RecordId>(1);
  int sent_ = 0;
};

TEST_F(RemotePermitsTest, WhatWasSentHoldsAFenceUntilItIsClosed) {
  ASSERT_TRUE(Send(1));
  EXPECT_EQ(sent_, 1);
  bool drained = false;
  permits_.Fence(record_, 2, [&drained] { drained = true; });
  EXPECT_FALSE(drained);
  // Somebody else's word counts for nothing.
  remote_.Close(IdOf<SourceId>(8), IdOf<AccessId>(1), kSent);
  EXPECT_FALSE(drained);
  remote_.Close(source_, IdOf<AccessId>(1), kSent);
  EXPECT_TRUE(drained);
  remote_.Close(source_, IdOf<AccessId>(1), kSent);
  EXPECT_EQ(remote_.open_count(), 0U);
}

TEST_F(RemotePermitsTest, ALeaseThatRanOutHoldsNothing) {
  ASSERT_TRUE(Send(1));
  clock_.Advance(receipt::kMaxLease);
  EXPECT_TRUE(FenceDrainsAtOnce());
  // And when nobody will say any more what became of it, it is forgotten with
  // the next one.
  clock_.Advance(kRemotePatience - receipt::kMaxLease);
  ASSERT_TRUE(Send(2, /*revision=*/3));
  EXPECT_EQ(remote_.open_count(), 1U);
}

TEST_F(RemotePermitsTest, AFencedPermitIsNotSent) {
  auto permit = permits_.Open(record_, 1, receipt::kMaxLease);
  EXPECT_TRUE(FenceDrainsAtOnce());
  EXPECT_FALSE(remote_.Send(source_, IdOf<AccessId>(1), std::move(permit),
                            [this] { ++sent_; }));
  EXPECT_EQ(sent_, 0);
  EXPECT_EQ(remote_.open_count(), 0U);
}

TEST_F(RemotePermitsTest, WhoListensHearsEveryFenceUntilItSaysNo) {
  int heard = 0;
  permits_.Listen([&heard](const RecordId& /*record*/,
                           std::uint64_t /*revision*/) { return ++heard < 2; });
  for (int i = 0; i < 4; ++i) (void)FenceDrainsAtOnce();
  EXPECT_EQ(heard, 2);
}

}  // namespace
}  // namespace limpid::consent
