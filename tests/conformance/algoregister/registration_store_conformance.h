// What RegistrationStore promises, one test per promise.

#ifndef LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_REGISTRATION_STORE_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_REGISTRATION_STORE_CONFORMANCE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/version/sealed_draft.h"
#include "algoregister/version/version.h"
#include "common/crypto/random.h"
#include "common/receipt/registration.h"
#include "gtest/gtest.h"
#include "tests/conformance/algoregister/store_harness.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {

class RegistrationStoreConformance
    : public ::testing::TestWithParam<Implementation> {
 protected:
  void SetUp() override {
    if (!GetParam().absent.empty()) GTEST_SKIP() << GetParam().absent;
    harness_ = GetParam().make();
  }
  RegistrationStore& store() {
    harness_->Step();
    return harness_->versions();
  }

  static json::Value SystemContent(std::string_view title) {
    json::Value content = NewContent(RegistrationKind::kSystem);
    SetField(content, "title", GivenText("en", title));
    content.Set("reason", "because");
    return content;
  }
  // A version with made-up leaf bytes: stores do not look inside.
  static Version Make(const RegistrationId& id, std::uint32_t number,
                      const json::Value& content) {
    Version version;
    version.registration = id;
    version.number = number;
    version.draft_time = absl::FromUnixMillis(1'800'000'000'123 + number);
    version.publisher = PublisherId::Random();
    version.leaf = base::ToBytes(id.Text() + std::string(1, '\0') +
                                 std::to_string(number));
    version.leaf_hash = crypto::RandomArray<32>();
    version.fields = receipt::DiscloseContent(content, crypto::SystemRandom());
    return version;
  }
  static Version MakeSystem(std::string_view title) {
    return Make(RegistrationId::Random(RegistrationKind::kSystem), 1,
                SystemContent(title));
  }
  absl::Status Add(const std::vector<Version>& versions) {
    const std::vector<NewVersion> added(versions.begin(), versions.end());
    return store().Add(added);
  }
  // Adds and marks at the next place.
  void Publish(const Version& version) {
    ASSERT_THAT(Add({version}), testing::IsOk());
    Mark(version);
  }
  void Mark(const Version& version) {
    const std::vector<LogPlace> places = {{.registration = version.registration,
                                           .number = version.number,
                                           .leaf_index = next_place_++}};
    ASSERT_THAT(store().MarkLogged(places), testing::IsOk());
  }
  std::vector<std::string> Titles(const ListFilter& filter) {
    std::vector<std::string> out;
    const auto heads = store().List(filter, std::nullopt, 100);
    EXPECT_THAT(heads, testing::IsOk());
    for (const Head& head : *heads) out.push_back(head.title);
    EXPECT_EQ(*store().Count(filter), out.size());
    return out;
  }

  std::unique_ptr<StoreHarness> harness_;
  std::uint64_t next_place_ = 0;
};

TEST_P(RegistrationStoreConformance, KeepsEveryPartOfAVersion) {
  json::Value content = SystemContent("Titel mit \xc3\xa9 and \"quotes\"");
  AddAlias(content, {"city", "17"});
  Version version =
      Make(RegistrationId::Random(RegistrationKind::kSystem), 1, content);
  version.author_role = AuthorRole::kImporter;
  Publish(version);
  version.leaf_index = 0;
  EXPECT_EQ(*store().Get(version.registration, 0), version);
  EXPECT_EQ(*store().Get(version.registration, 1), version);
  EXPECT_EQ(store().GetHead(version.registration)->title,
            "Titel mit \xc3\xa9 and \"quotes\"");
}

