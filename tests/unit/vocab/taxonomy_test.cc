#include "common/vocab/taxonomy.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/crypto/hash.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"

namespace limpid::vocab {
namespace {

std::string Dpv(std::string_view term) {
  return "https://w3id.org/dpv#" + std::string(term);
}

// The definition, spelled out: asked reaches consented over parents.
bool NaiveNarrower(const Taxonomy& taxonomy, std::string_view asked,
                   std::string_view consented,
                   std::set<std::string_view>& seen) {
  if (asked == consented) return true;
  if (!seen.insert(asked).second) return false;
  for (const Term& parent : taxonomy.Parents(asked)) {
    if (NaiveNarrower(taxonomy, parent.iri, consented, seen)) return true;
  }
  return false;
}

void ExpectClosureEqualsNaiveWalk(const Taxonomy& taxonomy) {
  for (std::size_t i = 0; i < taxonomy.size(); ++i) {
    for (std::size_t j = 0; j < taxonomy.size(); ++j) {
      const Term asked = taxonomy.At(i);
      const Term consented = taxonomy.At(j);
      std::set<std::string_view> seen;
      ASSERT_EQ(taxonomy.IsSameOrNarrower(asked.iri, consented.iri),
                NaiveNarrower(taxonomy, asked.iri, consented.iri, seen))
          << asked.iri << " " << consented.iri;
    }
  }
}

TEST(Purposes, ClosureEqualsANaiveWalkOverAllPairs) {
  ExpectClosureEqualsNaiveWalk(Purposes());
}

TEST(PersonalData, ClosureEqualsANaiveWalkOverAllPairs) {
  ExpectClosureEqualsNaiveWalk(PersonalData());
}

TEST(Purposes, NarrowerIsCoveredAndBroaderOrSiblingIsNot) {
  const Purposes purposes;
  EXPECT_TRUE(purposes.IsSameOrNarrower(Dpv("AcademicResearch"),
                                        Dpv("ResearchAndDevelopment")));
  EXPECT_TRUE(purposes.IsSameOrNarrower(Dpv("AcademicResearch"),
                                        Dpv("AcademicResearch")));
  EXPECT_FALSE(purposes.IsSameOrNarrower(Dpv("ResearchAndDevelopment"),
                                         Dpv("AcademicResearch")));
  EXPECT_FALSE(purposes.IsSameOrNarrower(Dpv("CommercialResearch"),
                                         Dpv("AcademicResearch")));
  EXPECT_TRUE(
      purposes.IsSameOrNarrower(Dpv("AcademicResearch"), Dpv("Purpose")));
}

TEST(Purposes, FollowsEveryParentOfATerm) {
  const Purposes purposes;
  const std::string fraud =
      "https://w3id.org/dpv/sector/"
      "publicservices#PublicServiceFraudPreventionDetection";
  EXPECT_EQ(purposes.Parents(fraud).size(), 2U);
  EXPECT_TRUE(
      purposes.IsSameOrNarrower(fraud, Dpv("FraudPreventionAndDetection")));
  EXPECT_TRUE(purposes.IsSameOrNarrower(
      fraud,
      "https://w3id.org/dpv/sector/publicservices#PublicServiceManagement"));
}

TEST(Purposes, UnknownSpellingsAreNeverCovered) {
  const Purposes purposes;
  for (const std::string_view unknown :
       {"", "dpv:AcademicResearch", "https://w3id.org/dpv#academicresearch",
        "https://w3id.org/dpv#AcademicResearch/",
        "http://w3id.org/dpv#AcademicResearch", "https://w3id.org/dpv#Sector",
        "https://w3id.org/dpv#hasPurpose"}) {
    EXPECT_FALSE(purposes.Contains(unknown)) << unknown;
    EXPECT_FALSE(purposes.IsSameOrNarrower(unknown, Dpv("Purpose")));
    EXPECT_FALSE(purposes.IsSameOrNarrower(Dpv("Purpose"), unknown));
    EXPECT_FALSE(purposes.IsSameOrNarrower(unknown, unknown));
  }
}

TEST(Purposes, FindGivesTheLabel) {
  const auto term = Purposes().Find(Dpv("AgeVerification"));
  ASSERT_TRUE(term.has_value());
  EXPECT_EQ(term->label, "Age Verification");
}

TEST(PersonalData, KnowsSpecialCategories) {
  const PersonalData data;
  EXPECT_TRUE(data.Contains("https://w3id.org/dpv/pd#BirthDate"));
  EXPECT_FALSE(data.IsSpecialCategory("https://w3id.org/dpv/pd#BirthDate"));
  EXPECT_TRUE(data.IsSpecialCategory("https://w3id.org/dpv/pd#Health"));
  EXPECT_FALSE(data.IsSpecialCategory("https://w3id.org/dpv/pd#Nonsense"));
}

TEST(Taxonomy, TermsOfACycleAreAsNarrowAsEachOther) {
  // b -> c -> d -> b, a -> b, e alone.
  static constexpr auto kRows = std::to_array<TermRow>({{"a", "A", 0, 1},
                                                        {"b", "B", 1, 1},
                                                        {"c", "C", 2, 1},
                                                        {"d", "D", 3, 1},
                                                        {"e", "E", 0, 0}});
  static constexpr auto kParents = std::to_array<std::uint16_t>({1, 2, 3, 1});
  const Taxonomy taxonomy(kRows, kParents, "");
  ExpectClosureEqualsNaiveWalk(taxonomy);
  EXPECT_TRUE(taxonomy.IsSameOrNarrower("d", "c"));
  EXPECT_TRUE(taxonomy.IsSameOrNarrower("a", "d"));
  EXPECT_FALSE(taxonomy.IsSameOrNarrower("b", "a"));
  EXPECT_FALSE(taxonomy.IsSameOrNarrower("a", "e"));
}

std::string HashText(std::string_view name, const Taxonomy& taxonomy) {
  std::string text = "limpid-taxonomy\t" + std::string(name) + "\t" +
                     std::string(Taxonomy::release()) + "\n";
  for (std::size_t i = 0; i < taxonomy.size(); ++i) {
    const Term term = taxonomy.At(i);
    std::string parents;
    for (const Term& parent : taxonomy.Parents(term.iri)) {
      if (!parents.empty()) parents += " ";
      parents += parent.iri;
    }
    text.append(term.iri).append("\t").append(term.label).append("\t");
    text.append(parents).append("\n");
  }
  return text;
}

// docs/formats/taxonomy.md
TEST(Taxonomy, HashCoversEveryTermLabelAndParent) {
  const Purposes purposes;
  EXPECT_EQ(base::HexEncode(
                crypto::Sha256(base::AsBytes(HashText("purposes", purposes)))),
            purposes.sha256_hex());
  const PersonalData data;
  EXPECT_EQ(base::HexEncode(
                crypto::Sha256(base::AsBytes(HashText("personal-data", data)))),
            data.sha256_hex());
}

TEST(Taxonomy, WorkedExampleOfTheFormatPage) {
  static constexpr auto kRows =
      std::to_array<TermRow>({{"a:B", "B", 0, 0}, {"a:C", "C", 0, 1}});
  static constexpr auto kParents = std::to_array<std::uint16_t>({0});
  const std::string text = HashText("purposes", Taxonomy(kRows, kParents, ""));
  EXPECT_EQ(base::HexEncode(base::AsBytes(text)),
            "6c696d7069642d7461786f6e6f6d7909707572706f73657309322e330a613a4209"
            "42090a613a43094309613a420a");
  EXPECT_EQ(base::HexEncode(crypto::Sha256(base::AsBytes(text))),
            "b8021b1ac988790950d5ed5e3bb51142523633057ed121ae9fd9538d785ada59");
}

TEST(Taxonomy, TablesAreWhatTheGeneratorMakesOfThePublishedFiles) {
  LIMPID_SHARED_OR_SKIP(folder, "data/dpv");
  const char* const root = std::getenv("LIMPID_SOURCE_DIR");
  if (root == nullptr || std::system("python3 -c '' >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "python3 or the source folder is absent";
  }
  const std::filesystem::path source(root);
  const testing::TempDir out;
  const std::string command =
      "python3 '" + (source / "tools/vocab/make_tables.py").string() + "' '" +
      folder.string() + "' '" + out.path().string() + "' >/dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
  for (const char* const name :
       {"purposes_table.inc", "personal_data_table.inc"}) {
    EXPECT_EQ(testing::ReadFile(out.path() / name),
              testing::ReadFile(source / "common/vocab" / name))
        << name;
  }
}

}  // namespace
}  // namespace limpid::vocab
