#include "consent/push/push_failure.h"

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace limpid::consent {
namespace {

PushVerdict Judge(int status, const std::string& body = "") {
  return JudgePush(PushAnswer{status, body});
}

TEST(JudgePush, OnlyAcceptedAcknowledges) {
  EXPECT_TRUE(Judge(202).acknowledged());
  EXPECT_TRUE(Judge(202, "whatever").acknowledged());
  for (const int status : {0, 100, 200, 201, 203, 204, 302, 400, 500}) {
    EXPECT_FALSE(Judge(status).acknowledged()) << status;
  }
}

TEST(JudgePush, WhatTryingAgainCannotHelpIsFinal) {
  for (const int status : {400, 410, 413, 415, 422}) {
    EXPECT_EQ(Judge(status).failure, PushFailure::kRejected) << status;
    EXPECT_TRUE(Judge(status).final()) << status;
  }
  for (const int status : {200, 301, 307, 401, 403, 404, 408, 429, 500, 503}) {
    EXPECT_FALSE(Judge(status).final()) << status;
  }
}

TEST(JudgePush, SaysWhatKindOfFailureItWas) {
  EXPECT_EQ(Judge(200).failure, PushFailure::kUnexpected);
  EXPECT_EQ(Judge(308).failure, PushFailure::kRedirect);
  EXPECT_EQ(Judge(401).failure, PushFailure::kNotAuthorised);
  EXPECT_EQ(Judge(403).failure, PushFailure::kNotAuthorised);
  EXPECT_EQ(Judge(429).failure, PushFailure::kClientError);
  EXPECT_EQ(Judge(503).failure, PushFailure::kServerError);
  EXPECT_EQ(JudgePush(absl::UnavailableError("")).failure,
            PushFailure::kUnreachable);
  EXPECT_EQ(JudgePush(absl::DeadlineExceededError("")).failure,
            PushFailure::kTimeout);
  EXPECT_EQ(JudgePush(absl::FailedPreconditionError("")).failure,
            PushFailure::kTls);
  EXPECT_EQ(JudgePush(absl::PermissionDeniedError("")).failure,
            PushFailure::kAddress);
}

TEST(JudgePush, ReadsTheErrorsOfRfc8935) {
  const auto named = [](const std::string& err) {
    return Judge(400, R"({"err":")" + err + R"(","description":"x"})");
  };
  const PushVerdict key = named("invalid_key");
  EXPECT_EQ(key.rejection, PushRejection::kInvalidKey);
  EXPECT_TRUE(key.final());
  EXPECT_EQ(named("invalid_request").rejection, PushRejection::kInvalidRequest);
  EXPECT_EQ(named("invalid_issuer").rejection, PushRejection::kInvalidIssuer);
  EXPECT_EQ(named("invalid_audience").rejection,
            PushRejection::kInvalidAudience);
  EXPECT_EQ(named("something").rejection, PushRejection::kOther);
  // About the connection, not about the event.
  for (const char* const err : {"authentication_failed", "access_denied"}) {
    EXPECT_FALSE(named(err).final()) << err;
    EXPECT_EQ(named(err).failure, PushFailure::kNotAuthorised) << err;
  }
  for (const char* const body :
       {"", "x", "[]", "{}", R"({"err":1})", R"({"err":"a","err":"a"})"}) {
    EXPECT_EQ(Judge(400, body).rejection, PushRejection::kNone) << body;
    EXPECT_TRUE(Judge(400, body).final()) << body;
  }
}

TEST(PushWait, DoublesFromOneSecondToOneHour) {
  constexpr std::uint32_t kMost = UINT32_MAX;
  EXPECT_EQ(PushWait(1, kMost), absl::Seconds(1));
  EXPECT_EQ(PushWait(2, kMost), absl::Seconds(2));
  EXPECT_EQ(PushWait(12, kMost), absl::Seconds(2048));
  EXPECT_EQ(PushWait(13, kMost), absl::Hours(1));
  EXPECT_EQ(PushWait(1'000'000, kMost), absl::Hours(1));
  EXPECT_EQ(PushWait(UINT32_MAX, kMost), absl::Hours(1));
}

TEST(PushWait, IsSpreadOverTheLaterHalf) {
  EXPECT_EQ(PushWait(3, 0), absl::Seconds(2));
  const absl::Duration middle = PushWait(3, UINT32_MAX / 2);
  EXPECT_GT(middle, absl::Milliseconds(2'990));
  EXPECT_LT(middle, absl::Milliseconds(3'010));
}

}  // namespace
}  // namespace limpid::consent
