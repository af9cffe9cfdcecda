// The mediated read, and what happens to permits that are abused.

#include "vault/reader/reader.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_world.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

class ReaderTest : public ::testing::Test {
 protected:
  ReaderTest() {
    world_.Put(world_.anna, "person.birth_date", "\"1990-02-28\"");
    world_.Put(world_.anna, "health.disability", "true");
    world_.Put(world_.anna, "person.email", "\"anna@example.org\"");
    world_.gate.Grant("health.disability");
    world_.gate.GrantOver("person.birth_date", 18);
  }

  void ExpectRefused(absl::StatusCode code) {
    EXPECT_THAT(world_.Read({"health.disability"}), StatusIs(code));
    EXPECT_EQ(world_.fences.open_count(), 0) << "the permit was not closed";
  }

  // What a permit changed before signing leads to.
  void ExpectMisfit(std::function<void(receipt::Permit&)> change) {
    world_.gate.change = std::move(change);
    ExpectRefused(absl::StatusCode::kDataLoss);
    world_.gate.change = nullptr;
  }

  VaultWorld world_;
};

TEST_F(ReaderTest, ReleasesExactlyWhatThePermitNames) {
  auto answer =
      world_.Read({"person.email", "person.birth_date", "health.disability"});
  ASSERT_THAT(answer, IsOk());
  ASSERT_EQ(answer->lines.size(), 3);
  EXPECT_EQ(answer->lines[0].reason, ReadReason::kNoConsent);
  EXPECT_TRUE(answer->lines[0].value_json.empty());
  EXPECT_EQ(answer->lines[1].reason, ReadReason::kReleased);
  EXPECT_EQ(answer->lines[1].form, receipt::Form::kDerived);
  EXPECT_EQ(answer->lines[1].derivation, "over_n/1");
  EXPECT_EQ(answer->lines[1].parameters, R"({"n":18})");
  EXPECT_EQ(answer->lines[1].value_json, "true");
  EXPECT_EQ(answer->lines[2].value_json, "true");
  EXPECT_EQ(answer->lines[2].version, 1);
  EXPECT_EQ(answer->pseudonym(), base::ToBytes(Counting<16>(0x50)));
  EXPECT_EQ(*answer->valid_until(), world_.clock.Now() + absl::Seconds(2));
  bool sent = false;
  EXPECT_TRUE(answer->HandOver([&] { sent = true; }));
  EXPECT_TRUE(sent);
  answer->Close(Closing::kSent);
  EXPECT_EQ(world_.fences.open_count(), 0);
}

TEST_F(ReaderTest, SaysWhatBecameOfTheAnswer) {
  auto whole = world_.Read({"health.disability", "person.birth_date"});
  ASSERT_THAT(whole, IsOk());
  EXPECT_EQ(whole->ClosingAfter(true, true), Closing::kSent);
  EXPECT_EQ(whole->ClosingAfter(true, false), Closing::kFailed);
  EXPECT_EQ(whole->ClosingAfter(false, true), Closing::kDropped);
  EXPECT_EQ(whole->ClosingAfter(false, false), Closing::kDropped);
  // What was refused is not missing.
  auto refused = world_.Read({"health.disability", "person.email"});
  EXPECT_EQ(refused->ClosingAfter(true, true), Closing::kSent);
  // What was permitted and is not there, is.
  world_.gate.Grant("person.name");
  auto part = world_.Read({"health.disability", "person.name"});
  EXPECT_EQ(part->ClosingAfter(true, true), Closing::kPartial);
  auto none = world_.Read({"person.name"});
  EXPECT_EQ(none->ClosingAfter(true, true), Closing::kDropped);
  EXPECT_EQ(none->ClosingAfter(true, false), Closing::kDropped);
}

TEST_F(ReaderTest, AnswersWithTheNewestKeptVersion) {
  world_.Put(world_.anna, "health.disability", "false");
  EXPECT_EQ(world_.Read({"health.disability"})->lines[0].value_json, "false");
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, "health.disability", 2),
              IsOk());
  EXPECT_EQ(world_.Read({"health.disability"})->lines[0].value_json, "true");
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, "health.disability", 1),
              IsOk());
  EXPECT_EQ(world_.Read({"health.disability"})->lines[0].reason,
            ReadReason::kNoValue);
}

