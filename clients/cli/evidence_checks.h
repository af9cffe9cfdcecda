// What the commands about evidence refuse, and when they have failed.

#ifndef LIMPID_CLIENTS_CLI_EVIDENCE_CHECKS_H_
#define LIMPID_CLIENTS_CLI_EVIDENCE_CHECKS_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace limpid::cli {

// Errors:
//   kInvalidArgument  both or neither of them; a wrong command line.
absl::Status CheckOneSource(std::string_view id, std::string_view bundle);

// What of a registration is not its bundle's, or nothing that can be read.
struct Differences {
  bool counts = false;
  bool settings = false;
  bool unreadable = false;
};

// Whether the evidence says what is claimed. What cannot be checked is no
// failure; what cannot be read is one: whoever published it claims something,
// and nobody can say what.
//
// Errors:
//   kDataLoss  it says something else, or a part of it cannot be read: exit
//              code 4.
absl::Status CheckMarks(std::int64_t differs, const Differences& differences);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_EVIDENCE_CHECKS_H_
