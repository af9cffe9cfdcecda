// A vault whose keys of values a key agent opens.

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/agent_world.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/keyagent/key_agent.h"
#include "vault/keys/dek_box.h"
#include "vault/portability/exporter.h"
#include "vault/portability/importer.h"
#include "vault/statistics/aggregator.h"
#include "vault/store/memory_store.h"
#include "vault/suites/suite_rotation.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

// Stands between vault and agent as the socket does.
class Line final : public DekAgent {
 public:
  [[nodiscard]] const crypto::X25519PublicKey& key() const override {
    return key_.PublicKey();
  }
  absl::StatusOr<std::vector<base::SecretBytes>> Open(
      const DekAuthority& authority,
      std::span<const base::ByteView> boxes) override {
    if (agent == nullptr) return absl::UnavailableError("cut");
    ++asked;
    if (meanwhile) meanwhile();
    return agent->Open(authority, boxes);
  }
  [[nodiscard]] crypto::X25519PrivateKey key_of_agent() const {
    return crypto::X25519PrivateKey::FromBytes(key_.Bytes()).value();
  }

  DekAgent* agent = nullptr;
  int asked = 0;
  // Runs before the agent answers.
  std::function<void()> meanwhile;

 private:
  crypto::X25519PrivateKey key_ = crypto::X25519PrivateKey::Generate();
};

class VaultWithAgentTest : public ::testing::Test {
 protected:
  VaultWithAgentTest() {
    KeyAgentOptions options = tokens_.Options();
    options.permit_key = world_.gate.key();
    agent_.emplace(std::move(options), line_.key_of_agent(), world_.clock,
                   nullptr);
    line_.agent = &*agent_;
    world_.clock.Advance(absl::Seconds(5));
    world_.gate.Grant(kBirth);
    anna_ = world_.anna;
    world_.Put(anna_, kBirth, "\"1990-02-28\"");
  }

  // Her, as she calls now.
  PersonCaller Calling(const std::string& method = kGetMethod) {
    PersonCaller out = anna_;
    out.proof = std::make_shared<const PersonProof>(
        tokens_.ProofOf(anna_.holder, method));
    return out;
  }
  AttributeRow Row(std::string_view attribute = kBirth) {
    const Blinder& blinder = world_.core->blinder();
    return *world_.store
                ->Find(blinder.OwnerOf(anna_.holder),
                       blinder.NameKeyOf(anna_.holder, attribute), 1)
                .value();
  }

  Line line_;
  VaultWorld world_{line_};
  AgentWorld tokens_{world_.clock};
  std::optional<KeyAgent> agent_;
  PersonCaller anna_;
};

TEST_F(VaultWithAgentTest, ReleasesWhatAPermitNames) {
  auto answer = world_.Read({kBirth});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->lines[0].value_json, "\"1990-02-28\"");
  EXPECT_EQ(line_.asked, 1);
}

