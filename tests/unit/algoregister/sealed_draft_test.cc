#include "algoregister/version/sealed_draft.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/register.h"
#include "algoregister/version/version.h"
#include "common/base/bytes.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "common/json/value.h"
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
constexpr auto kDenied = absl::StatusCode::kPermissionDenied;

// What stands between a draft and the log: nobody makes either type by hand, or
// gets at what is inside to change it.
template <typename T>
constexpr bool kIsClosed =
    !std::is_aggregate_v<T> && !std::is_default_constructible_v<T> &&
    !std::is_constructible_v<T, Draft> &&
    !std::is_constructible_v<T, SignedDraft>;
static_assert(kIsClosed<CheckedDraft> && kIsClosed<SealedDraft>);
static_assert(!std::is_constructible_v<SealedDraft, CheckedDraft>);
static_assert(std::is_same_v<decltype(std::declval<CheckedDraft&>().draft()),
                             const Draft&>);
static_assert(std::is_same_v<decltype(std::declval<SealedDraft&>().draft()),
                             const Draft&>);
static_assert(std::is_same_v<decltype(std::declval<SealedDraft&>().entry()),
                             const base::Bytes&>);
static_assert(std::is_same_v<Register::Group, std::vector<SealedDraft>>);

// Gives the same bytes again and again.
class StuckRandom final : public crypto::RandomSource {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = 7;
  }
};

class SealedDraftTest : public ::testing::Test {
 protected:
  Draft Prepared(std::string_view title) {
    auto draft = house_.target.PrepareNew(house_.By(house_.publisher),
                                          RegistrationKind::kSystem,
                                          SystemRequest(title));
    EXPECT_THAT(draft, IsOk());
    return *std::move(draft);
  }
  // Checked as it is, under the signature that `signed_as` got.
  [[nodiscard]] absl::Status SealAs(const Draft& draft, const Draft& signed_as,
                                    const Publisher& publisher) const {
    auto checked = CheckedDraft::Check(draft);
    if (!checked.ok()) return checked.status();
    return SealedDraft::Seal(*std::move(checked),
                             Sign(signed_as, house_.key).signature, publisher)
        .status();
  }
  absl::StatusOr<CheckedDraft> Make(json::Value content,
                                    crypto::RandomSource& random) {
    return MakeDraft(
        RegistrationId::Random(RegistrationKind::kSystem), /*newest=*/nullptr,
        RegistrationState::kActive, std::move(content),
        {.key = house_.key.PublicKey(), .now = house_.clock.Now()}, random);
  }
  static json::Value Content() {
    json::Value content = SystemRequest("Router");
    content.Set("kind", "system");
    content.Set("reason", "because");
    return content;
  }

  RegisterHouse house_;
};

// A system's content with so many bytes of canonical JSON.
json::Value ContentOfSize(std::size_t bytes, std::string_view reason) {
  constexpr std::size_t kText = 8'500;
  json::Value content = SystemRequest("Router");
  content.Set("kind", "system");
  content.Set("reason", reason);
  for (const char first : {'a', 'b', 'c', 'd'}) {
    for (char second = 'a'; second <= 'j'; ++second) {
      const json::Value* const known = GivenValue(content, "methods");
      json::Value texts = known == nullptr ? json::Value::Object() : *known;
      json::Value text = json::Value::Object();
      text.Set("origin", "human");
      text.Set("text", std::string(1, 'x'));
      texts.Set(std::string{first, second}, text);
      SetField(content, "methods", Given(texts));
      const std::size_t size = json::Canonical(content).size();
      const std::size_t more = std::min(kText, bytes - size + 1);
      text.Set("text", std::string(more, 'x'));
      texts.Set(std::string{first, second}, std::move(text));
      SetField(content, "methods", Given(std::move(texts)));
      if (more < kText) return content;
    }
  }
  return content;
}

