// Blinded names: what the unkeyed columns of a row show in place of attribute
// names and request ids. Keyed, and different for every person.
// docs/formats/attribute-record.md

#ifndef LIMPID_VAULT_KEYS_BLIND_H_
#define LIMPID_VAULT_KEYS_BLIND_H_

#include <compare>
#include <cstdint>
#include <string_view>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "vault/keys/ids.h"

namespace limpid::vault {

inline constexpr std::uint16_t kShardCount = 4096;

// A person as the stores address her.
struct Owner {
  std::uint16_t shard = 0;
  HolderId id;

  friend auto operator<=>(const Owner&, const Owner&) = default;
};

using NameKey = base::ByteArray<16>;
using RequestKey = base::ByteArray<16>;
// A consent record as the vault's stores show it.
using RecordKey = base::ByteArray<16>;
// A source that a person is linked to, as they show it.
using SourceKey = base::ByteArray<16>;

// Thread-safe.
class Blinder {
 public:
  // `index_key` has 32 bytes.
  explicit Blinder(base::SecretBytes index_key)
      : index_key_(std::move(index_key)) {}

  [[nodiscard]] Owner OwnerOf(const HolderId& holder) const;
  [[nodiscard]] NameKey NameKeyOf(const HolderId& holder,
                                  std::string_view attribute) const;
  [[nodiscard]] RequestKey RequestKeyOf(
      const HolderId& holder, const base::ByteArray<16>& request_id) const;
  [[nodiscard]] RecordKey RecordKeyOf(const HolderId& holder,
                                      const base::ByteArray<16>& record) const;
  [[nodiscard]] SourceKey SourceKeyOf(const HolderId& holder,
                                      std::string_view source) const;

 private:
  [[nodiscard]] base::Digest32 Keyed(base::ByteView canonical) const;

  base::SecretBytes index_key_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_KEYS_BLIND_H_
