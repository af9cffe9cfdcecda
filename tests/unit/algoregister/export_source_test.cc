#include "algoregister/rpc/export_source.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "algoregister/profile/export.h"
#include "algoregister/registration/content.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/exported.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;

std::string Row(int id, std::size_t goal_bytes) {
  return absl::StrCat(R"({"id":")", id, R"(","organisatie":"Body )", id % 7,
                      R"(","title":"T)", id, R"(","doel":")",
                      std::string(goal_bytes, 'x'),
                      R"(","status":"","juridische_basis":"",)",
                      R"("impactassessment":"Ja","geregistreerd":"",)",
                      R"("toegevoegd":"","url":""})");
}

struct Streamed {
  std::string file;
  std::vector<std::size_t> chunks;
  std::size_t dropped = 0;
  // Messages about what was dropped that came before the last chunk.
  std::size_t dropped_between = 0;
};

Streamed Stream(RegisterHouse& house, const ListFilter& filter) {
  ExportSource source(*FindProfile("nl-list"), house.store, filter);
  Streamed out;
  while (true) {
    v1::ExportRegistrationsResponse part;
    const auto more = source.Next(part);
    EXPECT_THAT(more, IsOk());
    if (!more.ok() || !*more) return out;
    if (part.has_dropped()) {
      ++out.dropped;
      continue;
    }
    out.file += part.file_chunk();
    out.chunks.push_back(part.file_chunk().size());
    out.dropped_between = out.dropped;
  }
}

TEST(ExportSource, GivesTheWholeFileInChunks) {
  RegisterHouse house;
  std::string file = "[";
  // More than two pages, and more than two chunks.
  constexpr int kRows = 130;
  for (int i = 0; i < kRows; ++i) {
    absl::StrAppend(&file, i == 0 ? "" : ",", Row(i, 2'000));
  }
  house.Import(file + "]");
  const ListFilter filter = {.kind = RegistrationKind::kDeployment};
  const Streamed streamed = Stream(house, filter);
  EXPECT_GE(streamed.chunks.size(), 4U);
  EXPECT_LE(*std::max_element(streamed.chunks.begin(), streamed.chunks.end()),
            ExportSource::kChunkBytes);
  std::vector<ExportItem> items;
  OrganisationNames names;
  for (const Head& head : house.All({})) {
    names[head.registration] = head.title;
  }
  for (const Head& head : house.All(filter)) {
    items.push_back(
        {.registration = head.registration,
         .content = ContentOf(*house.store.Get(head.registration, 0))});
  }
  EXPECT_EQ(streamed.file,
            ExportItems(*FindProfile("nl-list"), items, names).file);
  EXPECT_EQ(streamed.dropped, 0U);
  EXPECT_EQ(house.Import(streamed.file).unchanged, 130U);
}

TEST(ExportSource, TellsWhatItDropsAsItGoes) {
  RegisterHouse house;
  std::string file = "[";
  for (int i = 0; i < 60; ++i) {
    absl::StrAppend(&file, i == 0 ? "" : ",", Row(i, 10));
  }
  house.Import(file + "]");
  // Everything, so that seven organisations are dropped.
  const Streamed streamed = Stream(house, {});
  EXPECT_EQ(streamed.dropped, 7U);
  EXPECT_EQ(streamed.dropped_between, 7U);
  const Streamed none = Stream(house, {.title_prefix = "nothing has this"});
  EXPECT_EQ(none.file, "{\n  \"algoritmes\": []\n}\n");
}

}  // namespace
}  // namespace limpid::algoregister
