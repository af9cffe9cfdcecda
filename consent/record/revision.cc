#include "consent/record/revision.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kLabel = "limpid/record-revision/1";
// Last numbers of access-entry.md that this version knows.
constexpr auto kLastKind = static_cast<std::uint8_t>(receipt::kLastAccessKind);
constexpr auto kLastActor = static_cast<std::uint8_t>(receipt::Actor::kSystem);
constexpr auto kLastEvidence = static_cast<std::uint8_t>(Evidence::kSession);

std::uint64_t Millis(absl::Time time) {
  return static_cast<std::uint64_t>(absl::ToUnixMillis(time));
}

absl::Time ReadTime(base::ByteReader& reader) {
  return absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
}

template <typename IdType>
IdType ReadId(base::ByteReader& reader) {
  return IdType(reader.Array<base::kIdBytes>());
}

bool SameSubject(const Revision& left, const Revision& right) {
  return left.record == right.record && left.person == right.person &&
         left.service == right.service && left.agreement == right.agreement &&
         left.agreement_version == right.agreement_version &&
         left.agreement_hash == right.agreement_hash;
}

absl::Status ReadHead(base::ByteReader& reader, Revision& out) {
  const std::uint8_t state = reader.U8();
  const std::uint8_t kind = reader.U8();
  const std::uint8_t actor = reader.U8();
  const std::uint8_t evidence = reader.U8();
  if (kind == 0 || kind > kLastKind || actor == 0 || actor > kLastActor ||
      evidence > kLastEvidence) {
    return absl::InvalidArgumentError("a revision has an unknown number");
  }
  LIMPID_ASSIGN_OR_RETURN(out.state, ParseState(state));
  out.event = static_cast<receipt::AccessKind>(kind);
  out.actor = static_cast<receipt::Actor>(actor);
  out.evidence = static_cast<Evidence>(evidence);
  return absl::OkStatus();
}

}  // namespace

base::Bytes Revision::Encode() const {
  base::ByteWriter out(kLabel);
  out.U8(static_cast<std::uint8_t>(state))
      .U8(static_cast<std::uint8_t>(event))
      .U8(static_cast<std::uint8_t>(actor))
      .U8(static_cast<std::uint8_t>(evidence))
      .Raw(record.bytes())
      .U32(number)
      .Raw(predecessor)
      .Raw(person.bytes())
      .Raw(service.bytes())
      .Raw(agreement.bytes())
      .U32(agreement_version)
      .Raw(agreement_hash)
      .U64(Millis(time))
      .U64(Millis(answer_by))
      .U64(Millis(from))
      .U64(Millis(until))
      .U64(use_count)
      .U16(static_cast<std::uint16_t>(lines.size()));
  for (const std::uint16_t line : lines) out.U16(line);
  out.Raw(grant_key)
      .Raw(notice_hash)
      .Raw(statement_hash)
      .Raw(signature)
      .Raw(representative.bytes())
      .Raw(follows.bytes())
      .Lp(reason);
  return out.Take();
}

base::Digest32 Revision::Hash() const { return crypto::Sha256(Encode()); }

absl::StatusOr<Revision> Revision::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  Revision out;
  LIMPID_RETURN_IF_ERROR(ReadHead(reader, out));
  out.record = ReadId<RecordId>(reader);
  out.number = reader.U32();
  out.predecessor = reader.Array<32>();
  out.person = ReadId<PersonId>(reader);
  out.service = ReadId<ServiceId>(reader);
  out.agreement = ReadId<AgreementId>(reader);
  out.agreement_version = reader.U32();
  out.agreement_hash = reader.Array<32>();
  out.time = ReadTime(reader);
  out.answer_by = ReadTime(reader);
  out.from = ReadTime(reader);
  out.until = ReadTime(reader);
  out.use_count = reader.U64();
  const std::uint16_t count = reader.U16();
  for (std::uint16_t i = 0; i < count && !reader.failed(); ++i) {
    out.lines.push_back(reader.U16());
  }
  out.grant_key = reader.Array<32>();
  out.notice_hash = reader.Array<32>();
  out.statement_hash = reader.Array<32>();
  out.signature = reader.Array<64>();
  out.representative = ReadId<PersonId>(reader);
  out.follows = ReadId<RecordId>(reader);
  out.reason = reader.LpText();
  LIMPID_RETURN_IF_ERROR(reader.Finish());
  return out;
}

absl::StatusOr<Revision> NextRevision(const Revision& current,
                                      RecordEvent event, receipt::Actor actor,
                                      absl::Time time) {
  LIMPID_ASSIGN_OR_RETURN(const RecordState state,
                          Advance(current.state, event));
  Revision next = current;
  next.state = state;
  next.event = KindOf(event);
  next.actor = actor;
  next.number = current.number + 1;
  next.predecessor = current.Hash();
  next.time = std::max(time, current.time);
  next.statement_hash = {};
  next.signature = {};
  next.reason.clear();
  return next;
}

std::optional<absl::Time> DueOf(const Revision& revision) {
  if (IsInForce(revision.state)) return revision.until;
  if (AwaitsAnswer(revision.state)) return revision.answer_by;
  return std::nullopt;
}

RecordState EffectiveState(const Revision& revision, absl::Time now) {
  const std::optional<absl::Time> due = DueOf(revision);
  if (!due || now < *due) return revision.state;
  return IsInForce(revision.state) ? RecordState::kExpired
                                   : RecordState::kLapsed;
}

absl::Status CheckChain(std::span<const Revision> revisions) {
  return CheckPart(revisions, revisions.size());
}

absl::Status CheckPart(std::span<const Revision> revisions,
                       std::uint64_t last) {
  const auto broken = [](std::uint64_t number) {
    return absl::DataLossError(
        absl::StrCat("the record's history is broken at revision ", number));
  };
  if (revisions.size() > last) return broken(last);
  std::uint64_t number = last - revisions.size();
  const Revision* before = nullptr;
  for (const Revision& revision : revisions) {
    ++number;
    if (revision.number != number) return broken(number);
    const bool first = number == 1;
    if (first && revision.predecessor != base::Digest32{}) return broken(1);
    if (before != nullptr &&
        (revision.predecessor != before->Hash() ||
         !SameSubject(revision, *before) || revision.time < before->time)) {
      return broken(number);
    }
    before = &revision;
  }
  return absl::OkStatus();
}

}  // namespace limpid::consent
