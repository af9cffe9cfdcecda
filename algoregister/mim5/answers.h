// The register's answers to the three questions of MIM5 about an organisation,
// a system or a deployment, worked out from what is registered. Documents, as
// common/mim5 checks them.
// docs/formats/mim5.md

#ifndef LIMPID_ALGOREGISTER_MIM5_ANSWERS_H_
#define LIMPID_ALGOREGISTER_MIM5_ANSWERS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/registration_store.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// Entries of one answer; more make it incomplete.
inline constexpr std::size_t kMaxAnswerEntries = 500;
// Canonical bytes of the entries of one answer: with its fields beside it, it
// fits a message of 4 MiB.
inline constexpr std::size_t kMaxListedBytes = std::size_t{3} << 19U;

// Thread-safe.
class Mim5Answers {
 public:
  // Both must outlive it.
  Mim5Answers(const RegistrationStore& store, const base::Clock& clock)
      : store_(store), clock_(clock) {}
  Mim5Answers(const Mim5Answers&) = delete;
  Mim5Answers& operator=(const Mim5Answers&) = delete;
  ~Mim5Answers() = default;

  // Question 1, 2, 3.
  //
  // Errors (all):
  //   kInvalidArgument  `subject` is no organisation, system or deployment.
  //   kNotFound         nothing is registered under it.
  absl::StatusOr<json::Value> AutomatedDecisionMaking(
      const RegistrationId& subject) const;
  absl::StatusOr<json::Value> Algorithms(const RegistrationId& subject) const;
  absl::StatusOr<json::Value> Certifications(
      const RegistrationId& subject) const;

 private:
  // Which certifications are about a system or deployment.
  using CertificationsOf =
      std::map<RegistrationId, std::vector<RegistrationId>>;

  // Made anew when something was published since.
  absl::StatusOr<std::shared_ptr<const CertificationsOf>> Index() const;

  const RegistrationStore& store_;
  const base::Clock& clock_;
  mutable base::Mutex mutex_;
  mutable std::shared_ptr<const CertificationsOf> index_
      ABSL_GUARDED_BY(mutex_);
  mutable std::uint64_t indexed_size_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_MIM5_ANSWERS_H_
