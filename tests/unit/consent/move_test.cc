#include "consent/move/move.h"

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/fixtures.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using testing::KeyOf;
using testing::kStart;

constexpr char kOld[] = "old.example";
constexpr char kNew[] = "new.example";

// A one-time grant of one person at the old operator.
class MoveTest : public ::testing::Test {
 protected:
  MoveTest() {
    AgreementContent content = testing::CareContent();
    content.use_count_max = 1;
    agreement_ = testing::CareAgreement(content);
    Revision requested = testing::RequestedRecord(agreement_);
    Revision granted =
        NextRevision(requested, RecordEvent::kGrant, receipt::Actor::kPerson,
                     kStart + absl::Minutes(1))
            .value();
    granted.from = kStart;
    granted.until = kStart + absl::Hours(24);
    granted.lines = {0};
    chain_ = {requested, granted};
  }

  [[nodiscard]] receipt::MoveStatement Statement() const {
    receipt::MoveStatement out;
    out.from_operator = kOld;
    out.to_operator = kNew;
    out.to_key = new_key_.PublicKey().bytes;
    out.record = chain_.back().record.Text();
    out.revision = chain_.back().number + 1;
    out.predecessor = chain_.back().Hash();
    out.time = now_;
    return out;
  }

  [[nodiscard]] absl::StatusOr<Revision> End(
      const receipt::MoveStatement& statement,
      std::uint64_t use_count = 0) const {
    return MovedRevision({.operator_name = kOld,
                          .current = chain_.back(),
                          .agreement = agreement_,
                          .use_count = use_count,
                          .identity = person_.PublicKey(),
                          .now = now_},
                         receipt::SignMove(statement, person_));
  }

  [[nodiscard]] MoveExport Export(const Revision& last,
                                  const receipt::MoveStatement& by) const {
    MoveExport out;
    out.agreement = agreement_;
    out.revisions = chain_;
    out.revisions.push_back(last);
    out.statement = by.Canonical();
    const std::vector<base::Bytes> items = {MoveItem(last, agreement_)};
    out.proof = receipt::SignBatch(receipt::BatchKind::kReceipts, /*epoch=*/1,
                                   now_, items, old_key_)
                    .front();
    return out;
  }
  [[nodiscard]] MoveExport Good() const {
    return Export(End(Statement()).value(), Statement());
  }

  [[nodiscard]] absl::StatusOr<MovedConsent> Arrive(
      const MoveExport& moved) const {
    return CheckMoveIn({.old_operator = kOld,
                        .old_evidence_key = old_key_.PublicKey(),
                        .operator_name = kNew,
                        .evidence_key = new_key_.PublicKey(),
                        .identity = person_.PublicKey(),
                        .now = now_},
                       moved);
  }

  crypto::Ed25519PrivateKey person_ = KeyOf(1);
  crypto::Ed25519PrivateKey old_key_ = KeyOf(2);
  crypto::Ed25519PrivateKey new_key_ = KeyOf(3);
  absl::Time now_ = kStart + absl::Hours(1);
  Agreement agreement_;
  std::vector<Revision> chain_;
};

TEST_F(MoveTest, EndsHereAndIsActivatedThere) {
  const auto end = End(Statement());
  ASSERT_THAT(end, IsOk());
  EXPECT_EQ(end->state, RecordState::kTerminated);
  EXPECT_EQ(end->reason, kMovedReason);
  const auto parsed = MoveExport::Parse(Export(*end, Statement()).ToFile());
  ASSERT_THAT(parsed, IsOk());
  const auto arrived = Arrive(*parsed);
  ASSERT_THAT(arrived, IsOk());
  EXPECT_EQ(arrived->state, RecordState::kGranted);
  EXPECT_EQ(arrived->lines, std::vector<std::uint16_t>{0});
  EXPECT_EQ(arrived->until, chain_.back().until);
  EXPECT_EQ(arrived->use_count, 0U);
}

// The use happened before the fence: nothing is left to move.
TEST_F(MoveTest, AOneTimeGrantSpentBeforeTheFenceDoesNotMove) {
  EXPECT_THAT(End(Statement(), /*use_count=*/1),
              StatusSays(absl::StatusCode::kFailedPrecondition, "use"));
}

// The use comes after the fence: the old record is final, so that whatever
// asks there finds no state to be allowed under, and the new one has the use.
TEST_F(MoveTest, AOneTimeGrantIsSpentAtOneOperatorOnly) {
  const Revision end = End(Statement()).value();
  EXPECT_TRUE(IsFinal(end.state));
  for (const RecordEvent event : kAllEvents) {
    EXPECT_FALSE(Advance(end.state, event).ok());
  }
  EXPECT_EQ(Arrive(Export(end, Statement()))->use_count, 0U);
}

