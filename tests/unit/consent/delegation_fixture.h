// The vocabulary of the tests of delegations: Anna, three who may act for her,
// and how a delegation is made.

#ifndef LIMPID_TESTS_UNIT_CONSENT_DELEGATION_FIXTURE_H_
#define LIMPID_TESTS_UNIT_CONSENT_DELEGATION_FIXTURE_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "common/receipt/delegation.h"
#include "consent/delegation/delegation_desk.h"
#include "gtest/gtest.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {

class ConsentDelegation : public ::testing::Test {
 protected:
  // Everybody may do everything; `signature_count` of them must grant.
  receipt::Delegation Terms(
      receipt::DelegationKind kind,
      const std::vector<testing::Citizen*>& representatives,
      std::uint64_t signature_count = 1) {
    receipt::Delegation out;
    out.operator_name = "limpid.example";
    out.person = anna_.id.Text();
    out.kind = kind;
    for (const testing::Citizen* one : representatives) {
      out.representatives.push_back(one->id.Text());
    }
    std::sort(out.representatives.begin(), out.representatives.end());
    out.signature_count = signature_count;
    out.powers = {receipt::Power::kGrant, receipt::Power::kReadLog,
                  receipt::Power::kReadRecords, receipt::Power::kWithdraw};
    out.from = world_.clock().Now();
    out.until = out.from + absl::Hours(24 * 365);
    out.time = out.from;
    out.evidence.fill(6);
    out.nonce.fill(next_nonce_++);
    return out;
  }
  HeldDelegation Sign(const receipt::Delegation& terms) {
    return desk()
        .MakeDelegation(anna_.id, receipt::SignDelegation(terms, anna_.key))
        .value();
  }
  HeldDelegation Record(const receipt::Delegation& terms) {
    return desk()
        .RecordDelegation(AdministratorKey{1}, terms.Canonical())
        .value();
  }
  receipt::SignedStatement StatementOf(
      const testing::Citizen& representative, const RecordView& record,
      const std::function<void(receipt::Statement&)>& change = nullptr) {
    receipt::Statement statement = testing::StatementFor(
        record.revision, *record.agreement, world_.clock().Now());
    statement.representative = representative.id.Text();
    if (change) change(statement);
    return receipt::SignStatement(statement, representative.key);
  }
  absl::StatusOr<ChangedRecord> GrantAs(const testing::Citizen& representative,
                                        const RecordView& record) {
    return desk().GrantFor(representative.id, anna_.id, record.revision.record,
                           StatementOf(representative, record));
  }
  // A record that mother granted under a delegation of hers.
  RecordView GrantedByMother() {
    const RecordView asked = world_.Request(anna_);
    return GrantAs(mother_, asked).value().record;
  }
  AccessView Newest() {
    return consent().ListAccesses(anna_.id, {}, 0, 1).value().entries.front();
  }
  Consent& consent() { return world_.consent(); }
  DelegationDesk desk() { return DelegationDesk(world_.consent()); }

  testing::MemoryStores stores_;
  testing::World world_{stores_};
  testing::Citizen anna_ = world_.NewCitizen(0x11);
  testing::Citizen mother_ = world_.NewCitizen(0x12);
  testing::Citizen father_ = world_.NewCitizen(0x13);
  testing::Citizen bob_ = world_.NewCitizen(0x14);
  std::uint8_t next_nonce_ = 1;
};

}  // namespace limpid::consent

#endif  // LIMPID_TESTS_UNIT_CONSENT_DELEGATION_FIXTURE_H_
