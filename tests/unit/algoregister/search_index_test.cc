// What is found: ranking, facets, what is alike, what was erased.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "algoregister/search/index.h"
#include "algoregister/search/reports.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/search_fixture.h"

namespace limpid::algoregister::search {
namespace {

using testing::StatusIs;
using Texts = std::vector<std::string>;

TEST(Search, ATitleIsBeforeATextAndBothBeforeNothing) {
  IndexHouse house;
  house.Deployment("Iets anders", "Herkent een kenteken op straat.");
  house.Deployment("Kenteken herkennen", "Op straat.");
  house.Deployment("Chatbot", "Beantwoordt vragen.");
  EXPECT_EQ(house.Find("kenteken"),
            (Texts{"Kenteken herkennen", "Iets anders"}));
}

TEST(Search, FindsFormsSynonymsSlipsAndBeginnings) {
  IndexHouse house;
  house.Deployment("Scanauto", "Leest kentekens van geparkeerde auto's.");
  house.Deployment("Fraude bij uitkeringen");
  EXPECT_EQ(house.Find("kenteken"), Texts{"Scanauto"});
  EXPECT_EQ(house.Find("nummerplaat"), Texts{"Scanauto"});
  EXPECT_EQ(house.Find("parkeren"), Texts{"Scanauto"});
  EXPECT_EQ(house.Find("fraud benefits"), Texts{"Fraude bij uitkeringen"});
  EXPECT_EQ(house.Find("bijstand"), Texts{"Fraude bij uitkeringen"});
  EXPECT_EQ(house.Find("KENTEKKEN"), Texts{"Scanauto"});
  EXPECT_EQ(house.Find("scan"), Texts{"Scanauto"});
  EXPECT_EQ(house.Find("scan kentekens"), Texts{"Scanauto"})
      << "some words are enough when nothing has all";
  EXPECT_TRUE(house.Find("zonnepaneel").empty());
  const SearchAnswer slip = house.Ask({.query = "kentekan fraude"});
  ASSERT_EQ(slip.corrections.size(), 1U);
  EXPECT_EQ(slip.corrections.front().typed, "kentekan");
  EXPECT_EQ(slip.corrections.front().used, Texts{"kentekens"});
}

TEST(Search, AllWordsFirstThenAny) {
  IndexHouse house;
  house.Deployment("Camera op straat");
  house.Deployment("Camera in het zwembad");
  EXPECT_EQ(house.Find("camera zwembad"), Texts{"Camera in het zwembad"});
  EXPECT_TRUE(house.Ask({.query = "camera zwembad"}).all_words);
  const SearchAnswer any = house.Ask({.query = "camera onbestaanbaarheid"});
  EXPECT_EQ(any.total_count, 2U);
  EXPECT_FALSE(any.all_words);
  EXPECT_EQ(house.Ask({.query = "de het een"}).total_count, 0U);
}

TEST(Search, HostileTextsFindNothingAndHarmNothing) {
  IndexHouse house;
  house.Deployment("Camera");
  for (const std::string_view text :
       {".*", "(a+)+$", "%", "' OR 1=1 --", "\"", "\\", "<script>", "*", "?",
        "\xf0\x9f\xa6\x84"}) {
    EXPECT_EQ(house.Ask({.query = std::string(text)}).total_count, 0U) << text;
  }
}

TEST(Search, AnOrganisationFindsItsRegistrationsByWhateverItsNameIs) {
  IndexHouse house;
  const RegistrationId delft = house.Organisation("Gemeente Delft");
  house.Deployment("Scanauto", "",
                   {{"organisation", Given(json::Value(delft.Text()))}});
  EXPECT_EQ(house.Find("delft"), (Texts{"Gemeente Delft", "Scanauto"}));
  house.Publish(delft, {{"name", Given(json::Value("Westland"))}});
  EXPECT_TRUE(house.Find("delft").empty());
  EXPECT_EQ(house.Find("westland"), (Texts{"Westland", "Scanauto"}));
  const SearchAnswer all = house.Ask({});
  const auto count = std::find_if(
      all.facets.begin(), all.facets.end(),
      [&](const FacetCount& one) { return one.value.value == delft.Text(); });
  ASSERT_NE(count, all.facets.end());
  EXPECT_EQ(count->label, "Westland");
}

TEST(Search, RetiredOnesAreFoundWhenAsked) {
  IndexHouse house;
  const RegistrationId id = house.Deployment("Camera");
  house.Publish(id, {{"title", GivenText("nl", "Camera")}},
                RegistrationState::kRetired);
  EXPECT_TRUE(house.Find("camera").empty());
  EXPECT_EQ(house.Titles({.query = "camera", .include_retired = true}),
            Texts{"Camera"});
}

TEST(Search, OnlyWhatIsGivenIsIndexed) {
  IndexHouse house;
  house.Deployment(
      "Camera", "",
      {{"legal_basis",
        State(R"({"state":"withheld","ground":"opsporingsgeheim","authority":)"
              R"("rechtbankje","review":"2027-01-01"})")},
       {"goal",
        State(R"({"state":"not_applicable","reason":"doelloosheid"})")}});
  for (const char* const word :
       {"opsporingsgeheim", "rechtbankje", "doelloosheid", "withheld"}) {
    EXPECT_TRUE(house.Find(word).empty()) << word;
  }
}

TEST(Search, WhatWasErasedIsInNoAnswer) {
  IndexHouse house;
  const RegistrationId id =
      house.Deployment("Camera", "Volgt zonderlingen op straat.");
  house.Publish(id, {{"title", GivenText("nl", "Camera")},
                     {"goal", GivenText("nl", "Volgt zonderlingen.")}});
  const std::size_t words = house.index.word_count();
  for (Version& version : house.log) {
    std::erase_if(version.fields, [](const FieldDisclosure& field) {
      return field.pointer == "/fields/goal";
    });
    house.index.Apply(version);
  }
  EXPECT_EQ(house.index.size(), 1U);
  EXPECT_EQ(house.index.word_count(), words - 2);
  EXPECT_TRUE(house.Find("zonderlingen").empty());
  EXPECT_TRUE(house.Find("zonderling").empty());
  EXPECT_TRUE(house.Find("zonderlinge").empty());
  EXPECT_TRUE(house.Find("zond").empty());
  EXPECT_TRUE(house.Ask({.query = "zonderlingem"}).corrections.empty());
  EXPECT_EQ(house.Find("camera"), Texts{"Camera"});
}

TEST(Search, FacetsNarrowEachOtherAndAddUp) {
  IndexHouse house;
  const json::Value in_use = Given(json::Value("in_use"));
  house.Deployment("A", "doel", {{"status", in_use}});
  house.Deployment("B", "doel", {{"status", in_use}});
  house.Deployment("C", "", {{"status", Given(json::Value("out_of_use"))}});
  house.Deployment("D");
  house.Organisation("E");
  EXPECT_EQ(house.Titles({.facets = {{"status", {"in_use"}}}}),
            (Texts{"B", "A"}));
  EXPECT_EQ(house.Titles({.facets = {{"status", {"in_use", "missing"}},
                                     {"kind", {"deployment"}}},
                          .title_prefix = "d"}),
            Texts{"D"});
  EXPECT_TRUE(house.Titles({.facets = {{"status", {"nothing"}}}}).empty());
  EXPECT_EQ(house.Titles({.changed_since = 20'260'601}).size(), 5U);
  EXPECT_TRUE(house.Titles({.changed_since = 20'260'602}).empty());
  const SearchAnswer all = house.Ask({});
  std::map<std::size_t, std::uint64_t> sums;
  for (const FacetCount& one : all.facets) {
    sums[one.value.facet] += one.count;
    const std::string name(Facets()[one.value.facet].name);
    EXPECT_EQ(house.Ask({.facets = {{name, {one.value.value}}}}).total_count,
              one.count)
        << name << "=" << one.value.value;
  }
  EXPECT_EQ(sums[FindFacet("kind").value()], 5U);
  EXPECT_EQ(sums[FindFacet("status").value()], 4U);
  EXPECT_EQ(sums[FindFacet("evidence").value()], 4U);
}

TEST(Search, AnEvaluationIsEvidenceOfWhatItNames) {
  IndexHouse house;
  const RegistrationId camera = house.Deployment("Camera");
  const Filter with = {.facets = {{"evidence", {"yes"}}}};
  EXPECT_TRUE(house.Titles(with).empty());
  const Fields fields = {{"title", GivenText("nl", "Proef")},
                         {"deployment", Given(json::Value(camera.Text()))}};
  const RegistrationId evaluation =
      house.New(RegistrationKind::kEvaluation, fields);
  EXPECT_EQ(house.Titles(with), Texts{"Camera"});
  house.Publish(evaluation, fields, RegistrationState::kRetired);
  EXPECT_TRUE(house.Titles(with).empty());
}

TEST(Search, PagesGiveEachHitOnce) {
  IndexHouse house;
  for (int i = 0; i < 25; ++i) house.Deployment("Camera");
  std::vector<Place> seen;
  for (std::size_t offset = 0; offset < 30; offset += 4) {
    for (const Hit& hit :
         house.index.Search({.query = "camera"}, offset, 4).hits) {
      seen.push_back(hit.place);
    }
  }
  EXPECT_EQ(seen.size(), 25U);
  for (std::size_t i = 1; i < seen.size(); ++i) {
    EXPECT_LT(house.index.entry(seen[i - 1]).registration,
              house.index.entry(seen[i]).registration)
        << "equals are in the order of their ids";
  }
}

TEST(SearchSimilar, SharesRareWordsAndProducts) {
  IndexHouse house;
  const RegistrationId product = house.New(
      RegistrationKind::kSystem, {{"title", GivenText("nl", "ParkScan")}});
  const json::Value system = Given(json::Value(product.Text()));
  const RegistrationId scan = house.Deployment(
      "Scanauto parkeren", "Leest kentekens.", {{"system", system}});
  house.Deployment("Scanauto", "Leest kentekens van auto's.");
  house.Deployment("Handhaving", "", {{"system", system}});
  house.Deployment("Chatbot", "Beantwoordt vragen.");
  const auto alike = house.index.Similar(scan, 10);
  ASSERT_TRUE(alike.ok());
  ASSERT_EQ(alike->size(), 2U);
  EXPECT_EQ(house.index.entry((*alike)[0].place).title, "Scanauto");
  EXPECT_GT((*alike)[0].score, 0.3);
  EXPECT_LE((*alike)[0].score, 1.0);
  EXPECT_EQ(house.index.entry((*alike)[1].place).title, "Handhaving");
  EXPECT_TRUE((*alike)[1].same_system);
  EXPECT_EQ(house.index.Similar(scan, 1)->size(), 1U);
  EXPECT_THAT(house.index.Similar(
                  RegistrationId::Random(RegistrationKind::kDeployment), 1),
              StatusIs(absl::StatusCode::kNotFound));
}

// More of one maker than are compared in full, none of which says the same.
TEST(SearchSimilar, TheMostAlikeIsFoundBesideAMakerOfMany) {
  IndexHouse house;
  const RegistrationId maker = house.Organisation("Maker");
  const auto make = [&](std::string_view title, bool is_theirs) {
    Fields fields = {{"title", GivenText("nl", title)}};
    if (is_theirs) {
      fields.emplace_back("provider", Given(json::Value(maker.Text())));
    }
    return house.New(RegistrationKind::kSystem, fields);
  };
  const RegistrationId scan = make("Scanauto leest kentekens", true);
  for (int i = 0; i < 250; ++i) make(absl::StrCat("Chatbot ", i), true);
  const RegistrationId twin = make("Scanauto leest kentekens", false);
  const auto alike = house.index.Similar(scan, 2);
  ASSERT_TRUE(alike.ok());
  ASSERT_EQ(alike->size(), 2U);
  EXPECT_EQ(house.index.entry(alike->front().place).registration, twin);
  EXPECT_FALSE(alike->front().same_provider);
  EXPECT_TRUE(alike->back().same_provider);
}

TEST(SearchReports, CountFieldsPerBodyAndNameSilentOnes) {
  IndexHouse house;
  const RegistrationId delft = house.Organisation("Delft");
  house.Organisation("Assen");
  house.Deployment(
      "A", "doel",
      {{"organisation", Given(json::Value(delft.Text()))},
       {"legal_basis", State(R"({"state":"in_progress","due":"2026-06-30"})")},
       {"system", State(R"({"state":"not_applicable","reason":"geen"})")}});
  const CompletenessReport report =
      ReportCompleteness(house.Snapshot(), std::nullopt);
  ASSERT_EQ(report.bodies.size(), 2U);
  EXPECT_EQ(report.bodies[0].title, "Assen");
  EXPECT_EQ(report.bodies[0].registration_count, 0U);
  EXPECT_EQ(report.bodies[1].registration_count, 1U);
  // Given: goal, organisation. Missing: status and impact assessment, which
  // are asked of all.
  EXPECT_EQ(report.bodies[1].counts, (StateCounts{2, 2, 1, 1, 0}));
  EXPECT_EQ(report.counts, report.bodies[1].counts);
  EXPECT_EQ(report.fields.size(), 6U);
  EXPECT_TRUE(std::any_of(
      report.fields.begin(), report.fields.end(), [](const FieldTally& one) {
        return one.name == "goal" && one.counts == StateCounts{1, 0, 0, 0, 0};
      }));
  const SearchAnswer half =
      house.Ask({.facets = {{"completeness", {"25-49"}}}});
  EXPECT_EQ(half.total_count, 1U);
  EXPECT_EQ(ReportCompleteness(house.Snapshot(), delft).bodies.size(), 1U);
}

TEST(SearchReports, AFieldIsOverdueFromTheDayAfterItsDueDate) {
  IndexHouse house;
  const RegistrationId id = house.Deployment(
      "A", "",
      {{"goal", State(R"({"state":"in_progress","due":"2026-06-30"})")},
       {"legal_basis",
        State(R"({"state":"withheld","ground":"g","authority":"a",)"
              R"("review":"2026-02"})")}});
  EXPECT_TRUE(ListOverdue(house.Snapshot(), 20'260'228, std::nullopt).empty());
  const auto review = ListOverdue(house.Snapshot(), 20'260'301, std::nullopt);
  ASSERT_EQ(review.size(), 1U);
  EXPECT_EQ(review[0].name, "legal_basis");
  EXPECT_EQ(review[0].due, 20'260'228U);
  EXPECT_EQ(ListOverdue(house.Snapshot(), 20'260'630, std::nullopt).size(), 1U);
  const auto both = ListOverdue(house.Snapshot(), 20'260'701, std::nullopt);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[1].state, FieldState::kInProgress);
  house.Publish(id, {{"title", GivenText("nl", "A")}},
                RegistrationState::kRetired);
  EXPECT_TRUE(ListOverdue(house.Snapshot(), 20'260'701, std::nullopt).empty());
}

// Everything the index can be asked, as comparable values.
struct Picture {
  std::vector<std::tuple<std::string, std::string, double>> hits;
  std::vector<std::tuple<std::string, std::string, std::uint64_t>> facets;
  std::vector<std::tuple<std::string, std::string, double>> alike;
  std::vector<std::uint64_t> changes;
  std::vector<std::pair<std::string, std::uint64_t>> bodies;
  std::size_t word_count = 0;

