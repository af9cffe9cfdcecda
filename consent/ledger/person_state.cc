#include "consent/ledger/person_state.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "consent/ledger/account_erasing.h"
#include "consent/ledger/entry_row.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kRecordLabel = "limpid/consent-record/1";
constexpr std::string_view kQuestionLabel = "limpid/asked-question/1";

// Parts at the end that a record has only when they say something, so that the
// rows of earlier versions stay readable: u8 tag, lp body.
constexpr std::uint8_t kPeriodUses = 1;
constexpr std::uint8_t kAskedLines = 2;
constexpr std::uint8_t kStanding = 7;
constexpr std::uint8_t kDelegated = 8;

absl::Time ReadTime(base::ByteReader& reader) {
  return absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
}

// Reads one part. False for an unknown one: a younger version wrote it.
bool ReadTail(base::ByteReader& reader, LiveRecord& out) {
  const std::uint8_t tag = reader.U8();
  base::ByteReader body(reader.Lp());
  if (tag == kPeriodUses) {
    out.period_uses.period = body.U64();
    out.period_uses.count = body.U64();
  } else if (tag == kAskedLines) {
    while (!body.failed() && !body.rest().empty()) {
      out.asked_lines.push_back(body.U16());
    }
  } else if (tag == kStanding) {
    out.standing = StandingId(body.Array<16>());
    out.standing_mismatch = body.U8();
  } else if (tag == kDelegated) {
    out.delegation = DelegationId(body.Array<16>());
    while (!body.failed() && !body.rest().empty()) {
      out.signers.emplace_back(body.Array<16>());
    }
  } else {
    return false;
  }
  return body.Finish().ok();
}

absl::Status Waits() {
  return absl::DataLossError(
      "waits, since a restore, for a start in which it opens");
}

}  // namespace

base::Bytes LiveRecord::Encode() const {
  base::ByteWriter out(kRecordLabel);
  out.Lp(revision.Encode()).U64(use_count);
  out.U16(static_cast<std::uint16_t>(pseudonyms.size()));
  for (const PurposePseudonym& entry : pseudonyms) {
    out.Lp(entry.purpose).Raw(entry.pseudonym);
  }
  out.Lp(statement)
      .U64(receipt_sequence)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(ask_not_before)));
  if (period_uses != PeriodUses{}) {
    base::ByteWriter uses;
    uses.U64(period_uses.period).U64(period_uses.count);
    out.U8(kPeriodUses).Lp(uses.bytes());
  }
  if (!asked_lines.empty()) {
    base::ByteWriter asked;
    for (const std::uint16_t line : asked_lines) asked.U16(line);
    out.U8(kAskedLines).Lp(asked.bytes());
  }
  if (!standing.none() || standing_mismatch != 0) {
    base::ByteWriter stood;
    stood.Raw(standing.bytes()).U8(standing_mismatch);
    out.U8(kStanding).Lp(stood.bytes());
  }
  if (!delegation.none()) {
    base::ByteWriter delegated;
    delegated.Raw(delegation.bytes());
    for (const PersonId& signer : signers) delegated.Raw(signer.bytes());
    out.U8(kDelegated).Lp(delegated.bytes());
  }
  return out.Take();
}

absl::StatusOr<LiveRecord> LiveRecord::Decode(base::ByteView bytes) {
  const auto damaged = [] {
    return absl::DataLossError("a stored record is damaged");
  };
  base::ByteReader reader(bytes);
  reader.Label(kRecordLabel);
  LiveRecord out;
  auto revision = Revision::Decode(reader.Lp());
  if (!revision.ok()) return damaged();
  out.revision = *std::move(revision);
  out.use_count = reader.U64();
  const std::uint16_t count = reader.U16();
  for (std::uint16_t i = 0; i < count && !reader.failed(); ++i) {
    PurposePseudonym entry;
    entry.purpose = reader.LpText();
    entry.pseudonym = reader.Array<16>();
    out.pseudonyms.push_back(std::move(entry));
  }
  out.statement = reader.LpText();
  out.receipt_sequence = reader.U64();
  out.ask_not_before = ReadTime(reader);
  while (!reader.failed() && !reader.rest().empty()) {
    if (!ReadTail(reader, out)) return damaged();
  }
  if (!reader.Finish().ok()) return damaged();
  return out;
}

