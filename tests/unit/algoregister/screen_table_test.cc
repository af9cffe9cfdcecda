// Sentences of tickets that must get through the screen, and sentences with
// personal data that must not. The numbers are made up and pass the tests that
// real ones pass.

#include <iterator>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "algoregister/feedback/screen.h"
#include "gtest/gtest.h"

namespace limpid::algoregister {
namespace {

const absl::Time kNow =
    absl::FromCivil(absl::CivilDay(2026, 11, 30), absl::UTCTimeZone());

// Each has something that a screen could take for personal data: a short word
// before a number, a date, a month inside a word, an amount, a name of a law.
constexpr std::string_view kHarmless[] = {
    "In 2024 the system was used for 12 000 letters to households.",
    "In 2023 heeft de gemeente het algoritme 14 keer aangepast.",
    "In 2025 the municipality published an impact assessment of this system.",
    "In 2026 komt er een nieuwe versie, staat in het veld doel.",
    "As of 2024 the threshold is 0.8, but the text says 0.75 in section 3.",
    "At 20 percent the model is less precise for older people than before.",
    "At 2024 prices the contract costs 1.250.000 euro in all the years.",
    "Is 2024 the year of the last review, or is it the year of the next one?",
    "Is 10 cases enough to say something about a group of 4 000 people?",
    "De 20 woorden in het veld doel zeggen niets over wie er beslist.",
    "De 2024 versie van het register noemt 14 systemen, die van nu noemt er 9.",
    "Me 2024 and my neighbours 2025: who is next to be selected by this thing?",
    "No 10 in the list has no legal basis, and no 11 has no contact either.",
    "So 25 of the 40 fields are empty, and nobody answers what they would say.",
    "Be 16 or older to use the service, says the page; the register says 18.",
    "Se 24 of the annex, which the English text calls section 24 of the law.",
    "It 10 years ago was a pilot, says the field, so why is it still a pilot?",
    "Es 24 Fragen sind im Register offen, und keine davon ist beantwortet.",
    "Fr 1200 kostet die Lizenz im Jahr, steht im Vertrag von 2021 bis 2025.",
    "The decision on 3 decision makers in 2010 is not in the register.",
    "Decision 5, marked 2012, is the basis that the field names.",
    "Article 6 decision 2010 was repealed; which article is meant now?",
    "The 2 augmented rules of 2014 are not explained.",
    "Rule 7 maybe 2011 is the wrong year for this regulation.",
    "Section 4 sepsis 2009 is about another model altogether.",
    "Case 9 octet 2008 is a technical term in the documentation.",
    "Table 8 nova 2007 has the wrong heading.",
    "Bij 3 juniorfuncties 2015 werd het systeem getest.",
    "Het gebruik sinds 01-02-2024 is niet vermeld.",
    "Het gebouw is op 14-03-2022 verkocht; klopt de contactregel nog?",
    "Wordt het algoritme in dit gebied sinds 1 mei 2023 gebruikt?",
    "De gebruiker moet sinds 12-09-2021 toestemming geven.",
    "De uitgebreide toets van 3 juni 2020 ontbreekt.",
    "Reborn in the review of 4 May 2021, the model has a new name.",
    "The newborn screening of 5 June 2022 uses the same model.",
    // A word that the look back cuts in two.
    "The newborn screenings were in 5-6-2022.",
    "Gebundeld op 06/07/2023 en daarna niet meer gewijzigd.",
    "It was reviewed on 12-03-2024 3 times.",
    "It was reviewed on 12-03-2024 1 time.",
    "Gewijzigd op 21-09-2020 8 keer, zegt de geschiedenis.",
    "The versions of 01-04-2021 4, 02-05-2022 5 and 03-06-2023 6 differ.",
    "Measured 2024-03-11 9 times and 2024-03-12 8 times.",
    "The log of 2025-01-31 2 o'clock is missing.",
    "Since 01-01-2024 10.00 hours the site is down.",
    "Van 01-01-2024 tot 31-12-2024 gold een ander doel.",
    "The regulation (EU) 2016/679 is named, directive 2016/680 is not.",
    "Verordening (EU) 2024/1689, artikel 26, lid 9: waar is dat te lezen?",
    "Why is article 6(1)(e) the basis, and not article 6(1)(c)?",
    "The Awb, art. 3:4, is not mentioned with the legal bases.",
    "Waarom staat hier 'nee' bij de DPIA van 12-06-2023?",
    "Nee, op 1 mei 2024 was het systeem al in gebruik.",
    "NATO of 4 April 2024 is no vendor of this system.",
    "The budget is 10.000 euro, the register says 100.000 euro.",
    "3 @ 4 euro, or @council on the network?",
    "Of 12.500 households 3.200 were selected: that is 25,6 percent.",
    "The rate is 0,42 for one group and 0,57 for the other.",
    "Version 2.10.3 is named, version 2.11.0 is in use.",
    "ISO/IEC 42001:2023 and NEN 7510 are named without a link.",
    "Kenmerk 2024-0012345 ontbreekt in het veld bron.",
    "Zaaknummer Z2024-4412 hoort niet bij dit algoritme.",
    "The model has 175 billion parameters, says the supplier.",
    "Call it what it is: a risk score for 16-25 year olds.",
    "Between 9 and 12 months after the start nobody looked at it.",
    "The \u201crisk score\u201d of 2024 \u2022 0.8 \u2022 is not explained.",
    "\u201eIn 2024\u201d staat er, maar welk kwartaal wordt bedoeld?",
    "What is 40 + 2, and why 10 x 10 x 10 cases?",
    "Opening hours 9.00-17.00, says the contact field; which days?",
    "On 06-12-2024 14:30 the system was changed, and nobody says why.",
    "Since 06-01-2024 10.00 hours the site is down.",
    "De versies van 01-02-2024 14 en van 03-04-2024 15 verschillen.",
    "Om 10:00 01-02-2024 was de pagina leeg, om 00:30 02-02-2024 ook.",
    "Geldig 01-01-2024 - 31-12-2024, zegt het veld, of 2024-01-01/2024-12-31?",
    "Artikel 22 (01-01-2024) 14 keer, artikel 5.2 van 06-12-2024 2 keer.",
    "Op 06-12-2024 2,5 procent, op 06-12-2023 1,000 huishoudens.",
    "Stand 31.12.2024: 14 Faelle, Stand 01.02. 2025: 15.",
    "From 12/31/2024 10.00 the threshold is 0.8 and not 0.75.",
    "The file dpia_2024_01_31_v2.pdf and model_v3_2024_02 are not linked.",
    "The amounts are 1.250.000,00 euro (2024) and 1_000_000 euro (2025).",
    "The price was 3 @ 4.50 euro, and later 12 @ 0.5 each.",
    "Follow @council.utrecht or ask @council. Nobody there answers.",
    "Ask the council @ the desk. Or write: @council, @office.",
    "What does \"@\" mean in the field contact? It only says \"@ v. 2.1\".",
};

// A sentence, and what begins it as the screen says it.
struct Personal {
  std::string_view text;
  PersonalKind kind;
};

constexpr PersonalKind kMail = PersonalKind::kMailAddress;
constexpr PersonalKind kPhone = PersonalKind::kPhoneNumber;
constexpr PersonalKind kCitizen = PersonalKind::kCitizenNumber;
constexpr PersonalKind kBank = PersonalKind::kIban;
constexpr PersonalKind kBirth = PersonalKind::kBirthDate;

constexpr Personal kPersonal[] = {
    {"Write to ada@example.org about it.", kMail},
    {"\u201cada@example.org\u201d is who decided.", kMail},
    {"\u2022ada@example.org", kMail},
    {"\u00ABada@example.org\u00BB", kMail},
    {"Ask <ada.l+x@mail.example.co.uk>.", kMail},
    {"ada\uFF20example.org", kMail},
    {"ada\uFE6Bexample\uFF0Eorg", kMail},
    {"ada@exam\u200Bple.org", kMail},
    {"mailto:ada@example.org", kMail},
    {"Write to ada @ example.org about it.", kMail},
    {"Write to ada.l @\u200B example.co.uk.", kMail},
    {"Mail ada@ example.org of ada", kMail},
    {"Mail ada @example.org", kMail},
    {"\u7535\u5B50\u90AE\u4EF6ada@example.org", kMail},
    {"Bel 06-12345678 voor meer.", kPhone},
    {"\u2018"
     "0612345678\u2019",
     kPhone},
    {"\u2022"
     "0612345678",
     kPhone},
    {"\u2192"
     "06 12 34 56 78",
     kPhone},
    {"tel. 020 123 4567", kPhone},
    {"tel: (020) 123 45 67", kPhone},
    {"+31 6 12345678", kPhone},
    {"\u201E+31612345678\u201D", kPhone},
    {"0031 20 123 4568", kPhone},
    {"0044 20 7946 0958", kPhone},
    {"06\u00B71234\u00B75678", kPhone},
    {"06\u202212345678", kPhone},
    {"06\u201012345678", kPhone},
    {"\u0660\u0666\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668", kPhone},
    {"\u96FB\u8A71"
     "0612345678",
     kPhone},
    {"On 1 April 2024 0612345678 was called.", kPhone},
    {"Since 12-03-2024 06-12345678 is called.", kPhone},
    {"Bel 06-12-2024-55 voor meer.", kPhone},
    {"Bel 06-12-2024 55 voor meer.", kPhone},
    {"Bel 06 12 2024 55 voor meer.", kPhone},
    {"Bel +31 6 12-11-2024 voor meer.", kPhone},
    {"Bel 020 1-12-2024 voor meer.", kPhone},
    {"Bel 06_12_34_56_78 voor meer.", kPhone},
    {"06\u115F12345678", kPhone},
    {"06\u2065-12345678", kPhone},
    {"BSN 111222333", kCitizen},
    {"\u201C111222333\u201D", kCitizen},
    {"\u2022111222333", kCitizen},
    {"\u2013111222333\u2013", kCitizen},
    {"mijn nummer is 111.222.333", kCitizen},
    {"1112.22.333", kCitizen},
    {"111\u2022222\u2022333", kCitizen},
    {"111_222_333", kCitizen},
    {"12-03-2024-1", kCitizen},
    {"\u0F21\u0F21\u0F21\u0F22\u0F22\u0F22\u0F23\u0F23\u0F23", kCitizen},
    {"in 2024 111 222 333", kCitizen},
    {"since 12-03-2024 111222333 is selected", kCitizen},
    {"\uFF11\uFF11\uFF11222333", kCitizen},
    {"111222333!", kCitizen},
    {"1\u20E31\u20E31\u20E3222333", kCitizen},
    {"NL91 ABNA 0417 1643 00", kBank},
    {"nl91abna0417164300", kBank},
    {"\u201CNL91ABNA0417164300\u201D", kBank},
    {"\u2022NL91ABNA0417164300", kBank},
    {"NL91\u2022ABNA\u20220417\u20221643\u202200", kBank},
    {"NL91-ABNA-0417-1643-00 is mine", kBank},
    {"DE89 3704 0044 0532 0130 00", kBank},
    {"GB29 NWBK 6016 1331 9268 19", kBank},
    {"FR14 2004 1010 0505 0001 3M02 606", kBank},
    {"BE68 5390 0754 7034", kBank},
    {"NO93 8601 1117 947", kBank},
    {"ES91 2100 0418 4502 0005 1332", kBank},
    {"MT84 MALT 0110 0001 2345 MTLC AST0 01S", kBank},
    {"LC55 HEMM 0001 0001 0012 0012 0002 3015", kBank},
    {"IT60 X054 2811 1010 0000 0123 456", kBank},
    {"PL61 1090 1014 0000 0712 1981 2874", kBank},
    {"7-4-1980", kBirth},
    {"\u201C7-4-1980\u201D", kBirth},
    {"\u20227-4-1980", kBirth},
    {"on 1980-04-07 in", kBirth},
    {"7 april 1980", kBirth},
    {"April 7, 1980", kBirth},
    {"7 d\u00E9c. 1980", kBirth},
    {"3 m\u00E4rz 1971", kBirth},
    {"7\u00B74\u00B71980", kBirth},
    {"my child, born 30/11/2025", kBirth},
    {"geboren op 1 mei 2024", kBirth},
    {"geb. 12-09-2021", kBirth},
    {"geboortedatum: 12-09-2021", kBirth},
    {"n\u00E9e le 3 mai 2020", kBirth},
    {"date of birth 03/05/2020", kBirth},
    {"DOB 2020-05-03", kBirth},
};

TEST(ScreenTable, LetsHarmlessSentencesThrough) {
  static_assert(std::size(kHarmless) >= 60);
  for (const std::string_view text : kHarmless) {
    const auto found = FindPersonalData(text, kNow);
    EXPECT_FALSE(found) << text << ": kind " << static_cast<int>(found->kind)
                        << " at " << found->position;
  }
}

TEST(ScreenTable, RefusesSentencesWithPersonalData) {
  static_assert(std::size(kPersonal) >= 60);
  for (const Personal& one : kPersonal) {
    const auto found = FindPersonalData(one.text, kNow);
    ASSERT_TRUE(found) << one.text;
    EXPECT_EQ(found->kind, one.kind) << one.text;
  }
}

// A word of two letters, a year and some words: with any of the rests by 97.
TEST(ScreenTable, AWordBeforeAYearIsNoBankAccount) {
  int refused = 0;
  for (const std::string_view word : {"In", "De", "At", "Is", "No", "So"}) {
    for (int year = 2000; year < 2100; ++year) {
      const std::string text = std::string(word) + " " + std::to_string(year) +
                               " the office changed how it selects people.";
      if (FindPersonalData(text, kNow)) ++refused;
    }
  }
  EXPECT_EQ(refused, 0);
}

// Every day of two years and the counts and hours that can follow one: none is
// refused but the day that begins as mobile numbers do, where two digits
// follow.
TEST(ScreenTable, ADateBeforeACountIsNoNumber) {
  const absl::CivilDay end(2025, 1, 1);
  for (absl::CivilDay day(2023, 1, 1); day < end; ++day) {
    const std::string iso = absl::FormatCivilTime(day);
    const std::string year = iso.substr(0, 4);
    const std::string month = iso.substr(5, 2);
    const std::string date = iso.substr(8, 2);
    for (const std::string count : {"1", "2", "3", "4", "5", "6", "7", "8", "9",
                                    "14", "120", "10.00", "10:30", "2,5"}) {
      const std::string rest = " " + count + " keer.";
      EXPECT_EQ(
          FindPersonalData("Op " + date + "-" + month + "-" + year + rest, kNow)
              .has_value(),
          date == "06" && count == "14")
          << date << "-" << month << rest;
      EXPECT_FALSE(FindPersonalData("Op " + iso + rest, kNow)) << iso << rest;
    }
  }
}

// A number of the right sum and another country's length is none.
TEST(ScreenTable, ABankAccountHasTheLengthOfItsCountry) {
  // Each leaves 1 of 97.
  EXPECT_FALSE(FindPersonalData("ZZ59 1234 5678 9012 3456", kNow));
  EXPECT_FALSE(FindPersonalData("NL54 12345678901234567", kNow));
  EXPECT_FALSE(FindPersonalData("NL28 1234567890123", kNow));
}

}  // namespace
}  // namespace limpid::algoregister
