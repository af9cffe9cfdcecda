#include "tests/bench/register_search.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/search/index.h"
#include "algoregister/search/text.h"
#include "algoregister/version/diff.h"
#include "algoregister/version/version.h"
#include "common/base/check.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "common/receipt/registration.h"

namespace limpid::bench {
namespace {

using algoregister::RegistrationId;
using algoregister::RegistrationKind;
using algoregister::Version;
using algoregister::search::Filter;
using algoregister::search::SearchIndex;

constexpr json::ParseLimits kListLimits{.max_bytes = std::size_t{16} << 20U};
constexpr int kRounds = 400;
// Of the scan, which takes a thousand times as long.
constexpr int kScanRounds = 20;

std::string TextIn(const json::Value& row, std::string_view name) {
  auto text = row.GetString(name);
  return text.ok() && !text->empty() ? *std::move(text) : "x";
}

// Registrations of which each has the texts of a row, and two words that few
// others have, as real ones name products and streets.
class Generator {
 public:
  explicit Generator(const std::string& list)
      : list_(json::ParseStrict(list, kListLimits).value()),
        rows_(list_.Find("algoritmes")->elements()) {}

  Version Next() {
    const json::Value& row = rows_[count_++ % rows_.size()];
    json::Value content =
        algoregister::NewContent(RegistrationKind::kDeployment);
    const auto set = [&content](std::string_view name, std::string text) {
      algoregister::SetField(content, name,
                             algoregister::GivenText("nl", text));
    };
    set("title", absl::StrCat(TextIn(row, "title"), " ", Name()));
    set("goal", absl::StrCat(TextIn(row, "doel"), " ", Name()));
    set("legal_basis", TextIn(row, "juridische_basis"));
    algoregister::SetField(content, "status",
                           algoregister::Given(json::Value("in_use")));
    algoregister::SetField(
        content, "organisation",
        algoregister::Given(json::Value(Organisation(row).Text())));
    content.Set("reason", "because");
    return Make(RegistrationId::Random(RegistrationKind::kDeployment), content);
  }

 private:
  Version Make(const RegistrationId& id, const json::Value& content) {
    Version out;
    out.registration = id;
    out.number = 1;
    out.draft_time = absl::UnixEpoch();
    out.leaf_index = count_;
    out.fields = receipt::DiscloseContent(content, crypto::SystemRandom());
    return out;
  }
  RegistrationId Organisation(const json::Value& row) {
    const auto [at, is_new] = organisations_.try_emplace(
        TextIn(row, "organisatie"),
        RegistrationId::Random(RegistrationKind::kOrganisation));
    return at->second;
  }
  std::string Name() {
    static constexpr std::array<const char*, 16> kSyllables = {
        "ba", "der", "ko", "lin", "mo", "nar", "pe", "ris",
        "su", "tal", "vo", "wen", "xi", "yor", "za", "gem"};
    std::string out;
    for (int i = 0; i < 4; ++i) out += kSyllables[random_() % 16];
    return out;
  }

