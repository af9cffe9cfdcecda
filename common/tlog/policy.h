// Whom to believe: the logs, witnesses and quorum of c2sp.org/tlog-policy. The
// trust anchor of everything that verifies; without one nothing is verified.

#ifndef LIMPID_COMMON_TLOG_POLICY_H_
#define LIMPID_COMMON_TLOG_POLICY_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/tlog/checkpoint.h"
#include "common/tlog/note.h"

namespace limpid::tlog {

// Limits on a policy file: the specification asks for at least 32 of each kind.
inline constexpr std::size_t kMaxPolicyBytes = 1'000'000;
inline constexpr std::size_t kMaxPolicyLines = 4'096;

// Value; immutable.
class Policy {
 public:
  struct Peer {
    NoteVerifier verifier;
    // As the file has it; empty when absent.
    std::string url;
  };

  // Reads a policy file.
  //
  // Errors:
  //   kInvalidArgument  malformed; the message names the line.
  static absl::StatusOr<Policy> Parse(std::string_view text);
  // Trusts one log by its key and asks no witness.
  //
  // Errors:
  //   kInvalidArgument  not the vkey of a log (type 0x01).
  static absl::StatusOr<Policy> ForLog(std::string_view vkey);

  [[nodiscard]] const std::vector<Peer>& logs() const { return logs_; }
  [[nodiscard]] const std::vector<Peer>& witnesses() const {
    return witnesses_;
  }

  // Opens a signed checkpoint: signed by one of the logs, whose name is the
  // origin, and cosigned by a quorum.
  //
  // Errors:
  //   kInvalidArgument  not a signed checkpoint.
  //   kDataLoss         no listed log signed it, a signature by any listed key
  //                     is wrong, or the quorum is not reached.
  [[nodiscard]] absl::StatusOr<Checkpoint> Open(std::string_view note) const;

 private:
  friend class PolicyParser;
  // A witness (threshold 0, `witness` set) or a group of earlier nodes.
  struct Member {
    std::string name;
    std::size_t witness = 0;
    std::size_t threshold = 0;
    std::vector<std::size_t> members;
  };

  Policy() = default;
  // Whether the witnesses that signed reach the quorum.
  [[nodiscard]] bool Reached(
      const std::vector<VerifiedSignature>& signatures) const;

  std::vector<Peer> logs_;
  std::vector<Peer> witnesses_;
  std::vector<Member> members_;
  // Index into members_; nothing means `quorum none`.
  std::optional<std::size_t> quorum_;
};

}  // namespace limpid::tlog

#endif  // LIMPID_COMMON_TLOG_POLICY_H_
