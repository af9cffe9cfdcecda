// Answers whose every signature is good, and that answer something else.

#include "clients/cpp/answer_check.h"

#include <functional>
#include <string>
#include <vector>

#include "clients/cli/copy_view.h"
#include "clients/cpp/delegation_client.h"
#include "clients/cpp/move_client.h"
#include "clients/cpp/person_client.h"
#include "common/crypto/random.h"
#include "common/tlog/note.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/clients/unary_connection.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;
using receipt::ReceiptType;
using testing::IsOk;
using testing::StatusIs;

constexpr char kRecord[] = "rec_asked";

// Says `answer` to every call.
class FakeConsent final : public UnaryConnection {
 public:
  absl::Status Call(const Method& /*method*/,
                    const google::protobuf::MessageLite& /*request*/,
                    google::protobuf::MessageLite& response) override {
    return response.ParseFromString(answer) ? absl::OkStatus()
                                            : absl::InternalError("no answer");
  }
  std::string answer;
};

class AnswerTest : public ::testing::Test {
 protected:
  AnswerTest() {
    trust_.operator_name = "op.example";
    trust_.evidence_key = evidence_.PublicKey();
    trust_.log_vkeys["op.example/access"] =
        tlog::NoteVerifier::Create("op.example/access",
                                   tlog::NoteAlgorithm::kEd25519,
                                   evidence_.PublicKey())
            ->Vkey();
    body_.type = ReceiptType::kWithdrawal;
    body_.record = kRecord;
    body_.operator_name = "op.example";
    body_.time = absl::FromUnixMillis(1'767'225'600'000);
    body_.log_by = body_.time;
  }
  // A receipt that verifies, whatever it is about.
  v1::Receipt Signed(const receipt::ReceiptBody& body) {
    receipt::Receipt out;
    out.body_json = body.Canonical();
    const std::vector<base::Bytes> items = {
        receipt::ReceiptItem(out.body_json)};
    out.proof = receipt::SignBatch(receipt::BatchKind::kReceipts, 1, body.time,
                                   items, evidence_)
                    .front();
    v1::Receipt wire;
    wire.set_file_json(out.ToFile());
    return wire;
  }
  absl::Status Withdraw(const receipt::ReceiptBody& body) {
    v1::WithdrawRecordResponse response;
    response.mutable_record()->set_record_id(std::string(kRecord));
    *response.mutable_receipt() = Signed(body);
    server_.answer = response.SerializeAsString();
    return person_.Withdraw(kRecord).status();
  }
  absl::Status Fetch(const std::string& id, const receipt::ReceiptBody& body) {
    v1::GetReceiptResponse response;
    *response.mutable_receipt() = Signed(body);
    server_.answer = response.SerializeAsString();
    return person_.GetReceipt(id).status();
  }

  const crypto::Ed25519PrivateKey evidence_ =
      crypto::Ed25519PrivateKey::Generate();
  const PersonKey key_ = PersonKey::Generate();
  Trust trust_;
  testing::FakeClock clock_;
  FakeConsent server_;
  PersonClient person_{server_, key_, trust_, clock_};
  DelegationClient other_{server_, key_, trust_, clock_};
  receipt::ReceiptBody body_;
};

TEST_F(AnswerTest, AWithdrawalIsBelievedOnItsOwnReceipt) {
  EXPECT_THAT(Withdraw(body_), IsOk());
  // The receipt of the first withdrawal, when the call is repeated.
  body_.time -= absl::Hours(48);
  EXPECT_THAT(Withdraw(body_), IsOk());
}

