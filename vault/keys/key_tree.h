// The key tree of vault.md section 2 as far as the server holds it: KEK[epoch]
// over a person's assisted key. The only code that unwraps person keys. Knows
// no attribute. docs/formats/key-slots.md

#ifndef LIMPID_VAULT_KEYS_KEY_TREE_H_
#define LIMPID_VAULT_KEYS_KEY_TREE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "common/crypto/aead.h"
#include "common/crypto/random.h"
#include "vault/keys/aad.h"
#include "vault/keys/blind.h"
#include "vault/keys/kek_source.h"
#include "vault/keys/key_store.h"
#include "vault/keys/wrap_gate.h"

namespace limpid::vault {

// An unwrapped person key.
struct PersonKey {
  crypto::KeyId id{};
  std::uint32_t generation = 0;
  Custody custody = Custody::kAssisted;
  base::SecretBytes key;
};

// An unwrapped outer key of grant copies.
struct CopyKey {
  crypto::KeyId id{};
  base::SecretBytes key;
};

struct KeyTreeOptions {
  Identity identity;
  // For new wraps; old ones keep theirs.
  crypto::Suite suite = crypto::Suite::kXChaCha20Poly1305;
  // Person keys kept unwrapped, least recently used out first. The trade: a hit
  // saves a database read and an unwrap for each release (a miss costs about
  // 20 us), and whoever can read the memory of this process finds that many
  // person keys there. 48 guarded bytes each.
  std::size_t cache_size = 4096;
};

// KEKs are unwrapped once and kept, for the same reason and trade. Thread-safe.
class KeyTree {
 public:
  // `source`, `store` and `random` must outlive the tree.
  KeyTree(KeyTreeOptions options, KekSource& source, KeyStore& store,
          crypto::RandomSource& random = crypto::SystemRandom());

  // The person's assisted key: of `generation`, or the newest for 0. Shared,
  // because the cache may drop a key that a read is still using.
  //
  // Errors:
  //   kNotFound  the person has no key here.
  //   kDataLoss  the slot does not open: damaged, or of a key store that is
  //              older than the end of its epoch.
  absl::StatusOr<std::shared_ptr<const PersonKey>> Find(
      const Owner& owner, std::uint32_t generation);

  // The newest, made and stored durably when there is none. Two callers at
  // once get the same key.
  //
  // Errors: further
  //   kFailedPrecondition  the person was erased here.
  absl::StatusOr<std::shared_ptr<const PersonKey>> FindOrCreate(
      const Owner& owner, absl::Time now);

  // Stores a slot that a device made beside those that are there: puts the
  // outer wrap of the current epoch around `body`, sets `row.epoch` and
  // `row.outer`, and gives it to the store. `row` is no server slot.
  //
  // Errors: those of KeyStore::InsertBeside.
  absl::Status AddSlot(SlotRow& row, base::ByteView body,
                       std::size_t max_slots);
  // The body of a stored one again.
  //
  // Errors:
  //   kDataLoss  the wrap does not open, is that of another slot, or is a
  //              server slot's.
  //   kNotFound  the epoch's key was destroyed.
  absl::StatusOr<base::Bytes> UnwrapBody(const SlotRow& row);

  // The outer key of a record's copies, as `record` ("rec_..."). Never cached:
  // destroyed means gone at once. One that an earlier version wrapped, or that
  // is under an earlier epoch, is stored wrapped anew.
  //
  // Errors:
  //   kNotFound  there is none: nothing was copied, or it was destroyed.
  //   kDataLoss  it does not open.
  absl::StatusOr<CopyKey> FindCopyKey(const Owner& owner,
                                      const RecordKey& record_key,
                                      std::string_view record);
  // The same, made and stored durably when there is none.
  absl::StatusOr<CopyKey> FindOrCreateCopyKey(const Owner& owner,
                                              const RecordKey& record_key,
                                              std::string_view record,
                                              absl::Time now);

  // The generation after the newest, made, stored durably and opened again
  // from the store before anything hangs on it. The older ones stay until
  // DestroyBelow.
  //
  // Errors:
  //   kNotFound  the person has no key here.
  //   kDataLoss  what was stored is not what was made.
  absl::StatusOr<std::shared_ptr<const PersonKey>> AddGeneration(
      const Owner& owner, absl::Time now);
  // Destroys the slots of every generation below `generation` and forgets what
  // they held; later ones stay at hand. Whatever is still wrapped under them is
  // lost.
  absl::Status DestroyBelow(const Owner& owner, std::uint32_t generation);

