// Reads both logs of an operator for a comparison, and verifies both against
// their signed heads while it reads. docs/formats/release-trail.md

#ifndef LIMPID_CLIENTS_CPP_RECONCILE_CLIENT_H_
#define LIMPID_CLIENTS_CPP_RECONCILE_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/reconcile.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/receipt/release_batch.h"
#include "common/tlog/policy.h"
#include "limpid/vault/v1/release_trail_service.pb.h"

namespace limpid::client {

// Entries, and releases, that one comparison holds in memory: 100 MB.
inline constexpr std::size_t kMaxReconciled = 1'000'000;
// How far before the period entries are looked for, for notes of a clock that
// was set back.
inline constexpr absl::Duration kReconcileReach = absl::Hours(24);

// The end of the trail that an earlier run saw.
struct TrailEnd {
  std::uint64_t number = 0;
  base::Digest32 digest{};

  friend bool operator==(const TrailEnd&, const TrailEnd&) = default;
};

// What a run read, beside what it compares.
struct BothLogs {
  ReconcileInput input;
  // Of the vault, the newest batch that was read; number 0 for none.
  TrailEnd end;
  // Up to this batch no note is of the period's end or later: the next run
  // begins behind it; number 0 where the trail has no batch at all. None when
  // no batch of the period was read and there are earlier ones.
  std::optional<TrailEnd> compared;
  // Batches and entries that have no proof yet: their tick is to come. Those
  // older than kLogGrace are in `input` too.
  std::uint64_t batches_waiting = 0;
  std::uint64_t entries_waiting = 0;
};

// Thread-compatible. Both connections carry an administrator's certificate;
// all must outlive it.
class ReconcileClient {
 public:
  // `source_id` is the vault's, "src_…"; `clock` says what should be logged by
  // now.
  ReconcileClient(Connection& consent, Connection& vault,
                  const tlog::Policy& access_log, const tlog::Policy& vault_log,
                  std::string source_id, const base::Clock& clock)
      : consent_(consent),
        vault_(vault),
        access_log_(access_log),
        vault_log_(vault_log),
        source_id_(std::move(source_id)),
        clock_(clock) {}

  // The newest time that a period may end at: before it no lease is open and
  // all that was released is in the trail. Lets the vault write what waits.
  absl::StatusOr<absl::Time> LatestEnd();

  // Both logs from `from` until `until`, with kReconcileMargin on both sides.
  // `seen` is BothLogs::end of an earlier run. With its `compared` the trail is
  // read from there on, whatever the vault's clock said, so that neither a gap
  // nor a note of a clock that was set back is passed over.
  //
  // Errors: those of Connection::Call, and
  //   kDataLoss           a proof does not verify, batches do not follow each
  //                       other, or `seen` is no longer in the trail: the
  //                       vault's store was rolled back or put back.
  //   kResourceExhausted  more than kMaxReconciled.
  absl::StatusOr<BothLogs> Read(
      absl::Time from, absl::Time until, const std::optional<TrailEnd>& seen,
      std::optional<TrailEnd> compared = std::nullopt);

 private:
  // What an earlier run left.
  struct Earlier {
    std::optional<TrailEnd> seen;
    std::optional<TrailEnd> compared;
  };

  absl::Status ReadTrail(const Earlier& earlier, BothLogs& out);
  absl::Status ReadEntries(absl::Time from, absl::Time until, BothLogs& out);
  // None when the vault says that it is damaged. `follows`: it comes behind
  // out.end.
  //
  // Errors:
  //   kDataLoss  it does not verify.
  absl::StatusOr<std::optional<receipt::ReleaseBatch>> Verified(
      const vault::v1::ReleaseBatch& batch, bool follows, BothLogs& out) const;
  // Counts one that has no proof, and notes it once it is overdue.
  void NoteUnlogged(const Unlogged& one, std::uint64_t& waiting,
                    BothLogs& out) const;
  absl::StatusOr<TrailEnd> EndOf(const vault::v1::ReleaseBatch& batch) const;
  absl::Status CheckSeen(const TrailEnd& seen);
  absl::StatusOr<bool> HasNoBatch();

  Connection& consent_;
  Connection& vault_;
  const tlog::Policy& access_log_;
  const tlog::Policy& vault_log_;
  const std::string source_id_;
  const base::Clock& clock_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_RECONCILE_CLIENT_H_
