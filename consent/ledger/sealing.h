// Seals consent's rows and events under the person's own key, blinds what rows
// are looked up by, and hides sequence numbers in access ids.
// docs/formats/event-sealing.md

#ifndef LIMPID_CONSENT_LEDGER_SEALING_H_
#define LIMPID_CONSENT_LEDGER_SEALING_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <list>
#include <memory>
#include <unordered_map>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "consent/ids.h"
#include "consent/ledger/log_key.h"
#include "consent/ledger/ports.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

using PersonKey = std::shared_ptr<const base::SecretBytes>;

// The keys of the persons, opened on demand. Shared pointers, because a key
// that is in use must outlive its place in the cache. Thread-safe.
class PersonKeys {
 public:
  // Both must outlive it.
  PersonKeys(PersonKeyStore& store, const KekSource& keks)
      : store_(store), keks_(keks) {}

  // Makes a key, durable on return.
  //
  // Errors:
  //   kAlreadyExists  the person has one.
  absl::StatusOr<PersonKey> Create(const PersonId& person);
  // Errors:
  //   kNotFound  there is none: never made, or erased.
  //   kDataLoss  the wrap does not open.
  absl::StatusOr<PersonKey> Get(const PersonId& person);

  // The key of the person's log.
  //
  // Errors:
  //   kNotFound  there is none.
  //   kDataLoss  it does not open.
  absl::StatusOr<LogKeyPointer> LogKeyOf(const PersonId& person);
  // Makes one, durable on return, where there is none.
  absl::StatusOr<LogKeyPointer> MakeLogKey(const PersonId& person);
  // Takes the key of one entry away, durable on return, and returns what is
  // left; `newest` is the number of the last entry. A second call changes
  // nothing. One thread at a time.
  //
  // Errors: those of LogKeyOf and LogKey::Without.
  absl::StatusOr<LogKeyPointer> DestroyEntryKey(const PersonId& person,
                                                std::uint64_t sequence,
                                                std::uint64_t newest);
  // Whether the key store has something of hers, whether or not it opens: that
  // a key is not found may also mean that what it is under is missing.
  absl::StatusOr<bool> Holds(const PersonId& person) const;
  // Destroys every key of the person, durable on return. None is no error.
  absl::Status Erase(const PersonId& person);

 private:
  // 100 bytes each in locked memory; 8 MiB of it is usual.
  static constexpr std::size_t kCapacity = 16'384;
  using Recent = std::list<PersonId>;

  [[nodiscard]] std::uint64_t Changes();
  // Not when there were others than `changes` since: it may be erased.
  void Remember(const PersonId& person, const PersonKey& key,
                std::uint64_t changes);
  absl::StatusOr<LogKeyPointer> ReadLogKey(const PersonId& person) const;
  absl::Status StoreLogKey(const PersonId& person, const LogKeyPointer& key);

  PersonKeyStore& store_;
  const KekSource& keks_;
  base::Mutex mutex_;
  // Most recently used first.
  Recent recent_ ABSL_GUARDED_BY(mutex_);
  std::unordered_map<PersonId, std::pair<PersonKey, Recent::iterator>> keys_
      ABSL_GUARDED_BY(mutex_);
  // Small ones only: what was never erased from has one node.
  std::unordered_map<PersonId, LogKeyPointer> log_keys_ ABSL_GUARDED_BY(mutex_);
  // Changes of log keys, and erasures, so far: what was read before one is not
  // kept.
  std::uint64_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
};

// The person's rows. `key` is hers.
base::Bytes SealRow(const base::SecretBytes& key, const RowKey& row,
                    base::ByteView plaintext);
// Errors:
//   kDataLoss  not sealed for this row by this key.
absl::StatusOr<base::Bytes> OpenRow(const base::SecretBytes& key,
                                    const PersonalRow& row);

// A row that belongs to no person, under the operator's row key.
base::Bytes SealPublic(const base::SecretBytes& key, PublicKind kind,
                       base::ByteView id, base::ByteView plaintext);
absl::StatusOr<base::Bytes> OpenPublic(const base::SecretBytes& key,
                                       const PublicRow& row);

// An event of a service's stream.
base::Bytes SealStreamEvent(const base::SecretBytes& key, const EventRow& row,
                            base::ByteView plaintext);
absl::StatusOr<base::Bytes> OpenStreamEvent(const base::SecretBytes& key,
                                            const EventRow& row);

// What an entry row holds.
struct SealedEntry {
  base::ByteArray<32> opening{};
  // Position in commit order over all persons.
  std::uint64_t position = 0;
  // Encoded access entry.
  base::Bytes entry;
};
base::Bytes SealEntry(const base::SecretBytes& key, const PersonId& person,
                      std::uint64_t sequence, const SealedEntry& entry);
absl::StatusOr<SealedEntry> OpenEntry(const base::SecretBytes& key,
                                      const PersonId& person,
                                      std::uint64_t sequence,
                                      base::ByteView payload);

// Keyed hashes over what must not stand in clear. Thread-safe.
class Blinder {
 public:
  // 32 bytes each.
  Blinder(base::SecretBytes index_key, base::SecretBytes access_id_key)
      : index_key_(std::move(index_key)),
        access_id_key_(std::move(access_id_key)) {}

  [[nodiscard]] std::uint16_t ShardOf(const PersonId& person) const;
  // `kind` separates one use from another; `parts` are length-prefixed.
  [[nodiscard]] RowId Blind(std::uint8_t kind,
                            std::initializer_list<base::ByteView> parts) const;
  // All 32 bytes of it.
  [[nodiscard]] base::Digest32 BlindWhole(
      std::uint8_t kind, std::initializer_list<base::ByteView> parts) const;
  // Fresh and random to everybody but the operator.
  [[nodiscard]] AccessId MakeAccessId(std::uint64_t sequence) const;
  [[nodiscard]] std::uint64_t SequenceOf(const AccessId& access) const;

 private:
  [[nodiscard]] std::uint64_t Mask(base::ByteView random) const;

  base::SecretBytes index_key_;
  base::SecretBytes access_id_key_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_SEALING_H_
