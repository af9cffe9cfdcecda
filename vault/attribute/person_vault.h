// What a person does with her own attributes: put, get, list, history, prove.
// Erasing is a house of its own (erasure/eraser.h). Who she is was settled
// before (gate/holder_token.h); nothing here takes a person from a request.

#ifndef LIMPID_VAULT_ATTRIBUTE_PERSON_VAULT_H_
#define LIMPID_VAULT_ATTRIBUTE_PERSON_VAULT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "vault/attribute/person_acts.h"
#include "vault/core.h"
#include "vault/keyagent/dek_agent.h"
#include "vault/log/publisher.h"

namespace limpid::vault {

// An authenticated person at this vault.
struct PersonCaller {
  HolderId holder;
  // The key that proved possession in this call.
  crypto::Ed25519PublicKey key;
  // With what, for a key agent that asks again; null: it opens nothing.
  std::shared_ptr<const PersonProof> proof = nullptr;

  // Of this object, which must outlive it.
  [[nodiscard]] DekAuthority authority() const {
    if (proof == nullptr) return {};
    return proof.get();
  }
};

struct NewValue {
  std::string attribute;
  // Strict JSON in any spelling.
  std::string value_json;
  // Random, by the client; makes a retry safe.
  base::ByteArray<16> request_id{};
  // Over ProvenanceStatement of the canonical value, or empty.
  base::Bytes author_signature;
  // Which days it speaks of.
  About about = {};
  // Whether it may follow a version that only her devices can open.
  bool replace_sealed = false;
};

struct VersionInfo {
  std::string attribute;
  std::uint64_t version = 0;
  std::uint32_t schema_version = 0;
  absl::Time put_time;
  // Of erased versions only.
  std::optional<absl::Time> erase_time;
  Custody custody = Custody::kAssisted;
  // Also of erased versions.
  About about = {};
};

// What her device opens of a sealed version; docs/formats/attribute-record.md.
struct SealedParts {
  // Names the DEK.
  crypto::KeyId id{};
  // Of the sealed key.
  std::uint32_t generation = 0;
  base::Bytes label;
  base::Bytes wrap;
  base::Bytes payload;
  // The vault and holder it was sealed for, when they are others.
  std::optional<SealedOrigin> origin = std::nullopt;

  friend bool operator==(const SealedParts&, const SealedParts&) = default;
};

struct OwnValue {
  VersionInfo info;
  // Empty when the version is sealed.
  StoredValue value;
  std::optional<SealedParts> sealed;
};

struct ActProof {
  base::Digest32 commitment{};
  // docs/formats/vault-log.md.
  base::Bytes disclosure;
  absl::Time promised_by;
  // Absent before the tick.
  std::optional<LeafProof> leaf;
};

// Thread-safe. Blocks on the stores.
class PersonVault {
 public:
  // Most versions of one attribute. A sensor that writes every minute belongs
  // in a referenced source.
  static constexpr std::uint64_t kMaxVersions = 10'000;

  // Both must outlive this object.
  PersonVault(VaultCore& core, const ActPublisher& publisher);

  // Errors of all calls: kDataLoss, a stored row does not open.

  // Errors:
  //   kNotFound           the catalogue has no such attribute.
  //   kInvalidArgument    not strict JSON, too long, breaks its schema
  //                       ("value_json/...": JSON pointer), wrong signature;
  //                       CheckAbout.
  //   kAlreadyExists      the request id was used for something else.
  //   kResourceExhausted  kMaxVersions, or a limit of the person, reached; the
  //                       message names it and says what to do.
  //   kFailedPrecondition the newest kept version is sealed, and the value does
  //                       not say that it may replace it.
  //                       Or everything of hers was erased here.
  //   kUnavailable        her key was rotated again and again meanwhile.
  absl::StatusOr<DoneAct> Put(const PersonCaller& caller,
                              const NewValue& value);

  // `version` 0 is the newest that is kept.
  //
  // Errors:
  //   kNotFound  nothing kept there.
  absl::StatusOr<OwnValue> Get(const PersonCaller& caller,
                               std::string_view attribute,
                               std::uint64_t version);

  // The newest kept version of each attribute, by attribute.
  absl::StatusOr<std::vector<VersionInfo>> List(const PersonCaller& caller);

  // Versions below `before` (0: from the newest), newest first, at most
  // `limit`.
  //
  // Errors:
  //   kNotFound  the attribute was never stored.
  absl::StatusOr<std::vector<VersionInfo>> History(const PersonCaller& caller,
                                                   std::string_view attribute,
                                                   std::uint64_t before,
                                                   std::size_t limit);

  // Errors:
  //   kNotFound  no such act.
  absl::StatusOr<ActProof> Prove(const PersonCaller& caller,
                                 std::string_view attribute,
                                 std::uint64_t version, ActKind kind);
  // The same of a slot of her sealed key, by generation, or of a recovery
  // through it, by number.
  absl::StatusOr<ActProof> ProveSlot(const PersonCaller& caller,
                                     const base::ByteArray<16>& slot_id,
                                     std::uint64_t version, ActKind kind);
  // Of a link to `source` or its taking back, by the act's time in
  // milliseconds.
  absl::StatusOr<ActProof> ProveSource(const PersonCaller& caller,
                                       std::string_view source,
                                       std::uint64_t version, ActKind kind);

 private:
  struct Draft;

  absl::StatusOr<Draft> Check(const PersonCaller& caller,
                              const NewValue& value) const;
  absl::StatusOr<DoneAct> PutIn(VaultTransaction& transaction,
                                const Draft& draft, const PersonKey& key);
  absl::StatusOr<DoneAct> Repeat(const VaultReads& reads, const Draft& draft,
                                 const AttributeRow& row);
  static absl::Status CheckReplaces(const VaultReads& reads,
                                    const Draft& draft);
  // These may read `row` anew.
  absl::StatusOr<RowLabel> LabelOf(AttributeRow& row);
  absl::StatusOr<VersionInfo> Describe(AttributeRow& row);
  absl::StatusOr<std::vector<VersionInfo>> DescribeAll(
      std::vector<AttributeRow> rows);
  absl::StatusOr<ActProof> ProveAct(const ActKey& act);

  VaultCore& core_;
  const ActPublisher& publisher_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ATTRIBUTE_PERSON_VAULT_H_
