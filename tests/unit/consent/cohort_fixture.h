// The vocabulary of the tests of cohorts: a statistics office that may count
// households, and persons who let it.

#ifndef LIMPID_TESTS_UNIT_CONSENT_COHORT_FIXTURE_H_
#define LIMPID_TESTS_UNIT_CONSENT_COHORT_FIXTURE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/receipt/cohort_permit.h"
#include "consent/agreement/agreement.h"
#include "consent/cohort/cohort.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent::testing {

using Members = std::vector<receipt::CohortMember>;

inline constexpr char kHouseholdSize[] = "household.size";

// Counts the size of the household; the birth date in full is optional.
inline AgreementContent SurveyContent() {
  AgreementContent out = CareContent();
  out.purposes = {std::string(kStatistics)};
  out.lines = {{kHouseholdSize,
                Necessity::kOptional,
                receipt::Form::kAggregate,
                "",
                "",
                {}},
               {"person.birth_date",
                Necessity::kOptional,
                receipt::Form::kFull,
                "",
                "",
                {}}};
  return out;
}

class CohortTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Service service = CareService();
    service.id = ServiceId();
    service.organisation = "Statistics";
    service.keys = {base::Digest32{2}};
    service.bases = {receipt::LegalBasis::kConsent,
                     receipt::LegalBasis::kContract,
                     receipt::LegalBasis::kPublicTask};
    service.ceiling_purposes = {std::string(kStatistics)};
    service.ceiling_attributes = {kHouseholdSize, "person.birth_date"};
    counter_ = world_.consent().CreateService({7}, service).value();
    survey_ = Publish(SurveyContent());
  }
  AgreementPointer Publish(AgreementContent content,
                           std::optional<AgreementId> next = std::nullopt,
                           absl::Duration grace = kDefaultGrace) {
    return world_.consent()
        .CreateAgreement(counter_->id, next, std::move(content), {{7}, grace})
        .value();
  }
  Citizen Linked(std::uint8_t seed) {
    Citizen out = world_.NewCitizen(seed);
    EXPECT_THAT(world_.consent().IssueSourceToken(out.id, World::vault()),
                limpid::testing::IsOk());
    return out;
  }
  // Grants the lines at `lines` for `validity`.
  RecordId Grant(const Citizen& citizen, const AgreementPointer& agreement,
                 const std::vector<std::size_t>& lines = {0},
                 absl::Duration validity = absl::Hours(24 * 30)) {
    NewRequest wanted;
    wanted.agreement = agreement->id;
    wanted.version = agreement->version;
    wanted.request_id = {++requests_, 0xc0};
    const auto made = world_.consent().CreateRequest(counter_->id, wanted);
    const RecordView record =
        world_.consent().BindRequest(citizen.id, made.value().code).value();
    receipt::Statement statement =
        StatementFor(record.revision, *agreement, world_.clock().Now());
    statement.lines.clear();
    for (const std::size_t line : lines) {
      statement.lines.push_back(PermitLineOf(agreement->content.lines[line]));
    }
    statement.until = statement.from + validity;
    EXPECT_THAT(
        world_.consent().Grant(citizen.id, record.revision.record,
                               receipt::SignStatement(statement, citizen.key)),
        limpid::testing::IsOk());
    return record.revision.record;
  }
  RecordId Grant(const Citizen& citizen) { return Grant(citizen, survey_); }

  CohortRequest Question() {
    CohortRequest out;
    out.caller_key = base::Digest32{2};
    out.source = World::vault();
    out.agreement = survey_->id;
    out.purpose = kStatistics;
    out.attribute = kHouseholdSize;
    out.epoch = receipt::CohortEpochAt(world_.clock().Now());
    out.nonce.fill(5);
    out.request_hash.fill(6);
    return out;
  }
  absl::StatusOr<CohortAnswer> Ask(CohortRequest request) {
    std::promise<absl::StatusOr<CohortAnswer>> promise;
    auto future = promise.get_future();
    world_.consent().AuthoriseCohort(std::move(request), [&](auto answer) {
      promise.set_value(std::move(answer));
    });
    return future.get();
  }
  absl::StatusOr<Members> Ask() {
    auto answer = Ask(Question());
    if (!answer.ok()) return answer.status();
    return answer->release.value().members;
  }
  Members Of(const std::vector<const Citizen*>& citizens) {
    Members out;
    for (const Citizen* citizen : citizens) {
      const auto account = world_.consent().GetAccount(citizen->id);
      out.push_back(account->account.HolderAt(World::vault())->bytes());
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  std::vector<AccessView> Counted(const Citizen& citizen) {
    auto page = world_.consent().ListAccesses(citizen.id, {}, 0, 100);
    std::erase_if(page->entries, [](const AccessView& view) {
      return view.entry.kind != receipt::AccessKind::kCounted;
    });
    return page->entries;
  }
  absl::Status Withdraw(const Citizen& citizen, const RecordId& record) {
    return world_.consent().Withdraw(citizen.id, record).status();
  }

  MemoryStores stores_;
  World world_{stores_};
  ServicePointer counter_;
  AgreementPointer survey_;
  std::uint8_t requests_ = 0;
};

}  // namespace limpid::consent::testing

#endif  // LIMPID_TESTS_UNIT_CONSENT_COHORT_FIXTURE_H_
