#include "consent/decision/decide.h"

#include <functional>
#include <optional>
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
using receipt::Reason;
using testing::CareAgreement;
using testing::CareContent;
using testing::CareService;
using testing::GrantedRevision;
using testing::kStart;

// A granted record over name and "over 18", and a request that fits it.
struct Case {
  Agreement agreement = CareAgreement();
  Service service = CareService();
  Revision record = GrantedRevision(agreement);
  ReadRequest request = {std::string(testing::kCare),
                         {"person.name", "person.birth_date"},
                         std::nullopt};
  ServiceId caller = service.id;
  std::uint64_t use_count = 0;
  bool may_train = true;
  bool linked = true;
  bool known = true;
  // Everything that is asked.
  std::optional<std::vector<bool>> shared;
  absl::Time now = kStart + absl::Hours(1);

  [[nodiscard]] std::vector<receipt::AccessLine> Decide() const {
    Standing standing;
    if (known) {
      standing.record = &record;
      standing.agreement = &agreement;
      standing.service = &service;
    }
    standing.caller = caller;
    standing.use_count = use_count;
    standing.may_train = may_train;
    standing.linked = linked;
    standing.shared =
        shared.value_or(std::vector<bool>(request.attributes.size(), true));
    return consent::Decide(request, standing, testing::ThreePurposes(), now);
  }
  [[nodiscard]] Reason First() const { return Decide().front().reason; }
};

TEST(Decide, ReleasesChosenLinesInTheAgreedForm) {
  const auto lines = Case().Decide();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].reason, Reason::kReleased);
  EXPECT_EQ(lines[0].form, 1);
  EXPECT_EQ(lines[1].reason, Reason::kReleased);
  EXPECT_EQ(lines[1].form, 2);
  EXPECT_EQ(lines[1].derivation, "over_n/1");
  EXPECT_EQ(lines[1].parameters, R"({"n":18})");
}

TEST(Decide, SaysPolicyWhereTheSourceDoesNotShare) {
  Case c;
  c.shared = std::vector<bool>{true, false};
  EXPECT_EQ(c.Decide()[0].reason, Reason::kReleased);
  EXPECT_EQ(c.Decide()[1].reason, Reason::kPolicy);
  EXPECT_EQ(c.Decide()[1].form, 0);
  // Nothing known about sharing is not sharing.
  c.shared = std::vector<bool>{};
  EXPECT_EQ(c.First(), Reason::kPolicy);
  // What she did not choose stays her own reason.
  c.request.attributes = {"person.email"};
  EXPECT_EQ(c.First(), Reason::kNoConsent);
}

TEST(Decide, PartialSuccessIsNormal) {
  Case c;
  c.request.attributes = {"person.email", "person.name", "person.address"};
  const auto lines = c.Decide();
  EXPECT_EQ(lines[0].reason, Reason::kNoConsent);  // Not chosen.
  EXPECT_EQ(lines[0].form, 0);
  EXPECT_EQ(lines[1].reason, Reason::kReleased);
  EXPECT_EQ(lines[2].reason, Reason::kNoConsent);  // Not in the agreement.
}

TEST(Decide, EveryStateButGrantedRefuses) {
  const std::vector<std::pair<RecordState, Reason>> table = {
      {RecordState::kDraft, Reason::kNoConsent},
      {RecordState::kRequested, Reason::kNoConsent},
      {RecordState::kDeferred, Reason::kNoConsent},
      {RecordState::kAwaitingOthers, Reason::kNoConsent},
      {RecordState::kGranted, Reason::kReleased},
      {RecordState::kPaused, Reason::kPaused},
      {RecordState::kRefused, Reason::kNoConsent},
      {RecordState::kLapsed, Reason::kNoConsent},
      {RecordState::kWithdrawn, Reason::kWithdrawn},
      {RecordState::kRevoked, Reason::kRevoked},
      {RecordState::kExpired, Reason::kExpired},
      {RecordState::kExhausted, Reason::kLimit},
      {RecordState::kInvalidated, Reason::kInvalidated},
      {RecordState::kSuperseded, Reason::kNoConsent},
      {RecordState::kTerminated, Reason::kNoConsent},
  };
  ASSERT_EQ(table.size(), kAllStates.size());
  for (const auto& [state, reason] : table) {
    Case c;
    c.record.state = state;
    EXPECT_EQ(c.First(), reason) << StateName(state);
  }
}

TEST(Decide, ValidityIsHalfOpen) {
  const absl::Duration tick = absl::Milliseconds(1);
  Case c;
  c.now = c.record.from - tick;
  EXPECT_EQ(c.First(), Reason::kExpired);
  c.now = c.record.from;
  EXPECT_EQ(c.First(), Reason::kReleased);
  c.now = c.record.until - tick;
  EXPECT_EQ(c.First(), Reason::kReleased);
  c.now = c.record.until;
  EXPECT_EQ(c.First(), Reason::kExpired);
}

