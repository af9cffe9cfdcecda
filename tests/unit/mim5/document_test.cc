#include "common/mim5/document.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "common/json/schema.h"
#include "common/mim5/schema_texts.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/mim5/sample.h"

namespace limpid::mim5 {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(Mim5Document, EverySchemaIsOneThatIsCheckedInFull) {
  for (const std::string_view text :
       {kAdmSchema, kAlgorithmsSchema, kCertificationsSchema, kIndexSchema,
        kRulesSchema}) {
    const auto schema = json::ParseStrict(text);
    ASSERT_THAT(schema, IsOk());
    EXPECT_THAT(json::Schema::Compile(*schema), IsOk());
  }
}

TEST(Mim5Document, TakesAGoodAnswerAndItsIndex) {
  const Documents good = GoodVendor();
  for (const auto& [document, value] : good) {
    EXPECT_THAT(ReadDocument(document, json::Pretty(value)), IsOk());
  }
  const json::Value index =
      MakeIndex(good.at(Document::kAdm), good.at(Document::kAlgorithms),
                good.at(Document::kCertifications));
  EXPECT_THAT(ReadDocument(Document::kIndex, json::Canonical(index)), IsOk());
  EXPECT_EQ(index.FindPointer("/algorithms/href")->string(), "algorithms.json");
  EXPECT_EQ(index.FindPointer("/algorithms/digest")->string(),
            DigestOf(good.at(Document::kAlgorithms)));
}

struct Damage {
  Document document;
  std::string_view at;
  std::string_view put;
};

TEST(Mim5Document, SaysWhereADamagedOneIsWrong) {
  const Documents good = GoodVendor();
  const std::vector<Damage> damages = {
      {Document::kAdm, "/schema", R"("limpid-mim5-adm/2")"},
      {Document::kAdm, "/level", R"("some")"},
      {Document::kAdm, "/decisions/0/level", R"("fully")"},
      {Document::kAdm, "/decisions/0/risk", "null"},
      {Document::kAdm, "/generated", R"("2026-11-30")"},
      {Document::kAlgorithms, "/algorithms/0/learning", R"("a lot")"},
      {Document::kAlgorithms, "/algorithms/0/purpose/en/text", R"("")"},
      {Document::kAlgorithms, "/algorithms/0/data/0/use", R"("other")"},
      {Document::kCertifications, "/certifications/0/expires_on",
       R"("30-11-2026")"},
      {Document::kCertifications, "/certifications/0/link/state", R"("maybe")"},
      {Document::kCertifications, "/validations/0/blocked", R"("no")"},
      {Document::kCertifications, "/complete", R"("yes")"},
  };
  for (const Damage& damage : damages) {
    const json::Value bad =
        With(good.at(damage.document), damage.at, Json(damage.put));
    const absl::Status status = CheckDocument(damage.document, bad);
    EXPECT_THAT(status, StatusIs(kInvalid)) << damage.at;
    EXPECT_NE(std::string(status.message()).find(damage.at), std::string::npos)
        << damage.at << " is not in: " << status.message();
  }
}

TEST(Mim5Document, RefusesUnknownMembersAndOtherKinds) {
  const json::Value good = GoodVendor().at(Document::kAdm);
  EXPECT_THAT(CheckDocument(Document::kAdm, With(good, "/more", Json("1"))),
              StatusIs(kInvalid));
  EXPECT_THAT(CheckDocument(Document::kAlgorithms, good), StatusIs(kInvalid));
  EXPECT_THAT(CheckDocument(Document::kAdm, Json("[]")), StatusIs(kInvalid));
}

TEST(Mim5Document, SurvivesHostileTexts) {
  const std::string deep =
      std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_FALSE(ReadDocument(Document::kAdm, deep).ok());
  EXPECT_THAT(ReadDocument(Document::kAdm,
                           "\"" + std::string(kMaxDocumentBytes, 'a') + "\""),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(ReadDocument(Document::kAdm, R"({"a":1,"a":2})"),
              StatusIs(kInvalid));
  EXPECT_THAT(ReadDocument(Document::kAdm, ""), StatusIs(kInvalid));
  json::Value many = GoodVendor().at(Document::kAdm);
  json::Value list = json::Value::Array();
  for (std::size_t i = 0; i <= kMaxListed; ++i) list.Append(Json("{}"));
  many.Set("decisions", std::move(list));
  const absl::Status status = CheckDocument(Document::kAdm, many);
  EXPECT_THAT(status, StatusIs(kInvalid));
  EXPECT_EQ(std::string(status.message()), "/decisions: too long");
}

TEST(Mim5Document, ADateEndsWithItsLastDay) {
  EXPECT_EQ(LastDayOf("2026"), absl::CivilDay(2026, 12, 31));
  EXPECT_EQ(LastDayOf("2028-02"), absl::CivilDay(2028, 2, 29));
  EXPECT_EQ(LastDayOf("2026-04-07"), absl::CivilDay(2026, 4, 7));
  for (const std::string_view bad :
       {"", "26", "2026-13", "2026-00", "2026-02-30", "2026/04/07", "2026-4-07",
        "+026", "2026-04-7 "}) {
    EXPECT_EQ(LastDayOf(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace limpid::mim5
