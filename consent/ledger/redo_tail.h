// Two files of fixed size that are written forwards in turn: the place where a
// commit is durable before the tables have it. Knows bytes and their numbers,
// not what is in them. docs/formats/redo-tail.md

#ifndef LIMPID_CONSENT_LEDGER_REDO_TAIL_H_
#define LIMPID_CONSENT_LEDGER_REDO_TAIL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"

namespace limpid::consent {

struct TailRecord {
  std::uint64_t sequence = 0;
  base::Bytes plaintext;
};

// Used by one thread at a time.
class RedoTail {
 public:
  // Holds 20,000 reads; more than the tables are ever behind.
  static constexpr std::size_t kSegmentBytes = std::size_t{16} << 20U;
  // Records begin at multiples: one that is written never shares a block with
  // one that is already promised.
  static constexpr std::size_t kBlockBytes = 4'096;
  // Largest plaintext; larger commits go straight to the tables.
  static constexpr std::size_t kMaxPlaintextBytes = std::size_t{8} << 20U;

  // Opens the two files in `directory`, or makes them, and reads what they
  // hold behind `applied`. `key` has 32 bytes. A set whose first number behind
  // `applied` is not the next is renamed to "<name>.set-aside": the tables are
  // an older copy, and stale() says so. It also says so when a file is missing
  // though the tables have taken something over: nobody knows what it promised.
  //
  // Errors:
  //   kDataLoss           a record is damaged that was promised, or the key is
  //                       another; nothing was changed.
  //   kResourceExhausted  no space for the files.
  //   kUnavailable        the disk failed.
  static absl::StatusOr<std::unique_ptr<RedoTail>> Open(
      const std::filesystem::path& directory, base::SecretBytes key,
      std::uint64_t applied);
  ~RedoTail();
  RedoTail(const RedoTail&) = delete;
  RedoTail& operator=(const RedoTail&) = delete;

  // What Open found that the tables have to take over, in order. Once.
  std::vector<TailRecord> TakeFound() { return std::move(found_); }
  [[nodiscard]] bool stale() const { return stale_ || older_; }
  // What stale() asks for has been done: the next Open does not say it again.
  //
  // Errors:
  //   kUnavailable  the disk failed.
  absl::Status Settle();
  // Number of the newest record.
  [[nodiscard]] std::uint64_t last() const { return last_; }

  // Whether a record of this size can be written while the tables hold
  // everything up to `applied`: when it cannot, they must take over first.
  [[nodiscard]] bool HasRoom(std::size_t plaintext_bytes,
                             std::uint64_t applied) const;
  // Writes the record after last(), durable on return. HasRoom was true.
  //
  // Errors:
  //   kUnavailable  the disk failed. It is not known whether the record is
  //                 there: every later call fails until it is opened again.
  absl::Status Append(base::ByteView plaintext);
  // Counts a commit that went past the tail, for which `stored` is the answer
  // of the tables, and returns that. When it is not known whether they took it,
  // every later Append fails: its number must not be given to another commit.
  absl::Status Skip(absl::Status stored);
  // Errors:
  //   kUnavailable  nothing is accepted until it is opened again.
  [[nodiscard]] absl::Status Usable() const;

 private:
  struct Segment {
    std::filesystem::path path;
    int descriptor = -1;
    // Newest record in it.
    std::uint64_t last = 0;
  };
  // A record as it lies in a file.
  struct Stored;

  RedoTail(std::filesystem::path directory, base::SecretBytes key)
      : directory_(std::move(directory)), key_(std::move(key)) {}

  // Sees what is missing, and what an earlier start did not finish.
  absl::Status NoteLoss(const std::filesystem::path& directory,
                        std::uint64_t applied);
  // Makes what is missing.
  absl::Status OpenSegments(const std::filesystem::path& directory);
  absl::Status ReadSegments(std::uint64_t applied);
  absl::Status CheckNumbers(const std::vector<Stored>& records,
                            std::uint64_t applied);
  static bool IsDamage(const Stored* before, const Stored& next,
                       std::uint64_t applied);
  absl::Status SetAside(const std::filesystem::path& directory);
  [[nodiscard]] std::vector<Stored> Scan(base::ByteView file,
                                         std::size_t segment) const;
  [[nodiscard]] bool ReadAt(base::ByteView file, std::size_t at,
                            Stored& out) const;
  void CloseSegments();

  const std::filesystem::path directory_;
  const base::SecretBytes key_;
  std::array<Segment, 2> segments_;
  std::size_t active_ = 0;
  std::size_t at_ = 0;
  std::uint64_t last_ = 0;
  base::Digest32 previous_{};
  // The numbers do not fit; otherwise, something is known to be lost.
  bool stale_ = false;
  bool older_ = false;
  bool broken_ = false;
  std::vector<TailRecord> found_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_REDO_TAIL_H_
