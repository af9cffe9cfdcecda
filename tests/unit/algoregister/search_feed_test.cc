// Feeds, and the real national list: published, searched, changed three weeks
// later.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "algoregister/search/feed.h"
#include "algoregister/search/filter.h"
#include "algoregister/search/keeper.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"
#include "tests/unit/algoregister/search_fixture.h"

namespace limpid::algoregister::search {
namespace {

using testing::IsOk;
using Texts = std::vector<std::string>;

std::string Unescaped(std::string_view text) {
  std::string out(text);
  for (const auto& [entity, plain] :
       {std::pair("&lt;", "<"), std::pair("&gt;", ">"),
        std::pair("&quot;", "\""), std::pair("&amp;", "&")}) {
    for (std::size_t at = 0; (at = out.find(entity, at)) != std::string::npos;
         ++at) {
      out.replace(at, std::string_view(entity).size(), plain);
    }
  }
  return out;
}

// The texts of every element `name`, unescaped, of an XML file in which every
// element that opens also closes, in order.
Texts Elements(std::string_view xml, std::string_view name) {
  Texts out;
  std::vector<std::string> open;
  std::string text;
  for (std::size_t at = 0; at < xml.size();) {
    if (xml[at] != '<') {
      const std::size_t end = std::min(xml.find('<', at), xml.size());
      text = Unescaped(xml.substr(at, end - at));
      at = end;
      continue;
    }
    const std::size_t end = xml.find('>', at);
    EXPECT_NE(end, std::string_view::npos);
    if (end == std::string_view::npos) return out;
    const std::string_view tag = xml.substr(at + 1, end - at - 1);
    at = end + 1;
    if (tag.starts_with('?') || tag.ends_with('/')) continue;
    if (!tag.starts_with('/')) {
      open.emplace_back(tag.substr(0, tag.find(' ')));
      text.clear();
      continue;
    }
    EXPECT_FALSE(open.empty());
    if (open.empty()) return out;
    EXPECT_EQ(open.back(), tag.substr(1));
    if (open.back() == name) out.push_back(text);
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
  return out;
}

FeedEntry Entry(std::string title, std::uint32_t number) {
  FeedEntry out;
  out.change.registration = {.kind = RegistrationKind::kDeployment};
  out.change.number = number;
  out.change.leaf_index = 12;
  out.change.draft_time = kFirstDay + absl::Milliseconds(7);
  out.id =
      absl::StrCat("urn:limpid:", out.change.registration.Text(), ":", number);
  out.title = std::move(title);
  out.organisation = "Delft & Co";
  out.reason = "a \"reason\"\x01";
  out.lines = {"Status: <b>in use</b> \u2192 ]]>"};
  return out;
}

TEST(Feed, AtomSaysWhatRfc4287Asks) {
  const std::vector<FeedEntry> entries = {Entry("A < B", 2), Entry("C", 1)};
  const std::string file = FormatAtom({.origin = "example.org/register",
                                       .filter = "q=a%26b&x=1",
                                       .entries = entries});
  EXPECT_EQ(Elements(file, "id").front(), "urn:limpid:feed:q=a%26b&x=1");
  EXPECT_EQ(Elements(file, "id").size(), 3U);
  EXPECT_EQ(Elements(file, "id")[1], entries[0].id);
  EXPECT_EQ(Elements(file, "updated"), Texts(3, "2026-06-01T00:00:00.007Z"));
  EXPECT_EQ(Elements(file, "title")[1], "A < B (Delft & Co)");
  EXPECT_EQ(Elements(file, "name"), Texts{"example.org/register"});
  EXPECT_EQ(Elements(file, "content")[0],
            "Version 2. a \"reason\"\nStatus: <b>in use</b> \u2192 ]]>");
  EXPECT_EQ(Elements(file, "content")[1].substr(0, 11), "Registered.");
  EXPECT_EQ(Elements(file, "limpid:leaf-index"), Texts(2, "12"));
  EXPECT_EQ(file.find("<b>"), std::string::npos);
  EXPECT_EQ(file.find('\x01'), std::string::npos);
}

TEST(Feed, AnEmptyOneIsAFeed) {
  const std::string file = FormatAtom({.origin = "example.org/register"});
  EXPECT_EQ(Elements(file, "id"), Texts{"urn:limpid:feed:all"});
  EXPECT_EQ(Elements(file, "updated"), Texts{"1970-01-01T00:00:00.000Z"});
}

TEST(Feed, JsonFeedSaysWhatItsStandardAsks) {
  const std::vector<FeedEntry> entries = {Entry("A < B", 2)};
  const auto feed = json::ParseStrict(
      FormatJsonFeed({.origin = "example.org/register", .entries = entries}));
  ASSERT_THAT(feed, IsOk());
  EXPECT_EQ(*feed->GetString("version"), "https://jsonfeed.org/version/1.1");
  const json::Value& item = feed->Find("items")->elements()[0];
  EXPECT_EQ(*item.GetString("id"), entries[0].id);
  EXPECT_EQ(*item.GetString("title"), "A < B (Delft & Co)");
  EXPECT_EQ(*item.GetString("date_modified"), "2026-06-01T00:00:00.007Z");
  EXPECT_EQ(item.FindPointer("/_limpid/leaf_index")->integer(), 12);
}

TEST(FeedEntries, SayWhatChangedInWords) {
  RegisterHouse house;
  const Version first = house.NewSystem("Chatbot");
  json::Value content = SystemRequest("Chatbot 2");
  SetField(content, "description", GivenText("en", std::string(500, 'x')));
  ASSERT_THAT(house.Publish(*house.target.PrepareUpdate(
                  house.By(house.publisher), first.registration, content)),
              IsOk());
  const auto entry = MakeFeedEntry(
      house.store, {.registration = first.registration, .number = 2}, "");
  ASSERT_THAT(entry, IsOk());
  EXPECT_EQ(entry->title, "Chatbot 2");
  ASSERT_EQ(entry->lines.size(), 2U);
  EXPECT_LT(entry->lines[0].size(), kMaxFeedValueBytes + 60);
  EXPECT_NE(entry->lines[1].find("Chatbot \u2192 "), std::string::npos)
      << entry->lines[1];
}

// The national list of 9 June, and what three weeks made of it.
class RealList : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto path =
        testing::SharedPath("data/algoregister/nl/algoritmes-2026-06-09.json");
    if (path.empty()) GTEST_SKIP() << "outside material is absent";
    house_.Import(testing::ReadFile(path));
    ASSERT_THAT(keeper_.CatchUp(), IsOk());
  }
  void ImportLater() {
    house_.Import(testing::ReadFile(testing::SharedPath(
        "data/algoregister/nl/algoritmes-2026-06-30.json")));
    ASSERT_THAT(keeper_.CatchUp(), IsOk());
  }
  Texts Find(std::string_view words) {
    Texts out;
    EXPECT_THAT(keeper_.Read([&](const SearchIndex& index) {
      for (const Hit& hit :
           index.Search({.query = std::string(words)}, 0, 10).hits) {
        out.push_back(index.entry(hit.place).title);
      }
    }),
                IsOk());
    return out;
  }
  // Whether one of the first ten says `part`, in lower case.
  bool Finds(std::string_view words, std::string_view part) {
    const Texts titles = Find(words);
    return std::any_of(titles.begin(), titles.end(), [part](const auto& one) {
      return FoldTitle(one).find(part) != std::string::npos;
    });
  }

