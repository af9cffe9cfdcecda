#include "consent/record/statement_check.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/fixtures.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using receipt::Statement;
using testing::KeyOf;
using testing::kStart;

class StatementCheck : public ::testing::Test {
 protected:
  absl::StatusOr<Revision> Check(const receipt::SignedStatement& statement,
                                 const Revision& current) {
    return GrantedRevision(
        {operator_, current, agreement_, identity_.PublicKey(), kStart},
        statement);
  }
  absl::StatusOr<Revision> Check(const Statement& statement) {
    return Check(receipt::SignStatement(statement, identity_), current_);
  }

  std::string operator_ = "limpid.example";
  Agreement agreement_ = testing::CareAgreement();
  Revision current_ = testing::RequestedRecord(agreement_);
  crypto::Ed25519PrivateKey identity_ = KeyOf(1);
  Statement good_ = testing::StatementFor(current_, agreement_, kStart);
};

TEST_F(StatementCheck, MakesTheGrantedRevision) {
  const auto granted = Check(good_);
  ASSERT_THAT(granted, IsOk());
  EXPECT_EQ(granted->state, RecordState::kGranted);
  EXPECT_EQ(granted->number, 2U);
  EXPECT_EQ(granted->predecessor, current_.Hash());
  EXPECT_EQ(granted->lines, (std::vector<std::uint16_t>{0, 1}));
  EXPECT_EQ(granted->until, good_.until);
  EXPECT_EQ(granted->evidence, Evidence::kKey);
  EXPECT_NE(granted->statement_hash, base::Digest32{});
  EXPECT_THAT(CheckChain(std::vector<Revision>{current_, *granted}), IsOk());
}

TEST_F(StatementCheck, RefusesEveryBoundMemberThatDiffers) {
  using Damage = std::function<void(Statement&)>;
  const std::vector<std::pair<std::string, Damage>> cases = {
      {"operator", [](Statement& s) { s.operator_name = "other.example"; }},
      {"record",
       [](Statement& s) { s.record = testing::IdOf<RecordId>(9).Text(); }},
      {"revision", [](Statement& s) { s.revision = 3; }},
      {"predecessor", [](Statement& s) { s.predecessor[0] ^= 1U; }},
      {"agreement",
       [](Statement& s) {
         s.agreement = testing::IdOf<AgreementId>(9).Text();
       }},
      {"agreement_hash", [](Statement& s) { s.agreement_hash[31] ^= 1U; }},
      {"service",
       [](Statement& s) { s.service = testing::IdOf<ServiceId>(9).Text(); }},
      {"representative",
       [](Statement& s) {
         s.representative = testing::IdOf<PersonId>(9).Text();
       }},
      {"notice_hash", [](Statement& s) { s.notice_hash[0] ^= 1U; }},
      {"grant_key",
       [](Statement& s) { s.grant_key = KeyOf(1).PublicKey().bytes; }},
      {"time", [](Statement& s) { s.time += absl::Milliseconds(300'001); }},
      {"time", [](Statement& s) { s.time -= absl::Milliseconds(300'001); }},
      {"until", [](Statement& s) { s.until = s.from; }},
      {"until",
       [](Statement& s) {
         s.until = s.from + absl::Hours(24 * 365) + absl::Milliseconds(1);
       }},
      {"until",
       [](Statement& s) {
         s.from = kStart - absl::Hours(2);
         s.until = kStart;
       }},
      {"lines", [](Statement& s) { s.lines.erase(s.lines.begin()); }},
      {"lines", [](Statement& s) { s.lines[1].parameters = R"({"n":12})"; }},
      {"lines", [](Statement& s) { std::swap(s.lines[0], s.lines[1]); }},
      {"lines", [](Statement& s) { s.lines.push_back(s.lines[1]); }},
      {"lines",
       [](Statement& s) {
         s.lines[1] = {"health.allergy", receipt::Form::kFull, "", ""};
       }},
  };
  for (const auto& [member, damage] : cases) {
    Statement bad = good_;
    damage(bad);
    EXPECT_THAT(Check(bad), StatusSays(absl::StatusCode::kInvalidArgument,
                                       "statement." + member + ":"));
  }
}

TEST_F(StatementCheck, AcceptsTheLastMomentsItShould) {
  Statement late = good_;
  late.time += absl::Minutes(5);
  EXPECT_THAT(Check(late), IsOk());
  Statement longest = good_;
  longest.until = longest.from + absl::Hours(24 * 365);
  EXPECT_THAT(Check(longest), IsOk());
}

TEST_F(StatementCheck, RefusesASelfMadeKey) {
  const auto forged = receipt::SignStatement(good_, KeyOf(2));
  EXPECT_THAT(Check(forged, current_),
              StatusSays(absl::StatusCode::kInvalidArgument, "signature"));
}

TEST_F(StatementCheck, RefusesAnotherTextUnderTheSameSignature) {
  auto statement = receipt::SignStatement(good_, identity_);
  Statement other = good_;
  other.until += absl::Hours(1);
  statement.canonical_json = other.Canonical();
  EXPECT_THAT(Check(statement, current_),
              StatusSays(absl::StatusCode::kInvalidArgument, "signature"));
}

TEST_F(StatementCheck, RefusesDoubledKeysEvenWhenSigned) {
  std::string text = good_.Canonical();
  text.insert(text.size() - 1, R"(,"until":"2099-01-01T00:00:00.000Z")");
  receipt::SignedStatement doubled;
  doubled.canonical_json = text;
  doubled.signature = identity_.Sign(receipt::StatementSigningInput(text));
  EXPECT_THAT(Check(doubled, current_),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(StatementCheck, CannotBeReplayedToTheNextRevision) {
  const auto statement = receipt::SignStatement(good_, identity_);
  const Revision granted = Check(statement, current_).value();
  EXPECT_THAT(Check(statement, granted),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  // The same request once more, as a new record: another id, another hash.
  Revision again = current_;
  again.record = testing::IdOf<RecordId>(5);
  EXPECT_THAT(Check(statement, again),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace limpid::consent
