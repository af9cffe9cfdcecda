#include "vault/log/act_writer.h"

#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"

namespace limpid::vault {
namespace {

absl::Status Broken() { return absl::DataLossError("an act does not open"); }

// The act that a row says it is of. The commitment covers the act and not the
// row.
absl::StatusOr<Act> ActIn(const ActRow& row, const Disclosure& disclosure) {
  auto act = Act::Decode(disclosure.encoded_act);
  if (!act.ok() || act->kind != row.kind || act->value_version != row.version ||
      act->holder != row.owner.id || act->counter != row.counter) {
    return Broken();
  }
  return act;
}

}  // namespace

ActWriter::ActWriter(Identity identity, crypto::Suite suite,
                     base::SecretBytes acts_key, crypto::RandomSource& random)
    : identity_(std::move(identity)),
      suite_(suite),
      acts_key_(std::move(acts_key)),
      random_(random) {}

base::Bytes ActWriter::OpeningAad(std::uint8_t suite, const ActRow& row) const {
  Aad aad;
  aad.kind = AadKind::kOpening;
  aad.suite = suite;
  aad.operator_name = identity_.operator_name;
  aad.holder = row.owner.id;
  aad.value_version = row.counter;
  aad.generation = row.generation;
  return aad.Encode();
}

absl::StatusOr<ActRow> ActWriter::Append(VaultTransaction& transaction, Act act,
                                         const Owner& owner,
                                         const NameKey& name,
                                         const PersonKey* key) const {
  LIMPID_ASSIGN_OR_RETURN(const LogHead head, transaction.Head());
  act.counter = head.counter + 1;
  act.previous_head = head.head;
  act.source = identity_.source;
  act.holder = owner.id;

  Disclosure disclosure;
  random_.Fill(disclosure.opening);
  disclosure.encoded_act = act.Encode();

  ActRow row;
  row.counter = act.counter;
  row.owner = owner;
  row.name_key = name;
  row.version = act.value_version;
  row.kind = act.kind;
  row.generation = key == nullptr ? 0 : key->generation;
  row.time_ms = absl::ToUnixMillis(act.time);
  row.commitment = CommitAct(disclosure.opening, disclosure.encoded_act);
  row.head = NextHead(head.head, row.commitment);
  row.sealed_disclosure =
      crypto::Seal(suite_, key == nullptr ? acts_key_ : key->key,
                   key == nullptr ? crypto::KeyId{} : key->id,
                   OpeningAad(static_cast<std::uint8_t>(suite_), row),
                   disclosure.Encode(), random_);
  LIMPID_RETURN_IF_ERROR(transaction.AppendAct(row));
  return row;
}

absl::StatusOr<Disclosure> ActWriter::OpenUnder(const base::SecretBytes& key,
                                                const crypto::KeyId& id,
                                                const ActRow& row) const {
  LIMPID_ASSIGN_OR_RETURN(
      const base::Bytes encoded,
      crypto::Open(key, id, OpeningAad(SuiteByte(row.sealed_disclosure), row),
                   row.sealed_disclosure));
  auto disclosure = Disclosure::Decode(encoded);
  if (!disclosure.ok() ||
      CommitAct(disclosure->opening, disclosure->encoded_act) !=
          row.commitment) {
    return Broken();
  }
  return disclosure;
}

absl::StatusOr<base::Bytes> ActWriter::OpenDisclosure(const PersonKey& key,
                                                      const ActRow& row) const {
  LIMPID_ASSIGN_OR_RETURN(const Disclosure disclosure,
                          OpenUnder(key.key, key.id, row));
  LIMPID_RETURN_IF_ERROR(ActIn(row, disclosure).status());
  return disclosure.Encode();
}

absl::StatusOr<Act> ActWriter::OpenAct(const PersonKey& key,
                                       const ActRow& row) const {
  LIMPID_ASSIGN_OR_RETURN(const Disclosure disclosure,
                          OpenUnder(key.key, key.id, row));
  return ActIn(row, disclosure);
}

absl::StatusOr<base::Bytes> ActWriter::OpenOwnDisclosure(
    const ActRow& row) const {
  LIMPID_ASSIGN_OR_RETURN(const Disclosure disclosure,
                          OpenUnder(acts_key_, crypto::KeyId{}, row));
  LIMPID_RETURN_IF_ERROR(ActIn(row, disclosure).status());
  return disclosure.Encode();
}

absl::StatusOr<SealedAct> ActWriter::Reseal(const PersonKey& from,
                                            const PersonKey& to,
                                            const Owner& owner,
                                            const SealedAct& act) const {
  ActRow row;
  row.counter = act.counter;
  row.owner = owner;
  row.generation = act.generation;
  row.commitment = act.commitment;
  row.sealed_disclosure = act.disclosure;
  // What the row says of it is not needed to seal it, and stays as it is.
  LIMPID_ASSIGN_OR_RETURN(const Disclosure opened,
                          OpenUnder(from.key, from.id, row));
  const base::Bytes disclosure = opened.Encode();
  row.generation = to.generation;
  row.sealed_disclosure = crypto::Seal(
      suite_, to.key, to.id, OpeningAad(static_cast<std::uint8_t>(suite_), row),
      disclosure, random_);
  LIMPID_ASSIGN_OR_RETURN(const Disclosure again,
                          OpenUnder(to.key, to.id, row));
  if (again.Encode() != disclosure) return Broken();
  return SealedAct{row.counter, row.generation, row.commitment,
                   std::move(row.sealed_disclosure)};
}

}  // namespace limpid::vault