  RegisterHouse house_;
  IndexKeeper keeper_{house_.store};
};

TEST_F(RealList, PeopleFindWhatTheyMean) {
  EXPECT_TRUE(Finds("nummerplaat", "kenteken"));
  EXPECT_TRUE(Finds("kentekn", "kenteken"));
  EXPECT_TRUE(Finds("geparkeerd", "parke"));
  EXPECT_TRUE(Finds("bijstand", "uitkering"));
  EXPECT_TRUE(Finds("welfare", "uitkering"));
  EXPECT_TRUE(Finds("anonimis", "anonimiser"));
  EXPECT_TRUE(Finds("chatbots", "chatbot"));
  EXPECT_TRUE(Finds("gemeente delft", "delft"));
  EXPECT_TRUE(Find("qqqqqqqqqqqq").empty());
}

TEST_F(RealList, EveryFacetValueIsWhatItsFilterFinds) {
  ASSERT_THAT(keeper_.Read([](const SearchIndex& index) {
    const SearchAnswer all = index.Search({}, 0, 1);
    EXPECT_EQ(all.total_count, index.size());
    std::uint64_t kinds = 0;
    for (const FacetCount& one : all.facets) {
      const std::string name(Facets()[one.value.facet].name);
      Filter filter;
      filter.facets[name] = {one.value.value};
      const auto back = ParseFilter(FilterText(filter));
      ASSERT_THAT(back, IsOk());
      EXPECT_EQ(index.Search(*back, 0, 1).total_count, one.count);
      if (name == "kind") kinds += one.count;
    }
    EXPECT_EQ(kinds, all.total_count);
  }),
              IsOk());
}

// The list of changes over all pages.
std::vector<Change> AllChanges(const SearchIndex& index, const Filter& filter) {
  std::vector<Change> out;
  std::uint64_t before = UINT64_MAX;
  while (true) {
    const auto page = index.Changes(filter, before, 97);
    out.insert(out.end(), page.begin(), page.end());
    if (page.size() < 97) return out;
    before = page.back().leaf_index;
  }
}

TEST_F(RealList, EveryChangeIsInTheFeedOnce) {
  const std::size_t before = house_.log.entries.size();
  ImportLater();
  ASSERT_GT(house_.log.entries.size(), before) << "the lists differ";
  std::vector<Change> changes;
  ASSERT_THAT(keeper_.Read([&](const SearchIndex& index) {
    changes = AllChanges(index, {});
  }),
              IsOk());
  ASSERT_EQ(changes.size(), house_.log.entries.size());
  std::set<std::pair<RegistrationId, std::uint32_t>> seen;
  std::vector<FeedEntry> entries;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    EXPECT_EQ(changes[i].leaf_index, changes.size() - 1 - i);
    EXPECT_TRUE(
        seen.emplace(changes[i].registration, changes[i].number).second);
    const auto entry = MakeFeedEntry(house_.store, changes[i], "");
    ASSERT_THAT(entry, IsOk());
    EXPECT_TRUE(entry->change.number == 1 || !entry->lines.empty());
    entries.push_back(*entry);
  }
  const std::string file =
      FormatAtom({.origin = "example.org/register", .entries = entries});
  EXPECT_EQ(Elements(file, "id").size(), entries.size() + 1);
}

TEST_F(RealList, AnIndexThatFollowedIsOneBuiltAnew) {
  ImportLater();
  IndexKeeper anew(house_.store);
  ASSERT_THAT(anew.CatchUp(), IsOk());
  const auto picture = [](IndexKeeper& keeper) {
    std::vector<std::pair<std::string, double>> out;
    EXPECT_THAT(keeper.Read([&out](const SearchIndex& index) {
      out.emplace_back("words", index.word_count());
      for (const char* const words : {"", "kenteken", "gemeente fraude"}) {
        const auto answer = index.Search({.query = words}, 0, 200);
        for (const Hit& hit : answer.hits) {
          out.emplace_back(index.entry(hit.place).registration.Text(),
                           hit.score);
        }
        for (const FacetCount& one : answer.facets) {
          out.emplace_back(one.value.value, one.count);
        }
      }
    }),
                IsOk());
    return out;
  };
  EXPECT_EQ(picture(keeper_), picture(anew));
}

}  // namespace
}  // namespace limpid::algoregister::search
