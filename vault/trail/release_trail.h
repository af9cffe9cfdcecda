// The vault's own trail of what it let go, independent of consent's log: noted
// before the bytes leave, written in batches, each of which stands in the
// vault's signed log. docs/formats/release-trail.md

#ifndef LIMPID_VAULT_TRAIL_RELEASE_TRAIL_H_
#define LIMPID_VAULT_TRAIL_RELEASE_TRAIL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "common/receipt/release_batch.h"
#include "vault/core.h"
#include "vault/log/publisher.h"
#include "vault/log/vault_log.h"
#include "vault/trail/trail_store.h"

namespace limpid::vault {

// Name of the key in the ring that seals batches.
inline constexpr std::string_view kTrailKeyName = "vault-releases";

// One batch with what proves it.
struct TrailBatch {
  std::uint64_t number = 0;
  // When the last of its notes was handed over.
  absl::Time last;
  // It does not open, or is not the one its act names: what it said is lost.
  // Its act is shown as far as it opens.
  bool damaged = false;
  // receipt::ReleaseBatch, encoded. Empty when it is damaged.
  base::Bytes batch;
  // Of its act, which has the batch's digest as body.
  base::Bytes disclosure;
  base::Digest32 commitment{};
  // None before the act's tick.
  std::optional<LeafProof> leaf;
};

// Between these two an older copy of the store was put back: what was noted
// then is gone.
struct LostTime {
  absl::Time from;
  absl::Time until;
};

struct TrailPage {
  std::vector<TrailBatch> batches;
  // Number of the first batch of the next page; 0 at the end.
  std::uint64_t next = 0;
  // Everything handed over before this is in a batch.
  absl::Time complete_until;
  // The last time, if there was one.
  std::optional<LostTime> lost;
};

// Thread-safe.
class ReleaseTrail {
 public:
  // Notes that wait to be written, 100 bytes each: beyond them nothing is
  // released.
  static constexpr std::size_t kMaxWaiting = 65'536;
  // Most batches of a page.
  static constexpr std::size_t kMaxPage = 64;

  // All must outlive the trail; `key` is the ring's kTrailKeyName.
  ReleaseTrail(VaultCore& core, TrailStore& store,
               const ActPublisher& publisher, base::SecretBytes key);

  // Takes a note in memory, and never waits for a disk. False when too many
  // wait: then the values must not leave.
  [[nodiscard]] bool Note(const receipt::ReleaseNote& note);

  // Writes what waits: a short transaction of the values' store for each batch,
  // and none when nothing waits. The first call also enters the act that an
  // earlier process left out. Returns the number of notes. What could not be
  // written stays, and can be tried again.
  //
  // Errors: those of the stores, and
  //   kDataLoss  the newest batch before did not open, for the operator to see;
  //              what waited was written all the same, and follows it.
  absl::StatusOr<std::size_t> Write();

  // Writes what waits, then reads batches from `first` on; from 0, those with
  // notes of `since` or later. At most `limit`, kMaxPage at most.
  //
  // Errors: those of the stores and of the log. A damaged batch is none.
  absl::StatusOr<TrailPage> Read(std::uint64_t first, absl::Time since,
                                 std::size_t limit);

 private:
  struct Newest {
    std::uint64_t number = 0;
    // Of a damaged one as its act says it; zero when that does not either.
    base::Digest32 digest{};
    bool damaged = false;
  };
  // A batch of which it is not known whether it was stored.
  struct Tried {
    std::uint64_t number = 0;
    base::Digest32 digest{};
    std::size_t notes = 0;
  };
  absl::StatusOr<Newest> FindNewest() const;
  // Finishes what an earlier try left: enters the act of the newest batch, and
  // drops the notes that are stored after all.
  absl::StatusOr<Newest> Settle() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);
  absl::Status WriteBatch(std::vector<receipt::ReleaseNote> notes,
                          Newest& newest)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);
  absl::StatusOr<std::size_t> WriteWaiting();
  // Appends the act of the batch, unless the log has one of its number; returns
  // the digest that is in the log, zero where its act does not open.
  absl::StatusOr<base::Digest32> EnterAct(std::uint64_t number,
                                          const base::Digest32& digest);
  // Puts the batch's act into `out`; returns its body, none before it is
  // entered.
  //
  // Errors:
  //   kDataLoss  it does not open.
  absl::StatusOr<std::optional<base::Digest32>> ReadAct(std::uint64_t number,
                                                        TrailBatch& out) const;
  absl::StatusOr<base::Bytes> OpenRow(const TrailRow& row) const;
  [[nodiscard]] base::Bytes AadOf(std::uint64_t number) const;
  absl::StatusOr<TrailBatch> Prove(const TrailRow& row) const;
  absl::StatusOr<std::optional<LostTime>> FindLost() const;
  std::vector<receipt::ReleaseNote> FirstWaiting() const;
  void Drop(std::size_t count);

  VaultCore& core_;
  TrailStore& store_;
  const ActPublisher& publisher_;
  const base::SecretBytes key_;
  // One writer at a time; taken before mutex_.
  base::Mutex writing_;
  std::optional<Tried> tried_ ABSL_GUARDED_BY(writing_);
  // The newest batch has its act, and nothing is tried.
  bool settled_ ABSL_GUARDED_BY(writing_) = false;
  // A damaged batch was met, and Write has not said so.
  bool untold_damage_ ABSL_GUARDED_BY(writing_) = false;
  mutable base::Mutex mutex_;
  std::deque<receipt::ReleaseNote> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_TRAIL_RELEASE_TRAIL_H_
