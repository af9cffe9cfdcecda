// What a representative signs after another one did: the same, but only within
// what she chose and what the agreement says.

#include "clients/cpp/delegation_client.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/agreement_text.h"
#include "clients/cpp/wire_time.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/clients/shown_request.h"
#include "tests/unit/clients/unary_connection.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kLoss = absl::StatusCode::kDataLoss;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// Shows a record that another representative has signed, and keeps what is
// granted. Nothing is answered to a grant: what was sent is what counts.
class FakeConsent final : public UnaryConnection {
 public:
  absl::Status Call(const Method& method,
                    const google::protobuf::MessageLite& request,
                    google::protobuf::MessageLite& response) override {
    if (method.path.ends_with("GetRepresentedRecord")) {
      dynamic_cast<v1::GetRepresentedRecordResponse&>(response) = shown;
    } else if (method.path.ends_with("ListMandates")) {
      dynamic_cast<v1::ListMandatesResponse&>(response) = mandates;
    } else if (method.path.ends_with("GrantRepresentedRecord")) {
      sent.push_back(
          dynamic_cast<const v1::GrantRepresentedRecordRequest&>(request));
      return absl::UnavailableError("no answer");
    }
    return absl::OkStatus();
  }
  v1::GetRepresentedRecordResponse shown;
  v1::ListMandatesResponse mandates;
  std::vector<v1::GrantRepresentedRecordRequest> sent;
};

class JoinedGrant : public ::testing::Test {
 protected:
  JoinedGrant() {
    v1::GetRecordResponse request = Shown();
    auto* const dutch =
        request.mutable_agreement()->mutable_content()->add_notices();
    dutch->set_language("nl");
    dutch->set_text("melding");
    dutch->set_hash(base::ToText(
        crypto::Sha256(base::AsBytes(std::string_view("melding")))));
    SetText(request, *AgreementText(request.agreement()));
    *server_.shown.mutable_agreement() = request.agreement();
    v1::Record& record = *server_.shown.mutable_record();
    record = request.record();
    record.set_state(v1::RECORD_STATE_AWAITING_OTHERS);
    record.add_attributes("person.birth_date");
    *record.mutable_from_time() = ToWire(from_);
    *record.mutable_until_time() = ToWire(from_ + absl::Hours(240));
    record.set_grant_key(std::string(32, 'g'));
    server_.shown.set_notice_hash(
        request.agreement().content().notices(0).hash());
    auto& mandate = *server_.mandates.add_delegations();
    mandate.set_person_id("per_1");
    mandate.add_powers("grant");
    mandate.set_live(true);
    *mandate.mutable_until_time() = ToWire(from_ + absl::Hours(24 * 365));
    trust_.operator_name = "op.example";
  }

  absl::Status Grant(const GrantChoice& choice = {
                         {"person.birth_date"}, "", {}}) {
    return DelegationClient(server_, key_, trust_, clock_)
        .Grant("per_1", "rec_1", choice)
        .status();
  }
  void ExpectUnsent(absl::StatusCode code, const std::string& says,
                    const GrantChoice& choice = {
                        {"person.birth_date"}, "", {}}) {
    EXPECT_THAT(Grant(choice), StatusSays(code, says));
    EXPECT_TRUE(server_.sent.empty()) << says;
  }
  v1::Record& record() { return *server_.shown.mutable_record(); }

  testing::FakeClock clock_;
  // Another representative signed an hour ago.
  const absl::Time from_ = clock_.Now() - absl::Hours(1);
  FakeConsent server_;
  PersonKey key_ = PersonKey::Generate();
  Trust trust_;
};

TEST_F(JoinedGrant, RepeatsWhatTheOtherSigned) {
  EXPECT_THAT(Grant(), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_EQ(server_.sent.size(), 1U);
  const auto signed_statement =
      receipt::Statement::Parse(server_.sent.front().statement());
  ASSERT_TRUE(signed_statement.ok());
  EXPECT_EQ(signed_statement->from, from_);
  EXPECT_EQ(signed_statement->until, from_ + absl::Hours(240));
  EXPECT_EQ(base::AsText(signed_statement->grant_key), std::string(32, 'g'));
}

TEST_F(JoinedGrant, IsNeverLongerThanTheAgreementOrTheChoice) {
  *record().mutable_until_time() =
      ToWire(from_ + absl::Hours(240) + absl::Milliseconds(1));
  ExpectUnsent(kLoss, "longer than the agreement");
  *record().mutable_until_time() = ToWire(from_);
  ExpectUnsent(kLoss, "agreement allows");
  *record().mutable_until_time() = ToWire(from_ + absl::Hours(240));
  // Those days, from now on, are what she can give.
  ExpectUnsent(
      kInvalid, "later than your choice: grant with --days 10 ",
      {{"person.birth_date"}, "", from_ + absl::Hours(240) - absl::Seconds(1)});
  EXPECT_THAT(
      Grant({{"person.birth_date"}, "", clock_.Now() + absl::Hours(240)}),
      StatusIs(absl::StatusCode::kUnavailable));
  server_.sent.clear();
  // Nor than what lets her grant.
  *server_.mandates.mutable_delegations(0)->mutable_until_time() =
      ToWire(from_ + absl::Hours(239));
  ExpectUnsent(kInvalid, "later than your own power lasts");
}

TEST_F(JoinedGrant, BeginsNotInTheFuture) {
  const absl::Time later =
      clock_.Now() + receipt::kStatementSkew + absl::Milliseconds(1);
  *record().mutable_from_time() = ToWire(later);
  *record().mutable_until_time() = ToWire(later + absl::Hours(1));
  ExpectUnsent(kLoss, "begin in the future");
}

TEST_F(JoinedGrant, IsAfterTheNoticeThatSheReads) {
  server_.shown.set_notice_hash(std::string(32, 'n'));
  ExpectUnsent(kLoss, "not the agreement's");
  server_.shown.clear_notice_hash();
  ExpectUnsent(kLoss, "not the agreement's");
  server_.shown.set_notice_hash(
      server_.shown.agreement().content().notices(1).hash());
  ExpectUnsent(kInvalid, "the notice in nl: grant with --language nl,");
  EXPECT_THAT(Grant({{"person.birth_date"}, "nl", {}}),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(server_.sent.size(), 1U);
}

}  // namespace
}  // namespace limpid::client
