// The derivations other than over_n: docs/derivations.md.

#include "vault/forms/derivation.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

json::Value Json(std::string_view text) {
  return json::ParseStrict(text).value();
}

// The canonical answer, or the word that names the error.
std::string Answer(std::string_view name, std::string_view value,
                   std::string_view parameters) {
  const auto out =
      Derive(name, Json(value), Json(parameters), absl::UnixEpoch());
  if (absl::IsInvalidArgument(out.status())) return "parameters";
  if (absl::IsFailedPrecondition(out.status())) return "value";
  return out.ok() ? json::Canonical(*out) : "another error";
}

std::string Band(std::string_view amount, std::string_view parameters) {
  return Answer("income_band/1",
                R"({"amount":)" + std::string(amount) +
                    R"(,"currency":"EUR","year":2025})",
                parameters);
}

TEST(IncomeBand, CountsTheBoundsThatAreReached) {
  constexpr char kBounds[] = R"({"bounds":[20000,40000],"currency":"EUR"})";
  EXPECT_EQ(Band("0", kBounds), "0");
  EXPECT_EQ(Band("19999.99", kBounds), "0");
  EXPECT_EQ(Band("20000", kBounds), "1");
  EXPECT_EQ(Band("39999.99", kBounds), "1");
  EXPECT_EQ(Band("40000", kBounds), "2");
  EXPECT_EQ(Band("1000000000", kBounds), "2");
}

TEST(IncomeBand, RefusesNarrowBandsAndOtherCurrencies) {
  EXPECT_EQ(Band("1", R"({"bounds":[20000],"currency":"USD"})"), "value");
  for (const char* bad :
       {R"({"bounds":[],"currency":"EUR"})",
        R"({"bounds":[999],"currency":"EUR"})",
        R"({"bounds":[20000,20999],"currency":"EUR"})",
        R"({"bounds":[40000,20000],"currency":"EUR"})",
        R"({"bounds":[20000.5],"currency":"EUR"})",
        R"({"bounds":[1000,2000,3000,4000,5000,6000,7000],"currency":"EUR"})",
        R"({"bounds":20000,"currency":"EUR"})",
        R"({"bounds":[20000],"currency":"eur"})", R"({"bounds":[20000]})",
        R"({"bounds":[20000],"currency":"EUR","year":2025})"}) {
    EXPECT_EQ(Band("1", bad), "parameters") << bad;
  }
  EXPECT_EQ(Answer("income_band/1", "20000",
                   R"({"bounds":[20000],"currency":"EUR"})"),
            "value");
}

TEST(PostcodePrefix, ShowsTheBeginningOnly) {
  const auto prefix = [](std::string_view postcode, int characters) {
    return Answer("postcode_prefix/1",
                  R"({"postcode":")" + std::string(postcode) + R"("})",
                  R"({"characters":)" + std::to_string(characters) + "}");
  };
  EXPECT_EQ(prefix("2611 XK", 3), R"("261")");
  EXPECT_EQ(prefix("sw1a 1aa", 3), R"("SW1")");
  EXPECT_EQ(prefix("PL-00-950", 2), R"("PL")");
  EXPECT_EQ(prefix("101", 3), "value");
  EXPECT_EQ(prefix("26/11", 1), "value");
  EXPECT_EQ(prefix("", 1), "value");
  EXPECT_EQ(prefix("2611 XK", 4), "parameters");
  EXPECT_EQ(prefix("2611 XK", 0), "parameters");
  EXPECT_EQ(
      Answer("postcode_prefix/1", R"({"city":"Delft"})", R"({"characters":1})"),
      "value");
}

TEST(ResidentOf, ComparesOneMunicipality) {
  const auto lives = [](std::string_view value, std::string_view asked) {
    return Answer("resident_of/1", value, asked);
  };
  EXPECT_EQ(lives(R"("Delft")", R"({"municipality":"delft "})"), "true");
  EXPECT_EQ(lives(R"(" Delft")", R"({"municipality":"Delfzijl"})"), "false");
  EXPECT_EQ(lives(R"("S\u00fcdwestfryslân")",
                  R"({"municipality":"S\u00fcdwestfryslân"})"),
            "true");
  EXPECT_EQ(lives("7", R"({"municipality":"Delft"})"), "value");
  for (const char* bad :
       {R"({})", R"({"municipality":" "})",
        R"({"municipality":["Delft","Leiden"]})",
        R"({"municipality":"Delft","street":"Oude Delft"})"}) {
    EXPECT_EQ(lives(R"("Delft")", bad), "parameters") << bad;
  }
}

TEST(Derivations, KnowTheirNamesAndNoOthers) {
  for (const char* name :
       {"income_band/1", "over_n/1", "postcode_prefix/1", "resident_of/1"}) {
    EXPECT_TRUE(IsDerivation(name)) << name;
  }
  for (const char* name : {"", "over_n", "over_n/2", "income_band/01"}) {
    EXPECT_FALSE(IsDerivation(name)) << name;
    EXPECT_THAT(CheckParameters(name, Json("{}")),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(CheckParameters("resident_of/1", Json(R"({"municipality":"x"})")),
              IsOk());
}

}  // namespace
}  // namespace limpid::vault
