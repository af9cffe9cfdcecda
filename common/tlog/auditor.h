// Audits a log that somebody else serves: recomputes every leaf hash, every
// tile and the root from the entries, and checks the signatures and that the
// tree extends the one seen last time. Trusts its policy and nothing it
// fetches. Without a policy there is no result.

#ifndef LIMPID_COMMON_TLOG_AUDITOR_H_
#define LIMPID_COMMON_TLOG_AUDITOR_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/tlog/leaf.h"
#include "common/tlog/policy.h"
#include "common/tlog/tree.h"

namespace limpid::tlog {

// Gives the files of a log by their path below its prefix: "checkpoint",
// "tile/0/000". Thread-compatible.
class Fetcher {
 public:
  virtual ~Fetcher() = default;

  // Errors:
  //   kNotFound           the log says it has no such file (404, or absent).
  //   kResourceExhausted  the file is longer than `max_bytes`.
  //   any other code      it could not be fetched; that says nothing about
  //                       the log.
  virtual absl::StatusOr<base::Bytes> Fetch(std::string_view path,
                                            std::size_t max_bytes) = 0;

 protected:
  Fetcher() = default;
  Fetcher(const Fetcher&) = default;
  Fetcher& operator=(const Fetcher&) = default;
};

// A log's directory, or a mirror of one.
class DirectoryFetcher final : public Fetcher {
 public:
  explicit DirectoryFetcher(std::filesystem::path directory)
      : directory_(std::move(directory)) {}
  absl::StatusOr<base::Bytes> Fetch(std::string_view path,
                                    std::size_t max_bytes) override;

 private:
  const std::filesystem::path directory_;
};

// What an audit came to. The three failures never mean the same thing to the
// person who reads them, and each has an exit code of its own.
enum class AuditOutcome {
  kPassed,
  // The log contradicts its signature, itself, or what it said before. Keep
  // AuditReport::checkpoint: it is the evidence.
  kLogLied,
  // The auditor's stored checkpoint cannot be read, used or written. Says
  // nothing about the log.
  kStateBroken,
  // The log could not be reached. Says nothing either.
  kUnavailable,
};

struct AuditReport {
  AuditOutcome outcome = AuditOutcome::kUnavailable;
  // What was found wrong, one sentence; empty when passed.
  std::string message;
  // The file it was found in: "checkpoint", "tile/0/001.p/5"; else empty.
  std::string where;
  std::string origin;
  // The tree that the checkpoint states; checked only when passed.
  std::uint64_t size = 0;
  Digest32 root{};
  // The size of the stored checkpoint, when there was one.
  std::optional<std::uint64_t> previous_size;
  // Recomputed so far.
  std::uint64_t entry_count = 0;
  std::uint64_t bundle_count = 0;
  std::uint64_t tile_count = 0;
  // As fetched.
  std::string checkpoint;
};

struct AuditProgress {
  std::uint64_t entry_count = 0;
  std::uint64_t size = 0;
};

struct AuditOptions {
  // Must outlive the audit.
  const Policy& policy;
  // Where the last checkpoint that passed is kept, as a signed note; replaced
  // atomically when a larger one passes. Empty: nothing is remembered, and a
  // log that rewrote its past cannot be told from an honest one.
  std::filesystem::path state_file;
  // What every entry must look like; nothing checks no entry.
  std::optional<LeafKind> leaf_kind;
  // A further check of each entry, for instance of the inside of a register
  // leaf. An error is a lie of the log at that entry.
  std::function<absl::Status(std::uint64_t index, base::ByteView entry)>
      check_entry;
  // Called now and then.
  std::function<void(const AuditProgress&)> progress;
  // The one log of the policy that is to be served; another one in its place is
  // a lie. Empty: whichever of them is, so not where the policy has several.
  std::string origin = {};
};

// Audits the log once, whole. Holds one bundle and a few tiles in memory.
AuditReport Audit(Fetcher& fetcher, const AuditOptions& options);

}  // namespace limpid::tlog

#endif  // LIMPID_COMMON_TLOG_AUDITOR_H_
