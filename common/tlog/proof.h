// The proof file of c2sp.org/tlog-proof (".tlog-proof"): an entry's place, its
// inclusion proof and the checkpoint it leads to, checkable offline.

#ifndef LIMPID_COMMON_TLOG_PROOF_H_
#define LIMPID_COMMON_TLOG_PROOF_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/tlog/checkpoint.h"
#include "common/tlog/policy.h"
#include "common/tlog/tree.h"

namespace limpid::tlog {

// A path in a tree of 2^64 leaves has 64 hashes.
inline constexpr std::size_t kMaxProofHashes = 64;

struct LogProof {
  // Not authenticated by anything. Never trust it.
  std::optional<base::Bytes> extra;
  std::uint64_t index = 0;
  std::vector<Digest32> hashes;
  // The signed note, verbatim.
  std::string checkpoint;
};

std::string FormatProof(const LogProof& proof);
// Errors:
//   kInvalidArgument  anything FormatProof would not write. Signatures and
//                     hashes are not checked: see VerifyProof.
absl::StatusOr<LogProof> ParseProof(std::string_view text);

// Checks that `entry` is in the log, and returns the checkpoint that says so.
//
// Errors:
//   kInvalidArgument  the checkpoint is malformed.
//   kDataLoss         `policy` does not accept the checkpoint, or the entry is
//                     not where the proof says.
absl::StatusOr<Checkpoint> VerifyProof(const LogProof& proof,
                                       base::ByteView entry,
                                       const Policy& policy);

}  // namespace limpid::tlog

#endif  // LIMPID_COMMON_TLOG_PROOF_H_
