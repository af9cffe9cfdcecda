#include "consent/ledger/person_state.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"

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

}  // namespace limpid::consent
