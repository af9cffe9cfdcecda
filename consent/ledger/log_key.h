// The key of one person's log: trees of keys, from which each entry's own key
// follows by its number, and which can lose the key of one entry for ever while
// they keep all others. docs/formats/event-sealing.md

#ifndef LIMPID_CONSENT_LEDGER_LOG_KEY_H_
#define LIMPID_CONSENT_LEDGER_LOG_KEY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/secret.h"

namespace limpid::consent {

// Immutable. Thread-safe.
class LogKey {
 public:
  // Four branches a level: a tree holds 2^48 numbers, as many as access ids
  // hide.
  static constexpr unsigned kLevels = 24;
  // Most nodes: 84 kB of locked memory. A log of 10,000 entries comes to it by
  // some 100 erasures far from each other; neighbours cost less.
  static constexpr std::size_t kMaxNodes = 2'048;

  // A fresh one, with the keys of all entries.
  static LogKey Make();
  // Errors:
  //   kDataLoss  not exactly one.
  static absl::StatusOr<LogKey> Decode(base::SecretBytes bytes);
  [[nodiscard]] const base::SecretBytes& encoded() const { return nodes_; }

  // Key of the entry's content, 32 bytes.
  //
  // Errors:
  //   kNotFound  it was destroyed, or the number is too large.
  [[nodiscard]] absl::StatusOr<base::SecretBytes> KeyOf(
      std::uint64_t number) const;
  [[nodiscard]] bool Has(std::uint64_t number) const;
  // This one without the key of the entry; nothing in it leads back to it.
  // Entries behind `newest`, which are not there yet, get a fresh tree.
  //
  // Errors:
  //   kResourceExhausted  it would have more than kMaxNodes.
  [[nodiscard]] absl::StatusOr<LogKey> Without(std::uint64_t number,
                                               std::uint64_t newest) const;
  // What is needed for entries from `number` on.
  [[nodiscard]] LogKey From(std::uint64_t number) const;

  [[nodiscard]] std::size_t node_count() const;

 private:
  explicit LogKey(base::SecretBytes nodes) : nodes_(std::move(nodes)) {}

  // Place of the node above `number`; node_count() when there is none.
  [[nodiscard]] std::size_t Find(std::uint64_t number) const;

  friend class EntryKeys;

  // u64 first number, u8 level, raw(32) key, by first number. A node holds
  // 4^(kLevels - level) numbers.
  base::SecretBytes nodes_;
};

using LogKeyPointer = std::shared_ptr<const LogKey>;

// The keys of entries that follow each other, as LogKey::KeyOf makes them. From
// the second one on it keeps a key of the tree's lower part, so that the next
// costs four derivations and not 24. One thread at a time.
class EntryKeys {
 public:
  EntryKeys() = default;
  // `of` may be null: then it has no key.
  explicit EntryKeys(LogKeyPointer of) : of_(std::move(of)) {}

  // Errors: those of LogKey::KeyOf.
  [[nodiscard]] absl::StatusOr<base::SecretBytes> KeyOf(std::uint64_t number);

 private:
  // Of the key it keeps: 256 numbers are below it.
  static constexpr unsigned kKeptLevel = LogKey::kLevels - 4;

  LogKeyPointer of_;
  bool asked_ = false;
  // Empty at first; not in every log: where every 256 numbers have lost one,
  // there is none to keep.
  base::SecretBytes kept_;
  // First number below it.
  std::uint64_t first_ = 0;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_LOG_KEY_H_
