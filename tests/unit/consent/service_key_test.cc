// Keys of services: two administrators and a day to begin, one and no time to
// end, in the register log once each, whatever dies in between.

#include "common/receipt/service_key.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/crypto/ed25519.h"
#include "consent/service_key/key_desk.h"
#include "gtest/gtest.h"
#include "tests/testing/service_key_chain.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::SeededKey;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using receipt::ServiceKeyKind;
using receipt::ServiceKeys;
using testing::World;

constexpr auto kBad = absl::StatusCode::kInvalidArgument;
const AdministratorKey kFirst{1, 1};
const AdministratorKey kSecond{2, 2};
using Edit = std::function<void(ServiceLimits&)>;

ServicePublicKey Proven(const ServiceId& service, ServiceKeyKind kind,
                        const receipt::ServiceKeyBytes& key,
                        const crypto::Ed25519PrivateKey& prover) {
  return {kind, key, prover.PublicKey(),
          receipt::ProveServiceKey(service.bytes(), kind, key, prover)};
}

class ServiceKeyWalk : public ::testing::Test {
 protected:
  const ServiceId& id() { return world_.service()->id; }
  ServicePublicKey Signing(std::uint8_t seed) {
    const auto key = SeededKey(seed);
    return Proven(id(), ServiceKeyKind::kSigning, key.PublicKey().bytes, key);
  }
  ServicePublicKey Encryption(std::uint8_t fill, std::uint8_t prover) {
    receipt::ServiceKeyBytes key{};
    key.fill(fill);
    return Proven(id(), ServiceKeyKind::kEncryption, key, SeededKey(prover));
  }
  Service Now() {
    for (const ServicePointer& service : world_.consent().ListServices()) {
      if (service->id == id()) return *service;
    }
    return {};
  }
  absl::StatusOr<ServiceChange> Propose(const Edit& edit) {
    ProposedChange wanted;
    wanted.administrator = kFirst;
    wanted.service = id();
    wanted.after = LimitsOf(Now());
    edit(wanted.after);
    wanted.reason = "A new key";
    return world_.consent().ProposeServiceChange({next_request_++}, wanted);
  }
  // In effect: approved, and a day later.
  void Change(const Edit& edit) {
    const auto change = Propose(edit);
    ASSERT_THAT(change, IsOk());
    if (change->state == ServiceChangeState::kInEffect) return;
    ASSERT_THAT(world_.consent().ApproveServiceChange(kSecond, change->id),
                IsOk());
    world_.clock().Advance(kServiceChangeDelay);
    ASSERT_THAT(world_.consent().RunServiceChanges(), IsOk());
  }
  void AddBoth() {
    Change([this](ServiceLimits& limits) {
      // In the wrong order: the chain needs the prover first.
      limits.public_keys = {Encryption(9, 7), Signing(7)};
    });
  }
  void Send() {
    ASSERT_THAT(ServiceKeyDesk(world_.consent()).RunDue(), IsOk());
  }
  ServiceKeysView View() {
    return ServiceKeyDesk(world_.consent()).Get(id()).value();
  }
  // What a device reads that trusts the operator's evidence key.
  ServiceKeys Published() {
    return ServiceKeys::Follow(id().bytes(), world_.consent().evidence_key(),
                               world_.keys().Chain(id()))
        .value();
  }
  absl::Status Usable(const ServicePublicKey& key) {
    return Published().CheckUsable(key.kind, key.key, world_.clock().Now());
  }

