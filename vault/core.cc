#include "vault/core.h"

#include <cstddef>
#include <limits>
#include <optional>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "common/base/status_macros.h"

namespace limpid::vault {
namespace {

std::optional<crypto::X25519PublicKey> AgentKey(const DekAgent* agent) {
  return agent == nullptr ? std::nullopt : std::optional(agent->key());
}

absl::Status RotatedAgain() {
  return absl::UnavailableError("your key is being rotated; try again");
}

}  // namespace

VaultCore::VaultCore(const KeyTreeOptions& options, Environment environment,
                     NamedKeys named, crypto::Ed25519PrivateKey answer_key)
    : environment_(environment),
      keys_(options, environment.keys, environment.key_store,
            environment.random),
      blinder_(std::move(named.index)),
      codec_(options.identity, options.suite, environment.random,
             AgentKey(environment.agent)),
      acts_(options.identity, options.suite, std::move(named.acts),
            environment.random),
      origins_(options.identity, options.suite, std::move(named.origins),
               environment.random),
      answers_(std::move(answer_key), options.identity.source,
               environment.random),
      links_(options.identity, options.suite, environment.random),
      usage_(environment.limits) {}

absl::StatusOr<std::unique_ptr<VaultCore>> VaultCore::Open(
    const KeyTreeOptions& options, Environment environment) {
  NamedKeys named;
  LIMPID_ASSIGN_OR_RETURN(named.index, environment.keys.Named(kIndexKeyName));
  LIMPID_ASSIGN_OR_RETURN(named.acts, environment.keys.Named(kActsKeyName));
  LIMPID_ASSIGN_OR_RETURN(named.origins,
                          environment.keys.Named(kOriginsKeyName));
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes answer_seed,
                          environment.keys.Named(kAnswersKeyName));
  LIMPID_ASSIGN_OR_RETURN(auto answer_key,
                          crypto::Ed25519PrivateKey::FromSeed(answer_seed));
  std::unique_ptr<VaultCore> core(new VaultCore(
      options, environment, std::move(named), std::move(answer_key)));
  LIMPID_ASSIGN_OR_RETURN(
      core->catalogue_,
      Catalogue::Load(environment.store, core->acts_, environment.clock.Now()));
  return core;
}

absl::Status VaultCore::KeyMissing(const Owner& owner) {
  // Her keys go first, and her rows some moments later.
  LIMPID_ASSIGN_OR_RETURN(const bool erased,
                          key_store().IsBuried(owner, crypto::KeyId{}));
  if (erased) return absl::NotFoundError("everything of this person is erased");
  return absl::DataLossError(
      "a value is kept and its key is not there: keys.db is an older copy "
      "(docs/restore-vault.md)");
}

absl::StatusOr<std::shared_ptr<const PersonKey>> VaultCore::KeyOf(
    AttributeRow& row) {
  for (int tries = 0; tries <= kMostRotations; ++tries) {
    auto key = keys_.Find(row.owner, row.generation);
    if (!absl::IsNotFound(key.status())) return key;
    LIMPID_ASSIGN_OR_RETURN(auto now,
                            store().Find(row.owner, row.name_key, row.version));
    if (!now) return key;
    const bool same = now->generation == row.generation;
    row = *std::move(now);
    if (same && row.state != RowState::kKept) return key;
    if (same) return KeyMissing(row.owner);
  }
  return RotatedAgain();
}

absl::StatusOr<std::shared_ptr<const PersonKey>> VaultCore::KeyOf(ActRow& row) {
  for (int tries = 0; tries <= kMostRotations; ++tries) {
    auto key = keys_.Find(row.owner, row.generation);
    if (!absl::IsNotFound(key.status())) return key;
    LIMPID_ASSIGN_OR_RETURN(auto now, store().FindAct({row.owner, row.name_key,
                                                       row.version, row.kind}));
    if (!now) return key;
    if (now->generation == row.generation) return KeyMissing(row.owner);
    row = *std::move(now);
  }
  return RotatedAgain();
}

absl::StatusOr<StoredValue> VaultCore::OpenValue(
    const PersonKey& key, const AttributeRow& row, std::string_view attribute,
    const DekAuthority& authority) const {
  if (!has_agent()) return codec_.OpenValue(key, row, attribute);
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes wrapped,
                          codec_.OpenWrap(key, row, attribute));
  // From before there was an agent, until it is sealed anew or the person's key
  // is rotated.
  if (!RecordCodec::IsBoxed(wrapped)) {
    return codec_.OpenPayload(wrapped, row, attribute);
  }
  if (std::holds_alternative<std::monostate>(authority)) {
    return absl::FailedPreconditionError(
        "this cannot be done with a key agent: it opens values for a permit "
        "and for the person who calls, and for nothing else");
  }
  const base::ByteView box = wrapped.Reveal(base::SecretAccess::Get());
  const auto deks = environment_.agent->Open(authority, {&box, 1});
  if (absl::IsPermissionDenied(deks.status())) {
    // It says no more: a permit from before its start, a clock, another key.
    return absl::UnavailableError(
        "the key agent refused what was permitted here; its log says what to "
        "look at");
  }
  LIMPID_RETURN_IF_ERROR(deks.status());
  return codec_.OpenPayload(deks->front(), row, attribute);
}

absl::StatusOr<base::Bytes> VaultCore::DisclosureOf(ActRow& row) {
  if (row.generation == 0) return acts_.OpenOwnDisclosure(row);
  LIMPID_ASSIGN_OR_RETURN(const auto key, KeyOf(row));
  return acts_.OpenDisclosure(*key, row);
}

absl::StatusOr<std::string> VaultCore::SealedNameOf(
    const AttributeRow& row) const {
  for (const CatalogueEntryPtr& entry :
       catalogue_->List("", std::numeric_limits<std::size_t>::max())) {
    const std::string& name = entry->definition.id;
    if (blinder_.NameKeyOf(row.owner.id, name) == row.name_key) return name;
  }
  return absl::DataLossError("a sealed row is about nothing that is known");
}

}  // namespace limpid::vault