base::Bytes AskedQuestion::Encode() const {
  return base::ByteWriter(kQuestionLabel)
      .Raw(record.bytes())
      .Lp(derivation)
      .Lp(parameters)
      .Take();
}

absl::StatusOr<AskedQuestion> AskedQuestion::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kQuestionLabel);
  AskedQuestion out;
  out.record = RecordId(reader.Array<16>());
  out.derivation = reader.LpText();
  out.parameters = reader.LpText();
  if (!reader.Finish().ok()) {
    return absl::DataLossError("a stored question is damaged");
  }
  return out;
}

RowKey AccountRowKey(std::uint16_t shard, const PersonId& person) {
  return {shard, person, RowKind::kAccount, person.bytes(), 0};
}

RowKey RecordRowKey(std::uint16_t shard, const PersonId& person,
                    const RecordId& record) {
  return {shard, person, RowKind::kRecord, record.bytes(), 0};
}

RowKey RevisionRowKey(std::uint16_t shard, const PersonId& person,
                      const RecordId& record, std::uint64_t number) {
  return {shard, person, RowKind::kRevision, record.bytes(), number};
}

RowKey EntryRowKey(std::uint16_t shard, const PersonId& person,
                   std::uint64_t sequence) {
  return {shard, person, RowKind::kEntry, {}, sequence};
}

RowKey TallyRowKey(std::uint16_t shard, const PersonId& person,
                   const RowId& tally) {
  return {shard, person, RowKind::kDenialTally, tally, 0};
}

RowKey DelegationRowKey(std::uint16_t shard, const PersonId& person,
                        const DelegationId& delegation) {
  return {shard, person, RowKind::kDelegation, delegation.bytes(), 0};
}

RowKey NoticeRowKey(std::uint16_t shard, const PersonId& person,
                    const RecordId& record, std::uint64_t number) {
  return {shard, person, RowKind::kBasisNotice, record.bytes(), number};
}

PersonalRow RowOf(const LiveRecord& record, const PersonState& person) {
  PersonalRow row;
  row.key = RecordRowKey(person.shard, person.id, record.revision.record);
  row.lookup = record.revision.record.bytes();
  row.state = static_cast<std::uint8_t>(record.revision.state);
  row.created_ms = absl::ToUnixMillis(record.revision.time);
  const auto due = DueOf(record.revision);
  if (due) row.due_ms = absl::ToUnixMillis(*due);
  row.payload = SealRow(*person.key, row.key, record.Encode());
  return row;
}

bool RepresentativeMay(const LiveRecord& record, const Delegations& delegations,
                       absl::Time time) {
  if (record.delegation.none()) return true;
  const auto at = delegations.find(record.delegation);
  return at != delegations.end() && IsLive(at->second, time);
}

namespace {

// Made with the first entry, and for a log that an earlier version began.
absl::StatusOr<LogKeyPointer> LogKeyFor(
    PersonKeys& keys, const PersonId& person,
    const std::vector<PersonalRow>& newest) {
  const bool may_lack =
      newest.empty() ||
      newest[0].state == static_cast<std::uint8_t>(EntryForm::kWrapped);
  const auto key = may_lack ? keys.MakeLogKey(person) : keys.LogKeyOf(person);
  if (absl::IsNotFound(key.status())) {
    return absl::DataLossError("the key of a person's log is gone");
  }
  LIMPID_RETURN_IF_ERROR(key.status());
  if ((*key)->node_count() == 1) return *key;
  const std::uint64_t next = newest.empty() ? 1 : newest[0].key.sequence + 1;
  return std::make_shared<const LogKey>((*key)->From(next));
}

}  // namespace

namespace {

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

}  // namespace

