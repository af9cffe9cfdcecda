// A gate for statistics: permits a cohort of whom a test names, and lies as it
// is told.

#ifndef LIMPID_TESTS_UNIT_VAULT_COHORT_GATE_H_
#define LIMPID_TESTS_UNIT_VAULT_COHORT_GATE_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/batch.h"
#include "tests/unit/vault/vault_world.h"

namespace limpid::vault {

// Names whom it was told to, and lets a test damage what it says.
class CohortGate final : public ConsentGate {
 public:
  explicit CohortGate(const base::Clock& clock) : clock_(clock) {}

  void Authorize(ReleaseRequest /*request*/,
                 DecisionCallback callback) override {
    callback(absl::UnavailableError("not this one"));
  }

  void AuthorizeCohort(CohortQuestion question,
                       CohortCallback callback) override {
    questions.push_back(question);
    if (hold_back) {
      held = std::move(callback);
      return;
    }
    if (!error.ok()) return callback(error);
    Cohort out;
    if (!question.answered) out.permit = Permit(question);
    callback(std::move(out));
  }

  CohortPermit Permit(const CohortQuestion& question) {
    std::sort(members.begin(), members.end());
    receipt::CohortPermit permit;
    permit.cohort = Counting<16>(9);
    permit.source = ExampleIdentity().source.bytes();
    permit.service_key = question.caller_thumbprint;
    permit.agreement =
        base::ParseIdText("agr", question.fields.agreement).value();
    permit.purpose = question.fields.purpose;
    permit.attribute = question.fields.attribute;
    permit.request_hash = question.request_hash;
    permit.nonce = question.vault_nonce;
    permit.epoch = question.fields.epoch;
    permit.lease = receipt::kMaxCohortLease;
    permit.not_after = clock_.Now() + receipt::kMaxCohortLease;
    permit.member_count = static_cast<std::uint32_t>(members.size());
    permit.members = receipt::DigestOfMembers(members);
    if (change) change(permit);
    const std::vector<base::Bytes> items = {permit.Encode()};
    auto proof = receipt::SignBatch(kind, 1, clock_.Now(), items, key_).front();
    std::vector<receipt::CohortMember> named = members;
    if (add_member) named.push_back(Counting<16>(0xee));
    return MakeCohort(items.front(), std::move(proof), std::move(named));
  }

  [[nodiscard]] const crypto::Ed25519PublicKey& key() const {
    return key_.PublicKey();
  }

  std::vector<receipt::CohortMember> members;
  std::vector<CohortQuestion> questions;
  absl::Status error;
  std::function<void(receipt::CohortPermit&)> change;
  receipt::BatchKind kind = receipt::BatchKind::kPermits;
  bool add_member = false;
  bool hold_back = false;
  CohortCallback held;

 private:
  const base::Clock& clock_;
  crypto::Ed25519PrivateKey key_ = crypto::Ed25519PrivateKey::Generate();
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_COHORT_GATE_H_