TEST(Decide, PurposeMayNarrowAndNeverWiden) {
  Case c;
  c.request.purpose = testing::kHomeCare;
  EXPECT_EQ(c.First(), Reason::kReleased);
  c.request.purpose = testing::kMarketing;
  EXPECT_EQ(c.First(), Reason::kPurpose);
  c.request.purpose = "https://example.org/p#Unknown";
  EXPECT_EQ(c.First(), Reason::kPurpose);

  AgreementContent narrow = CareContent();
  narrow.purposes = {std::string(testing::kHomeCare)};
  Case widened;
  widened.agreement = CareAgreement(narrow);
  widened.request.purpose = testing::kCare;
  EXPECT_EQ(widened.First(), Reason::kPurpose);
}

TEST(Decide, OnlyTheRecipientIsServed) {
  Case c;
  c.caller = testing::IdOf<ServiceId>(9);
  EXPECT_EQ(c.First(), Reason::kCaller);
  c.record.state = RecordState::kWithdrawn;
  EXPECT_EQ(c.First(), Reason::kCaller);
}

TEST(Decide, CountsUsesUpToTheLimit) {
  AgreementContent content = CareContent();
  content.use_count_max = 3;
  Case c;
  c.agreement = CareAgreement(content);
  c.use_count = 2;
  EXPECT_EQ(c.First(), Reason::kReleased);
  c.use_count = 3;
  EXPECT_EQ(c.First(), Reason::kLimit);
}

TEST(Decide, CeilingAndBasisAreCheckedAtUse) {
  Case attribute;
  attribute.service.ceiling_attributes.erase("person.birth_date");
  EXPECT_EQ(attribute.Decide()[0].reason, Reason::kReleased);
  EXPECT_EQ(attribute.Decide()[1].reason, Reason::kPolicy);
  Case purpose;
  purpose.service.ceiling_purposes = {std::string(testing::kMarketing)};
  EXPECT_EQ(purpose.First(), Reason::kPolicy);
  Case basis;
  basis.service.bases = {receipt::LegalBasis::kPublicTask};
  EXPECT_EQ(basis.First(), Reason::kPolicy);
}

TEST(Decide, TrainingNeedsTheAgreedSystemAndARegisteredSnapshot) {
  AgreementContent content = CareContent();
  content.ai_training = true;
  content.systems = {testing::IdOf<SystemId>(8)};
  Case c;
  c.request.training = TrainingUse{testing::IdOf<SystemId>(8), {}};
  EXPECT_EQ(c.First(), Reason::kPurpose);  // Training was never agreed.
  c.agreement = CareAgreement(content);
  EXPECT_EQ(c.First(), Reason::kReleased);
  c.may_train = false;
  EXPECT_EQ(c.First(), Reason::kPolicy);
  c.may_train = true;
  c.request.training = TrainingUse{testing::IdOf<SystemId>(7), {}};
  EXPECT_EQ(c.First(), Reason::kCaller);
}

TEST(Decide, AnUnknownRecordIsOneThatGrantsNothing) {
  Case c;
  c.known = false;
  const auto lines = c.Decide();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].reason, Reason::kNoConsent);
  Case unlinked;
  unlinked.linked = false;
  EXPECT_EQ(unlinked.First(), Reason::kNoConsent);
}

TEST(Decide, AServiceLearnsNothingOfOtherPeoplesRecords) {
  for (int number = 1; number <= 13; ++number) {
    const auto reason = static_cast<Reason>(number);
    EXPECT_EQ(Soften(reason, /*caller_is_recipient=*/false),
              Reason::kNoConsent);
  }
  EXPECT_EQ(Soften(Reason::kRepresentative, true), Reason::kNoConsent);
  EXPECT_EQ(Soften(Reason::kWithdrawn, true), Reason::kWithdrawn);
  EXPECT_EQ(Soften(Reason::kReleased, true), Reason::kReleased);
}

TEST(ReadRequest, IsCheckedBeforeItIsDecided) {
  const ReadRequest good = Case().request;
  EXPECT_THAT(CheckReadRequest(good), IsOk());
  ReadRequest none = good;
  none.attributes.clear();
  ReadRequest twice = good;
  twice.attributes.push_back(twice.attributes[0]);
  ReadRequest shouting = good;
  shouting.attributes[0] = "Person.Name";
  ReadRequest aimless = good;
  aimless.purpose.clear();
  ReadRequest many = good;
  many.attributes.clear();
  for (std::size_t i = 0; i <= kMaxLines; ++i) {
    many.attributes.push_back("a" + std::to_string(i));
  }
  for (const auto& bad : {none, twice, shouting, aimless, many}) {
    EXPECT_THAT(CheckReadRequest(bad),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  many.attributes.pop_back();
  EXPECT_THAT(CheckReadRequest(many), IsOk());
}

}  // namespace
}  // namespace limpid::consent
