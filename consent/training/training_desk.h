// "For which registered systems were my data released for training?", answered
// to the person alone, with what proves it once the snapshot is sealed.
// docs/formats/training-commitment.md

#ifndef LIMPID_CONSENT_TRAINING_TRAINING_DESK_H_
#define LIMPID_CONSENT_TRAINING_TRAINING_DESK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "consent/consent.h"
#include "consent/ids.h"
#include "consent/ledger/catalogue.h"
#include "consent/training/training_rows.h"

namespace limpid::consent {

// Only she and the operator can make it.
struct TrainingProof {
  base::ByteArray<32> opening{};
  std::uint32_t index = 0;
  // Leaf side first.
  std::vector<base::Digest32> path;
  // The commitment, as it is in the register log.
  base::Bytes entry;
  // Text of its proof file there.
  std::string log_proof;
};

struct TrainingReleaseView {
  TrainingTarget use;
  // Null where it is gone.
  ServicePointer service;
  // None until the register was asked.
  DatasetId dataset;
  absl::Time first;
  absl::Time last;
  // In the order of her log.
  std::vector<base::Digest32> reads;
  SnapshotStage stage = SnapshotStage::kOpen;
  // When consent learned of the sealing; the epoch before.
  absl::Time sealed = absl::UnixEpoch();
  // With kPublished, unless what is stored is damaged.
  std::optional<TrainingProof> proof;
};

struct TrainingPage {
  std::vector<TrainingReleaseView> releases;
  // Rows of hers that do not open. Alarm.
  std::size_t unreadable = 0;
  // Whether there are more behind these.
  bool more = false;
};

// Thread-safe, and cheap to make for one call.
class TrainingDesk {
 public:
  // `consent` must outlive it.
  explicit TrainingDesk(const Consent& consent) : state_(consent.state()) {}

  // The person's releases by their first read, from number `from` on, at most
  // `limit`. Blocks for the register.
  //
  // Errors:
  //   kNotFound     no such person.
  //   kUnavailable  the register cannot prove what is in its log now.
  absl::StatusOr<TrainingPage> List(const PersonId& person, std::size_t from,
                                    std::size_t limit) const;

  // Does what is due on the caller's thread, where no TrainingWorker does.
  void RunDue() const;

 private:
  Consent::State& state_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_TRAINING_TRAINING_DESK_H_
