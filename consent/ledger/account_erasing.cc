#include "consent/ledger/account_erasing.h"

#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/aead.h"
#include "consent/delegation/mandates.h"
#include "consent/embargo/embargoed.h"
#include "consent/ledger/absent_key.h"
#include "consent/ledger/entry_row.h"

namespace limpid::consent {
namespace {

constexpr auto kSuite = crypto::Suite::kXChaCha20Poly1305;
constexpr std::string_view kMarkerLabel = "limpid/erased-account/1";
constexpr std::string_view kStubLabel = "limpid/consent-erased-row/1";

base::Bytes StubAad(const RowKey& row) {
  return base::ByteWriter(kStubLabel)
      .Raw(row.person.bytes())
      .U8(static_cast<std::uint8_t>(row.kind))
      .U64(row.sequence)
      .Take();
}

// What there is to read her rows with.
struct HeldKey {
  // Null where nothing opens.
  PersonKey key;
  // Something of hers is in the key store all the same.
  bool damaged = false;
};

absl::StatusOr<HeldKey> KeyIfThere(PersonKeys& keys, const PersonId& person) {
  HeldKey out;
  auto key = keys.Get(person);
  if (key.ok()) {
    out.key = *std::move(key);
    return out;
  }
  if (!absl::IsNotFound(key.status()) && !absl::IsDataLoss(key.status())) {
    return key.status();
  }
  LIMPID_ASSIGN_OR_RETURN(out.damaged, keys.Holds(person));
  return out;
}

absl::StatusOr<std::uint64_t> PositionOf(const base::SecretBytes& key,
                                         const PersonalRow& row) {
  if (row.key.kind == RowKind::kEntry) {
    LIMPID_ASSIGN_OR_RETURN(const EntryLink link, OpenLink(key, row));
    return link.position;
  }
  LIMPID_ASSIGN_OR_RETURN(const EmbargoedEntry entry, OpenEmbargoed(key, row));
  return entry.position;
}

PersonalRow StubOf(const ErasingParts& parts, const HeldKey& held,
                   const PersonalRow& row, std::size_t& unreadable) {
  PersonalRow out;
  out.key = row.key;
  out.state = row.key.kind == RowKind::kEntry
                  ? static_cast<std::uint8_t>(EntryForm::kAccountErased)
                  : static_cast<std::uint8_t>(EmbargoRowState::kErased);
  out.created_ms = row.created_ms;
  if (held.key == nullptr) {
    if (held.damaged) ++unreadable;
    return out;
  }
  const auto position = PositionOf(*held.key, row);
  // Damage keeps nobody's account from being erased.
  if (!position.ok()) {
    ++unreadable;
    return out;
  }
  base::ByteWriter plain;
  plain.U64(*position);
  out.payload =
      crypto::Seal(kSuite, parts.row_key, {}, StubAad(row.key), plain.bytes());
  return out;
}

// Of the stage that has one.
RowKey KeyBelow(const ErasingParts& parts, const ErasedAccount& erased) {
  const std::uint16_t shard = parts.blinder.ShardOf(erased.person);
  return erased.stage == ErasingStage::kEntries
             ? EntryRowKey(shard, erased.person, erased.below)
             : EmbargoRowKey(shard, erased.person, erased.below);
}

// Returns how many entries did not open.
absl::StatusOr<std::size_t> MakeStubs(const ErasingParts& parts,
                                      ErasedAccount& erased, Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      parts.store.ListDown(KeyBelow(parts, erased), kErasedRows));
  LIMPID_ASSIGN_OR_RETURN(const HeldKey held,
                          KeyIfThere(parts.keys, erased.person));
  std::size_t unreadable = 0;
  for (const PersonalRow& row : rows) {
    if (!IsStub(row)) batch.Replace(StubOf(parts, held, row, unreadable));
  }
  if (rows.size() == kErasedRows) {
    erased.below = rows.back().key.sequence;
    return unreadable;
  }
  erased.below = ErasedAccount::kNoneDone;
  erased.stage = erased.stage == ErasingStage::kEntries
                     ? ErasingStage::kEmbargoed
                     : ErasingStage::kIndexes;
  return unreadable;
}

// What services watch; every other stream is an index.
std::set<RowId> ServiceStreams(const ErasingParts& parts) {
  std::set<RowId> out;
  for (const ServicePointer& service : parts.catalogue.Services()) {
    out.insert(StreamOf(parts.blinder, service->id));
  }
  return out;
}

absl::Status LeaveIndexes(const ErasingParts& parts, ErasedAccount& erased,
                          Batch& batch) {
  // Who gave her powers: nobody asks for her index any more.
  LIMPID_ASSIGN_OR_RETURN(
      const auto mandates,
      parts.store.Events(MandateIndexOf(parts.blinder, erased.person),
                         /*after=*/0, kErasedRows));
  for (const EventRow& row : mandates) batch.Delete(row);
  if (mandates.size() == kErasedRows) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      parts.store.EventsAbout(erased.person, erased.below, kErasedRows));
  const std::set<RowId> streams = ServiceStreams(parts);
  for (const EventRow& row : rows) {
    if (!streams.contains(row.service)) batch.Delete(row);
  }
  if (rows.size() == kErasedRows) {
    erased.below = rows.back().position;
    return absl::OkStatus();
  }
  erased.below = ErasedAccount::kNoneDone;
  erased.stage = ErasingStage::kRest;
  return absl::OkStatus();
}