// An old operator that signs an end with the use spent gives nothing away.
TEST_F(MoveTest, ASpentGrantIsNotActivatedWhoeverSignedIt) {
  Revision spent = End(Statement()).value();
  spent.use_count = 1;
  EXPECT_THAT(Arrive(Export(spent, Statement())),
              StatusSays(absl::StatusCode::kFailedPrecondition, "use"));
}

TEST_F(MoveTest, TheUseCountTravelsAndCannotBeLowered) {
  AgreementContent content = testing::CareContent();
  content.use_count_max = 5;
  agreement_ = testing::CareAgreement(content);
  for (Revision& revision : chain_) revision.agreement_hash = agreement_.hash;
  chain_[1].predecessor = chain_[0].Hash();
  MoveExport moved = Export(End(Statement(), 4).value(), Statement());
  EXPECT_EQ(Arrive(moved)->use_count, 4U);
  moved.revisions.back().use_count = 0;
  EXPECT_THAT(Arrive(moved), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(MoveTest, OneMoveHasOneIdHoweverOftenItIsShown) {
  std::set<base::Digest32> ids;
  ids.insert(Arrive(Good())->move_id);
  ids.insert(Arrive(*MoveExport::Parse(Good().ToFile()))->move_id);
  EXPECT_EQ(ids.size(), 1U);
}

TEST_F(MoveTest, APausedRecordArrivesPaused) {
  chain_.push_back(NextRevision(chain_.back(), RecordEvent::kPause,
                                receipt::Actor::kPerson, now_)
                       .value());
  EXPECT_EQ(Arrive(Good())->state, RecordState::kPaused);
}

TEST_F(MoveTest, OnlyTheSignedEndActivates) {
  // Still granted: the chain without its end, signed all the same.
  MoveExport moved = Good();
  moved.revisions.pop_back();
  const std::vector<base::Bytes> items = {
      MoveItem(moved.revisions.back(), agreement_)};
  moved.proof = receipt::SignBatch(receipt::BatchKind::kReceipts, 1, now_,
                                   items, old_key_)
                    .front();
  EXPECT_THAT(Arrive(moved), StatusIs(absl::StatusCode::kFailedPrecondition));
  // Withdrawn, revoked or terminated for another reason.
  for (const RecordEvent event : {RecordEvent::kWithdraw, RecordEvent::kRevoke,
                                  RecordEvent::kTerminate}) {
    const Revision last =
        NextRevision(chain_.back(), event, receipt::Actor::kPerson, now_)
            .value();
    EXPECT_THAT(Arrive(Export(last, Statement())),
                StatusIs(absl::StatusCode::kFailedPrecondition));
  }
}

TEST_F(MoveTest, RefusesAStatementAboutAnythingElse) {
  using Change = void (*)(receipt::MoveStatement&);
  const std::vector<std::pair<const char*, Change>> changes = {
      {"from_operator", [](auto& s) { s.from_operator = "x"; }},
      {"to_operator", [](auto& s) { s.to_operator = kOld; }},
      {"record", [](auto& s) { s.record = "rec_x"; }},
      {"revision", [](auto& s) { ++s.revision; }},
      {"predecessor", [](auto& s) { s.predecessor[0] ^= 1; }},
      {"time", [](auto& s) { s.time -= absl::Minutes(6); }},
  };
  for (const auto& [name, change] : changes) {
    receipt::MoveStatement statement = Statement();
    change(statement);
    EXPECT_THAT(End(statement),
                StatusSays(absl::StatusCode::kInvalidArgument, name));
  }
}

TEST_F(MoveTest, ArrivesOnlyAtTheOperatorAndKeyItNames) {
  receipt::MoveStatement statement = Statement();
  statement.to_operator = "third.example";
  EXPECT_THAT(Arrive(Export(End(statement).value(), statement)),
              StatusSays(absl::StatusCode::kInvalidArgument, "to_operator"));
  statement = Statement();
  statement.to_key = KeyOf(9).PublicKey().bytes;
  EXPECT_THAT(Arrive(Export(End(statement).value(), statement)),
              StatusSays(absl::StatusCode::kInvalidArgument, "to_key"));
}

// The old operator signs whatever it likes; what the person signed is the hash
// of the revision before.
TEST_F(MoveTest, TheEndChangesNothingButTheEnd) {
  agreement_.content.use_count_max = 5;
  chain_.back().use_count = 2;
  chain_.back().representative = testing::IdOf<PersonId>(8);
  using Change = void (*)(Revision&);
  const std::vector<std::pair<const char*, Change>> changes = {
      {"event", [](auto& r) { r.event = receipt::AccessKind::kWithdrawn; }},
      {"actor", [](auto& r) { r.actor = receipt::Actor::kStaff; }},
      {"evidence", [](auto& r) { r.evidence = Evidence::kSession; }},
      {"record", [](auto& r) { r.record = RecordId::Random(); }},
      {"number", [](auto& r) { ++r.number; }},
      {"person", [](auto& r) { r.person = PersonId::Random(); }},
      {"service", [](auto& r) { r.service = ServiceId::Random(); }},
      {"version", [](auto& r) { ++r.agreement_version; }},
      {"answer_by", [](auto& r) { r.answer_by += absl::Hours(1); }},
      {"from", [](auto& r) { r.from -= absl::Hours(1); }},
      {"until", [](auto& r) { r.until += absl::Hours(1); }},
      {"use_count", [](auto& r) { r.use_count = 1; }},
      {"more lines",
       [](auto& r) {
         r.lines = {0, 1, 2};
       }},
      {"no lines", [](auto& r) { r.lines.clear(); }},
      {"grant_key", [](auto& r) { r.grant_key[0] ^= 1; }},
      {"notice_hash", [](auto& r) { r.notice_hash[0] ^= 1; }},
      {"statement_hash", [](auto& r) { r.statement_hash[0] ^= 1; }},
      {"signature", [](auto& r) { r.signature[0] ^= 1; }},
      {"representative", [](auto& r) { r.representative = r.person; }},
      {"follows", [](auto& r) { r.follows = RecordId::Random(); }},
  };
  const Revision end = End(Statement(), /*use_count=*/2).value();
  EXPECT_TRUE(end.representative.none());
  ASSERT_THAT(Arrive(Export(end, Statement())), IsOk());
  for (const auto& [name, change] : changes) {
    Revision other = end;
    change(other);
    EXPECT_THAT(Arrive(Export(other, Statement())),
                StatusIs(absl::StatusCode::kDataLoss))
        << name;
  }
}

// She signed the hash of a revision that is no grant of this agreement.
TEST_F(MoveTest, LinesThatTheAgreementHasNotAreRefused) {
  const std::vector<std::vector<std::uint16_t>> wrong = {
      {}, {1}, {0, 3}, {0, 0xffff}, {0, 0}, {1, 0}};
  for (const std::vector<std::uint16_t>& lines : wrong) {
    chain_.back().lines = lines;
    EXPECT_THAT(Arrive(Good()),
                StatusSays(absl::StatusCode::kInvalidArgument, "revisions"))
        << lines.size();
  }
  chain_.back().lines = {0, 2};
  EXPECT_THAT(Arrive(Good()), IsOk());
}

// Whoever ends a record that no operator could take destroys it.
TEST_F(MoveTest, AHistoryThatNobodyReadsIsNotEnded) {
  const auto turn = [&] {
    const bool granted = chain_.back().state == RecordState::kGranted;
    chain_.push_back(
        NextRevision(chain_.back(),
                     granted ? RecordEvent::kPause : RecordEvent::kResume,
                     receipt::Actor::kPerson, now_)
            .value());
  };
  while (chain_.size() < kMaxMovedRevisions - 1) turn();
  const auto longest = MoveExport::Parse(Good().ToFile());
  ASSERT_THAT(longest, IsOk());
  EXPECT_THAT(Arrive(*longest), IsOk());
  turn();
  EXPECT_THAT(End(Statement()),
              StatusSays(absl::StatusCode::kFailedPrecondition, "history"));
}

TEST_F(MoveTest, AStatementThatIsTooLongIsNotKept) {
  receipt::MoveStatement statement = Statement();
  const std::size_t rest = statement.Canonical().size() - sizeof(kNew) + 1;
  statement.to_operator = std::string(kMaxMoveStatementBytes - rest, 'a');
  EXPECT_THAT(End(statement), IsOk());
  statement.to_operator += 'a';
  EXPECT_THAT(End(statement),
              StatusSays(absl::StatusCode::kInvalidArgument, "too long"));
}

TEST_F(MoveTest, RefusesOtherKeys) {
  const MoveExport moved = Good();
  old_key_ = KeyOf(8);
  EXPECT_THAT(Arrive(moved), StatusIs(absl::StatusCode::kDataLoss));
  old_key_ = KeyOf(2);
  person_ = KeyOf(8);
  EXPECT_THAT(Arrive(moved), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(MoveTest, ValidityEndsBothDoorsAtTheSameInstant) {
  now_ = chain_.back().until - absl::Milliseconds(1);
  const MoveExport last = Good();
  EXPECT_THAT(Arrive(last), IsOk());
  now_ = chain_.back().until;
  EXPECT_THAT(Arrive(last), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(End(Statement()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(MoveTest, RefusesEveryFlippedBitOfAnExport) {
  const std::string file = Good().ToFile();
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    std::string damaged = file;
    damaged[bit / 8] = static_cast<char>(
        static_cast<unsigned char>(damaged[bit / 8]) ^ (1U << (bit % 8)));
    const auto parsed = MoveExport::Parse(damaged);
    EXPECT_FALSE(parsed.ok() && Arrive(*parsed).ok()) << bit;
  }
}

}  // namespace
}  // namespace limpid::consent
