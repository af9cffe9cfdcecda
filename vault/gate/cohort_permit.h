// A cohort permit as the vault holds it: with the persons it names, and made by
// a ConsentGate alone (passkey), like a ReleasePermit. It opens values for one
// purpose only: vault::Aggregator counts them, and nothing of one person leaves
// it. docs/formats/cohort-permit.md

#ifndef LIMPID_VAULT_GATE_COHORT_PERMIT_H_
#define LIMPID_VAULT_GATE_COHORT_PERMIT_H_

#include <string>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/receipt/batch.h"
#include "common/receipt/cohort_permit.h"

namespace limpid::vault {

class ConsentGate;

// One statistic, as the vault puts it to consent.
struct CohortQuestion {
  // SHA-256 of the SubjectPublicKeyInfo of the certificate the service
  // authenticated with at this vault.
  base::Digest32 caller_thumbprint{};
  receipt::StatisticFields fields;
  // receipt::StatisticHash(fields); the permit must repeat it.
  base::Digest32 request_hash{};
  // Fresh for every request; the permit must repeat it.
  base::ByteArray<16> vault_nonce{};
  // The vault keeps the answer: only the service's right to it is asked.
  bool answered = false;
};

// Move-only; spent by Aggregator. Thread-compatible.
class CohortPermit {
 public:
  // Proof that a ConsentGate is calling.
  class Passkey {
   private:
    friend class ConsentGate;
    explicit Passkey() = default;
  };

  // Nothing is checked yet.
  CohortPermit(Passkey /*passkey*/, base::Bytes item, receipt::BatchProof proof,
               std::vector<receipt::CohortMember> members)
      : item_(std::move(item)),
        proof_(std::move(proof)),
        members_(std::move(members)) {}
  CohortPermit(CohortPermit&& other) noexcept = default;
  CohortPermit& operator=(CohortPermit&& other) noexcept = default;
  CohortPermit(const CohortPermit&) = delete;
  CohortPermit& operator=(const CohortPermit&) = delete;
  ~CohortPermit() = default;

  // Unchecked: the aggregator checks them.
  [[nodiscard]] const base::Bytes& item() const { return item_; }
  [[nodiscard]] const receipt::BatchProof& proof() const { return proof_; }
  [[nodiscard]] const std::vector<receipt::CohortMember>& members() const {
    return members_;
  }

 private:
  base::Bytes item_;
  receipt::BatchProof proof_;
  std::vector<receipt::CohortMember> members_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_GATE_COHORT_PERMIT_H_