bool Stays(RowKind kind) {
  return kind == RowKind::kEntry || kind == RowKind::kEmbargoed;
}

// Behind every row of the kind.
RowKey EndOf(const RowKey& any, RowKind kind) {
  RowKey out = any;
  out.kind = kind;
  out.id.fill(UINT8_MAX);
  out.sequence = UINT64_MAX;
  return out;
}

// Keys of rows that are to go, the account's not among them: of whatever kind,
// so that one that is added later is not forgotten.
absl::StatusOr<std::vector<RowKey>> RestOf(const ErasingParts& parts,
                                           const PersonId& person) {
  RowKey after = EndOf(AccountRowKey(parts.blinder.ShardOf(person), person),
                       RowKind::kAccount);
  std::vector<RowKey> out;
  for (;;) {
    const std::size_t wanted = kErasedRows - out.size();
    LIMPID_ASSIGN_OR_RETURN(const auto page,
                            parts.store.ListPerson(after, wanted));
    for (const RowKey& key : page) {
      if (!Stays(key.kind)) out.push_back(key);
    }
    if (page.size() < wanted || out.size() == kErasedRows) return out;
    const RowKey& last = page.back();
    after = Stays(last.kind) ? EndOf(last, last.kind) : last;
  }
}

absl::Status DeleteRest(const ErasingParts& parts, ErasedAccount& erased,
                        Batch& batch) {
  // First: deleting needs no key.
  if (erased.below != ErasedAccount::kKeysDestroyed) {
    LIMPID_RETURN_IF_ERROR(parts.keys.Erase(erased.person));
    erased.below = ErasedAccount::kKeysDestroyed;
  }
  LIMPID_ASSIGN_OR_RETURN(const auto rest, RestOf(parts, erased.person));
  for (const RowKey& key : rest) batch.Delete(key);
  if (rest.size() == kErasedRows) return absl::OkStatus();
  // An older key store may have come in between: what is finished has no keys.
  LIMPID_RETURN_IF_ERROR(DestroyLeftKeys(parts.keys, erased.person));
  batch.Delete(
      AccountRowKey(parts.blinder.ShardOf(erased.person), erased.person));
  erased.stage = ErasingStage::kFinished;
  return absl::OkStatus();
}

// What opens the account, and what gives others power over it or lets it grant
// by itself.
absl::StatusOr<std::vector<RowKey>> PowersOf(const ErasingParts& parts,
                                             const PersonId& person) {
  const std::uint16_t shard = parts.blinder.ShardOf(person);
  std::vector<RowKey> out;
  for (const RowKind kind :
       {RowKind::kAccountKey, RowKind::kDelegation, RowKind::kStanding}) {
    LIMPID_ASSIGN_OR_RETURN(const auto rows,
                            parts.store.ListKind(shard, person, kind));
    for (const PersonalRow& row : rows) out.push_back(row.key);
  }
  return out;
}

// By records of hers, the streams that told of them.
using StreamByRecord = std::map<RecordId, RowId>;

absl::StatusOr<StreamByRecord> ToldStreams(const ErasingParts& parts,
                                           const PersonId& person) {
  const std::set<RowId> services = ServiceStreams(parts);
  StreamByRecord out;
  std::uint64_t below = ErasedAccount::kNoneDone;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(
        const auto rows, parts.store.EventsAbout(person, below, kErasedRows));
    for (const EventRow& row : rows) {
      if (services.contains(row.service)) out.emplace(row.record, row.service);
    }
    if (rows.size() < kErasedRows) return out;
    below = rows.back().position;
  }
}

