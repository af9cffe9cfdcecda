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

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;
using testing::IsOk;
using testing::StatusIs;

const absl::Time kNow = absl::FromUnixMillis(1'767'225'600'123);

// The agreement of Shown, written by hand from the format page; the notice is
// there by its SHA-256.
constexpr std::string_view kText =
    R"({"agreement":"agr_1","ai_training":false,"legal_basis":"consent",)"
    R"("lines":[{"attribute":"person.name","derivation":"","form":"full",)"
    R"("necessity":"optional","operations":[],"parameters":""},)"
    R"({"attribute":"person.birth_date","derivation":"over_n/1",)"
    R"("form":"derived","necessity":"required",)"
    R"("operations":["https://w3id.org/dpv#Use"],)"
    R"("parameters":"{\"n\":18}","source":"src_1"}],)"
    R"("notices":[{"hash":"k2in0h4Bj2SuMyfS8lzU12k7LYUyjku2gLz8vUwmuQ4",)"
    R"("language":"en"}],)"
    R"("purposes":["https://w3id.org/dpv#ServiceProvision"],)"
    R"("recipients":["Printer"],"retention_days":30,"service":"svc_1",)"
    R"("storage_location":"NL","systems":["sys_1"],)"
    R"("titles":[{"language":"en","text":"Tickets"}],"use_count_max":0,)"
    R"("validity_days":10,"version":1})";

// Makes `text` what the agreement's hash covers.
void SetText(v1::GetRecordResponse& shown, std::string_view text) {
  v1::Agreement& agreement = *shown.mutable_agreement();
  agreement.set_canonical_json(std::string(text));
  agreement.set_hash(base::ToText(crypto::Sha256(base::AsBytes(text))));
  shown.mutable_record()->set_agreement_hash(agreement.hash());
}

// A request for a name (optional) and an age (required).
v1::GetRecordResponse Shown() {
  v1::GetRecordResponse shown;
  auto& record = *shown.mutable_record();
  record.set_record_id("rec_1");
  record.set_agreement_id("agr_1");
  record.set_agreement_version(1);
  record.set_revision(1);
  record.set_revision_hash(std::string(32, '\x07'));
  record.mutable_service()->set_service_id("svc_1");
  auto& agreement = *shown.mutable_agreement();
  agreement.set_agreement_id("agr_1");
  agreement.set_version(1);
  agreement.set_service_id("svc_1");
  auto& content = *agreement.mutable_content();
  content.set_validity_days(10);
  content.set_legal_basis(v1::LEGAL_BASIS_CONSENT);
  content.set_retention_days(30);
  content.set_storage_location("NL");
  content.add_purposes("https://w3id.org/dpv#ServiceProvision");
  content.add_recipients("Printer");
  content.add_system_ids("sys_1");
  auto* const title = content.add_titles();
  title->set_language("en");
  title->set_text("Tickets");
  auto* line = content.add_lines();
  line->set_attribute("person.name");
  line->set_necessity(v1::NECESSITY_OPTIONAL);
  line->set_form(v1::FORM_FULL);
  line = content.add_lines();
  line->set_attribute("person.birth_date");
  line->set_necessity(v1::NECESSITY_REQUIRED);
  line->set_form(v1::FORM_DERIVED);
  line->mutable_derivation()->set_name("over_n");
  line->mutable_derivation()->set_version(1);
  line->mutable_derivation()->set_parameters_json(R"({"n":18})");
  line->add_operations("https://w3id.org/dpv#Use");
  line->set_source_id("src_1");
  auto* const notice = content.add_notices();
  notice->set_language("en");
  notice->set_text("notice");
  notice->set_hash(
      base::ToText(crypto::Sha256(base::AsBytes(std::string_view("notice")))));
  SetText(shown, kText);
  return shown;
}

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
  std::string text(kText);
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
  SetText(shown, std::string(kText.substr(0, kText.size() - 1)) + R"(,"x":1})");
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
                     std::string(kText),
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
