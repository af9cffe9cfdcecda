// What a person is told to do next when a command about sealed values fails.

#ifndef LIMPID_CLIENTS_CLI_SEALING_ADVICE_H_
#define LIMPID_CLIENTS_CLI_SEALING_ADVICE_H_

#include <string_view>

#include "absl/status/status.h"
#include "clients/cpp/custody_move.h"

namespace limpid::cli {

// `failed`, where the server has no way for this device, with how to let it in.
absl::Status AfterOpening(const absl::Status& failed);

// The same of the seal of `attribute`; and where `notes` say that it is half
// done, that it goes on when it is run again. What another file, another
// command or a false answer is the cause of keeps the advice for that.
absl::Status AfterSeal(const absl::Status& failed, std::string_view attribute,
                       const client::MoveNotes& notes);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_SEALING_ADVICE_H_
