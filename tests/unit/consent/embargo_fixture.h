// The vocabulary of the embargo tests: a service that may have one, a person
// who signed for it, and what her device makes of what she is shown.

#ifndef LIMPID_TESTS_UNIT_CONSENT_EMBARGO_FIXTURE_H_
#define LIMPID_TESTS_UNIT_CONSENT_EMBARGO_FIXTURE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "common/receipt/embargo_check.h"
#include "consent/consent_state.h"
#include "consent/duty/duty_desk.h"
#include "consent/embargo/embargo_desk.h"
#include "consent/notice/notice_desk.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent::testing {

inline constexpr AdministratorKey kFirst{1, 1};
inline constexpr AdministratorKey kSecond{2, 2};
inline constexpr absl::Duration kDay = absl::Hours(24);

inline AgreementContent ContentUnder(
    std::uint32_t days,
    receipt::LegalBasis basis = receipt::LegalBasis::kLegalObligation) {
  AgreementContent out = CareContent();
  out.basis = basis;
  out.embargo_days = days;
  return out;
}

class EmbargoWorld : public ::testing::Test {
 protected:
  Consent& consent() { return world_.consent(); }

  absl::StatusOr<ServiceChange> Propose(std::uint32_t days) {
    ProposedChange wanted;
    wanted.administrator = kFirst;
    wanted.service = world_.service()->id;
    for (const ServicePointer& service : consent().ListServices()) {
      if (service->id == wanted.service) wanted.after = LimitsOf(*service);
    }
    wanted.after.bases = {receipt::LegalBasis::kConsent,
                          receipt::LegalBasis::kLegalObligation,
                          receipt::LegalBasis::kPublicTask};
    wanted.after.embargo_days = days;
    wanted.reason = "A law on secret reads";
    return consent().ProposeServiceChange({++requests_}, wanted);
  }
  // By two administrators and a day.
  void Give(std::uint32_t days) {
    const auto proposed = Propose(days);
    ASSERT_THAT(proposed, limpid::testing::IsOk());
    ASSERT_THAT(consent().ApproveServiceChange(kSecond, proposed->id),
                limpid::testing::IsOk());
    world_.clock().Advance(kServiceChangeDelay);
    ASSERT_THAT(consent().RunServiceChanges(), limpid::testing::IsOk());
  }
  RecordId GrantedUnder(std::uint32_t days) {
    return world_.Granted(ann_, world_.Publish(ContentUnder(days)))
        .revision.record;
  }
  AccessId Read(const RecordId& record) {
    const auto answer = world_.Read(record);
    EXPECT_TRUE(Released(answer));
    return answer.ok() ? answer->access : AccessId();
  }
  // A visible entry.
  void Visible() { ASSERT_TRUE(Released(world_.Read(open_))); }
  void Advance(absl::Duration by) {
    world_.clock().Advance(by);
    consent().RunDue();
  }

  std::vector<AccessView> Log() {
    return consent().ListAccesses(ann_.id, {}, 0, 10'000)->entries;
  }
  std::size_t CountOf(receipt::AccessKind kind) {
    const auto log = Log();
    return static_cast<std::size_t>(std::count_if(
        log.begin(), log.end(),
        [kind](const AccessView& view) { return view.entry.kind == kind; }));
  }
  std::vector<ToldAccess> Told(std::size_t page_size = 3) {
    std::vector<ToldAccess> out;
    std::optional<AccessId> after;
    do {
      auto page = EmbargoDesk(consent()).ListTold(ann_.id, after, page_size);
      EXPECT_THAT(page, limpid::testing::IsOk());
      if (!page.ok()) break;
      for (ToldAccess& one : page->accesses) out.push_back(std::move(one));
      after = page->next_after;
      EXPECT_TRUE(!after || page->accesses.size() == page_size);
    } while (after);
    return out;
  }
  std::vector<EmbargoOpening> Openings(std::size_t page_size = 2) {
    std::vector<EmbargoOpening> out;
    std::uint64_t below = 0;
    do {
      auto page =
          EmbargoDesk(consent()).ListOpenings(ann_.id, below, page_size);
      EXPECT_THAT(page, limpid::testing::IsOk());
      if (!page.ok()) break;
      for (EmbargoOpening& one : page->openings) out.push_back(std::move(one));
      below = page->next_below;
    } while (below != 0);
    return out;
  }
  // What the person's device makes of what she is shown.
  receipt::EmbargoFindings Judge() {
    const auto log = Log();
    std::vector<receipt::ShownEntry> visible;
    for (const EmbargoOpening& one : Openings()) {
      receipt::ShownEntry& shown = visible.emplace_back();
      shown.sequence = one.sequence;
      shown.entry = one.entry;
      shown.opening = one.opening;
      shown.steps = one.steps;
      const base::Bytes& leaf = log.at(log.size() - one.sequence).leaf;
      std::copy(leaf.begin() + 1, leaf.end(), shown.commitment.begin());
    }
    std::reverse(visible.begin(), visible.end());
    EXPECT_EQ(visible.size(), log.size());
    std::vector<receipt::ToldEntry> told;
    for (const ToldAccess& one : Told()) {
      receipt::ToldEntry& entry = told.emplace_back();
      entry.log = one.log;
      entry.days = one.days;
      entry.until = one.until;
      entry.entry = one.entry;
      entry.opening = one.opening;
      const AgreementContent agreed =
          consent()
              .GetRecord(ann_.id, RecordId(one.view.entry.record))
              ->agreement->content;
      entry.agreed_days = agreed.embargo_days;
      entry.agreed_basis = agreed.basis;
    }
    return receipt::CheckEmbargo(visible, told, world_.clock().Now());
  }
  void ExpectProven(std::uint64_t count) {
    const receipt::EmbargoFindings found = Judge();
    EXPECT_TRUE(found.alarms.empty()) << found.alarms.front();
    EXPECT_EQ(found.proven_count, count);
    EXPECT_EQ(found.unproven_count, 0U);
  }
  std::vector<NoticeView> Notices() {
    return NoticeDesk(consent())
        .List(ann_.id, /*unread_only=*/false, std::nullopt, 100)
        ->notices;
  }
  std::vector<DutyView> DutiesOf(const RecordId& record) {
    return DutyDesk(consent()).ListDuties(ann_.id, record).value().duties;
  }
  std::uint64_t LeafCount() {
    const auto leaves = stores_.ledger().Leaves(1, 100'000);
    return leaves.ok() ? leaves->size() : 0;
  }

  MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(11);
  std::uint8_t requests_ = 0;
  // A consent of hers, whose reads are visible.
  RecordId open_ = world_.Granted(ann_).revision.record;
};

}  // namespace limpid::consent::testing

#endif  // LIMPID_TESTS_UNIT_CONSENT_EMBARGO_FIXTURE_H_
