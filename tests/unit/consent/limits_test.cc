// Limits of an agreement: frequency, atomic lines of several sources, range of
// the data, and what a check of the content says of them.

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "consent/agreement/limits_check.h"
#include "consent/agreement/material_change.h"
#include "consent/ledger/person_state.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using receipt::Reason;
using testing::Citizen;
using testing::Released;
using testing::World;

constexpr absl::Duration kTick = absl::Milliseconds(1);
const SourceId kTaxOffice = testing::IdOf<SourceId>(17);

// Name at the vault, and whether she is over 18 at the tax office.
AgreementContent AtomicContent() {
  AgreementContent out = testing::CareContent();
  out.lines.pop_back();
  out.lines[0].source = World::vault();
  out.lines[1].necessity = Necessity::kRequired;
  out.lines[1].source = kTaxOffice;
  out.atomic = true;
  return out;
}

AgreementContent FrequentContent() {
  AgreementContent out = testing::CareContent();
  out.frequency = {2, 3'600};
  return out;
}

// --- Content ---

struct BadLimit {
  std::string path;
  std::function<void(AgreementContent&)> damage;
};

TEST(AgreementLimits, NameTheFieldThatIsWrong) {
  EXPECT_THAT(CheckContent(AtomicContent()), IsOk());
  const std::vector<BadLimit> cases = {
      // An optional line tied to required ones is not optional.
      {"lines[1].necessity:",
       [](auto& c) { c.lines[1].necessity = Necessity::kOptional; }},
      {"lines[0].source_id:", [](auto& c) { c.lines[0].source = SourceId(); }},
      {"atomic:", [](auto& c) { c.lines[0].source = kTaxOffice; }},
      {"use_frequency.use_count_max:",
       [](auto& c) {
         c.frequency = {0, 3'600};
       }},
      {"use_frequency.period_seconds:",
       [](auto& c) {
         c.frequency = {1, 59};
       }},
      {"use_frequency.period_seconds:",
       [](auto& c) {
         c.frequency = {1, 31'622'401};
       }},
      {"data_range.from_date:",
       [](auto& c) { c.data_range.from = "2026-02-30"; }},
      {"data_range.from_date:",
       [](auto& c) { c.data_range.from = "2026-1-01"; }},
      {"data_range.to_date:", [](auto& c) { c.data_range.to = "tomorrow"; }},
      {"data_range.to_date:",
       [](auto& c) {
         c.data_range = {"2026-01-02", "2026-01-01"};
       }},
  };
  for (const BadLimit& bad : cases) {
    AgreementContent content = AtomicContent();
    bad.damage(content);
    EXPECT_THAT(CheckContent(content),
                StatusSays(absl::StatusCode::kInvalidArgument, bad.path));
  }
}

TEST(AgreementLimits, TheLastGoodValuesAreAccepted) {
  for (const std::uint32_t period : {60U, 31'622'400U}) {
    AgreementContent content = testing::CareContent();
    content.frequency = {1, period};
    EXPECT_THAT(CheckContent(content), IsOk());
  }
  AgreementContent content = testing::CareContent();
  content.data_range = {"2026-01-01", "2026-01-01"};
  EXPECT_THAT(CheckContent(content), IsOk());
  content.data_range = {"2024-02-29", ""};
  EXPECT_THAT(CheckContent(content), IsOk());
}

TEST(AgreementLimits, ReadBackAndLeaveOlderHashesAlone) {
  AgreementContent content = AtomicContent();
  content.frequency = {3, 86'400};
  content.data_range = {"2025-01-01", "2025-12-31"};
  const Agreement agreement = testing::CareAgreement(content);
  const auto back = ParseAgreement(StoredAgreement(agreement));
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->content, content);
  // A version without limits has the text that it always had.
  const std::string plain = testing::CareAgreement().canonical;
  for (const char* member :
       {"atomic", "data_range", "use_frequency", "source\""}) {
    EXPECT_EQ(plain.find(member), std::string::npos) << member;
  }
}

TEST(AgreementLimits, ASourceThatCannotKeepThemIsNotAsked) {
  const std::set<SourceId> sources = {World::vault(), kTaxOffice};
  EXPECT_THAT(CheckSources(AtomicContent(), sources), IsOk());
  EXPECT_THAT(
      CheckSources(AtomicContent(), {World::vault()}),
      StatusSays(absl::StatusCode::kFailedPrecondition, "lines[1].source_id:"));
}

ChangeKind KindOfChange(const AgreementContent& from,
                        const AgreementContent& to) {
  const auto changes = CompareContents(from, to, testing::ThreePurposes());
  EXPECT_EQ(changes.size(), 1U);
  return changes.empty() ? ChangeKind::kReworded : changes.front().kind;
}

TEST(AgreementLimits, LiftingOneIsMaterialAndTighteningIsNot) {
  const AgreementContent free = testing::CareContent();
  AgreementContent hourly = free;
  hourly.frequency = {2, 3'600};
  AgreementContent more = free;
  more.frequency = {3, 3'600};
  AgreementContent oftener = free;
  oftener.frequency = {2, 1'800};
  AgreementContent daily = free;
  daily.frequency = {1, 86'400};
  EXPECT_EQ(KindOfChange(hourly, free), ChangeKind::kWidened);
  EXPECT_EQ(KindOfChange(free, hourly), ChangeKind::kNarrowed);
  EXPECT_EQ(KindOfChange(hourly, more), ChangeKind::kWidened);
  EXPECT_EQ(KindOfChange(more, hourly), ChangeKind::kNarrowed);
  EXPECT_EQ(KindOfChange(hourly, oftener), ChangeKind::kWidened);
  EXPECT_EQ(KindOfChange(hourly, daily), ChangeKind::kReplaced);
  AgreementContent sourced = free;
  sourced.lines[0].source = World::vault();
  AgreementContent elsewhere = free;
  elsewhere.lines[0].source = kTaxOffice;
  EXPECT_EQ(KindOfChange(free, sourced), ChangeKind::kNarrowed);
  EXPECT_EQ(KindOfChange(sourced, free), ChangeKind::kWidened);
  EXPECT_EQ(KindOfChange(sourced, elsewhere), ChangeKind::kReplaced);
  AgreementContent loose = AtomicContent();
  loose.atomic = false;
  EXPECT_TRUE(IsMaterial(KindOfChange(AtomicContent(), loose)));
  AgreementContent year = free;
  year.data_range = {"2025-01-01", "2025-12-31"};
  AgreementContent june = free;
  june.data_range = {"2025-06-01", "2025-06-30"};
  EXPECT_EQ(KindOfChange(year, june), ChangeKind::kNarrowed);
  EXPECT_EQ(KindOfChange(june, year), ChangeKind::kWidened);
  EXPECT_EQ(KindOfChange(year, free), ChangeKind::kWidened);
  EXPECT_EQ(KindOfChange(free, year), ChangeKind::kNarrowed);
}

TEST(LiveRecord, KeepsItsLatePartsAndReadsRowsWithoutThem) {
  LiveRecord record;
  record.revision = testing::RequestedRecord(testing::CareAgreement());
  const base::Bytes old = record.Encode();
  EXPECT_EQ(*LiveRecord::Decode(old), record);
  record.period_uses = {4, 2};
  record.asked_lines = {0, 2};
  const base::Bytes late = record.Encode();
  EXPECT_GT(late.size(), old.size());
  EXPECT_EQ(*LiveRecord::Decode(late), record);
  base::Bytes unknown = old;
  unknown.insert(unknown.end(), {200, 0, 0, 0, 0});
  EXPECT_THAT(LiveRecord::Decode(unknown),
              StatusIs(absl::StatusCode::kDataLoss));
  base::Bytes cut = late;
  cut.pop_back();
  EXPECT_THAT(LiveRecord::Decode(cut), StatusIs(absl::StatusCode::kDataLoss));
}

// --- Frequency ---

TEST(PeriodAt, CountsFromTheBeginningOfTheValidity) {
  const UseFrequency hourly = {1, 3'600};
  const absl::Time from = testing::kStart;
  EXPECT_EQ(PeriodAt(hourly, from, from - kTick), 0U);
  EXPECT_EQ(PeriodAt(hourly, from, from), 0U);
  EXPECT_EQ(PeriodAt(hourly, from, from + absl::Hours(1) - kTick), 0U);
  EXPECT_EQ(PeriodAt(hourly, from, from + absl::Hours(1)), 1U);
  EXPECT_EQ(PeriodAt({}, from, from + absl::Hours(1)), 0U);
}

class ConsentLimits : public ::testing::Test {
 protected:
  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(1);
};

TEST_F(ConsentLimits, AFrequencyAllowsSoManyInAPeriodAndNoMore) {
  const RecordView record =
      world_.Granted(ann_, world_.Publish(FrequentContent()));
  const RecordId id = record.revision.record;
  EXPECT_TRUE(Released(world_.Read(id)));
  EXPECT_TRUE(Released(world_.Read(id)));
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kLimit);
  world_.clock().Advance(record.revision.from + absl::Hours(1) -
                         world_.clock().Now() - kTick);
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kLimit);
  world_.clock().Advance(kTick);
  EXPECT_TRUE(Released(world_.Read(id)));
  EXPECT_TRUE(Released(world_.Read(id)));
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kLimit);
  // Not an end: the record waits for the next period.
  EXPECT_EQ(world_.consent().GetRecord(ann_.id, id)->state,
            RecordState::kGranted);
}

TEST_F(ConsentLimits, ASpentPeriodStaysSpentOverRestartPauseAndNarrowing) {
  const RecordId id =
      world_.Granted(ann_, world_.Publish(FrequentContent())).revision.record;
  EXPECT_TRUE(Released(world_.Read(id)));
  EXPECT_TRUE(Released(world_.Read(id)));
  world_.Restart();
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kLimit);
  Consent& consent = world_.consent();
  ASSERT_THAT(consent.Pause(ann_.id, id), IsOk());
  ASSERT_THAT(consent.Resume(ann_.id, id), IsOk());
  ASSERT_THAT(consent.Narrow(ann_.id, id, {{"person.name"}, std::nullopt}),
              IsOk());
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kLimit);
}

TEST_F(ConsentLimits, ARefusedReadAndAnExplanationSpendNothing) {
  const RecordId id =
      world_.Granted(ann_, world_.Publish(FrequentContent())).revision.record;
  AuthoriseRequest other = World::ReadRequestFor(id);
  other.read.purpose = testing::kMarketing;
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(Released(world_.Ask(other)));
    EXPECT_THAT(
        world_.consent().Explain(ann_.id, id, World::ReadRequestFor(id).read),
        IsOk());
  }
  EXPECT_TRUE(Released(world_.Read(id)));
  EXPECT_TRUE(Released(world_.Read(id)));
  const auto lines =
      world_.consent().Explain(ann_.id, id, World::ReadRequestFor(id).read);
  EXPECT_EQ(lines->front().reason, Reason::kLimit);
}

TEST_F(ConsentLimits, FrequencyAndMostUsesBothCount) {
  AgreementContent content = FrequentContent();
  content.use_count_max = 3;
  const RecordId id =
      world_.Granted(ann_, world_.Publish(content)).revision.record;
  EXPECT_TRUE(Released(world_.Read(id)));
  EXPECT_TRUE(Released(world_.Read(id)));
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kLimit);
  world_.clock().Advance(absl::Hours(1));
  EXPECT_TRUE(Released(world_.Read(id)));
  EXPECT_EQ(world_.consent().GetRecord(ann_.id, id)->state,
            RecordState::kExhausted);
}

