// The port of grant copies: one for each record and attribute, under an outer
// key that is in the key store. Sees ciphertext and blinded names only.
// docs/formats/grant-copy.md

#ifndef LIMPID_VAULT_CUSTODY_COPY_STORE_H_
#define LIMPID_VAULT_CUSTODY_COPY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "vault/keys/blind.h"

namespace limpid::vault {

struct CopyRow {
  Owner owner;
  RecordKey record_key{};
  NameKey name_key{};
  base::ByteArray<16> copy_id{};
  std::uint64_t version = 0;
  // Milliseconds since 1970.
  std::int64_t not_after_ms = 0;
  base::Bytes outer;

  friend bool operator==(const CopyRow&, const CopyRow&) = default;
};

// What one owner's copies take.
struct CopyUsage {
  std::uint64_t copies = 0;
  // Of their outer envelopes.
  std::uint64_t bytes = 0;

  friend bool operator==(const CopyUsage&, const CopyUsage&) = default;
};

// Thread-safe. Reads see every write that has returned; writes are durable on
// return.
//
// Errors of every call:
//   kDataLoss     stored bytes are damaged.
//   kUnavailable  the store failed; for a write it is not known whether
//                 anything was stored.
class CopyStore {
 public:
  virtual ~CopyStore() = default;
  CopyStore(const CopyStore&) = delete;
  CopyStore& operator=(const CopyStore&) = delete;

  // Adds the copy, or replaces the one of its record and attribute.
  //
  // Errors:
  //   kResourceExhausted  it would be one more than `max_copies` of the owner.
  virtual absl::Status Put(const CopyRow& row, std::size_t max_copies) = 0;

  virtual absl::StatusOr<std::optional<CopyRow>> Find(
      const Owner& owner, const RecordKey& record,
      const NameKey& name) const = 0;

  // The records of the owner that have copies, each once, in order.
  virtual absl::StatusOr<std::vector<RecordKey>> Records(
      const Owner& owner) const = 0;

  // Counts the owner's copies one by one.
  virtual absl::StatusOr<CopyUsage> UsageOf(const Owner& owner) const = 0;

  // Deletes this very copy, by its place and its id; none is no error.
  virtual absl::Status Delete(const CopyRow& row) = 0;
  // Deletes everybody's copies whose time is `now_ms` or before, and says whose
  // they were, each once.
  virtual absl::StatusOr<std::vector<Owner>> DeleteOver(
      std::int64_t now_ms) = 0;
  // These delete, and say how many.
  virtual absl::StatusOr<std::int64_t> DeleteRecord(
      const Owner& owner, const RecordKey& record) = 0;
  virtual absl::StatusOr<std::int64_t> DeleteVersion(const Owner& owner,
                                                     const NameKey& name,
                                                     std::uint64_t version) = 0;
  // All of the owner's.
  virtual absl::StatusOr<std::int64_t> DeleteOwner(const Owner& owner) = 0;

 protected:
  CopyStore() = default;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CUSTODY_COPY_STORE_H_
