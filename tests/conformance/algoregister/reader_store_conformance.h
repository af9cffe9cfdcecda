// What RestrictedReaderStore promises, one test per promise.

#ifndef LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_READER_STORE_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_READER_STORE_CONFORMANCE_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/restricted/reader.h"
#include "gtest/gtest.h"
#include "tests/conformance/algoregister/store_harness.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {

class ReaderStoreConformance : public ::testing::TestWithParam<Implementation> {
 protected:
  void SetUp() override {
    if (!GetParam().absent.empty()) GTEST_SKIP() << GetParam().absent;
    harness_ = GetParam().make();
  }
  RestrictedReaderStore& store() {
    harness_->Step();
    return harness_->readers();
  }
  static base::Digest32 Thumbprint(std::uint8_t fill) {
    base::Digest32 out{};
    out.fill(fill);
    return out;
  }
  static RestrictedReader Make(std::string_view name,
                               std::vector<std::uint8_t> certificates) {
    RestrictedReader out;
    out.id = RestrictedReaderId::Random();
    out.name = std::string(name);
    out.audiences = {"auditor", "regulator"};
    for (const std::uint8_t fill : certificates) {
      out.certificate_thumbprints.push_back(Thumbprint(fill));
    }
    return out;
  }
  static base::ByteArray<base::kIdBytes> Request(std::uint8_t fill) {
    base::ByteArray<base::kIdBytes> out{};
    out.fill(fill);
    return out;
  }

  std::unique_ptr<StoreHarness> harness_;
};

TEST_P(ReaderStoreConformance, AReaderIsFoundByItsCertificates) {
  const RestrictedReader reader = Make("Court of Audit", {2, 1});
  EXPECT_EQ(*store().Create(reader, Request(1)), reader);
  EXPECT_EQ(*store().FindByCertificate(Thumbprint(1)), reader);
  EXPECT_EQ(*store().FindByCertificate(Thumbprint(2)), reader);
  EXPECT_THAT(store().FindByCertificate(Thumbprint(3)),
              testing::StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(ReaderStoreConformance, ARepeatedRequestAnswersTheFirst) {
  const RestrictedReader reader = Make("A", {1});
  ASSERT_THAT(store().Create(reader, Request(1)), testing::IsOk());
  EXPECT_EQ(*store().Create(Make("B", {2}), Request(1)), reader);
  EXPECT_EQ(store().List()->size(), 1U);
}

TEST_P(ReaderStoreConformance, ACertificateBelongsToOneReader) {
  const RestrictedReader reader = Make("A", {1});
  ASSERT_THAT(store().Create(reader, Request(1)), testing::IsOk());
  const auto taken = testing::StatusIs(absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(store().Create(Make("B", {2, 1}), Request(2)), taken);
  EXPECT_EQ(store().List()->size(), 1U);
  ASSERT_THAT(store().Remove(reader.id), testing::IsOk());
  EXPECT_THAT(store().Create(Make("B", {1}), Request(3)), taken);
}

TEST_P(ReaderStoreConformance, ARemovedReaderReadsNothing) {
  const RestrictedReader reader = Make("A", {1});
  ASSERT_THAT(store().Create(reader, Request(1)), testing::IsOk());
  ASSERT_THAT(store().Remove(reader.id), testing::IsOk());
  ASSERT_THAT(store().Remove(reader.id), testing::IsOk());
  const auto missing = testing::StatusIs(absl::StatusCode::kNotFound);
  EXPECT_THAT(store().FindByCertificate(Thumbprint(1)), missing);
  ASSERT_EQ(store().List()->size(), 1U);
  EXPECT_TRUE(store().List()->front().removed);
  EXPECT_THAT(store().Remove(RestrictedReaderId::Random()), missing);
}

TEST_P(ReaderStoreConformance, ReadsAreCounted) {
  const RestrictedReader reader = Make("A", {1});
  ASSERT_THAT(store().Create(reader, Request(1)), testing::IsOk());
  ASSERT_THAT(store().Count(reader.id), testing::IsOk());
  ASSERT_THAT(store().Count(reader.id), testing::IsOk());
  EXPECT_EQ(store().List()->front().read_count, 2U);
  EXPECT_THAT(store().Count(RestrictedReaderId::Random()),
              testing::StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_READER_STORE_CONFORMANCE_H_
