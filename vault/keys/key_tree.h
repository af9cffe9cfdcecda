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
  //   kDataLoss  the slot does not open.
  absl::StatusOr<std::shared_ptr<const PersonKey>> Find(
      const Owner& owner, std::uint32_t generation);

  // The newest, made and stored durably when there is none. Two callers at
  // once get the same key.
  //
  // Errors: further
  //   kFailedPrecondition  the person was erased here.
  absl::StatusOr<std::shared_ptr<const PersonKey>> FindOrCreate(
      const Owner& owner, absl::Time now);

  // Puts the outer wrap of the current epoch around the body of a slot that a
  // device made: sets `row.epoch` and `row.outer`. `row` is no server slot.
  absl::Status WrapBody(SlotRow& row, base::ByteView body);
  // The body again.
  //
  // Errors:
  //   kDataLoss  the wrap does not open, or is a server slot's.
  //   kNotFound  the epoch's key was destroyed.
  absl::StatusOr<base::Bytes> UnwrapBody(const SlotRow& row);

  // The outer key of a record's copies, as `record` ("rec_..."). Never cached:
  // destroyed means gone at once.
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
  // they held. Whatever is still wrapped under them is lost.
  absl::Status DestroyBelow(const Owner& owner, std::uint32_t generation);

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
  [[nodiscard]] Aad CopyKeyAad(const CopyKeyRow& row, std::string_view record,
                               std::uint8_t suite) const;
  absl::Status MakeKey(const Owner& owner, std::uint32_t generation,
                       absl::Time now);
  [[nodiscard]] Aad SlotAad(const SlotRow& row, std::uint8_t suite) const;
  [[nodiscard]] crypto::KeyId KekId(std::uint32_t epoch) const;
  std::shared_ptr<const PersonKey> Cached(const CacheKey& key,
                                          std::uint64_t& forgets);
  void Remember(const CacheKey& key, std::shared_ptr<const PersonKey> value,
                std::uint64_t forgets);

  const KeyTreeOptions options_;
  KekSource& source_;
  KeyStore& store_;
  crypto::RandomSource& random_;
  base::Mutex mutex_;
  std::list<Entry> recent_ ABSL_GUARDED_BY(mutex_);
  std::map<CacheKey, std::list<Entry>::iterator> cache_ ABSL_GUARDED_BY(mutex_);
  // Counts Forget: what was read before one is not kept after it.
  std::uint64_t forgets_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::uint32_t, std::shared_ptr<const base::SecretBytes>> keks_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_KEYS_KEY_TREE_H_
