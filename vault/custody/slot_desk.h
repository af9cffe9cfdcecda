// Slots of a person's sealed key, as her devices bring and fetch them. The
// server puts the outer wrap around each and takes it off again; the sealed key
// itself it never sees. docs/formats/key-slots.md

#ifndef LIMPID_VAULT_CUSTODY_SLOT_DESK_H_
#define LIMPID_VAULT_CUSTODY_SLOT_DESK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/aead.h"
#include "vault/attribute/person_acts.h"
#include "vault/attribute/person_vault.h"
#include "vault/core.h"
#include "vault/keys/key_store.h"

namespace limpid::vault {

// Which slot of her sealed key.
struct SlotName {
  SlotKind kind = SlotKind::kDevice;
  base::ByteArray<16> id{};
  // Of the sealed key, from 1.
  std::uint32_t generation = 0;
};

struct Slot {
  SlotName name;
  crypto::KeyId key_id{};
  base::Bytes body;
  // Set by the server, unless the slot has an origin.
  absl::Time created;
  // The vault and holder it was made for, when they are others.
  std::optional<SealedOrigin> origin = std::nullopt;
};

// Thread-safe. Blocks on the stores.
class SlotDesk {
 public:
  // A handful of devices, a paper, guardians; a device reads all of them.
  static constexpr std::size_t kMaxSlots = 16;

  // `core` must outlive this object.
  explicit SlotDesk(VaultCore& core) : core_(core) {}

  // By generation, kind and id. Those of recovery slots have no body: it is
  // handed out by RecoveryDesk alone.
  //
  // Errors:
  //   kDataLoss  a slot does not open.
  absl::StatusOr<std::vector<Slot>> List(const PersonCaller& caller);

  // Logs the act, then stores the slot; an act whose slot was refused in
  // between, or lost with the process, stays and says what was tried. The same
  // slot again is answered with the first one's act, or with a new one when an
  // older store that was put back has lost that.
  //
  // Errors:
  //   kInvalidArgument     a server slot, a zero id, generation or key id, or
  //                        the body (CheckSlotBody).
  //   kAlreadyExists       the id is another slot's, or was a removed one's.
  //   kFailedPrecondition, kResourceExhausted  KeyStore::InsertBeside.
  //   kResourceExhausted   also: too many today (attribute/act_rate.h). What is
  //                        there can be removed all the same.
  absl::StatusOr<DoneAct> Add(const PersonCaller& caller, const Slot& slot);

  // Logs the act, then deletes.
  //
  // Errors:
  //   kNotFound, kFailedPrecondition  KeyStore::Delete.
  absl::StatusOr<DoneAct> Remove(const PersonCaller& caller,
                                 const SlotName& name);

 private:
  [[nodiscard]] SlotKey PlaceOf(const PersonCaller& caller,
                                const SlotName& name) const;
  // The act, written unless it is there.
  absl::StatusOr<DoneAct> Log(ActKind kind, const SlotKey& place,
                              const crypto::KeyId& key_id,
                              const base::Digest32& body);
  absl::StatusOr<DoneAct> Repeat(const SlotRow& stored, const Slot& slot);
  // Whether the act that is there is of this very slot.
  absl::Status CheckSame(const ActRow& row, const crypto::KeyId& key_id,
                         const base::Digest32& body) const;

  VaultCore& core_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CUSTODY_SLOT_DESK_H_