// "Withdrawn, without a receipt" is said of the record that was asked about.
TEST_F(AnswerTest, AnotherRecordsEndIsNoAnswerEither) {
  v1::WithdrawRecordResponse response;
  response.mutable_record()->set_record_id("rec_of_another");
  response.mutable_record()->set_state(v1::RECORD_STATE_WITHDRAWN);
  server_.answer = response.SerializeAsString();
  EXPECT_THAT(person_.Withdraw(kRecord).status(),
              StatusIs(absl::StatusCode::kDataLoss));
  response.mutable_record()->set_record_id(std::string(kRecord));
  server_.answer = response.SerializeAsString();
  EXPECT_THAT(person_.Withdraw(kRecord).status(),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(AnswerTest, AWithdrawalIsNotBelievedOnAnotherReceipt) {
  const auto lied = StatusIs(absl::StatusCode::kDataLoss);
  for (const auto& change :
       std::vector<std::function<void(receipt::ReceiptBody&)>>{
           [](auto& body) { body.type = ReceiptType::kGrant; },
           [](auto& body) { body.type = ReceiptType::kAccess; },
           [](auto& body) { body.record = "rec_other"; },
           [](auto& body) { body.record.clear(); },
           [](auto& body) { body.operator_name = "other.example"; }}) {
    receipt::ReceiptBody body = body_;
    change(body);
    EXPECT_THAT(Withdraw(body), lied);
  }
}

TEST_F(AnswerTest, AGrantIsBelievedOnlyForTheStatementThatWasSent) {
  const receipt::SignedStatement sent = {.canonical_json = "{}"};
  const AskedReceipt asked = GrantOf(kRecord, sent);
  body_.type = ReceiptType::kGrant;
  body_.statement_hash = *asked.statement_hash;
  EXPECT_THAT(CheckReceipt(Signed(body_), asked, trust_), IsOk());
  body_.statement_hash[31] ^= 1U;
  EXPECT_THAT(CheckReceipt(Signed(body_), asked, trust_),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(AnswerTest, AReceiptIsTheOneThatWasAskedFor) {
  const auto lied = StatusIs(absl::StatusCode::kDataLoss);
  body_.access = "acc_a";
  EXPECT_THAT(Fetch(kRecord, body_), IsOk());
  EXPECT_THAT(Fetch("rec_other", body_), lied);
  EXPECT_THAT(Fetch("acc_a", body_), IsOk());
  EXPECT_THAT(Fetch("acc_b", body_), lied);
  body_.type = ReceiptType::kAccess;
  EXPECT_THAT(Fetch("acc_a", body_), IsOk());
  EXPECT_THAT(Fetch(kRecord, body_), lied);
}

TEST_F(AnswerTest, ARepresentativeIsAnsweredAboutTheRecordToo) {
  const auto lied = StatusIs(absl::StatusCode::kDataLoss);
  v1::WithdrawRepresentedRecordResponse response;
  const auto withdraw = [&] {
    server_.answer = response.SerializeAsString();
    return other_.Withdraw("per_x", kRecord).status();
  };
  response.mutable_record()->set_record_id(kRecord);
  EXPECT_THAT(withdraw(), lied) << "neither withdrawn nor a receipt";
  response.mutable_record()->set_state(v1::RECORD_STATE_WITHDRAWN);
  EXPECT_THAT(withdraw(), IsOk());
  *response.mutable_receipt() = Signed(body_);
  EXPECT_THAT(withdraw(), IsOk());
  body_.type = ReceiptType::kGrant;
  *response.mutable_receipt() = Signed(body_);
  EXPECT_THAT(withdraw(), lied);
  response.clear_receipt();
  response.mutable_record()->set_record_id("rec_other");
  EXPECT_THAT(withdraw(), lied);
}

TEST_F(AnswerTest, AnotherRecordIsNotTheOneAskedFor) {
  const auto lied = StatusIs(absl::StatusCode::kDataLoss);
  v1::GetRecordResponse response;
  response.mutable_record()->set_record_id("rec_other");
  server_.answer = response.SerializeAsString();
  EXPECT_THAT(person_.GetRecord(kRecord), lied);
  EXPECT_THAT(other_.GetRecord("per_x", kRecord), lied);
  EXPECT_THAT(person_.Pause(kRecord), lied);
  EXPECT_THAT(person_.Refuse(kRecord), lied);
  EXPECT_THAT(MoveClient(server_, key_, trust_, clock_)
                  .MoveOut(kRecord, {"new.example", {}}),
              lied);
}

TEST_F(AnswerTest, AServicesCopyIsOfTheRecordThatWasAsked) {
  const receipt::ServiceCopy copy = receipt::MakeServiceCopy(
      body_, {.epoch = 1, .time = body_.time, .key = evidence_},
      [] { return crypto::RandomArray<32>(); });
  EXPECT_THAT(cli::CheckIsOf(copy, kRecord), IsOk());
  EXPECT_THAT(cli::CheckIsOf(copy, "rec_other"),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(cli::CheckIsOf({}, kRecord),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::client
