#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_replace.h"
#include "clients/cpp/person_client.h"
#include "common/crypto/hash.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/clients/shown_request.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;
using testing::IsOk;
using testing::StatusIs;

const absl::Time kNow = absl::FromUnixMillis(1'767'225'600'123);

absl::StatusOr<receipt::Statement> Build(const v1::GetRecordResponse& shown,
                                         const GrantChoice& choice) {
  return BuildStatement(shown, choice, "op.example", {}, {}, kNow);
}

TEST(BuildStatement, BindsWhatWasShownAndChosen) {
  const auto statement =
      Build(Shown(), {{"person.birth_date", "person.name"}, "", {}});
  ASSERT_THAT(statement, IsOk());
  EXPECT_EQ(statement->record, "rec_1");
  EXPECT_EQ(statement->service, "svc_1");
  EXPECT_EQ(statement->revision, 2U);
  EXPECT_EQ(statement->predecessor[0], 7);
  EXPECT_EQ(statement->operator_name, "op.example");
  EXPECT_EQ(statement->until, kNow + absl::Hours(240));
  // In the agreement's order.
  ASSERT_EQ(statement->lines.size(), 2U);
  EXPECT_EQ(statement->lines[0].attribute, "person.name");
  EXPECT_EQ(statement->lines[1].derivation, "over_n/1");
  EXPECT_EQ(statement->lines[1].parameters, R"({"n":18})");
}

TEST(BuildStatement, NeverAsksForMoreTimeThanTheAgreement) {
  GrantChoice choice{{"person.birth_date"}, "", kNow + absl::Hours(24 * 400)};
  EXPECT_EQ(Build(Shown(), choice)->until, kNow + absl::Hours(240));
  choice.until = kNow + absl::Hours(1);
  EXPECT_EQ(Build(Shown(), choice)->until, kNow + absl::Hours(1));
}

TEST(BuildStatement, RefusesAChoiceThatIsNotOne) {
  const auto invalid = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Build(Shown(), {{}, "", {}}), invalid);
  EXPECT_THAT(Build(Shown(), {{"person.name"}, "", {}}), invalid);
  EXPECT_THAT(Build(Shown(), {{"person.birth_date", "person.email"}, "", {}}),
              invalid);
  EXPECT_THAT(
      Build(Shown(), {{"person.birth_date", "person.birth_date"}, "", {}}),
      invalid);
  EXPECT_THAT(Build(Shown(), {{"person.birth_date"}, "nl", {}}), invalid);
}

TEST(BuildStatement, SignsNothingWhoseHashIsWrong) {
  const auto lost = StatusIs(absl::StatusCode::kDataLoss);
  const GrantChoice choice{{"person.birth_date"}, "", {}};
  v1::GetRecordResponse agreement = Shown();
  agreement.mutable_agreement()->set_canonical_json("{ }");
  EXPECT_THAT(Build(agreement, choice), lost);
  v1::GetRecordResponse notice = Shown();
  notice.mutable_agreement()->mutable_content()->mutable_notices(0)->set_text(
      "another notice");
  EXPECT_THAT(Build(notice, choice), lost);
}