TEST_F(ReaderTest, NothingPermittedNeedsNoPermit) {
  world_.gate.lines.clear();
  world_.gate.refusal = receipt::Reason::kPurpose;
  auto answer = world_.Read({"health.disability"});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->lines[0].reason, ReadReason::kPurpose);
  EXPECT_TRUE(answer->pseudonym().empty());
  EXPECT_FALSE(answer->valid_until().has_value());
  EXPECT_TRUE(answer->HandOver([] {}));
}

TEST_F(ReaderTest, APersonUnknownHereHasNoValues) {
  world_.gate.holder = HolderId::Random();
  EXPECT_EQ(world_.Read({"health.disability"})->lines[0].reason,
            ReadReason::kNoValue);
}

TEST_F(ReaderTest, FormsThatCannotBeMadeAreRefused) {
  const auto reason = [&](receipt::PermitLine line) {
    world_.gate.lines.clear();
    world_.gate.lines[line.attribute] = line;
    return world_.Read({line.attribute})->lines[0].reason;
  };
  using receipt::Form;
  EXPECT_EQ(
      reason({"person.birth_date", Form::kDerived, "over_n/2", R"({"n":18})"}),
      ReadReason::kForm);
  EXPECT_EQ(
      reason({"health.disability", Form::kDerived, "over_n/1", R"({"n":18})"}),
      ReadReason::kForm);
  EXPECT_EQ(
      reason({"person.birth_date", Form::kDerived, "over_n/1", R"({"n":0})"}),
      ReadReason::kForm);
  EXPECT_EQ(reason({"person.birth_date", Form::kDerived, "over_n/1", "{"}),
            ReadReason::kForm);
  EXPECT_EQ(reason({"person.email", Form::kPseudonymous, "", ""}),
            ReadReason::kForm);
  EXPECT_EQ(reason({"health.disability", Form::kPseudonymous, "", ""}),
            ReadReason::kReleased);
  EXPECT_EQ(reason({"health.disability", Form::kAggregate, "", ""}),
            ReadReason::kForm);
}

TEST_F(ReaderTest, PermitsOfAnotherRequestAreRefused) {
  using P = receipt::Permit;
  ExpectMisfit([](P& permit) { permit.source.front() ^= 1; });
  ExpectMisfit([](P& permit) { permit.service_key.front() ^= 1; });
  ExpectMisfit([](P& permit) { permit.request_hash.front() ^= 1; });
  ExpectMisfit([](P& permit) { permit.nonce.front() ^= 1; });
  ExpectMisfit([](P& permit) { permit.record.front() ^= 1; });
}

TEST_F(ReaderTest, WidenedLinesAreRefused) {
  using P = receipt::Permit;
  ExpectMisfit([](P& permit) {
    permit.lines.push_back({"person.email", receipt::Form::kFull, "", ""});
  });
  ExpectMisfit([](P& permit) { permit.lines.push_back(permit.lines[0]); });
  ExpectMisfit([](P& permit) { permit.lines[0].attribute = "person.email"; });
}

TEST_F(ReaderTest, APermitForAnotherHolderDoesNotVerifyOnceChanged) {
  world_.Put(world_.bela, "health.disability", "false");
  world_.gate.damage = [&](SignedPermit& permit) {
    auto facts = receipt::Permit::Decode(permit.item).value();
    facts.holder = world_.bela.holder.bytes();
    permit.item = facts.Encode();
  };
  ExpectRefused(absl::StatusCode::kDataLoss);
}

