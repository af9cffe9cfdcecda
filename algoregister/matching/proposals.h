// Proposals which registrations belong together: deployments of one product,
// and one registration under two foreign ids. A person confirms; nothing is
// merged here. Pure functions.
// docs/adr/2026-11-30-proposals-are-confirmed.md

#ifndef LIMPID_ALGOREGISTER_MATCHING_PROPOSALS_H_
#define LIMPID_ALGOREGISTER_MATCHING_PROPOSALS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/registration_store.h"

namespace limpid::algoregister {

// All of them are in memory at once.
inline constexpr std::size_t kMaxCandidates = 20'000;

// What is looked at of one deployment.
struct Candidate {
  RegistrationId registration;
  // Of the version looked at, its newest.
  std::uint32_t number = 0;
  std::string title;
  std::optional<RegistrationId> organisation;
  std::optional<RegistrationId> system;
  // As it names its vendor, empty if it does not.
  std::string vendor;
  // Running text about it.
  std::string prose;
  // Schemes of its foreign ids.
  std::vector<std::string> schemes;
  bool retired = false;
  // When its first and its newest version were drafted.
  absl::Time first;
  absl::Time newest;
};

enum class ProposalReason { kSameVendor, kProductName, kNewId };

struct Proposal {
  // 16 hex digits over reason and registrations.
  std::string id;
  ProposalReason reason = ProposalReason::kProductName;
  // As one of them writes it.
  std::string title;
  std::string vendor;
  // An existing system that they would be of.
  std::optional<RegistrationId> system;
  // Ascending; of kNewId the older one, then the newer one.
  std::vector<RegistrationId> registrations;
  // Of each, the version that was looked at: who decides on the proposal later
  // sees whether it is still so.
  std::vector<std::uint32_t> versions;
  std::size_t organisation_count = 0;
};

struct GenericTitle {
  std::string title;
  std::size_t registration_count = 0;
  std::size_t organisation_count = 0;
};

struct Proposals {
  // Those about most registrations first.
  std::vector<Proposal> proposals;
  // Used by five bodies or more, and left alone; most first.
  std::vector<GenericTitle> generic;
};

// A title that several bodies use is one product when a vendor is named with
// it, or when it holds the name of a product and is not generic. What is of one
// system already is not proposed again.
Proposals Match(std::span<const Candidate> candidates);

// Every deployment of the store. Reads none of them when there are too many.
//
// Errors:
//   kResourceExhausted  more than kMaxCandidates.
//   others              the store's.
absl::StatusOr<std::vector<Candidate>> CandidatesOf(
    const RegistrationStore& store);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_MATCHING_PROPOSALS_H_
