#include "common/base/late_answer.h"

#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace limpid::base {
namespace {

TEST(LateAnswer, IsGivenAtOnceWhenNothingIsHeld) {
  LateAnswer answer;
  int given = 0;
  answer.Give([&](const absl::Status& held) {
    EXPECT_TRUE(held.ok());
    ++given;
  });
  EXPECT_EQ(given, 1);
}

TEST(LateAnswer, WaitsForAllThatIsHeld) {
  LateAnswer answer;
  int given = 0;
  answer.Hold();
  answer.Hold();
  answer.Release(absl::OkStatus());
  answer.Give([&](const absl::Status& held) {
    EXPECT_TRUE(held.ok());
    ++given;
  });
  EXPECT_EQ(given, 0);
  answer.Release(absl::OkStatus());
  EXPECT_EQ(given, 1);
}

TEST(LateAnswer, WhatIsReleasedBeforeTheWorkIsDoneGivesNothing) {
  LateAnswer answer;
  int given = 0;
  answer.Hold();
  answer.Release(absl::OkStatus());
  EXPECT_EQ(given, 0);
  answer.Give([&](const absl::Status& held) {
    EXPECT_TRUE(held.ok());
    ++given;
  });
  EXPECT_EQ(given, 1);
}

TEST(LateAnswer, SaysTheFirstFailureOfWhatWasHeld) {
  LateAnswer answer;
  absl::Status said;
  for (int i = 0; i < 3; ++i) answer.Hold();
  answer.Release(absl::OkStatus());
  answer.Release(absl::UnavailableError("first"));
  answer.Give([&](const absl::Status& held) { said = held; });
  answer.Release(absl::InternalError("second"));
  EXPECT_EQ(said, absl::UnavailableError("first"));
}

TEST(LateAnswer, MayBeLetGoInItsOwnAnswer) {
  auto answer = std::make_shared<LateAnswer>();
  LateAnswer& bare = *answer;
  bool given = false;
  answer->Hold();
  bare.Give(
      [&given, own = std::move(answer)](const absl::Status& /*held*/) mutable {
        own.reset();
        given = true;
      });
  bare.Release(absl::OkStatus());
  EXPECT_TRUE(given);
}

TEST(LateAnswer, IsOfOneThreadWhileItsScopeLasts) {
  EXPECT_EQ(LateAnswer::OfThisThread(), nullptr);
  const auto outer = std::make_shared<LateAnswer>();
  const LateAnswer::Scope scope(outer);
  EXPECT_EQ(LateAnswer::OfThisThread(), outer);
  {
    const LateAnswer::Scope none(nullptr);
    EXPECT_EQ(LateAnswer::OfThisThread(), nullptr);
  }
  EXPECT_EQ(LateAnswer::OfThisThread(), outer);
  std::thread([] { EXPECT_EQ(LateAnswer::OfThisThread(), nullptr); }).join();
}

}  // namespace
}  // namespace limpid::base
