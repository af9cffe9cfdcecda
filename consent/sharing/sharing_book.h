// The sharing agreements of all sources, in memory: few, and every decision
// needs them. Written by the sequencer after its commit, read by everybody.

#ifndef LIMPID_CONSENT_SHARING_SHARING_BOOK_H_
#define LIMPID_CONSENT_SHARING_SHARING_BOOK_H_

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "consent/agreement/service.h"
#include "consent/ids.h"
#include "consent/ledger/store.h"
#include "consent/sharing/sharing_agreement.h"

namespace limpid::consent {

// Thread-safe.
class SharingBook {
 public:
  // Errors: those of the store; kDataLoss for a row that does not open.
  absl::Status Load(const LedgerStore& store, const base::SecretBytes& row_key);

  void Put(SharingAgreement sharing);

  // The newest versions that `source` has made with `service`, in force or not.
  // An older version never counts again.
  [[nodiscard]] std::vector<SharingPointer> Between(
      const SourceId& source, const Service& service) const;
  // Every version, oldest first.
  [[nodiscard]] std::vector<SharingPointer> VersionsOf(
      const SharingId& id) const;
  // Every version of all, in order of ids and versions.
  [[nodiscard]] std::vector<SharingPointer> All() const;

 private:
  mutable base::Mutex mutex_;
  std::map<std::pair<SharingId, std::uint32_t>, SharingPointer> all_
      ABSL_GUARDED_BY(mutex_);
  // Newest versions by source and service; by source and the none service when
  // made with a class.
  std::map<std::pair<SourceId, ServiceId>, std::map<SharingId, SharingPointer>>
      newest_ ABSL_GUARDED_BY(mutex_);
};

// The row that stores it, sealed.
// Whether each line of `agreement` that names its source has an agreement of
// that source in force to share it with `service` for `purpose`.
[[nodiscard]] bool EveryPartIsShared(const SharingBook& book,
                                     const Agreement& agreement,
                                     const Service& service,
                                     std::string_view purpose,
                                     const Purposes& purposes, absl::Time now);

PublicRow RowOf(const base::SecretBytes& row_key,
                const SharingAgreement& sharing);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_SHARING_SHARING_BOOK_H_
