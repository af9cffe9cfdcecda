// One version of one attribute as the data store holds it, and the only code
// that seals and opens one. Knows no schema and no permission.
// docs/formats/attribute-record.md

#ifndef LIMPID_VAULT_ATTRIBUTE_RECORD_H_
#define LIMPID_VAULT_ATTRIBUTE_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/aead.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/crypto/x25519.h"
#include "vault/attribute/about.h"
#include "vault/keys/aad.h"
#include "vault/keys/blind.h"
#include "vault/keys/ids.h"
#include "vault/keys/key_tree.h"

namespace limpid::vault {

// Longest value in canonical form. Documents larger than a long letter belong
// in a referenced source, not in a row.
inline constexpr std::size_t kMaxValueBytes = std::size_t{256} << 10U;
// Contents are padded to buckets of 64 bytes up to here. Above, those would
// show a document's length too finely; docs/formats/attribute-record.md.
inline constexpr std::size_t kBucketLimitBytes = 4096;

// Of a payload, what RecordCodec::IsCurrent looks at: layout, count and length
// of the chunk, and its suite.
inline constexpr std::size_t kPayloadHeadBytes = 8;

// Stored: append, never renumber.
enum class RowState : std::uint8_t { kKept = 1, kErased = 2 };

struct AttributeRow {
  Owner owner;
  // Also the key id of the DEK.
  crypto::KeyId id{};
  NameKey name_key{};
  std::uint64_t version = 0;
  std::uint32_t schema_version = 0;
  RequestKey request_key{};
  Custody custody = Custody::kAssisted;
  std::uint32_t generation = 0;
  RowState state = RowState::kKept;
  // Milliseconds since 1970; erase_ms is 0 while kept.
  std::int64_t put_ms = 0;
  std::int64_t erase_ms = 0;
  base::Bytes label;
  // Both empty once erased.
  base::Bytes wrap;
  base::Bytes payload;

  friend bool operator==(const AttributeRow&, const AttributeRow&) = default;
};

// Stored: append, never renumber.
enum class ProvenanceKind : std::uint8_t { kPerson = 1, kPersonSigned = 2 };

struct Provenance {
  ProvenanceKind kind = ProvenanceKind::kPerson;
  // 32 and 64 bytes when signed, else empty.
  base::Bytes key_thumbprint;
  base::Bytes signature;

  friend bool operator==(const Provenance&, const Provenance&) = default;
};

// What an author signs about a value, and about its days if they are said.
base::Bytes ProvenanceStatement(const SourceId& source,
                                std::string_view attribute,
                                std::string_view canonical_value,
                                const About& about);

// What is inside the ciphertext.
struct StoredValue {
  Provenance provenance;
  // Millisecond precision.
  absl::Time put_time;
  // RFC 8785.
  std::string value_json;
  // Passes CheckAbout.
  About about = {};
  // The vault it was put at, when it came from another one
  // (docs/formats/export-bundle.md). What is signed is signed for that one.
  std::optional<Identity> origin = std::nullopt;
};

// What a row says without its value being opened.
struct RowLabel {
  std::string attribute;
  // As in the value.
  About about = {};

  friend bool operator==(const RowLabel&, const RowLabel&) = default;
};

// Where a new value goes.
struct Place {
  Owner owner;
  std::string_view attribute;
  NameKey name_key{};
  RequestKey request_key{};
  std::uint64_t version = 0;
  std::uint32_t schema_version = 0;
  // The value is padded as if it had at least this many bytes.
  std::size_t pad_floor_bytes = 0;
};

// Thread-safe.
class RecordCodec {
 public:
  // `random` must outlive the codec. With `agent` the keys of values are sealed
  // to it (docs/formats/key-agent.md), which must not be of small order.
  RecordCodec(Identity identity, crypto::Suite suite,
              crypto::RandomSource& random = crypto::SystemRandom(),
              std::optional<crypto::X25519PublicKey> agent = std::nullopt);

  // Seals `value` under a fresh DEK.
  [[nodiscard]] AttributeRow Seal(const PersonKey& key, const Place& place,
                                  const StoredValue& value) const;

  // A row that was erased at another vault, at `erase_ms`: it says that there
  // was a version, and when and of which days.
  [[nodiscard]] AttributeRow SealErased(const PersonKey& key,
                                        const Place& place, const About& about,
                                        std::int64_t put_ms,
                                        std::int64_t erase_ms) const;

