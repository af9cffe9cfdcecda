#include "consent/ledger/person_reading.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "consent/ledger/account_erasing.h"
#include "consent/ledger/entry_row.h"

namespace limpid::consent {
namespace {

// Of a person who is read ahead: as many calls wait as may, each with hers.
constexpr std::size_t kMaxDelegationBytes = 16'384;
constexpr std::size_t kMaxEmbargoed = 64;

// Made with the first entry, and for a log that an earlier version began.
absl::StatusOr<LogKeyPointer> LogKeyFor(PersonKeys& keys,
                                        const PersonId& person,
                                        const std::vector<PersonalRow>& newest,
                                        bool make) {
  const bool may_lack =
      newest.empty() ||
      newest[0].state == static_cast<std::uint8_t>(EntryForm::kWrapped);
  const auto key =
      may_lack && make ? keys.MakeLogKey(person) : keys.LogKeyOf(person);
  if (absl::IsNotFound(key.status())) {
    return absl::DataLossError("the key of a person's log is gone");
  }
  LIMPID_RETURN_IF_ERROR(key.status());
  if ((*key)->node_count() == 1) return *key;
  const std::uint64_t next = newest.empty() ? 1 : newest[0].key.sequence + 1;
  return std::make_shared<const LogKey>((*key)->From(next));
}

// Her keys may still be there.
absl::Status CheckNotErased(const LedgerStore& store, const PersonId& person,
                            const std::optional<PersonalRow>& account) {
  bool erased = false;
  if (account) {
    erased =
        account->state == static_cast<std::uint8_t>(AccountRowState::kClosing);
  } else {
    LIMPID_ASSIGN_OR_RETURN(erased, IsErased(store, person));
  }
  return erased ? absl::NotFoundError("the person was erased")
                : absl::OkStatus();
}

absl::Status ReadDelegations(const LedgerStore& store, PersonState& person,
                             std::size_t most_bytes) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      store.ListKind(person.shard, person.id, RowKind::kDelegation));
  // Sealed ones are longer than what they hold.
  std::size_t sealed = 0;
  for (const PersonalRow& row : rows) sealed += row.payload.size();
  if (sealed > most_bytes) {
    return absl::ResourceExhaustedError("the person has many delegations");
  }
  for (const PersonalRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened,
                            OpenRow(*person.key, row));
    LIMPID_ASSIGN_OR_RETURN(HeldDelegation held,
                            HeldDelegation::Decode(opened));
    person.delegation_bytes += held.canonical_json.size();
    person.delegations.emplace(held.id, std::move(held));
  }
  return absl::OkStatus();
}

// The end of her chain, and what of it waits for a date.
absl::Status ReadChain(const PersonReading& reading, PersonState& person,
                       bool make_log_key) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto newest,
      reading.store.ListDown(EntryRowKey(person.shard, person.id, INT64_MAX),
                             /*limit=*/1));
  std::uint64_t position = 0;
  if (!newest.empty()) {
    person.sequence = newest[0].key.sequence;
    LIMPID_ASSIGN_OR_RETURN(const EntryLink link,
                            OpenLink(*person.key, newest[0]));
    person.commitment = link.commitment;
    position = link.position;
  }
  LIMPID_ASSIGN_OR_RETURN(
      person.embargo, ReadPersonEmbargo(reading.store, person.shard, person.id,
                                        *person.key, position));
  LIMPID_ASSIGN_OR_RETURN(
      LogKeyPointer log_key,
      LogKeyFor(reading.keys, person.id, newest, make_log_key));
  person.entry_keys = EntryKeys(std::move(log_key));
  return absl::OkStatus();
}

}  // namespace

absl::Status WaitsForAStart() {
  return absl::DataLossError(
      "waits, since a restore, for a start in which it opens");
}

absl::StatusOr<std::unique_ptr<PersonState>> ReadPerson(
    const PersonReading& reading, const PersonId& person,
    PersonReadOptions options) {
  auto out = std::make_unique<PersonState>();
  out->id = person;
  out->shard = reading.blinder.ShardOf(person);
  LIMPID_ASSIGN_OR_RETURN(out->key, reading.keys.Get(person));
  LIMPID_ASSIGN_OR_RETURN(const auto account,
                          reading.store.Get(AccountRowKey(out->shard, person)));
  LIMPID_RETURN_IF_ERROR(CheckNotErased(reading.store, person, account));
  // After the key: one that is missing is "no such person" as ever.
  if (options.refused) return WaitsForAStart();
  if (account) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened,
                            OpenRow(*out->key, *account));
    LIMPID_ASSIGN_OR_RETURN(out->account, Account::Decode(opened));
  }
  LIMPID_RETURN_IF_ERROR(
      ReadDelegations(reading.store, *out, options.most_delegation_bytes));
  LIMPID_RETURN_IF_ERROR(ReadChain(reading, *out, options.make_log_key));
  return out;
}

absl::StatusOr<LiveRecord*> AddRecord(PersonState& person,
                                      const PersonalRow& row) {
  const RecordId id(row.key.id);
  const auto at = person.records.find(id);
  if (at != person.records.end()) return &at->second;
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(*person.key, row));
  LIMPID_ASSIGN_OR_RETURN(LiveRecord live, LiveRecord::Decode(opened));
  return &person.records.emplace(id, std::move(live)).first->second;
}

std::optional<PersonAhead> ReadAhead(const PersonReading& reading,
                                     const Residence& residence,
                                     const RecordId& record) {
  if (residence.Holds(record)) return std::nullopt;
  const auto found = reading.store.Find(RowKind::kRecord, record.bytes());
  if (!found.ok()) return std::nullopt;
  PersonAhead out;
  out.record = record;
  if (!*found) return out;
  const RowKey key = (*found)->key;
  // Before anything that counts is read. So the row that told whose it is does
  // not count: it is read once more.
  out.turn = residence.TurnOf(key.person);
  auto person = ReadPerson(reading, key.person,
                           {.make_log_key = false,
                            .refused = false,
                            .most_delegation_bytes = kMaxDelegationBytes});
  const bool small =
      person.ok() && (*person)->embargo.open.size() <= kMaxEmbargoed;
  if (!small) return std::nullopt;
  const auto row = reading.store.Get(key);
  if (!row.ok() || !*row || !AddRecord(**person, **row).ok()) {
    return std::nullopt;
  }
  out.person = *std::move(person);
  return out;
}

}  // namespace limpid::consent
