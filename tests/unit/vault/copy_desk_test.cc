// Grant copies in the vault: what is taken, to whom it is given, and that it is
// dead once the outer key is gone.

#include "vault/custody/copy_desk.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/sealed_fixture.h"
#include "vault/store/memory_store.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

constexpr char kBirth[] = "person.birth_date";
constexpr char kEmail[] = "person.email";
constexpr char kBirthValue[] = "\"1990-02-28\"";

class CopyDeskTest : public SealedTest {
 protected:
  void SetUp() override {
    AddSlot();
    PutSealed(kBirth, 1, kBirthValue);
    world_.gate.Grant(kBirth);
  }

  receipt::GrantCopyTerms Terms(std::uint64_t version = 1) const {
    receipt::GrantCopyTerms terms;
    terms.source = ExampleIdentity().source.bytes();
    terms.service = Counting<16>(0xb0);
    terms.service_key = service_.PublicKey();
    terms.record = base::ParseIdText("rec", world_.gate.record_text).value();
    terms.revision = 1;
    terms.attribute = kBirth;
    terms.schema_version = 1;
    terms.version = version;
    terms.made = world_.clock.Now();
    terms.not_after = world_.clock.Now() + absl::Hours(24);
    terms.id = crypto::RandomArray<16>();
    terms.grant_key = grant_key_.PublicKey();
    return terms;
  }
  base::Bytes Copy(const receipt::GrantCopyTerms& terms) const {
    return receipt::MakeGrantCopy(terms, {kBirthValue, world_.clock.Now()}, 0,
                                  grant_key_)
        ->Encode();
  }
  absl::Status Put(const receipt::GrantCopyTerms& terms) {
    return desk_.Put(world_.anna, Copy(terms));
  }
  void ExpectRefused(absl::StatusCode code,
                     const std::function<void(receipt::GrantCopyTerms&)>& by) {
    receipt::GrantCopyTerms terms = Terms();
    by(terms);
    EXPECT_THAT(Put(terms), StatusIs(code));
    EXPECT_EQ(ReasonOf(), ReadReason::kSealed);
  }
  // Reads as the service.
  ReadLine Line(const std::string& attribute = kBirth) {
    std::optional<absl::StatusOr<ReadAnswer>> out;
    mediator_.Read(world_.Request({attribute}),
                   [&](absl::StatusOr<ReadAnswer> answer) {
                     out.emplace(std::move(answer));
                   });
    EXPECT_THAT(*out, IsOk());
    if (!(*out).ok()) return {};
    EXPECT_TRUE((*out)->lines.front().value_json.empty());
    return (*out)->lines.front();
  }
  ReadReason ReasonOf(const std::string& attribute = kBirth) {
    return Line(attribute).reason;
  }
  CopyUsage Stored() const {
    return *world_.copies->UsageOf(
        world_.core->blinder().OwnerOf(world_.anna.holder));
  }
  absl::Status Forget() {
    return desk_.Forget(world_.anna, Terms().record).status();
  }

  CopyDesk desk_{*world_.core, *world_.copies};
  Reader reader_{*world_.core, world_.gate.key(), &desk_};
  Mediator mediator_{*world_.core, world_.gate, reader_};
  crypto::X25519PrivateKey service_ = crypto::X25519PrivateKey::Generate();
  crypto::Ed25519PrivateKey grant_key_ = crypto::Ed25519PrivateKey::Generate();
};

TEST_F(CopyDeskTest, APermitGivesTheCopyThatTheServiceOpens) {
  EXPECT_EQ(ReasonOf(), ReadReason::kSealed);
  const receipt::GrantCopyTerms terms = Terms();
  ASSERT_THAT(Put(terms), IsOk());
  const ReadLine line = Line();
  EXPECT_EQ(line.reason, ReadReason::kReleased);
  EXPECT_EQ(line.form, receipt::Form::kFull);
  EXPECT_EQ(line.version, 1);
  const auto copy = receipt::GrantCopy::Decode(line.sealed_copy);
  ASSERT_THAT(copy, IsOk());
  EXPECT_EQ(copy->terms, terms);
  EXPECT_EQ(receipt::OpenGrantCopy(*copy, service_)->value_json, kBirthValue);
  EXPECT_EQ(base::ToText(line.sealed_copy)
                .find(base::ToText(world_.anna.holder.bytes())),
            std::string::npos);
  EXPECT_EQ(world_.fences.open_count(), 0);
}

