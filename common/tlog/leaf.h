// What an entry of our three logs looks like: one kind byte and, in the access
// and vault logs, a 32-byte commitment and nothing else.
// docs/formats/log-leaf.md

#ifndef LIMPID_COMMON_TLOG_LEAF_H_
#define LIMPID_COMMON_TLOG_LEAF_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "common/base/bytes.h"

namespace limpid::tlog {

// First byte of every entry. Append, never renumber.
enum class LeafKind : std::uint8_t {
  kAccess = 0x01,
  kRegister = 0x02,
  kVault = 0x03,
  // In the register log, beside kRegister.
  kServiceKey = 0x04,
  kTrainingCommitment = 0x05,
  kConsentFacts = 0x06,
};

inline constexpr std::size_t kCommitmentLeafBytes = 33;

// kind || commitment. Requires kAccess or kVault.
base::Bytes CommitmentLeaf(LeafKind kind, const base::Digest32& commitment);

// Checks what the kind of a log alone prescribes: the first byte, and the
// length of a commitment; the log of kRegister holds kServiceKey,
// kTrainingCommitment and kConsentFacts too. The inside of a register leaf is
// the register's to check. Requires none of the three: no log is of that kind.
//
// Errors:
//   kDataLoss  not an entry of that kind.
absl::Status CheckLeaf(LeafKind kind, base::ByteView entry);

}  // namespace limpid::tlog

#endif  // LIMPID_COMMON_TLOG_LEAF_H_
