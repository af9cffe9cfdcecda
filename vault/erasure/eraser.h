// Carries out erasures so that no older copy brings back what was erased: a
// tombstone in the key store, its copy outside the backup set, then the log,
// the ciphertext and the keys. Killed anywhere, it goes on at the next call or
// start. Knows no person and no permission: erasure_desk.h asks first.
// docs/formats/tombstone.md

#ifndef LIMPID_VAULT_ERASURE_ERASER_H_
#define LIMPID_VAULT_ERASURE_ERASER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "vault/core.h"
#include "vault/custody/copy_store.h"
#include "vault/erasure/certificate.h"
#include "vault/erasure/person_lock.h"
#include "vault/erasure/tombstone_file.h"

namespace limpid::vault {

// What a start found to do.
struct Recovery {
  // Tombstones that the key store had forgotten.
  std::uint64_t replayed = 0;
  // Persons of whom something was finished.
  std::uint64_t finished = 0;
  // Persons whose erasure cannot be finished, because something else of theirs
  // does not open. The keys of what was erased stay until it does.
  std::uint64_t stuck = 0;
  // The file was not there and was written anew from the key store. What was
  // erased since a copy of the key store that was put back is not known then.
  bool file_lost = false;
};

// Thread-safe. Blocks on the stores and the disk.
class Eraser {
 public:
  // All must outlive it.
  //
  // Errors: those of KekSource::Named.
  static absl::StatusOr<std::unique_ptr<Eraser>> Open(VaultCore& core,
                                                      TombstoneFile& file,
                                                      CopyStore& copies,
                                                      Retention retention);

  // The values' store was put back on purpose: all tombstones are to be applied
  // again. Durable, and before the log is told (log/catch_up.h): a start after
  // a kill in between knows no older store any more, and Recover must.
  //
  // Errors:
  //   kDataLoss, kFailedPrecondition  as Recover.
  absl::Status AcceptOlderValues();

  // Brings tombstones, stores and file together and ends what was begun. Before
  // anything is served.
  //
  // Errors:
  //   kDataLoss            the file and the key store contradict each other.
  //   kFailedPrecondition  the two stores are of different times: values would
  //                        be lost. Nothing was changed; says what to do. Seen
  //                        by the tombstones and by the newest kNewestKeys keys
  //                        that were made.
  absl::StatusOr<Recovery> Recover();

  // Persons come one after another: a store of keys from before some of them
  // lacks the newest. Several, because who was erased does not count.
  static constexpr std::size_t kNewestKeys = 1'000;

  // Held by whoever decides something about `owner`'s erasures or holds.
  PersonLock& LockOf(const Owner& owner) {
    return locks_.at(owner.shard % kLocks);
  }

  // Erases what `tombstones` name, all of one owner whose lock is held. Durable
  // and beyond older copies on return. After an error it may be done, in part
  // or not at all: FinishOwed or a start goes on with it.
  absl::Status Erase(std::vector<Tombstone> tombstones);
  // Ends what an earlier call for the owner began and could not end. Her lock
  // is held.
  absl::Status FinishOwed(const Owner& owner);
  // Rotates the owner's assisted key without erasing anything. Her lock is
  // held.
  //
  // Errors:
  //   kNotFound  she has no assisted key.
  absl::Status Rotate(const Owner& owner);

  // The stored certificate, encoded, or empty when the act has none.
  absl::StatusOr<base::Bytes> CertificateOf(const base::Digest32& body) const;

  [[nodiscard]] const base::SecretBytes& key() const { return key_; }

 private:
  // One for each shard: an erasure holds its own for milliseconds, and with
  // fewer of them two of sixteen persons at once would mostly share one.
  static constexpr std::size_t kLocks = kShardCount;

  Eraser(VaultCore& core, TombstoneFile& file, CopyStore& copies,
         Retention retention, base::SecretBytes key)
      : core_(core),
        file_(file),
        copies_(copies),
        retention_(retention),
        key_(std::move(key)) {}

  // Appends to the file what it lacks of the key store.
  absl::Status CopyOut();
  absl::Status CheckTogether(std::uint64_t stored) const;
  absl::Status CheckKeysFit(std::span<const Tombstone> tombstones) const;
  // Of whoever came last, or had her key rotated last: an older key store knows
  // her not. `stored` tombstones are in the key store.
  absl::Status CheckNewestKeys(std::uint64_t stored) const;
  absl::Status ReplayFile(std::uint64_t stored);
  absl::Status Complete(const Owner& owner);
  absl::Status CompleteVersions(const Owner& owner,
                                std::span<const Tombstone> tombstones);
  absl::Status CompletePerson(const Tombstone& tombstone);
  // What was copied of `rows`, after they were emptied: a copy on its way looks
  // at its value again once it is stored (custody/copy_desk.h).
  absl::Status DropCopies(std::span<const AttributeRow> rows);
  absl::Status EraseRows(VaultTransaction& transaction,
                         std::vector<AttributeRow> rows, absl::Time time,
                         std::uint32_t generation, std::uint32_t epoch,
                         const PersonKey* key);
  // Fills in what the rows of one attribute say of it.
  void Describe(std::span<const AttributeRow> versions,
                ErasureCertificate& certificate);
  absl::Status EraseAttributeRows(VaultTransaction& transaction,
                                  std::span<const AttributeRow> rows,
                                  ErasureCertificate certificate,
                                  const PersonKey* key);
  [[nodiscard]] ErasureCertificate NewCertificate(absl::Time time) const;
  // Stores it and returns what the act carries.
  absl::StatusOr<base::Digest32> Certify(VaultTransaction& transaction,
                                         const Owner& owner,
                                         const ErasureCertificate& certificate);

  VaultCore& core_;
  TombstoneFile& file_;
  CopyStore& copies_;
  const Retention retention_;
  const base::SecretBytes key_;
  std::array<PersonLock, kLocks> locks_;
  base::Mutex file_mutex_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ERASURE_ERASER_H_
