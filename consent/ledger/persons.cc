#include "consent/ledger/persons.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"

namespace limpid::consent {

absl::StatusOr<PersonState*> Persons::Load(const PersonId& person) {
  const auto at = persons_.find(person);
  if (at != persons_.end()) {
    recent_.splice(recent_.begin(), recent_, at->second.second);
    return at->second.first.get();
  }
  LIMPID_ASSIGN_OR_RETURN(
      std::unique_ptr<PersonState> read,
      ReadPerson(reading_, person,
                 {.make_log_key = true,
                  .refused = refused_persons_.contains(person)}));
  return Put(std::move(read));
}

PersonState* Persons::Put(std::unique_ptr<PersonState> person) {
  PersonState* const out = person.get();
  delegation_bytes_ += out->delegation_bytes;
  recent_.push_front(out->id);
  persons_.emplace(out->id, std::make_pair(std::move(person), recent_.begin()));
  return out;
}

bool Persons::Adopt(PersonAhead ahead) {
  const PersonId id = ahead.person->id;
  const bool refused =
      refused_persons_.contains(id) || refused_records_.contains(ahead.record);
  if (refused || persons_.contains(id) || residence_.TurnOf(id) != ahead.turn) {
    return false;
  }
  Put(std::move(ahead.person));
  ++read_ahead_count_;
  residence_.Add(ahead.record);
  RememberOwner(ahead.record, id);
  return true;
}

absl::StatusOr<LiveRecord*> Persons::LoadRecord(PersonState& person,
                                                const RecordId& record) {
  const auto at = person.records.find(record);
  if (at != person.records.end()) return &at->second;
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      reading_.store.Get(RecordRowKey(person.shard, person.id, record)));
  if (!row) return absl::NotFoundError("no such record");
  return KeepRow(person, *row);
}

absl::StatusOr<LiveRecord*> Persons::KeepRow(PersonState& person,
                                             const PersonalRow& row) {
  const RecordId id(row.key.id);
  if (refused_records_.contains(id)) return WaitsForAStart();
  LIMPID_ASSIGN_OR_RETURN(LiveRecord* const out, AddRecord(person, row));
  residence_.Add(id);
  return out;
}

absl::StatusOr<Persons::Subject> Persons::LoadSubject(PersonAhead ahead) {
  const RecordId record = ahead.record;
  if (ahead.person == nullptr) {
    // Whoever may know it has it from the answer to the commit that made it,
    // and that commit came before this call.
    return absl::NotFoundError("no such record");
  }
  const bool adopted = Adopt(std::move(ahead));
  LIMPID_ASSIGN_OR_RETURN(Subject out, LoadSubject(record));
  // So that the next call about it does not read for nothing.
  if (!adopted) residence_.Add(record);
  return out;
}

absl::StatusOr<Persons::Subject> Persons::LoadSubject(const RecordId& record) {
  const auto at = owners_.find(record);
  std::optional<PersonalRow> row;
  if (at == owners_.end()) {
    LIMPID_ASSIGN_OR_RETURN(row, FindRow(record));
  }
  Subject out;
  LIMPID_ASSIGN_OR_RETURN(out.person, Load(row ? row->key.person : at->second));
  // What is in memory may be ahead of the store.
  if (row && !out.person->records.contains(record)) {
    LIMPID_ASSIGN_OR_RETURN(out.record, KeepRow(*out.person, *row));
    return out;
  }
  LIMPID_ASSIGN_OR_RETURN(out.record, LoadRecord(*out.person, record));
  return out;
}

template <typename T>
absl::StatusOr<T*> Persons::LoadRow(const PersonState& person,
                                    const RowKey& key,
                                    std::map<RowId, T>& kept) {
  const auto at = kept.find(key.id);
  if (at != kept.end()) return &at->second;
  LIMPID_ASSIGN_OR_RETURN(const auto row, reading_.store.Get(key));
  T read;
  if (row) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened,
                            OpenRow(*person.key, *row));
    LIMPID_ASSIGN_OR_RETURN(read, T::Decode(opened));
  }
  return &kept.emplace(key.id, std::move(read)).first->second;
}

absl::StatusOr<DenialTally*> Persons::LoadTally(PersonState& person,
                                                const RowId& tally) {
  if (person.tallies.size() >= kTallyCapacity) crowded_.push_back(person.id);
  return LoadRow(person, TallyRowKey(person.shard, person.id, tally),
                 person.tallies);
}

absl::StatusOr<AskedQuestion*> Persons::LoadQuestion(PersonState& person,
                                                     const RowKey& key) {
  return LoadRow(person, key, person.questions);
}

absl::StatusOr<BasisNotice*> Persons::LoadNotice(PersonState& person,
                                                 const RecordId& record) {
  const auto at = person.notices.find(record);
  if (at != person.notices.end()) return &at->second;
  LIMPID_ASSIGN_OR_RETURN(
      const auto newest,
      reading_.store.ListDown(
          NoticeRowKey(person.shard, person.id, record, INT64_MAX),
          /*limit=*/1));
  BasisNotice read;
  if (!newest.empty()) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened,
                            OpenRow(*person.key, newest[0]));
    LIMPID_ASSIGN_OR_RETURN(read, BasisNotice::Decode(opened));
  }
  return &person.notices.emplace(record, std::move(read)).first->second;
}

HeldDelegation& Persons::Keep(PersonState& person, HeldDelegation made) {
  person.delegation_bytes += made.canonical_json.size();
  delegation_bytes_ += made.canonical_json.size();
  const DelegationId id = made.id;
  return person.delegations.emplace(id, std::move(made)).first->second;
}

absl::StatusOr<PersonId> Persons::OwnerOf(const RecordId& record) {
  const auto at = owners_.find(record);
  if (at != owners_.end()) return at->second;
  LIMPID_ASSIGN_OR_RETURN(const PersonalRow row, FindRow(record));
  return row.key.person;
}

absl::StatusOr<PersonalRow> Persons::FindRow(const RecordId& record) {
  LIMPID_ASSIGN_OR_RETURN(
      auto row, reading_.store.Find(RowKind::kRecord, record.bytes()));
  if (!row) return absl::NotFoundError("no such record");
  RememberOwner(record, row->key.person);
  return *std::move(row);
}

void Persons::RememberOwner(const RecordId& record, const PersonId& person) {
  if (owners_.size() >= kOwnerCapacity) owners_.clear();
  owners_.emplace(record, person);
}

void Persons::Clear() {
  persons_.clear();
  residence_.Clear();
  delegation_bytes_ = 0;
  recent_.clear();
  owners_.clear();
  crowded_.clear();
}

void Persons::Forget(const PersonId& person) {
  const auto at = persons_.find(person);
  if (at == persons_.end()) {
    residence_.Leave(person);
  } else {
    Drop(at);
  }
}

void Persons::Drop(Kept::iterator at) {
  const PersonState& person = *at->second.first;
  delegation_bytes_ -= person.delegation_bytes;
  for (const auto& record : person.records) residence_.Remove(record.first);
  residence_.Leave(person.id);
  recent_.erase(at->second.second);
  persons_.erase(at);
}

void Persons::Trim() {
  for (const PersonId& person : crowded_) {
    const auto at = persons_.find(person);
    if (at != persons_.end()) at->second.first->tallies.clear();
  }
  crowded_.clear();
  while (!persons_.empty() && (persons_.size() > capacity_ ||
                               delegation_bytes_ > most_delegation_bytes_)) {
    Drop(persons_.find(recent_.back()));
  }
}

}  // namespace limpid::consent
