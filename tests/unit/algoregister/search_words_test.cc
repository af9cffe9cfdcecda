// Words, stems, slips of the keyboard, and filters as texts.

#include <algorithm>
#include <cstddef>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/search/filter.h"
#include "algoregister/search/query.h"
#include "algoregister/search/stemmer.h"
#include "algoregister/search/text.h"
#include "algoregister/search/vocabulary.h"
#include "algoregister/search/word_tables.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister::search {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;
using Texts = std::vector<std::string>;
constexpr auto kBad = absl::StatusCode::kInvalidArgument;

TEST(SearchWords, AreFoldedRunsOfLettersAndDigits) {
  EXPECT_EQ(Words("Cr\u00e8me BR\u00dbL\u00c9E, 2\u2011way \u0132sland!"),
            (Texts{"creme", "brulee", "2", "way", "ijsland"}));
  EXPECT_EQ(Words("Stra\u00dfe \u00c6r\u00f8 o\u0308l na\u00adam"),
            (Texts{"strasse", "aero", "ol", "naam"}));
  EXPECT_EQ(
      Words("\u0395\u039b\u039b\u0391\u03a3 \u041c\u043e\u0441\u043a"),
      (Texts{"\u03b5\u03bb\u03bb\u03b1\u03c3", "\u043c\u043e\u0441\u043a"}));
  EXPECT_TRUE(Words(" .,;-\u2013\u201c\u201d\u00d7 ").empty());
}

TEST(SearchWords, BytesThatAreNotUtf8SeparateThem) {
  EXPECT_EQ(Words("a\xff"
                  "b\xc3"
                  "c\xe2\x82"),
            (Texts{"a", "b", "c"}));
}

TEST(SearchWords, TheLongestWordIsKeptAndALongerOneIsNot) {
  const std::string longest(kMaxWordBytes, 'x');
  EXPECT_EQ(Words(longest), Texts{longest});
  EXPECT_TRUE(Words(longest + "x").empty());
}

TEST(SearchStems, FormsOfAWordShareOne) {
  Stemmers stemmers;
  const auto same = [&stemmers](Language language, const char* left,
                                const char* right) {
    return stemmers.Stem(language, left) == stemmers.Stem(language, right);
  };
  EXPECT_TRUE(same(Language::kDutch, "kenteken", "kentekens"));
  EXPECT_TRUE(same(Language::kDutch, "vergunning", "vergunningen"));
  EXPECT_TRUE(same(Language::kEnglish, "benefit", "benefits"));
  EXPECT_TRUE(same(Language::kEnglish, "policing", "policed"));
  EXPECT_FALSE(same(Language::kDutch, "kenteken", "tekening"));
  EXPECT_EQ(stemmers.Stem(Language::kDutch, "\u03b5\u03bb"), "\u03b5\u03bb");
}

TEST(SearchTables, SynonymsAreFoldedWordsAndNoStopWords) {
  for (const SynonymGroup& group : Synonyms()) {
    EXPECT_GE(group.size(), 2U);
    for (const std::string_view word : group) {
      EXPECT_EQ(Words(word), Texts{std::string(word)});
      EXPECT_FALSE(IsStopWord(word)) << word;
    }
  }
  EXPECT_TRUE(IsStopWord("het"));
  EXPECT_TRUE(IsStopWord("the"));
  EXPECT_FALSE(IsStopWord("algoritme"));
}

TEST(SearchTypos, LongerWordsMayHaveMore) {
  EXPECT_EQ(MaxTypos("abc"), 0U);
  EXPECT_EQ(MaxTypos("abcd"), 1U);
  EXPECT_EQ(MaxTypos("abcdefg"), 1U);
  EXPECT_EQ(MaxTypos("abcdefgh"), 2U);
  EXPECT_EQ(MaxTypos("artikel22"), 0U);
}

