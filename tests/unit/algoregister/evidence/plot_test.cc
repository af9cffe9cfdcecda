#include "algoregister/evidence/plot.h"

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/evidence/fixture.h"

namespace limpid::algoregister::evidence {
namespace {

const Counts kA = {.tp = 16, .fp = 8, .fn = 4, .tn = 12};

// Whether the text is one element with balanced ones in it, attributes in
// quotes and no character that would have to be escaped.
bool IsWellFormed(std::string_view text) {
  std::vector<std::string> open;
  std::size_t roots = 0;
  while (!text.empty()) {
    if (text.front() != '<') {
      const std::size_t end = std::min(text.find('<'), text.size());
      const std::string_view content = text.substr(0, end);
      if (content.find('>') != std::string_view::npos) return false;
      for (std::size_t at = content.find('&'); at != std::string_view::npos;
           at = content.find('&', at + 1)) {
        const std::string_view rest = content.substr(at);
        if (!rest.starts_with("&amp;") && !rest.starts_with("&lt;") &&
            !rest.starts_with("&gt;") && !rest.starts_with("&quot;")) {
          return false;
        }
      }
      text.remove_prefix(end);
      continue;
    }
    const std::size_t end = text.find('>');
    if (end == std::string_view::npos) return false;
    std::string_view tag = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    if (std::count(tag.begin(), tag.end(), '"') % 2 != 0) return false;
    if (tag.find('<') != std::string_view::npos) return false;
    if (tag.starts_with("/")) {
      if (open.empty() || open.back() != tag.substr(1)) return false;
      open.pop_back();
    } else {
      if (open.empty() && ++roots > 1) return false;
      if (!tag.ends_with("/")) open.emplace_back(tag.substr(0, tag.find(' ')));
    }
  }
  return open.empty() && roots == 1;
}

Evidence Named(std::string name) {
  return EvidenceOf({.attribute = "sex",
                     .groups = {{std::move(name), kA}, {"z", kA}},
                     .reference = "z"});
}

TEST(Plot, IsWellFormedSaysItsNumbersAndHasNoScript) {
  const auto svg = PlotMetric(Named("a"), *FindMetric("fpr"), "");
  ASSERT_THAT(svg, testing::IsOk());
  EXPECT_TRUE(IsWellFormed(*svg));
  EXPECT_TRUE(svg->starts_with("<svg xmlns="));
  EXPECT_NE(svg->find("role=\"img\""), std::string::npos);
  EXPECT_NE(svg->find("<title id=\"title\">fpr by sex</title>"),
            std::string::npos);
  EXPECT_NE(svg->find("a: 0.400, interval 0.219 to 0.613."), std::string::npos);
  EXPECT_NE(svg->find("z (reference): 0.400"), std::string::npos);
  EXPECT_EQ(svg->find("script"), std::string::npos);
  EXPECT_EQ(svg->find("style"), std::string::npos);
  EXPECT_EQ(svg->find("href"), std::string::npos);
  EXPECT_EQ(*svg, *PlotMetric(Named("a"), *FindMetric("fpr"), "sex"));
}

TEST(Plot, EscapesNamesOfGroups) {
  const std::string hostile = "</title><script>alert(\"1\")</script>&\x01";
  const auto svg = PlotMetric(Named(hostile), *FindMetric("fpr"), "");
  ASSERT_THAT(svg, testing::IsOk());
  EXPECT_TRUE(IsWellFormed(*svg));
  EXPECT_EQ(svg->find("<script"), std::string::npos);
  EXPECT_EQ(svg->find('\x01'), std::string::npos);
  // Cut between characters, not within one.
  const auto cut =
      PlotMetric(Named(std::string(31, 'x') + "éé"), *FindMetric("fpr"), "");
  ASSERT_THAT(cut, testing::IsOk());
  EXPECT_NE(cut->find(">" + std::string(31, 'x') + "…<"), std::string::npos);
}

TEST(Plot, ShowsWhatIsUndefined) {
  Evidence evidence = Named("a");
  evidence.groupings.front().groups.front().counts = {.tp = 3};
  const auto svg = PlotMetric(evidence, *FindMetric("fpr"), "");
  ASSERT_THAT(svg, testing::IsOk());
  EXPECT_TRUE(IsWellFormed(*svg));
  EXPECT_NE(svg->find("a: undefined, 0/0."), std::string::npos);
  EXPECT_EQ(svg->find("nan"), std::string::npos);
}

TEST(Plot, RefusesWhatItCannotDraw) {
  EXPECT_THAT(PlotMetric(Named("a"), *FindMetric("eq_odds"), ""),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(PlotMetric(Named("a"), *FindMetric("override_rate"), ""),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(PlotMetric(Named("a"), *FindMetric("fpr"), "age"),
              testing::StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(PlotMetric(Evidence(), *FindMetric("fpr"), ""),
              testing::StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace limpid::algoregister::evidence
