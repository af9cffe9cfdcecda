// What a person does with guardians: splits a recovery key of her sealed key
// among them, recovers through their shares on a device that has none of her
// keys but the account's, and cancels what she did not start.
// docs/formats/recovery.md

#ifndef LIMPID_CLIENTS_CPP_GUARDIANS_H_
#define LIMPID_CLIENTS_CPP_GUARDIANS_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/sealed_client.h"
#include "common/base/secret.h"
#include "limpid/vault/v1/recovery_service.pb.h"
#include "limpid/vault/v1/sealed_vault_service.pb.h"

namespace limpid::client {

// Thread-compatible. `connection` carries SourceTokens; both must outlive the
// client. Errors of all calls: the server's, and those of SealedClient.
class GuardianClient {
 public:
  GuardianClient(Connection& connection, SealedClient& sealed)
      : connection_(connection), sealed_(sealed) {}

  struct Made {
    vault::v1::KeySlot slot;
    std::vector<std::filesystem::path> files;
    // Earlier recovery slots that were removed: their shares open nothing more.
    std::size_t removed = 0;
    // Those that were not: their shares open what is sealed as before.
    std::vector<vault::v1::KeySlot> staying;
    // Why the first of them was not removed.
    absl::Status why;
  };
  // Makes a recovery key, writes its shares to new files in `directory`, which
  // is made if need be, stores the slot, and then removes earlier recovery
  // slots. The sealed key stays what it was. After a failure the files are gone
  // again; that an earlier slot could not be removed is none.
  //
  // Errors: further
  //   kInvalidArgument   not 1 of 1, or 2 to 16 of at most 16.
  //   kAlreadyExists     a file is there.
  //   kNotFound          nothing is sealed yet.
  //   kPermissionDenied  this device has no slot.
  absl::StatusOr<Made> Make(std::uint8_t threshold, std::uint8_t count,
                            const std::filesystem::path& directory);

  // The recovery slots, and how far recoveries through them are.
  absl::StatusOr<std::vector<vault::v1::KeySlot>> List();

  struct Progress {
    vault::v1::Recovery recovery;
    // Whether this device opens the sealed key now.
    bool recovered = false;
  };
  // Starts a recovery or goes on with it: run again when it is open. Shares
  // are compared with the slot before anything is started, and it is seen that
  // this device can keep what comes.
  //
  // Errors, which name shares by their place and print no word: further
  //   kInvalidArgument     the shares are wrong, too few or too many, or of
  //                        another set than the vault keeps.
  //   kDataLoss            they do not fit together, or the slot does not open.
  //   kFailedPrecondition  this device has a slot already.
  //   kNotFound            there is no recovery slot.
  //   any, IsAboutOwnFile  this device could not keep what comes; nothing was
  //                        started.
  absl::StatusOr<Progress> Recover(std::span<const base::SecretBytes> shares);

  // Cancels every recovery that waits or is open; the recoveries after that.
  // One that cannot be cancelled keeps no other from it.
  //
  // Errors: that of the first that was not cancelled; says how many were.
  absl::StatusOr<std::vector<vault::v1::Recovery>> Cancel();

  // Allows recoveries again through every slot that bars them.
  //
  // Errors: further
  //   kPermissionDenied  this device has no slot.
  absl::StatusOr<std::vector<vault::v1::Recovery>> Allow();

 private:
  absl::StatusOr<vault::v1::KeySlot> AddSlot(const SealedHome& home,
                                             const SealedKey& key,
                                             const base::SecretBytes& recovery);
  // The slot's body, opened with `key`; lets this device in.
  absl::StatusOr<Progress> Fetch(const SealedClient::Listed& listed,
                                 const vault::v1::KeySlot& slot,
                                 const base::SecretBytes& key);

  Connection& connection_;
  SealedClient& sealed_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_GUARDIANS_H_
