// An agreement that is limited to days of the data: what is published, what the
// permit says, what a request may say of it, and what the person is shown.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/permit.h"
#include "consent/agreement/consent_form.h"
#include "consent/agreement/limits_check.h"
#include "consent/agreement/material_change.h"
#include "consent/request/asked.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusSays;
using testing::Citizen;
using testing::Released;
using testing::ThreePurposes;
using testing::World;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

AgreementContent ContentOf(const DataRange& range) {
  AgreementContent out = testing::CareContent();
  out.data_range = range;
  return out;
}

// --- Publishing ---

TEST(DaysOf, IsTheRangeOfThePermit) {
  EXPECT_EQ(*DaysOf({"2024-01-01", "2024-12-31"}),
            (base::Days{20'240'101, 20'241'231}));
  EXPECT_EQ(*DaysOf({"2024-01-01", ""}), (base::Days{20'240'101, 0}));
  EXPECT_EQ(*DaysOf({"", "2024-12-31"}), (base::Days{0, 20'241'231}));
  EXPECT_TRUE(DaysOf({})->open());
  EXPECT_FALSE(DaysOf({"2024-02-30", ""}).ok());
  EXPECT_FALSE(DaysOf({"2024-01-02", "2024-01-01"}).ok());
}

TEST(DaysPublishing, AStatisticKeepsToNoDays) {
  AgreementContent content = ContentOf({"2024-01-01", "2024-12-31"});
  EXPECT_THAT(CheckSources(content, {World::vault()}), IsOk());
  content.lines[2].form = receipt::Form::kAggregate;
  const absl::Status refused = CheckSources(content, {World::vault()});
  EXPECT_THAT(refused,
              StatusSays(absl::StatusCode::kFailedPrecondition, "data_range:"));
  EXPECT_THAT(refused, StatusSays(absl::StatusCode::kFailedPrecondition,
                                  "lines[2].form"));
  content.data_range = {};
  EXPECT_THAT(CheckSources(content, {World::vault()}), IsOk());
}

// Were there one all the same, it would give nothing.
TEST(DaysDecision, AStatisticUnderDaysIsNotReleased) {
  AgreementContent content = ContentOf({"2024-01-01", ""});
  content.lines[2].form = receipt::Form::kAggregate;
  const auto reason_of = [](const AgreementContent& of,
                            const std::string& attribute) {
    const Agreement agreement = testing::CareAgreement(of);
    const Service service = testing::CareService();
    Revision record = testing::RequestedRecord(agreement);
    record.state = RecordState::kGranted;
    record.lines = {0, 1, 2};
    record.from = testing::kStart;
    record.until = testing::kStart + absl::Hours(24);
    Standing standing;
    standing.record = &record;
    standing.agreement = &agreement;
    standing.service = &service;
    standing.caller = service.id;
    standing.linked = true;
    standing.shared = {true};
    return Decide({std::string(testing::kCare), {attribute}, std::nullopt},
                  standing, ThreePurposes(), testing::kStart)
        .front()
        .reason;
  };
  EXPECT_EQ(reason_of(content, "person.email"), receipt::Reason::kPolicy);
  EXPECT_EQ(reason_of(content, "person.name"), receipt::Reason::kReleased);
  content.data_range = {};
  EXPECT_EQ(reason_of(content, "person.email"), receipt::Reason::kReleased);
}

// --- The walk ---

