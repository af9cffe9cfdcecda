// One append-only log on disk: tiles, bundles and the checkpoint as files that
// any web server can serve (c2sp.org/tlog-tiles), written in the order that
// survives crashes: durable tiles, read back and recompute the root, check
// consistency with our own verifier, sign, swap the head (the commit point),
// publish. Entries are opaque bytes. docs/formats/log-files.md

#ifndef LIMPID_COMMON_TLOG_LOG_H_
#define LIMPID_COMMON_TLOG_LOG_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/crypto/ed25519.h"
#include "common/tlog/checkpoint.h"
#include "common/tlog/files.h"
#include "common/tlog/head_store.h"
#include "common/tlog/proof.h"
#include "common/tlog/tree.h"

namespace limpid::tlog {

// Most entries one append takes: a batch is held in memory several times.
inline constexpr std::size_t kMaxBatchEntries = 65'536;

struct LogOptions {
  // Where the public files are, "checkpoint" and "tile/". Locked while the log
  // is open.
  std::filesystem::path directory;
  // The log's name and its key's: a URL prefix without scheme and slash at the
  // end, such as "log.city.example/access".
  std::string origin;
  // Must outlive the log. Not inside `directory`.
  HeadStore& head;
  // Signs this log only.
  crypto::Ed25519PrivateKey key;
  // Must outlive the log.
  const base::Clock& clock;
  FileSystem& files = PosixFileSystem();
};

// Thread-safe: appends queue up, readers never wait for them. After an error at
// or past the commit point, or after a failed sync, every later Append answers
// kFailedPrecondition with one sentence until the log is opened anew; reads go
// on at the size committed before.
class Log {
 public:
  struct Appended {
    // Where the first entry went; the others follow in order.
    std::uint64_t first_index = 0;
    Checkpoint checkpoint;
    // The signed note of `checkpoint`.
    std::string signed_checkpoint;
  };

  // Makes a new log of size 0 and signs its first checkpoint.
  //
  // Errors:
  //   kAlreadyExists       the head store has a head, or the directory has a
  //                        checkpoint.
  //   kInvalidArgument     `origin` may not name a key.
  //   kFailedPrecondition  another process holds the directory.
  //   kInternal            a file operation failed.
  static absl::StatusOr<std::unique_ptr<Log>> Create(LogOptions options);

  // Opens a log, finishes what a crash left unfinished after the commit point,
  // and checks the right edge. Reads no more of the tree than that edge.
  //
  // Errors, each a refusal to sign with one sentence:
  //   kNotFound            the head store has no head: no log was created.
  //   kFailedPrecondition  another process holds the directory; the head is a
  //                        copy; the published checkpoint is newer than the
  //                        head; the clock stands before the last signature;
  //                        the head is signed by another key or for another
  //                        origin.
  //   kDataLoss            the published checkpoint has the head's size with
  //                        another root, or the right edge does not hash to
  //                        the head's root.
  //   kInternal            a file operation failed.
  static absl::StatusOr<std::unique_ptr<Log>> Open(LogOptions options);

  // Open, or Create when neither head nor checkpoint exists.
  static absl::StatusOr<std::unique_ptr<Log>> OpenOrCreate(LogOptions options);

  virtual ~Log() = default;

  // Appends all of `entries` or none. On return they are durable, signed for
  // and published. No entries: answers with the present checkpoint, writes
  // nothing.
  //
  // Errors:
  //   kInvalidArgument     more than kMaxBatchEntries, or one entry over
  //                        kMaxEntryBytes.
  //   kResourceExhausted   the disk is full; nothing was appended.
  //   kInternal            a file operation failed; nothing was appended, or
  //                        the log is stopped and only a restart tells.
  //   kDataLoss            what was read back is not what was written; nothing
  //                        was appended and the log is stopped.
  //   kFailedPrecondition  the log is stopped; or the clock stands before the
  //                        last signature.
  virtual absl::StatusOr<Appended> Append(
      std::span<const base::Bytes> entries) = 0;

  [[nodiscard]] virtual const std::string& origin() const = 0;
  // The public key, in the form that verifiers take as trust anchor.
  [[nodiscard]] virtual std::string Vkey() const = 0;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  [[nodiscard]] virtual Checkpoint checkpoint() const = 0;
  [[nodiscard]] virtual std::string SignedCheckpoint() const = 0;
  // When the newest checkpoint was signed, by the signer's clock. Says nothing
  // while the log is empty: that checkpoint may be older than any look at the
  // clock. Waits for an append that runs.
  [[nodiscard]] virtual absl::Time signed_at() const = 0;

  // Proofs in the tree of `size`, which may be any size up to the present one.
  //
  // Errors:
  //   kInvalidArgument  out of range.
  //   kDataLoss         a tile is missing or damaged.
  [[nodiscard]] virtual absl::StatusOr<std::vector<Digest32>> InclusionProof(
      std::uint64_t index, std::uint64_t size) const = 0;
  [[nodiscard]] virtual absl::StatusOr<std::vector<Digest32>> ConsistencyProof(
      std::uint64_t old_size, std::uint64_t size) const = 0;
  // The proof file of the entry at `index` with the present checkpoint.
  [[nodiscard]] virtual absl::StatusOr<LogProof> Prove(
      std::uint64_t index) const = 0;
  // Entries [first, first + count).
  [[nodiscard]] virtual absl::StatusOr<std::vector<base::Bytes>> ReadEntries(
      std::uint64_t first, std::uint64_t count) const = 0;

 protected:
  Log() = default;
  Log(const Log&) = default;
  Log& operator=(const Log&) = default;
};

}  // namespace limpid::tlog

#endif  // LIMPID_COMMON_TLOG_LOG_H_
