// What RegistrationStore promises about lists and look-ups, one test per
// promise.

#ifndef LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_REGISTRATION_LOOKUP_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_REGISTRATION_LOOKUP_CONFORMANCE_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "algoregister/bridge/snapshots.h"
#include "algoregister/registration/content.h"
#include "algoregister/version/version.h"
#include "gtest/gtest.h"
#include "tests/conformance/algoregister/registration_store_conformance.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {

TEST_P(RegistrationStoreConformance, ListsByFoldedTitleAndId) {
  for (const char* const title :
       {"banana", "Apple", "apple pie", "\xc3\x89gal", "Banana", "cherry"}) {
    Publish(MakeSystem(title));
  }
  const auto all = Titles({});
  ASSERT_EQ(all.size(), 6U);
  EXPECT_EQ(all[0], "Apple");
  EXPECT_EQ(all[1], "apple pie");
  EXPECT_EQ(all[4], "cherry");
  EXPECT_EQ(all[5], "\xc3\x89gal");
  EXPECT_EQ(Titles({.title_prefix = "APP"}),
            (std::vector<std::string>{"Apple", "apple pie"}));
  EXPECT_EQ(Titles({.title_prefix = "ban"}).size(), 2U);
  EXPECT_EQ(Titles({.title_prefix = "\xc3\x89"}).size(), 1U);
  EXPECT_TRUE(Titles({.title_prefix = "%"}).empty());
  EXPECT_TRUE(Titles({.title_prefix = "apple pie!"}).empty());
}

TEST_P(RegistrationStoreConformance, VersionsAreReadInTheOrderOfTheLog) {
  const Version first = MakeSystem("first");
  const Version second = MakeSystem("second");
  const Version third = Make(first.registration, 2, SystemContent("third"));
  const Version unmarked = MakeSystem("unmarked");
  EXPECT_TRUE(store().LoggedFrom(0, 10)->empty());
  Publish(first);
  next_place_ += 5;  // Entries of another kind.
  Publish(second);
  Publish(third);
  ASSERT_THAT(Add({unmarked}), testing::IsOk());
  const auto all = store().LoggedFrom(0, 10);
  ASSERT_THAT(all, testing::IsOk());
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ((*all)[0].leaf, first.leaf);
  EXPECT_EQ((*all)[1].leaf, second.leaf);
  EXPECT_EQ((*all)[2].leaf, third.leaf);
  const std::uint64_t place = (*all)[1].leaf_index.value();
  EXPECT_EQ(store().LoggedFrom(place, 10)->size(), 2U);
  EXPECT_EQ(store().LoggedFrom(place + 1, 10)->front().leaf, third.leaf);
  EXPECT_EQ(store().LoggedFrom(0, 2)->back().leaf, second.leaf);
  EXPECT_TRUE(store().LoggedFrom(place + 2, 10)->empty());
}

TEST_P(RegistrationStoreConformance, PagesGiveEachRowOnce) {
  for (int i = 0; i < 25; ++i) {
    Publish(MakeSystem(i % 2 == 0 ? "same" : "other"));
  }
  std::set<RegistrationId> seen;
  std::optional<ListCursor> after;
  while (true) {
    const auto page = store().List({}, after, 4);
    ASSERT_THAT(page, testing::IsOk());
    for (const Head& head : *page) {
      EXPECT_TRUE(seen.insert(head.registration).second);
    }
    if (page->size() < 4) break;
    after = ListCursor{.title_key = FoldTitle(page->back().title),
                       .registration = page->back().registration};
  }
  EXPECT_EQ(seen.size(), 25U);
}

TEST_P(RegistrationStoreConformance, FiltersNarrowEachOther) {
  json::Value content = NewContent(RegistrationKind::kOrganisation);
  SetField(content, "name", Given(json::Value("Delft")));
  content.Set("reason", "because");
  const Version organisation =
      Make(RegistrationId::Random(RegistrationKind::kOrganisation), 1, content);
  Publish(organisation);
  json::Value owned = SystemContent("Owned");
  SetField(owned, "provider",
           Given(json::Value(organisation.registration.Text())));
  Publish(Make(RegistrationId::Random(RegistrationKind::kSystem), 1, owned));
  Version retired = MakeSystem("Retired");
  retired.state = RegistrationState::kRetired;
  Publish(retired);
  EXPECT_EQ(Titles({.organisation = organisation.registration}),
            std::vector<std::string>{"Owned"});
  EXPECT_EQ(Titles({.kind = RegistrationKind::kOrganisation}),
            std::vector<std::string>{"Delft"});
  EXPECT_EQ(Titles({.kind = RegistrationKind::kSystem}).size(), 1U);
  EXPECT_EQ(Titles({.kind = RegistrationKind::kSystem, .include_retired = true})
                .size(),
            2U);
  EXPECT_TRUE(Titles({.kind = RegistrationKind::kModel,
                      .organisation = organisation.registration})
                  .empty());
}