  // The next epoch: once it is returned, nothing is wrapped under an earlier
  // one any more. What is wrapped stays as it is.
  absl::StatusOr<std::uint32_t> StartEpoch();
  // `row` with its outer wrap under the current epoch, opened again and
  // compared. What is inside, and every other field, stays.
  //
  // Errors:
  //   kDataLoss  the wrap does not open.
  //   kNotFound  its epoch's key was destroyed.
  absl::StatusOr<SlotRow> Rewrap(const SlotRow& row);
  // The same of the key of a record's copies, whose name it need not know.
  //
  // Errors: further
  //   kFailedPrecondition  it was wrapped by a version that bound the record's
  //                        name: it is wrapped anew when it is used.
  absl::StatusOr<CopyKeyRow> Rewrap(const CopyKeyRow& row);
  // Destroys the key of an earlier epoch, here and at its source. Whatever is
  // still wrapped under it is lost: EpochKeeper looks first.
  //
  // Errors: those of KekSource::DestroyKek.
  absl::Status DestroyEpoch(std::uint32_t epoch);

  // Drops the person's keys from the cache, after they were destroyed. A Find
  // under way keeps nothing of hers there.
  void Forget(const HolderId& holder);

  [[nodiscard]] const Identity& identity() const { return options_.identity; }
  [[nodiscard]] crypto::Suite suite() const { return options_.suite; }

 private:
  using CacheKey = std::pair<HolderId, std::uint32_t>;
  using Entry = std::pair<CacheKey, std::shared_ptr<const PersonKey>>;

  absl::StatusOr<std::shared_ptr<const base::SecretBytes>> Kek(
      std::uint32_t epoch);
  absl::StatusOr<std::shared_ptr<const PersonKey>> Unwrap(const SlotRow& row);
  // `record` is empty in what is written now, which binds `row.record_key`.
  [[nodiscard]] base::Bytes CopyKeyAad(const CopyKeyRow& row,
                                       std::string_view record,
                                       std::uint8_t suite) const;
  absl::StatusOr<base::SecretBytes> OpenCopyKey(const CopyKeyRow& row,
                                                std::string_view record);
  // Wraps `key` under the current epoch into `row` and opens it again.
  absl::Status WrapCopyKey(CopyKeyRow& row, const base::SecretBytes& key);
  absl::Status WrapServerSlot(SlotRow& row, const base::SecretBytes& key);
  absl::Status WrapBody(SlotRow& row, base::ByteView body);
  // As it was opened again from the store.
  absl::StatusOr<std::shared_ptr<const PersonKey>> MakeKey(
      const Owner& owner, std::uint32_t generation, absl::Time now);
  absl::Status MakeCopyKey(const Owner& owner, const RecordKey& record_key,
                           absl::Time now);
  // Of server slots, and of a person's own from before they were bound to their
  // ids; as these are written now.
  [[nodiscard]] Aad SlotAad(const SlotRow& row, std::uint8_t suite) const;
  [[nodiscard]] base::Bytes NamedSlotAad(const SlotRow& row,
                                         std::uint8_t suite) const;
  [[nodiscard]] crypto::KeyId KekId(std::uint32_t epoch) const;
  void ForgetBelow(const HolderId& holder, std::uint32_t generation);
  std::shared_ptr<const PersonKey> Cached(const CacheKey& key,
                                          std::uint64_t& forgets);
  void Remember(const CacheKey& key, std::shared_ptr<const PersonKey> value,
                std::uint64_t forgets);

  const KeyTreeOptions options_;
  KekSource& source_;
  KeyStore& store_;
  crypto::RandomSource& random_;
  // Shared by whoever wraps, until what is wrapped is stored; alone by whoever
  // starts an epoch.
  WrapGate wrapping_;
  base::Mutex mutex_;
  std::list<Entry> recent_ ABSL_GUARDED_BY(mutex_);
  std::map<CacheKey, std::list<Entry>::iterator> cache_ ABSL_GUARDED_BY(mutex_);
  // Counts Forget: what was read before one is not kept after it.
  std::uint64_t forgets_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::uint32_t, std::shared_ptr<const base::SecretBytes>> keks_
      ABSL_GUARDED_BY(mutex_);
  // Epochs whose keys were destroyed while this tree stood.
  std::set<std::uint32_t> ended_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_KEYS_KEY_TREE_H_
