// The register's answers to the three questions of MIM5 about an organisation,
// a system or a deployment, worked out from what is registered. Documents, as
// common/mim5 checks them.
// docs/formats/mim5.md

#ifndef LIMPID_ALGOREGISTER_MIM5_ANSWERS_H_
#define LIMPID_ALGOREGISTER_MIM5_ANSWERS_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "algoregister/mim5/certification_index.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/registration_store.h"
#include "common/base/clock.h"
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
      : store_(store), clock_(clock), index_(store, clock) {}
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
  const RegistrationStore& store_;
  const base::Clock& clock_;
  mutable CertificationIndex index_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_MIM5_ANSWERS_H_
