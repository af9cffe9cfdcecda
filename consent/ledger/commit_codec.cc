#include "consent/ledger/commit_codec.h"

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/base/wire.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kLabel = "limpid/ledger-commit/1";

std::uint64_t Unsigned(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

std::int64_t Signed(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

void Write(base::ByteWriter& out, const RowKey& key) {
  out.U16(key.shard)
      .Raw(key.person.bytes())
      .U8(static_cast<std::uint8_t>(key.kind))
      .Raw(key.id)
      .U64(key.sequence);
}

void Read(base::ByteReader& in, RowKey& key) {
  key.shard = in.U16();
  key.person = PersonId(in.Array<16>());
  key.kind = static_cast<RowKind>(in.U8());
  key.id = in.Array<16>();
  key.sequence = in.U64();
}

void Write(base::ByteWriter& out, const PersonalRow& row) {
  Write(out, row.key);
  out.U8(row.lookup ? 1 : 0);
  if (row.lookup) out.Raw(*row.lookup);
  out.U8(row.state)
      .U64(Unsigned(row.created_ms))
      .U64(Unsigned(row.due_ms))
      .Lp(row.payload);
}

void Read(base::ByteReader& in, PersonalRow& row) {
  Read(in, row.key);
  if (in.U8() != 0) row.lookup = in.Array<16>();
  row.state = in.U8();
  row.created_ms = Signed(in.U64());
  row.due_ms = Signed(in.U64());
  row.payload = base::ToBytes(in.Lp());
}

void Write(base::ByteWriter& out, const PublicRow& row) {
  out.U8(static_cast<std::uint8_t>(row.kind))
      .Lp(row.id)
      .U64(Unsigned(row.created_ms))
      .Lp(row.payload);
}

void Read(base::ByteReader& in, PublicRow& row) {
  row.kind = static_cast<PublicKind>(in.U8());
  row.id = base::ToBytes(in.Lp());
  row.created_ms = Signed(in.U64());
  row.payload = base::ToBytes(in.Lp());
}

void Write(base::ByteWriter& out, const EventRow& row) {
  out.Raw(row.service)
      .U64(row.position)
      .U16(row.shard)
      .Raw(row.person.bytes())
      .Raw(row.record.bytes())
      .U64(Unsigned(row.created_ms))
      .Lp(row.payload);
}

void Read(base::ByteReader& in, EventRow& row) {
  row.service = in.Array<16>();
  row.position = in.U64();
  row.shard = in.U16();
  row.person = PersonId(in.Array<16>());
  row.record = RecordId(in.Array<16>());
  row.created_ms = Signed(in.U64());
  row.payload = base::ToBytes(in.Lp());
}

void Write(base::ByteWriter& out, const LeafRow& row) {
  out.U64(row.position).Raw(row.commitment);
}

void Read(base::ByteReader& in, LeafRow& row) {
  row.position = in.U64();
  row.commitment = in.Array<32>();
}

void Write(base::ByteWriter& out, const StopEntry& stop) {
  out.U64(stop.sequence)
      .U8(static_cast<std::uint8_t>(stop.kind))
      .Raw(stop.subject)
      .U32(stop.revision)
      .U64(Unsigned(absl::ToUnixMillis(stop.time)));
}

void Read(base::ByteReader& in, StopEntry& stop) {
  stop.sequence = in.U64();
  stop.kind = static_cast<StopKind>(in.U8());
  stop.subject = in.Array<16>();
  stop.revision = in.U32();
  stop.time = absl::FromUnixMillis(Signed(in.U64()));
}

void Write(base::ByteWriter& out, const EventKey& key) {
  out.Raw(key.service).U64(key.position);
}

void Read(base::ByteReader& in, EventKey& key) {
  key.service = in.Array<16>();
  key.position = in.U64();
}

void Write(base::ByteWriter& out, const PublicRowKey& key) {
  out.U8(static_cast<std::uint8_t>(key.kind)).Lp(key.id);
}

void Read(base::ByteReader& in, PublicRowKey& key) {
  key.kind = static_cast<PublicKind>(in.U8());
  key.id = base::ToBytes(in.Lp());
}

template <typename T>
void WriteList(base::ByteWriter& out, const std::vector<T>& rows) {
  out.U32(static_cast<std::uint32_t>(rows.size()));
  for (const T& row : rows) Write(out, row);
}

// Every row takes bytes, so a count that lies runs into the end.
template <typename T>
void ReadList(base::ByteReader& in, std::vector<T>& rows) {
  const std::uint32_t count = in.U32();
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i) {
    Read(in, rows.emplace_back());
  }
}

}  // namespace

base::Bytes EncodeCommit(const LedgerCommit& commit) {
  base::ByteWriter out(kLabel);
  out.U64(Unsigned(commit.head.clock_ms))
      .U64(commit.head.position)
      .U64(commit.head.event)
      .U64(commit.head.stop);
  WriteList(out, commit.inserts);
  WriteList(out, commit.puts);
  WriteList(out, commit.public_inserts);
  WriteList(out, commit.public_puts);
  WriteList(out, commit.events);
  WriteList(out, commit.leaves);
  WriteList(out, commit.stops);
  // Each only where it says something, or one behind it does.
  const bool publics = !commit.public_deletes.empty();
  const bool events = publics || !commit.event_deletes.empty();
  if (events || !commit.deletes.empty()) WriteList(out, commit.deletes);
  if (events) WriteList(out, commit.event_deletes);
  if (publics) WriteList(out, commit.public_deletes);
  return out.Take();
}

absl::StatusOr<LedgerCommit> DecodeCommit(base::ByteView bytes) {
  base::ByteReader in(bytes);
  in.Label(kLabel);
  LedgerCommit out;
  out.head.clock_ms = Signed(in.U64());
  out.head.position = in.U64();
  out.head.event = in.U64();
  out.head.stop = in.U64();
  ReadList(in, out.inserts);
  ReadList(in, out.puts);
  ReadList(in, out.public_inserts);
  ReadList(in, out.public_puts);
  ReadList(in, out.events);
  ReadList(in, out.leaves);
  ReadList(in, out.stops);
  // Only where there are some, as in the tails of earlier versions.
  bool whole = true;
  if (!in.failed() && !in.rest().empty()) {
    ReadList(in, out.deletes);
    whole = !out.deletes.empty();
  }
  if (!in.failed() && !in.rest().empty()) {
    ReadList(in, out.event_deletes);
    whole = !out.event_deletes.empty();
  }
  if (!in.failed() && !in.rest().empty()) {
    ReadList(in, out.public_deletes);
    whole = !out.public_deletes.empty();
  }
  if (!in.Finish().ok() || !whole) {
    return absl::DataLossError("a commit in the redo tail is damaged");
  }
  return out;
}

}  // namespace limpid::consent
