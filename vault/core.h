// What the vault's domain objects share: identity, key tree, record codec, act
// writer, catalogue, stores and clock. Holds no rule of its own.

#ifndef LIMPID_VAULT_CORE_H_
#define LIMPID_VAULT_CORE_H_

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/crypto/aead.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "vault/attribute/catalogue.h"
#include "vault/attribute/record.h"
#include "vault/attribute/usage.h"
#include "vault/attribute/vault_store.h"
#include "vault/connectors/source_link.h"
#include "vault/forms/answer_signer.h"
#include "vault/keyagent/dek_agent.h"
#include "vault/keys/blind.h"
#include "vault/keys/kek_source.h"
#include "vault/keys/key_store.h"
#include "vault/keys/key_tree.h"
#include "vault/log/act_writer.h"
#include "vault/portability/origin.h"

namespace limpid::vault {

// Rotations of a person's key that one read or write of hers may meet.
inline constexpr int kMostRotations = 3;

// Everything outside the domain that it needs; all must outlive the core.
struct Environment {
  KekSource& keys;
  KeyStore& key_store;
  VaultStore& store;
  const base::Clock& clock;
  crypto::RandomSource& random = crypto::SystemRandom();
  PersonLimits limits = {};
  // Opens the keys of values instead of this process; null: there is none.
  DekAgent* agent = nullptr;
};

// Thread-safe.
class VaultCore {
 public:
  // Loads the named keys and the catalogue; a new vault gets both.
  static absl::StatusOr<std::unique_ptr<VaultCore>> Open(
      const KeyTreeOptions& options, Environment environment);

  [[nodiscard]] const Identity& identity() const { return keys_.identity(); }
  [[nodiscard]] KeyTree& keys() { return keys_; }
  [[nodiscard]] const Blinder& blinder() const { return blinder_; }
  [[nodiscard]] const RecordCodec& codec() const { return codec_; }
  [[nodiscard]] const ActWriter& acts() const { return acts_; }
  [[nodiscard]] const OriginCodec& origins() const { return origins_; }
  [[nodiscard]] const AnswerSigner& answers() const { return answers_; }
  [[nodiscard]] const LinkCodec& links() const { return links_; }
  [[nodiscard]] Catalogue& catalogue() { return *catalogue_; }
  [[nodiscard]] const Catalogue& catalogue() const { return *catalogue_; }
  [[nodiscard]] VaultStore& store() { return environment_.store; }
  [[nodiscard]] KeyStore& key_store() { return environment_.key_store; }
  // What each person keeps; whoever stores or erases rows tells it.
  [[nodiscard]] UsageBook& usage() { return usage_; }
  [[nodiscard]] KekSource& key_source() { return environment_.keys; }
  [[nodiscard]] const base::Clock& clock() const { return environment_.clock; }
  [[nodiscard]] crypto::RandomSource& random() { return environment_.random; }

  // The key that `row` is wrapped under. When her key was rotated since the row
  // was read, the row is read anew first.
  //
  // Errors: those of KeyTree::Find, and
  //   kNotFound     the row is gone, was emptied, or everything of hers was
  //                 erased.
  //   kDataLoss     the row is kept and its key is not there: the store of keys
  //                 is an older copy. Never answered as if there were nothing.
  //   kUnavailable  her key was rotated again and again meanwhile.
  absl::StatusOr<std::shared_ptr<const PersonKey>> KeyOf(AttributeRow& row);
  absl::StatusOr<std::shared_ptr<const PersonKey>> KeyOf(ActRow& row);

  // Opens the value of a kept row as `attribute`: here or, when its key is
  // sealed to the key agent, there, for `authority`. Then it blocks.
  //
  // Errors: those of RecordCodec::OpenValue, and of an agent
  //   kDataLoss            also: it refused what `authority` was to allow.
  //   kFailedPrecondition  there is nobody's word for it.
  //   kResourceExhausted   too many persons in a minute; later again.
  //   kUnavailable         it cannot be reached.
  absl::StatusOr<StoredValue> OpenValue(const PersonKey& key,
                                        const AttributeRow& row,
                                        std::string_view attribute,
                                        const DekAuthority& authority) const;
  [[nodiscard]] bool has_agent() const { return environment_.agent != nullptr; }

  // What opens the act, under whichever key it is now.
  //
  // Errors: those of KeyOf; kDataLoss when it does not open.
  absl::StatusOr<base::Bytes> DisclosureOf(ActRow& row);

  // What a sealed row is about. Its label is under a key that only her devices
  // have; what can be sealed is in the catalogue, and its names are few.
  //
  // Errors:
  //   kDataLoss  nothing in the catalogue.
  [[nodiscard]] absl::StatusOr<std::string> SealedNameOf(
      const AttributeRow& row) const;

 private:
  struct NamedKeys {
    base::SecretBytes index;
    base::SecretBytes acts;
    base::SecretBytes origins;
  };

  VaultCore(const KeyTreeOptions& options, Environment environment,
            NamedKeys named, crypto::Ed25519PrivateKey answer_key);
  // Why there is no key for what is kept of this owner.
  absl::Status KeyMissing(const Owner& owner);

  Environment environment_;
  KeyTree keys_;
  Blinder blinder_;
  RecordCodec codec_;
  ActWriter acts_;
  OriginCodec origins_;
  AnswerSigner answers_;
  LinkCodec links_;
  UsageBook usage_;
  std::unique_ptr<Catalogue> catalogue_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CORE_H_