// Whoever asks for a version gets all of it, so every way in has the bound.
TEST_F(SealedDraftTest, AContentHasAtMost256KiB) {
  crypto::RandomSource& random = crypto::SystemRandom();
  const json::Value most = ContentOfSize(kMaxContentBytes, "because");
  ASSERT_EQ(json::Canonical(most).size(), kMaxContentBytes);
  const auto made = Make(most, random);
  ASSERT_THAT(made, IsOk());
  EXPECT_THAT(house_.Publish(made->draft()), IsOk());
  json::Value more = most;
  more.Set("reason", "because.");
  EXPECT_THAT(Make(more, random), StatusSays(kBad, "256 KiB"));
  // A draft from outside, with the digests of what it says.
  Draft draft = made->draft();
  draft.fields = receipt::DiscloseContent(more, random);
  draft.leaf.digests = receipt::FieldDigests(draft.fields);
  EXPECT_THAT(CheckedDraft::Check(draft), StatusSays(kBad, "256 KiB"));
  EXPECT_THAT(house_.Publish(draft), StatusIs(kBad));
}

// What was published before there was a bound is read, and retired.
TEST_F(SealedDraftTest, ALargerContentOfBeforeIsReadAndRetired) {
  Draft draft = Prepared("Router");
  draft.fields = receipt::DiscloseContent(
      ContentOfSize(kMaxContentBytes + 9'000, "because"),
      crypto::SystemRandom());
  draft.leaf.digests = receipt::FieldDigests(draft.fields);
  base::Bytes entry = receipt::RegistrationLeafBody(draft.leaf);
  const auto signature = Sign(draft, house_.key).signature;
  entry.insert(entry.end(), signature.begin(), signature.end());
  Version version;
  version.registration = {.kind = draft.leaf.kind,
                          .bytes = draft.leaf.registration};
  version.number = 1;
  version.draft_time = draft.leaf.draft_time;
  version.publisher = house_.publisher.id;
  version.leaf = entry;
  version.leaf_hash = tlog::LeafHash(entry);
  version.fields = draft.fields;
  const std::vector<NewVersion> added = {NewVersion(version)};
  ASSERT_THAT(house_.store.Add(added), IsOk());
  ASSERT_THAT(house_.target.Recover(), IsOk());
  const auto read = house_.store.Get(version.registration, 1);
  ASSERT_THAT(read, IsOk());
  json::Value content = ContentOf(*read);
  EXPECT_GT(json::Canonical(content).size(), kMaxContentBytes);
  const Author author = house_.By(house_.publisher);
  const auto retirement =
      house_.target.PrepareRetirement(author, version.registration);
  ASSERT_THAT(retirement, IsOk());
  content.Remove("kind");
  content.Remove("reason");
  EXPECT_THAT(
      house_.target.PrepareUpdate(author, version.registration, content),
      StatusSays(kBad, "256 KiB"));
  EXPECT_THAT(house_.Publish(*retirement), IsOk());
}

TEST_F(SealedDraftTest, CarriesTheEntryThatIsPublished) {
  const Draft draft = Prepared("Router");
  const auto sealed = house_.Seal(draft);
  ASSERT_THAT(sealed, IsOk());
  EXPECT_THAT(receipt::VerifyRegistrationLeaf(sealed->entry()), IsOk());
  const NewVersion next(*sealed);
  EXPECT_EQ(next.version().leaf, sealed->entry());
  EXPECT_EQ(next.version().leaf_hash, tlog::LeafHash(sealed->entry()));
  EXPECT_EQ(next.version().fields, draft.fields);
  EXPECT_EQ(next.version().publisher, house_.publisher.id);
  EXPECT_EQ(next.content(), ContentOf(next.version()));
  const std::vector<Register::Group> groups = {{*sealed}};
  EXPECT_THAT(house_.target.PublishGroups(groups).front(), IsOk());
  ASSERT_EQ(house_.log.entries.size(), 1U);
  EXPECT_EQ(house_.log.entries.front(), sealed->entry());
  Version stored = *house_.store.Get(sealed->registration(), 1);
  stored.leaf_index.reset();
  stored.logged_time = next.version().logged_time;
  EXPECT_EQ(stored, next.version());
}

TEST_F(SealedDraftTest, WhatIsDoneToADraftAfterwardsDoesNotReachTheRegister) {
  Draft draft = Prepared("Router");
  const Draft before = draft;
  const auto checked = CheckedDraft::Check(draft);
  ASSERT_THAT(checked, IsOk());
  const auto sealed = house_.Seal(draft);
  ASSERT_THAT(sealed, IsOk());
  draft.fields.back().value = json::Value("another reason");
  draft.leaf.author_role = AuthorRole::kImporter;
  EXPECT_EQ(checked->draft().fields, before.fields);
  EXPECT_EQ(sealed->draft().fields, before.fields);
  const std::vector<Register::Group> groups = {{*sealed}};
  EXPECT_THAT(house_.target.PublishGroups(groups).front(), IsOk());
  EXPECT_EQ(house_.store.Get(sealed->registration(), 1)->fields, before.fields);
  // And what was changed gets no seal of its own.
  EXPECT_THAT(SealAs(draft, before, house_.publisher), StatusIs(kBad));
}

TEST_F(SealedDraftTest, ADraftThatIsNotWhatItsLeafSaysIsNotChecked) {
  const Draft good = Prepared("Router");
  EXPECT_THAT(CheckedDraft::Check(good), IsOk());
  std::vector<Draft> bad(9, good);
  bad[0].leaf.digests.front().front() ^= 1U;
  bad[1].leaf.digests.pop_back();
  bad[2].leaf.version = 0;
  bad[3].leaf.kind = RegistrationKind::kModel;
  bad[4].fields.front().salt.front() ^= 1U;
  bad[5].fields.front().pointer += "x";
  bad[6].fields.back().value = json::Value("another reason");
  bad[7].fields.pop_back();
  bad[8].fields.push_back(good.fields.front());
  for (std::size_t i = 0; i < bad.size(); ++i) {
    EXPECT_THAT(CheckedDraft::Check(bad[i]), StatusIs(kBad)) << i;
  }
}

// The digests fit: it is the content that does not.
TEST_F(SealedDraftTest, ADraftWithContentAgainstTheRulesIsNotChecked) {
  const auto with = [&](auto change) {
    Draft draft = Prepared("Router");
    change(draft.fields);
    draft.leaf.digests = receipt::FieldDigests(draft.fields);
    return CheckedDraft::Check(draft).status();
  };
  using Fields = std::vector<FieldDisclosure>;
  EXPECT_THAT(with([](Fields& /*fields*/) {}), IsOk());
  EXPECT_THAT(with([](Fields& fields) { fields[0].salt = fields[1].salt; }),
              StatusSays(kBad, "salt"));
  EXPECT_THAT(with([](Fields& fields) { fields.pop_back(); }), StatusIs(kBad));
  EXPECT_THAT(with([](Fields& fields) { fields.back().value = json::Value(); }),
              StatusSays(kBad, "/reason"));
  EXPECT_THAT(
      with([](Fields& fields) {
        fields.push_back({.pointer = "/fields/nonsense", .value = Missing()});
      }),
      StatusSays(kBad, "/fields/nonsense"));
  EXPECT_THAT(with([](Fields& fields) {
                fields.push_back({.pointer = "/a/b/c", .value = Missing()});
              }),
              StatusIs(kBad));
}

TEST_F(SealedDraftTest, ContentAgainstTheRulesIsNotDraftedEither) {
  EXPECT_THAT(Make(Content(), crypto::SystemRandom()), IsOk());
  json::Value content = Content();
  SetField(content, "nonsense", Missing());
  EXPECT_THAT(Make(content, crypto::SystemRandom()),
              StatusSays(kBad, "/fields/nonsense"));
  content = Content();
  content.Set("kind", "model");
  EXPECT_THAT(Make(content, crypto::SystemRandom()), StatusIs(kBad));
  content = Content();
  content.Remove("reason");
  EXPECT_THAT(Make(content, crypto::SystemRandom()), StatusIs(kBad));
  StuckRandom stuck;
  EXPECT_THAT(Make(Content(), stuck), StatusSays(kBad, "salt"));
}

TEST_F(SealedDraftTest, ADraftOfOursIsWhatAnyoneWouldCheck) {
  const auto made = Make(Content(), crypto::SystemRandom());
  ASSERT_THAT(made, IsOk());
  EXPECT_THAT(CheckedDraft::Check(made->draft()), IsOk());
}

// What a leaf may say as well, had its author signed it.
TEST_F(SealedDraftTest, ASignatureIsOfOneLeafAlone) {
  const Draft good = Prepared("Router");
  EXPECT_THAT(SealAs(good, good, house_.publisher), IsOk());
  std::vector<Draft> others(5, good);
  others[0].leaf.registration.front() ^= 1U;
  others[1].leaf.version = 2;
  others[1].leaf.predecessor.fill(1);
  others[2].leaf.state = RegistrationState::kRetired;
  others[3].leaf.author_role = AuthorRole::kImporter;
  others[4].leaf.draft_time += absl::Milliseconds(1);
  others.push_back(Prepared("Router"));
  for (std::size_t i = 0; i < others.size(); ++i) {
    EXPECT_THAT(CheckedDraft::Check(others[i]), IsOk()) << i;
    EXPECT_THAT(SealAs(others[i], good, house_.publisher),
                StatusSays(kBad, "signature"))
        << i;
  }
}

TEST_F(SealedDraftTest, EveryFlippedBitOfASignatureIsNoticed) {
  const Draft draft = Prepared("Router");
  const auto checked = CheckedDraft::Check(draft);
  ASSERT_THAT(checked, IsOk());
  const crypto::Ed25519Signature good = Sign(draft, house_.key).signature;
  EXPECT_THAT(SealedDraft::Seal(*checked, good, house_.publisher), IsOk());
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    crypto::Ed25519Signature bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_THAT(SealedDraft::Seal(*checked, bad, house_.publisher),
                StatusIs(kBad))
        << bit;
  }
}

