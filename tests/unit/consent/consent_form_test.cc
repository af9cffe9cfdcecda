// The modular consent form: what it shows, in which language, and that nothing
// in it becomes markup.

#include "consent/agreement/consent_form.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/json/json.h"
#include "common/json/schema.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/fixtures.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using testing::CareAgreement;
using testing::CareContent;
using testing::CareService;
using testing::GrantedRevision;
using testing::kStart;

const std::string kOperator = "limpid.example";

AgreementContent Content() {
  AgreementContent out = CareContent();
  out.purposes.emplace_back(testing::kMarketing);
  out.lines[0].operations = {"dpv#Use", "dpv#Store"};
  out.lines[1].operations = {"dpv#Use"};
  out.notices.push_back({"nl", "Wij hebben dit nodig."});
  return out;
}

json::Value Form(const Agreement& agreement, const Revision* record,
                 std::string_view language = "en", absl::Time now = kStart) {
  return MakeForm({kOperator, agreement, CareService(), record, language, now});
}

std::string Text(const json::Value& form, std::string_view pointer) {
  const json::Value* const found = form.FindPointer(pointer);
  return found == nullptr ? "(none)" : found->string();
}

TEST(ConsentForm, FollowsItsSchemaWithAndWithoutARecord) {
  const char* const root = std::getenv("LIMPID_SOURCE_DIR");
  if (root == nullptr) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  const auto text =
      json::ParseStrict(limpid::testing::ReadFile(std::filesystem::path(root) /
                                                  "docs/schemas/"
                                                  "consent-form-1.json"));
  ASSERT_THAT(text, IsOk());
  const auto schema = json::Schema::Compile(*text);
  ASSERT_THAT(schema, IsOk());
  const Agreement agreement = CareAgreement(Content());
  const Revision record = GrantedRevision(agreement);
  EXPECT_THAT(schema->Validate(Form(agreement, nullptr)), IsOk());
  AgreementContent limited = Content();
  limited.data_range = {"2024-01-01", ""};
  EXPECT_THAT(schema->Validate(Form(CareAgreement(limited), nullptr)), IsOk());
  EXPECT_THAT(schema->Validate(Form(agreement, &record)), IsOk());
  limited.lines[1].form = receipt::Form::kAttested;
  EXPECT_THAT(schema->Validate(Form(CareAgreement(limited), nullptr)), IsOk());
  json::Value without = Form(agreement, nullptr);
  without.Remove("withdrawal");
  EXPECT_FALSE(schema->Validate(without).ok());
}

TEST(ConsentForm, HasAModulePerPurposeAndAPartPerOperation) {
  const Agreement agreement = CareAgreement(Content());
  const json::Value form = Form(agreement, nullptr);
  ASSERT_EQ(form.Find("modules")->size(), 2U);
  EXPECT_EQ(Text(form, "/modules/1/purpose"), testing::kMarketing);
  const json::Value* const parts = form.FindPointer("/modules/0/parts");
  ASSERT_EQ(parts->size(), 3U);
  // The e-mail address names no operation.
  EXPECT_EQ(Text(*parts, "/0/operation"), "");
  EXPECT_EQ(Text(*parts, "/0/lines/0/attribute"), "person.email");
  EXPECT_EQ(Text(*parts, "/1/operation"), "dpv#Use");
  EXPECT_EQ(parts->FindPointer("/1/lines")->size(), 2U);
  EXPECT_EQ(Text(*parts, "/2/operation"), "dpv#Store");
  ASSERT_EQ(parts->FindPointer("/2/lines")->size(), 1U);
  EXPECT_EQ(Text(*parts, "/2/lines/0/attribute"), "person.name");
}

TEST(ConsentForm, SaysWhatCanBeShownToOthers) {
  const std::string told =
      "over_n/1 {\"n\":18}, signed: the service can show this answer to "
      "others, who can check it";
  AgreementContent content = Content();
  EXPECT_EQ(FormText(Form(CareAgreement(content), nullptr)).find("signed:"),
            std::string::npos);
  content.lines[1].form = receipt::Form::kAttested;
  const json::Value form = Form(CareAgreement(content), nullptr);
  EXPECT_EQ(Text(form, "/modules/0/parts/1/lines/1/form"), "attested");
  EXPECT_NE(FormText(form).find(told), std::string::npos);
  EXPECT_NE(FormHtml(form).find("signed: the service can show this answer"),
            std::string::npos);
}

TEST(ConsentForm, ShowsTheAnswersOfARecordAndItsEnd) {
  const Agreement agreement = CareAgreement(Content());
  Revision record = GrantedRevision(agreement);
  json::Value form = Form(agreement, &record);
  EXPECT_EQ(Text(form, "/modules/0/parts/1/lines/0/answer"), "given");
  EXPECT_EQ(Text(form, "/modules/0/parts/0/lines/0/answer"), "not_given");
  EXPECT_TRUE(form.FindPointer("/withdrawal/possible_now")->boolean());
  form = Form(agreement, &record, "en", record.until);
  EXPECT_EQ(Text(form, "/record/state"), "EXPIRED");
  EXPECT_EQ(Text(form, "/modules/0/parts/1/lines/0/answer"), "ended");
  EXPECT_FALSE(form.FindPointer("/withdrawal/possible_now")->boolean());
  record = testing::RequestedRecord(agreement);
  EXPECT_EQ(Text(Form(agreement, &record), "/modules/0/parts/1/lines/0/answer"),
            "open");
}

TEST(ConsentForm, PicksTheLanguageThenItsPrimaryOneThenTheFirst) {
  const Agreement agreement = CareAgreement(Content());
  EXPECT_EQ(Text(Form(agreement, nullptr, "nl"), "/notice/language"), "nl");
  EXPECT_EQ(Text(Form(agreement, nullptr, "nl-BE"), "/notice/language"), "nl");
  EXPECT_EQ(Text(Form(agreement, nullptr, "fr"), "/notice/language"), "en");
  EXPECT_EQ(Text(Form(agreement, nullptr, ""), "/notice/language"), "en");
  EXPECT_EQ(Text(Form(agreement, nullptr, "nl"), "/notice/hash"),
            base::Base64UrlEncode(NoticeHash("Wij hebben dit nodig.")));
}

TEST(ConsentForm, OffersToObjectWhereTheBasisIsNotConsent) {
  AgreementContent content = Content();
  content.basis = receipt::LegalBasis::kContract;
  EXPECT_EQ(Text(Form(CareAgreement(content), nullptr), "/withdrawal/right"),
            "object");
}

TEST(ConsentForm, NothingInItBecomesMarkupOrMovesTheCursor) {
  AgreementContent content = Content();
  content.titles[0].text = "<script>alert(1)</script>";
  content.notices[0].text = "a\x1b[2J</pre><img src=\"x\" onerror='y'>&b";
  content.recipients = {"<b>Broker</b>"};
  const json::Value form = Form(CareAgreement(content), nullptr);
  const std::string html = FormHtml(form);
  for (const std::string_view bad :
       {"<script", "<img", "<b>Broker", "src=\"x"}) {
    EXPECT_EQ(html.find(bad), std::string::npos) << bad;
  }
  EXPECT_NE(html.find("&lt;script&gt;"), std::string::npos);
  EXPECT_NE(html.find("&amp;b"), std::string::npos);
  EXPECT_EQ(html.find("http:"), std::string::npos);
  const std::string text = FormText(form);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("Withdrawal"), std::string::npos);
  EXPECT_NE(text.find("[ ] yes  [ ] no"), std::string::npos);
}

}  // namespace
}  // namespace limpid::consent
