// What is seen in texts that are about to be public. Numbers are made up and
// pass the tests that real ones pass.

#include "algoregister/feedback/screen.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
const absl::Time kNow =
    absl::FromCivil(absl::CivilDay(2026, 11, 30), absl::UTCTimeZone());

std::string Seen(const std::string& text) {
  const auto found = FindPersonalData(text, kNow);
  if (!found) return "nothing";
  static const auto& names = *new std::vector<std::string>{
      "mail", "phone", "citizen", "iban", "birth"};
  return names[static_cast<std::size_t>(found->kind)] + " at " +
         std::to_string(found->position);
}

TEST(Screen, SeesMailAddresses) {
  EXPECT_EQ(Seen("write to ada@example.org"), "mail at 10");
  EXPECT_EQ(Seen("Ada.L+x@mail.example.co.uk now"), "mail at 1");
  // Full width, and a zero-width space inside.
  EXPECT_EQ(Seen("ada\uFF20exam\u200Bple.org"), "mail at 1");
  EXPECT_EQ(Seen("3 @ 4 euro, or @council"), "nothing");
}

TEST(Screen, SeesMailAddressesWithBlanksBesideTheSign) {
  EXPECT_EQ(Seen("write to ada @ example.org"), "mail at 10");
  EXPECT_EQ(Seen("ada   @\u00A0example.museum"), "mail at 1");
  EXPECT_EQ(Seen("ada@ example.amsterdam"), "mail at 1");
  // As people name each other on networks, but for ends of names of the net.
  EXPECT_EQ(Seen("ada @example.org"), "mail at 1");
  EXPECT_EQ(Seen("ada @example.nl"), "mail at 1");
  EXPECT_EQ(Seen("ask @council.utrecht"), "nothing");
  EXPECT_EQ(Seen("@ example.org"), "nothing");
  EXPECT_EQ(Seen("3 @ 4.50 euro, 3 @ 4.5, 10 @ p"), "nothing");
  EXPECT_EQ(Seen("ask @"), "nothing");
  EXPECT_EQ(Seen("ask @   "), "nothing");
  // What the page says that is not seen.
  EXPECT_EQ(Seen("ada (at) example.org"), "nothing");
  EXPECT_EQ(Seen("ada (@) example.org"), "nothing");
  EXPECT_EQ(Seen("ada@example . org"), "nothing");
}

TEST(Screen, SeesPhoneNumbers) {
  EXPECT_EQ(Seen("call 06-12345678"), "phone at 6");
  EXPECT_EQ(Seen("call 06 12 34 56 78"), "phone at 6");
  EXPECT_EQ(Seen("call +31 (0)20 123 4568"), "phone at 7");
  EXPECT_EQ(Seen("0044 20 7946 0958"), "phone at 1");
  // Arabic digits.
  EXPECT_EQ(
      Seen("\u0660\u0666\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668"),
      "phone at 1");
  EXPECT_EQ(Seen("article 22, 2016/679, 10.000 persons"), "nothing");
  EXPECT_EQ(Seen("since 01-01-2024 10.00 hours"), "nothing");
}

TEST(Screen, SeesPhoneNumbersThatAreLaidOutAsDates) {
  for (const std::string text :
       {"06-12-2024-55",   "06.12.2024.55",   "06/12/2024/55",
        "06 12 2024 55",   "06-12-2024.55",   "01-02-2024-55",
        "06-2024-12-05",   "06.2024-12-05",   "06-12-2024 55",
        "06-12-2024 (55)", "06 2024-12-05",   "06 1-12-2024 5",
        "020 1-12-2024",   "(020) 12-3-2024", "0031 6 12-11-2024",
        "0010-10-2024",    "06 12-20-1234",   "06-12-34 56 78",
        "0612.34.5678",    "06-12-34567 8"}) {
    EXPECT_EQ(Seen(text), absl::StrCat("phone at ", text[0] == '(' ? 2 : 1))
        << text;
  }
  EXPECT_EQ(Seen("+31 6 12-11-2024"), "phone at 2");
  EXPECT_EQ(Seen("+31 6 12 11 2024"), "phone at 2");
  EXPECT_EQ(Seen("+31-12-2024 5"), "phone at 2");
  // Two dates that share digits are none beside each other.
  EXPECT_EQ(Seen("06-12-2024-5-1"), "phone at 1");
  // With a month in words.
  EXPECT_EQ(Seen("061234567 8 april 2024"), "phone at 1");
}

