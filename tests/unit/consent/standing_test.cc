#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/receipt.h"
#include "consent/delegation/delegation_desk.h"
#include "consent/standing/match.h"
#include "consent/standing/standing_desk.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/forwarding_store.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using receipt::StandingPermission;
using testing::Citizen;
using testing::kCare;
using testing::kHomeCare;
using testing::Released;

// Counts what is listed; one standing permission does not open.
class SeenStore final : public testing::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  absl::StatusOr<std::vector<PersonalRow>> ListKind(
      std::uint16_t shard, const PersonId& person,
      RowKind kind) const override {
    ++lists[kind];
    auto rows = ForwardingStore::ListKind(shard, person, kind);
    if (!rows.ok()) return rows;
    for (PersonalRow& row : *rows) {
      if (damaged && row.key.id == damaged->bytes()) row.payload = {1};
    }
    return rows;
  }

  mutable std::map<RowKind, std::atomic<std::size_t>> lists;
  std::optional<StandingId> damaged;
};

class ConsentStanding : public ::testing::Test {
 protected:
  // Everything that CareContent asks for, of its service.
  StandingPermission Terms() {
    StandingPermission out;
    out.class_name = "the city";
    out.from = world_.clock().Now();
    out.until = out.from + absl::Hours(24 * 100);
    out.time = out.from;
    out.language = "en";
    for (const AgreementLine& line : testing::CareContent().lines) {
      out.lines.push_back(PermitLineOf(line));
    }
    std::swap(out.lines[0], out.lines[2]);  // birth_date, email, name
    std::swap(out.lines[0], out.lines[1]);
    out.members = {world_.service()->id.Text()};
    out.purposes = {std::string(kCare)};
    out.nonce.fill(next_nonce_++);
    out.operator_name = "limpid.example";
    out.person = anna_.id.Text();
    out.retention_days = 30;
    out.validity_days = 365;
    return out;
  }
  absl::StatusOr<StandingView> Make(const StandingPermission& terms) {
    return desk().Make(anna_.id, receipt::SignStanding(terms, anna_.key));
  }
  // The sentence of a request that asked, empty when it was granted.
  std::string AskedBecause(const AgreementPointer& agreement) {
    const RecordView bound = world_.Request(anna_, agreement);
    if (bound.state == RecordState::kGranted) return "";
    EXPECT_EQ(bound.state, RecordState::kRequested);
    return std::string(
        MismatchSentence(static_cast<Mismatch>(bound.standing_mismatch)));
  }
  std::string AskedBecause(
      const std::function<void(AgreementContent&)>& change) {
    AgreementContent content = testing::CareContent();
    change(content);
    return AskedBecause(world_.Publish(content));
  }
  Consent& consent() { return world_.consent(); }
  StandingDesk desk() { return StandingDesk(world_.consent()); }

  testing::StoresBehind<SeenStore> stores_;
  testing::World world_{stores_};
  Citizen anna_ = world_.NewCitizen(0x11);
  Citizen bob_ = world_.NewCitizen(0x12);
  std::uint8_t next_nonce_ = 1;
};

TEST_F(ConsentStanding, AMatchingRequestIsGrantedInTheCommitThatBindsIt) {
  const StandingPermission terms = Terms();
  const auto made = Make(terms);
  ASSERT_THAT(made, IsOk());
  EXPECT_TRUE(made->live);
  const RecordView bound = world_.Request(anna_);
  EXPECT_EQ(bound.state, RecordState::kGranted);
  EXPECT_EQ(bound.standing, made->permission.id);
  EXPECT_EQ(bound.revision.number, 2U);
  EXPECT_EQ(bound.revision.until, terms.until);
  EXPECT_EQ(bound.revision.lines.size(), 3U);
  EXPECT_EQ(bound.revision.signature, made->permission.signature);
  EXPECT_EQ(bound.revision.statement_hash,
            crypto::Sha256(receipt::StandingSigningInput(terms.Canonical())));
  EXPECT_NE(bound.revision.reason.find(made->permission.id.Text()),
            std::string::npos);
  EXPECT_EQ(bound.revision.grant_key, base::Digest32{});
  EXPECT_TRUE(Released(world_.Read(bound.revision.record)));
  EXPECT_THAT(consent().GetHistory(anna_.id, bound.revision.record), IsOk());
  const auto log = consent().ListAccesses(anna_.id, {}, 0, 5);
  EXPECT_EQ(log->entries.at(1).entry.kind, receipt::AccessKind::kGranted);
  EXPECT_EQ(log->entries.at(1).entry.actor, receipt::Actor::kSystem);
  EXPECT_EQ(log->entries.at(3).entry.kind, receipt::AccessKind::kStandingMade);
}

