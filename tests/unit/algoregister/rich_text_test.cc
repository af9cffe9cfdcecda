#include "algoregister/registration/rich_text.h"

#include <cctype>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "algoregister/registration/content.h"
#include "algoregister/version/diff.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::StatusSays;

TEST(RichText, KeepsSixTagsWithoutAttributes) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"<p>One</p><ul><li>a</li></ul>", "<p>One</p><ul><li>a</li></ul>"},
      {"<P CLASS='x' onclick=\"f('>')\">One</P>", "<p>One</p>"},
      {"a<br/>b<BR >c", "a<br>b<br>c"},
      {"<b>bold</b> <a href='javascript:f()'>link</a>", "bold link"},
      {"<h1>Head</h1>text", "Head text"},
      {"x<table><tr><td>1</td><td>2</td></tr></table>", "x 1 2"},
      {"  <div> a </div>\n", "<div> a </div>"},
      {"Caf&eacute; &amp; bar &#8211; &#x2013; &lt;x&gt;",
       "Caf\u00e9 &amp; bar \u2013 \u2013 &lt;x&gt;"},
      {"a < b & c > d", "a &lt; b &amp; c &gt; d"},
      {"&nosuch; &#0; &#xd800; &#27; &amp",
       "&amp;nosuch; &amp;#0; "
       "&amp;#xd800; &amp;#27; &amp;amp"},
  };
  for (const auto& [html, canonical] : cases) {
    EXPECT_EQ(SanitiseHtml(html), canonical) << html;
  }
}

TEST(RichText, ClosesWhatIsOpenAndNestsWell) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"<p>One<p>Two", "<p>One</p><p>Two</p>"},
      {"<p>a<ul><li>b<li>c</ul>d", "<p>a</p><ul><li>b</li><li>c</li></ul>d"},
      {"<ul><li>a<ol><li>b</ol></ul>",
       "<ul><li>a<ol><li>b</li></ol></li></ul>"},
      {"<li>outside</li>", "outside"},
      {"</p></div>a</li>", "a"},
      {"<div>a<ul><li>b</div>c</ul>d</div>",
       "<div>a<ul><li>bc</li></ul>d</div>"},
  };
  for (const auto& [html, canonical] : cases) {
    EXPECT_EQ(SanitiseHtml(html), canonical) << html;
  }
}

TEST(RichText, DeepNestingIsCutOff) {
  std::string deep;
  for (std::size_t i = 0; i < kMaxRichDepth + 50; ++i) deep += "<div>";
  const std::string clean = SanitiseHtml(deep + "x");
  std::string expected;
  for (std::size_t i = 0; i < kMaxRichDepth; ++i) expected += "<div>";
  expected += "x";
  for (std::size_t i = 0; i < kMaxRichDepth; ++i) expected += "</div>";
  EXPECT_EQ(clean, expected);
}

// Nothing but the six tags, spelled exactly, may have a '<' before it.
bool IsHarmless(std::string_view html) {
  constexpr std::string_view kTags[] = {"<br>",  "<div>", "</div>", "<li>",
                                        "</li>", "<ol>",  "</ol>",  "<p>",
                                        "</p>",  "<ul>",  "</ul>"};
  for (std::size_t at = html.find('<'); at != std::string_view::npos;
       at = html.find('<', at + 1)) {
    bool known = false;
    for (const std::string_view tag : kTags) {
      known = known || html.substr(at).starts_with(tag);
    }
    if (!known) return false;
  }
  return true;
}

void ExpectClean(const std::string& html) {
  const std::string once = SanitiseHtml(html);
  EXPECT_TRUE(IsHarmless(once)) << html << "\n-> " << once;
  EXPECT_EQ(SanitiseHtml(once), once) << html;
  const std::string plain = PlainTextOf(html);
  EXPECT_EQ(PlainTextOf(EscapeText(plain)), plain);
}

TEST(RichText, NoScriptAndNoHandlerSurvives) {
  const std::vector<std::string> nasty = {
      "<script>alert(1)</script>",
      "<SCRIPT SRC=//x>y</ScRiPt >z",
      "<scr<script>ipt>alert(1)</script>",
      "<img src=x onerror=alert(1)>",
      "<p onmouseover=alert(1)>x",
      "<p/onmouseover=alert(1)>x",
      "<svg><script>alert(1)</script></svg>",
      "<svg/onload=alert(1)>",
      "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
      "<iframe srcdoc='<script>x</script>'></iframe>",
      "<style>@import 'x';</style>a",
      "<!--><script>alert(1)</script-->",
      "<!-- <p> --!><script>x</script>",
      "<![CDATA[<script>x</script>]]>",
      "<template><script>x</script></template>",
      "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
      "<p title=\"><script>alert(1)</script>",
      "<p title='\"><img onerror=x>'>",
      "<a href=\"java\tscript:x\">x</a>",
      "<div style=\"background:url(javascript:x)\">x</div>",
      "&lt;script&gt;alert(1)&lt;/script&gt;",
      "&#60;script&#62;x",
      "<p<script>x</p>",
      "<\0script>x",
      "<ul><script>x</ul>",
      "<textarea><script>x</script></textarea>",
      "<title></title><script>x</script>",
      "<xmp><p></xmp><script>x</script>",
      "<br onload=x><br/x>",
      "< script>x</ script>",
      "<",
      "</",
      "<!",
      "<p",
      "<p \"",
      "&",
      "&#",
      "&#x;",
  };
  for (const std::string& html : nasty) {
    ExpectClean(html);
    const std::string clean = SanitiseHtml(html);
    EXPECT_EQ(clean.find("<script"), std::string::npos);
    EXPECT_EQ(clean.find("<p "), std::string::npos);
  }
  EXPECT_EQ(SanitiseHtml("a<script>alert(1)</script>b"), "ab");
  EXPECT_EQ(SanitiseHtml("a<style>p{}</style >b"), "ab");
  EXPECT_EQ(SanitiseHtml("a<script>never ends"), "a");
}