TEST(Screen, TakesDatesForNoPhoneNumbers) {
  for (const std::string text : {"06-12-2024",
                                 "06-12-2024.",
                                 "06-12-2024 14:30",
                                 "06-12-2024 10.00",
                                 "06-12-2024 5",
                                 "06-12-2024 120",
                                 "06-12-2024 2,5 keer",
                                 "01-02-2024 14",
                                 "01-02-2024 10:30",
                                 "00:30 01-02-2024",
                                 "10.00 01-02-2024",
                                 "1,000 01-02-2024",
                                 "0,057 12-2-2024",
                                 "01-02-2024 - 31-12-2024",
                                 "01-02-2024-31-12-2024",
                                 "2024-02-01/2024-12-31",
                                 "01 02 2024 03 04 2025",
                                 "1. 2. 2024 14",
                                 "01.02. 2024",
                                 "22 (01-02-2024) 14",
                                 "+7 april 2024"}) {
    EXPECT_EQ(Seen(text), "nothing") << text;
  }
}

TEST(Screen, SeesNumbersWithLowLines) {
  EXPECT_EQ(Seen("06_12_34_56_78"), "phone at 1");
  EXPECT_EQ(Seen("call_06_12345678"), "phone at 6");
  EXPECT_EQ(Seen("111_222_333"), "citizen at 1");
  EXPECT_EQ(Seen("NL91_ABNA_0417_1643_00"), "iban at 1");
  EXPECT_EQ(Seen("7_4_1980"), "birth at 1");
  EXPECT_EQ(Seen("dpia_2024_01_31_v2.pdf"), "nothing");
}

std::string Utf8(char32_t c) {
  const auto rest = [c](int bits) {
    return static_cast<char>(0x80U | ((c >> bits) & 0x3fU));
  };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xc0U | (c >> 6)), rest(0)};
  if (c < 0x10000) {
    return {static_cast<char>(0xe0U | (c >> 12)), rest(6), rest(0)};
  }
  return {static_cast<char>(0xf0U | (c >> 18)), rest(12), rest(6), rest(0)};
}

std::string Hex(char32_t c) {
  return absl::StrCat(absl::Hex(static_cast<std::uint32_t>(c)));
}

