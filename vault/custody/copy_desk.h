// Grant copies as the vault keeps them: taken from the person's device, given
// out to the service of a live permit, dead once the record's outer key is
// destroyed. It opens none. docs/formats/grant-copy.md

#ifndef LIMPID_VAULT_CUSTODY_COPY_DESK_H_
#define LIMPID_VAULT_CUSTODY_COPY_DESK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/crypto/aead.h"
#include "common/receipt/grant_copy.h"
#include "vault/attribute/person_vault.h"
#include "vault/core.h"
#include "vault/custody/copy_store.h"
#include "vault/keys/key_tree.h"

namespace limpid::vault {

// Whose copy a permit asks for.
struct CopyQuery {
  HolderId holder;
  base::ByteArray<16> record{};
  std::string_view attribute;
  // Of the newest row, which is sealed.
  std::uint32_t schema_version = 0;
  std::uint64_t version = 0;
  receipt::Form form = receipt::Form::kFull;
};

// Thread-safe. Blocks on the stores.
class CopyDesk {
 public:
  // A copy for each attribute that a person reviews, in some sixty records.
  static constexpr std::size_t kMaxCopies = 4'096;
  // How far the clock of a device may be off.
  static constexpr absl::Duration kMaxSkew = absl::Minutes(5);

  // Both must outlive this object.
  CopyDesk(VaultCore& core, CopyStore& store) : core_(core), store_(store) {}

  // Takes an encoded copy; one of the same record and attribute is replaced.
  //
  // Errors:
  //   kInvalidArgument     not a copy, another vault's, not signed by its grant
  //                        key, of a size that sealing does not give, made at
  //                        another time, or over already.
  //   kFailedPrecondition  the newest version is not sealed, or the form is not
  //                        for a direct identifier.
  //   kAborted             the newest version is another one, or the record's
  //                        copies were withdrawn, or their key dropped for
  //                        another record, while this one came.
  //   kResourceExhausted   kMaxCopies, or the bytes that a person may keep
  //                        (attribute/usage.h).
  absl::Status Put(const PersonCaller& caller, base::ByteView encoded);

  // Destroys the outer key of the record's copies, then the copies. Says how
  // many; none is no error.
  absl::StatusOr<std::int64_t> Forget(const PersonCaller& caller,
                                      const base::ByteArray<16>& record);

  // Deletes everybody's copies that are over; says of how many persons. Their
  // outer keys stay until the record's copies are forgotten, or until she has
  // kMaxCopies of them and puts one more: then those without copies go.
  absl::StatusOr<std::size_t> Sweep();

  // The copy for a permit, or none: nothing was copied, the copy is of another
  // version or form, is over, or its key was destroyed.
  //
  // Errors:
  //   kDataLoss  what is stored does not open, or is of something else. Also a
  //              copy under a key that was destroyed, when the record has a
  //              newer one: Put takes such a copy back, unless it is killed
  //              just then. It opens for nobody; the next Put replaces it.
  absl::StatusOr<std::optional<base::Bytes>> Find(const CopyQuery& query);

 private:
  absl::Status CheckTerms(const receipt::GrantCopyTerms& terms) const;
  absl::Status CheckValue(const Owner& owner, const NameKey& name,
                          const receipt::GrantCopyTerms& terms) const;
  absl::Status CheckRoom(const CopyRow& row, std::size_t bytes) const;
  // The outer key of the record's copies; a new one when there is none.
  absl::StatusOr<CopyKey> KeyFor(const CopyRow& row, const std::string& record);
  // No person has more outer keys than she may have copies, whatever became of
  // the copies.
  absl::Status MakeRoomForKey(const Owner& owner);
  // Whether the copy that was just stored may stay; deletes it if not.
  absl::Status CheckStays(const CopyRow& row, const crypto::KeyId& key,
                          const receipt::GrantCopyTerms& terms);
  [[nodiscard]] Aad CopyAad(const HolderId& holder,
                            const receipt::GrantCopyTerms& terms,
                            std::uint8_t suite) const;

  VaultCore& core_;
  CopyStore& store_;
  // Held by whoever makes an outer key, so that nobody's copy under it is taken
  // for one of before.
  base::Mutex making_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CUSTODY_COPY_DESK_H_
