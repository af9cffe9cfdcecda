// Which certifications are about a system or a deployment, kept as the log
// grows: whoever publishes anything must not make everybody who asks read all
// certifications again. For this folder alone.

#ifndef LIMPID_ALGOREGISTER_MIM5_CERTIFICATION_INDEX_H_
#define LIMPID_ALGOREGISTER_MIM5_CERTIFICATION_INDEX_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/version/version.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {

// A certification that is not retired.
struct Certificate {
  // As lists have it: FoldTitle.
  std::string title_key;
  RegistrationId registration;
  // Says that validation was refused, and is not withdrawn.
  bool refuses = false;
};

// Thread-compatible.
class Certificates {
 public:
  // About a system or deployment, in the order of their titles.
  [[nodiscard]] const std::vector<Certificate>& About(
      const RegistrationId& subject) const;
  // Whether any of these refuses.
  [[nodiscard]] bool Refuse(const RegistrationId& subject) const;
  // Puts a newest version of a certification in the place of an earlier one.
  void Take(const Version& version);

 private:
  std::map<RegistrationId, std::vector<Certificate>> about_;
  // What each certification is about.
  std::map<RegistrationId, std::vector<RegistrationId>> subjects_;
};

// Thread-safe.
class CertificationIndex {
 public:
  // Erasures change what is in the log already: after this time everything is
  // read again.
  static constexpr absl::Duration kInterval = absl::Minutes(10);

  // Both must outlive it.
  CertificationIndex(const RegistrationStore& store, const base::Clock& clock)
      : store_(store), clock_(clock) {}

  // With everything that was logged before the call.
  //
  // Errors: the store's.
  absl::StatusOr<std::shared_ptr<const Certificates>> Newest();

 private:
  absl::Status ReadAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ReadNew() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const RegistrationStore& store_;
  const base::Clock& clock_;
  base::Mutex mutex_;
  std::shared_ptr<const Certificates> kept_ ABSL_GUARDED_BY(mutex_);
  // Of the log, taken in.
  std::uint64_t size_ ABSL_GUARDED_BY(mutex_) = 0;
  // Monotonic.
  absl::Duration read_all_at_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_MIM5_CERTIFICATION_INDEX_H_