TEST_F(ConsentStanding, WhatItGrantedHasAReceiptAndSurvivesARestart) {
  ASSERT_THAT(Make(Terms()), IsOk());
  const RecordView bound = world_.Request(anna_);
  const auto receipt =
      consent().GetRecordReceipt(anna_.id, bound.revision.record);
  ASSERT_THAT(receipt, IsOk());
  const auto parsed = receipt::Receipt::Parse(receipt->file);
  ASSERT_THAT(parsed, IsOk());
  world_.Restart();
  const auto all = desk().List(anna_.id);
  ASSERT_THAT(all, IsOk());
  ASSERT_EQ(all->size(), 1U);
  ASSERT_EQ(all->front().records.size(), 1U);
  EXPECT_EQ(all->front().records[0].revision.record, bound.revision.record);
  EXPECT_EQ(world_.Request(anna_).state, RecordState::kGranted);
}

TEST_F(ConsentStanding, WithoutOneItAsksAndSaysNothing) {
  const RecordView bound = world_.Request(anna_);
  EXPECT_EQ(bound.state, RecordState::kRequested);
  EXPECT_EQ(bound.standing_mismatch, 0U);
}

TEST_F(ConsentStanding, OneDifferenceAndItAsks) {
  ASSERT_THAT(Make(Terms()), IsOk());
  EXPECT_EQ(AskedBecause([](AgreementContent&) {}), "");
  // Narrower is covered.
  EXPECT_EQ(AskedBecause([](AgreementContent& c) {
              c.purposes = {std::string(kHomeCare)};
              c.lines.pop_back();
              c.retention_days = 1;
              c.validity_days = 1;
            }),
            "");
  EXPECT_EQ(AskedBecause([](AgreementContent& c) { c.retention_days = 31; }),
            MismatchSentence(Mismatch::kRetention));
  EXPECT_EQ(AskedBecause([](AgreementContent& c) { c.validity_days = 366; }),
            MismatchSentence(Mismatch::kValidity));
  EXPECT_EQ(AskedBecause([](AgreementContent& c) { c.recipients = {"Shop"}; }),
            MismatchSentence(Mismatch::kRecipient));
  EXPECT_EQ(AskedBecause([](AgreementContent& c) {
              c.lines[1].parameters = R"({"n":65})";
            }),
            MismatchSentence(Mismatch::kLine));
  EXPECT_EQ(AskedBecause([](AgreementContent& c) {
              c.lines[1].form = receipt::Form::kFull;
              c.lines[1].derivation.clear();
              c.lines[1].parameters.clear();
            }),
            MismatchSentence(Mismatch::kLine));
  EXPECT_EQ(AskedBecause([](AgreementContent& c) {
              c.lines[0].attribute = "person.address";
            }),
            MismatchSentence(Mismatch::kLine));
  EXPECT_EQ(AskedBecause([](AgreementContent& c) {
              c.ai_training = true;
              c.systems = {testing::IdOf<SystemId>(8)};
            }),
            MismatchSentence(Mismatch::kAiTraining));
  EXPECT_EQ(AskedBecause([](AgreementContent& c) {
              c.systems = {testing::IdOf<SystemId>(8)};
            }),
            MismatchSentence(Mismatch::kSystem));
  EXPECT_EQ(
      AskedBecause([](AgreementContent& c) { c.notices[0].language = "nl"; }),
      MismatchSentence(Mismatch::kNotice));
}

