// What RegistrationStore promises about points in time, erasures and links, one
// test per promise.

#ifndef LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_REGISTRATION_HISTORY_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_REGISTRATION_HISTORY_CONFORMANCE_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "algoregister/links/link.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_erasure.h"
#include "algoregister/version/version.h"
#include "gtest/gtest.h"
#include "tests/conformance/algoregister/registration_store_conformance.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {

inline absl::Time AtMillis(std::int64_t millis) {
  return absl::FromUnixMillis(millis);
}

inline FieldErasure ErasureOf(const Version& version,
                              std::string_view pointer) {
  return {.registration = version.registration,
          .number = version.number,
          .pointer = std::string(pointer),
          .time = AtMillis(1'900'000'000'000),
          .ground = "GDPR Article 17(1)(d)"};
}

class RegistrationHistoryConformance : public RegistrationStoreConformance {
 protected:
  void PublishAt(const Version& version, std::int64_t millis) {
    ASSERT_THAT(Add({version}), testing::IsOk());
    const std::vector<LogPlace> places = {{.registration = version.registration,
                                           .number = version.number,
                                           .leaf_index = next_place_++,
                                           .logged_time = AtMillis(millis)}};
    ASSERT_THAT(store().MarkLogged(places), testing::IsOk());
  }
  absl::Status Erase(const FieldErasure& erasure) {
    return store().EraseFields({{erasure}});
  }
  // A deployment of `system` with a legal basis.
  Version Deployment(std::string_view title, const RegistrationId& system,
                     std::string_view law) {
    json::Value content = NewContent(RegistrationKind::kDeployment);
    SetField(content, "title", GivenText("en", title));
    SetField(content, "system", Given(json::Value(system.Text())));
    SetField(content, "legal_basis", GivenText("en", law));
    content.Set("reason", "because");
    return Make(RegistrationId::Random(RegistrationKind::kDeployment), 1,
                content);
  }
  std::vector<std::string> Users(const LinkQuery& query) {
    std::vector<std::string> out;
    const auto found = store().Referrers(query, std::nullopt, 100);
    EXPECT_THAT(found, testing::IsOk());
    if (!found.ok()) return out;
    for (const Referrer& one : *found) out.push_back(one.head.title);
    return out;
  }
  static LinkQuery OfSystem(const RegistrationId& system) {
    return {.kind = LinkKind::kReference, .keys = {LinkKey(system)}};
  }
};

