// Links to sources: who may make them, what they outlive and what they do not.

#include "vault/connectors/source_desk.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/source_world.h"

namespace limpid::vault {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr char kIncomeValue[] =
    R"({"amount":30000,"currency":"EUR","year":2025})";

class SourceDeskTest : public ::testing::Test {
 protected:
  std::vector<SourceLinkRow> Rows(const PersonCaller& who) {
    return world_.store->SourceLinks(world_.core->blinder().OwnerOf(who.holder))
        .value();
  }
  absl::Status PutRow(const SourceLinkRow& row) {
    return world_.store->Write([&](VaultTransaction& transaction) {
      return transaction.PutSourceLink(row);
    });
  }

  SourceWorld world_;
};

TEST_F(SourceDeskTest, ALinkIsListedUntilItIsTakenBack) {
  ASSERT_THAT(world_.Link(world_.anna, "s-anna",
                          {{kIncome, SourceMode::kReferenced},
                           {kBirthDate, SourceMode::kComputed}}),
              IsOk());
  auto links = world_.sources_desk.List(world_.anna);
  ASSERT_THAT(links, IsOk());
  ASSERT_EQ(links->size(), 1U);
  EXPECT_EQ(links->front().source, "tax");
  EXPECT_EQ(links->front().subject, "s-anna");
  EXPECT_EQ(links->front().linked, world_.clock.Now());
  EXPECT_EQ(
      links->front().attributes,
      (std::vector<LinkedAttribute>{{kIncome, SourceMode::kReferenced},
                                    {kBirthDate, SourceMode::kComputed}}));
  EXPECT_TRUE(world_.sources_desk.List(world_.bela)->empty());
  ASSERT_THAT(world_.sources_desk.Unlink(world_.anna, "tax"), IsOk());
  EXPECT_TRUE(world_.sources_desk.List(world_.anna)->empty());
  EXPECT_THAT(world_.sources_desk.Unlink(world_.anna, "tax"),
              StatusIs(absl::StatusCode::kNotFound));
}

// Work that waits for the source, until a test lets it go on.
class Held {
 public:
  explicit Held(std::function<bool(std::function<void()>)>& run,
                std::size_t most) {
    run = [this, most](std::function<void()> work) {
      if (waiting.size() >= most) return false;
      waiting.push_back(std::move(work));
      return true;
    };
  }
  void GoOn() {
    const auto now = std::exchange(waiting, {});
    for (const auto& work : now) work();
  }

