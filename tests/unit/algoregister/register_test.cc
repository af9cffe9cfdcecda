#include "algoregister/registration/register.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "common/receipt/registration.h"
#include "common/tlog/tree.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kBad = absl::StatusCode::kInvalidArgument;

TEST(RegisterPublish, AVersionIsLoggedAndVerifiable) {
  RegisterHouse house;
  const Version version = house.NewSystem("Router");
  EXPECT_EQ(version.number, 1U);
  ASSERT_EQ(house.log.entries.size(), 1U);
  EXPECT_EQ(house.log.entries.front(), version.leaf);
  EXPECT_EQ(version.leaf_index, 0U);
  EXPECT_EQ(version.leaf_hash, tlog::LeafHash(version.leaf));
  const auto leaf = receipt::VerifyRegistrationLeaf(version.leaf);
  ASSERT_THAT(leaf, IsOk());
  EXPECT_EQ(*receipt::CheckDisclosures(*leaf, version.fields), 0U);
  EXPECT_EQ(ReasonOf(ContentOf(version)), "because");
}

// The leaf from content and salts alone, as an auditor does it.
TEST(RegisterPublish, TheLeafIsRecomputedFromContentAndSalts) {
  RegisterHouse house;
  const Version version = house.NewSystem("Router");
  receipt::RegistrationLeaf leaf;
  leaf.registration = version.registration.bytes;
  leaf.kind = version.registration.kind;
  leaf.version = version.number;
  leaf.state = version.state;
  leaf.author_role = version.author_role;
  leaf.draft_time = version.draft_time;
  leaf.author = house.key.PublicKey();
  leaf.digests = receipt::FieldDigests(version.fields);
  base::Bytes entry = receipt::RegistrationLeafBody(leaf);
  const auto signature =
      receipt::SignRegistrationLeaf(entry, version.fields, house.key);
  ASSERT_THAT(signature, IsOk());
  entry.insert(entry.end(), signature->begin(), signature->end());
  EXPECT_EQ(entry, house.log.entries.front());
}

TEST(RegisterPublish, VersionsPointToTheirPredecessor) {
  RegisterHouse house;
  const Version one = house.NewSystem("Router");
  const auto draft = house.target.PrepareUpdate(
      house.By(house.publisher), one.registration, SystemRequest("Router 2"));
  ASSERT_THAT(draft, IsOk());
  EXPECT_EQ(draft->leaf.version, 2U);
  EXPECT_EQ(draft->leaf.predecessor, one.leaf_hash);
  const auto two = house.Publish(*draft);
  ASSERT_THAT(two, IsOk());
  EXPECT_EQ(house.store.Get(one.registration, 0)->number, 2U);
  EXPECT_EQ(*house.store.Get(one.registration, 1), one);
}

TEST(RegisterPublish, TheSameDraftTwiceIsPublishedOnce) {
  RegisterHouse house;
  const auto draft = house.target.PrepareNew(
      house.By(house.publisher), RegistrationKind::kSystem, SystemRequest("A"));
  const auto first = house.Publish(*draft);
  house.clock.Advance(kMaxDraftAge * 2);
  const auto second = house.Publish(*draft);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(*first, *second);
  EXPECT_EQ(house.log.entries.size(), 1U);
}

