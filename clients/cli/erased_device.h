// What a device forgets once everything of its person was erased at the vault,
// and what it sets aside once her account is.

#ifndef LIMPID_CLIENTS_CLI_ERASED_DEVICE_H_
#define LIMPID_CLIENTS_CLI_ERASED_DEVICE_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/session.h"
#include "clients/cpp/vault_erasure_client.h"
#include "common/base/bytes.h"

namespace limpid::cli {

// Whose certificates this device believes: her id in the vault, which it has
// known since it first sealed or opened something. None before that.
//
// Errors:
//   kDataLoss  the file that says so is not one: IsAboutOwnFile.
absl::StatusOr<std::optional<base::ByteArray<16>>> HolderOf(
    const PersonParts& parts);

enum class Forgot : std::uint8_t {
  // Nothing shows yet that what is here opens nothing any more.
  kNotYet,
  kAll,
  // This device knows no sealed key, and so not whose certificate it is.
  kNothingKnown,
};

// Removes the grants signed on this device, notes of seals that broke off, its
// own key and the sealed key it knew, in this order, when `checked` is of
// everything, of the holder this device knows, and proven by the vault's log.
// Removes what is there; once gone it is gone.
//
// Errors:
//   kDataLoss     `checked` was compared with another holder, or with none; or
//                 as HolderOf.
//   kUnavailable  a file cannot be removed; names it.
absl::StatusOr<Forgot> ForgetErased(const client::CheckedErasure& checked,
                                    const PersonParts& parts,
                                    const Session& session);

// What ForgetErased did, for the person.
inline constexpr std::string_view kForgotten =
    "This device forgot its own key, the sealed key it knew and the grants "
    "that were signed on it. On other devices of yours run `limpid person "
    "erasure`; they forget theirs.";
inline constexpr std::string_view kNothingForgotten =
    "This device knows no sealed key of yours, and so could not tell whose "
    "certificate it is: nothing on it was removed. On other devices of yours "
    "run `limpid person erasure`; they forget theirs.";

// Gives the ends of the log, the sealed key, the grants and the notes of an
// account that is no more their names and ".erased": they would contradict or
// hinder those of a new one. Tries all of them.
//
// Errors:
//   kUnavailable  a file cannot be renamed; names the first, IsAboutOwnFile.
absl::Status SetAside(const Session& session);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_ERASED_DEVICE_H_