absl::StatusOr<LiveRecord> OpenRecord(const HeldKey& held,
                                      const PersonalRow& row) {
  if (held.key == nullptr) return absl::DataLossError("nothing opens it");
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(*held.key, row));
  return LiveRecord::Decode(opened);
}

// Adds those that only the record itself says. Returns of how many it does not.
absl::StatusOr<std::size_t> AddUntold(const ErasingParts& parts,
                                      const PersonId& person,
                                      StreamByRecord& streams) {
  LIMPID_ASSIGN_OR_RETURN(const HeldKey held, KeyIfThere(parts.keys, person));
  LIMPID_ASSIGN_OR_RETURN(const auto rows,
                          parts.store.ListKind(parts.blinder.ShardOf(person),
                                               person, RowKind::kRecord));
  std::size_t unknown = 0;
  for (const PersonalRow& row : rows) {
    if (streams.contains(RecordId(row.key.id))) continue;
    const auto record = OpenRecord(held, row);
    if (record.ok()) {
      streams.emplace(RecordId(row.key.id),
                      StreamOf(parts.blinder, record->revision.service));
    } else {
      ++unknown;
    }
  }
  return unknown;
}

// Tells the services that hold something under a record of hers. Their streams
// say which these are, also where nothing of hers opens.
absl::StatusOr<std::size_t> TellServices(const ErasingParts& parts,
                                         const PersonId& person, Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(StreamByRecord streams, ToldStreams(parts, person));
  LIMPID_ASSIGN_OR_RETURN(const std::size_t unknown,
                          AddUntold(parts, person, streams));
  for (const auto& [record, stream] : streams) {
    EventRow event;
    event.service = stream;
    event.position = ++batch.commit().head.event;
    event.shard = parts.blinder.ShardOf(person);
    event.person = person;
    event.record = record;
    event.created_ms = absl::ToUnixMillis(batch.time());
    batch.commit().events.push_back(std::move(event));
  }
  return unknown;
}

// A start that missed her key waits for it no more; what a damaged row said of
// it is of no use any more.
absl::Status SettleAbsent(const ErasingParts& parts, const PersonId& person,
                          Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      parts.store.GetPublic(PublicKind::kAbsentKey, person.bytes()));
  if (!row) return absl::OkStatus();
  const auto absent = ParseAbsentKey(*row);
  batch.Replace(RowOf(
      AbsentKey{person, absent.ok() ? absent->stop : 0, AbsentState::kDone},
      row->created_ms));
  return absl::OkStatus();
}

}  // namespace

PublicRow RowOf(const ErasedAccount& erased, const base::SecretBytes& row_key) {
  PublicRow row;
  row.kind = PublicKind::kErasedAccount;
  row.id = base::ToBytes(erased.person.bytes());
  row.created_ms = absl::ToUnixMillis(erased.time);
  base::ByteWriter plain(kMarkerLabel);
  plain.U64(static_cast<std::uint64_t>(absl::ToUnixMillis(erased.time)))
      .U8(static_cast<std::uint8_t>(erased.stage))
      .U64(erased.below);
  row.payload = SealPublic(row_key, row.kind, row.id, plain.bytes());
  return row;
}

absl::StatusOr<ErasedAccount> ParseErasedAccount(
    const PublicRow& row, const base::SecretBytes& row_key) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes plain, OpenPublic(row_key, row));
  base::ByteReader reader(plain);
  reader.Label(kMarkerLabel);
  ErasedAccount out;
  out.time = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  const std::uint8_t stage = reader.U8();
  out.below = reader.U64();
  const auto person = base::ToArray<16>(row.id);
  if (!reader.Finish().ok() || !person.ok() || stage == 0 ||
      stage > static_cast<std::uint8_t>(ErasingStage::kIndexes) ||
      out.below > ErasedAccount::kNoneDone) {
    return absl::DataLossError("the marker of an erased account is damaged");
  }
  out.person = PersonId(*person);
  out.stage = static_cast<ErasingStage>(stage);
  return out;
}

absl::StatusOr<bool> IsErased(const LedgerStore& store,
                              const PersonId& person) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      store.GetPublic(PublicKind::kErasedAccount, person.bytes()));
  return row.has_value();
}