TEST(RichText, AnyMixOfPiecesComesOutCleanAndStable) {
  const std::vector<std::string> pieces = {
      "<p>",      "</p>",   "<ul>",   "</ul>", "<ol>",     "</ol>",     "<li>",
      "</li>",    "<div>",  "</div>", "<br>",  "<script>", "</script>", "<!--",
      "-->",      "<",      ">",      "\"",    "'",        "&",         ";",
      "&lt;",     "&#60;",  "&amp;",  "x",     " ",        "\n",        "=",
      "/",        "<p a='", "<svg",   "<b>",   "<h1>",     "</",        "<!",
      "\xc3\xa9", "&nbsp;"};
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same every time
  for (int round = 0; round < 20'000; ++round) {
    std::string html;
    const auto count = random() % 24;
    for (unsigned i = 0; i < count; ++i)
      html += pieces[random() % pieces.size()];
    ExpectClean(html);
    if (HasFailure()) return;
  }
}

// Each of these is a megabyte of what a scanner might look through again and
// again.
TEST(RichText, LongNonsenseIsReadInOneGo) {
  for (const std::string_view piece :
       {"<", "<a \"", "<a '>\"", "<!--", "&", "<script", "<p>", "</p>", "<li>",
        "<script></scrip", "<a \">\" "}) {
    std::string html;
    while (html.size() < 1'000'000) html += piece;
    EXPECT_TRUE(IsHarmless(SanitiseHtml(html)));
  }
}

TEST(RichText, CanonicalFormHasATag) {
  EXPECT_TRUE(IsRichText("<p>a &amp; b</p>"));
  EXPECT_TRUE(IsRichText("a<br>b"));
  for (const std::string_view text :
       {"plain", "a &amp; b", "<p>a", "<p>a & b</p>", "<p class=\"x\">a</p>",
        "<b>a</b>", " <p>a</p>", "<p>&quot;</p>", "<P>a</P>"}) {
    EXPECT_FALSE(IsRichText(text)) << text;
  }
}

TEST(RichText, WordsKeepParagraphsAndLists) {
  EXPECT_EQ(PlainTextOf("<p>One</p><p>Two<br>three</p><ul><li>a</li><li>b "
                        "&lt;c&gt;</li></ul>"),
            "One\nTwo\nthree\n- a\n- b <c>");
  EXPECT_EQ(PlainTextOf(" a &lt;p&gt; \n b "), " a <p> \n b ");
}

json::Value Deployment(std::string_view text, std::string_view format) {
  json::Value content = NewContent(RegistrationKind::kDeployment);
  SetField(content, "title", GivenText("nl", "T"));
  json::Value one = json::Value::Object();
  one.Set("origin", "human");
  one.Set("text", text);
  if (!format.empty()) one.Set("format", format);
  SetField(content, "goal", Given(json::Value::Object({{"nl", one}})));
  content.Set("reason", "because");
  return content;
}

TEST(RichText, ContentTakesItInItsCanonicalFormAlone) {
  constexpr auto kBad = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(ValidateContent(Deployment("<p>a</p>", "html")), IsOk());
  EXPECT_THAT(ValidateContent(Deployment("<script>", "")), IsOk());
  EXPECT_THAT(ValidateContent(Deployment("<p>a", "html")),
              StatusSays(kBad, "/fields/goal/value/nl/text"));
  EXPECT_THAT(ValidateContent(Deployment("<p onclick=x>a</p>", "html")),
              StatusSays(kBad, "canonical"));
  EXPECT_THAT(ValidateContent(Deployment("plain", "html")),
              StatusSays(kBad, "canonical"));
  EXPECT_THAT(ValidateContent(Deployment("<p>a</p>", "text")),
              StatusSays(kBad, "/fields/goal/value/nl/format"));
}

TEST(RichText, PeopleAreShownTheWords) {
  const json::Value before = Deployment("<p>a</p><p>b</p>", "html");
  EXPECT_EQ(TextOf(before, "goal", "nl"), "a\nb");
  const auto changes =
      DescribeChanges(RegistrationKind::kDeployment, before,
                      Deployment("<p>a</p><ul><li>c</li></ul>", "html"));
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes.front().before, "nl: a\nb");
  EXPECT_EQ(changes.front().after, "nl: a\n- c");
}

}  // namespace
}  // namespace limpid::algoregister
