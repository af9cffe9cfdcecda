#include "consent/notice/noting.h"

#include <cstdint>
#include <utility>

#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/receipt/access_entry.h"

namespace limpid::consent {
namespace {

// Separates these blinded values from others.
constexpr std::uint8_t kNoticeBlind = 84;

BasisNotice NextNotice(const Batch& batch, const LiveRecord& record,
                       const Agreement& agreement, const NotedAccess& access,
                       std::uint64_t number) {
  BasisNotice out;
  out.record = record.revision.record;
  out.number = number;
  out.id = BasisNoticeIdOf(batch.blinder(), out.record, number);
  out.service = record.revision.service;
  out.agreement = agreement.id;
  out.agreement_version = agreement.version;
  out.basis = agreement.content.basis;
  out.begin = access.time;
  out.first_access = access.access;
  return out;
}

// In her chain, so that nobody can say later that she was told, or was not.
void Enter(Batch& batch, PersonState& person, const LiveRecord& record,
           const BasisNotice& notice, const NotedAccess& access) {
  receipt::AccessEntry entry;
  entry.kind = receipt::AccessKind::kProcessingNotified;
  entry.actor = receipt::Actor::kSystem;
  entry.service = notice.service.bytes();
  entry.record = notice.record.bytes();
  entry.revision = record.revision.number;
  entry.basis = notice.basis;
  entry.purpose = access.purpose;
  batch.Append(person, std::move(entry));
}

}  // namespace

BasisNoticeId BasisNoticeIdOf(const Blinder& blinder, const RecordId& record,
                              std::uint64_t number) {
  base::ByteWriter bytes;
  bytes.U64(number);
  return BasisNoticeId(
      blinder.Blind(kNoticeBlind, {record.bytes(), bytes.bytes()}));
}

PersonalRow RowOf(const BasisNotice& notice, const PersonState& person) {
  PersonalRow row;
  row.key = NoticeRowKey(person.shard, person.id, notice.record, notice.number);
  row.lookup = notice.id.bytes();
  row.state = static_cast<std::uint8_t>(
      notice.unread() ? NoticeRowState::kPerhapsUnread : NoticeRowState::kRead);
  row.created_ms = absl::ToUnixMillis(notice.begin);
  row.payload = SealRow(*person.key, row.key, notice.Encode());
  return row;
}

absl::StatusOr<BasisNotice> OpenNotice(const base::SecretBytes& person_key,
                                       const PersonalRow& row) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(person_key, row));
  return BasisNotice::Decode(opened);
}

absl::StatusOr<BasisNotice*> NoticeFor(Persons& persons, PersonState& person,
                                       const LiveRecord& record,
                                       const Agreement& agreement) {
  if (!IsToldOf(agreement.content.basis)) {
    return static_cast<BasisNotice*>(nullptr);
  }
  return persons.LoadNotice(person, record.revision.record);
}

bool NoteAccess(Batch& batch, PersonState& person, const LiveRecord& record,
                const Agreement& agreement, const NotedAccess& access,
                BasisNotice& notice) {
  const bool begins = !notice.CountsAt(access.time);
  if (begins) {
    notice = NextNotice(batch, record, agreement, access, notice.number + 1);
    Enter(batch, person, record, notice, access);
  }
  notice.Count(access);
  batch.Replace(RowOf(notice, person));
  return begins;
}

}  // namespace limpid::consent