TEST_F(ReaderTest, EveryBitOfThePermitIsSigned) {
  const auto answer = world_.Read({"health.disability"});
  const std::size_t bytes =
      world_.gate.Draft(world_.gate.requests.back()).Encode().size();
  for (std::size_t bit = 0; bit < bytes * 8; ++bit) {
    world_.gate.damage = [bit](SignedPermit& permit) {
      permit.item[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    };
    EXPECT_THAT(world_.Read({"health.disability"}),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_F(ReaderTest, ForgedSignaturesPathsAndKindsAreRefused) {
  const std::vector<std::function<void(SignedPermit&)>> damages = {
      [](SignedPermit& permit) { permit.proof.signature.front() ^= 1; },
      [](SignedPermit& permit) { permit.proof.head.root.front() ^= 1; },
      [](SignedPermit& permit) { ++permit.proof.head.epoch; },
      [](SignedPermit& permit) { permit.proof.index ^= 1U; },
      [](SignedPermit& permit) { permit.proof.path.clear(); },
      [](SignedPermit& permit) {
        permit.proof.head.kind = receipt::BatchKind::kReceipts;
      },
      [](SignedPermit& permit) {
        const auto other = crypto::Ed25519PrivateKey::Generate();
        permit.proof =
            receipt::SignBatch(receipt::BatchKind::kPermits, 1,
                               absl::FromUnixSeconds(1),
                               std::vector<base::Bytes>{permit.item}, other)
                .front();
      },
      [&](SignedPermit& permit) {
        permit.proof.head.kind = receipt::BatchKind::kReceipts;
        permit.proof.signature = {};
      },
  };
  for (const auto& damage : damages) {
    world_.gate.damage = damage;
    ExpectRefused(absl::StatusCode::kDataLoss);
  }
}

TEST_F(ReaderTest, LeaseCountsFromSendingTheRequest) {
  world_.gate.hold_back = true;
  const auto read_after = [&](absl::Duration wait) {
    std::optional<absl::StatusOr<ReadAnswer>> out;
    world_.mediator.Read(world_.Request({"health.disability"}),
                         [&](absl::StatusOr<ReadAnswer> answer) {
                           out.emplace(std::move(answer));
                         });
    world_.clock.Advance(wait);
    auto [request, callback] = std::move(world_.gate.waiting.back());
    world_.gate.waiting.clear();
    callback(world_.gate.Decide(request));
    return *std::move(out);
  };
  EXPECT_THAT(read_after(absl::Milliseconds(1999)), IsOk());
  EXPECT_THAT(read_after(absl::Seconds(2)),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(world_.fences.open_count(), 0);
}

TEST_F(ReaderTest, NothingLeavesOnceTheLeaseRanOut) {
  auto early = world_.Read({"health.disability"});
  world_.clock.Advance(absl::Milliseconds(1999));
  EXPECT_TRUE(early->HandOver([] {}));
  auto late = world_.Read({"health.disability"});
  world_.clock.Advance(absl::Seconds(2));
  bool ran = false;
  EXPECT_FALSE(late->HandOver([&] { ran = true; }));
  EXPECT_FALSE(ran);
}

TEST_F(ReaderTest, SettingTheClockBackDoesNotLengthenALease) {
  auto answer = world_.Read({"health.disability"});
  world_.clock.Advance(absl::Seconds(2));
  world_.clock.SetWall(absl::FromUnixSeconds(0));
  EXPECT_FALSE(answer->HandOver([] {}));
}

TEST_F(ReaderTest, NothingLeavesAfterTheRecordsEnd) {
  world_.gate.change = [&](receipt::Permit& permit) {
    permit.not_after = world_.clock.Now() + absl::Seconds(1);
  };
  auto answer = world_.Read({"health.disability"});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(*answer->valid_until(), world_.clock.Now() + absl::Seconds(1));
  world_.clock.Advance(absl::Seconds(1));
  EXPECT_FALSE(answer->HandOver([] {}));
  answer->Close(Closing::kDropped);
  world_.gate.change = [&](receipt::Permit& permit) {
    permit.not_after = world_.clock.Now();
  };
  ExpectRefused(absl::StatusCode::kUnavailable);
}

TEST_F(ReaderTest, AFenceBetweenDecisionAndHandOverStopsTheAnswer) {
  auto answer = world_.Read({"health.disability"});
  world_.fences.Raise(world_.gate.record_text, 2);
  bool ran = false;
  EXPECT_FALSE(answer->HandOver([&] { ran = true; }));
  EXPECT_FALSE(ran);
}

TEST_F(ReaderTest, AnAnswerNobodyHandlesClosesItsPermit) {
  { auto answer = world_.Read({"health.disability"}); }
  EXPECT_EQ(world_.fences.open_count(), 0);
}

TEST_F(ReaderTest, AnAccessIdIsSpentOnce) {
  world_.gate.change = [](receipt::Permit& permit) {
    permit.access = Counting<16>(0x33);
  };
  EXPECT_THAT(world_.Read({"health.disability"}), IsOk());
  ExpectRefused(absl::StatusCode::kDataLoss);
}

TEST_F(ReaderTest, APermitForTheFirstRequestDoesNotServeTheSecond) {
  world_.gate.hold_back = true;
  std::vector<absl::StatusOr<ReadAnswer>> answers;
  for (int i = 0; i < 2; ++i) {
    world_.mediator.Read(world_.Request({"health.disability"}),
                         [&](absl::StatusOr<ReadAnswer> answer) {
                           answers.push_back(std::move(answer));
                         });
  }
  auto waiting = std::move(world_.gate.waiting);
  ASSERT_NE(waiting[0].first.vault_nonce, waiting[1].first.vault_nonce);
  waiting[1].second(world_.gate.Decide(waiting[0].first));
  ASSERT_EQ(answers.size(), 1);
  EXPECT_THAT(answers[0], StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(ReaderTest, TheAccessIdOfTheAnswerIsThatOfThePermit) {
  world_.gate.hold_back = true;
  std::optional<absl::StatusOr<ReadAnswer>> out;
  world_.mediator.Read(world_.Request({"health.disability"}),
                       [&](absl::StatusOr<ReadAnswer> answer) {
                         out.emplace(std::move(answer));
                       });
  auto [request, callback] = std::move(world_.gate.waiting.back());
  Decision decision = world_.gate.Decide(request);
  decision.access_id = base::FormatIdText("acc", Counting<16>(9));
  callback(std::move(decision));
  EXPECT_THAT(*out, StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(ReaderTest, TamperedRowsAlarmInsteadOfAnswering) {
  // The rows of two attributes exchanged, as a database administrator could.
  const Owner owner = world_.core->blinder().OwnerOf(world_.anna.holder);
  const auto name = [&](std::string_view attribute) {
    return world_.core->blinder().NameKeyOf(world_.anna.holder, attribute);
  };
  AttributeRow row =
      *world_.store->Find(owner, name("person.email"), 1).value();
  row.name_key = name("health.disability");
  row.version = 2;
  row.request_key = {};
  ASSERT_THAT(world_.store->Write([&](VaultTransaction& transaction) {
    return transaction.Insert(row);
  }),
              IsOk());
  ExpectRefused(absl::StatusCode::kDataLoss);
}

TEST_F(ReaderTest, GateErrorsArePassedOn) {
  world_.gate.error = absl::UnavailableError("not durable");
  ExpectRefused(absl::StatusCode::kUnavailable);
}

TEST_F(ReaderTest, MalformedRequestsNeverReachTheGate) {
  const auto bad = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(world_.Read({}), bad);
  EXPECT_THAT(world_.Read({"health.disability", "health.disability"}), bad);
  EXPECT_THAT(world_.Read({"Health.Disability"}), bad);
  std::vector<std::string> many;
  for (std::size_t i = 0; i < receipt::kMaxLines; ++i) {
    many.push_back("a.b" + std::to_string(i));
  }
  EXPECT_THAT(world_.Read(many), IsOk());
  many.emplace_back("a.c");
  world_.gate.requests.clear();
  EXPECT_THAT(world_.Read(many), bad);
  EXPECT_TRUE(world_.gate.requests.empty());
}

TEST_F(ReaderTest, ParametersInTheRequestDoNotExistAndTheHashCoversAll) {
  const auto hash = [&](std::function<void(ReadRequest&)> change) {
    ReadRequest request = world_.Request({"health.disability"});
    change(request);
    world_.mediator.Read(std::move(request), [](absl::StatusOr<ReadAnswer>) {});
    return world_.gate.requests.back().request_hash;
  };
  const auto plain = hash([](ReadRequest&) {});
  EXPECT_EQ(plain, hash([](ReadRequest&) {}));
  EXPECT_NE(plain, hash([](ReadRequest& r) { r.fields.purpose += "x"; }));
  EXPECT_NE(plain, hash([](ReadRequest& r) { ++r.fields.nonce[0]; }));
  EXPECT_NE(plain, hash([](ReadRequest& r) { r.fields.system = "sys"; }));
  EXPECT_NE(plain, hash([](ReadRequest& r) {
              r.fields.attributes.emplace_back("a.b");
            }));
}

TEST_F(ReaderTest, AFullExecutorRefusesAndDropsThePermit) {
  Mediator full(*world_.core, world_.gate, world_.reader,
                [](std::function<void()>) { return false; });
  std::optional<absl::StatusOr<ReadAnswer>> out;
  full.Read(world_.Request({"health.disability"}),
            [&](absl::StatusOr<ReadAnswer> answer) {
              out.emplace(std::move(answer));
            });
  EXPECT_THAT(*out, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(world_.fences.open_count(), 0);
}

}  // namespace
}  // namespace limpid::vault