  // What a copy of the store has of services.
  std::vector<PublicRow> ServiceRows() {
    std::vector<PublicRow> out;
    for (const PublicKind kind :
         {PublicKind::kService, PublicKind::kServiceKeys}) {
      const std::vector<PublicRow> rows =
          stores_.ledger().ListPublic(kind).value();
      out.insert(out.end(), rows.begin(), rows.end());
    }
    return out;
  }
  void PutBack(const std::vector<PublicRow>& rows) {
    world_.Stop();
    LedgerCommit commit;
    commit.head = stores_.ledger().TakeEpoch().value();
    commit.public_puts = rows;
    ASSERT_THAT(stores_.ledger().Commit(commit), IsOk());
    world_.Restart();
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  std::uint8_t next_request_ = 1;
};

TEST_F(ServiceKeyWalk, ACertificateIsPublishedFromTheRegistrationOn) {
  EXPECT_TRUE(View().chain.waits());
  Send();
  EXPECT_FALSE(View().chain.waits());
  ASSERT_EQ(Published().keys().size(), 1U);
  EXPECT_EQ(Published().keys()[0].kind, ServiceKeyKind::kCertificate);
  EXPECT_EQ(Published().keys()[0].bytes, base::Digest32{1});
  const std::size_t calls = world_.keys().attempt_count();
  Send();
  EXPECT_EQ(world_.keys().attempt_count(), calls);
}

TEST_F(ServiceKeyWalk, KeysBeginWithTwoAdministratorsAndADay) {
  const auto change = Propose(
      [this](ServiceLimits& limits) { limits.public_keys = {Signing(7)}; });
  ASSERT_THAT(change, IsOk());
  EXPECT_EQ(change->state, ServiceChangeState::kProposed);
  ASSERT_THAT(world_.consent().ApproveServiceChange(kSecond, change->id),
              IsOk());
  Send();
  EXPECT_EQ(world_.keys().Chain(id()).size(), 1U);
  world_.clock().Advance(kServiceChangeDelay);
  ASSERT_THAT(world_.consent().RunServiceChanges(), IsOk());
  Send();
  EXPECT_THAT(Usable(Signing(7)), IsOk());
  EXPECT_EQ(Now().public_keys, std::vector{Signing(7)});
}

TEST_F(ServiceKeyWalk, BothKindsAreInForceOnceLogged) {
  AddBoth();
  Send();
  ASSERT_EQ(world_.keys().Chain(id()).size(), 3U);
  EXPECT_THAT(Usable(Signing(7)), IsOk());
  EXPECT_THAT(Usable(Encryption(9, 7)), IsOk());
}

TEST_F(ServiceKeyWalk, RemovalCountsAtOnceWithTheRegisterAway) {
  AddBoth();
  Send();
  world_.keys().BeAway(true);
  const auto removed =
      Propose([](ServiceLimits& limits) { limits.public_keys.clear(); });
  ASSERT_THAT(removed, IsOk());
  EXPECT_EQ(removed->state, ServiceChangeState::kInEffect);
  EXPECT_TRUE(Now().public_keys.empty());
  Send();
  EXPECT_EQ(View().chain.logged_count, 3U);
  EXPECT_EQ(View().trouble->code, absl::StatusCode::kUnavailable);
  world_.keys().BeAway(false);
  world_.clock().Advance(kLongestKeyWait);
  Send();
  EXPECT_FALSE(View().trouble);
  constexpr auto kNot = absl::StatusCode::kFailedPrecondition;
  EXPECT_THAT(Usable(Signing(7)), StatusIs(kNot));
  EXPECT_THAT(Usable(Encryption(9, 7)), StatusIs(kNot));
}

TEST_F(ServiceKeyWalk, AKeyThatWasRemovedNeverComesBack) {
  AddBoth();
  Change([](ServiceLimits& limits) { limits.public_keys.clear(); });
  EXPECT_THAT(Propose([this](ServiceLimits& limits) {
                limits.public_keys = {Signing(7)};
              }),
              StatusSays(kBad, "never comes back"));
  Change([](ServiceLimits& limits) { limits.keys = {base::Digest32{9}}; });
  EXPECT_THAT(Propose([](ServiceLimits& limits) {
                limits.keys.push_back(base::Digest32{1});
              }),
              StatusSays(kBad, "spki_thumbprints[1]"));
}

TEST_F(ServiceKeyWalk, AProofOfAnotherServiceKeyOrKindIsRefused) {
  const auto propose = [this](std::vector<ServicePublicKey> keys) {
    return Propose([&](ServiceLimits& limits) { limits.public_keys = keys; });
  };
  ServicePublicKey elsewhere = Signing(7);
  elsewhere.proof = Proven(testing::IdOf<ServiceId>(4), elsewhere.kind,
                           elsewhere.key, SeededKey(7))
                        .proof;
  ServicePublicKey as_encryption = Signing(7);
  as_encryption.kind = ServiceKeyKind::kEncryption;
  ServicePublicKey certificate = Signing(7);
  certificate.kind = ServiceKeyKind::kCertificate;
  ServicePublicKey by_another = Signing(7);
  by_another.key = SeededKey(8).PublicKey().bytes;
  ServicePublicKey open = Encryption(9, 7);
  open.key = {1};
  open.proof = Proven(id(), open.kind, open.key, SeededKey(7)).proof;
  EXPECT_THAT(propose({elsewhere}), StatusIs(kBad));
  EXPECT_THAT(propose({Signing(7), as_encryption}), StatusIs(kBad));
  EXPECT_THAT(propose({certificate}), StatusIs(kBad));
  EXPECT_THAT(propose({Signing(7), by_another}), StatusIs(kBad));
  EXPECT_THAT(propose({Encryption(9, 7)}), StatusSays(kBad, "prover"));
  EXPECT_THAT(propose({Signing(7), open}), StatusSays(kBad, "anybody"));
  EXPECT_THAT(propose({Signing(7), Signing(7)}), StatusSays(kBad, "twice"));
  std::vector<ServicePublicKey> many;
  for (std::uint8_t i = 1; i <= 9; ++i) many.push_back(Signing(i));
  EXPECT_THAT(propose(many), StatusSays(kBad, "more than 8"));
  many.pop_back();
  EXPECT_THAT(propose(many), IsOk());
}

TEST_F(ServiceKeyWalk, AClientThatKnowsNoKeysRemovesNone) {
  AddBoth();
  ProposedChange wanted;
  wanted.administrator = kFirst;
  wanted.service = id();
  wanted.after = LimitsOf(Now());
  wanted.after.public_keys.clear();
  wanted.after.attributes.erase("person.email");
  wanted.keep_public_keys = true;
  wanted.reason = "Not needed";
  ASSERT_THAT(world_.consent().ProposeServiceChange({9}, wanted), IsOk());
  EXPECT_THAT(world_.consent().ProposeServiceChange({9}, wanted), IsOk());
  EXPECT_EQ(Now().public_keys.size(), 2U);
  EXPECT_FALSE(Now().MayAskFor("person.email"));
}

// Between outbox and log, between log and mark: nothing lost, nothing twice.
TEST_F(ServiceKeyWalk, RestartsLoseNothingAndSendNothingTwice) {
  world_.keys().BeAway(true);
  AddBoth();
  Send();
  world_.Restart();
  EXPECT_EQ(View().chain.entries.size(), 3U);
  world_.keys().BeAway(false);
  world_.keys().LoseAnswers(true);
  Send();
  EXPECT_EQ(world_.keys().Chain(id()).size(), 1U);
  EXPECT_EQ(View().chain.logged_count, 0U);
  world_.keys().LoseAnswers(false);
  world_.Restart();
  Send();
  EXPECT_FALSE(View().chain.waits());
  EXPECT_EQ(world_.keys().Chain(id()), View().chain.entries);
  EXPECT_THAT(Usable(Encryption(9, 7)), IsOk());
  world_.Restart();
  Send();
  EXPECT_EQ(world_.keys().Chain(id()).size(), 3U);
  EXPECT_EQ(Now().public_keys.size(), 2U);
}

TEST_F(ServiceKeyWalk, TriesAgainLaterAndLater) {
  world_.keys().BeAway(true);
  Send();
  Send();
  EXPECT_EQ(world_.keys().attempt_count(), 1U);
  world_.clock().Advance(absl::Seconds(1));
  Send();
  EXPECT_EQ(world_.keys().attempt_count(), 2U);
  world_.clock().Advance(absl::Seconds(1));
  Send();
  EXPECT_EQ(world_.keys().attempt_count(), 2U);
  EXPECT_EQ(View().trouble->count, 2U);
}

TEST_F(ServiceKeyWalk, ARefusalIsShownAndNotSpunOn) {
  world_.keys().Refuse(true);
  Send();
  const std::size_t calls = world_.keys().attempt_count();
  Send();
  EXPECT_EQ(world_.keys().attempt_count(), calls);
  EXPECT_EQ(View().trouble->code, absl::StatusCode::kFailedPrecondition);
}

// A copy of yesterday's store: what the log says was removed stays removed, and
// the chain goes on behind what everybody has seen.
TEST_F(ServiceKeyWalk, AnOlderStoreBringsNoRemovedKeyBack) {
  AddBoth();
  Change([](ServiceLimits& limits) { limits.keys.push_back({9}); });
  Send();
  const std::vector<PublicRow> yesterday = ServiceRows();
  Change([](ServiceLimits& limits) { limits.public_keys.clear(); });
  Change([](ServiceLimits& limits) { limits.keys = {base::Digest32{9}}; });
  Send();
  const auto seen = world_.keys().Chain(id());
  ASSERT_EQ(seen.size(), 7U);
  PutBack(yesterday);
  EXPECT_EQ(Now().public_keys.size(), 2U);
  Send();
  EXPECT_TRUE(Now().public_keys.empty());
  EXPECT_EQ(Now().keys, std::vector{base::Digest32{9}});
  EXPECT_THAT(world_.consent().ServiceOf(base::Digest32{1}),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(world_.keys().Chain(id()), seen);
  Change([](ServiceLimits& limits) { limits.keys.push_back({5}); });
  Send();
  EXPECT_FALSE(View().chain.waits());
  const auto after = world_.keys().Chain(id());
  ASSERT_EQ(after.size(), 8U);
  EXPECT_TRUE(std::equal(seen.begin(), seen.end(), after.begin()));
  EXPECT_THAT(Usable(Signing(7)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  world_.Restart();
  EXPECT_TRUE(Now().public_keys.empty());
}

// The older store has signed for a place that is taken, before it noticed.
TEST_F(ServiceKeyWalk, AForkThatWasNeverLoggedIsDropped) {
  Send();
  const std::vector<PublicRow> yesterday = ServiceRows();
  Change([](ServiceLimits& limits) { limits.keys.push_back({9}); });
  Send();
  const auto seen = world_.keys().Chain(id());
  world_.keys().BeAway(true);
  PutBack(yesterday);
  Change([](ServiceLimits& limits) { limits.keys.push_back({5}); });
  Send();
  EXPECT_TRUE(View().chain.waits());
  world_.keys().BeAway(false);
  world_.clock().Advance(kLongestKeyWait);
  Send();
  EXPECT_FALSE(View().chain.waits());
  const auto after = world_.keys().Chain(id());
  // 9 began after the copy was made: it ends, for its service has it no more.
  ASSERT_EQ(after.size(), seen.size() + 2);
  EXPECT_TRUE(std::equal(seen.begin(), seen.end(), after.begin()));
  EXPECT_EQ(Now().keys, (std::vector{base::Digest32{1}, base::Digest32{5}}));
  EXPECT_EQ(Published().keys().size(), 3U);
}

TEST_F(ServiceKeyWalk, OfAnUnknownServiceThereIsNothing) {
  EXPECT_THAT(ServiceKeyDesk(world_.consent()).Get(testing::IdOf<ServiceId>(4)),
              StatusIs(absl::StatusCode::kNotFound));
}

// Rows of an earlier version have no chain.
TEST_F(ServiceKeyWalk, AServiceOfBeforeIsSignedAtTheNextStart) {
  Service older = testing::CareService();
  older.keys = {base::Digest32{6}};
  PutBack({RowOf(older)});
  Send();
  const auto chain = world_.keys().Chain(older.id);
  ASSERT_EQ(chain.size(), 1U);
  EXPECT_EQ(receipt::ParseServiceKeyEntry(chain[0])->key, base::Digest32{6});
}

// docs/formats/service-key-chain.md
TEST(ServiceKeyChain, GivesTheWorkedExampleOfTheFormatPage) {
  const std::string page = limpid::testing::ReadFile(
      std::filesystem::path(LIMPID_FORMATS) / "service-key-chain.md");
  ServiceKeyChain chain;
  chain.service = testing::IdOf<ServiceId>(3);
  limpid::testing::ServiceKeyChainOf entries(chain.service.bytes(),
                                             SeededKey(1));
  chain.entries = {entries.Sign(SeededKey(7))};
  chain.logged_count = 1;
  const base::Bytes bytes = chain.Encode();
  constexpr std::size_t kHead = 1 + 26 + 16 + 4 + 4;
  ASSERT_EQ(bytes.size(), kHead + receipt::kServiceKeyEntryBytes);
  const std::string line =
      base::HexEncode(base::ByteView(bytes).first(kHead)) + "\n";
  EXPECT_NE(page.find(line), std::string::npos) << line;
  EXPECT_TRUE(
      std::equal(bytes.begin() + kHead, bytes.end(), chain.entries[0].begin()));
}

TEST(ServiceKeyChain, ReadsBackWhatItStoredAndNothingElse) {
  ServiceKeyChain chain;
  chain.service = testing::IdOf<ServiceId>(3);
  Service service = testing::CareService();
  const auto next = Continued(chain, service, testing::kStart, SeededKey(0xe1));
  ASSERT_THAT(next, IsOk());
  const base::Bytes bytes = next->Encode();
  const auto back = ServiceKeyChain::Decode(bytes);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->entries, next->entries);
  EXPECT_EQ(back->logged_count, 0U);
  constexpr auto kLoss = absl::StatusCode::kDataLoss;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(ServiceKeyChain::Decode(base::ByteView(bytes).first(size)),
                StatusIs(kLoss));
  }
  // More logged than there is.
  base::Bytes more = bytes;
  more[1 + 26 + 16 + 3] = 2;
  EXPECT_THAT(ServiceKeyChain::Decode(more), StatusIs(kLoss));
}

}  // namespace
}  // namespace limpid::consent
