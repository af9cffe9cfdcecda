// Every field of an agreement, in both directions: what asks for more is
// material whatever its author says, what asks for less is not.

#include "consent/agreement/material_change.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/unit/consent/fixtures.h"

namespace limpid::consent {
namespace {

using testing::CareContent;
using testing::ThreePurposes;

using Edit = std::function<void(AgreementContent&)>;

std::vector<AgreementChange> Compare(const AgreementContent& from,
                                     const AgreementContent& to) {
  return CompareContents(from, to, ThreePurposes());
}

// From one edit of the fixture's content to another.
std::vector<AgreementChange> Between(const Edit& before, const Edit& after) {
  AgreementContent from = CareContent();
  before(from);
  AgreementContent to = CareContent();
  after(to);
  return Compare(from, to);
}

void Nothing(AgreementContent& /*content*/) {}

// One difference, seen forwards and backwards.
struct Case {
  std::string name;
  Edit before;
  Edit after;
  std::string path;
  ChangeKind forwards;
  ChangeKind backwards;
};

Edit Form(receipt::Form form) {
  return [form](AgreementContent& content) {
    content.lines[1].form = form;
    if (receipt::HasDerivation(form)) return;
    content.lines[1].derivation.clear();
    content.lines[1].parameters.clear();
  };
}

Edit Purpose(std::string_view iri) {
  return [iri](AgreementContent& content) {
    content.purposes = {std::string(iri)};
  };
}

Edit Systems(const std::vector<std::uint8_t>& bytes) {
  return [bytes](AgreementContent& content) {
    for (const std::uint8_t byte : bytes) {
      content.systems.push_back(testing::IdOf<SystemId>(byte));
    }
  };
}

using Content = AgreementContent;
constexpr auto kWidened = ChangeKind::kWidened;
constexpr auto kNarrowed = ChangeKind::kNarrowed;
constexpr auto kReplaced = ChangeKind::kReplaced;
constexpr auto kReworded = ChangeKind::kReworded;

std::vector<Case> LineCases() {
  const AgreementLine address = {
      "person.address", Necessity::kOptional, receipt::Form::kFull, "", "", {}};
  return {
      {"an attribute more", Nothing,
       [=](Content& c) { c.lines.push_back(address); }, "lines[3]", kWidened,
       kNarrowed},
      {"derived to full", Nothing, Form(receipt::Form::kFull), "lines[1].form",
       kWidened, kNarrowed},
      {"derived to pseudonymous", Nothing, Form(receipt::Form::kPseudonymous),
       "lines[1].form", kWidened, kNarrowed},
      {"pseudonymous to full", Form(receipt::Form::kPseudonymous),
       Form(receipt::Form::kFull), "lines[1].form", kWidened, kNarrowed},
      {"aggregate to derived", Form(receipt::Form::kAggregate), Nothing,
       "lines[1].form", kWidened, kNarrowed},
      {"aggregate to full", Form(receipt::Form::kAggregate),
       Form(receipt::Form::kFull), "lines[1].form", kWidened, kNarrowed},
      {"derived to attested", Nothing, Form(receipt::Form::kAttested),
       "lines[1].form", kWidened, kNarrowed},
      {"aggregate to attested", Form(receipt::Form::kAggregate),
       Form(receipt::Form::kAttested), "lines[1].form", kWidened, kNarrowed},
      {"full to attested", Form(receipt::Form::kFull),
       Form(receipt::Form::kAttested), "lines[1].form", kReplaced, kWidened},
      {"pseudonymous to attested", Form(receipt::Form::kPseudonymous),
       Form(receipt::Form::kAttested), "lines[1].form", kReplaced, kWidened},
      {"another parameter of what is signed", Form(receipt::Form::kAttested),
       [](Content& c) {
         c.lines[1].form = receipt::Form::kAttested;
         c.lines[1].parameters = R"({"n":16})";
       },
       "lines[1].derivation", kReplaced, kReplaced},
      {"another parameter", Nothing,
       [](Content& c) { c.lines[1].parameters = R"({"n":16})"; },
       "lines[1].derivation", kReplaced, kReplaced},
      {"another derivation", Nothing,
       [](Content& c) { c.lines[1].derivation = "over_n/2"; },
       "lines[1].derivation", kReplaced, kReplaced},
      {"required", Nothing,
       [](Content& c) { c.lines[2].necessity = Necessity::kRequired; },
       "lines[2].necessity", kWidened, kNarrowed},
      {"an operation more",
       [](Content& c) { c.lines[0].operations = {"dpv#Use"}; },
       [](Content& c) {
         c.lines[0].operations = {"dpv#Use", "dpv#Sell"};
       },
       "lines[0].operations[1]", kWidened, kNarrowed},
      {"the first operation said", Nothing,
       [](Content& c) { c.lines[0].operations = {"dpv#Use"}; },
       "lines[0].operations[0]", kWidened, kReplaced},
      {"another order of lines", Nothing,
       [](Content& c) { std::swap(c.lines[0], c.lines[1]); }, "lines",
       kReworded, kReworded},
  };
}

std::vector<Case> PurposeCases() {
  return {
      {"a purpose more", Nothing,
       [](Content& c) { c.purposes.emplace_back(testing::kMarketing); },
       "purposes[1]", kWidened, kNarrowed},
      {"a broader purpose", Purpose(testing::kHomeCare), Nothing, "purposes[0]",
       kWidened, kNarrowed},
      {"a narrower purpose beside the broad one", Nothing,
       [](Content& c) { c.purposes.emplace_back(testing::kHomeCare); },
       "purposes[1]", kNarrowed, kReworded},
      {"a purpose that the taxonomy does not know", Nothing,
       [](Content& c) { c.purposes.emplace_back("urn:unknown"); },
       "purposes[1]", kWidened, kNarrowed},
      {"another legal basis", Nothing,
       [](Content& c) { c.basis = receipt::LegalBasis::kContract; },
       "legal_basis", kReplaced, kReplaced},
  };
}

std::vector<Case> HandCases() {
  return {
      {"a recipient more", Nothing,
       [](Content& c) { c.recipients = {"A broker"}; }, "recipients[0]",
       kWidened, kNarrowed},
      {"longer retention", Nothing, [](Content& c) { ++c.retention_days; },
       "retention_days", kWidened, kNarrowed},
      {"a longer validity", Nothing, [](Content& c) { ++c.validity_days; },
       "validity_days", kWidened, kNarrowed},
      {"more uses", [](Content& c) { c.use_count_max = 1; },
       [](Content& c) { c.use_count_max = 2; }, "use_count_max", kWidened,
       kNarrowed},
      {"no limit of uses", [](Content& c) { c.use_count_max = 1; }, Nothing,
       "use_count_max", kWidened, kNarrowed},
      {"another place", [](Content& c) { c.storage_location = "NL"; },
       [](Content& c) { c.storage_location = "US"; }, "storage_location",
       kReplaced, kReplaced},
      {"a place not said before", Nothing,
       [](Content& c) { c.storage_location = "NL"; }, "storage_location",
       kReplaced, kReplaced},
      {"a system more", Systems({8}), Systems({8, 9}), "system_ids[1]",
       kWidened, kNarrowed},
      {"training turned on", Nothing, [](Content& c) { c.ai_training = true; },
       "ai_training", kWidened, kNarrowed},
      {"other words of the notice", Nothing,
       [](Content& c) { c.notices[0].text += " "; }, "notices[0]", kReworded,
       kReworded},
      {"a language more", Nothing,
       [](Content& c) {
         c.notices.push_back({"nl", "Wij"});
       },
       "notices[1]", kReworded, kReworded},
      {"another title", Nothing, [](Content& c) { c.titles[0].text = "Help"; },
       "titles[0]", kReworded, kReworded},
      {"systems in another order", Systems({8, 9}), Systems({9, 8}), "",
       kReworded, kReworded},
  };
}

std::vector<Case> AllCases() {
  std::vector<Case> out = LineCases();
  for (const auto& more : {PurposeCases(), HandCases()}) {
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

TEST(MaterialChange, EveryFieldForwardsAndBackwards) {
  for (const Case& c : AllCases()) {
    const auto forwards = Between(c.before, c.after);
    ASSERT_EQ(forwards.size(), 1U) << c.name;
    EXPECT_EQ(forwards[0].path, c.path) << c.name;
    EXPECT_EQ(forwards[0].kind, c.forwards) << c.name;
    EXPECT_EQ(forwards[0].sentence.back(), '.') << c.name;
    const auto backwards = Between(c.after, c.before);
    ASSERT_EQ(backwards.size(), 1U) << c.name;
    // What was said is gone as a whole.
    const bool whole = c.name == "the first operation said";
    EXPECT_EQ(backwards[0].path, whole ? "lines[0].operations" : c.path)
        << c.name;
    EXPECT_EQ(backwards[0].kind, c.backwards) << c.name;
  }
}

TEST(MaterialChange, WideningAndReplacingAreMaterialTheRestIsNot) {
  EXPECT_TRUE(IsMaterial(kWidened));
  EXPECT_TRUE(IsMaterial(kReplaced));
  EXPECT_FALSE(IsMaterial(kNarrowed));
  EXPECT_FALSE(IsMaterial(kReworded));
}

TEST(MaterialChange, EqualContentsHaveNoChange) {
  EXPECT_TRUE(Compare(CareContent(), CareContent()).empty());
  EXPECT_FALSE(IsMaterialChange(CareContent(), CareContent(), ThreePurposes()));
}

TEST(MaterialChange, NarrowingBesideOneWideningIsMaterial) {
  const auto changes = Between(Nothing, [](Content& c) {
    c.lines.pop_back();
    c.retention_days = 1;
    c.recipients = {"A broker"};
  });
  EXPECT_EQ(changes.size(), 3U);
  EXPECT_TRUE(HasMaterialChange(changes));
}

TEST(MaterialChange, TradingOneAttributeForAnotherIsMaterial) {
  const auto changes = Between(
      Nothing, [](Content& c) { c.lines[2].attribute = "person.address"; });
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].path, "lines[2]");
  EXPECT_EQ(changes[0].kind, kWidened);
  EXPECT_EQ(changes[1].kind, kNarrowed);
}

// A coarser form hides no other question.
TEST(MaterialChange, AnotherQuestionIsMaterialThoughNoLongerSigned) {
  const auto changes = Between(Form(receipt::Form::kAttested), [](Content& c) {
    c.lines[1].parameters = R"({"n":16})";
  });
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].path, "lines[1].form");
  EXPECT_EQ(changes[0].kind, kNarrowed);
  EXPECT_EQ(changes[1].path, "lines[1].derivation");
  EXPECT_EQ(changes[1].kind, kReplaced);
}

TEST(MaterialChange, AStepToASiblingPurposeIsMaterial) {
  const auto changes = Between(Nothing, Purpose(testing::kMarketing));
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].kind, kWidened);
  EXPECT_EQ(changes[1].kind, kNarrowed);
}

}  // namespace
}  // namespace limpid::consent
