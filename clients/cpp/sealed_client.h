// What a person does with values that only her devices can open: makes and
// fetches her sealed key, seals and opens, lets further devices in. The vault
// is not believed about the key: what it hands out must carry the person's own
// signature and be the key that this device knows.

#ifndef LIMPID_CLIENTS_CPP_SEALED_CLIENT_H_
#define LIMPID_CLIENTS_CPP_SEALED_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/device_home.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/sealing.h"
#include "clients/cpp/trust.h"
#include "common/base/clock.h"
#include "limpid/vault/v1/person_vault_service.pb.h"
#include "limpid/vault/v1/sealed_vault_service.pb.h"

namespace limpid::client {

// One slot of the person's sealed key, as this device can judge it.
struct KnownSlot {
  vault::v1::KeySlot slot;
  // Not what a slot looks like: it opens nothing, and can be removed.
  bool malformed = false;
  // Of a device slot whose signature is the person's.
  bool signed_by_person = false;
  bool this_device = false;
};

// Where a listed slot is.
//
// Errors:
//   kDataLoss  its ids are none.
absl::StatusOr<SlotPlace> PlaceOf(const vault::v1::KeySlot& slot);

// Thread-compatible. `connection` carries SourceTokens; everything given must
// outlive the client. Errors of all calls: the server's, and
//   kDataLoss  the vault shows another key than this device knows, no slot
//              where there was one, or something that does not open.
class SealedClient {
 public:
  SealedClient(Connection& connection, const PersonKey& person,
               const DeviceHome& device, const Trust& trust,
               const base::Clock& clock)
      : connection_(connection),
        person_(person),
        device_(device),
        trust_(trust),
        clock_(clock) {}

  // `tell` is called for each slot through which a recovery runs or was handed
  // out, the first time that the vault lists her slots.
  void OnRecovery(std::function<void(const vault::v1::KeySlot&)> tell) {
    tell_recovery_ = std::move(tell);
  }

  // Seals and stores a new version; the first time, makes the sealed key with a
  // slot for this device. A version that another device stored in between is
  // sealed anew, a few times. `put_time` is sealed beside it (millisecond
  // precision, within five minutes of the vault's clock); without one it is the
  // time of now.
  //
  // Errors: further
  //   kInvalidArgument     the value is not strict JSON, is too long, or breaks
  //                        its schema ("value_json/...": JSON pointer).
  //   kPermissionDenied    this device has no slot: another one must let it in.
  absl::StatusOr<vault::v1::PutSealedAttributeResponse> Put(
      std::string_view attribute, std::string_view value_json,
      std::optional<absl::Time> put_time = std::nullopt);

  // Opens what VaultClient::Get answered about `attribute`.
  //
  // Errors: further
  //   kPermissionDenied  as Put.
  absl::StatusOr<OpenedValue> Open(std::string_view attribute,
                                   const vault::v1::GetAttributeResponse& got);

  // What values of `attribute` are padded to at least, by its schema.
  absl::StatusOr<std::size_t> PadFloor(std::string_view attribute);

  // All that the vault lists, those that are none included, so that each can be
  // removed. Makes no device key.
  absl::StatusOr<std::vector<KnownSlot>> Slots();

  // Makes a slot for another device of hers. Whose key `device` is, the person
  // must know: whoever has it opens everything sealed.
  absl::StatusOr<vault::v1::AddKeySlotResponse> AddDevice(
      const crypto::X25519PublicKey& device);

  // Deletes a slot, which must be one that Slots gave.
  absl::StatusOr<vault::v1::DeleteKeySlotResponse> Remove(
      const vault::v1::KeySlot& slot);

  // Her slots as the vault lists them, and what this device knows of the key.
  struct Listed {
    SealedHome home;
    std::vector<vault::v1::KeySlot> slots;
    std::optional<SealedPin> pin;
  };
  absl::StatusOr<Listed> List();
  // The key through this device's slot; kNotFound when there is no key at all.
  absl::StatusOr<SealedKey> Find(const Listed& listed);
  // That this device could keep a key that is about to come (DeviceHome::Ready,
  // with its errors).
  absl::Status CheckDevice() { return device_.Ready(); }
  // Makes a slot of `key` for this device, which came to it in another way, and
  // knows it from then on.
  absl::Status Admit(const Listed& listed, const SealedKey& key);

 private:
  absl::StatusOr<SealedKey> FindOrMake(Listed& listed);
  absl::Status CheckKnown(const Listed& listed, const SealedKey& key);
  absl::StatusOr<vault::v1::AddKeySlotResponse> Add(
      const SealedHome& home, const SealedKey& key,
      const crypto::X25519PublicKey& device);
  absl::StatusOr<vault::v1::GetSealingPlaceResponse> AskPlace(
      std::string_view attribute);
  absl::StatusOr<vault::v1::PutSealedAttributeRequest> SealNext(
      const SealedHome& home, const SealedKey& key, std::string_view attribute,
      std::string_view value_json, absl::Time put_time);

  Connection& connection_;
  const PersonKey& person_;
  const DeviceHome& device_;
  const Trust& trust_;
  const base::Clock& clock_;
  std::function<void(const vault::v1::KeySlot&)> tell_recovery_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_SEALED_CLIENT_H_
