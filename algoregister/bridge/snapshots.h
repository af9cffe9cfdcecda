// Snapshots of a dataset: the names under which personal data are read for
// training. OPEN takes reads, SEALED takes nothing more. Pure functions over
// the dataset's content.

#ifndef LIMPID_ALGOREGISTER_BRIDGE_SNAPSHOTS_H_
#define LIMPID_ALGOREGISTER_BRIDGE_SNAPSHOTS_H_

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/registration/ids.h"
#include "common/json/value.h"

namespace limpid::algoregister {

enum class SnapshotState { kOpen, kSealed };

struct Snapshot {
  SnapshotId id;
  SnapshotState state = SnapshotState::kOpen;
};

// The snapshots that a valid dataset content lists.
std::vector<Snapshot> SnapshotsOf(const json::Value& content);

// Whether a valid system content says that it trains on the snapshot of the
// dataset: a use of the dataset to train, fine-tune, validate or test that
// names this snapshot or none.
bool TrainsOn(const json::Value& content, const RegistrationId& dataset,
              const SnapshotId& snapshot);

// `content` with an open snapshot more, or with one of its snapshots sealed.
//
// Errors:
//   kInvalidArgument     not the content of a dataset.
//   kNotFound            the dataset has no such snapshot.
//   kFailedPrecondition  the snapshot is sealed already.
absl::StatusOr<json::Value> WithSnapshot(const json::Value& content,
                                         const SnapshotId& id,
                                         std::string_view name, absl::Time now);
absl::StatusOr<json::Value> WithSealedSnapshot(const json::Value& content,
                                               const SnapshotId& id,
                                               absl::Time now);

// Whether every snapshot that `before` lists as sealed is in `after` as it was:
// what was trained on it must not be told anew. Contents of other kinds have
// none.
//
// Errors:
//   kFailedPrecondition  one is gone, or differs.
absl::Status CheckSealedStay(const json::Value& before,
                             const json::Value& after);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_BRIDGE_SNAPSHOTS_H_
