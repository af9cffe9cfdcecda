// Takes evidence bundles in and says what evaluations' claims are worth: every
// answer is computed from what is stored, so that no mark grows old.

#ifndef LIMPID_ALGOREGISTER_UPLOAD_EVIDENCE_DESK_H_
#define LIMPID_ALGOREGISTER_UPLOAD_EVIDENCE_DESK_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/evidence/bundle.h"
#include "algoregister/evidence/claims.h"
#include "algoregister/evidence/counts.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/upload/evidence_store.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// Of one publisher: sixty-four bundles of the largest size.
inline constexpr std::int64_t kMaxEvidenceBytes = std::int64_t{256} << 20U;
// Bundles whose counts are kept at hand: a page that many read costs one
// reading of four megabytes.
inline constexpr std::size_t kBundlesAtHand = 64;

// What claims were compared with.
enum class EvidenceSource { kNone, kCounts, kBundle };

struct Recomputation {
  EvidenceSource source = EvidenceSource::kNone;
  // Of the bundle that is named, whether or not it is here.
  std::optional<base::Digest32> bundle;
  // Of kBundle.
  evidence::Disclosure disclosure = evidence::Disclosure::kSealed;
  // Groups as the evidence names them: merge before showing (evidence/merge.h).
  evidence::Evidence evidence;
  // The registration's; the bundle's where it has none.
  std::vector<evidence::CheckedClaim> claims;
  // The counts of the registration are not those of its bundle, or cannot be
  // read.
  bool counts_differ = false;
  // The registration gives other settings than its bundle, with whose
  // everything is computed.
  bool settings_differ = false;
  // Counts or claims that the registration gives cannot be read, all or one.
  bool unreadable = false;
  // For people: why there is no evidence, that it is the registration's own
  // because the bundle was erased, what of the registration cannot be read, and
  // which of its settings are not its bundle's.
  std::string remark;
  // Of the bundle that is named.
  std::optional<BundleErasure> erasure;
};

// "the bundle was erased by an administrator at <time>, on this ground: ...".
std::string ErasureText(const BundleErasure& erasure);

struct UploadedBundle {
  base::Digest32 digest{};
  evidence::Disclosure disclosure = evidence::Disclosure::kSealed;
  std::vector<evidence::CheckedClaim> claims;
};

struct ErasedBundle {
  BundleErasure erasure;
  // Bytes that went, or would go; 0 if they were gone.
  std::size_t size = 0;
};

// Thread-safe.
class EvidenceDesk {
 public:
  // All must outlive the desk.
  struct Parts {
    const RegistrationStore& versions;
    EvidenceStore& bundles;
    const base::Clock& clock;
  };

  explicit EvidenceDesk(const Parts& parts) : parts_(parts) {}

  // Checks, stores and recomputes a bundle. The same bytes again answer the
  // same.
  //
  // Errors:
  //   kInvalidArgument    no bundle: "<pointer>: reason".
  //   kResourceExhausted  over a limit of the format or of the publisher.
  //   kFailedPrecondition  erased (ErasureText): it does not come back.
  absl::StatusOr<UploadedBundle> Upload(const Publisher& publisher,
                                        std::string_view bytes);
  // Errors:
  //   kNotFound            nobody brought it.
  //   kFailedPrecondition  erased (ErasureText).
  absl::StatusOr<StoredBundle> Get(const base::Digest32& digest) const;
  // Errors:
  //   kNotFound  no such bundle was erased.
  absl::StatusOr<BundleErasure> GetErasure(const base::Digest32& digest) const;
  // Erases a bundle for an administrator, from the store and from what is at
  // hand, or only says what would be. A repeated call answers the first.
  //
  // Errors:
  //   kInvalidArgument  "ground: reason": CheckGround, over the names of groups
  //                     and the texts for people in the manifest.
  //   kNotFound         nobody brought it.
  absl::StatusOr<ErasedBundle> Erase(const base::Digest32& digest,
                                     std::string_view ground, bool check_only);

  // Of a published version, the newest for 0.
  //
  // Errors:
  //   kNotFound            no such registration or version.
  //   kFailedPrecondition  not an evaluation.
  absl::StatusOr<Recomputation> Recompute(const RegistrationId& registration,
                                          std::uint32_t number);
  // Of content that is not published: {"fields"}, for whoever drafts it.
  //
  // Errors: those of the store.
  absl::StatusOr<Recomputation> RecomputeContent(const json::Value& content);

 private:
  using Parsed = std::shared_ptr<const evidence::Bundle>;

  // One of the two.
  struct Found {
    Parsed bundle;
    std::optional<BundleErasure> erasure;
  };

  absl::StatusOr<Found> Read(const base::Digest32& digest);
  // Unless something was erased since `erasures` was read: it may be this.
  void Keep(const base::Digest32& digest, Parsed bundle,
            std::uint64_t erasures);
  void Drop(const base::Digest32& digest);

  Parts parts_;
  base::Mutex mutex_;
  // The newest last.
  std::deque<std::pair<base::Digest32, Parsed>> at_hand_
      ABSL_GUARDED_BY(mutex_);
  // How many bundles were erased since the start.
  std::uint64_t erasures_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_UPLOAD_EVIDENCE_DESK_H_