absl::StatusOr<std::unique_ptr<PersonState>> Persons::Read(
    const PersonId& person) {
  auto out = std::make_unique<PersonState>();
  out->id = person;
  out->shard = blinder_.ShardOf(person);
  LIMPID_ASSIGN_OR_RETURN(out->key, keys_.Get(person));
  LIMPID_ASSIGN_OR_RETURN(const auto account,
                          store_.Get(AccountRowKey(out->shard, person)));
  LIMPID_RETURN_IF_ERROR(CheckNotErased(store_, person, account));
  // After the key: one that is missing is "no such person" as ever.
  if (refused_persons_.contains(person)) return Waits();
  if (account) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened,
                            OpenRow(*out->key, *account));
    LIMPID_ASSIGN_OR_RETURN(out->account, Account::Decode(opened));
  }
  LIMPID_ASSIGN_OR_RETURN(
      const auto delegations,
      store_.ListKind(out->shard, person, RowKind::kDelegation));
  for (const PersonalRow& row : delegations) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(*out->key, row));
    LIMPID_ASSIGN_OR_RETURN(HeldDelegation held,
                            HeldDelegation::Decode(opened));
    out->delegation_bytes += held.canonical_json.size();
    out->delegations.emplace(held.id, std::move(held));
  }
  RowKey below = EntryRowKey(out->shard, person, INT64_MAX);
  LIMPID_ASSIGN_OR_RETURN(const auto newest,
                          store_.ListDown(below, /*limit=*/1));
  std::uint64_t position = 0;
  if (!newest.empty()) {
    out->sequence = newest[0].key.sequence;
    LIMPID_ASSIGN_OR_RETURN(const EntryLink link,
                            OpenLink(*out->key, newest[0]));
    out->commitment = link.commitment;
    position = link.position;
  }
  LIMPID_ASSIGN_OR_RETURN(
      out->embargo,
      ReadPersonEmbargo(store_, out->shard, person, *out->key, position));
  LIMPID_ASSIGN_OR_RETURN(LogKeyPointer log_key,
                          LogKeyFor(keys_, person, newest));
  out->entry_keys = EntryKeys(std::move(log_key));
  return out;
}

absl::StatusOr<PersonState*> Persons::Load(const PersonId& person) {
  const auto at = persons_.find(person);
  if (at != persons_.end()) {
    recent_.splice(recent_.begin(), recent_, at->second.second);
    return at->second.first.get();
  }
  LIMPID_ASSIGN_OR_RETURN(std::unique_ptr<PersonState> state, Read(person));
  PersonState* const out = state.get();
  delegation_bytes_ += out->delegation_bytes;
  recent_.push_front(person);
  persons_.emplace(person, std::make_pair(std::move(state), recent_.begin()));
  return out;
}

absl::StatusOr<LiveRecord*> Persons::LoadRecord(PersonState& person,
                                                const RecordId& record) {
  const auto at = person.records.find(record);
  if (at != person.records.end()) return &at->second;
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      store_.Get(RecordRowKey(person.shard, person.id, record)));
  if (!row) return absl::NotFoundError("no such record");
  return Adopt(person, *row);
}

absl::StatusOr<LiveRecord*> Persons::Adopt(PersonState& person,
                                           const PersonalRow& row) const {
  if (refused_records_.contains(RecordId(row.key.id))) return Waits();
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(*person.key, row));
  LIMPID_ASSIGN_OR_RETURN(LiveRecord live, LiveRecord::Decode(opened));
  return &person.records.emplace(RecordId(row.key.id), std::move(live))
              .first->second;
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
    LIMPID_ASSIGN_OR_RETURN(out.record, Adopt(*out.person, *row));
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
  LIMPID_ASSIGN_OR_RETURN(const auto row, store_.Get(key));
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
      store_.ListDown(NoticeRowKey(person.shard, person.id, record, INT64_MAX),
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
  LIMPID_ASSIGN_OR_RETURN(auto row,
                          store_.Find(RowKind::kRecord, record.bytes()));
  if (!row) return absl::NotFoundError("no such record");
  if (owners_.size() >= kOwnerCapacity) owners_.clear();
  owners_.emplace(record, row->key.person);
  return *std::move(row);
}

void Persons::Clear() {
  persons_.clear();
  delegation_bytes_ = 0;
  recent_.clear();
  owners_.clear();
  crowded_.clear();
}

void Persons::Forget(const PersonId& person) {
  const auto at = persons_.find(person);
  if (at != persons_.end()) Drop(at);
}

void Persons::Drop(Kept::iterator at) {
  delegation_bytes_ -= at->second.first->delegation_bytes;
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
