// What EvidenceStore promises, one test per promise. A store knows nothing of
// what is in a bundle.

#ifndef LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_EVIDENCE_STORE_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_EVIDENCE_STORE_CONFORMANCE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "algoregister/upload/evidence_store.h"
#include "gtest/gtest.h"
#include "tests/conformance/algoregister/store_harness.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {

class EvidenceStoreConformance
    : public ::testing::TestWithParam<Implementation> {
 protected:
  static constexpr std::int64_t kQuota = 1'000;

  void SetUp() override {
    if (!GetParam().absent.empty()) GTEST_SKIP() << GetParam().absent;
    harness_ = GetParam().make();
  }
  EvidenceStore& store() {
    harness_->Step();
    return harness_->evidence();
  }
  static StoredBundle Make(std::uint8_t fill, std::size_t size) {
    StoredBundle out;
    out.digest.fill(fill);
    out.added = absl::FromUnixMillis(1'796'000'000'123);
    out.bytes.assign(size, 0);
    // Nothing of it is text.
    if (size > 1) out.bytes[1] = 0xff;
    return out;
  }

  std::unique_ptr<StoreHarness> harness_;
};

TEST_P(EvidenceStoreConformance, GivesBackWhatWasAdded) {
  StoredBundle bundle = Make(1, 500);
  bundle.publisher = PublisherId::Random();
  EXPECT_THAT(store().Get(bundle.digest),
              testing::StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(store().Add(bundle, kQuota), testing::IsOk());
  const auto got = store().Get(bundle.digest);
  ASSERT_THAT(got, testing::IsOk());
  EXPECT_EQ(*got, bundle);
  EXPECT_THAT(store().Get(Make(2, 0).digest),
              testing::StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(EvidenceStoreConformance, KeepsTheFirstOfTheSameDigest) {
  StoredBundle first = Make(1, 10);
  first.publisher = PublisherId::Random();
  ASSERT_THAT(store().Add(first, kQuota), testing::IsOk());
  StoredBundle again = first;
  again.publisher = PublisherId::Random();
  again.added += absl::Hours(1);
  EXPECT_THAT(store().Add(again, kQuota), testing::IsOk());
  EXPECT_EQ(*store().Get(first.digest), first);
}

TEST_P(EvidenceStoreConformance, HoldsAPublisherToItsQuota) {
  const PublisherId publisher = PublisherId::Random();
  const auto add = [&](std::uint8_t fill, std::size_t size) {
    StoredBundle bundle = Make(fill, size);
    bundle.publisher = publisher;
    return store().Add(bundle, kQuota);
  };
  EXPECT_THAT(add(1, 600), testing::IsOk());
  EXPECT_THAT(add(2, 401),
              testing::StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_FALSE(store().Get(Make(2, 0).digest).ok());
  EXPECT_THAT(add(3, 400), testing::IsOk());
  // What is there already costs nothing, and others have their own.
  EXPECT_THAT(add(1, 600), testing::IsOk());
  StoredBundle other = Make(4, 1'000);
  other.publisher = PublisherId::Random();
  EXPECT_THAT(store().Add(other, kQuota), testing::IsOk());
}

TEST_P(EvidenceStoreConformance, AnErasedBundleLeavesItsRecordAlone) {
  StoredBundle bundle = Make(1, 600);
  bundle.publisher = PublisherId::Random();
  const BundleErasure erasure = {
      .digest = bundle.digest,
      .time = absl::FromUnixMillis(1'796'000'000'456),
      .ground = "GDPR Article 17(1)(d)"};
  EXPECT_THAT(store().Erase(erasure),
              testing::StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(store().Add(bundle, kQuota), testing::IsOk());
  EXPECT_EQ(store().Get(bundle.digest)->erasure, std::nullopt);
  const auto erased = store().Erase(erasure);
  ASSERT_THAT(erased, testing::IsOk());
  EXPECT_EQ(*erased, erasure);
  StoredBundle left = bundle;
  left.bytes.clear();
  left.erasure = erasure;
  EXPECT_EQ(*store().Get(bundle.digest), left);
  // It does not come back, nor does another erasure take the place of this one.
  EXPECT_THAT(store().Add(bundle, kQuota),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition));
  BundleErasure again = erasure;
  again.ground = "another";
  again.time += absl::Hours(1);
  EXPECT_EQ(*store().Erase(again), erasure);
  EXPECT_EQ(*store().Get(bundle.digest), left);
  // What is gone counts for no quota.
  StoredBundle next = Make(2, 1'000);
  next.publisher = bundle.publisher;
  EXPECT_THAT(store().Add(next, kQuota), testing::IsOk());
}

TEST_P(EvidenceStoreConformance, HoldsTheLargestBundle) {
  constexpr std::size_t kLargest = std::size_t{4} << 20U;
  StoredBundle bundle = Make(9, kLargest);
  bundle.bytes.back() = 7;
  ASSERT_THAT(store().Add(bundle, std::int64_t{kLargest}), testing::IsOk());
  EXPECT_TRUE(store().Get(bundle.digest)->bytes == bundle.bytes);
}

TEST_P(EvidenceStoreConformance, TwoWritersOfOneDigestAddItOnce) {
  EvidenceStore& shared = store();
  const StoredBundle bundle = Make(1, 600);
  std::array<absl::Status, 2> done;
  std::thread thread([&] { done[0] = shared.Add(bundle, kQuota); });
  done[1] = shared.Add(bundle, kQuota);
  thread.join();
  EXPECT_THAT(done[0], testing::IsOk());
  EXPECT_THAT(done[1], testing::IsOk());
  EXPECT_EQ(*shared.Get(bundle.digest), bundle);
}

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_EVIDENCE_STORE_CONFORMANCE_H_