  const json::Value list_;
  const std::span<const json::Value> rows_;
  std::size_t count_ = 0;
  std::mt19937 random_{20261130};
  std::map<std::string, RegistrationId> organisations_;
};

double StatusKib(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return std::stod(line.substr(name.size() + 1));
  }
  return 0;
}

// Calls `work` with 0, 1, ... and takes the time of each call.
Case Timed(std::string name, int rounds, const std::function<void(int)>& work) {
  std::vector<absl::Duration> times;
  times.reserve(static_cast<std::size_t>(rounds));
  for (int i = 0; i < rounds; ++i) {
    times.push_back(Measure([&] { work(i); }));
  }
  return {std::move(name),
          {{"p50_us", PercentileUs(times, 50)},
           {"p99_us", PercentileUs(times, 99)}}};
}

void Compare(Case measured, const Case& naive, Report& report) {
  const double reference = naive.figures.front().value;
  const double own = measured.figures.front().value;
  measured.figures.push_back({"naive_p50_us", reference});
  measured.figures.push_back({"ratio_naive", reference / own});
  report.cases.push_back(std::move(measured));
}

using Queries = std::vector<Filter>;

std::vector<std::pair<std::string, Queries>> QueryKinds() {
  return {
      {"search-word",
       {{.query = "kenteken"},
        {.query = "chatbot"},
        {.query = "vergunning"},
        {.query = "gemeente"}}},
      {"search-words",
       {{.query = "parkeren handhaving"},
        {.query = "fraude bijstand"},
        {.query = "anonimiseren documenten persoonsgegevens"},
        {.query = "welfare fraud"}}},
      {"search-typo",
       {{.query = "kentekn"},
        {.query = "anonimiseeren"},
        {.query = "vergunnningverleening"},
        {.query = "handhavimg"}}},
      {"search-prefix",
       {{.query = "gem"}, {.query = "anoni"}, {.query = "par"}}},
      {"search-filter",
       {{.facets = {{"status", {"in_use"}}}},
        {.query = "camera", .facets = {{"kind", {"deployment"}}}}}},
  };
}

// What a search without an index does: read every text.
void Scan(const std::vector<std::string>& texts, const std::string& query) {
  std::size_t found = 0;
  const auto words = algoregister::search::Words(query);
  for (const std::string& text : texts) {
    bool all = true;
    for (const std::string& word : words) {
      all = all && text.find(word) != std::string::npos;
    }
    if (all) ++found;
  }
  LIMPID_CHECK(found <= texts.size());
}

std::string FoldedText(const Version& version) {
  std::string out;
  for (const auto& field : version.fields) {
    algoregister::search::ForEachWord(
        json::Canonical(field.value),
        [&out](std::string_view word) { out.append(word).append(" "); });
  }
  return out;
}

void AddDiff(Generator& generator, const std::string& suffix, Report& report) {
  std::vector<json::Value> contents;
  for (int i = 0; i < 100; ++i) {
    contents.push_back(algoregister::ContentOf(generator.Next()));
  }
  const auto at = [&contents](int i) -> const json::Value& {
    return contents[static_cast<std::size_t>(i) % contents.size()];
  };
  const Case diff = Timed("diff" + suffix, kRounds, [&](int i) {
    const auto patch = algoregister::MakePatch(at(i), at(i + 1));
    const auto words = algoregister::DescribeChanges(
        RegistrationKind::kDeployment, at(i), at(i + 1));
    LIMPID_CHECK(patch.size() >= 1 && !words.empty());
  });
  const Case naive = Timed("", kRounds, [&](int i) {
    LIMPID_CHECK(json::Canonical(at(i)) != json::Canonical(at(i + 1)));
  });
  Compare(diff, naive, report);
}

}  // namespace

double PeakMemoryKib() { return StatusKib("VmHWM"); }
double MemoryKib() { return StatusKib("VmRSS"); }
void ResetPeakMemory() { std::ofstream("/proc/self/clear_refs") << "5"; }

void AddSearchCases(const std::string& list, std::size_t registrations,
                    Report& report) {
  const std::string suffix = absl::StrCat("/", registrations);
  Generator generator(list);
  SearchIndex index;
  std::vector<std::string> texts;
  absl::Duration indexing;
  std::vector<RegistrationId> ids;
  std::size_t text_bytes = 0;
  const double memory_before = MemoryKib();
  for (std::size_t i = 0; i < registrations; ++i) {
    const Version version = generator.Next();
    texts.push_back(FoldedText(version));
    text_bytes += texts.back().capacity();
    ids.push_back(version.registration);
    indexing += Measure([&] { index.Apply(version); });
  }
  const double memory_kib =
      MemoryKib() - memory_before - static_cast<double>(text_bytes) / 1'024;
  const auto count = static_cast<double>(registrations);
  report.cases.push_back({"index" + suffix,
                          {{"registrations", count},
                           {"words", static_cast<double>(index.word_count())},
                           {"registrations_per_s", PerSecond(count, indexing)},
                           {"memory_kib", memory_kib}}});
  for (const auto& [name, queries] : QueryKinds()) {
    const auto at = [&queries = queries](int i) -> const Filter& {
      return queries[static_cast<std::size_t>(i) % queries.size()];
    };
    const Case found = Timed(name + suffix, kRounds, [&](int i) {
      LIMPID_CHECK(index.Search(at(i), 0, 20).hits.size() <= 20);
    });
    const Case naive =
        Timed("", kScanRounds, [&](int i) { Scan(texts, at(i).query); });
    Compare(found, naive, report);
  }
  const Case alike = Timed("similar" + suffix, kRounds / 4, [&](int i) {
    const auto hits = index.Similar(ids[static_cast<std::size_t>(i)], 10);
    LIMPID_CHECK(hits.ok());
  });
  const Case naive = Timed("", kScanRounds, [&](int i) {
    Scan(texts, texts[static_cast<std::size_t>(i)].substr(0, 200));
  });
  Compare(alike, naive, report);
  AddDiff(generator, suffix, report);
}

}  // namespace limpid::bench