  std::vector<std::function<void()>> waiting;
};

// A script of hers against a slow source.
TEST_F(SourceDeskTest, OnePersonDoesNotTakeTheThreadsOfASource) {
  const auto link = [&](const PersonCaller& who, const std::string& subject) {
    return world_.Link(who, subject, {{kIncome, SourceMode::kReferenced}});
  };
  ASSERT_THAT(link(world_.anna, "s-anna"), IsOk());
  world_.agency.Hold("s-anna", kIncome, kIncomeValue);
  world_.gate.Grant(kIncome);
  Held held(world_.run_tax, 24);
  int answered = 0;
  const auto ask = [&](const PersonCaller& who) {
    return world_.sources_desk.Run(
        who, "tax", SourceDesk::Needs::kLink, [&, who](OwnCalls::Turn& turn) {
          EXPECT_THAT(world_.sources_desk.Holdings(who, "tax"), IsOk());
          turn.End();
          ++answered;
        });
  };
  const auto full = StatusIs(absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(ask(world_.anna), IsOk());
  for (int more = 1; more < 50; ++more) EXPECT_THAT(ask(world_.anna), full);
  EXPECT_EQ(held.waiting.size(), 1U);
  // Who is not linked there takes no thread at all.
  EXPECT_THAT(ask(world_.bela), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(held.waiting.size(), 1U);
  // A service's read is queued beside it and answered.
  std::optional<absl::StatusOr<ReadAnswer>> read;
  world_.sourced.Read(world_.Request({kIncome}),
                      [&](absl::StatusOr<ReadAnswer> answer) {
                        read.emplace(std::move(answer));
                      });
  EXPECT_EQ(held.waiting.size(), 2U);
  held.GoOn();
  ASSERT_TRUE(read.has_value());
  ASSERT_THAT(*read, IsOk());
  EXPECT_EQ((*read)->lines.front().reason, ReadReason::kReleased);
  EXPECT_EQ(answered, 1);
  // With her answer she may ask again.
  EXPECT_THAT(ask(world_.anna), IsOk());
}

// Half of the threads, however many persons there are.
TEST_F(SourceDeskTest, PersonsTogetherTakeHalfOfTheThreads) {
  Held held(world_.run_tax, 24);
  const auto run = [&] {
    const PersonCaller who{HolderId::Random(), world_.anna.key};
    return world_.sources_desk.Run(who, "tax", SourceDesk::Needs::kNothing,
                                   [](OwnCalls::Turn& turn) { turn.End(); });
  };
  for (int person = 0; person < 4; ++person) EXPECT_THAT(run(), IsOk());
  EXPECT_THAT(run(), StatusIs(absl::StatusCode::kResourceExhausted));
  held.GoOn();
  EXPECT_THAT(run(), IsOk());
  Source one = *world_.source_set.Find("tax");
  one.at_once = 1;
  EXPECT_EQ(one.own_calls(), 1U);
  one.at_once = 3;
  EXPECT_EQ(one.own_calls(), 1U);
  one.at_once = 64;
  EXPECT_EQ(one.own_calls(), 32U);
}

// What a full queue refuses takes no turn.
TEST_F(SourceDeskTest, ARefusedCallIsNotCounted) {
  Held held(world_.run_tax, 0);
  const auto run = [&] {
    return world_.sources_desk.Run(world_.anna, "tax",
                                   SourceDesk::Needs::kNothing,
                                   [](OwnCalls::Turn& turn) { turn.End(); });
  };
  EXPECT_THAT(run(), StatusIs(absl::StatusCode::kResourceExhausted));
  Held room(world_.run_tax, 1);
  EXPECT_THAT(run(), IsOk());
}

TEST_F(SourceDeskTest, BothAreActsThatOnlySheIsShown) {
  const auto linked =
      world_.Link(world_.anna, "s-anna", {{kIncome, SourceMode::kReferenced}});
  ASSERT_THAT(linked, IsOk());
  world_.clock.Advance(absl::Seconds(1));
  const auto unlinked = world_.sources_desk.Unlink(world_.anna, "tax");
  ASSERT_THAT(unlinked, IsOk());
  const auto proof = world_.person.ProveSource(
      world_.anna, "tax", linked->act.version, ActKind::kSourceLink);
  ASSERT_THAT(proof, IsOk());
  EXPECT_EQ(proof->commitment, linked->act.commitment);
  const auto disclosure = Disclosure::Decode(proof->disclosure);
  ASSERT_THAT(disclosure, IsOk());
  const auto act = Act::Decode(disclosure->encoded_act);
  ASSERT_THAT(act, IsOk());
  EXPECT_EQ(act->kind, ActKind::kSourceLink);
  EXPECT_EQ(act->attribute, "tax");
  EXPECT_THAT(world_.person.ProveSource(world_.anna, "tax", unlinked->version,
                                        ActKind::kSourceUnlink),
              IsOk());
  EXPECT_THAT(world_.person.ProveSource(world_.bela, "tax", linked->act.version,
                                        ActKind::kSourceLink),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(SourceDeskTest, TheSourceSaysWhoSheIsThere) {
  // Bela has got hold of what was made for Anna's device.
  EXPECT_THAT(world_.sources_desk.Link(
                  world_.bela, {"tax",
                                world_.LinkProofFor(world_.anna, "s-anna"),
                                {{kIncome, SourceMode::kReferenced}}}),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_TRUE(Rows(world_.bela).empty());
}

TEST_F(SourceDeskTest, WhatCannotBeLinkedIsRefusedBeforeTheProofIsSpent) {
  const std::string proof = world_.LinkProofFor(world_.anna, "s-anna");
  const auto link = [&](std::string source,
                        std::vector<LinkedAttribute> attributes) {
    return world_.sources_desk
        .Link(world_.anna, {std::move(source), proof, std::move(attributes)})
        .status();
  };
  const auto bad = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(link("tax", {}), bad);
  EXPECT_THAT(link("tax", {{"person.email", SourceMode::kReferenced}}), bad);
  EXPECT_THAT(link("tax", {{kIncome, SourceMode::kHeld}}), bad);
  EXPECT_THAT(link("tax", {{kIncome, SourceMode::kReferenced},
                           {kIncome, SourceMode::kComputed}}),
              bad);
  // It has no derivation: nothing could ever leave.
  EXPECT_THAT(link("tax", {{kGender, SourceMode::kComputed}}), bad);
  EXPECT_THAT(link("vault", {{kIncome, SourceMode::kReferenced}}), bad);
  EXPECT_THAT(link("taxes", {{kIncome, SourceMode::kReferenced}}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(link("tax", {{kIncome, SourceMode::kReferenced}}), IsOk());
}

TEST_F(SourceDeskTest, WhatSheKeepsHereOrElsewhereIsNotLinked) {
  world_.Put(world_.anna, kBirthDate, "\"1990-02-28\"");
  EXPECT_THAT(world_.Link(world_.anna, "s-anna",
                          {{kBirthDate, SourceMode::kReferenced}}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_THAT(
      world_.Link(world_.anna, "s-anna", {{kIncome, SourceMode::kReferenced}}),
      IsOk());
  EXPECT_THAT(world_.LinkAt("pension", world_.anna, "p-anna",
                            {{kIncome, SourceMode::kReferenced}}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  // Linking the same source again replaces.
  ASSERT_THAT(
      world_.Link(world_.anna, "s-2", {{kGender, SourceMode::kReferenced}}),
      IsOk());
  EXPECT_THAT(world_.LinkAt("pension", world_.anna, "p-anna",
                            {{kIncome, SourceMode::kReferenced}}),
              IsOk());
  EXPECT_EQ(Rows(world_.anna).size(), 2U);
}

// A source lets a proof serve once: she would have to fetch another.
TEST_F(SourceDeskTest, WhatIsTakenIsRefusedBeforeTheProofIsSpent) {
  const auto taken = StatusIs(absl::StatusCode::kFailedPrecondition);
  const std::string proof = world_.LinkProofFor(world_.anna, "s-anna");
  const auto link = [&](const char* attribute) {
    return world_.sources_desk
        .Link(world_.anna,
              {"tax", proof, {{attribute, SourceMode::kReferenced}}})
        .status();
  };
  world_.Put(world_.anna, kBirthDate, "\"1990-02-28\"");
  EXPECT_THAT(link(kBirthDate), taken);
  ASSERT_THAT(world_.LinkAt("pension", world_.anna, "p-anna",
                            {{kIncome, SourceMode::kReferenced}}),
              IsOk());
  EXPECT_THAT(link(kIncome), taken);
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, kBirthDate, 1), IsOk());
  EXPECT_THAT(link(kBirthDate), IsOk());
}

TEST_F(SourceDeskTest, TheStoreShowsNeitherSourceNorSubject) {
  const auto size_of = [&](const PersonCaller& who,
                           const std::string& subject) {
    EXPECT_THAT(world_.Link(who, subject, {{kIncome, SourceMode::kReferenced}}),
                IsOk());
    return Rows(who).front().sealed.size();
  };
  EXPECT_EQ(size_of(world_.anna, "s"), size_of(world_.bela, "s-longer-one"));
  const SourceLinkRow anna = Rows(world_.anna).front();
  const SourceLinkRow bela = Rows(world_.bela).front();
  EXPECT_NE(anna.source_key, bela.source_key);
  const std::string bytes = base::ToText(anna.sealed);
  EXPECT_EQ(bytes.find("tax"), std::string::npos);
  EXPECT_EQ(bytes.find(kIncome), std::string::npos);
}

TEST_F(SourceDeskTest, ARowMovedOrChangedDoesNotOpen) {
  ASSERT_THAT(
      world_.Link(world_.anna, "s-anna", {{kIncome, SourceMode::kReferenced}}),
      IsOk());
  ASSERT_THAT(world_.LinkAt("pension", world_.anna, "p-anna",
                            {{kGender, SourceMode::kReferenced}}),
              IsOk());
  ASSERT_THAT(
      world_.Link(world_.bela, "s-bela", {{kIncome, SourceMode::kReferenced}}),
      IsOk());
  const auto rows = Rows(world_.anna);
  const auto broken = StatusIs(absl::StatusCode::kDataLoss);
  // Of another source of hers.
  SourceLinkRow row = rows[0];
  row.source_key = rows[1].source_key;
  ASSERT_THAT(PutRow(row), IsOk());
  EXPECT_THAT(world_.sources_desk.List(world_.anna), broken);
  ASSERT_THAT(PutRow(rows[1]), IsOk());
  // Of another person.
  row = Rows(world_.bela).front();
  row.owner = rows[0].owner;
  ASSERT_THAT(PutRow(row), IsOk());
  EXPECT_THAT(world_.sources_desk.List(world_.anna), broken);
  ASSERT_THAT(world_.store->Write([&](VaultTransaction& transaction) {
    return transaction.DeleteSourceLink(row.owner, row.source_key);
  }),
              IsOk());
  ASSERT_THAT(world_.sources_desk.List(world_.anna), IsOk());
  for (std::size_t bit = 0; bit < rows[0].sealed.size() * 8; bit += 5) {
    row = rows[0];
    row.sealed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    ASSERT_THAT(PutRow(row), IsOk());
    EXPECT_FALSE(world_.sources_desk.List(world_.anna).ok()) << bit;
  }
}

TEST_F(SourceDeskTest, LinksOutliveTheErasureOfAValueUnderHerNextKey) {
  world_.Put(world_.anna, kBirthDate, "\"1990-02-28\"");
  ASSERT_THAT(
      world_.Link(world_.anna, "s-anna", {{kIncome, SourceMode::kReferenced}}),
      IsOk());
  const std::uint32_t before = Rows(world_.anna).front().generation;
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, kBirthDate, 1), IsOk());
  EXPECT_EQ(Rows(world_.anna).front().generation, before + 1);
  const auto links = world_.sources_desk.List(world_.anna);
  ASSERT_THAT(links, IsOk());
  EXPECT_EQ(links->front().subject, "s-anna");
}

TEST_F(SourceDeskTest, LinksGoWithThePerson) {
  ASSERT_THAT(
      world_.Link(world_.anna, "s-anna", {{kIncome, SourceMode::kReferenced}}),
      IsOk());
  ASSERT_THAT(
      world_.Link(world_.bela, "s-bela", {{kIncome, SourceMode::kReferenced}}),
      IsOk());
  ASSERT_THAT(world_.ErasePerson(world_.anna), IsOk());
  EXPECT_TRUE(Rows(world_.anna).empty());
  EXPECT_EQ(Rows(world_.bela).size(), 1U);
  EXPECT_THAT(
      world_.Link(world_.anna, "s-anna", {{kIncome, SourceMode::kReferenced}}),
      StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(SourceDeskTest, HoldingsAreThoseOfHerSubjectAndOfHerVault) {
  world_.agency.Hold("s-anna", kIncome, "{}");
  EXPECT_THAT(world_.sources_desk.Holdings(world_.anna, "tax"),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(
      world_.Link(world_.anna, "s-anna", {{kIncome, SourceMode::kReferenced}}),
      IsOk());
  const auto there = world_.sources_desk.Holdings(world_.anna, "tax");
  ASSERT_THAT(there, IsOk());
  ASSERT_EQ(there->size(), 1U);
  EXPECT_EQ(there->front().attribute, kIncome);
  world_.Put(world_.anna, kBirthDate, "\"1990-02-28\"");
  const auto here = world_.sources_desk.Holdings(world_.anna, kOwnSource);
  ASSERT_THAT(here, IsOk());
  ASSERT_EQ(here->size(), 1U);
  EXPECT_EQ(here->front().attribute, kBirthDate);
}

TEST_F(SourceDeskTest, ARequestToRectifyIsCheckedBeforeItIsSent) {
  ASSERT_THAT(world_.Link(world_.anna, "s-anna",
                          {{kBirthDate, SourceMode::kReferenced}}),
              IsOk());
  RectificationRequest request;
  request.person = world_.anna;
  request.subject = "s-bela";
  request.attribute = kBirthDate;
  request.value_json = "7";
  const std::size_t before = world_.agency.question_count();
  EXPECT_THAT(world_.sources_desk.RequestRectification(request, "tax"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(world_.agency.question_count(), before);
  request.value_json = "\"1990-02-27\"";
  world_.agency.rectification = "law";
  const auto answer = world_.sources_desk.RequestRectification(request, "tax");
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->ground, RectificationGround::kLaw);
  // Whoever the request named.
  EXPECT_NE(world_.agency.last_question().find("s-anna"), std::string::npos);
}

}  // namespace
}  // namespace limpid::vault
