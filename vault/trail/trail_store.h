// Where the vault keeps its batches of release notes: in the database of the
// values, sealed before they come here. A port of its own, because nothing of a
// person is in it. docs/formats/release-trail.md

#ifndef LIMPID_VAULT_TRAIL_TRAIL_STORE_H_
#define LIMPID_VAULT_TRAIL_TRAIL_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::vault {

struct TrailRow {
  // From 1 without gaps.
  std::uint64_t number = 0;
  // When the last of its notes was handed over, unix milliseconds.
  std::int64_t last_ms = 0;
  base::Bytes sealed;

  friend bool operator==(const TrailRow&, const TrailRow&) = default;
};

// Thread-safe. Reads see every Insert that has returned.
//
// Errors of every call:
//   kDataLoss     stored bytes are damaged.
//   kUnavailable  the store failed; for a write it is not known whether
//                 anything was stored.
class TrailStore {
 public:
  virtual ~TrailStore() = default;
  TrailStore(const TrailStore&) = delete;
  TrailStore& operator=(const TrailStore&) = delete;

  // Durable on return.
  //
  // Errors:
  //   kAlreadyExists  there is a row of this number, which stays.
  virtual absl::Status Insert(const TrailRow& row) = 0;
  // The row with the greatest number.
  virtual absl::StatusOr<std::optional<TrailRow>> Newest() const = 0;
  // Rows with numbers from `first` on, in order, at most `limit`.
  virtual absl::StatusOr<std::vector<TrailRow>> From(
      std::uint64_t first, std::size_t limit) const = 0;
  // The least number of a row whose last note is of `time_ms` or later; 0 for
  // none.
  virtual absl::StatusOr<std::uint64_t> FirstSince(
      std::int64_t time_ms) const = 0;

 protected:
  TrailStore() = default;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_TRAIL_TRAIL_STORE_H_
