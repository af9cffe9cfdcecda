// The index against a search that looks at every registration for every
// question: the same hits with the same scores in the same order, the same
// counts of facets, for an index that changed all the time.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/search/document.h"
#include "algoregister/search/index.h"
#include "algoregister/search/query.h"
#include "algoregister/search/scoring.h"
#include "algoregister/search/vocabulary.h"
#include "gtest/gtest.h"
#include "tests/unit/algoregister/search_fixture.h"

namespace limpid::algoregister::search {
namespace {

struct Found {
  RegistrationId registration;
  double score = 0;
  std::uint64_t leaf_index = 0;
};
// Facet, value and count.
using Counts = std::vector<std::pair<FacetValue, std::uint64_t>>;

// One registration as its newest version has it.
struct Row {
  const Version* version = nullptr;
  Document document;
  std::uint64_t length = 0;
};

class Naive {
 public:
  explicit Naive(const std::vector<Version>& log) {
    for (const Version& version : log) {
      rows_[version.registration] = {&version, MakeDocument(version)};
    }
    for (auto& [id, row] : rows_) AddTitleOfBody(row);
    for (auto& [id, row] : rows_) AddEvidence(id, row);
    for (auto& [id, row] : rows_) {
      for (const auto& [word, weight] : row.document.words) {
        vocabulary_.Take(word);
        row.length += weight;
      }
      total_length_ += row.length;
    }
  }

  // All that match, in order.
  [[nodiscard]] std::vector<Found> Search(const Filter& filter) const {
    std::vector<Found> all;
    std::vector<Found> any;
    const auto groups = ExpandQuery(filter.query, vocabulary_, synonyms_);
    for (const auto& [id, row] : rows_) {
      if (!Matches(filter, row)) continue;
      Found found{id, 0, row.version->leaf_index.value()};
      std::size_t has = 0;
      found.score = Score(groups, row, has);
      if (has == groups.size() && (has > 0 || filter.query.empty())) {
        all.push_back(found);
      } else if (has > 0) {
        any.push_back(found);
      }
    }
    std::vector<Found>& out = all.empty() ? any : all;
    std::sort(out.begin(), out.end(), [&](const Found& a, const Found& b) {
      if (filter.query.empty()) return a.leaf_index > b.leaf_index;
      if (a.score != b.score) return a.score > b.score;
      return a.registration < b.registration;
    });
    return out;
  }

  [[nodiscard]] Counts Count(const std::vector<Found>& hits) const {
    std::map<FacetValue, std::uint64_t> counts;
    for (const Found& hit : hits) {
      for (const FacetValue& value :
           rows_.at(hit.registration).document.values) {
        ++counts[value];
      }
    }
    Counts out(counts.begin(), counts.end());
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
      if (a.first.facet != b.first.facet) return a.first.facet < b.first.facet;
      return a.second > b.second;
    });
    std::map<std::size_t, std::size_t> kept;
    std::erase_if(out, [&kept](const auto& one) {
      return ++kept[one.first.facet] > kMaxFacetValues;
    });
    return out;
  }

 private:
  void AddTitleOfBody(Row& row) {
    if (!row.document.organisation) return;
    const auto body = rows_.find(*row.document.organisation);
    if (body == rows_.end()) return;
    AddWords(body->second.document.title, kOrganisationWeight,
             row.document.words);
  }
  void AddEvidence(const RegistrationId& id, Row& row) {
    if (id.kind != RegistrationKind::kDeployment) return;
    bool has = false;
    for (const auto& [other, evaluation] : rows_) {
      const auto& targets = evaluation.document.evaluated;
      has =
          has || std::find(targets.begin(), targets.end(), id) != targets.end();
    }
    row.document.values.push_back(
        {FindFacet("evidence").value(), has ? "yes" : "no"});
  }