TEST_F(CopyDeskTest, WithoutAPermitNothingIsGiven) {
  ASSERT_THAT(Put(Terms()), IsOk());
  world_.gate.lines.clear();
  EXPECT_EQ(ReasonOf(), ReadReason::kNoConsent);
  EXPECT_TRUE(Line().sealed_copy.empty());
}

TEST_F(CopyDeskTest, OnlyTheFormThatWasCopiedIsGiven) {
  ASSERT_THAT(Put(Terms()), IsOk());
  world_.gate.lines[kBirth].form = receipt::Form::kPseudonymous;
  EXPECT_EQ(ReasonOf(), ReadReason::kSealed);
  world_.gate.GrantOver(kBirth, 18);
  EXPECT_EQ(ReasonOf(), ReadReason::kSealed);
  world_.gate.Grant(kBirth);
  EXPECT_EQ(ReasonOf(), ReadReason::kReleased);
}

TEST_F(CopyDeskTest, ACopyIsOfOneRecord) {
  receipt::GrantCopyTerms terms = Terms();
  terms.record = Counting<16>(0x66);
  ASSERT_THAT(Put(terms), IsOk());
  EXPECT_EQ(ReasonOf(), ReadReason::kSealed);
}

TEST_F(CopyDeskTest, ANewerVersionNeedsANewCopy) {
  ASSERT_THAT(Put(Terms()), IsOk());
  PutSealed(kBirth, 2, "\"1990-02-27\"");
  EXPECT_EQ(ReasonOf(), ReadReason::kSealed);
  EXPECT_THAT(Put(Terms(1)), StatusIs(absl::StatusCode::kAborted));
  ASSERT_THAT(Put(Terms(2)), IsOk());
  EXPECT_EQ(Line().version, 2);
  // Erased: the older version is the newest again, and has no copy.
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, kBirth, 2), IsOk());
  EXPECT_EQ(ReasonOf(), ReadReason::kSealed);
  const Owner owner = world_.core->blinder().OwnerOf(world_.anna.holder);
  EXPECT_EQ(
      world_.copies
          ->Find(owner,
                 world_.core->blinder().RecordKeyOf(world_.anna.holder,
                                                    Terms().record),
                 world_.core->blinder().NameKeyOf(world_.anna.holder, kBirth))
          .value(),
      std::nullopt)
      << "what was erased stayed as a copy";
}

TEST_F(CopyDeskTest, ItEndsWithItsTime) {
  ASSERT_THAT(Put(Terms()), IsOk());
  world_.clock.Advance(absl::Hours(24) - absl::Milliseconds(1));
  EXPECT_EQ(ReasonOf(), ReadReason::kReleased);
  world_.clock.Advance(absl::Milliseconds(1));
  EXPECT_EQ(ReasonOf(), ReadReason::kSealed);
}

TEST_F(CopyDeskTest, OnceForgottenItIsDeadInOlderCopiesOfTheStoreToo) {
  ASSERT_THAT(Put(Terms()), IsOk());
  const Owner owner = world_.core->blinder().OwnerOf(world_.anna.holder);
  const RecordKey record =
      world_.core->blinder().RecordKeyOf(world_.anna.holder, Terms().record);
  const NameKey name =
      world_.core->blinder().NameKeyOf(world_.anna.holder, kBirth);
  const CopyRow backup = *world_.copies->Find(owner, record, name).value();
  EXPECT_EQ(desk_.Forget(world_.anna, Terms().record).value(), 1);
  EXPECT_EQ(ReasonOf(), ReadReason::kSealed);
  // The row from a backup of the data store is put back: its key is gone.
  ASSERT_THAT(world_.copies->Put(backup, 9), IsOk());
  EXPECT_EQ(ReasonOf(), ReadReason::kSealed);
  // A copy of something else brings another key, and takes away what opens no
  // more: it would make every read of the record fail.
  PutSealed(kEmail, 1, "\"anna@example.org\"");
  world_.gate.Grant(kEmail);
  receipt::GrantCopyTerms email = Terms();
  email.attribute = kEmail;
  ASSERT_THAT(Put(email), IsOk());
  EXPECT_EQ(ReasonOf(), ReadReason::kSealed);
  EXPECT_EQ(ReasonOf(kEmail), ReadReason::kReleased);
  // Put back beside the newer key, it does not open.
  ASSERT_THAT(Put(Terms()), IsOk());
  EXPECT_EQ(ReasonOf(), ReadReason::kReleased);
  ASSERT_THAT(world_.copies->Put(backup, 9), IsOk());
  std::optional<absl::StatusCode> code;
  mediator_.Read(world_.Request({kBirth}),
                 [&](const absl::StatusOr<ReadAnswer>& answer) {
                   code = answer.status().code();
                 });
  EXPECT_EQ(code, absl::StatusCode::kDataLoss);
  EXPECT_THAT(Forget(), IsOk());
  EXPECT_EQ(desk_.Forget(world_.anna, Terms().record).value(), 0);
}