// The textbook's table, whole.
std::size_t NaiveDistance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(
      a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1,
                          d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

std::string RandomWord(std::mt19937& random, std::size_t max_size) {
  std::string out(1 + random() % max_size, 'a');
  for (char& c : out) c = static_cast<char>('a' + random() % 3);
  return out;
}

TEST(SearchTypos, TheWalkFindsWhatTheTableFinds) {
  std::mt19937 random(20261130);
  for (int round = 0; round < 60; ++round) {
    Vocabulary vocabulary;
    std::set<std::string> words;
    for (int i = 0; i < 120; ++i) words.insert(RandomWord(random, 9));
    for (const std::string& word : words) vocabulary.Take(word);
    for (std::size_t edits = 0; edits <= 2; ++edits) {
      const std::string asked = RandomWord(random, 10);
      std::size_t best = edits;
      std::set<std::string> expected;
      for (const std::string& word : words) {
        const std::size_t distance = NaiveDistance(asked, word);
        if (distance < best) expected.clear();
        best = std::min(best, distance);
        if (distance == best && edits > 0) expected.insert(word);
      }
      std::set<std::string> found;
      for (const WordId id : vocabulary.Nearest(asked, edits, 1'000)) {
        found.insert(vocabulary.Text(id));
      }
      ASSERT_EQ(found, expected) << asked << " within " << edits;
    }
  }
}

TEST(SearchVocabulary, ForgetsAWordThatNoDocumentHas) {
  Vocabulary vocabulary;
  const WordId first = vocabulary.Take("kenteken");
  vocabulary.Take("kenteken");
  vocabulary.Release(first);
  EXPECT_EQ(vocabulary.document_count(first), 1U);
  vocabulary.Release(first);
  EXPECT_EQ(vocabulary.size(), 0U);
  EXPECT_FALSE(vocabulary.Find("kenteken").has_value());
  EXPECT_TRUE(vocabulary.WithStem(Language::kDutch, "kenteken").empty());
  EXPECT_TRUE(vocabulary.WithPrefix("ken", 9).empty());
  EXPECT_EQ(vocabulary.Take("camera"), first);
  EXPECT_TRUE(vocabulary.Nearest("kentekan", 2, 9).empty());
}

TEST(SearchQuery, HasALengthAndANumberOfWords) {
  EXPECT_THAT(CheckQuery(std::string(kMaxQueryBytes, 'x')), IsOk());
  EXPECT_THAT(CheckQuery(std::string(kMaxQueryBytes + 1, 'x')),
              StatusSays(kBad, "500 bytes"));
  EXPECT_THAT(CheckQuery(std::string(10'000, ' ')), StatusIs(kBad));
  EXPECT_THAT(CheckQuery("a\xff"), StatusSays(kBad, "UTF-8"));
  std::string words;
  for (std::size_t i = 0; i < kMaxQueryWords; ++i) {
    words += "w" + std::to_string(i) + " the ";
  }
  EXPECT_THAT(CheckQuery(words), IsOk());
  EXPECT_THAT(CheckQuery(words + "more"), StatusSays(kBad, "16 words"));
}

TEST(SearchFilter, HasOneText) {
  const auto filter = ParseFilter(
      "status=in_use&q=parkeren+in%20de%20stad&kind=system&kind=deployment&"
      "retired=yes&since=2026-06-09&title=A%26B&kind=system");
  ASSERT_THAT(filter, IsOk());
  EXPECT_EQ(FilterText(*filter),
            "kind=deployment&kind=system&q=parkeren%20in%20de%20stad&"
            "retired=yes&since=2026-06-09&status=in_use&title=A%26B");
  EXPECT_EQ(*ParseFilter(FilterText(*filter)), *filter);
  EXPECT_EQ(FilterText(*ParseFilter("")), "");
  EXPECT_EQ(*ParseFilter("&&"), Filter());
}

TEST(SearchFilter, AnyValuesComeBack) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    Filter filter;
    const auto text = [&random] {
      std::string out(1 + random() % 20, ' ');
      for (char& c : out) c = static_cast<char>(1 + random() % 127);
      return out;
    };
    filter.facets["theme"] = {text(), text()};
    filter.facets["provider"] = {text()};
    filter.title_prefix = text();
    filter.query = "woord " + text().substr(0, 5);
    const std::string canonical = FilterText(filter);
    const auto back = ParseFilter(canonical);
    ASSERT_THAT(back, IsOk());
    ASSERT_EQ(*back, filter);
    ASSERT_EQ(FilterText(*back), canonical);
  }
}

TEST(SearchFilter, RefusesWhatIsNone) {
  std::string many;
  for (std::size_t i = 0; i <= kMaxFilterValues; ++i) {
    many += "theme=" + std::to_string(i) + "&";
  }
  for (const std::string& text :
       Texts{"kind",
             "kind=",
             "=x",
             "colour=red",
             "q=a&q=b",
             "q=%ff",
             "q=%0",
             "q=%zz",
             "q=%00",
             "since=2026-02-30",
             "since=yesterday",
             "since=2026-01-01&since=2026-01-02",
             "retired=no",
             "title=a&title=b",
             "q=" + std::string(kMaxQueryBytes + 1, 'x'),
             "title=" + std::string(201, 'x'),
             "theme=" + std::string(201, 'x'),
             std::string(kMaxFilterBytes + 1, '&'),
             many,
             "kind=deployment'; DROP TABLE register_head; --&x=1"}) {
    EXPECT_THAT(ParseFilter(text), StatusSays(kBad, "filter"))
        << text.substr(0, 60);
  }
}

TEST(SearchFilter, ARefusalRepeatsNothing) {
  const auto refused = ParseFilter("secretname=secretvalue");
  EXPECT_EQ(refused.status().message().find("secret"), std::string::npos);
}

}  // namespace
}  // namespace limpid::algoregister::search
