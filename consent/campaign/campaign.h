// What a new version of an agreement means for the consents that stand: whether
// they are asked for again or only told, from when on the old ones release
// nothing, and how far the asking has come. Values and one book of them; who is
// asked is in campaign_desk.h. docs/formats/campaign.md

#ifndef LIMPID_CONSENT_CAMPAIGN_CAMPAIGN_H_
#define LIMPID_CONSENT_CAMPAIGN_CAMPAIGN_H_

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "consent/agreement/agreement.h"
#include "consent/campaign/sweep.h"
#include "consent/ids.h"
#include "consent/ledger/catalogue.h"
#include "consent/ledger/store.h"
#include "consent/purpose/purposes.h"

namespace limpid::consent {

// A month to answer in, unless the administrator says otherwise.
inline constexpr absl::Duration kDefaultGrace = absl::Hours(24 * 30);
// A quarter: longer, and reads go on under a text that nobody stands by.
inline constexpr absl::Duration kMaxGrace = absl::Hours(24 * 90);
// How long after the grace a request can still be answered.
inline constexpr absl::Duration kAnswerAfterGrace = absl::Hours(24 * 30);

// One per version from 2 on.
struct Campaign {
  AgreementId agreement;
  // The new one.
  std::uint32_t version = 0;
  // Compared with the version right before it.
  bool material = false;
  absl::Time created = absl::UnixEpoch();
  // When the grace ends.
  absl::Time outdated_from = absl::UnixEpoch();
  // SHA-256 of the administrator's SubjectPublicKeyInfo; zero if not known.
  base::Digest32 made_by{};
  // Asking or telling.
  SweepCursor asking;
  // Ending, after the grace, what was refused.
  SweepCursor ending;
  // Persons' records asked again.
  std::uint64_t asked_count = 0;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one campaign.
  static absl::StatusOr<Campaign> Decode(base::ByteView bytes);

  friend bool operator==(const Campaign&, const Campaign&) = default;
};

// From when on records of `version` are outdated, given all versions of its
// agreement and their campaigns: never when the newest version asks for no
// more than `version` does; else from the earliest end of grace among the later
// versions that ask for more.
std::optional<absl::Time> OutdatedFrom(
    std::uint32_t version, const std::vector<AgreementPointer>& versions,
    const std::map<std::uint32_t, Campaign>& campaigns,
    const Purposes& purposes);

// A count that names nobody: below 10 it is 0, above it is rounded down to the
// leading digit.
std::uint64_t CoarseCount(std::uint64_t count);

// All campaigns, in memory. Thread-safe.
class CampaignBook {
 public:
  // Both must outlive it.
  CampaignBook(const Catalogue& catalogue, const Purposes& purposes)
      : catalogue_(catalogue), purposes_(purposes) {}

  // After the catalogue was loaded.
  //
  // Errors: those of the store; kDataLoss for a row that does not open.
  absl::Status Load(const LedgerStore& store, const base::SecretBytes& row_key);
  // The campaign's version is in the catalogue.
  void Put(const Campaign& campaign);

  [[nodiscard]] std::optional<absl::Time> OutdatedFrom(
      const AgreementId& agreement, std::uint32_t version) const;
  [[nodiscard]] std::optional<Campaign> Find(const AgreementId& agreement,
                                             std::uint32_t version) const;
  // In order of agreements and versions.
  [[nodiscard]] std::vector<Campaign> All() const;

 private:
  const Catalogue& catalogue_;
  const Purposes& purposes_;
  mutable base::Mutex mutex_;
  std::map<AgreementId, std::map<std::uint32_t, Campaign>> campaigns_
      ABSL_GUARDED_BY(mutex_);
  // What OutdatedFrom answers, made anew by Put: decisions only look it up.
  std::map<std::pair<AgreementId, std::uint32_t>, absl::Time> outdated_
      ABSL_GUARDED_BY(mutex_);
};

// The row that stores it, sealed.
PublicRow RowOf(const base::SecretBytes& row_key, const Campaign& campaign);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_CAMPAIGN_CAMPAIGN_H_