TEST_F(CopyDeskTest, NobodyForgetsForAnother) {
  ASSERT_THAT(Put(Terms()), IsOk());
  EXPECT_EQ(desk_.Forget(world_.bela, Terms().record).value(), 0);
  EXPECT_EQ(ReasonOf(), ReadReason::kReleased);
}

TEST_F(CopyDeskTest, TakesOnlyWhatIsACopyForThisVaultNow) {
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  using Terms_ = receipt::GrantCopyTerms;
  ExpectRefused(kInvalid, [](Terms_& terms) { terms.source[0] ^= 1; });
  ExpectRefused(kInvalid, [](Terms_& terms) {
    terms.made += CopyDesk::kMaxSkew + absl::Milliseconds(1);
  });
  ExpectRefused(kInvalid, [](Terms_& terms) {
    terms.made -= CopyDesk::kMaxSkew + absl::Milliseconds(1);
  });
  ExpectRefused(kInvalid, [&](Terms_& terms) {
    terms.made -= absl::Seconds(1);
    terms.not_after = world_.clock.Now();
  });
  ExpectRefused(absl::StatusCode::kAborted,
                [](Terms_& terms) { terms.version = 2; });
  ExpectRefused(absl::StatusCode::kAborted,
                [](Terms_& terms) { terms.schema_version = 2; });
  ExpectRefused(absl::StatusCode::kFailedPrecondition,
                [](Terms_& terms) { terms.attribute = "person.language"; });
  const base::Bytes good = Copy(Terms());
  for (const std::size_t at : {std::size_t{10}, std::size_t{230},
                               good.size() - 300, good.size() - 1}) {
    base::Bytes changed = good;
    changed[at] ^= 1;
    EXPECT_FALSE(desk_.Put(world_.anna, changed).ok()) << at;
  }
  base::Bytes cut = good;
  cut.pop_back();
  EXPECT_THAT(desk_.Put(world_.anna, cut), StatusIs(kInvalid));
  EXPECT_THAT(desk_.Put(world_.anna, {}), StatusIs(kInvalid));
  EXPECT_EQ(ReasonOf(), ReadReason::kSealed);
  // Bela has no such sealed attribute.
  EXPECT_THAT(desk_.Put(world_.bela, good),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(desk_.Put(world_.anna, good), IsOk());
}

TEST_F(CopyDeskTest, OneTooManyLeavesNoKeyBehind) {
  const Owner owner = world_.core->blinder().OwnerOf(world_.anna.holder);
  for (std::size_t i = 0; i < CopyDesk::kMaxCopies; ++i) {
    CopyRow row;
    row.owner = owner;
    row.record_key[0] = static_cast<std::uint8_t>(i % 256);
    row.record_key[1] = static_cast<std::uint8_t>(i / 256);
    ASSERT_THAT(world_.copies->Put(row, CopyDesk::kMaxCopies), IsOk());
  }
  EXPECT_THAT(Put(Terms()), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(world_.keys
                ->FindCopyKey(owner, world_.core->blinder().RecordKeyOf(
                                         world_.anna.holder, Terms().record))
                .value(),
            std::nullopt);
}

// Copies that are over leave their keys, but not more of them for ever.
TEST_F(CopyDeskTest, KeysWithoutCopiesMakeRoomForOneThatIsNeeded) {
  const Owner owner = world_.core->blinder().OwnerOf(world_.anna.holder);
  CopyKeyRow key;
  key.owner = owner;
  for (std::size_t i = 0; i < CopyDesk::kMaxCopies; ++i) {
    key.record_key[0] = static_cast<std::uint8_t>(i % 256);
    key.record_key[1] = static_cast<std::uint8_t>(i / 256);
    ASSERT_THAT(world_.keys->InsertCopyKey(key), IsOk());
  }
  CopyRow used;
  used.owner = owner;
  used.record_key = key.record_key;
  ASSERT_THAT(world_.copies->Put(used, CopyDesk::kMaxCopies), IsOk());
  ASSERT_THAT(Put(Terms()), IsOk());
  const auto left = world_.keys->CopyKeyRecords(owner).value();
  EXPECT_EQ(left.size(), 2U);
  EXPECT_THAT(left, ::testing::Contains(used.record_key));
  EXPECT_EQ(ReasonOf(), ReadReason::kReleased);
}

TEST_F(CopyDeskTest, ADirectIdentifierHasNoPseudonymousCopy) {
  PutSealed(kEmail, 1, "\"anna@example.org\"");
  receipt::GrantCopyTerms terms = Terms();
  terms.attribute = kEmail;
  terms.form = receipt::Form::kPseudonymous;
  EXPECT_THAT(Put(terms), StatusIs(absl::StatusCode::kFailedPrecondition));
  terms.form = receipt::Form::kFull;
  EXPECT_THAT(Put(terms), IsOk());
  world_.gate.Grant(kEmail);
  EXPECT_EQ(ReasonOf(kEmail), ReadReason::kReleased);
  world_.gate.lines[kEmail].form = receipt::Form::kPseudonymous;
  EXPECT_EQ(ReasonOf(kEmail), ReadReason::kForm);
}

TEST_F(CopyDeskTest, ExchangedRowsAlarmInsteadOfAnswering) {
  PutSealed(kEmail, 1, "\"anna@example.org\"");
  receipt::GrantCopyTerms email = Terms();
  email.attribute = kEmail;
  ASSERT_THAT(Put(Terms()), IsOk());
  ASSERT_THAT(Put(email), IsOk());
  const Owner owner = world_.core->blinder().OwnerOf(world_.anna.holder);
  const auto& blinder = world_.core->blinder();
  const RecordKey record =
      blinder.RecordKeyOf(world_.anna.holder, Terms().record);
  const CopyRow good =
      *world_.copies
           ->Find(owner, record, blinder.NameKeyOf(world_.anna.holder, kBirth))
           .value();
  const CopyRow other =
      *world_.copies
           ->Find(owner, record, blinder.NameKeyOf(world_.anna.holder, kEmail))
           .value();
  const std::vector<std::function<void(CopyRow&)>> changes = {
      [&](CopyRow& row) { row.outer = other.outer; },
      [&](CopyRow& row) {
        row.outer = other.outer;
        row.copy_id = other.copy_id;
      },
      [](CopyRow& row) { row.copy_id[0] ^= 1; },
      [](CopyRow& row) { ++row.not_after_ms; },
      [](CopyRow& row) { row.outer.back() ^= 1; },
      [](CopyRow& row) { row.outer.clear(); },
  };
  for (const auto& change : changes) {
    CopyRow changed = good;
    change(changed);
    ASSERT_THAT(world_.copies->Put(changed, 9), IsOk());
    std::optional<absl::StatusCode> code;
    mediator_.Read(world_.Request({kBirth}),
                   [&](const absl::StatusOr<ReadAnswer>& answer) {
                     code = answer.status().code();
                   });
    EXPECT_EQ(code, absl::StatusCode::kDataLoss);
  }
}

TEST_F(CopyDeskTest, ADestroyedEpochKillsItsCopies) {
  ASSERT_THAT(Put(Terms()), IsOk());
  world_.keks.destroyed = 5;
  // A server that starts anew has no key of the epoch in memory.
  KeyTree tree({ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305, 0},
               world_.keks, *world_.keys);
  const Owner owner = world_.core->blinder().OwnerOf(world_.anna.holder);
  EXPECT_THAT(tree.FindCopyKey(owner,
                               world_.core->blinder().RecordKeyOf(
                                   world_.anna.holder, Terms().record),
                               world_.gate.record_text),
              StatusIs(absl::StatusCode::kNotFound));
}

// Copies that take their time: something happens before one is stored.
class LateCopies final : public CopyStore {
 public:
  explicit LateCopies(CopyStore& inner) : inner_(inner) {}

  absl::Status Put(const CopyRow& row, std::size_t max_copies) override {
    if (before_put) before_put();
    return inner_.Put(row, max_copies);
  }
  absl::StatusOr<std::optional<CopyRow>> Find(
      const Owner& owner, const RecordKey& record,
      const NameKey& name) const override {
    return inner_.Find(owner, record, name);
  }
  absl::StatusOr<std::vector<RecordKey>> Records(
      const Owner& owner) const override {
    return inner_.Records(owner);
  }
  absl::StatusOr<CopyUsage> UsageOf(const Owner& owner) const override {
    return inner_.UsageOf(owner);
  }
  absl::Status Delete(const CopyRow& row) override {
    return inner_.Delete(row);
  }
  absl::StatusOr<std::vector<Owner>> DeleteOver(std::int64_t now_ms) override {
    return inner_.DeleteOver(now_ms);
  }
  absl::StatusOr<std::int64_t> DeleteRecord(const Owner& owner,
                                            const RecordKey& record) override {
    return inner_.DeleteRecord(owner, record);
  }
  absl::StatusOr<std::int64_t> DeleteVersion(const Owner& owner,
                                             const NameKey& name,
                                             std::uint64_t version) override {
    return inner_.DeleteVersion(owner, name, version);
  }
  absl::StatusOr<std::int64_t> DeleteOwner(const Owner& owner) override {
    return inner_.DeleteOwner(owner);
  }

  std::function<void()> before_put;

 private:
  CopyStore& inner_;
};

TEST_F(CopyDeskTest, ACopyThatMeetsTheErasureOfItsValueDoesNotStay) {
  LateCopies late(*world_.copies);
  CopyDesk desk(*world_.core, late);
  late.before_put = [&] {
    ASSERT_THAT(world_.desk.EraseVersion(world_.anna, kBirth, 1), IsOk());
  };
  EXPECT_THAT(desk.Put(world_.anna, Copy(Terms())),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Stored().copies, 0);
}

// Under a key that is gone it would open for nobody, and be in the way of the
// other copies of a read.
TEST_F(CopyDeskTest, ACopyThatMeetsTheEndOfItsKeyDoesNotStay) {
  LateCopies late(*world_.copies);
  CopyDesk desk(*world_.core, late);
  late.before_put = [&] { ASSERT_THAT(Forget(), IsOk()); };
  EXPECT_THAT(desk.Put(world_.anna, Copy(Terms())),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(Stored().copies, 0);
  // The record has another key by then, and a copy of something else under it.
  PutSealed(kEmail, 1, "\"anna@example.org\"");
  world_.gate.Grant(kEmail);
  receipt::GrantCopyTerms email = Terms();
  email.attribute = kEmail;
  late.before_put = [&] {
    ASSERT_THAT(Forget(), IsOk());
    ASSERT_THAT(Put(email), IsOk());
  };
  EXPECT_THAT(desk.Put(world_.anna, Copy(Terms())),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(ReasonOf(kEmail), ReadReason::kReleased);
  EXPECT_EQ(ReasonOf(kBirth), ReadReason::kSealed);
}

TEST_F(CopyDeskTest, CopiesAreOfThePersonsBytes) {
  const Owner owner = world_.core->blinder().OwnerOf(world_.anna.holder);
  const std::uint64_t before = world_.store->UsageOf(owner)->bytes;
  ASSERT_THAT(Put(Terms()), IsOk());
  const std::uint64_t full = world_.store->UsageOf(owner)->bytes;
  ASSERT_EQ(full, before + Stored().bytes);
  // A server that starts over them, and lets her keep just that.
  const auto core =
      VaultCore::Open({ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305, 0},
                      {world_.keks, *world_.keys, *world_.store, world_.clock,
                       crypto::SystemRandom(), PersonLimits{.bytes = full}})
          .value();
  CopyDesk desk(*core, *world_.copies);
  SealedVault vault(*core);
  constexpr auto kFull = absl::StatusCode::kResourceExhausted;
  receipt::GrantCopyTerms other = Terms();
  other.record = Counting<16>(0x66);
  EXPECT_THAT(desk.Put(world_.anna, Copy(other)),
              testing::StatusSays(kFull, "vault.person_mib"));
  EXPECT_EQ(
      *world_.keys->FindCopyKey(owner, world_.core->blinder().RecordKeyOf(
                                           world_.anna.holder, other.record)),
      std::nullopt);
  EXPECT_THAT(vault.Put(world_.anna, Sealed(kBirth, 2, kBirthValue)),
              testing::StatusSays(kFull, "vault.person_mib"));
  // In the place of another there is room, and where one went.
  EXPECT_THAT(desk.Put(world_.anna, Copy(Terms())), IsOk());
  ASSERT_THAT(desk.Forget(world_.anna, Terms().record), IsOk());
  EXPECT_THAT(desk.Put(world_.anna, Copy(other)), IsOk());
  EXPECT_THAT(vault.Put(world_.anna, Sealed(kBirth, 2, kBirthValue)),
              StatusIs(kFull));
  // Those that are over go, and make room.
  world_.clock.Advance(absl::Hours(24) - absl::Milliseconds(1));
  EXPECT_EQ(*desk.Sweep(), 0U);
  EXPECT_EQ(Stored().copies, 1);
  world_.clock.Advance(absl::Milliseconds(1));
  EXPECT_EQ(*desk.Sweep(), 1U);
  EXPECT_EQ(Stored().copies, 0);
  EXPECT_THAT(vault.Put(world_.anna, Sealed(kBirth, 2, kBirthValue)), IsOk());
}

}  // namespace
}  // namespace limpid::vault
