#include "algoregister/matching/proposals.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "algoregister/matching/title_words.h"
#include "algoregister/registration/content.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

class ProposalsTest : public ::testing::Test {
 protected:
  // By a body of its own unless one is named.
  Candidate& Add(std::string_view title, std::string_view body = {}) {
    Candidate& one = all_.emplace_back();
    one.registration = RegistrationId::Random(RegistrationKind::kDeployment);
    one.title = std::string(title);
    one.organisation =
        body.empty() ? RegistrationId::Random(RegistrationKind::kOrganisation)
                     : Body(body);
    one.first = one.newest = absl::FromUnixSeconds(1'000);
    return one;
  }
  RegistrationId Body(std::string_view name) {
    const auto [at, is_new] = bodies_.try_emplace(std::string(name));
    if (is_new) {
      at->second = RegistrationId::Random(RegistrationKind::kOrganisation);
    }
    return at->second;
  }
  const Proposal* Find(const Proposals& proposals, std::string_view title) {
    for (const Proposal& one : proposals.proposals) {
      if (NormalTitle(one.title) == NormalTitle(title)) return &one;
    }
    return nullptr;
  }

  std::vector<Candidate> all_;
  std::map<std::string, RegistrationId> bodies_;
};

TEST_F(ProposalsTest, AProductNameGroupsWhatManyBodiesUse) {
  for (int i = 0; i < 6; ++i)
    Add(i % 2 == 0 ? "iBurgerzaken e-Diensten" : "IBURGERZAKEN E-DIENSTEN");
  const Proposals out = Match(all_);
  ASSERT_EQ(out.proposals.size(), 1U);
  EXPECT_EQ(out.proposals.front().reason, ProposalReason::kProductName);
  EXPECT_EQ(out.proposals.front().registrations.size(), 6U);
  EXPECT_EQ(out.proposals.front().organisation_count, 6U);
  EXPECT_TRUE(out.generic.empty());
}

TEST_F(ProposalsTest, AGenericTitleIsLeftAlone) {
  for (int i = 0; i < 6; ++i) Add("Anonimiseren");
  for (int i = 0; i < 5; ++i) Add("Handhaving");
  const Proposals out = Match(all_);
  EXPECT_TRUE(out.proposals.empty());
  ASSERT_EQ(out.generic.size(), 2U);
  EXPECT_EQ(out.generic.front().title, "Anonimiseren");
}

TEST_F(ProposalsTest, AWordOfSentencesIsNoName) {
  for (int i = 0; i < 3; ++i) {
    Candidate& one = Add("Weglezer");
    one.prose = "De gemeente " + std::to_string(i) + " gebruikt Weglezer hier.";
  }
  EXPECT_EQ(Match(all_).proposals.size(), 1U);
  all_.front().prose = "Wij noemen een weglezer een weglezer.";
  EXPECT_TRUE(Match(all_).proposals.empty());
}

TEST_F(ProposalsTest, TheSameVendorMakesAGenericTitleAProduct) {
  for (const char* const vendor : {"Octo BV", "octo bv", "Other", ""}) {
    Add("Anonimiseren").vendor = vendor;
  }
  const Proposals out = Match(all_);
  ASSERT_EQ(out.proposals.size(), 1U);
  EXPECT_EQ(out.proposals.front().reason, ProposalReason::kSameVendor);
  EXPECT_EQ(out.proposals.front().registrations.size(), 2U);
}

TEST_F(ProposalsTest, AProductOfTwoVendorsIsSplit) {
  for (const char* const vendor : {"Octo", "Octo", "Dodo", "Dodo", "Dodo"}) {
    Add("CiVision").vendor = vendor;
  }
  const Proposals out = Match(all_);
  ASSERT_EQ(out.proposals.size(), 2U);
  EXPECT_EQ(out.proposals.front().vendor, "Dodo");
  EXPECT_TRUE(out.generic.empty()) << "it is the name of a product";
}

// Who confirmed one would retire a registration, or put strangers together.
TEST_F(ProposalsTest, ErasedTitlesAreNotTheSameTitle) {
  std::int64_t seconds = 0;
  for (const char* const body : {"a", "a", "b"}) {
    Candidate& one = Add(kErasedTitle, body);
    one.vendor = "Octo";
    one.schemes = {"nl-list"};
    one.first = one.newest = absl::FromUnixSeconds(seconds += 1'000);
  }
  EXPECT_TRUE(Match(all_).proposals.empty());
}

TEST_F(ProposalsTest, ATitleKnownToBeGenericIsNoProduct) {
  for (const char* const title : {"Risicomodel", "Weglezer"}) {
    for (const char* const where : {"Delft", "Gouda", "Lisse"}) {
      Add(title).prose =
          std::string("De gemeente ") + where + " gebruikt " + title + " hier.";
    }
  }
  const Proposals out = Match(all_);
  ASSERT_EQ(out.proposals.size(), 1U);
  EXPECT_EQ(out.proposals.front().title, "Weglezer");
}

TEST_F(ProposalsTest, TwoSystemsOfOneProductAreNotChosenFrom) {
  for (int i = 0; i < 2; ++i) {
    Add("ReadSpeaker").system =
        RegistrationId::Random(RegistrationKind::kSystem);
  }
  const Proposals out = Match(all_);
  ASSERT_EQ(out.proposals.size(), 1U);
  EXPECT_EQ(out.proposals.front().system, std::nullopt);
}

TEST_F(ProposalsTest, OneBodyAloneAndRetiredOnesPropose) {
  Add("ReadSpeaker", "a");
  Add("ReadSpeaker", "a");
  EXPECT_TRUE(Match(all_).proposals.empty());
  Add("ReadSpeaker", "b").retired = true;
  EXPECT_TRUE(Match(all_).proposals.empty());
}

TEST_F(ProposalsTest, WhatIsOfOneSystemIsNotProposedAgain) {
  const auto system = RegistrationId::Random(RegistrationKind::kSystem);
  Add("ReadSpeaker").system = system;
  Add("ReadSpeaker");
  const Proposals out = Match(all_);
  ASSERT_EQ(out.proposals.size(), 1U);
  EXPECT_EQ(out.proposals.front().system, system);
  all_.back().system = system;
  EXPECT_TRUE(Match(all_).proposals.empty());
}

TEST_F(ProposalsTest, ANewIdOfTheSameThingIsRecognised) {
  Candidate& older = Add("Handhaving", "a");
  older.schemes = {"nl-list"};
  const RegistrationId old_id = older.registration;
  Candidate& newer = Add("handhaving", "a");
  newer.schemes = {"nl-list"};
  newer.first = newer.newest = absl::FromUnixSeconds(2'000);
  const RegistrationId new_id = newer.registration;
  Add("Handhaving", "b").schemes = {"nl-list"};
  const Proposals out = Match(all_);
  ASSERT_EQ(out.proposals.size(), 1U);
  EXPECT_EQ(out.proposals.front().reason, ProposalReason::kNewId);
  EXPECT_EQ(out.proposals.front().registrations,
            (std::vector<RegistrationId>{old_id, new_id}));
  for (const std::size_t retired : {std::size_t{0}, std::size_t{1}}) {
    all_[retired].retired = true;
    EXPECT_TRUE(Match(all_).proposals.empty()) << "no longer in use";
    all_[retired].retired = false;
  }
  Candidate third = all_[1];
  third.registration = RegistrationId::Random(RegistrationKind::kDeployment);
  all_.push_back(third);
  EXPECT_TRUE(Match(all_).proposals.empty()) << "which of the two is it?";
  all_.pop_back();
  // Both heard of in the same import: two things.
  all_[1].first = all_[0].newest;
  EXPECT_TRUE(Match(all_).proposals.empty());
}

TEST_F(ProposalsTest, IdsStayWhileTheRegistrationsDo) {
  Add("ReadSpeaker");
  Add("ReadSpeaker");
  const std::string id = Match(all_).proposals.front().id;
  EXPECT_EQ(id.size(), 16U);
  std::swap(all_.front(), all_.back());
  EXPECT_EQ(Match(all_).proposals.front().id, id);
  Add("ReadSpeaker");
  EXPECT_NE(Match(all_).proposals.front().id, id);
}

// The national list of 9 June 2026: 1,460 rows.
TEST_F(ProposalsTest, TheNationalListIsGroupedByItsProducts) {
  LIMPID_SHARED_OR_SKIP(path,
                        "data/algoregister/nl/algoritmes-2026-06-09.json");
  const std::string text = testing::ReadFile(path);
  const auto list = json::ParseStrict(
      text, {.max_bytes = std::size_t{16} << 20U, .max_values = 100'000});
  ASSERT_THAT(list, testing::IsOk());
  for (const json::Value& row : list->Find("algoritmes")->elements()) {
    Candidate& one = Add(row.GetString("title").value(),
                         row.GetString("organisatie").value());
    one.prose = row.GetString("doel").value_or("");
  }
  const Proposals out = Match(all_);
  const Proposal* const desk = Find(out, "iBurgerzaken e-Diensten");
  ASSERT_NE(desk, nullptr);
  EXPECT_EQ(desk->organisation_count, 65U);
  const Proposal* const mail = Find(out, "Zivver");
  ASSERT_NE(mail, nullptr);
  EXPECT_EQ(mail->organisation_count, 60U);
  EXPECT_NE(Find(out, "ReadSpeaker"), nullptr);
  for (const char* const generic :
       {"anonimiseren", "anonimiseringssoftware", "meldingen openbare ruimte",
        "parkeercontrole", "tekstanalyse", "factuurverwerking",
        "leefomgeving legesberekening"}) {
    EXPECT_EQ(Find(out, generic), nullptr) << generic;
  }
  ASSERT_FALSE(out.generic.empty());
  EXPECT_EQ(NormalTitle(out.generic.front().title), "anonimiseren");
}

}  // namespace
}  // namespace limpid::algoregister