// Default_Ignorable_Code_Point as Unicode 15 lists it.
TEST(Screen, SeesThroughEverythingThatIsNotShown) {
  const std::vector<std::pair<char32_t, char32_t>> ignorable = {
      {0xad, 0xad},       {0x34f, 0x34f},    {0x61c, 0x61c},
      {0x115f, 0x1160},   {0x17b4, 0x17b5},  {0x180b, 0x180f},
      {0x200b, 0x200f},   {0x202a, 0x202e},  {0x2060, 0x206f},
      {0x3164, 0x3164},   {0xfe00, 0xfe0f},  {0xfeff, 0xfeff},
      {0xffa0, 0xffa0},   {0xfff0, 0xfff8},  {0x1bca0, 0x1bca3},
      {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};
  for (const auto& [first, last] : ignorable) {
    for (char32_t c = first; c <= last; ++c) {
      const std::string sign = Utf8(c);
      ASSERT_EQ(Seen("061234" + sign + "5678"), "phone at 1") << Hex(c);
      ASSERT_EQ(Seen("ada@" + sign + "example." + sign + "org"), "mail at 1")
          << Hex(c);
    }
  }
  // Combining marks of no script.
  for (const std::string mark :
       {"\u0301", "\u1AB0", "\u1DC4", "\u20E3", "\uFE20"}) {
    EXPECT_EQ(Seen("061234" + mark + "5678"), "phone at 1") << mark;
  }
}

// Nko, Tibetan, Khmer, Mongolian, Javanese, Osmanya, Kawi, mathematical, Nag
// Mundari, Adlam, segmented: old and new, and of every plane that has digits.
TEST(Screen, SeesDigitsOfEveryScript) {
  constexpr char32_t kZeros[] = {0x7c0,   0xf20,   0x17e0,  0x1810,
                                 0xa9d0,  0x104a0, 0x11f50, 0x1d7ce,
                                 0x1e4f0, 0x1e950, 0x1fbf0};
  for (const char32_t zero : kZeros) {
    std::string text;
    for (const char digit : std::string_view("0698765431")) {
      text += Utf8(zero + static_cast<char32_t>(digit - '0'));
    }
    EXPECT_EQ(Seen(text), "phone at 1") << Hex(zero);
  }
}

TEST(Screen, SeesCitizenNumbersThatPassTheTestOfEleven) {
  EXPECT_EQ(Seen("I am 111222333"), "citizen at 6");
  EXPECT_EQ(Seen("I am 1112.22.333"), "citizen at 6");
  // Behind another number.
  EXPECT_EQ(Seen("in 2024 111 222 333"), "citizen at 9");
  // As a date with a digit behind it, unless a blank sets that apart.
  EXPECT_EQ(Seen("12-03-2024-1"), "citizen at 1");
  EXPECT_EQ(Seen("12 03 2024 1"), "citizen at 1");
  EXPECT_EQ(Seen("12-03-2024 1"), "nothing");
  EXPECT_EQ(Seen("case 111222334"), "nothing");
  EXPECT_EQ(Seen("case a111222333"), "nothing");
}

TEST(Screen, SeesBankAccounts) {
  EXPECT_EQ(Seen("pay NL91 ABNA 0417 1643 00"), "iban at 5");
  EXPECT_EQ(Seen("pay nl91abna0417164300"), "iban at 5");
  EXPECT_EQ(Seen("DE89370400440532013000"), "iban at 1");
  EXPECT_EQ(Seen("pay NL92ABNA0417164300"), "nothing");
}

TEST(Screen, SeesDatesOfBirth) {
  EXPECT_EQ(Seen("7-4-1980"), "birth at 1");
  EXPECT_EQ(Seen("on 1980-04-07 in"), "birth at 4");
  EXPECT_EQ(Seen("on 7 april 1980 in"), "birth at 4");
  EXPECT_EQ(Seen("on April 7, 1980 in"), "birth at 4");
  EXPECT_EQ(Seen("my child, born 30/11/2025"), "birth at 16");
  EXPECT_EQ(Seen("geboren op 1 mei 2024"), "birth at 12");
  // Ten years before now is the last day that counts.
  EXPECT_EQ(Seen("30-11-2016"), "birth at 1");
  EXPECT_EQ(Seen("01-12-2016"), "nothing");
  EXPECT_EQ(Seen("the law of 1994 and of April 2016"), "nothing");
  EXPECT_EQ(Seen("31-02-1980"), "nothing");
}

TEST(Screen, RefusesWithKindAndPlaceAndNoneOfTheText) {
  const absl::Status status =
      CheckPublicText("text", "write to ada@example.org", 2'000, kNow);
  EXPECT_THAT(status, StatusIs(kInvalid));
  const std::string message(status.message());
  EXPECT_NE(message.find("character 10"), std::string::npos);
  EXPECT_NE(message.find("a mail address"), std::string::npos);
  EXPECT_EQ(message.find("example"), std::string::npos);
}

TEST(Screen, TakesTextsOfPeopleAsTheyAre) {
  for (const std::string text :
       {"Why is <b>article 6</b> the basis?", "Waarom zo?\n\tEn hoe?",
        "\u00BFPor qu\u00E9? \u05DC\u05DE\u05D4?"}) {
    EXPECT_THAT(CheckPublicText("text", text, 2'000, kNow), IsOk()) << text;
  }
  EXPECT_THAT(CheckPublicText("text", std::string(2'000, 'a'), 2'000, kNow),
              IsOk());
}

TEST(Screen, RefusesWhatCannotBeShown) {
  const std::vector<std::string> hostile = {
      "",
      std::string(2'001, 'a'),
      "  \n ",
      "\u200B\u200B",
      std::string("a\0b", 3),
      "a\x1b[2Jb",
      "a\u202Eb",
      "a\u2066b",
      "a\u0085b",
      "\xff\xfe",
      "a\xc3",
  };
  for (const std::string& text : hostile) {
    EXPECT_THAT(CheckPublicText("text", text, 2'000, kNow), StatusIs(kInvalid))
        << text;
  }
}

}  // namespace
}  // namespace limpid::algoregister