class DaysWalk : public ::testing::Test {
 protected:
  base::Days DaysRead(const RecordView& record) {
    const auto answer = world_.Read(record.revision.record);
    EXPECT_TRUE(Released(answer));
    if (!Released(answer)) return {};
    const auto permit = receipt::Permit::Decode(answer->release->item);
    EXPECT_THAT(permit, IsOk());
    return permit.ok() ? permit->days : base::Days();
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(1);
};

TEST_F(DaysWalk, ThePermitCarriesTheAgreementsDays) {
  ASSERT_THAT(world_.consent().IssueSourceToken(ann_.id, World::vault()),
              IsOk());
  const RecordView limited = world_.Granted(
      ann_, world_.Publish(ContentOf({"2024-01-01", "2024-12-31"})));
  const RecordView from =
      world_.Granted(ann_, world_.Publish(ContentOf({"2024-01-01", ""})));
  const RecordView free = world_.Granted(ann_);
  EXPECT_EQ(DaysRead(limited), (base::Days{20'240'101, 20'241'231}));
  EXPECT_EQ(DaysRead(from), (base::Days{20'240'101, 0}));
  EXPECT_TRUE(DaysRead(free).open());
  // Also when the agreement comes back from the store.
  world_.Restart();
  EXPECT_EQ(DaysRead(limited), (base::Days{20'240'101, 20'241'231}));
}

TEST_F(DaysWalk, TheStatementIsOverThem) {
  const AgreementPointer year =
      world_.Publish(ContentOf({"2024-01-01", "2024-12-31"}));
  const AgreementPointer more =
      world_.Publish(ContentOf({"2023-01-01", "2024-12-31"}));
  EXPECT_NE(year->hash, more->hash);
  EXPECT_NE(year->hash, world_.agreement()->hash);
  const RecordView record = world_.Request(ann_, more);
  receipt::Statement stated = testing::StatementFor(
      record.revision, *record.agreement, world_.clock().Now());
  stated.agreement_hash = year->hash;
  EXPECT_FALSE(world_.consent()
                   .Grant(ann_.id, record.revision.record,
                          receipt::SignStatement(stated, ann_.key))
                   .ok());
}

// --- What a later version may do ---

TEST(DaysChange, EveryDayMoreIsMaterial) {
  const auto kind = [](const DataRange& from, const DataRange& to) {
    const auto changes = CompareContents(ContentOf(from), ContentOf(to),
                                         testing::ThreePurposes());
    EXPECT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes.front().path, "data_range");
    return changes.front().kind;
  };
  const DataRange year = {"2024-01-01", "2024-12-31"};
  const std::vector<DataRange> wider = {{"2023-12-31", "2024-12-31"},
                                        {"2024-01-01", "2025-01-01"},
                                        {"", "2024-12-31"},
                                        {"2024-01-01", ""},
                                        {"2025-01-01", "2025-12-31"},
                                        {"2024-06-01", "2025-06-01"},
                                        {}};
  for (const DataRange& range : wider) {
    EXPECT_EQ(kind(year, range), ChangeKind::kWidened) << RangeText(range);
    EXPECT_TRUE(IsMaterial(kind(year, range)));
  }
  for (const DataRange& range : {DataRange{"2024-01-02", "2024-12-31"},
                                 DataRange{"2024-01-01", "2024-12-30"},
                                 DataRange{"2024-02-29", "2024-02-29"}}) {
    EXPECT_EQ(kind(year, range), ChangeKind::kNarrowed) << RangeText(range);
  }
  EXPECT_EQ(kind({}, year), ChangeKind::kNarrowed);
  EXPECT_EQ(kind({"2024-01-01", ""}, year), ChangeKind::kNarrowed);
  EXPECT_EQ(kind({"", "2024-12-31"}, year), ChangeKind::kNarrowed);
}

TEST(DaysChange, IsSaidInWords) {
  const auto said = [](const DataRange& to) {
    return CompareContents(ContentOf({"2020-01-01", "2020-12-31"}),
                           ContentOf(to), testing::ThreePurposes())
        .front()
        .sentence;
  };
  EXPECT_NE(said({"2024-01-01", ""}).find("from 2024-01-01 on."),
            std::string::npos);
  EXPECT_NE(said({"", "2024-12-31"}).find("until 2024-12-31."),
            std::string::npos);
  EXPECT_NE(
      said({"2024-01-01", "2024-12-31"}).find("2024-01-01 to 2024-12-31."),
      std::string::npos);
  EXPECT_NE(said({}).find("any day"), std::string::npos);
}

// --- RFC 9396 and DCQL ---

absl::StatusOr<LinePositions> Rar(const std::string& range,
                                  const DataRange& agreed) {
  static const ThreePurposes kPurposes;
  return ResolveAuthorizationDetails(
      R"([{"type":"limpid_attributes","datatypes":["person.name"],)"
      R"("data_range":)" +
          range + "}]",
      testing::CareAgreement(ContentOf(agreed)), kPurposes);
}