absl::StatusOr<std::size_t> BeginErasing(const ErasingParts& parts,
                                         const PersonId& person, Batch& batch) {
  const RowKey account = AccountRowKey(parts.blinder.ShardOf(person), person);
  LIMPID_ASSIGN_OR_RETURN(const auto before, parts.store.Get(account));
  LIMPID_ASSIGN_OR_RETURN(const auto powers, PowersOf(parts, person));
  LIMPID_RETURN_IF_ERROR(SettleAbsent(parts, person, batch));
  LIMPID_ASSIGN_OR_RETURN(const std::size_t untold,
                          TellServices(parts, person, batch));
  for (const RowKey& key : powers) batch.Delete(key);
  PersonalRow closing;
  closing.key = account;
  closing.state = static_cast<std::uint8_t>(AccountRowState::kClosing);
  closing.created_ms =
      before ? before->created_ms : absl::ToUnixMillis(batch.time());
  closing.due_ms = absl::ToUnixMillis(batch.time());
  batch.Replace(std::move(closing));
  ErasedAccount erased;
  erased.person = person;
  erased.time = batch.time();
  batch.Replace(RowOf(erased, parts.row_key));
  return untold;
}

absl::StatusOr<ErasedPage> EraseNextPage(const ErasingParts& parts,
                                         const PersonId& person, Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      parts.store.GetPublic(PublicKind::kErasedAccount, person.bytes()));
  if (!row) return absl::NotFoundError("this account is not being erased");
  LIMPID_ASSIGN_OR_RETURN(ErasedAccount erased,
                          ParseErasedAccount(*row, parts.row_key));
  ErasedPage page;
  switch (erased.stage) {
    case ErasingStage::kEntries:
    case ErasingStage::kEmbargoed: {
      LIMPID_ASSIGN_OR_RETURN(page.unreadable, MakeStubs(parts, erased, batch));
      break;
    }
    case ErasingStage::kIndexes:
      LIMPID_RETURN_IF_ERROR(LeaveIndexes(parts, erased, batch));
      break;
    case ErasingStage::kRest:
      LIMPID_RETURN_IF_ERROR(DeleteRest(parts, erased, batch));
      break;
    case ErasingStage::kFinished:
      page.last = true;
      return page;
  }
  batch.Replace(RowOf(erased, parts.row_key));
  page.last = erased.stage == ErasingStage::kFinished;
  return page;
}

absl::Status AboutUntold(std::size_t record_count) {
  if (record_count == 0) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      "of an account that is being erased, ", record_count,
      " record(s) do not open: they go, and the services they were with are "
      "not told to delete; look for what damaged the store"));
}

absl::Status AboutUnreadable(std::size_t row_count) {
  if (row_count == 0) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      "of an account that is being erased, ", row_count,
      " row(s) do not open: they are erased all the same; look for what "
      "damaged the store"));
}

absl::Status DestroyLeftKeys(PersonKeys& keys, const PersonId& person) {
  LIMPID_ASSIGN_OR_RETURN(const bool there, keys.Holds(person));
  if (!there) return absl::OkStatus();
  LIMPID_RETURN_IF_ERROR(keys.Erase(person));
  LIMPID_ASSIGN_OR_RETURN(const bool still_there, keys.Holds(person));
  if (!still_there) return absl::OkStatus();
  return absl::DataLossError(
      "the key store still has keys of an erased account after it destroyed "
      "them: check its file");
}

bool IsStub(const PersonalRow& row) {
  if (row.key.kind == RowKind::kEntry) {
    return row.state == static_cast<std::uint8_t>(EntryForm::kAccountErased);
  }
  return row.key.kind == RowKind::kEmbargoed &&
         row.state == static_cast<std::uint8_t>(EmbargoRowState::kErased);
}

absl::StatusOr<std::uint64_t> StubPosition(const base::SecretBytes& row_key,
                                           const PersonalRow& row) {
  if (row.payload.empty()) return 0;
  LIMPID_ASSIGN_OR_RETURN(
      const base::Bytes plain,
      crypto::Open(row_key, {}, StubAad(row.key), row.payload));
  base::ByteReader reader(plain);
  const std::uint64_t position = reader.U64();
  if (!reader.Finish().ok()) {
    return absl::DataLossError("what was left of an entry is damaged");
  }
  return position;
}

}  // namespace limpid::consent
