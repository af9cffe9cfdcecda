#include "consent/training/training_rows.h"

#include <string_view>

#include "absl/status/status.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/receipt/training_commitment.h"
#include "consent/ledger/sealing.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kReadLabel = "limpid/training-read/1";
constexpr std::string_view kReleaseLabel = "limpid/training-release/1";
constexpr std::string_view kSnapshotLabel = "limpid/training-snapshot/1";
constexpr std::string_view kLeavesLabel = "limpid/training-leaves/1";

absl::Status Damaged() {
  return absl::DataLossError("a stored row of a training release is damaged");
}

void Write(base::ByteWriter& out, absl::Time time) {
  out.U64(static_cast<std::uint64_t>(absl::ToUnixMillis(time)));
}

absl::Time ReadTime(base::ByteReader& reader) {
  return absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
}

void Write(base::ByteWriter& out, const TrainingTarget& use) {
  out.Raw(use.snapshot.bytes())
      .Raw(use.system.bytes())
      .Raw(use.service.bytes())
      .Raw(use.record.bytes())
      .Raw(use.pseudonym);
}

TrainingTarget ReadTarget(base::ByteReader& reader) {
  TrainingTarget out;
  out.snapshot = SnapshotId(reader.Array<16>());
  out.system = SystemId(reader.Array<16>());
  out.service = ServiceId(reader.Array<16>());
  out.record = RecordId(reader.Array<16>());
  out.pseudonym = reader.Array<16>();
  return out;
}

base::Bytes LeavesId(const SnapshotId& snapshot, LeavesRow which,
                     std::uint32_t number) {
  return base::ByteWriter()
      .Raw(snapshot.bytes())
      .U8(static_cast<std::uint8_t>(which))
      .U32(number)
      .Take();
}

}  // namespace

base::Bytes TrainingRead::Encode() const {
  base::ByteWriter out(kReadLabel);
  Write(out, use);
  out.Raw(commitment);
  Write(out, time);
  return out.Take();
}

absl::StatusOr<TrainingRead> TrainingRead::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kReadLabel);
  TrainingRead out;
  out.use = ReadTarget(reader);
  out.commitment = reader.Array<32>();
  out.time = ReadTime(reader);
  if (!reader.Finish().ok()) return Damaged();
  return out;
}

base::Digest32 StoredRelease::Leaf() const {
  return receipt::TrainingLeaf(
      opening,
      {use.snapshot.bytes(), use.system.bytes(), use.pseudonym, reads});
}

base::Bytes StoredRelease::Encode() const {
  base::ByteWriter out(kReleaseLabel);
  Write(out, use);
  Write(out, first);
  Write(out, last);
  out.Raw(opening).U16(static_cast<std::uint16_t>(reads.size()));
  for (const base::Digest32& read : reads) out.Raw(read);
  return out.Take();
}

absl::StatusOr<StoredRelease> StoredRelease::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kReleaseLabel);
  StoredRelease out;
  out.use = ReadTarget(reader);
  out.first = ReadTime(reader);
  out.last = ReadTime(reader);
  out.opening = reader.Array<32>();
  const std::uint16_t count = reader.U16();
  for (std::uint16_t i = 0; i < count && !reader.failed(); ++i) {
    out.reads.push_back(reader.Array<32>());
  }
  if (!reader.Finish().ok() || count == 0 ||
      count > receipt::kMaxTrainingReads) {
    return Damaged();
  }
  return out;
}

base::Bytes TrainingSnapshot::Encode() const {
  base::ByteWriter out(kSnapshotLabel);
  out.U8(static_cast<std::uint8_t>(stage)).Raw(dataset.bytes());
  Write(out, sealed);
  out.U32(part_count).U32(size).U32(static_cast<std::uint32_t>(chunks.size()));
  for (const LeafChunk& chunk : chunks) out.Raw(chunk.first).Raw(chunk.root);
  return out.Lp(entry).U64(log_index).Take();
}