TEST(DaysAsked, AreThoseOfTheAgreement) {
  const DataRange year = {"2024-01-01", "2024-12-31"};
  const auto lines = Rar(R"({"from":"2024-01-01","to":"2024-12-31"})", year);
  ASSERT_THAT(lines, IsOk());
  EXPECT_EQ(*lines, (LinePositions{0}));
  EXPECT_THAT(Rar(R"({"from":"2024-01-01"})", {"2024-01-01", ""}), IsOk());
  EXPECT_THAT(Rar(R"({"to":"2024-12-31"})", {"", "2024-12-31"}), IsOk());
  // Narrower, wider, elsewhere, or against an agreement without.
  for (const char* other :
       {R"({"from":"2024-06-01","to":"2024-06-30"})",
        R"({"from":"2023-01-01","to":"2024-12-31"})",
        R"({"from":"2024-01-01"})", R"({"to":"2024-12-31"})"}) {
    EXPECT_THAT(
        Rar(other, year),
        StatusSays(kInvalid, ": /0/data_range: is not that of the agreement"))
        << other;
    EXPECT_THAT(Rar(other, {}), StatusSays(kInvalid, ": /0/data_range: "));
  }
}

TEST(DaysAsked, AreRefusedWithThePointerWhenTheyAreNone) {
  struct Bad {
    std::string range;
    std::string says;
  };
  const std::vector<Bad> cases = {
      {"{}", ": /0/data_range: is not an object that names a day"},
      {"[]", ": /0/data_range: is not an object that names a day"},
      {R"("2024-01-01")", ": /0/data_range: is not an object"},
      {R"({"from":""})", ": /0/data_range/from: is not a day"},
      {R"({"from":20240101})", ": /0/data_range/from: is not a day"},
      {R"({"to":"2024-02-30"})", ": /0/data_range/to: is not a day"},
      {R"({"from":"2024-01-01","until":"x"})",
       ": /0/data_range/until: is not understood"},
  };
  for (const Bad& bad : cases) {
    for (const DataRange& agreed : {DataRange{}, DataRange{"2024-01-01", ""}}) {
      EXPECT_THAT(Rar(bad.range, agreed), StatusSays(kInvalid, bad.says))
          << bad.range;
    }
  }
}

TEST(DaysAsked, DcqlHasNoMemberForThem) {
  EXPECT_THAT(
      ResolveDcql(R"({"credentials":[{"id":"p","format":"dc+sd-jwt","meta":{},)"
                  R"("data_range":{"from":"2024-01-01"},)"
                  R"("claims":[{"path":["name"]}]}]})",
                  testing::CareAgreement(ContentOf({"2024-01-01", ""}))),
      StatusSays(kInvalid, ": /credentials/0/data_range: is not supported"));
}

// --- What the person is shown ---

TEST(DaysShown, StandInTheForm) {
  const std::string name = "limpid.example";
  const auto form = [&](const DataRange& range) {
    return MakeForm({name, testing::CareAgreement(ContentOf(range)),
                     testing::CareService(), nullptr, "en", testing::kStart});
  };
  const json::Value limited = form({"2024-01-01", "2024-12-31"});
  const json::Value* const from =
      limited.FindPointer("/conditions/data_range/from");
  ASSERT_NE(from, nullptr);
  EXPECT_EQ(from->string(), "2024-01-01");
  EXPECT_EQ(limited.FindPointer("/conditions/data_range/to")->string(),
            "2024-12-31");
  EXPECT_NE(
      FormText(limited).find("Data about the days: 2024-01-01 to 2024-12-31"),
      std::string::npos);
  EXPECT_NE(FormHtml(limited).find("2024-01-01 to 2024-12-31"),
            std::string::npos);
  const json::Value free = form({});
  EXPECT_EQ(free.FindPointer("/conditions/data_range"), nullptr);
  EXPECT_NE(FormText(free).find("Data about the days: all"), std::string::npos);
}

}  // namespace
}  // namespace limpid::consent
