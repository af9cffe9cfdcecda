// What PublisherStore promises, one test per promise.

#ifndef LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_PUBLISHER_STORE_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_PUBLISHER_STORE_CONFORMANCE_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "algoregister/registration/publisher.h"
#include "common/base/id.h"
#include "gtest/gtest.h"
#include "tests/conformance/algoregister/store_harness.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {

class PublisherStoreConformance
    : public ::testing::TestWithParam<Implementation> {
 protected:
  void SetUp() override {
    if (!GetParam().absent.empty()) GTEST_SKIP() << GetParam().absent;
    harness_ = GetParam().make();
  }
  PublisherStore& store() {
    harness_->Step();
    return harness_->publishers();
  }
  static Publisher Make(std::uint8_t fill) {
    Publisher publisher;
    publisher.id = PublisherId::Random();
    publisher.name = "City";
    publisher.certificate_thumbprints.emplace_back().fill(fill);
    publisher.signing_keys.emplace_back().bytes.fill(fill);
    return publisher;
  }
  absl::Status Create(const Publisher& publisher) {
    return store().Create(publisher, base::RandomIdBytes()).status();
  }

  std::unique_ptr<StoreHarness> harness_;
};

TEST_P(PublisherStoreConformance, FindsByEveryKey) {
  Publisher publisher = Make(1);
  publisher.importer = true;
  publisher.certificate_thumbprints.emplace_back().fill(2);
  publisher.signing_keys.emplace_back().bytes.fill(3);
  ASSERT_THAT(Create(publisher), testing::IsOk());
  for (const auto& thumbprint : publisher.certificate_thumbprints) {
    EXPECT_EQ(*store().FindByCertificate(thumbprint), publisher);
  }
  for (const auto& key : publisher.signing_keys) {
    EXPECT_EQ(*store().FindBySigningKey(key), publisher);
  }
  // A certificate is not a signing key.
  EXPECT_THAT(
      store().FindBySigningKey({publisher.certificate_thumbprints.back()}),
      testing::StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(PublisherStoreConformance, TheSameRequestCreatesOnce) {
  const auto request = base::RandomIdBytes();
  const Publisher first = Make(1);
  ASSERT_THAT(store().Create(first, request), testing::IsOk());
  EXPECT_EQ(*store().Create(Make(1), request), first);
  EXPECT_EQ(*store().Create(Make(9), request), first);
  EXPECT_EQ(store().List(std::nullopt, 10)->size(), 1U);
}

TEST_P(PublisherStoreConformance, AKeyBelongsToOnePublisher) {
  const Publisher first = Make(1);
  ASSERT_THAT(Create(first), testing::IsOk());
  Publisher second = Make(2);
  second.signing_keys = first.signing_keys;
  const auto taken = testing::StatusIs(absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(Create(second), taken);
  second = Make(2);
  ASSERT_THAT(Create(second), testing::IsOk());
  second.certificate_thumbprints = first.certificate_thumbprints;
  EXPECT_THAT(store().Update(second), taken);
  EXPECT_EQ(store().FindByCertificate(first.certificate_thumbprints[0])->id,
            first.id);
  EXPECT_EQ(store().FindBySigningKey(second.signing_keys[0])->id, second.id);
}

TEST_P(PublisherStoreConformance, UpdateReplacesEverythingButTheId) {
  Publisher publisher = Make(1);
  EXPECT_THAT(store().Update(publisher),
              testing::StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(Create(publisher), testing::IsOk());
  const auto old_key = publisher.signing_keys.front();
  publisher.name = "Town";
  publisher.importer = true;
  publisher.signing_keys.front().bytes.fill(8);
  EXPECT_THAT(store().Update(publisher), testing::IsOk());
  EXPECT_THAT(store().Update(publisher), testing::IsOk());
  EXPECT_EQ(*store().FindBySigningKey(publisher.signing_keys[0]), publisher);
  EXPECT_THAT(store().FindBySigningKey(old_key),
              testing::StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(PublisherStoreConformance, ListsInPagesByTheirIds) {
  for (std::uint8_t fill = 1; fill <= 7; ++fill) {
    ASSERT_THAT(Create(Make(fill)), testing::IsOk());
  }
  const auto first = store().List(std::nullopt, 4);
  ASSERT_EQ(first->size(), 4U);
  const auto rest = store().List(first->back().id, 4);
  ASSERT_EQ(rest->size(), 3U);
  EXPECT_LT(first->back().id, rest->front().id);
  EXPECT_TRUE(store().List(rest->back().id, 4)->empty());
}

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_PUBLISHER_STORE_CONFORMANCE_H_
