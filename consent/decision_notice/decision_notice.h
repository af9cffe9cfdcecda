// A decision notice: what a body that decided about a person with an
// algorithmic system tells her of it (MIM5, explanation at individual level).
// The register holds no personal data, so it comes to her here, sealed under
// her key. A value. Not the basis notice of consent/notice/.
// docs/formats/decision-notice.md

#ifndef LIMPID_CONSENT_DECISION_NOTICE_DECISION_NOTICE_H_
#define LIMPID_CONSENT_DECISION_NOTICE_DECISION_NOTICE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "consent/ids.h"
#include "consent/training/algorithm_register.h"

namespace limpid::consent {

struct DecisionNoticeTag {
  static constexpr std::string_view kPrefix = "dcn";
};
using DecisionNoticeId = base::Id<DecisionNoticeTag>;

// Names of attributes that went in, and their bytes.
inline constexpr std::size_t kMaxDecisionInputs = 64;
inline constexpr std::size_t kMaxInputNameBytes = 128;
// What weighed most, in words; more than a screen explains nothing.
inline constexpr std::size_t kMaxDecisionFactors = 16;
inline constexpr std::size_t kMaxFactorBytes = 500;
// Contact, way to object, outcome; bytes each.
inline constexpr std::size_t kMaxContactBytes = 500;
inline constexpr std::size_t kMaxDecisionTextBytes = 2'000;

// What the deciding body says. Texts are UTF-8 without control characters but
// line ends.
struct DecisionContent {
  DeploymentId deployment;
  // Of its registration.
  std::uint32_t deployment_version = 0;
  // When it was decided; millisecond resolution.
  absl::Time decided;
  // Names of the attributes that were used, not their values.
  std::vector<std::string> inputs;
  std::vector<std::string> factors;
  // A human being who can be asked.
  std::string contact;
  std::string objection;
  // What was decided, in words; may be empty.
  std::string outcome;

  friend bool operator==(const DecisionContent&,
                         const DecisionContent&) = default;
};

// Errors:
//   kInvalidArgument  "<path>: <reason>", without the value.
absl::Status CheckDecisionContent(const DecisionContent& content,
                                  absl::Time now);

struct DecisionNotice {
  DecisionNoticeId id;
  ServiceId service;
  RecordId record;
  // When consent took it.
  absl::Time received;
  // When she said that she read it; the epoch before.
  absl::Time acknowledged = absl::UnixEpoch();
  DecisionContent content;

  // Without `id`, which is the row's.
  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one notice.
  static absl::StatusOr<DecisionNotice> Decode(base::ByteView bytes);

  friend bool operator==(const DecisionNotice&,
                         const DecisionNotice&) = default;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_DECISION_NOTICE_DECISION_NOTICE_H_