TEST_F(ConsentLimits, TheValidityCeilingHoldsToTheMillisecond) {
  const RecordView request = world_.Request(ann_);
  receipt::Statement statement = testing::StatementFor(
      request.revision, *request.agreement, world_.clock().Now());
  statement.until = statement.from + absl::Hours(24) * 365 + kTick;
  EXPECT_THAT(
      world_.consent().Grant(ann_.id, request.revision.record,
                             receipt::SignStatement(statement, ann_.key)),
      StatusSays(absl::StatusCode::kInvalidArgument, "statement.until"));
  statement.until -= kTick;
  EXPECT_THAT(
      world_.consent().Grant(ann_.id, request.revision.record,
                             receipt::SignStatement(statement, ann_.key)),
      IsOk());
}

TEST_F(ConsentLimits, FiveMinutesIsNoJumpAndAMillisecondMoreIs) {
  const RecordId id = world_.Granted(ann_).revision.record;
  const absl::Time right = world_.clock().Now();
  world_.clock().SetWall(right + absl::Minutes(5) + kTick);
  EXPECT_THAT(world_.Read(id), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(
      world_.consent().Narrow(ann_.id, id, {{"person.name"}, std::nullopt}),
      IsOk());
  world_.clock().SetWall(right + absl::Minutes(5));
  EXPECT_TRUE(Released(world_.Read(id)));
}

// --- Atomic ---

class ConsentAtomic : public ::testing::Test {
 protected:
  ConsentAtomic() {
    world_.AddSource({kTaxOffice, "Tax office", ""});
    world_.Restart();
    sharing_ = *world().consent().CreateDefaultSharing(
        {}, world().service()->id, kTaxOffice);
  }
  World& world() { return world_; }
  AuthoriseRequest At(const SourceId& source, const RecordId& id,
                      std::string attribute) {
    AuthoriseRequest request = World::ReadRequestFor(id);
    request.source = source;
    request.read.attributes = {std::move(attribute)};
    return request;
  }
  void Link(const SourceId& source) {
    EXPECT_THAT(world().consent().IssueSourceToken(ann_.id, source), IsOk());
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world().NewCitizen(1);
  SharingPointer sharing_;
};

TEST_F(ConsentAtomic, EachSourceAnswersItsOwnLineInItsForm) {
  const RecordId id =
      world().Granted(ann_, world().Publish(AtomicContent())).revision.record;
  Link(World::vault());
  Link(kTaxOffice);
  EXPECT_TRUE(Released(world().Ask(At(World::vault(), id, "person.name"))));
  const auto answer = world().Ask(At(kTaxOffice, id, "person.birth_date"));
  ASSERT_TRUE(Released(answer));
  // The answer "over 18", never the date behind it.
  const auto permit = receipt::Permit::Decode(answer->release->item);
  ASSERT_EQ(permit->lines.size(), 1U);
  EXPECT_EQ(permit->lines[0].form, receipt::Form::kDerived);
  EXPECT_EQ(permit->lines[0].derivation, "over_n/1");
  // Neither source answers the other's line.
  EXPECT_EQ(world().Ask(At(kTaxOffice, id, "person.name"))->outcomes[0].reason,
            Reason::kNoConsent);
  EXPECT_EQ(world()
                .Ask(At(World::vault(), id, "person.birth_date"))
                ->outcomes[0]
                .reason,
            Reason::kNoConsent);
}

TEST_F(ConsentAtomic, WithdrawingOnePartEndsTheWhole) {
  const RecordId id =
      world().Granted(ann_, world().Publish(AtomicContent())).revision.record;
  Link(World::vault());
  Link(kTaxOffice);
  const auto open = world().Ask(At(World::vault(), id, "person.name"));
  ASSERT_TRUE(Released(open));
  const auto narrowed =
      world().consent().Narrow(ann_.id, id, {{"person.name"}, std::nullopt});
  ASSERT_THAT(narrowed, IsOk());
  EXPECT_EQ(narrowed->record.state, RecordState::kWithdrawn);
  EXPECT_TRUE(narrowed->receipt.has_value());
  EXPECT_FALSE(open->release->hold->Live());
  EXPECT_EQ(
      world().Ask(At(World::vault(), id, "person.name"))->outcomes[0].reason,
      Reason::kWithdrawn);
}

TEST_F(ConsentAtomic, ShorteningItsTimeIsStillNarrowing) {
  const RecordId id =
      world().Granted(ann_, world().Publish(AtomicContent())).revision.record;
  const auto narrowed =
      world().consent().Narrow(ann_.id, id,
                               {{"person.name", "person.birth_date"},
                                world().clock().Now() + absl::Hours(1)});
  ASSERT_THAT(narrowed, IsOk());
  EXPECT_EQ(narrowed->record.state, RecordState::kGranted);
}

TEST_F(ConsentAtomic, OneSourceThatDoesNotKnowHerStopsTheOther) {
  const RecordId id =
      world().Granted(ann_, world().Publish(AtomicContent())).revision.record;
  Link(World::vault());
  if (world().consent().GetAccount(ann_.id)->account.HolderAt(kTaxOffice)) {
    GTEST_SKIP() << "accounts are linked to every source";
  }
  EXPECT_EQ(
      world().Ask(At(World::vault(), id, "person.name"))->outcomes[0].reason,
      Reason::kNoConsent);
  Link(kTaxOffice);
  EXPECT_TRUE(Released(world().Ask(At(World::vault(), id, "person.name"))));
}

TEST_F(ConsentAtomic, ASourceThatNoLongerSharesStopsTheOther) {
  const RecordId id =
      world().Granted(ann_, world().Publish(AtomicContent())).revision.record;
  Link(World::vault());
  Link(kTaxOffice);
  ASSERT_TRUE(Released(world().Ask(At(World::vault(), id, "person.name"))));
  ASSERT_THAT(world().consent().EndSharing({}, sharing_->id), IsOk());
  EXPECT_EQ(
      world().Ask(At(World::vault(), id, "person.name"))->outcomes[0].reason,
      Reason::kPolicy);
  EXPECT_EQ(world()
                .consent()
                .Explain(ann_.id, id, At({}, id, "person.name").read)
                ->front()
                .reason,
            Reason::kPolicy);
}

TEST(DecideAtomic, AMissingPartRefusesEveryLine) {
  const testing::ThreePurposes purposes;
  const Agreement agreement = testing::CareAgreement(AtomicContent());
  Service service = testing::CareService();
  Revision record = testing::RequestedRecord(agreement);
  record.state = RecordState::kGranted;
  record.from = testing::kStart;
  record.until = testing::kStart + absl::Hours(1);
  record.lines = {0, 1};
  const std::vector<SourceLink> links = {
      {World::vault(), testing::IdOf<HolderId>(1)},
      {kTaxOffice, testing::IdOf<HolderId>(2)}};
  Standing standing;
  standing.record = &record;
  standing.agreement = &agreement;
  standing.service = &service;
  standing.caller = service.id;
  standing.linked = true;
  standing.links = links;
  standing.shared = {true, true};
  ReadRequest read;
  read.purpose = testing::kCare;
  read.attributes = {"person.name", "person.birth_date"};
  const auto reasons = [&] {
    std::vector<Reason> out;
    for (const auto& line : Decide(read, standing, purposes, testing::kStart)) {
      out.push_back(line.reason);
    }
    return out;
  };
  using Both = std::vector<Reason>;
  EXPECT_EQ(reasons(), Both(2, Reason::kReleased));
  standing.links = {links.data(), 1};
  EXPECT_EQ(reasons(), Both(2, Reason::kNoConsent));
  standing.links = links;
  record.lines = {0};
  EXPECT_EQ(reasons(), Both(2, Reason::kNoConsent));
  record.lines = {0, 1};
  standing.every_part_shared = false;
  EXPECT_EQ(reasons(), Both(2, Reason::kPolicy));
  standing.every_part_shared = true;
  service.ceiling_attributes.erase("person.birth_date");
  EXPECT_EQ(reasons(), Both(2, Reason::kPolicy));
}

}  // namespace
}  // namespace limpid::consent
