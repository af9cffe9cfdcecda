// What a person's device seals and opens itself: her sealed key, the slots that
// lead to it, and values under it. Formats only; knows no connection and no
// file. Written from the format pages and not shared with the server, so that
// a fault in one of the two shows in the other. docs/formats/key-slots.md,
// attribute-record.md, aad.md

#ifndef LIMPID_CLIENTS_CPP_SEALING_H_
#define LIMPID_CLIENTS_CPP_SEALING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/aead.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/crypto/x25519.h"
#include "limpid/vault/v1/attribute.pb.h"

namespace limpid::client {

// Longest value in canonical form, as for the server.
inline constexpr std::size_t kMaxSealedValueBytes = std::size_t{256} << 10U;

// Whose vault it is: bound into everything that is sealed.
struct SealedHome {
  std::string operator_name;
  base::ByteArray<16> source{};
  // Her id in the vault.
  base::ByteArray<16> holder{};
};

// The sealed person key (SPK). Move-only.
struct SealedKey {
  crypto::KeyId id{};
  // From 1.
  std::uint32_t generation = 0;
  base::SecretBytes key;
};

// A new one, of generation 1.
SealedKey MakeSealedKey(const SealedHome& home,
                        crypto::RandomSource& random = crypto::SystemRandom());

// What a device keeps of the key to know it again; tells nothing about it.
base::Digest32 CommitmentOf(const SealedKey& key);

// Where a value goes.
struct SealedPlace {
  std::string_view attribute;
  std::uint32_t schema_version = 0;
  std::uint64_t version = 0;
  // The value is padded as if it had at least this many bytes.
  std::size_t pad_floor_bytes = 0;
};

struct OpenedValue {
  // RFC 8785.
  std::string value_json;
  // Millisecond precision.
  absl::Time put_time;
};

// Seals `value` under a fresh key of its own, wrapped under `key`, and the
// attribute's name under `key`.
vault::v1::SealedValue SealValue(
    const SealedHome& home, const SealedKey& key, const SealedPlace& place,
    const OpenedValue& value,
    crypto::RandomSource& random = crypto::SystemRandom());

// Opens what SealValue made for `place`, and checks that its label says so.
//
// Errors:
//   kDataLoss  anything else; never says what.
absl::StatusOr<OpenedValue> OpenSealedValue(
    const SealedHome& home, const SealedKey& key, const SealedPlace& place,
    const vault::v1::SealedValue& sealed);

// The body of a slot for the device with `device`, signed by the person's key.
//
// Errors:
//   kInvalidArgument  nothing can be sealed to `device`.
absl::StatusOr<base::Bytes> DeviceSlotBody(
    const SealedHome& home, const SealedKey& key,
    const base::ByteArray<16>& slot_id, const crypto::X25519PublicKey& device,
    const crypto::Ed25519PrivateKey& person);

// What stands in a device slot.
struct DeviceSlot {
  crypto::X25519PublicKey device;
  base::Digest32 commitment{};
  crypto::Ed25519Signature signature{};
  base::Bytes box;
};

// Errors:
//   kDataLoss  not the body of a device slot.
absl::StatusOr<DeviceSlot> ParseDeviceSlot(base::ByteView body);

// The names of a slot as listed.
struct SlotPlace {
  base::ByteArray<16> slot_id{};
  std::uint32_t generation = 0;
  crypto::KeyId key_id{};
};

// Whether `person` signed the slot for this place.
[[nodiscard]] bool SlotIsSigned(const SealedHome& home, const SlotPlace& place,
                                const DeviceSlot& slot,
                                const crypto::Ed25519PublicKey& person);

// Opens a slot of this device. The signature of the person's key is what keeps
// a server from handing out a key of its own choice.
//
// Errors:
//   kDataLoss  not signed by `person` for this place, not for this device, or
//              not the key it commits to; never says which.
absl::StatusOr<SealedKey> OpenDeviceSlot(
    const SealedHome& home, const SlotPlace& place, const DeviceSlot& slot,
    const crypto::X25519PrivateKey& device,
    const crypto::Ed25519PublicKey& person);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_SEALING_H_
