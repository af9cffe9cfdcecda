#include "consent/ledger/account_erasing.h"

#include <string_view>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/aead.h"
#include "consent/embargo/embargoed.h"
#include "consent/ledger/absent_key.h"
#include "consent/ledger/entry_row.h"

namespace limpid::consent {
namespace {

constexpr auto kSuite = crypto::Suite::kXChaCha20Poly1305;
constexpr std::string_view kMarkerLabel = "limpid/erased-account/1";
constexpr std::string_view kStubLabel = "limpid/consent-erased-row/1";
// Numbers of kinds are bytes. One that is added later is not forgotten.
constexpr unsigned kKinds = 256;

base::Bytes StubAad(const RowKey& row) {
  return base::ByteWriter(kStubLabel)
      .Raw(row.person.bytes())
      .U8(static_cast<std::uint8_t>(row.kind))
      .U64(row.sequence)
      .Take();
}

bool IsGone(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsDataLoss(status);
}

// Null where nothing opens any more.
absl::StatusOr<PersonKey> KeyIfThere(PersonKeys& keys, const PersonId& person) {
  auto key = keys.Get(person);
  if (IsGone(key.status())) return PersonKey();
  return key;
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

PersonalRow StubOf(const ErasingParts& parts, const base::SecretBytes* key,
                   const PersonalRow& row) {
  PersonalRow out;
  out.key = row.key;
  out.state = row.key.kind == RowKind::kEntry
                  ? static_cast<std::uint8_t>(EntryForm::kAccountErased)
                  : static_cast<std::uint8_t>(EmbargoRowState::kErased);
  out.created_ms = row.created_ms;
  if (key == nullptr) return out;
  const auto position = PositionOf(*key, row);
  // Damage keeps nobody's account from being erased.
  if (!position.ok()) return out;
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

absl::Status MakeStubs(const ErasingParts& parts, ErasedAccount& erased,
                       Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      parts.store.ListDown(KeyBelow(parts, erased), kErasedRows));
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key,
                          KeyIfThere(parts.keys, erased.person));
  for (const PersonalRow& row : rows) {
    if (!IsStub(row)) batch.Replace(StubOf(parts, key.get(), row));
  }
  if (rows.size() == kErasedRows) {
    erased.below = rows.back().key.sequence;
    return absl::OkStatus();
  }
  erased.below = ErasedAccount::kNoneDone;
  erased.stage = erased.stage == ErasingStage::kEntries
                     ? ErasingStage::kEmbargoed
                     : ErasingStage::kRest;
  return absl::OkStatus();
}

bool Stays(RowKind kind) {
  return kind == RowKind::kEntry || kind == RowKind::kEmbargoed;
}

// Keys of rows that are to go, the account's not among them.
absl::StatusOr<std::vector<RowKey>> RestOf(const ErasingParts& parts,
                                           const PersonId& person) {
  const std::uint16_t shard = parts.blinder.ShardOf(person);
  std::vector<RowKey> out;
  for (unsigned number = 0; number < kKinds; ++number) {
    const auto kind = static_cast<RowKind>(number);
    if (Stays(kind) || kind == RowKind::kAccount) continue;
    LIMPID_ASSIGN_OR_RETURN(const auto rows,
                            parts.store.ListKind(shard, person, kind));
    for (const PersonalRow& row : rows) {
      out.push_back(row.key);
      if (out.size() == kErasedRows) return out;
    }
  }
  return out;
}

absl::Status DeleteRest(const ErasingParts& parts, ErasedAccount& erased,
                        Batch& batch) {
  // First, and again on each page: what is finished has no keys.
  LIMPID_RETURN_IF_ERROR(parts.keys.Erase(erased.person));
  LIMPID_ASSIGN_OR_RETURN(const auto rest, RestOf(parts, erased.person));
  for (const RowKey& key : rest) batch.Delete(key);
  if (rest.size() == kErasedRows) return absl::OkStatus();
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

// Tells the services that hold something under a record of hers.
absl::Status TellServices(const ErasingParts& parts, const PersonId& person,
                          Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, KeyIfThere(parts.keys, person));
  if (key == nullptr) return absl::OkStatus();
  const std::uint16_t shard = parts.blinder.ShardOf(person);
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows, parts.store.ListKind(shard, person, RowKind::kRecord));
  for (const PersonalRow& row : rows) {
    const auto opened = OpenRow(*key, row);
    if (!opened.ok()) continue;
    const auto record = LiveRecord::Decode(*opened);
    if (!record.ok()) continue;
    EventRow event;
    event.service = StreamOf(parts.blinder, record->revision.service);
    event.position = ++batch.commit().head.event;
    event.shard = shard;
    event.person = person;
    event.record = RecordId(row.key.id);
    event.created_ms = absl::ToUnixMillis(batch.time());
    batch.commit().events.push_back(std::move(event));
  }
  return absl::OkStatus();
}

// A start that missed her key waits for it no more.
absl::Status SettleAbsent(const ErasingParts& parts, const PersonId& person,
                          Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      parts.store.GetPublic(PublicKind::kAbsentKey, person.bytes()));
  if (!row) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(AbsentKey absent, ParseAbsentKey(*row));
  absent.settled = true;
  batch.Replace(RowOf(absent, row->created_ms));
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
      stage > static_cast<std::uint8_t>(ErasingStage::kFinished) ||
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

absl::Status BeginErasing(const ErasingParts& parts, const PersonId& person,
                          Batch& batch) {
  const RowKey account = AccountRowKey(parts.blinder.ShardOf(person), person);
  LIMPID_ASSIGN_OR_RETURN(const auto before, parts.store.Get(account));
  LIMPID_ASSIGN_OR_RETURN(const auto powers, PowersOf(parts, person));
  LIMPID_RETURN_IF_ERROR(SettleAbsent(parts, person, batch));
  LIMPID_RETURN_IF_ERROR(TellServices(parts, person, batch));
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
  return absl::OkStatus();
}

absl::StatusOr<bool> EraseNextPage(const ErasingParts& parts,
                                   const PersonId& person, Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      parts.store.GetPublic(PublicKind::kErasedAccount, person.bytes()));
  if (!row) return absl::NotFoundError("this account is not being erased");
  LIMPID_ASSIGN_OR_RETURN(ErasedAccount erased,
                          ParseErasedAccount(*row, parts.row_key));
  switch (erased.stage) {
    case ErasingStage::kEntries:
    case ErasingStage::kEmbargoed:
      LIMPID_RETURN_IF_ERROR(MakeStubs(parts, erased, batch));
      break;
    case ErasingStage::kRest:
      LIMPID_RETURN_IF_ERROR(DeleteRest(parts, erased, batch));
      break;
    case ErasingStage::kFinished:
      return true;
  }
  batch.Replace(RowOf(erased, parts.row_key));
  return erased.stage == ErasingStage::kFinished;
}

absl::Status DestroyLeftKeys(PersonKeys& keys, const PersonId& person) {
  const auto key = keys.Get(person);
  const auto log_key = keys.LogKeyOf(person);
  if (absl::IsNotFound(key.status()) && absl::IsNotFound(log_key.status())) {
    return absl::OkStatus();
  }
  return keys.Erase(person);
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
