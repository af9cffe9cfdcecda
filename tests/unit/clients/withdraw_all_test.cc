// What counts as withdrawn before everything is erased.

#include "clients/cli/withdraw_all.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "limpid/consent/v1/person_consent_service.pb.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/clients/unary_connection.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;
using testing::IsOk;
using testing::StatusIs;

// Answers each withdrawal with `status`, or as withdrawn without a receipt.
class FakeConsent final : public client::UnaryConnection {
 public:
  absl::Status Call(const client::Method& /*method*/,
                    const google::protobuf::MessageLite& request,
                    google::protobuf::MessageLite& response) override {
    if (!status.ok()) return status;
    auto& record =
        *dynamic_cast<v1::WithdrawRecordResponse&>(response).mutable_record();
    record.set_record_id(
        dynamic_cast<const v1::WithdrawRecordRequest&>(request).record_id());
    record.set_state(v1::RECORD_STATE_WITHDRAWN);
    return absl::OkStatus();
  }
  absl::Status status;
};

class WithdrawAllTest : public ::testing::Test {
 protected:
  WithdrawAllTest() {
    consents_[0].set_record_id("rec_1");
    consents_[1].set_record_id("rec_2");
  }
  absl::Status Withdraw() { return WithdrawAll(consents_, person_, out_); }

  testing::FakeClock clock_;
  FakeConsent server_;
  client::PersonKey key_ = client::PersonKey::Generate();
  client::Trust trust_;
  client::PersonClient person_{server_, key_, trust_, clock_};
  std::vector<v1::Record> consents_ = std::vector<v1::Record>(2);
  Withdrawn out_;
};

TEST_F(WithdrawAllTest, CountsWhatIsWithdrawnWithoutAReceipt) {
  EXPECT_TRUE(client::IsWithoutReceipt(person_.Withdraw("rec_1").status()));
  EXPECT_THAT(Withdraw(), IsOk());
  EXPECT_EQ(out_.count, 2);
}

TEST_F(WithdrawAllTest, IsNotContentWithAServersNotFound) {
  server_.status = absl::NotFoundError("no such record");
  EXPECT_FALSE(client::IsWithoutReceipt(person_.Withdraw("rec_1").status()));
  EXPECT_THAT(Withdraw(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(out_.count, 0);
}

TEST_F(WithdrawAllTest, TellsWhatStays) {
  server_.status = absl::FailedPreconditionError("rests on a law");
  EXPECT_THAT(Withdraw(), IsOk());
  EXPECT_EQ(out_.count, 0);
  ASSERT_EQ(out_.staying.size(), 2U);
  EXPECT_EQ(out_.staying[1].record, "rec_2");
  EXPECT_EQ(out_.staying[1].why, "rests on a law");
}

}  // namespace
}  // namespace limpid::cli
