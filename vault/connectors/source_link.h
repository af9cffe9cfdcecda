// Which person is which subject at which source, and for which attributes she
// is asked about there. Sealed under her key: the store shows how many sources
// somebody is linked to, and none of them. docs/formats/source-link.md

#ifndef LIMPID_VAULT_CONNECTORS_SOURCE_LINK_H_
#define LIMPID_VAULT_CONNECTORS_SOURCE_LINK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/aead.h"
#include "common/crypto/random.h"
#include "vault/connectors/source_link_row.h"
#include "vault/keys/ids.h"
#include "vault/keys/key_tree.h"

namespace limpid::vault {

// Stored: append, never renumber. Numbers are those of
// limpid.vault.v1.SourceMode.
enum class SourceMode : std::uint8_t {
  // In the rows of this vault. Never in a link.
  kHeld = 1,
  // Asked for when it is read, and not kept.
  kReferenced = 2,
  // As referenced, and only answers of derivations leave the vault.
  kComputed = 3,
};

struct LinkedAttribute {
  std::string attribute;
  SourceMode mode = SourceMode::kReferenced;

  friend bool operator==(const LinkedAttribute&,
                         const LinkedAttribute&) = default;
};

struct SourceLink {
  static constexpr std::size_t kMaxSourceBytes = 40;
  static constexpr std::size_t kMaxAttributes = 64;

  // As configured.
  std::string source;
  std::string subject;
  // By attribute, each once.
  std::vector<LinkedAttribute> attributes;
  // Millisecond precision.
  absl::Time linked;

  // Null unless it is linked.
  [[nodiscard]] const LinkedAttribute* Find(std::string_view attribute) const;

  // Errors (Check):
  //   kInvalidArgument  names the field.
  [[nodiscard]] absl::Status Check() const;
  // The contents before padding.
  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kInvalidArgument  not exactly one link that passes Check.
  static absl::StatusOr<SourceLink> Decode(base::ByteView bytes);

  friend bool operator==(const SourceLink&, const SourceLink&) = default;
};

// Whether `name` has 1 to kMaxSourceBytes of lower-case letters, digits and
// '-', the first a letter.
[[nodiscard]] bool IsSourceName(std::string_view name);

// Thread-safe.
class LinkCodec {
 public:
  // `random` must outlive the codec.
  LinkCodec(Identity identity, crypto::Suite suite,
            crypto::RandomSource& random = crypto::SystemRandom());

  // `row` with generation and payload for `link`; owner and source key are set.
  void Seal(const PersonKey& key, const SourceLink& link,
            SourceLinkRow& row) const;
  // Errors:
  //   kDataLoss  it does not open, or is not what was sealed.
  absl::StatusOr<SourceLink> Open(const PersonKey& key,
                                  const SourceLinkRow& row) const;
  // `row` under `to` instead of `from`, opened again and compared.
  //
  // Errors:
  //   kDataLoss  it does not open under `from`.
  absl::StatusOr<SourceLinkRow> Rewrap(const PersonKey& from,
                                       const PersonKey& to,
                                       const SourceLinkRow& row) const;

 private:
  [[nodiscard]] base::Bytes AadOf(std::uint8_t suite,
                                  const SourceLinkRow& row) const;

  const Identity identity_;
  const crypto::Suite suite_;
  crypto::RandomSource& random_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CONNECTORS_SOURCE_LINK_H_
