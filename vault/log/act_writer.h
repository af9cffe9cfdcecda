// Appends acts to the vault's own log inside the transaction of what they
// record, and opens their disclosures for the person.
// docs/formats/vault-log.md

#ifndef LIMPID_VAULT_LOG_ACT_WRITER_H_
#define LIMPID_VAULT_LOG_ACT_WRITER_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/aead.h"
#include "common/crypto/random.h"
#include "vault/attribute/vault_store.h"
#include "vault/keys/ids.h"
#include "vault/keys/key_tree.h"
#include "vault/log/act.h"

namespace limpid::vault {

// Thread-safe.
class ActWriter {
 public:
  // `acts_key` (32 bytes) seals disclosures of acts without a person. `random`
  // must outlive the writer.
  ActWriter(Identity identity, crypto::Suite suite, base::SecretBytes acts_key,
            crypto::RandomSource& random = crypto::SystemRandom());

  // Completes `act` (counter, previous head, source) and appends its row.
  // `key` is the person's, or null for acts that no person has a key for.
  // Returns the row.
  absl::StatusOr<ActRow> Append(VaultTransaction& transaction, Act act,
                                const Owner& owner, const NameKey& name,
                                const PersonKey* key) const;

  // The disclosure of an act of this person, encoded.
  //
  // Errors:
  //   kDataLoss  it does not open, does not fit the row's commitment, or is of
  //              another act than the row says: whoever has the key of the
  //              database can call a row what he likes.
  absl::StatusOr<base::Bytes> OpenDisclosure(const PersonKey& key,
                                             const ActRow& row) const;
  // The same of an act that Append was given no key for.
  absl::StatusOr<base::Bytes> OpenOwnDisclosure(const ActRow& row) const;
  // The act itself, of OpenDisclosure.
  absl::StatusOr<Act> OpenAct(const PersonKey& key, const ActRow& row) const;

  // The act with its disclosure under `to` instead of `from`, opened again
  // before it is given back.
  //
  // Errors:
  //   kDataLoss  it does not open under `from`.
  absl::StatusOr<SealedAct> Reseal(const PersonKey& from, const PersonKey& to,
                                   const Owner& owner,
                                   const SealedAct& act) const;

 private:
  // Of the row's commitment, whatever its kind.
  absl::StatusOr<Disclosure> OpenUnder(const base::SecretBytes& key,
                                       const crypto::KeyId& id,
                                       const ActRow& row) const;
  [[nodiscard]] base::Bytes OpeningAad(std::uint8_t suite,
                                       const ActRow& row) const;

  const Identity identity_;
  const crypto::Suite suite_;
  const base::SecretBytes acts_key_;
  crypto::RandomSource& random_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_LOG_ACT_WRITER_H_