TEST_P(RegistrationStoreConformance, AVersionIsInvisibleUntilItIsMarked) {
  const Version version = MakeSystem("A");
  ASSERT_THAT(Add({version}), testing::IsOk());
  EXPECT_THAT(store().Get(version.registration, 0),
              testing::StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store().Get(version.registration, 1),
              testing::StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store().GetHead(version.registration),
              testing::StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(store().History(version.registration, 0, 10)->empty());
  EXPECT_TRUE(Titles({}).empty());
  EXPECT_EQ(*store().LoggedSize(), 0U);
  ASSERT_EQ(store().Pending()->size(), 1U);
  EXPECT_EQ(store().Pending()->front(), version);
  Mark(version);
  EXPECT_TRUE(store().Pending()->empty());
  EXPECT_EQ(*store().LoggedSize(), 1U);
}

TEST_P(RegistrationStoreConformance, PendingKeepsTheOrderOfAdding) {
  std::vector<Version> versions;
  for (int i = 0; i < 20; ++i) versions.push_back(MakeSystem("same"));
  ASSERT_THAT(Add({versions.begin(), versions.begin() + 5}), testing::IsOk());
  ASSERT_THAT(Add({versions.begin() + 5, versions.end()}), testing::IsOk());
  EXPECT_EQ(*store().Pending(), versions);
}

TEST_P(RegistrationStoreConformance, AddingTheSameVersionAgainIsHarmless) {
  const Version version = MakeSystem("A");
  Publish(version);
  EXPECT_THAT(Add({version}), testing::IsOk());
  EXPECT_TRUE(store().Pending()->empty());
  Mark(version);
  EXPECT_EQ(*store().LoggedSize(), 2U);
}

TEST_P(RegistrationStoreConformance, OnlyTheSuccessorIsAdded) {
  const Version one = MakeSystem("A");
  Publish(one);
  const auto next = [&one](std::uint32_t number, const char* title) {
    return Make(one.registration, number, SystemContent(title));
  };
  const auto aborted = testing::StatusIs(absl::StatusCode::kAborted);
  EXPECT_THAT(Add({next(3, "C")}), aborted);
  Version other = next(1, "other");
  other.leaf.push_back(1);
  EXPECT_THAT(Add({other}), aborted);
  EXPECT_THAT(Add({next(0, "zero")}), aborted);
  EXPECT_THAT(Add({Make(RegistrationId::Random(RegistrationKind::kSystem), 2,
                        SystemContent("B"))}),
              aborted);
  // Two in a row in one call.
  EXPECT_THAT(Add({next(2, "B"), next(3, "C")}), testing::IsOk());
}

TEST_P(RegistrationStoreConformance, AddIsAllOrNothing) {
  const Version good = MakeSystem("A");
  Version bad = MakeSystem("B");
  bad.number = 7;
  EXPECT_FALSE(Add({good, bad}).ok());
  EXPECT_TRUE(store().Pending()->empty());
  const std::vector<LogPlace> places = {
      {.registration = good.registration, .number = 1, .leaf_index = 0}};
  EXPECT_THAT(store().MarkLogged(places),
              testing::StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(RegistrationStoreConformance, MarkingIsAllOrNothing) {
  const Version version = MakeSystem("A");
  ASSERT_THAT(Add({version}), testing::IsOk());
  const std::vector<LogPlace> places = {
      {.registration = version.registration, .number = 1, .leaf_index = 0},
      {.registration = version.registration, .number = 2, .leaf_index = 1}};
  EXPECT_THAT(store().MarkLogged(places),
              testing::StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(store().Pending()->size(), 1U);
}

TEST_P(RegistrationStoreConformance, HistoryIsOldestFirstAndPaged) {
  const Version one = MakeSystem("A");
  Publish(one);
  for (std::uint32_t number = 2; number <= 5; ++number) {
    Publish(Make(one.registration, number,
                 SystemContent("A" + std::to_string(number))));
  }
  const auto page = store().History(one.registration, 1, 3);
  ASSERT_EQ(page->size(), 3U);
  EXPECT_EQ(page->front().number, 2U);
  EXPECT_EQ(page->back().number, 4U);
  EXPECT_EQ(store().History(one.registration, 4, 3)->size(), 1U);
  EXPECT_TRUE(store().History(one.registration, 5, 3)->empty());
  EXPECT_EQ(Titles({}), std::vector<std::string>{"A5"});
}

TEST_P(RegistrationStoreConformance, MarkingAnOldVersionKeepsTheHead) {
  const Version one = MakeSystem("Old");
  const Version two = Make(one.registration, 2, SystemContent("New"));
  ASSERT_THAT(Add({one, two}), testing::IsOk());
  Mark(two);
  Mark(one);
  EXPECT_EQ(store().GetHead(one.registration)->title, "New");
}

TEST_P(RegistrationStoreConformance, OfConcurrentSuccessorsOneIsAdded) {
  const Version one = MakeSystem("A");
  Publish(one);
  RegistrationStore& shared = store();
  std::vector<absl::Status> statuses(8);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < statuses.size(); ++i) {
      threads.emplace_back([&, i] {
        Version two = Make(one.registration, 2, SystemContent("B"));
        two.leaf.push_back(static_cast<std::uint8_t>(i));
        statuses[i] = shared.Add({{NewVersion(two)}});
      });
    }
  }
  EXPECT_EQ(std::count_if(statuses.begin(), statuses.end(),
                          [](const absl::Status& s) { return s.ok(); }),
            1);
  EXPECT_EQ(store().Pending()->size(), 1U);
}

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_REGISTRATION_STORE_CONFORMANCE_H_