TEST_P(RegistrationStoreConformance, AliasesBelongToOneRegistrationForEver) {
  json::Value content = SystemContent("A");
  AddAlias(content, {"city", "17"});
  const RegistrationId id = RegistrationId::Random(RegistrationKind::kSystem);
  Publish(Make(id, 1, content));
  EXPECT_EQ(*store().FindAlias({"city", "17"}), id);
  EXPECT_EQ(*store().FindAlias({"city", "018"}), std::nullopt);
  EXPECT_EQ(*store().FindAlias({"City", "17"}), std::nullopt);
  EXPECT_EQ(*store().CountAliases("city"), 1U);
  const Version other =
      Make(RegistrationId::Random(RegistrationKind::kSystem), 1, content);
  EXPECT_THAT(Add({other}),
              testing::StatusIs(absl::StatusCode::kAlreadyExists));
  // Dropping it does not free it.
  Publish(Make(id, 2, SystemContent("A")));
  EXPECT_EQ(*store().FindAlias({"city", "17"}), id);
}

TEST_P(RegistrationStoreConformance, AliasesOfASchemeComePageByPage) {
  std::map<std::string, RegistrationId> added;
  for (const char* const id : {"10", "9", "a", "B", "\xc3\xa9"}) {
    json::Value content = SystemContent(id);
    AddAlias(content, {"city", id});
    AddAlias(content, {"city:natural", id});
    added[id] = RegistrationId::Random(RegistrationKind::kSystem);
    Publish(Make(added[id], 1, content));
  }
  std::map<std::string, RegistrationId> listed;
  std::string after;
  for (int page = 0; page < 4; ++page) {
    const auto aliases = store().ListAliases("city", after, 2);
    ASSERT_THAT(aliases, testing::IsOk());
    EXPECT_EQ(aliases->size(), page < 2 ? 2U : page == 2 ? 1U : 0U);
    for (const OwnedAlias& alias : *aliases) {
      EXPECT_TRUE(listed.emplace(alias.id, alias.registration).second);
      after = alias.id;
    }
  }
  EXPECT_EQ(listed, added);
  EXPECT_TRUE(store().ListAliases("City", "", 10)->empty());
}

TEST_P(RegistrationStoreConformance, FindsOrganisationsByExactName) {
  const PublisherId keeper = PublisherId::Random();
  const auto add = [this](const char* name, RegistrationState state,
                          const PublisherId& publisher,
                          const RegistrationId& id) {
    json::Value content = NewContent(RegistrationKind::kOrganisation);
    SetField(content, "name", Given(json::Value(name)));
    content.Set("reason", "because");
    Version version = Make(id, 1, content);
    version.state = state;
    version.publisher = publisher;
    Publish(version);
    return version.registration;
  };
  // Ids are the publishers' to choose.
  const auto id = [](std::uint8_t last) {
    RegistrationId out{.kind = RegistrationKind::kOrganisation, .bytes = {}};
    out.bytes.back() = last;
    return out;
  };
  constexpr auto kActive = RegistrationState::kActive;
  const PublisherId other = PublisherId::Random();
  add("delft", kActive, other, id(9));
  const RegistrationId first = add("Delft", kActive, other, id(7));
  add("Delft", kActive, other, id(1));
  const RegistrationId own = add("Delft", kActive, keeper, id(8));
  add("Delft", kActive, keeper, id(2));
  add("Gouda", RegistrationState::kRetired, keeper, id(3));
  EXPECT_EQ(*store().FindOrganisation("Delft", std::nullopt), first);
  EXPECT_EQ(*store().FindOrganisation("Delft", keeper), own);
  EXPECT_EQ(*store().FindOrganisation("Delft", PublisherId::Random()), first);
  EXPECT_EQ(*store().FindOrganisation("DELFT", keeper), std::nullopt);
  EXPECT_EQ(*store().FindOrganisation("Gouda", keeper), std::nullopt);
  // A later version of it is no later organisation.
  json::Value content = NewContent(RegistrationKind::kOrganisation);
  SetField(content, "name", Given(json::Value("Delft")));
  content.Set("reason", "again");
  Version next = Make(first, 2, content);
  next.publisher = other;
  Publish(next);
  EXPECT_EQ(*store().FindOrganisation("Delft", std::nullopt), first);
}

TEST_P(RegistrationStoreConformance, FindsSnapshotsByTheirId) {
  json::Value content = NewContent(RegistrationKind::kDataset);
  SetField(content, "title", GivenText("en", "Traffic"));
  content.Set("reason", "because");
  const SnapshotId snapshot = SnapshotId::Random();
  content = *WithSnapshot(content, snapshot, "2026-11",
                          absl::FromUnixSeconds(1'800'000'000));
  const Version version =
      Make(RegistrationId::Random(RegistrationKind::kDataset), 1, content);
  Publish(version);
  EXPECT_EQ(*store().FindSnapshot(snapshot), version.registration);
  EXPECT_EQ(*store().FindSnapshot(SnapshotId::Random()), std::nullopt);
  const Version thief =
      Make(RegistrationId::Random(RegistrationKind::kDataset), 1, content);
  EXPECT_THAT(Add({thief}),
              testing::StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_P(RegistrationStoreConformance, AnIdOfAnotherKindIsNotFound) {
  const Version version = MakeSystem("A");
  Publish(version);
  RegistrationId wrong = version.registration;
  wrong.kind = RegistrationKind::kModel;
  const auto not_found = testing::StatusIs(absl::StatusCode::kNotFound);
  EXPECT_THAT(store().Get(wrong, 0), not_found);
  EXPECT_THAT(store().GetHead(wrong), not_found);
  EXPECT_THAT(store().Get(version.registration, 2), not_found);
}

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_REGISTRATION_LOOKUP_CONFORMANCE_H_
