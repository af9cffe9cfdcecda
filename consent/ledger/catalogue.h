// Services and agreements, all of them, in memory: there are few, they are
// public, and every decision needs them. Written by the sequencer after its
// commit, read by everybody.

#ifndef LIMPID_CONSENT_LEDGER_CATALOGUE_H_
#define LIMPID_CONSENT_LEDGER_CATALOGUE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "consent/agreement/agreement.h"
#include "consent/agreement/service.h"
#include "consent/ids.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Shared pointers, because a decision in progress keeps what it read while the
// catalogue goes on.
using ServicePointer = std::shared_ptr<const Service>;
using AgreementPointer = std::shared_ptr<const Agreement>;

// Thread-safe.
class Catalogue {
 public:
  // Errors: those of the store; kDataLoss for a row that does not parse.
  absl::Status Load(const LedgerStore& store);

  void Put(Service service);
  void Put(Agreement agreement);

  // Null when there is none.
  [[nodiscard]] ServicePointer FindService(const ServiceId& id) const;
  [[nodiscard]] ServicePointer FindServiceByKey(
      const base::Digest32& spki_thumbprint) const;
  [[nodiscard]] AgreementPointer FindAgreement(const AgreementId& id,
                                               std::uint32_t version) const;
  // Every version, oldest first.
  [[nodiscard]] std::vector<AgreementPointer> VersionsOf(
      const AgreementId& id) const;

  // In order of ids.
  [[nodiscard]] std::vector<ServicePointer> Services() const;
  // In order of ids and versions.
  [[nodiscard]] std::vector<AgreementPointer> AgreementsOf(
      const ServiceId& service) const;

 private:
  mutable base::Mutex mutex_;
  std::map<ServiceId, ServicePointer> services_ ABSL_GUARDED_BY(mutex_);
  std::map<base::Digest32, ServiceId> keys_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<AgreementId, std::uint32_t>, AgreementPointer> agreements_
      ABSL_GUARDED_BY(mutex_);
};

// Rows that store them.
PublicRow RowOf(const Service& service);
PublicRow RowOf(const Agreement& agreement);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_CATALOGUE_H_