absl::StatusOr<TrainingSnapshot> TrainingSnapshot::Decode(
    base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kSnapshotLabel);
  TrainingSnapshot out;
  const std::uint8_t stage = reader.U8();
  out.dataset = DatasetId(reader.Array<16>());
  out.sealed = ReadTime(reader);
  out.part_count = reader.U32();
  out.size = reader.U32();
  const std::uint32_t count = reader.U32();
  for (std::uint32_t i = 0; i < count && !reader.failed(); ++i) {
    LeafChunk chunk;
    chunk.first = reader.Array<32>();
    chunk.root = reader.Array<32>();
    out.chunks.push_back(chunk);
  }
  out.entry = base::ToBytes(reader.Lp());
  out.log_index = reader.U64();
  if (!reader.Finish().ok() || stage < 1 ||
      stage > static_cast<std::uint8_t>(SnapshotStage::kPublished)) {
    return Damaged();
  }
  out.stage = static_cast<SnapshotStage>(stage);
  return out;
}

RowKey TrainingReadRowKey(std::uint16_t shard, const PersonId& person,
                          std::uint64_t sequence) {
  return {shard, person, RowKind::kTrainingRead, RowId{}, sequence};
}

PersonalRow RowOf(const TrainingRead& read, std::uint64_t sequence,
                  const PersonState& person) {
  PersonalRow row;
  row.key = TrainingReadRowKey(person.shard, person.id, sequence);
  row.created_ms = absl::ToUnixMillis(read.time);
  row.payload = SealRow(*person.key, row.key, read.Encode());
  return row;
}

absl::StatusOr<TrainingRead> OpenTrainingRead(
    const base::SecretBytes& person_key, const PersonalRow& row) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(person_key, row));
  return TrainingRead::Decode(opened);
}

PersonalRow RowOf(const StoredRelease& release, const PersonState& person,
                  absl::Time now) {
  PersonalRow row;
  row.key = {person.shard, person.id, RowKind::kTrainingRelease,
             base::RandomIdBytes(), 0};
  row.created_ms = absl::ToUnixMillis(now);
  row.payload = SealRow(*person.key, row.key, release.Encode());
  return row;
}

absl::StatusOr<StoredRelease> OpenRelease(const base::SecretBytes& person_key,
                                          const PersonalRow& row) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(person_key, row));
  return StoredRelease::Decode(opened);
}

PublicRow RowOf(const base::SecretBytes& row_key,
                const TrainingSnapshot& snapshot) {
  PublicRow row;
  row.kind = PublicKind::kTrainingSnapshot;
  row.id = base::ToBytes(snapshot.id.bytes());
  row.payload = SealPublic(row_key, row.kind, row.id, snapshot.Encode());
  return row;
}

absl::StatusOr<TrainingSnapshot> OpenSnapshot(const base::SecretBytes& row_key,
                                              const PublicRow& row) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenPublic(row_key, row));
  LIMPID_ASSIGN_OR_RETURN(TrainingSnapshot out,
                          TrainingSnapshot::Decode(opened));
  LIMPID_ASSIGN_OR_RETURN(out.id, SnapshotId::FromBytes(row.id));
  return out;
}

PublicRow RowOf(const base::SecretBytes& row_key, const SnapshotId& snapshot,
                LeavesRow which, std::uint32_t number,
                const std::vector<base::Digest32>& leaves) {
  base::ByteWriter out(kLeavesLabel);
  out.U32(static_cast<std::uint32_t>(leaves.size()));
  for (const base::Digest32& leaf : leaves) out.Raw(leaf);
  PublicRow row;
  row.kind = PublicKind::kTrainingLeaves;
  row.id = LeavesId(snapshot, which, number);
  row.payload = SealPublic(row_key, row.kind, row.id, out.bytes());
  return row;
}

absl::StatusOr<std::vector<base::Digest32>> ReadLeaves(
    const LedgerStore& store, const base::SecretBytes& row_key,
    const SnapshotId& snapshot, LeavesRow which, std::uint32_t number) {
  LIMPID_ASSIGN_OR_RETURN(const auto row,
                          store.GetPublic(PublicKind::kTrainingLeaves,
                                          LeavesId(snapshot, which, number)));
  if (!row) return Damaged();
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenPublic(row_key, *row));
  base::ByteReader reader(opened);
  reader.Label(kLeavesLabel);
  std::vector<base::Digest32> out;
  const std::uint32_t count = reader.U32();
  for (std::uint32_t i = 0; i < count && !reader.failed(); ++i) {
    out.push_back(reader.Array<32>());
  }
  if (!reader.Finish().ok()) return Damaged();
  return out;
}

}  // namespace limpid::consent