TEST_F(SealedDraftTest, ASealIsOfWhoMaySign) {
  const Draft draft = Prepared("Router");
  EXPECT_THAT(SealAs(draft, draft, MakePublisher(9)),
              StatusSays(kBad, "not a key"));
  Draft imported = draft;
  imported.leaf.author_role = AuthorRole::kImporter;
  EXPECT_THAT(SealAs(imported, imported, house_.publisher), IsOk());
  Publisher plain = house_.publisher;
  plain.importer = false;
  EXPECT_THAT(SealAs(imported, imported, plain), StatusIs(kDenied));
  EXPECT_THAT(SealAs(draft, draft, plain), IsOk());
}

TEST_F(SealedDraftTest, WhoLostTheRightSinceThePlanImportsNothing) {
  const auto plan =
      house_.Plan(R"({"algoritmes":[{"id":"1","organisatie":"Gemeente Delft",)"
                  R"("title":"Zivver"}]})");
  ASSERT_THAT(plan, IsOk());
  const auto signatures = house_.SignAll(**plan);
  ASSERT_EQ(signatures.size(), 2U);
  const auto commit = [&](const Publisher& publisher) {
    return house_.desk.Commit(
        publisher, (*plan)->id, signatures,
        [](const ImportProgress& /*progress*/) { return absl::OkStatus(); });
  };
  Publisher now = house_.publisher;
  now.importer = false;
  EXPECT_THAT(commit(now), StatusIs(kDenied));
  now = house_.publisher;
  now.signing_keys = {KeyOf(9).PublicKey()};
  EXPECT_THAT(commit(now), StatusSays(kBad, "signatures[0]"));
  EXPECT_TRUE(house_.log.entries.empty());
  // The plan waits on.
  EXPECT_THAT(commit(house_.publisher), IsOk());
  EXPECT_EQ(house_.log.entries.size(), 2U);
}

}  // namespace
}  // namespace limpid::algoregister
