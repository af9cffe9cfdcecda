// A line of an export bundle, which a vault takes from whoever holds a person's
// token: what is read is written back byte for byte, and what goes on from it
// to the checks of slots and sealed parts stops there.

#include <cstddef>
#include <cstdint>
#include <variant>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/crypto/ed25519.h"
#include "vault/custody/sealed_vault.h"
#include "vault/custody/slot_body.h"
#include "vault/portability/bundle_line.h"

namespace {

using limpid::vault::CarriedVersion;
using limpid::vault::Slot;

void CheckSlot(const Slot& slot) {
  limpid::vault::SlotKey place;
  place.owner.id = slot.origin->holder;
  place.custody = limpid::vault::Custody::kSealed;
  place.generation = slot.name.generation;
  place.slot_kind = slot.name.kind;
  place.slot_id = slot.name.id;
  (void)limpid::vault::CheckSlotBody(slot.origin->vault.source, place,
                                     slot.key_id, slot.body,
                                     limpid::crypto::Ed25519PublicKey());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const auto line = limpid::base::AsText({data, size});
  const auto item = limpid::vault::ParseBundleLine(line);
  if (!item.ok()) return 0;
  if (const auto* const slot = std::get_if<Slot>(&*item)) {
    LIMPID_CHECK(limpid::vault::SlotLine(*slot) == line);
    CheckSlot(*slot);
    return 0;
  }
  const auto& version = std::get<CarriedVersion>(*item);
  LIMPID_CHECK(limpid::vault::VersionLine(version) == line);
  if (version.sealed) {
    (void)limpid::vault::CheckParts(*version.sealed, version.attribute);
  }
  return 0;
}