TEST_F(ConsentStanding, APurposeAboveOrBesideAsks) {
  StandingPermission terms = Terms();
  terms.purposes = {std::string(kHomeCare)};
  ASSERT_THAT(Make(terms), IsOk());
  EXPECT_EQ(AskedBecause(world_.agreement()),
            MismatchSentence(Mismatch::kPurpose));
}

TEST_F(ConsentStanding, AServiceThatCameLaterIsNotInTheClass) {
  ASSERT_THAT(Make(Terms()), IsOk());
  Service other = testing::CareService();
  other.id = ServiceId();
  other.keys = {base::Digest32{2}};
  base::ByteArray<16> request_id{};
  request_id.fill(2);
  const ServicePointer added =
      consent().CreateService(request_id, other).value();
  const AgreementPointer agreement =
      consent()
          .CreateAgreement(added->id, std::nullopt, testing::CareContent())
          .value();
  NewRequest request;
  request.agreement = agreement->id;
  request.version = 1;
  request.request_id.fill(3);
  const auto made = consent().CreateRequest(added->id, request);
  const auto bound = consent().BindRequest(anna_.id, made->code);
  ASSERT_THAT(bound, IsOk());
  EXPECT_EQ(bound->state, RecordState::kRequested);
  EXPECT_EQ(bound->standing_mismatch,
            static_cast<std::uint8_t>(Mismatch::kRecipient));
}

TEST_F(ConsentStanding, ItsTimeIsHalfOpen) {
  StandingPermission terms = Terms();
  terms.until = world_.clock().Now() + absl::Hours(1);
  ASSERT_THAT(Make(terms), IsOk());
  world_.clock().Advance(absl::Hours(1) - absl::Milliseconds(1));
  const RecordView last = world_.Request(anna_);
  EXPECT_EQ(last.state, RecordState::kGranted);
  world_.clock().Advance(absl::Milliseconds(1));
  EXPECT_EQ(world_.Request(anna_).state, RecordState::kRequested);
  EXPECT_FALSE(Released(world_.Read(last.revision.record)));
  EXPECT_FALSE(desk().List(anna_.id)->front().live);
}

TEST_F(ConsentStanding, AnEndedOneGrantsNothingAndAReplayRevivesNothing) {
  const auto once = receipt::SignStanding(Terms(), anna_.key);
  const auto made = desk().Make(anna_.id, once);
  ASSERT_THAT(made, IsOk());
  const RecordView granted = world_.Request(anna_);
  const StandingId id = made->permission.id;
  const auto ended = desk().End(anna_.id, id, /*withdraw_records=*/false);
  ASSERT_THAT(ended, IsOk());
  EXPECT_FALSE(ended->live);
  ASSERT_EQ(ended->records.size(), 1U);
  EXPECT_TRUE(Released(world_.Read(granted.revision.record)));
  ASSERT_THAT(desk().Make(anna_.id, once), IsOk());
  EXPECT_EQ(world_.Request(anna_).state, RecordState::kRequested);
  const auto again = desk().End(anna_.id, id, /*withdraw_records=*/true);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->records[0].state, RecordState::kWithdrawn);
  EXPECT_FALSE(Released(world_.Read(granted.revision.record)));
}

TEST_F(ConsentStanding, AReplayReadsNoOther) {
  const auto once = receipt::SignStanding(Terms(), anna_.key);
  const auto made = desk().Make(anna_.id, once);
  ASSERT_THAT(made, IsOk());
  stores_.front().lists.clear();
  const auto again = desk().Make(anna_.id, once);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->permission, made->permission);
  EXPECT_EQ(stores_.front().lists[RowKind::kStanding], 0U);
}

