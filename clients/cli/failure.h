// How a command fails: an exit code that scripts can tell apart, and a sentence
// that says what to do next.

#ifndef LIMPID_CLIENTS_CLI_FAILURE_H_
#define LIMPID_CLIENTS_CLI_FAILURE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace limpid::cli {

// Documented in `limpid --help`; never renumbered.
enum class ExitCode {
  kOk = 0,
  // Refused by the server or not found, or an answer that means no; or another
  // command on this device had not ended.
  kFailed = 1,
  // The command line is wrong.
  kUsage = 2,
  // No server answered.
  kCannotConnect = 3,
  // A signature, hash or proof does not verify: what was received is not to be
  // believed.
  kVerificationFailed = 4,
  // A file of ours is missing, damaged or open to others. Says nothing about
  // any server.
  kStateBroken = 5,
};

// `status` with the sentence that is printed after it.
absl::Status WithNext(absl::Status status, std::string_view next);
// `status` as a wrong command line.
absl::Status WrongUsage(absl::Status status);
// `status` as a fault of this machine's own files.
absl::Status StateBroken(absl::Status status);

// The failure of a command that works on files of this machine alone and asks
// no server: what is missing or does not read is a fault of these files, and a
// lock that is held is a refusal, not a server that does not answer.
absl::Status OfThisMachine(const absl::Status& status);

ExitCode ExitCodeOf(const absl::Status& status);
// The sentence given with WithNext, else one for the code; may be empty.
std::string NextStep(const absl::Status& status);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_FAILURE_H_
