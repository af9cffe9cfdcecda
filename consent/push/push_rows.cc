#include "consent/push/push_rows.h"

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/wire.h"
#include "consent/ledger/batch.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kEndpointLabel = "limpid/push-endpoint/1";
constexpr std::string_view kProgressLabel = "limpid/push-progress/1";
constexpr std::string_view kLetterLabel = "limpid/push-letter/1";
constexpr std::uint8_t kLastLetterState = 4;

void WriteTime(base::ByteWriter& out, absl::Time time) {
  out.U64(static_cast<std::uint64_t>(absl::ToUnixMillis(time)));
}

absl::Time ReadTime(base::ByteReader& reader) {
  return absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
}

void WriteVerdict(base::ByteWriter& out, const PushVerdict& verdict) {
  out.U8(static_cast<std::uint8_t>(verdict.failure))
      .U8(static_cast<std::uint8_t>(verdict.rejection));
}

// False for a number outside the lists.
bool ReadVerdict(base::ByteReader& reader, PushVerdict& out) {
  const std::uint8_t failure = reader.U8();
  const std::uint8_t rejection = reader.U8();
  out.failure = static_cast<PushFailure>(failure);
  out.rejection = static_cast<PushRejection>(rejection);
  return failure != 0 && failure <= kLastPushFailure &&
         rejection <= kLastPushRejection;
}

bool ReadTrouble(base::ByteReader& reader, PushTrouble& out) {
  out.series = reader.U32();
  out.attempts = reader.U32();
  out.since = ReadTime(reader);
  out.next = ReadTime(reader);
  return ReadVerdict(reader, out.verdict);
}

absl::Status Damaged() {
  return absl::DataLossError("a stored row of pushing is damaged");
}

PublicRow Sealed(const base::SecretBytes& row_key, PublicKind kind,
                 base::Bytes id, const base::Bytes& plain) {
  PublicRow row;
  row.kind = kind;
  row.id = std::move(id);
  row.payload = SealPublic(row_key, kind, row.id, plain);
  return row;
}

}  // namespace

base::Bytes PushEndpoint::Encode() const {
  base::ByteWriter out(kEndpointLabel);
  out.Raw(service.bytes()).Lp(origin).Raw(set_by);
  WriteTime(out, origin_set);
  out.Lp(url);
  WriteTime(out, registered);
  out.U32(generation);
  return out.Take();
}

absl::StatusOr<PushEndpoint> PushEndpoint::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kEndpointLabel);
  PushEndpoint out;
  out.service = ServiceId(reader.Array<16>());
  out.origin = reader.LpText();
  out.set_by = reader.Array<32>();
  out.origin_set = ReadTime(reader);
  out.url = reader.LpText();
  out.registered = ReadTime(reader);
  out.generation = reader.U32();
  if (!reader.Finish().ok()) return Damaged();
  return out;
}

void PushProgress::Remember(const PushDelivered& delivered) {
  if (recent.size() == kRecentDeliveries) recent.erase(recent.begin());
  recent.push_back(delivered);
}

void PushProgress::Begin(std::uint64_t newest) {
  if (cursor > since) {
    if (past.size() == kMaxPushSpans) past.erase(past.begin());
    past.push_back({since, cursor});
  }
  since = newest;
  cursor = newest;
  trouble.reset();
}

base::Bytes PushProgress::Encode() const {
  base::ByteWriter out(kProgressLabel);
  out.Raw(service.bytes()).U64(since).U64(cursor).U8(trouble ? 1 : 0);
  if (trouble) {
    out.U32(trouble->series).U32(trouble->attempts);
    WriteTime(out, trouble->since);
    WriteTime(out, trouble->next);
    WriteVerdict(out, trouble->verdict);
  }
  out.U16(static_cast<std::uint16_t>(recent.size()));
  for (const PushDelivered& one : recent) {
    out.U64(one.position);
    WriteTime(out, one.time);
  }
  out.U16(static_cast<std::uint16_t>(past.size()));
  for (const PushSpan& span : past) out.U64(span.since).U64(span.through);
  return out.Take();
}

absl::StatusOr<PushProgress> PushProgress::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kProgressLabel);
  PushProgress out;
  out.service = ServiceId(reader.Array<16>());
  out.since = reader.U64();
  out.cursor = reader.U64();
  const std::uint8_t failing = reader.U8();
  bool known = failing <= 1;
  if (failing == 1) known = ReadTrouble(reader, out.trouble.emplace());
  const std::uint16_t recent_count = reader.U16();
  for (std::uint16_t i = 0; i < recent_count && !reader.failed(); ++i) {
    const std::uint64_t position = reader.U64();
    out.recent.push_back({position, ReadTime(reader)});
  }
  const std::uint16_t span_count = reader.U16();
  for (std::uint16_t i = 0; i < span_count && !reader.failed(); ++i) {
    const std::uint64_t since = reader.U64();
    out.past.push_back({since, reader.U64()});
  }
  if (!reader.Finish().ok() || !known) return Damaged();
  return out;
}

base::Bytes PushLetter::Encode() const {
  base::ByteWriter out(kLetterLabel);
  out.Raw(service.bytes()).U64(position).U8(static_cast<std::uint8_t>(state));
  WriteVerdict(out, verdict);
  out.U32(attempts);
  WriteTime(out, last);
  return out.Take();
}

absl::StatusOr<PushLetter> PushLetter::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLetterLabel);
  PushLetter out;
  out.service = ServiceId(reader.Array<16>());
  out.position = reader.U64();
  const std::uint8_t state = reader.U8();
  out.state = static_cast<LetterState>(state);
  const bool known = ReadVerdict(reader, out.verdict) && state != 0 &&
                     state <= kLastLetterState;
  out.attempts = reader.U32();
  out.last = ReadTime(reader);
  if (!reader.Finish().ok() || !known) return Damaged();
  return out;
}

PublicRow RowOf(const base::SecretBytes& row_key,
                const PushEndpoint& endpoint) {
  return Sealed(row_key, PublicKind::kPushEndpoint,
                base::ToBytes(endpoint.service.bytes()), endpoint.Encode());
}

PublicRow RowOf(const base::SecretBytes& row_key, const Blinder& blinder,
                const PushProgress& progress) {
  return Sealed(row_key, PublicKind::kDelivery,
                base::ToBytes(StreamOf(blinder, progress.service)),
                progress.Encode());
}

PublicRow RowOf(const base::SecretBytes& row_key, const Blinder& blinder,
                const PushLetter& letter) {
  base::ByteWriter id;
  id.Raw(StreamOf(blinder, letter.service)).U64(letter.position);
  return Sealed(row_key, PublicKind::kDelivery, id.Take(), letter.Encode());
}

}  // namespace limpid::consent