TEST_F(ConsentStanding, AllOfAPersonsHaveAMebibyte) {
  StandingPermission terms = Terms();
  for (char c = '0'; c < '0' + 64; ++c) {
    terms.recipients.push_back(std::string(255, 'x') + c);
  }
  absl::Status refused;
  std::size_t count = 0;
  for (; count < 256 && refused.ok(); ++count) {
    terms.nonce.fill(next_nonce_++);
    refused = Make(terms).status();
  }
  EXPECT_THAT(refused,
              StatusSays(absl::StatusCode::kResourceExhausted, "1 MiB"));
  EXPECT_GT(count, 40U);
  EXPECT_LT(count, 64U);
}

TEST_F(ConsentStanding, NamesAndParametersAreBounded) {
  StandingPermission terms = Terms();
  terms.recipients = {std::string(257, 'x')};
  EXPECT_THAT(Make(terms), StatusSays(absl::StatusCode::kInvalidArgument,
                                      "permission.recipients"));
  terms.recipients = {std::string(256, 'x')};
  EXPECT_THAT(Make(terms), IsOk());
  for (receipt::PermitLine& line : terms.lines) {
    if (line.form != receipt::Form::kDerived) continue;
    line.parameters = R"({"n":")" + std::string(1'024, '1') + R"("})";
  }
  EXPECT_THAT(Make(terms), StatusSays(absl::StatusCode::kInvalidArgument,
                                      "permission.lines"));
}

TEST_F(ConsentStanding, AnEndedOneIsNotOpenedForARequest) {
  const auto ended = Make(Terms());
  ASSERT_THAT(ended, IsOk());
  ASSERT_THAT(desk().End(anna_.id, ended->permission.id, false), IsOk());
  stores_.front().damaged = ended->permission.id;
  NewRequest request;
  request.agreement = world_.agreement()->id;
  request.version = 1;
  const auto code = consent().CreateRequest(world_.service()->id, request);
  const auto bound = consent().BindRequest(anna_.id, code->code);
  ASSERT_THAT(bound, IsOk());
  EXPECT_EQ(bound->state, RecordState::kRequested);
  EXPECT_EQ(bound->standing_mismatch, 0U);
}

TEST_F(ConsentStanding, AListLooksAtTheRecordsOnce) {
  const auto first = Make(Terms());
  ASSERT_THAT(first, IsOk());
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(world_.Request(anna_).state, RecordState::kGranted);
  }
  ASSERT_THAT(Make(Terms()), IsOk());
  ASSERT_THAT(Make(Terms()), IsOk());
  stores_.front().lists.clear();
  const auto all = desk().List(anna_.id);
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(stores_.front().lists[RowKind::kRecord], 1U);
  ASSERT_EQ(all->size(), 3U);
  for (const StandingView& view : *all) {
    const bool granted = view.permission.id == first->permission.id;
    EXPECT_EQ(view.records.size(), granted ? 2U : 0U);
    EXPECT_TRUE(view.live);
  }
}

TEST_F(ConsentStanding, EndingAndBindingInARaceHaveOneOrder) {
  for (int round = 0; round < 20; ++round) {
    const auto made = Make(Terms());
    ASSERT_THAT(made, IsOk());
    NewRequest request;
    request.agreement = world_.agreement()->id;
    request.version = 1;
    request.request_id.fill(static_cast<std::uint8_t>(100 + round));
    const auto code =
        consent().CreateRequest(world_.service()->id, request)->code;
    // Whoever has no thread to start comes first more often.
    const auto end = [&] {
      return desk().End(anna_.id, made->permission.id, false).status();
    };
    const auto bind = [&] {
      return consent().BindRequest(anna_.id, code).status();
    };
    const bool ends_first = round % 2 == 0;
    auto other = ends_first
                     ? std::async(std::launch::async, [&] { return bind(); })
                     : std::async(std::launch::async, [&] { return end(); });
    const absl::Status own = ends_first ? end() : bind();
    ASSERT_THAT(own, IsOk());
    ASSERT_THAT(other.get(), IsOk());
    const auto log = consent().ListAccesses(anna_.id, {}, 0, 8);
    // Newest first: a grant never stands above the end of what it stands on.
    for (const AccessView& view : log->entries) {
      if (view.entry.kind == receipt::AccessKind::kStandingEnded) break;
      EXPECT_NE(view.entry.kind, receipt::AccessKind::kGranted);
    }
  }
}

