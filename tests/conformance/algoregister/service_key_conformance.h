// What ServiceKeyStore promises, one test per promise. A store knows nothing of
// signatures, so the entries are any bytes.

#ifndef LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_SERVICE_KEY_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_SERVICE_KEY_CONFORMANCE_H_

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/service_key/service_key_store.h"
#include "gtest/gtest.h"
#include "tests/conformance/algoregister/store_harness.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {

class ServiceKeyStoreConformance
    : public ::testing::TestWithParam<Implementation> {
 protected:
  void SetUp() override {
    if (!GetParam().absent.empty()) GTEST_SKIP() << GetParam().absent;
    harness_ = GetParam().make();
  }
  ServiceKeyStore& store() {
    harness_->Step();
    return harness_->service_keys();
  }
  static receipt::ServiceIdBytes IdOf(std::uint8_t fill) {
    receipt::ServiceIdBytes out{};
    out.fill(fill);
    return out;
  }
  static StoredServiceKey Make(std::uint8_t service, std::uint32_t number) {
    return {.service = IdOf(service),
            .number = number,
            .entry = {4, service, 0, static_cast<std::uint8_t>(number), 255},
            .leaf_index = {}};
  }
  absl::Status Mark(std::uint8_t service, std::uint32_t number,
                    std::uint64_t index) {
    const std::vector<ServiceKeyPlace> places = {
        {IdOf(service), number, index}};
    return store().MarkLogged(places);
  }
  std::vector<StoredServiceKey> List(std::uint8_t service,
                                     std::uint32_t after = 0,
                                     std::size_t limit = 100) {
    return store().List(IdOf(service), after, limit).value();
  }

  std::unique_ptr<StoreHarness> harness_;
};

TEST_P(ServiceKeyStoreConformance, ShowsAnEntryOnceItIsMarked) {
  const StoredServiceKey key = Make(1, 1);
  ASSERT_THAT(store().Add(key), testing::IsOk());
  EXPECT_TRUE(List(1).empty());
  EXPECT_EQ(store().Pending().value(), std::vector{key});
  EXPECT_EQ(store().LoggedSize().value(), 0U);
  ASSERT_THAT(Mark(1, 1, 41), testing::IsOk());
  ASSERT_THAT(Mark(1, 1, 41), testing::IsOk());
  StoredServiceKey marked = key;
  marked.leaf_index = 41;
  EXPECT_EQ(List(1), std::vector{marked});
  EXPECT_TRUE(store().Pending()->empty());
  EXPECT_EQ(store().LoggedSize().value(), 42U);
}

TEST_P(ServiceKeyStoreConformance, TheSameEntryAgainIsAddedOnce) {
  ASSERT_THAT(store().Add(Make(1, 1)), testing::IsOk());
  ASSERT_THAT(store().Add(Make(1, 2)), testing::IsOk());
  EXPECT_THAT(store().Add(Make(1, 1)), testing::IsOk());
  EXPECT_THAT(store().Add(Make(1, 2)), testing::IsOk());
  EXPECT_EQ(store().Pending()->size(), 2U);
}

TEST_P(ServiceKeyStoreConformance, RefusesForksAndGaps) {
  constexpr auto kAborted = absl::StatusCode::kAborted;
  EXPECT_THAT(store().Add(Make(1, 0)), testing::StatusIs(kAborted));
  EXPECT_THAT(store().Add(Make(1, 2)), testing::StatusIs(kAborted));
  ASSERT_THAT(store().Add(Make(1, 1)), testing::IsOk());
  StoredServiceKey fork = Make(1, 1);
  fork.entry.push_back(0);
  EXPECT_THAT(store().Add(fork), testing::StatusIs(kAborted));
  EXPECT_THAT(store().Add(Make(1, 3)), testing::StatusIs(kAborted));
  // Another service's entries do not count.
  ASSERT_THAT(store().Add(Make(2, 1)), testing::IsOk());
  EXPECT_THAT(store().Add(Make(2, 3)), testing::StatusIs(kAborted));
  EXPECT_EQ(store().Pending()->size(), 2U);
}

TEST_P(ServiceKeyStoreConformance, PendingIsInTheOrderOfAdding) {
  const std::vector<StoredServiceKey> added = {Make(9, 1), Make(1, 1),
                                               Make(9, 2), Make(5, 1)};
  for (const StoredServiceKey& key : added) {
    ASSERT_THAT(store().Add(key), testing::IsOk());
  }
  EXPECT_EQ(store().Pending().value(), added);
  ASSERT_THAT(Mark(1, 1, 7), testing::IsOk());
  EXPECT_EQ(store().Pending().value(),
            (std::vector{added[0], added[2], added[3]}));
}

TEST_P(ServiceKeyStoreConformance, MarksAllOrNone) {
  ASSERT_THAT(store().Add(Make(1, 1)), testing::IsOk());
  const std::vector<ServiceKeyPlace> places = {{IdOf(1), 1, 3},
                                               {IdOf(1), 2, 4}};
  EXPECT_THAT(store().MarkLogged(places),
              testing::StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(List(1).empty());
  EXPECT_EQ(store().LoggedSize().value(), 0U);
}

TEST_P(ServiceKeyStoreConformance, ListsInPagesByNumber) {
  for (std::uint32_t number = 1; number <= 12; ++number) {
    ASSERT_THAT(store().Add(Make(1, number)), testing::IsOk());
    ASSERT_THAT(Mark(1, number, number * 10), testing::IsOk());
  }
  ASSERT_THAT(store().Add(Make(2, 1)), testing::IsOk());
  ASSERT_THAT(Mark(2, 1, 999), testing::IsOk());
  const auto first = List(1, 0, 5);
  ASSERT_EQ(first.size(), 5U);
  EXPECT_EQ(first.front().number, 1U);
  const auto rest = List(1, first.back().number);
  ASSERT_EQ(rest.size(), 7U);
  EXPECT_EQ(rest.front().number, 6U);
  EXPECT_EQ(rest.back().number, 12U);
  EXPECT_EQ(rest.back().leaf_index, 120U);
  EXPECT_TRUE(List(1, 12).empty());
  EXPECT_TRUE(List(3).empty());
}

TEST_P(ServiceKeyStoreConformance, OfTwoWritersOneWinsAPlace) {
  ServiceKeyStore& shared = store();
  StoredServiceKey other = Make(1, 1);
  other.entry.back() = 0;
  absl::Status left;
  absl::Status right;
  std::thread thread([&] { left = shared.Add(Make(1, 1)); });
  right = shared.Add(other);
  thread.join();
  EXPECT_NE(left.ok(), right.ok());
  EXPECT_EQ(shared.Pending()->size(), 1U);
}

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_SERVICE_KEY_CONFORMANCE_H_