  [[nodiscard]] static bool Matches(const Filter& filter, const Row& row) {
    const Version& version = *row.version;
    if (version.state == RegistrationState::kRetired &&
        !filter.include_retired) {
      return false;
    }
    if (filter.changed_since != 0 &&
        version.draft_time < kFirstDay + absl::Hours(24)) {
      return false;
    }
    if (!FoldTitle(row.document.title).starts_with(filter.title_prefix)) {
      return false;
    }
    return std::all_of(
        filter.facets.begin(), filter.facets.end(), [&row](const auto& facet) {
          return std::any_of(
              row.document.values.begin(), row.document.values.end(),
              [&facet](const FacetValue& value) {
                return Facets()[value.facet].name == facet.first &&
                       facet.second.contains(value.value);
              });
        });
  }

  [[nodiscard]] double Score(const std::vector<WordGroup>& groups,
                             const Row& row, std::size_t& has) const {
    const auto all = static_cast<double>(rows_.size());
    const double mean = std::max(1.0, static_cast<double>(total_length_) / all);
    const double norm =
        kSaturation * (1 - kLengthShare +
                       kLengthShare * static_cast<double>(row.length) / mean);
    float total = 0;
    for (const WordGroup& group : groups) {
      double count = 0;
      for (const Alternative& one : group.alternatives) {
        count += vocabulary_.document_count(one.word);
      }
      count = std::min(count, all);
      const double idf = std::log(1 + (all - count + 0.5) / (count + 0.5));
      float best = 0;
      for (const Alternative& one : group.alternatives) {
        const auto word = row.document.words.find(vocabulary_.Text(one.word));
        if (word == row.document.words.end()) continue;
        const double weight = word->second;
        best = std::max(best, static_cast<float>(one.factor * idf * weight /
                                                 (weight + norm)));
      }
      if (best > 0) ++has;
      total += best;
    }
    return total;
  }

  std::map<RegistrationId, Row> rows_;
  Vocabulary vocabulary_;
  SynonymIndex synonyms_;
  std::uint64_t total_length_ = 0;
};

constexpr auto kWords = std::to_array<const char*>(
    {"kenteken", "kentekens", "camera", "parkeren", "parkeerplaats", "fraude",
     "bijstand", "uitkering", "chatbot", "gemeente", "gemeenten", "vergunning",
     "anonimiseren", "documenten", "straat", "handhaving", "gemaal", "gem"});
constexpr auto kQueries = std::to_array<const char*>(
    {"", "", "kenteken", "gem", "gemeente", "par", "kentekn", "de het een",
     "camera straat", "fraude bijstand uitkering", "chatbot onbestaanbaarheid",
     "vergunning anonimiseren", "delft", "body 3", "niets hiervan"});
constexpr auto kStatus =
    std::to_array<const char*>({"in_use", "out_of_use", "in_development"});

class World {
 public:
  void Grow() {
    for (int i = 0; i < 30; ++i) {
      bodies_.push_back(house.Organisation(absl::StrCat("Body ", i)));
    }
    for (int i = 0; i < 400; ++i) {
      deployments_.push_back(
          house.New(RegistrationKind::kDeployment, RandomFields()));
    }
    for (int i = 0; i < 40; ++i) {
      evaluations_.push_back(
          house.New(RegistrationKind::kEvaluation, Evaluation()));
    }
  }
  void Change() {
    for (int i = 0; i < 120; ++i) {
      house.Publish(
          Any(deployments_), RandomFields(),
          Chance(4) ? RegistrationState::kRetired : RegistrationState::kActive);
    }
    for (int i = 0; i < 15; ++i) {
      house.Publish(
          Any(evaluations_), Evaluation(),
          Chance(2) ? RegistrationState::kRetired : RegistrationState::kActive);
    }
    house.Publish(bodies_[3], {{"name", Given(json::Value("Gemeente Delft"))}});
    for (int i = 0; i < 20; ++i) EraseGoal(Any(deployments_));
  }

  Filter RandomFilter() {
    Filter out;
    out.query = kQueries[random_() % kQueries.size()];
    if (Chance(2)) out.facets["status"].insert(Status());
    if (Chance(4)) out.facets["status"].insert(Status());
    if (Chance(4)) out.facets["organisation"].insert(Any(bodies_).Text());
    if (Chance(5)) out.facets["provider"].insert(Supplier());
    if (Chance(5)) out.facets["evidence"] = {Chance(2) ? "yes" : "no"};
    if (Chance(9)) out.facets["status"] = {"nothing has this"};
    if (Chance(6)) out.title_prefix = "gem";
    // The second day of the log.
    if (Chance(6)) out.changed_since = 20'260'602;
    out.include_retired = Chance(3);
    return out;
  }
  std::size_t Below(std::size_t end) { return random_() % end; }

