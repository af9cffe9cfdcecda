// Values that a person's device sealed: stored, numbered and logged like
// others, opened by nobody here. Checks what can be seen from outside: the
// catalogue, the order of versions, sizes that sealing gives, and that there is
// a way to the key. docs/formats/attribute-record.md

#ifndef LIMPID_VAULT_CUSTODY_SEALED_VAULT_H_
#define LIMPID_VAULT_CUSTODY_SEALED_VAULT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "vault/attribute/catalogue.h"
#include "vault/attribute/person_acts.h"
#include "vault/attribute/person_vault.h"
#include "vault/core.h"

namespace limpid::vault {

// What a device must know to seal the next version.
struct SealingPlace {
  // The newest.
  CatalogueEntryPtr entry;
  std::uint64_t version = 0;
};

struct NewSealedValue {
  std::string attribute;
  std::uint32_t schema_version = 0;
  std::uint64_t version = 0;
  // Random, by the client; makes a retry of the same bytes safe.
  base::ByteArray<16> request_id{};
  // The one inside the value; whole milliseconds.
  absl::Time put_time;
  SealedParts parts;
};

// Thread-safe. Blocks on the stores.
class SealedVault {
 public:
  // How far the clock of a device may be off.
  static constexpr absl::Duration kMaxSkew = absl::Minutes(5);

  // `core` must outlive this object.
  explicit SealedVault(VaultCore& core) : core_(core) {}

  // Errors:
  //   kNotFound            the catalogue has no such attribute.
  //   kFailedPrecondition  it may not be sealed.
  absl::StatusOr<SealingPlace> Place(const PersonCaller& caller,
                                     std::string_view attribute);

  // Errors: as Place, and
  //   kInvalidArgument     a part that sealing does not give, or another time.
  //   kFailedPrecondition  the schema version is not the newest, or no slot of
  //                        the generation is stored.
  //   kAborted             `version` is not the next.
  //   kAlreadyExists       the request id was used for something else, or the
  //                        DEK's id for a row of the person, here or erased.
  //   kResourceExhausted   PersonVault::kMaxVersions, or a limit of the person,
  //                        reached.
  absl::StatusOr<DoneAct> Put(const PersonCaller& caller,
                              const NewSealedValue& value);

 private:
  absl::StatusOr<CatalogueEntryPtr> Sealable(std::string_view attribute) const;
  absl::Status CheckKey(const Owner& owner, std::uint32_t generation);
  absl::StatusOr<DoneAct> PutIn(VaultTransaction& transaction,
                                const AttributeRow& row,
                                std::string_view attribute,
                                const PersonKey& acts_key, absl::Time now);

  VaultCore& core_;
};

// Whether the id of a row that a device made is of no row of the owner's,
// erased or not, and in no tombstone of hers: an erasure and a rotation know a
// row by its id alone, also one that an older store has lost.
absl::StatusOr<bool> IdIsNew(VaultCore& core, VaultTransaction& transaction,
                             const AttributeRow& row);

// Whether the parts have the beginnings and sizes that sealing `attribute`
// gives: padded lengths only, one chunk, a wrapped key of 32 bytes.
//
// Errors:
//   kInvalidArgument  they have not; names the part.
absl::Status CheckParts(const SealedParts& parts, std::string_view attribute);

// Whether `envelope` is one, by what can be seen of it, around contents of a
// size that padding a value gives.
[[nodiscard]] bool IsPaddedEnvelope(base::ByteView envelope);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CUSTODY_SEALED_VAULT_H_