TEST_F(VaultWithAgentTest, TheKeysOfTheVaultOpenNoValue) {
  AttributeRow row = Row();
  const auto key = world_.core->KeyOf(row);
  ASSERT_THAT(key, IsOk());
  const auto wrapped = world_.core->codec().OpenWrap(**key, row, kBirth);
  ASSERT_THAT(wrapped, IsOk());
  EXPECT_TRUE(RecordCodec::IsBoxed(*wrapped));
  EXPECT_THAT(world_.core->codec().OpenValue(**key, row, kBirth),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(world_.core->OpenValue(**key, row, kBirth, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  // What is inside says whose it is.
  const auto boxed = OpenDekBox(line_.key_of_agent(),
                                wrapped->Reveal(base::SecretAccess::Get()));
  ASSERT_THAT(boxed, IsOk());
  EXPECT_EQ(boxed->vault, ExampleIdentity());
  EXPECT_EQ(boxed->holder, anna_.holder);
  EXPECT_EQ(boxed->attribute, kBirth);
  EXPECT_EQ(boxed->version, 1);
  EXPECT_EQ(boxed->row, row.id);
}

TEST_F(VaultWithAgentTest, APermitThatTheAgentRefusesReleasesNothing) {
  // The vault's own check would let it pass: it is broken into.
  world_.gate.Grant(kBirth);
  const SignedPermit foreign = tokens_.PermitFor(anna_.holder, {kBirth});
  AttributeRow row = Row();
  const auto key = world_.core->KeyOf(row);
  EXPECT_THAT(world_.core->OpenValue(**key, row, kBirth, &foreign),
              StatusIs(absl::StatusCode::kUnavailable));
}

// An agent that hangs must hold nobody else's writes.
TEST_F(VaultWithAgentTest, ARepeatedPutAsksTheAgentInNoTransaction) {
  NewValue value;
  value.attribute = kBirth;
  value.value_json = "\"1991-01-01\"";
  value.request_id = crypto::RandomArray<16>();
  const auto first = world_.person.Put(Calling(), value);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(line_.asked, 0);
  std::future<std::uint64_t> other;
  bool stored = false;
  line_.meanwhile = [&] {
    other = std::async(std::launch::async, [&] {
      return world_.Put(world_.bela, kBirth, "\"1992-01-01\"");
    });
    stored =
        other.wait_for(std::chrono::seconds(5)) == std::future_status::ready;
  };
  const auto again = world_.person.Put(Calling(), value);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->commitment, first->commitment);
  EXPECT_EQ(line_.asked, 1);
  EXPECT_TRUE(stored) << "the writer waited for the agent";
}

TEST_F(VaultWithAgentTest, WithoutAnAgentNothingIsRead) {
  line_.agent = nullptr;
  EXPECT_THAT(world_.Read({kBirth}), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(world_.fences.open_count(), 0) << "the permit was not closed";
  EXPECT_THAT(world_.person.Get(Calling(), kBirth, 0),
              StatusIs(absl::StatusCode::kUnavailable));
  // Storing needs no agent, nor does what is not a value.
  EXPECT_EQ(world_.Put(anna_, kBirth, "\"1991-01-01\""), 2);
  EXPECT_THAT(world_.person.List(anna_), IsOk());
  line_.agent = &*agent_;
  EXPECT_EQ(world_.Read({kBirth})->lines[0].value_json, "\"1991-01-01\"");
}

TEST_F(VaultWithAgentTest, APersonReadsHerOwn) {
  const auto own = world_.person.Get(Calling(), kBirth, 0);
  ASSERT_THAT(own, IsOk());
  EXPECT_EQ(own->value.value_json, "\"1990-02-28\"");
  // Whoever calls in her name without what she shows does not.
  EXPECT_THAT(world_.person.Get(anna_, kBirth, 0),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  PersonCaller other = world_.bela;
  other.proof =
      std::make_shared<const PersonProof>(tokens_.ProofOf(world_.bela.holder));
  other.holder = anna_.holder;
  EXPECT_THAT(world_.person.Get(other, kBirth, 0),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(VaultWithAgentTest, ARetriedPutComparesForHer) {
  NewValue value;
  value.attribute = kEmail;
  value.value_json = "\"anna@example.org\"";
  value.request_id = crypto::RandomArray<16>();
  const PersonCaller putting =
      Calling("/limpid.vault.v1.PersonVaultService/PutAttribute");
  ASSERT_THAT(world_.person.Put(putting, value), IsOk());
  EXPECT_THAT(world_.person.Put(putting, value), IsOk());
  value.value_json = "\"other@example.org\"";
  EXPECT_THAT(world_.person.Put(putting, value),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(line_.asked, 2);
}

TEST_F(VaultWithAgentTest, SheCarriesHerValuesAway) {
  SlotDesk slots(*world_.core);
  Exporter exporter(*world_.core, slots);
  Importer importer(*world_.core, slots);
  const auto page = exporter.Page(
      Calling("/limpid.vault.v1.PortabilityService/ExportVault"), {});
  ASSERT_THAT(page, IsOk());
  std::vector<ImportLine> lines;
  for (const std::string& line : page->lines) {
    if (line.find("1990-02-28") != std::string::npos) {
      lines.push_back({line, {}});
    }
  }
  ASSERT_EQ(lines.size(), 1);
  // What comes again is compared with what is there.
  const auto again = importer.Import(
      Calling("/limpid.vault.v1.PortabilityService/ImportLines"), {}, lines);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->results.front().outcome, ImportOutcome::kUnchanged);
  EXPECT_THAT(exporter.Page(anna_, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(VaultWithAgentTest, NoStatisticsAreMade) {
  const auto store = NewMemoryStatisticsStore(*world_.store);
  const auto aggregator = Aggregator::Open(*world_.core, world_.keks, *store,
                                           world_.gate, world_.gate.key(), {})
                              .value();
  std::optional<absl::Status> answer;
  aggregator->Answer({}, [&](const absl::StatusOr<StatisticAnswer>& came) {
    answer = came.status();
  });
  EXPECT_THAT(*answer, StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(VaultWithAgentTest, RotationNeedsNoAgent) {
  world_.Put(anna_, kBirth, "\"1991-01-01\"");
  line_.agent = nullptr;
  ASSERT_THAT(world_.desk.EraseVersion(anna_, kBirth, 2), IsOk());
  line_.agent = &*agent_;
  EXPECT_GT(Row().generation, 1);
  EXPECT_EQ(world_.Read({kBirth})->lines[0].value_json, "\"1990-02-28\"");
}

TEST_F(VaultWithAgentTest, WhatWasStoredBeforeIsSealedToItWhenRewrapped) {
  AttributeRow row = Row();
  const auto key = world_.core->KeyOf(row);
  // As a vault without an agent stores it.
  const RecordCodec before(ExampleIdentity(), world_.core->keys().suite());
  Place place;
  place.owner = row.owner;
  place.attribute = kBirth;
  place.name_key = row.name_key;
  place.version = 7;
  place.schema_version = row.schema_version;
  StoredValue value;
  value.put_time = world_.clock.Now();
  value.value_json = "\"1980-01-01\"";
  const AttributeRow old = before.Seal(**key, place, value);
  // It is read without an agent until then.
  line_.agent = nullptr;
  EXPECT_EQ(world_.core->OpenValue(**key, old, kBirth, {})->value_json,
            value.value_json);
  const auto anew = world_.core->codec().Rewrap(**key, **key, old);
  ASSERT_THAT(anew, IsOk());
  EXPECT_EQ(anew->payload, old.payload);
  EXPECT_THAT(world_.core->OpenValue(**key, *anew, kBirth, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  line_.agent = &*agent_;
  const PersonProof proof = tokens_.ProofOf(anna_.holder);
  EXPECT_EQ(world_.core->OpenValue(**key, *anew, kBirth, &proof)->value_json,
            value.value_json);
}

// Sealed anew by a vault of `suite` that has the agent.
struct WithAgent {
  WithAgent(VaultWorld& world, DekAgent& agent, crypto::Suite suite)
      : core(VaultCore::Open({ExampleIdentity(), suite, 16},
                             {world.keks,
                              *world.keys,
                              *world.store,
                              world.clock,
                              crypto::SystemRandom(),
                              {},
                              &agent})
                 .value()),
        eraser(Eraser::Open(*core, world.tombstones, *world.copies,
                            {30, 7, 14, 30})
                   .value()),
        rotation(*core, *eraser,
                 [](const crypto::KeyId&) { ADD_FAILURE() << "damaged"; }) {}
  SuitePass Run() {
    return rotation.Run(0, [] { return false; }).value();
  }

  std::unique_ptr<VaultCore> core;
  std::unique_ptr<Eraser> eraser;
  SuiteRotation rotation;
};

TEST_F(VaultWithAgentTest, WhatTheAgentHasTheKeyOfKeepsItsSuite) {
  const AttributeRow before = Row();
  // It is not asked either.
  line_.agent = nullptr;
  const SuitePass pass =
      WithAgent(world_, line_, crypto::Suite::kAes256Gcm).Run();
  EXPECT_EQ(pass.with_agent, 1);
  EXPECT_EQ(pass.resealed + pass.current + pass.damaged, 0);
  EXPECT_EQ(Row(), before);
  line_.agent = &*agent_;
  EXPECT_EQ(world_.Read({kBirth})->lines[0].value_json, "\"1990-02-28\"");
}

TEST_F(VaultWithAgentTest, WhatWasStoredBeforeIsSealedToItWhenSealedAnew) {
  // A vault as it was before there was an agent.
  const auto before =
      VaultCore::Open({ExampleIdentity(), world_.core->keys().suite(), 16},
                      {world_.keks, *world_.keys, *world_.store, world_.clock})
          .value();
  NewValue value;
  value.attribute = kEmail;
  value.value_json = "\"anna@example.org\"";
  value.request_id = crypto::RandomArray<16>();
  ASSERT_THAT(PersonVault(*before, world_.publisher).Put(anna_, value), IsOk());
  // Until then it opens without the agent.
  line_.agent = nullptr;
  EXPECT_THAT(world_.person.Get(anna_, kEmail, 0), IsOk());
  for (const crypto::Suite suite :
       {world_.core->keys().suite(), crypto::Suite::kAes256Gcm}) {
    const bool first = suite == world_.core->keys().suite();
    const SuitePass pass = WithAgent(world_, line_, suite).Run();
    // In the same suite what is with the agent is as a put writes it.
    EXPECT_EQ(pass.resealed, first ? 1 : 0);
    EXPECT_EQ(pass.current, first ? 1 : 0);
    EXPECT_EQ(pass.with_agent, first ? 0 : 2);
  }
  AttributeRow row = Row(kEmail);
  const auto key = world_.core->KeyOf(row);
  ASSERT_THAT(key, IsOk());
  EXPECT_THAT(world_.core->OpenValue(**key, row, kEmail, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(world_.person.Get(anna_, kEmail, 0),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  line_.agent = &*agent_;
  const auto own = world_.person.Get(Calling(), kEmail, 0);
  ASSERT_THAT(own, IsOk());
  EXPECT_EQ(own->value.value_json, value.value_json);
  EXPECT_THAT(world_.person.Prove(anna_, kEmail, 1, ActKind::kReseal).status(),
              IsOk());
}

}  // namespace
}  // namespace limpid::vault
