// What one device keeps beside the person's key to reach what she sealed: its
// own X25519 key, and the facts of her sealed key that it has once seen, so
// that a vault cannot hand it another. docs/formats/key-slots.md

#ifndef LIMPID_CLIENTS_CPP_DEVICE_HOME_H_
#define LIMPID_CLIENTS_CPP_DEVICE_HOME_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/crypto/aead.h"
#include "common/crypto/x25519.h"

namespace limpid::client {

// A value.
struct SealedPin {
  // The vault, and her id in it.
  base::ByteArray<16> source{};
  base::ByteArray<16> holder{};
  std::uint32_t generation = 0;
  crypto::KeyId key_id{};
  // CommitmentOf the key.
  base::Digest32 commitment{};

  friend bool operator==(const SealedPin&, const SealedPin&) = default;
};

// The two files. Thread-compatible. Processes may share them: what is written
// is written under the lock beside it, after a second look.
class DeviceHome {
 public:
  // Reads nothing yet.
  DeviceHome(std::filesystem::path key_file, std::filesystem::path pin_file)
      : key_file_(std::move(key_file)), pin_file_(std::move(pin_file)) {}

  // The device's key: JSON {"format": "limpid-device-key/1", "private_key":
  // base64url of 32 bytes}. Made, durably, when there is none and this device
  // knows no sealed key.
  //
  // Errors, all IsAboutOwnFile:
  //   kFailedPrecondition  others may read the file.
  //   kInvalidArgument     not such a file.
  //   kDataLoss            it is gone, and this device had sealed or opened
  //                        something with it.
  //   others               of writing it.
  // And kUnavailable, IsLockHeld: another process held the lock all the time.
  absl::StatusOr<crypto::X25519PrivateKey> Key() const;
  // The same, and none where Key would make one or miss one.
  absl::StatusOr<std::optional<crypto::X25519PrivateKey>> KeyIfAny() const;

  // Absent before the first Pin.
  //
  // Errors:
  //   kDataLoss  the file is not one: IsAboutOwnFile.
  absl::StatusOr<std::optional<SealedPin>> Pinned() const;
  // Keeps the first one for good. Durable on return.
  //
  // Errors: those of Pinned, and
  //   kDataLoss     another one is kept already.
  //   kUnavailable  another process held the lock all the time: IsLockHeld.
  //   others        of writing it: IsAboutOwnFile.
  [[nodiscard]] absl::Status Pin(const SealedPin& pin) const;

  // That this device has a key, which is made where Key would, and that a Pin
  // would be written: asked before something is begun elsewhere that ends here.
  //
  // Errors: those of Key and of Pin.
  [[nodiscard]] absl::Status Ready() const;

  // Removes both files, the key first: what they opened is gone for good.
  [[nodiscard]] absl::Status Forget() const;

  [[nodiscard]] const std::filesystem::path& pin_file() const {
    return pin_file_;
  }

 private:
  std::filesystem::path key_file_;
  std::filesystem::path pin_file_;
};

// A device's public key as people carry it from one device to another: "dev_",
// base32 of the key and of the first 4 bytes of its SHA-256, which find a
// mistake and no forger.
std::string DeviceCode(const crypto::X25519PublicKey& device);
// Errors:
//   kInvalidArgument  not a code, or mistyped.
absl::StatusOr<crypto::X25519PublicKey> ParseDeviceCode(std::string_view code);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_DEVICE_HOME_H_
