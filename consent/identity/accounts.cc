// Accounts: one key, one person; what each source calls her.

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/jose/jwk.h"
#include "common/jose/tokens.h"
#include "consent/consent.h"
#include "consent/consent_state.h"
#include "consent/ledger/account_erasing.h"

namespace limpid::consent {
namespace {

RowId KeyLookup(const Blinder& blinder, std::string_view key_id) {
  return blinder.Blind(static_cast<std::uint8_t>(RowKind::kAccountKey),
                       {base::AsBytes(key_id)});
}

PersonalRow AccountRow(const PersonState& person) {
  PersonalRow row;
  row.key = AccountRowKey(person.shard, person.id);
  row.created_ms = absl::ToUnixMillis(person.account.created);
  row.payload = SealRow(*person.key, row.key, person.account.Encode());
  return row;
}

PersonalRow KeyRow(const PersonState& person,
                   const crypto::Ed25519PublicKey& key, const RowId& lookup) {
  PersonalRow row;
  // A key has one account, so the blinded name is a good row id as well.
  row.key = {person.shard, person.id, RowKind::kAccountKey, lookup, 0};
  row.lookup = lookup;
  row.created_ms = absl::ToUnixMillis(person.account.created);
  row.payload = SealRow(*person.key, row.key, key.bytes);
  return row;
}

absl::Status NoAccount() {
  return absl::NotFoundError("no account has this key");
}

}  // namespace

absl::StatusOr<PersonKey> Consent::State::KeyOf(const PersonId& person) {
  // While she is being erased her keys are still there.
  LIMPID_ASSIGN_OR_RETURN(const bool erased, IsErased(parts.store, person));
  if (erased) return absl::NotFoundError("the person was erased");
  return person_keys.Get(person);
}

absl::StatusOr<Account> Consent::State::ReadAccount(const PersonId& person) {
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, KeyOf(person));
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      parts.store.Get(AccountRowKey(blinder.ShardOf(person), person)));
  if (!row ||
      row->state == static_cast<std::uint8_t>(AccountRowState::kClosing)) {
    return NoAccount();
  }
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(*key, *row));
  return Account::Decode(opened);
}

absl::StatusOr<KnownKey> Consent::FindKey(std::string_view key_id) const {
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      state_->parts.store.Find(RowKind::kAccountKey,
                               KeyLookup(state_->blinder, key_id)));
  if (!row) return NoAccount();
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, state_->KeyOf(row->key.person));
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(*key, *row));
  KnownKey out;
  out.person = row->key.person;
  LIMPID_ASSIGN_OR_RETURN(out.key, crypto::Ed25519PublicKey::FromBytes(opened));
  return out;
}

absl::StatusOr<AccountView> Consent::GetAccount(const PersonId& person) const {
  LIMPID_ASSIGN_OR_RETURN(Account account, state_->ReadAccount(person));
  return AccountView{person, std::move(account)};
}

absl::StatusOr<AccountView> Consent::CreateAccount(
    const crypto::Ed25519PublicKey& key) {
  const std::string key_id = KeyIdOf(key);
  const auto known = FindKey(key_id);
  if (known.ok()) return GetAccount(known->person);
  if (!absl::IsNotFound(known.status())) return known.status();
  // Its key is made before the account: a crash in between leaves a key of
  // nobody, never an account without one.
  const PersonId person = PersonId::Random();
  LIMPID_RETURN_IF_ERROR(state_->person_keys.Create(person).status());
  const RowId lookup = KeyLookup(state_->blinder, key_id);
  State& s = *state_;
  auto created = s.sequencer->Call<AccountView>(
      [&s, person, key, lookup](Persons& persons,
                                Batch& batch) -> absl::StatusOr<AccountView> {
        LIMPID_ASSIGN_OR_RETURN(
            const auto taken, s.parts.store.Find(RowKind::kAccountKey, lookup));
        if (taken) return absl::AlreadyExistsError("the key has an account");
        LIMPID_ASSIGN_OR_RETURN(PersonState * state, persons.Load(person));
        state->account.keys = {key};
        state->account.created = batch.time();
        for (const SourceInfo& source : s.options.sources) {
          state->account.links.push_back({source.id, HolderId::Random()});
        }
        batch.Insert(AccountRow(*state));
        batch.Insert(KeyRow(*state, key, lookup));
        return AccountView{person, state->account};
      },
      nullptr, /*alone=*/true);
  if (!absl::IsAlreadyExists(created.status())) return created;
  // Somebody with the same key was quicker.
  LIMPID_ASSIGN_OR_RETURN(const KnownKey now_known, FindKey(key_id));
  return GetAccount(now_known.person);
}

absl::StatusOr<std::vector<SourceView>> Consent::ListSources(
    const PersonId& person) const {
  LIMPID_ASSIGN_OR_RETURN(const Account account, state_->ReadAccount(person));
  std::vector<SourceView> out;
  for (const SourceInfo& source : state_->options.sources) {
    out.push_back({source.id, source.name, source.address,
                   account.HolderAt(source.id).has_value()});
  }
  return out;
}

absl::StatusOr<SourceTokenView> Consent::IssueSourceToken(
    const PersonId& person, const SourceId& source) {
  State& s = *state_;
  const auto known =
      std::find_if(s.options.sources.begin(), s.options.sources.end(),
                   [&](const SourceInfo& info) { return info.id == source; });
  if (known == s.options.sources.end()) {
    return absl::NotFoundError("no such source");
  }
  LIMPID_ASSIGN_OR_RETURN(Account account, s.ReadAccount(person));
  if (!account.HolderAt(source)) {
    LIMPID_ASSIGN_OR_RETURN(
        account,
        s.sequencer->Call<Account>(
            [person, source](Persons& persons,
                             Batch& batch) -> absl::StatusOr<Account> {
              LIMPID_ASSIGN_OR_RETURN(PersonState * state,
                                      persons.Load(person));
              if (!state->account.HolderAt(source)) {
                state->account.links.push_back({source, HolderId::Random()});
                batch.Replace(AccountRow(*state));
              }
              return state->account;
            },
            nullptr, /*alone=*/true));
  }
  if (account.keys.empty()) return NoAccount();
  const absl::Time now = s.parts.clock.Now();
  SourceTokenView out;
  out.expires = now + jose::kMaxSourceTokenLife;
  out.token =
      jose::Mint(s.keys.token,
                 jose::SourceToken{
                     source.Text(), account.HolderAt(source)->Text(),
                     jose::PublicJwk(account.keys.front()), now, out.expires});
  return out;
}

}  // namespace limpid::consent