TEST_F(ConsentStanding, IsRefusedWhenForgedStaleOrForSomebodyElse) {
  using Damage = std::function<void(StandingPermission&)>;
  const std::vector<std::pair<std::string, Damage>> cases = {
      {"operator", [](StandingPermission& p) { p.operator_name = "x"; }},
      {"person", [&](StandingPermission& p) { p.person = bob_.id.Text(); }},
      {"time",
       [](StandingPermission& p) { p.time += absl::Milliseconds(300'001); }},
      {"time",
       [](StandingPermission& p) { p.time -= absl::Milliseconds(300'001); }},
      {"until", [](StandingPermission& p) { p.until = p.from; }},
      {"until",
       [](StandingPermission& p) {
         p.until = p.from + receipt::kMaxStandingTime + absl::Milliseconds(1);
       }},
      {"until",
       [](StandingPermission& p) {
         p.from += absl::Hours(24 * 300);
         p.until = p.from + absl::Hours(24 * 300);
       }},
      {"members", [](StandingPermission& p) { p.members = {"x"}; }},
      {"members",
       [](StandingPermission& p) {
         p.members = {testing::IdOf<ServiceId>(9).Text()};
       }},
      {"purposes", [](StandingPermission& p) { p.purposes = {"https://x"}; }},
      {"special",
       [](StandingPermission& p) {
         p.lines = {
             {.attribute = "person.address", .form = receipt::Form::kFull}};
       }},
      {"special", [](StandingPermission& p) {
         p.lines = {{.attribute = "person.none", .form = receipt::Form::kFull}};
       }}};
  for (const auto& [member, damage] : cases) {
    StandingPermission bad = Terms();
    damage(bad);
    EXPECT_THAT(Make(bad),
                StatusSays(absl::StatusCode::kInvalidArgument, member));
  }
  const StandingPermission good = Terms();
  EXPECT_THAT(desk().Make(anna_.id, receipt::SignStanding(good, bob_.key)),
              StatusSays(absl::StatusCode::kInvalidArgument, "signature"));
  EXPECT_THAT(desk().Make(bob_.id, receipt::SignStanding(good, bob_.key)),
              StatusSays(absl::StatusCode::kInvalidArgument, "person"));
  EXPECT_EQ(world_.Request(anna_).state, RecordState::kRequested);
}

TEST_F(ConsentStanding, OtherPeoplesAreAbsentAndCoverNobodyElse) {
  const auto made = Make(Terms());
  ASSERT_THAT(made, IsOk());
  EXPECT_THAT(desk().End(bob_.id, made->permission.id, true),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(desk().List(bob_.id)->empty());
  EXPECT_EQ(world_.Request(bob_).state, RecordState::kRequested);
}

TEST_F(ConsentStanding, GuardiansWhoReserveGrantsAreAsked) {
  ASSERT_THAT(Make(Terms()), IsOk());
  receipt::Delegation terms;
  terms.operator_name = "limpid.example";
  terms.person = anna_.id.Text();
  terms.kind = receipt::DelegationKind::kGuardian;
  terms.representatives = {bob_.id.Text()};
  terms.powers = {receipt::Power::kGrant, receipt::Power::kWithdraw};
  terms.grant_reserved = true;
  terms.from = world_.clock().Now();
  terms.until = terms.from + absl::Hours(24);
  terms.time = terms.from;
  terms.evidence.fill(6);
  ASSERT_THAT(DelegationDesk(consent()).RecordDelegation(AdministratorKey{1},
                                                         terms.Canonical()),
              IsOk());
  EXPECT_EQ(AskedBecause(world_.agreement()),
            MismatchSentence(Mismatch::kReserved));
}

}  // namespace
}  // namespace limpid::consent