  friend bool operator==(const Picture&, const Picture&) = default;
};

const std::vector<Filter>& Filters() {
  static const auto& filters = *new std::vector<Filter>{
      {},
      {.query = "camera"},
      {.query = "kenteken straat"},
      {.query = "gemeente zwe"},
      {.query = "cemera"},
      {.facets = {{"status", {"in_use"}}}},
      {.facets = {{"evidence", {"yes"}}}, .include_retired = true},
  };
  return filters;
}

Picture PictureOf(const SearchIndex& index) {
  Picture out;
  out.word_count = index.word_count();
  for (const Filter& filter : Filters()) {
    const SearchAnswer answer = index.Search(filter, 0, 1'000);
    const std::string text = FilterText(filter);
    for (const Hit& hit : answer.hits) {
      out.hits.emplace_back(text, index.entry(hit.place).registration.Text(),
                            hit.score);
    }
    for (const FacetCount& one : answer.facets) {
      out.facets.emplace_back(text, one.value.value + one.label, one.count);
    }
    for (const Change& change : index.Changes(filter, UINT64_MAX, 1'000)) {
      out.changes.push_back(change.leaf_index);
    }
  }
  for (std::size_t i = 0; i < index.size(); ++i) {
    const RegistrationId id = index.entry(static_cast<Place>(i)).registration;
    const auto alike = index.Similar(id, 5);
    for (const SimilarHit& hit : alike.value()) {
      out.alike.emplace_back(
          id.Text(), index.entry(hit.place).registration.Text(), hit.score);
    }
  }
  for (const BodyTally& body :
       ReportCompleteness(EntrySnapshot(index.entries()), {}).bodies) {
    out.bodies.emplace_back(body.title, body.registration_count);
  }
  return out;
}

// Publishes, changes, retires, renames, evaluates and erases at random.
class RandomRegister {
 public:
  explicit RandomRegister(unsigned seed) : random_(seed) {}

  void Step() {
    const auto act = random_() % 10;
    if (act == 0 || organisations_.empty()) {
      organisations_.push_back(house.Organisation(Text()));
    } else if (act == 1) {
      house.Publish(Any(organisations_),
                    {{"name", Given(json::Value(Text()))}});
    } else if (act < 5 || deployments_.empty()) {
      deployments_.push_back(
          RegistrationId::Random(RegistrationKind::kDeployment));
      house.Publish(deployments_.back(), SomeFields());
    } else if (act == 5) {
      house.New(RegistrationKind::kEvaluation,
                {{"title", GivenText("nl", Text())},
                 {"deployment", Given(json::Value(Any(deployments_).Text()))}});
    } else if (act == 6) {
      Erase();
    } else {
      house.Publish(
          Any(deployments_), SomeFields(),
          act == 9 ? RegistrationState::kRetired : RegistrationState::kActive);
    }
  }

  IndexHouse house;

 private:
  const RegistrationId& Any(const std::vector<RegistrationId>& ids) {
    return ids[random_() % ids.size()];
  }
  std::string Text() {
    static constexpr const char* kWords[] = {
        "camera",  "kenteken", "gemeente",  "straat",  "zwembad",    "parkeren",
        "chatbot", "fraude",   "kentekens", "cameras", "zwerfafval", "kamer"};
    std::string out;
    for (unsigned i = 0; i < 1 + random_() % 4; ++i) {
      absl::StrAppend(&out, out.empty() ? "" : " ",
                      kWords[random_() % std::size(kWords)]);
    }
    return out;
  }
  Fields SomeFields() {
    Fields out = {{"title", GivenText("nl", Text())}};
    if (random_() % 2 == 0) out.emplace_back("goal", GivenText("nl", Text()));
    if (random_() % 2 == 0) {
      out.emplace_back("status", Given(json::Value("in_use")));
    }
    if (random_() % 3 != 0) {
      out.emplace_back("organisation",
                       Given(json::Value(Any(organisations_).Text())));
    }
    return out;
  }
  void Erase() {
    Version& version = house.log[random_() % house.log.size()];
    std::erase_if(version.fields, [](const FieldDisclosure& field) {
      return field.pointer == "/fields/goal" ||
             field.pointer == "/fields/status";
    });
    house.index.Apply(version);
  }

  std::mt19937 random_;
  std::vector<RegistrationId> organisations_;
  std::vector<RegistrationId> deployments_;
};

TEST(SearchIndexProperty, IsWhatItIsWhenBuiltAnew) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    RandomRegister random(seed);
    for (int step = 0; step < 60; ++step) random.Step();
    SearchIndex anew;
    for (const Version& version : random.house.log) anew.Apply(version);
    ASSERT_EQ(PictureOf(random.house.index), PictureOf(anew)) << seed;
  }
}

TEST(SearchChanges, LeavingAFilterIsSeen) {
  IndexHouse house;
  const RegistrationId id = house.Deployment(
      "Camera", "", {{"status", Given(json::Value("in_use"))}});
  const Fields gone = {{"title", GivenText("nl", "Camera")},
                       {"status", Given(json::Value("out_of_use"))}};
  house.Publish(id, gone);
  house.Publish(id, gone);
  house.Publish(id, gone, RegistrationState::kRetired);
  const auto numbers = [&house](const Filter& filter) {
    std::vector<std::uint32_t> out;
    for (const Change& change : house.index.Changes(filter, UINT64_MAX, 9)) {
      out.push_back(change.number);
    }
    return out;
  };
  EXPECT_EQ(numbers({.facets = {{"status", {"in_use"}}}}),
            (std::vector<std::uint32_t>{2, 1}));
  EXPECT_EQ(numbers({.facets = {{"status", {"out_of_use"}}}}),
            (std::vector<std::uint32_t>{4, 3, 2}));
  EXPECT_EQ(numbers({.query = "camera"}).size(), 4U);
  EXPECT_TRUE(numbers({.query = "de"}).empty());
  EXPECT_EQ(house.index.Changes({}, 4, 9).size(), 2U) << "before, not at";
  EXPECT_EQ(house.index.Changes({}, UINT64_MAX, 1).size(), 1U);
}

}  // namespace
}  // namespace limpid::algoregister::search