TEST_P(RegistrationHistoryConformance, AMomentHasTheVersionThatWasVisible) {
  const Version one = MakeSystem("One");
  const Version two = Make(one.registration, 2, SystemContent("Two"));
  PublishAt(one, 1'000);
  PublishAt(two, 2'000);
  const auto missing = testing::StatusIs(absl::StatusCode::kNotFound);
  EXPECT_THAT(store().GetAt(one.registration, AtMillis(999)), missing);
  EXPECT_EQ(store().GetAt(one.registration, AtMillis(1'000))->number, 1U);
  EXPECT_EQ(store().GetAt(one.registration, AtMillis(1'999))->number, 1U);
  EXPECT_EQ(store().GetAt(one.registration, AtMillis(2'000))->number, 2U);
  EXPECT_EQ(store().GetAt(one.registration, AtMillis(9'000))->logged_time,
            AtMillis(2'000));
  EXPECT_THAT(store().GetAt(RegistrationId::Random(RegistrationKind::kSystem),
                            AtMillis(9'000)),
              missing);
}

TEST_P(RegistrationHistoryConformance, MarkingAgainKeepsTheMoment) {
  const Version one = MakeSystem("One");
  PublishAt(one, 1'000);
  const std::vector<LogPlace> again = {{.registration = one.registration,
                                        .number = 1,
                                        .leaf_index = 0,
                                        .logged_time = AtMillis(5'000)}};
  ASSERT_THAT(store().MarkLogged(again), testing::IsOk());
  EXPECT_EQ(store().Get(one.registration, 1)->logged_time, AtMillis(1'000));
}

TEST_P(RegistrationHistoryConformance, AnErasedFieldIsGoneAndOnRecord) {
  const Version one = MakeSystem("Person Of Note");
  PublishAt(one, 1'000);
  const FieldErasure erasure = ErasureOf(one, "/fields/title");
  ASSERT_THAT(Erase(erasure), testing::IsOk());
  const auto left = store().Get(one.registration, 1);
  EXPECT_EQ(left->fields.size() + 1, one.fields.size());
  EXPECT_EQ(left->leaf, one.leaf);
  EXPECT_EQ(FindDisclosure(*left, "/fields/title"), nullptr);
  EXPECT_NE(FindDisclosure(*left, "/reason"), nullptr);
  EXPECT_EQ(*store().Erasures(one.registration),
            std::vector<FieldErasure>{erasure});
  EXPECT_EQ(store().GetHead(one.registration)->title, kErasedTitle);
  EXPECT_TRUE(Titles({.title_prefix = "Person"}).empty());
  EXPECT_EQ(Titles({.title_prefix = "(erased"}).size(), 1U);
}

TEST_P(RegistrationHistoryConformance, ErasingAgainKeepsTheFirstRecord) {
  const Version one = MakeSystem("A");
  PublishAt(one, 1'000);
  const FieldErasure first = ErasureOf(one, "/reason");
  ASSERT_THAT(Erase(first), testing::IsOk());
  FieldErasure again = first;
  again.ground = "another";
  again.time += absl::Hours(1);
  ASSERT_THAT(Erase(again), testing::IsOk());
  EXPECT_EQ(*store().Erasures(one.registration),
            std::vector<FieldErasure>{first});
}

TEST_P(RegistrationHistoryConformance, ErasingIsAllOrNothing) {
  const Version one = MakeSystem("A");
  PublishAt(one, 1'000);
  const auto missing = testing::StatusIs(absl::StatusCode::kNotFound);
  const std::vector<FieldErasure> both = {ErasureOf(one, "/fields/title"),
                                          ErasureOf(one, "/fields/website")};
  EXPECT_THAT(store().EraseFields(both), missing);
  FieldErasure later = ErasureOf(one, "/fields/title");
  later.number = 2;
  EXPECT_THAT(Erase(later), missing);
  EXPECT_EQ(store().Get(one.registration, 1)->fields, one.fields);
  EXPECT_TRUE(store().Erasures(one.registration)->empty());
  EXPECT_EQ(store().GetHead(one.registration)->title, "A");
}

TEST_P(RegistrationHistoryConformance, AnUnloggedVersionIsNotErased) {
  const Version one = MakeSystem("A");
  ASSERT_THAT(Add({one}), testing::IsOk());
  EXPECT_THAT(Erase(ErasureOf(one, "/fields/title")),
              testing::StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(RegistrationHistoryConformance, ErasingAnOldVersionKeepsTheHead) {
  const Version one = MakeSystem("Old");
  PublishAt(one, 1'000);
  PublishAt(Make(one.registration, 2, SystemContent("New")), 2'000);
  ASSERT_THAT(Erase(ErasureOf(one, "/fields/title")), testing::IsOk());
  EXPECT_EQ(store().GetHead(one.registration)->title, "New");
}

TEST_P(RegistrationHistoryConformance, ErasedAliasesLeadNowhere) {
  json::Value content = SystemContent("A");
  AddAlias(content, {"city", "17"});
  AddAlias(content, {"city", "18"});
  const Version one =
      Make(RegistrationId::Random(RegistrationKind::kSystem), 1, content);
  PublishAt(one, 1'000);
  json::Value later = SystemContent("A");
  AddAlias(later, {"city", "18"});
  PublishAt(Make(one.registration, 2, later), 2'000);
  ASSERT_THAT(Erase(ErasureOf(one, "/aliases")), testing::IsOk());
  EXPECT_FALSE(store().FindAlias({"city", "17"})->has_value());
  EXPECT_TRUE(store().FindAlias({"city", "18"})->has_value());
  EXPECT_EQ(*store().CountAliases("city"), 1U);
}

TEST_P(RegistrationHistoryConformance, AnErasedOrganisationIsNotFound) {
  json::Value content = NewContent(RegistrationKind::kOrganisation);
  SetField(content, "name", Given(json::Value("Person Of Note")));
  content.Set("reason", "because");
  const Version one =
      Make(RegistrationId::Random(RegistrationKind::kOrganisation), 1, content);
  PublishAt(one, 1'000);
  ASSERT_TRUE(
      store().FindOrganisation("Person Of Note", std::nullopt)->has_value());
  ASSERT_THAT(Erase(ErasureOf(one, "/fields/name")), testing::IsOk());
  EXPECT_FALSE(
      store().FindOrganisation("Person Of Note", std::nullopt)->has_value());
  EXPECT_FALSE(
      store().FindOrganisation(kErasedTitle, std::nullopt)->has_value());
}

TEST_P(RegistrationHistoryConformance, ReferrersAreFoundByIdAndByText) {
  const Version system = MakeSystem("Router");
  PublishAt(system, 1'000);
  PublishAt(Deployment("B", system.registration, "Water Act"), 2'000);
  PublishAt(Deployment("a", system.registration, "Fire Act;  WATER act"),
            3'000);
  PublishAt(Deployment("Other", MakeSystem("X").registration, "Fire Act"),
            4'000);
  EXPECT_EQ(Users(OfSystem(system.registration)),
            (std::vector<std::string>{"a", "B"}));
  LinkQuery law{.kind = LinkKind::kLaw, .keys = {LinkKey("water  act")}};
  EXPECT_EQ(Users(law), (std::vector<std::string>{"a", "B"}));
  law.keys = {LinkKey("Fire Act"), LinkKey("Water Act")};
  EXPECT_EQ(Users(law), (std::vector<std::string>{"a", "B", "Other"}));
  law.source = RegistrationKind::kSystem;
  EXPECT_TRUE(Users(law).empty());
  EXPECT_TRUE(Users({.kind = LinkKind::kVendor, .keys = {LinkKey("Water Act")}})
                  .empty());
}

TEST_P(RegistrationHistoryConformance, ReferrersFollowTheNewestVersion) {
  const Version left = MakeSystem("Left");
  const Version right = MakeSystem("Right");
  PublishAt(left, 1'000);
  PublishAt(right, 1'000);
  const Version user = Deployment("User", left.registration, "Act");
  PublishAt(user, 2'000);
  Version next = Deployment("User", right.registration, "Act");
  next.registration = user.registration;
  next.number = 2;
  ASSERT_THAT(Add({next}), testing::IsOk());
  EXPECT_EQ(Users(OfSystem(left.registration)).size(), 1U);
  Mark(next);
  EXPECT_TRUE(Users(OfSystem(left.registration)).empty());
  EXPECT_EQ(Users(OfSystem(right.registration)).size(), 1U);
}

TEST_P(RegistrationHistoryConformance, RetiredReferrersAreListedAsSuch) {
  const Version system = MakeSystem("Router");
  PublishAt(system, 1'000);
  const Version user = Deployment("User", system.registration, "Act");
  PublishAt(user, 2'000);
  Version last = user;
  last.number = 2;
  last.leaf.push_back(2);
  last.state = RegistrationState::kRetired;
  PublishAt(last, 3'000);
  LinkQuery query = OfSystem(system.registration);
  const auto found = store().Referrers(query, std::nullopt, 10);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().head.state, RegistrationState::kRetired);
  EXPECT_EQ(found->front().pointer, "/fields/system/value");
  query.include_retired = false;
  EXPECT_TRUE(Users(query).empty());
}

TEST_P(RegistrationHistoryConformance, PagesOfReferrersGiveEachOnce) {
  const Version system = MakeSystem("Router");
  PublishAt(system, 1'000);
  for (int i = 0; i < 11; ++i) {
    PublishAt(
        Deployment(i % 2 == 0 ? "same" : "Same", system.registration, "Act"),
        2'000);
  }
  std::set<RegistrationId> seen;
  std::optional<ReferrerCursor> after;
  while (true) {
    const auto page =
        store().Referrers(OfSystem(system.registration), after, 3);
    ASSERT_THAT(page, testing::IsOk());
    for (const Referrer& one : *page) {
      EXPECT_TRUE(seen.insert(one.head.registration).second);
    }
    if (page->size() < 3) break;
    after = ReferrerCursor{.title_key = FoldTitle(page->back().head.title),
                           .registration = page->back().head.registration,
                           .pointer = page->back().pointer};
  }
  EXPECT_EQ(seen.size(), 11U);
}

TEST_P(RegistrationHistoryConformance, AnErasedFieldLinksNothing) {
  const Version system = MakeSystem("Router");
  PublishAt(system, 1'000);
  const Version user = Deployment("User", system.registration, "Act of Note");
  PublishAt(user, 2'000);
  ASSERT_THAT(Erase(ErasureOf(user, "/fields/legal_basis")), testing::IsOk());
  EXPECT_TRUE(Users({.kind = LinkKind::kLaw, .keys = {LinkKey("Act of Note")}})
                  .empty());
  EXPECT_EQ(Users(OfSystem(system.registration)).size(), 1U);
}

TEST_P(RegistrationHistoryConformance, LinksAreFilledAlready) {
  PublishAt(MakeSystem("A"), 1'000);
  EXPECT_EQ(*store().FillLinks(10), 0U);
}

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_REGISTRATION_HISTORY_CONFORMANCE_H_
