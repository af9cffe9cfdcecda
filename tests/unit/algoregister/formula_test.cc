// Texts that begin with a formula sign of full width. Those of ASCII:
// row_types_test.cc.

#include <string>
#include <string_view>

#include "algoregister/profile/cell.h"
#include "gtest/gtest.h"

namespace limpid::algoregister {
namespace {

// U+FF1D, U+FF0B, U+FF0D, U+FF20.
constexpr std::string_view kSigns[] = {"\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};

TEST(Formula, SignsOfFullWidthAreWrittenWithAnApostrophe) {
  for (const std::string_view view : kSigns) {
    const std::string sign(view);
    EXPECT_EQ(Neutralise(sign + "1+1"), "'" + sign + "1+1");
    EXPECT_EQ(Neutralise("'" + sign + "x"), "''" + sign + "x");
    EXPECT_EQ(Neutralise("a; \"" + sign + "b\";c"), "a; \"'" + sign + "b\";c");
    EXPECT_EQ(Neutralise("a\n" + sign), "a\n'" + sign);
    // Inside a text they are only signs.
    EXPECT_EQ(Neutralise("a" + sign + "b"), "a" + sign + "b");
  }
}

TEST(Formula, SignsOfFullWidthReadBack) {
  for (const std::string_view view : kSigns) {
    const std::string sign(view);
    for (const std::string& text :
         {sign, sign + "x", "'" + sign, "''" + sign + "x", "a;" + sign + "b",
          "a;'" + sign + "b;=c", sign + ";" + sign + ";'" + sign,
          "a\t" + sign + "\r\n" + sign, "=" + sign, sign + "="}) {
      EXPECT_EQ(WithoutApostrophes(Neutralise(text)), text);
      EXPECT_EQ(WithoutApostrophes(Neutralise(Neutralise(text))),
                Neutralise(text));
    }
    // Nothing was written there, so nothing is taken away.
    EXPECT_EQ(WithoutApostrophes(sign + "x"), sign + "x");
    EXPECT_EQ(WithoutApostrophes("'x" + sign), "'x" + sign);
  }
}

// Their neighbours, of which each shares two bytes of three.
TEST(Formula, OtherSignsOfFullWidthAreLeftAlone) {
  for (const std::string text :
       {"\uFF1Cx", "\uFF1Ex", "\uFF0Ax", "\uFF0Cx", "\uFF0Ex", "\uFF1Fx",
        "\uFF21x", "'\uFF21x", "\u30FDx"}) {
    EXPECT_EQ(Neutralise(text), text);
    EXPECT_EQ(WithoutApostrophes(text), text);
  }
}

}  // namespace
}  // namespace limpid::algoregister
