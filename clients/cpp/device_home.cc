#include "clients/cpp/device_home.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/device_file.h"
#include "clients/cpp/x25519_file.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"

namespace limpid::client {
namespace {

constexpr std::string_view kKeyFormat = "limpid-device-key/1";
constexpr std::string_view kPinFormat = "limpid-sealed-key/1";
constexpr std::string_view kCodePrefix = "dev_";
constexpr std::size_t kCheckBytes = 4;
constexpr std::size_t kMaxFileBytes = 4096;

template <std::size_t N>
absl::StatusOr<base::ByteArray<N>> HexMember(const json::Value& value,
                                             std::string_view name) {
  LIMPID_ASSIGN_OR_RETURN(const std::string text, value.GetString(name));
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes, base::HexDecode(text));
  return base::ToArray<N>(bytes);
}

absl::StatusOr<SealedPin> ParsePin(std::string_view text) {
  LIMPID_ASSIGN_OR_RETURN(const json::Value value, json::ParseStrict(text));
  if (value.GetString("format").value_or("") != kPinFormat) {
    return absl::InvalidArgumentError("format");
  }
  SealedPin out;
  LIMPID_ASSIGN_OR_RETURN(out.source, HexMember<16>(value, "source"));
  LIMPID_ASSIGN_OR_RETURN(out.holder, HexMember<16>(value, "holder"));
  LIMPID_ASSIGN_OR_RETURN(const std::int64_t generation,
                          value.GetInteger("generation"));
  out.generation = static_cast<std::uint32_t>(generation);
  LIMPID_ASSIGN_OR_RETURN(out.key_id, HexMember<16>(value, "key_id"));
  LIMPID_ASSIGN_OR_RETURN(out.commitment, HexMember<32>(value, "commitment"));
  return out;
}

base::Digest32 Check(base::ByteView key) {
  base::ByteWriter writer("limpid/device-code/1");
  return crypto::Sha256(writer.Raw(key).bytes());
}

}  // namespace

absl::StatusOr<std::optional<crypto::X25519PrivateKey>> DeviceHome::KeyIfAny()
    const {
  auto key = ReadX25519File(key_file_, kKeyFormat, "a device's key file");
  if (key.ok()) return std::optional(*std::move(key));
  if (absl::IsNotFound(key.status())) {
    return std::optional<crypto::X25519PrivateKey>();
  }
  return key.status();
}

absl::StatusOr<crypto::X25519PrivateKey> DeviceHome::Key() const {
  // What cannot be read without the lock may be one that is being written.
  auto there = KeyIfAny();
  if (there.ok() && *there) return **std::move(there);
  LIMPID_ASSIGN_OR_RETURN(const base::FileLock lock, LockBeside(key_file_));
  LIMPID_ASSIGN_OR_RETURN(auto key, KeyIfAny());
  if (key) return *std::move(key);
  LIMPID_ASSIGN_OR_RETURN(const auto pin, Pinned());
  if (pin) {
    return AboutOwnFile(absl::DataLossError(absl::StrCat(
        key_file_.string(), " is gone, and this device sealed with it (",
        pin_file_.string(),
        " says so). Put it back from a copy. If there is none: remove ",
        pin_file_.string(),
        ", and let this device in anew from another device of yours, with "
        "`limpid person device code` and `limpid person device add`. Without "
        "another device nobody can open what you sealed")));
  }
  LIMPID_RETURN_IF_ERROR(WriteNewX25519File(
      crypto::X25519PrivateKey::Generate(), kKeyFormat, key_file_));
  return ReadX25519File(key_file_, kKeyFormat, "a device's key file");
}

absl::StatusOr<std::optional<SealedPin>> DeviceHome::Pinned() const {
  const auto text = ReadDeviceFile(pin_file_, kMaxFileBytes);
  if (absl::IsNotFound(text.status())) return std::optional<SealedPin>();
  LIMPID_RETURN_IF_ERROR(text.status());
  const auto pin = ParsePin(base::AsText(*text));
  if (pin.ok()) return std::optional<SealedPin>(*pin);
  return BrokenFile(pin_file_,
                    "does not say which sealed key this device knows");
}

absl::Status DeviceHome::Pin(const SealedPin& pin) const {
  LIMPID_ASSIGN_OR_RETURN(const base::FileLock lock, LockBeside(pin_file_));
  LIMPID_ASSIGN_OR_RETURN(const auto kept, Pinned());
  if (kept && *kept == pin) return absl::OkStatus();
  if (kept) {
    return absl::DataLossError(
        "this device knows another sealed key already; nothing was changed");
  }
  json::Value out = json::Value::Object();
  out.Set("format", std::string(kPinFormat));
  out.Set("source", base::HexEncode(pin.source));
  out.Set("holder", base::HexEncode(pin.holder));
  out.Set("generation", pin.generation);
  out.Set("key_id", base::HexEncode(pin.key_id));
  out.Set("commitment", base::HexEncode(pin.commitment));
  const std::string text = json::Pretty(out);
  return WriteDeviceFile(pin_file_, base::AsBytes(text));
}

absl::Status DeviceHome::Ready() const {
  LIMPID_RETURN_IF_ERROR(Key().status());
  LIMPID_RETURN_IF_ERROR(Pinned().status());
  LIMPID_ASSIGN_OR_RETURN(const base::FileLock lock, LockBeside(pin_file_));
  // What a pin is written to first.
  std::filesystem::path trial = pin_file_;
  trial += ".tmp";
  LIMPID_RETURN_IF_ERROR(WriteDeviceFile(trial, base::AsBytes("{}")));
  return RemoveFile(trial);
}

absl::Status DeviceHome::Forget() const {
  // In this order: the pin says whose key it was, and is asked for that when a
  // command goes on that broke off here.
  LIMPID_RETURN_IF_ERROR(RemoveFile(key_file_));
  return RemoveFile(pin_file_);
}

std::string DeviceCode(const crypto::X25519PublicKey& device) {
  base::Bytes bytes = base::ToBytes(base::ByteView(device.bytes));
  const base::Digest32 check = Check(device.bytes);
  bytes.insert(bytes.end(), check.begin(), check.begin() + kCheckBytes);
  return std::string(kCodePrefix) + base::Base32Encode(bytes);
}

absl::StatusOr<crypto::X25519PublicKey> ParseDeviceCode(std::string_view code) {
  const auto refused =
      absl::InvalidArgumentError("this is no device code, or was mistyped");
  if (!code.starts_with(kCodePrefix)) return refused;
  const auto bytes = base::Base32Decode(code.substr(kCodePrefix.size()));
  if (!bytes.ok() || bytes->size() != crypto::kX25519KeyBytes + kCheckBytes) {
    return refused;
  }
  const auto key = base::ByteView(*bytes).first(crypto::kX25519KeyBytes);
  const base::Digest32 check = Check(key);
  if (!std::equal(check.begin(), check.begin() + kCheckBytes,
                  bytes->begin() + crypto::kX25519KeyBytes)) {
    return refused;
  }
  return crypto::X25519PublicKey::FromBytes(key);
}

}  // namespace limpid::client