// What a screen shows is the content; what the hash covers is the text.
TEST(CheckAgreement, ShowsNothingThatTheHashDoesNotCover) {
  EXPECT_THAT(CheckAgreement(Shown().agreement()), IsOk());
  using Change = std::function<void(v1::AgreementContent&)>;
  const std::vector<Change> changes = {
      [](auto& c) { c.mutable_titles(0)->set_text("Prizes"); },
      [](auto& c) { c.mutable_titles(0)->set_language("nl"); },
      [](auto& c) { c.set_purposes(0, "https://w3id.org/dpv#Marketing"); },
      [](auto& c) { c.add_purposes("https://w3id.org/dpv#Marketing"); },
      [](auto& c) { c.set_legal_basis(v1::LEGAL_BASIS_CONTRACT); },
      [](auto& c) { c.clear_legal_basis(); },
      [](auto& c) { c.mutable_lines(0)->set_attribute("person.email"); },
      [](auto& c) {
        c.mutable_lines(0)->set_necessity(v1::NECESSITY_REQUIRED);
      },
      [](auto& c) { c.mutable_lines(1)->set_form(v1::FORM_FULL); },
      [](auto& c) { c.mutable_lines(1)->clear_derivation(); },
      [](auto& c) {
        c.mutable_lines(1)->mutable_derivation()->set_name("at_n");
      },
      [](auto& c) { c.mutable_lines(1)->mutable_derivation()->set_version(2); },
      [](auto& c) {
        c.mutable_lines(1)->mutable_derivation()->set_parameters_json(
            R"({"n":16})");
      },
      [](auto& c) { c.mutable_lines(1)->clear_operations(); },
      [](auto& c) { c.mutable_lines(1)->clear_source_id(); },
      [](auto& c) { c.mutable_lines()->RemoveLast(); },
      [](auto& c) { c.mutable_lines()->SwapElements(0, 1); },
      [](auto& c) { c.clear_recipients(); },
      [](auto& c) { c.set_retention_days(3); },
      [](auto& c) { c.set_storage_location("EU"); },
      [](auto& c) { c.set_validity_days(11); },
      [](auto& c) { c.set_use_count_max(1); },
      [](auto& c) { c.set_use_count_max(UINT64_MAX); },
      [](auto& c) { c.mutable_notices(0)->set_text("another"); },
      [](auto& c) { c.mutable_notices(0)->set_language("nl"); },
      [](auto& c) { c.clear_system_ids(); },
      [](auto& c) { c.set_ai_training(true); },
      [](auto& c) { c.set_atomic(true); },
      [](auto& c) { c.set_embargo_days(30); },
      [](auto& c) { c.mutable_use_frequency()->set_use_count_max(1); },
      [](auto& c) { c.mutable_data_range()->set_from_date("2026-01-01"); },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    v1::GetRecordResponse shown = Shown();
    changes[i](*shown.mutable_agreement()->mutable_content());
    EXPECT_THAT(CheckAgreement(shown.agreement()),
                StatusIs(absl::StatusCode::kDataLoss))
        << "change " << i;
  }
}

TEST(CheckAgreement, ReadsTheMembersThatStandOnlyWhereTheySaySomething) {
  v1::GetRecordResponse shown = Shown();
  v1::AgreementContent& content = *shown.mutable_agreement()->mutable_content();
  content.set_atomic(true);
  content.set_embargo_days(30);
  content.mutable_use_frequency()->set_use_count_max(2);
  content.mutable_use_frequency()->set_period_seconds(3'600);
  std::string text(kShownText);
  text.insert(text.find(R"("legal_basis")"),
              R"("atomic":true,"embargo_days":30,)");
  text.insert(text.find(R"("validity_days")"),
              R"("use_frequency":{"period_seconds":3600,"use_count_max":2},)");
  SetText(shown, text);
  EXPECT_THAT(CheckAgreement(shown.agreement()), IsOk());
}

// A member of a later version of the format is not shown, so it is not signed.
TEST(CheckAgreement, RefusesAMemberThatItDoesNotKnow) {
  v1::GetRecordResponse shown = Shown();
  SetText(shown, std::string(kShownText.substr(0, kShownText.size() - 1)) +
                     R"(,"x":1})");
  EXPECT_THAT(CheckAgreement(shown.agreement()),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(BuildStatement, SignsNoAgreementButTheRecords) {
  const std::vector<std::function<void(v1::Record&)>> changes = {
      [](auto& r) { r.set_agreement_id("agr_2"); },
      [](auto& r) { r.set_agreement_version(2); },
      [](auto& r) { r.set_agreement_hash(std::string(32, '\x01')); },
      [](auto& r) { r.mutable_service()->set_service_id("svc_2"); },
  };
  for (const auto& change : changes) {
    v1::GetRecordResponse shown = Shown();
    change(*shown.mutable_record());
    EXPECT_THAT(Build(shown, {{"person.birth_date"}, "", {}}),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(BuildStatement, ASignedAnswerKeepsItsQuestion) {
  v1::GetRecordResponse shown = Shown();
  shown.mutable_agreement()->mutable_content()->mutable_lines(1)->set_form(
      v1::FORM_ATTESTED);
  SetText(shown, absl::StrReplaceAll(
                     std::string(kShownText),
                     {{R"("form":"derived")", R"("form":"attested")"}}));
  const auto statement = Build(shown, {{"person.birth_date"}, "", {}});
  ASSERT_THAT(statement, IsOk());
  ASSERT_EQ(statement->lines.size(), 1U);
  EXPECT_EQ(statement->lines[0].form, receipt::Form::kAttested);
  EXPECT_EQ(statement->lines[0].derivation, "over_n/1");
  EXPECT_EQ(statement->lines[0].parameters, R"({"n":18})");
}

TEST(BuildStatement, RefusesAFormItCannotRead) {
  v1::GetRecordResponse shown = Shown();
  shown.mutable_agreement()->mutable_content()->mutable_lines(1)->set_form(
      v1::FORM_UNSPECIFIED);
  EXPECT_THAT(Build(shown, {{"person.birth_date"}, "", {}}),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::client