TEST(RegisterPublish, OfTwoDraftsForTheSameVersionOneWins) {
  RegisterHouse house;
  const Version one = house.NewSystem("A");
  const Author author = house.By(house.publisher);
  const auto left =
      house.target.PrepareUpdate(author, one.registration, SystemRequest("B"));
  const auto right =
      house.target.PrepareUpdate(author, one.registration, SystemRequest("C"));
  EXPECT_THAT(house.Publish(*left), IsOk());
  EXPECT_THAT(house.Publish(*right), StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(house.log.entries.size(), 2U);
}

TEST(RegisterPublish, AVersionNamesTheVeryLeafBeforeIt) {
  RegisterHouse house;
  const Version one = house.NewSystem("A");
  auto draft = house.target.PrepareUpdate(house.By(house.publisher),
                                          one.registration, SystemRequest("B"));
  ASSERT_THAT(draft, IsOk());
  draft->leaf.predecessor.front() ^= 1U;
  EXPECT_THAT(house.Publish(*draft), StatusIs(absl::StatusCode::kAborted));
}

TEST(RegisterPublish, RetirementIsTheLastVersionAndKeepsTheContent) {
  RegisterHouse house;
  const Version one = house.NewSystem("A");
  const Author author = house.By(house.publisher);
  EXPECT_TRUE(*house.target.SystemExists(one.registration));
  const auto retired = house.target.PrepareRetirement(author, one.registration);
  ASSERT_THAT(retired, IsOk());
  const auto version = house.Publish(*retired);
  ASSERT_THAT(version, IsOk());
  EXPECT_EQ(version->state, RegistrationState::kRetired);
  EXPECT_EQ(receipt::ContentHash(ContentOf(*version)),
            receipt::ContentHash(ContentOf(one)));
  EXPECT_FALSE(*house.target.SystemExists(one.registration));
  EXPECT_THAT(
      house.target.PrepareUpdate(author, one.registration, SystemRequest("B")),
      StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(RegisterPublish, AnotherPublisherMayNotTouchIt) {
  RegisterHouse house;
  const Version one = house.NewSystem("A");
  const Publisher other = MakePublisher(9);
  EXPECT_THAT(house.target.PrepareUpdate(house.By(other), one.registration,
                                         SystemRequest("B")),
              StatusIs(absl::StatusCode::kPermissionDenied));
  // Nor with a draft made elsewhere.
  const auto forged = MakeDraft(
      one.registration, &one, RegistrationState::kActive, ContentOf(one),
      {.key = KeyOf(9).PublicKey(), .now = house.clock.Now()},
      crypto::SystemRandom());
  ASSERT_THAT(forged, IsOk());
  EXPECT_THAT(house.target.Publish(other, Sign(forged->draft(), KeyOf(9))),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST(RegisterPublish, OnlyAnImporterSignsAsOne) {
  RegisterHouse house;
  Publisher plain = house.publisher;
  plain.importer = false;
  Author author = house.By(plain);
  author.role = AuthorRole::kImporter;
  EXPECT_THAT(house.target.PrepareNew(author, RegistrationKind::kSystem,
                                      SystemRequest("A")),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

// Each part of what is signed, changed after signing.
TEST(RegisterPublish, EveryTamperedPartOfADraftIsRefused) {
  RegisterHouse house;
  const auto draft = house.target.PrepareNew(
      house.By(house.publisher), RegistrationKind::kSystem, SystemRequest("A"));
  const SignedDraft good = Sign(*draft, house.key);
  std::vector<SignedDraft> bad(10, good);
  bad[0].draft.leaf.registration.front() ^= 1U;
  bad[1].draft.leaf.kind = RegistrationKind::kModel;
  bad[2].draft.leaf.version = 2;
  bad[3].draft.leaf.state = RegistrationState::kRetired;
  bad[4].draft.leaf.author_role = AuthorRole::kImporter;
  bad[5].draft.leaf.draft_time += absl::Milliseconds(1);
  bad[6].draft.leaf.digests.front().front() ^= 1U;
  bad[7].draft.fields.front().salt.front() ^= 1U;
  bad[8].draft.fields.back().value = json::Value("another reason");
  bad[9].signature.front() ^= 1U;
  for (std::size_t i = 0; i < bad.size(); ++i) {
    EXPECT_THAT(house.target.Publish(house.publisher, bad[i]), StatusIs(kBad))
        << i;
  }
  EXPECT_TRUE(house.log.entries.empty());
  EXPECT_THAT(house.target.Publish(house.publisher, good), IsOk());
}

TEST(RegisterPublish, RefusesDraftsWithRepeatedSaltsOrOfAnotherDay) {
  RegisterHouse house;
  const auto draft = house.target.PrepareNew(
      house.By(house.publisher), RegistrationKind::kSystem, SystemRequest("A"));
  Draft salted = *draft;
  salted.fields[0].salt = salted.fields[1].salt;
  salted.leaf.digests = receipt::FieldDigests(salted.fields);
  EXPECT_THAT(house.Publish(salted), StatusSays(kBad, "salt"));
  house.clock.Advance(kMaxDraftAge);
  EXPECT_THAT(house.Publish(*draft), IsOk());
  const auto late = house.target.PrepareNew(
      house.By(house.publisher), RegistrationKind::kSystem, SystemRequest("B"));
  house.clock.Advance(kMaxDraftAge + absl::Milliseconds(1));
  EXPECT_THAT(house.Publish(*late), StatusSays(kBad, "too old"));
}

TEST(RegisterPublish, AliasesBelongToOneRegistration) {
  RegisterHouse house;
  json::Value content = SystemRequest("A");
  AddAlias(content, {"city", "17"});
  const Author author = house.By(house.publisher);
  const auto one =
      house.target.PrepareNew(author, RegistrationKind::kSystem, content);
  const auto two =
      house.target.PrepareNew(author, RegistrationKind::kSystem, content);
  EXPECT_THAT(house.Publish(*one), IsOk());
  EXPECT_THAT(house.Publish(*two), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(
      house.target.PrepareNew(author, RegistrationKind::kSystem, content),
      StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST(RegisterPublish, ReferencesMustExist) {
  RegisterHouse house;
  json::Value content = SystemRequest("A");
  const auto nobody = RegistrationId::Random(RegistrationKind::kOrganisation);
  SetField(content, "provider", Given(json::Value(nobody.Text())));
  EXPECT_THAT(house.target.PrepareNew(house.By(house.publisher),
                                      RegistrationKind::kSystem, content),
              StatusSays(kBad, "/fields/provider/value"));
}

TEST(RegisterPublish, AGroupIsPublishedWholeOrNotAtAll) {
  RegisterHouse house;
  const Author author = house.By(house.publisher);
  const auto prepared = [&](const char* title) {
    return *house.target.PrepareNew(author, RegistrationKind::kSystem,
                                    SystemRequest(title));
  };
  const auto draft = [&](const char* title) {
    return house.Seal(prepared(title)).value();
  };
  // Signed as it is, and of another day.
  Draft early = prepared("C");
  early.leaf.draft_time += absl::Hours(1);
  const std::vector<Register::Group> groups = {
      {draft("A")},
      {draft("B"), house.Seal(early).value()},
      {draft("D"), draft("E")}};
  const auto statuses = house.target.PublishGroups(groups);
  EXPECT_THAT(statuses[0], IsOk());
  EXPECT_THAT(statuses[1], StatusIs(kBad));
  EXPECT_THAT(statuses[2], IsOk());
  EXPECT_EQ(house.log.entries.size(), 3U);
  EXPECT_EQ(house.log.append_count, 1);
  EXPECT_EQ(*house.store.Count({}), 3U);
}

TEST(RegisterRecover, ResumesAfterACrashBeforeTheLogWrote) {
  RegisterHouse house;
  const auto draft = house.target.PrepareNew(
      house.By(house.publisher), RegistrationKind::kSystem, SystemRequest("A"));
  house.log.death = ListLog::Death::kBefore;
  EXPECT_FALSE(house.Publish(*draft).ok());
  EXPECT_EQ(*house.store.Count({}), 0U);
  house.log.death = ListLog::Death::kNone;
  Register again(house.parts);
  EXPECT_THAT(again.Recover(), IsOk());
  EXPECT_EQ(*house.store.Count({}), 1U);
  EXPECT_EQ(house.log.entries.size(), 1U);
  EXPECT_THAT(again.Recover(), IsOk());
  EXPECT_EQ(house.log.entries.size(), 1U);
}

TEST(RegisterRecover, ResumesAfterACrashBetweenLogAndMark) {
  RegisterHouse house;
  const Version first = house.NewSystem("First");
  const auto draft = house.target.PrepareNew(
      house.By(house.publisher), RegistrationKind::kSystem, SystemRequest("A"));
  house.log.death = ListLog::Death::kAfter;
  EXPECT_FALSE(house.Publish(*draft).ok());
  house.log.death = ListLog::Death::kNone;
  Register again(house.parts);
  EXPECT_THAT(again.Recover(), IsOk());
  EXPECT_EQ(house.log.entries.size(), 2U);
  EXPECT_EQ(*house.store.Count({}), 2U);
  // The publisher who asks again is told that it is done.
  const auto version = again.Publish(house.publisher, Sign(*draft, house.key));
  ASSERT_THAT(version, IsOk());
  EXPECT_EQ(version->leaf_index, 1U);
}

TEST(RegisterRecover, TheNextPublicationFinishesTheOneBefore) {
  RegisterHouse house;
  const auto draft = house.target.PrepareNew(
      house.By(house.publisher), RegistrationKind::kSystem, SystemRequest("A"));
  house.log.death = ListLog::Death::kAfter;
  EXPECT_FALSE(house.Publish(*draft).ok());
  house.log.death = ListLog::Death::kNone;
  house.NewSystem("B");
  EXPECT_EQ(*house.store.Count({}), 2U);
  EXPECT_EQ(house.log.entries.size(), 2U);
}

TEST(RegisterRecover, AlarmsWhenOneSideIsAnOlderCopy) {
  RegisterHouse house;
  house.NewSystem("A");
  house.log.entries.emplace_back(3, 0);
  EXPECT_THAT(Register(house.parts).Recover(),
              StatusIs(absl::StatusCode::kDataLoss));
  house.log.entries.clear();
  EXPECT_THAT(Register(house.parts).Recover(),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(RegisterRecover, AlarmsWhenTheLogHoldsAnotherEntry) {
  RegisterHouse house;
  const auto draft = house.target.PrepareNew(
      house.By(house.publisher), RegistrationKind::kSystem, SystemRequest("A"));
  house.log.death = ListLog::Death::kAfter;
  EXPECT_FALSE(house.Publish(*draft).ok());
  house.log.entries.back().back() ^= 1U;
  EXPECT_THAT(Register(house.parts).Recover(),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(*house.store.Count({}), 0U);
}

TEST(RegisterBridge, SnapshotsAreFoundByTheirId) {
  RegisterHouse house;
  json::Value content = NewContent(RegistrationKind::kDataset);
  SetField(content, "title", GivenText("en", "Traffic"));
  content.Remove("kind");
  const Author author = house.By(house.publisher);
  const auto dataset = house.Publish(
      *house.target.PrepareNew(author, RegistrationKind::kDataset, content));
  ASSERT_THAT(dataset, IsOk());
  const SnapshotId id = SnapshotId::Random();
  EXPECT_THAT(house.target.StateOfSnapshot(id),
              StatusIs(absl::StatusCode::kNotFound));
  const auto added = house.target.PrepareSnapshot(author, dataset->registration,
                                                  id, "2026-11");
  ASSERT_THAT(added, IsOk());
  EXPECT_THAT(house.Publish(*added), IsOk());
  EXPECT_EQ(*house.target.StateOfSnapshot(id), SnapshotState::kOpen);
  const auto sealed =
      house.target.PrepareSeal(author, dataset->registration, id);
  EXPECT_THAT(house.Publish(*sealed), IsOk());
  EXPECT_EQ(*house.target.StateOfSnapshot(id), SnapshotState::kSealed);
}

TEST(RegisterBridge, ASealedSnapshotStaysSealed) {
  RegisterHouse house;
  json::Value content = NewContent(RegistrationKind::kDataset);
  SetField(content, "title", GivenText("en", "Traffic"));
  content.Remove("kind");
  const Author author = house.By(house.publisher);
  const auto dataset = house.Publish(
      *house.target.PrepareNew(author, RegistrationKind::kDataset, content));
  ASSERT_THAT(dataset, IsOk());
  const RegistrationId& id = dataset->registration;
  const SnapshotId snapshot = SnapshotId::Random();
  ASSERT_THAT(house.Publish(*house.target.PrepareSnapshot(author, id, snapshot,
                                                          "2026-11")),
              IsOk());
  ASSERT_THAT(house.Publish(*house.target.PrepareSeal(author, id, snapshot)),
              IsOk());
  constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;
  // Left out, opened again, and sealed at another time.
  EXPECT_THAT(house.target.PrepareUpdate(author, id, content),
              StatusIs(kRefused));
  const auto with = [&](const json::Value& entry) {
    json::Value list = json::Value::Array();
    list.Append(entry);
    json::Value changed = content;
    SetField(changed, "snapshots", Given(std::move(list)));
    return house.target.PrepareUpdate(author, id, changed).status();
  };
  json::Value entry =
      json::Value::Object({{"id", json::Value(snapshot.Text())},
                           {"name", json::Value("2026-11")},
                           {"opened", json::Value("2026-11-01T00:00:00.000Z")},
                           {"state", json::Value("open")}});
  EXPECT_THAT(with(entry), StatusIs(kRefused));
  entry.Set("sealed", "2026-11-02T00:00:00.000Z").Set("state", "sealed");
  EXPECT_THAT(with(entry), StatusIs(kRefused));
  EXPECT_EQ(*house.target.StateOfSnapshot(snapshot), SnapshotState::kSealed);
}

}  // namespace
}  // namespace limpid::algoregister