  IndexHouse house;

 private:
  bool Chance(unsigned of) { return random_() % of == 0; }
  const RegistrationId& Any(const std::vector<RegistrationId>& of) {
    return of[random_() % of.size()];
  }
  std::string Status() { return kStatus[random_() % kStatus.size()]; }
  std::string Supplier() { return absl::StrCat("Supplier ", random_() % 150); }
  std::string Text(std::size_t words) {
    std::string out;
    for (std::size_t i = 0; i < words; ++i) {
      absl::StrAppend(&out, i == 0 ? "" : " ",
                      kWords[random_() % kWords.size()]);
    }
    return out;
  }
  Fields RandomFields() {
    Fields out;
    out.emplace_back("title", GivenText("nl", Text(2)));
    if (!Chance(4))
      out.emplace_back("goal", GivenText("nl", Text(1 + Below(12))));
    if (!Chance(5)) out.emplace_back("status", Given(json::Value(Status())));
    if (!Chance(5)) {
      out.emplace_back("organisation", Given(json::Value(Any(bodies_).Text())));
    }
    json::Value supplier = json::Value::Object();
    supplier.Set("name", Supplier());
    json::Value suppliers = json::Value::Array();
    suppliers.Append(std::move(supplier));
    if (!Chance(3)) out.emplace_back("suppliers", Given(std::move(suppliers)));
    return out;
  }
  Fields Evaluation() {
    return {{"title", GivenText("nl", Text(3))},
            {"deployment", Given(json::Value(Any(deployments_).Text()))}};
  }
  // As the store erases: out of every version, and each is taken in anew.
  void EraseGoal(const RegistrationId& id) {
    for (Version& version : house.log) {
      if (version.registration != id) continue;
      std::erase_if(version.fields, [](const FieldDisclosure& field) {
        return field.pointer == "/fields/goal";
      });
      house.index.Apply(version);
    }
  }

  std::mt19937 random_{20261130};
  std::vector<RegistrationId> bodies_;
  std::vector<RegistrationId> deployments_;
  std::vector<RegistrationId> evaluations_;
};

void Compare(World& world, const Naive& naive, const Filter& filter) {
  const std::vector<Found> expected = naive.Search(filter);
  const std::size_t offset = world.Below(2) == 0 ? 0 : world.Below(40);
  const std::size_t limit = 1 + world.Below(60);
  const SearchAnswer answer = world.house.index.Search(filter, offset, limit);
  ASSERT_EQ(answer.total_count, expected.size());
  const std::size_t end = std::min(expected.size(), offset + limit);
  ASSERT_EQ(answer.hits.size(), end - std::min(end, offset));
  for (std::size_t i = 0; i < answer.hits.size(); ++i) {
    const Found& want = expected[offset + i];
    const Entry& entry = world.house.index.entry(answer.hits[i].place);
    ASSERT_EQ(entry.registration, want.registration) << i;
    ASSERT_EQ(answer.hits[i].score, want.score) << i;
  }
  const Counts counts = naive.Count(expected);
  ASSERT_EQ(answer.facets.size(), counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    ASSERT_EQ(answer.facets[i].value, counts[i].first) << i;
    ASSERT_EQ(answer.facets[i].count, counts[i].second) << i;
  }
}

TEST(SearchReference, TheIndexAnswersWhatALookAtEverythingAnswers) {
  World world;
  world.Grow();
  for (int round = 0; round < 3; ++round) {
    const Naive naive(world.house.log);
    for (int i = 0; i < 250; ++i) {
      const Filter filter = world.RandomFilter();
      Compare(world, naive, filter);
      if (HasFatalFailure()) {
        FAIL() << "round " << round << ": " << FilterText(filter);
      }
    }
    world.Change();
  }
}

}  // namespace
}  // namespace limpid::algoregister::search
