#include <string>

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

// A request for a name (optional) and an age (required).
v1::GetRecordResponse Shown() {
  v1::GetRecordResponse shown;
  auto& record = *shown.mutable_record();
  record.set_record_id("rec_1");
  record.set_agreement_id("agr_1");
  record.set_revision(1);
  record.set_revision_hash(std::string(32, '\x07'));
  record.mutable_service()->set_service_id("svc_1");
  auto& agreement = *shown.mutable_agreement();
  agreement.set_canonical_json("{}");
  agreement.set_hash(
      base::ToText(crypto::Sha256(base::AsBytes(std::string_view("{}")))));
  auto& content = *agreement.mutable_content();
  content.set_validity_days(10);
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
  line->mutable_derivation()->set_parameters_json("{ \"n\": 18 }");
  auto* const notice = content.add_notices();
  notice->set_language("en");
  notice->set_text("notice");
  notice->set_hash(
      base::ToText(crypto::Sha256(base::AsBytes(std::string_view("notice")))));
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
  // In the agreement's order, parameters in canonical form.
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

TEST(BuildStatement, RefusesAFormItCannotRead) {
  v1::GetRecordResponse shown = Shown();
  shown.mutable_agreement()->mutable_content()->mutable_lines(1)->set_form(
      v1::FORM_UNSPECIFIED);
  EXPECT_THAT(Build(shown, {{"person.birth_date"}, "", {}}),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::client