  // Opens the value of a kept row as `attribute`. About 5 us.
  //
  // Errors:
  //   kDataLoss            the row was tampered with, is another attribute's,
  //                        or was erased; never says what.
  //   kFailedPrecondition  its DEK is sealed to a key agent.
  absl::StatusOr<StoredValue> OpenValue(const PersonKey& key,
                                        const AttributeRow& row,
                                        std::string_view attribute) const;

  // The first half of it: what the row's wrap holds, which is the DEK or, when
  // IsBoxed, a box with it.
  //
  // Errors:
  //   kDataLoss  as above.
  absl::StatusOr<base::SecretBytes> OpenWrap(const PersonKey& key,
                                             const AttributeRow& row,
                                             std::string_view attribute) const;
  [[nodiscard]] static bool IsBoxed(const base::SecretBytes& wrapped) {
    return wrapped.size() != crypto::kAeadKeyBytes;
  }
  // The other half, with the row's DEK.
  absl::StatusOr<StoredValue> OpenPayload(const base::SecretBytes& dek,
                                          const AttributeRow& row,
                                          std::string_view attribute) const;

  // The attribute a row is about and its days, erased or not; needs neither
  // wrap nor payload. The caller compares its name key with the row's, and the
  // days with the value's once it has opened that.
  //
  // Errors:
  //   kDataLoss  as above.
  absl::StatusOr<RowLabel> OpenLabel(const PersonKey& key,
                                     const AttributeRow& row) const;

  // `row` with its label and, while it is kept, its wrap under `to` instead of
  // `from`: the payload is neither needed nor changed. What comes back was
  // opened again and compared first. With an agent, a DEK that was not sealed
  // to it is from then on.
  //
  // Errors:
  //   kDataLoss  the row does not open under `from`.
  absl::StatusOr<AttributeRow> Rewrap(const PersonKey& from,
                                      const PersonKey& to,
                                      const AttributeRow& row) const;

  // Whether a kept row is as Seal would write it now: label, wrap and payload
  // in this codec's suite and, with an agent, the DEK sealed to it. Of the
  // payload the first kPayloadHeadBytes are enough. Opens nothing: it is what
  // the envelopes say of themselves.
  [[nodiscard]] bool IsCurrent(const AttributeRow& row) const;

  // `row` sealed anew under the same person key: byte for byte the same
  // contents, a fresh DEK, and everything IsCurrent. What comes back was opened
  // again and compared first. Id, version and every other field stay.
  //
  // Errors:
  //   kDataLoss            label, wrap or payload does not open, or they do not
  //                        belong together; never says what.
  //   kFailedPrecondition  its DEK is sealed to a key agent.
  absl::StatusOr<AttributeRow> Reseal(const PersonKey& key,
                                      const AttributeRow& row) const;

 private:
  [[nodiscard]] AttributeRow NewRow(const PersonKey& key,
                                    const Place& place) const;
  [[nodiscard]] base::Bytes SealLabel(const PersonKey& key,
                                      const AttributeRow& row,
                                      const RowLabel& contents) const;
  // What the wrap of a new row, or of one that is wrapped anew, holds.
  [[nodiscard]] base::SecretBytes ForAgent(base::SecretBytes wrapped,
                                           const AttributeRow& row,
                                           std::string_view attribute) const;
  [[nodiscard]] base::Bytes SealWrap(const PersonKey& key,
                                     const AttributeRow& row,
                                     std::string_view attribute,
                                     const base::SecretBytes& wrapped) const;
  // `padded`: contents with their padding.
  [[nodiscard]] base::Bytes SealPayload(const base::SecretBytes& dek,
                                        const AttributeRow& row,
                                        std::string_view attribute,
                                        base::ByteView padded) const;
  // The padded contents again; the caller wipes them.
  absl::StatusOr<base::Bytes> OpenChunk(const base::SecretBytes& dek,
                                        const AttributeRow& row,
                                        std::string_view attribute) const;
  [[nodiscard]] Aad RowAad(AadKind kind, std::uint8_t suite,
                           const AttributeRow& row,
                           std::string_view attribute) const;

  const Identity identity_;
  const crypto::Suite suite_;
  crypto::RandomSource& random_;
  const std::optional<crypto::X25519PublicKey> agent_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ATTRIBUTE_RECORD_H_
