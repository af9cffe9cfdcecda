#include "common/rpc/grpc_status.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/rpc/validate.h"
#include "gtest/gtest.h"

namespace limpid::rpc {
namespace {

constexpr int kCodes = 17;
// Stands for whatever must not leave the process.
constexpr char kInside[] = "row 17 of table person_keys";

bool IsHidden(int code) { return code == 2 || code == 13 || code == 15; }

TEST(ToGrpc, KeepsEveryCodeByNumber) {
  for (int code = 0; code < kCodes; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), "x");
    EXPECT_EQ(static_cast<int>(ToGrpc(status).error_code()), code);
    EXPECT_EQ(FromGrpc(ToGrpc(status)).code(), status.code());
  }
}

TEST(ToGrpc, SaysNothingOfTheInsideForOurFaultsAndAlarms) {
  for (int code = 1; code < kCodes; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), kInside);
    const std::string sent = ToGrpc(status).error_message();
    EXPECT_EQ(sent.find(kInside) == std::string::npos, IsHidden(code)) << code;
    EXPECT_EQ(sent.find("reference") != std::string::npos, IsHidden(code));
  }
}

TEST(ToGrpc, TellsTheOperatorWhyUnderTheReference) {
  std::string reference;
  std::string reason;
  SetAlarmSink(
      [&](absl::StatusCode code, std::string_view told, std::string_view why) {
        EXPECT_EQ(code, absl::StatusCode::kDataLoss);
        reference = told;
        reason = why;
      });
  const std::string sent =
      ToGrpc(absl::DataLossError("a row of a table does not open"))
          .error_message();
  SetAlarmSink(nullptr);
  EXPECT_EQ(reason, "a row of a table does not open");
  EXPECT_FALSE(reference.empty());
  EXPECT_TRUE(sent.ends_with(reference)) << sent;
  // Nobody listens any more.
  (void)ToGrpc(absl::InternalError("x"));
  EXPECT_EQ(reason, "a row of a table does not open");
}

TEST(Alarm, TellsTheOperatorOfAlarmsAndOfNothingElse) {
  std::vector<absl::StatusCode> told;
  SetAlarmSink([&](absl::StatusCode code, std::string_view /*reference*/,
                   std::string_view /*why*/) { told.push_back(code); });
  Alarm(absl::DataLossError("a row of a table does not open"));
  Alarm(absl::NotFoundError("no such record"));
  Alarm(absl::OkStatus());
  SetAlarmSink(nullptr);
  EXPECT_EQ(told, std::vector{absl::StatusCode::kDataLoss});
}

TEST(ToGrpc, GivesEachFailureItsOwnReference) {
  const absl::Status status = absl::InternalError(kInside);
  EXPECT_NE(ToGrpc(status).error_message(), ToGrpc(status).error_message());
}

TEST(ToGrpc, KeepsTheFieldPath) {
  const grpc::Status sent =
      ToGrpc(FieldError("lines[2].attribute", "is empty"));
  EXPECT_EQ(sent.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(sent.error_message(), "lines[2].attribute: is empty");
}

TEST(ToGrpc, CutsLongMessagesBetweenCharacters) {
  // 0xC3 0xA9 is one character; 1,024 falls inside of one.
  std::string text = "x";
  for (int i = 0; i < 600; ++i) text += "\xC3\xA9";
  const std::string sent = ToGrpc(absl::NotFoundError(text)).error_message();
  EXPECT_EQ(sent.size(), 1023U);
  EXPECT_EQ(sent.back(), '\xA9');
}

TEST(FromGrpc, MakesAForeignCodeUnknown) {
  // Not yet a code, and still within the range of the enumeration.
  int foreign = 17;
  EXPECT_EQ(FromGrpc({static_cast<grpc::StatusCode>(foreign), "x"}).code(),
            absl::StatusCode::kUnknown);
}

}  // namespace
}  // namespace limpid::rpc
