// Checkpoints of c2sp.org/tlog-checkpoint: the text of a note that states the
// size and root of one log. Whether to believe it is the policy's question.

#ifndef LIMPID_COMMON_TLOG_CHECKPOINT_H_
#define LIMPID_COMMON_TLOG_CHECKPOINT_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/tlog/note.h"
#include "common/tlog/tree.h"

namespace limpid::tlog {

struct Checkpoint {
  // The log's name: a URL prefix without scheme and trailing slash.
  std::string origin;
  std::uint64_t size = 0;
  Digest32 root{};
  // Further lines, each with its newline. Logs of ours never write any.
  std::string extension;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

std::string CheckpointText(const Checkpoint& checkpoint);
// Errors:
//   kInvalidArgument  anything CheckpointText would not write, and size 0 with
//                     another root than the empty tree's.
absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text);

// Parses a signed note whose text is a checkpoint of the log `verifier.name()`
// and checks that key's signature; other signature lines are ignored.
//
// Errors:
//   kInvalidArgument  not a signed checkpoint.
//   kDataLoss         not signed by this key, or of another origin.
absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note,
                                          const NoteVerifier& verifier);

// Decimal without sign or leading zeros, as checkpoints and proofs spell
// numbers.
//
// Errors:
//   kInvalidArgument  any other text, or over 64 bits.
absl::StatusOr<std::uint64_t> ParseDecimal(std::string_view text);

}  // namespace limpid::tlog

#endif  // LIMPID_COMMON_TLOG_CHECKPOINT_H_
