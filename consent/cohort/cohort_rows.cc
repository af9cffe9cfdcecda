#include "consent/cohort/cohort_rows.h"

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kCountedLabel = "limpid/counted/1";
constexpr std::string_view kTallyLabel = "limpid/cohort-tally/1";
// Separate these blinded values from others.
constexpr std::uint8_t kCountedBlind = 102;
constexpr std::uint8_t kCohortBlind = 103;

RowId NameOf(const Blinder& blinder, std::uint8_t blind, const CohortKey& key) {
  return blinder.Blind(
      blind, {key.agreement.bytes(), key.source.bytes(),
              base::AsBytes(key.purpose), base::AsBytes(key.attribute)});
}

absl::Status Damaged() {
  return absl::DataLossError("a stored row of a cohort is damaged");
}

}  // namespace

base::Bytes CountedRow::Encode() const {
  return base::ByteWriter(kCountedLabel)
      .U64(epoch)
      .Raw(record.bytes())
      .Raw(access.bytes())
      .Take();
}

absl::StatusOr<CountedRow> CountedRow::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kCountedLabel);
  CountedRow out;
  out.epoch = reader.U64();
  out.record = RecordId(reader.Array<16>());
  out.access = AccessId(reader.Array<16>());
  if (!reader.Finish().ok()) return Damaged();
  return out;
}

base::Bytes CohortTally::Encode() const {
  return base::ByteWriter(kTallyLabel).U64(epoch).U32(permit_count).Take();
}

absl::StatusOr<CohortTally> CohortTally::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kTallyLabel);
  CohortTally out;
  out.epoch = reader.U64();
  out.permit_count = reader.U32();
  if (!reader.Finish().ok()) return Damaged();
  return out;
}

RowKey CountedRowKey(const Blinder& blinder, const PersonState& person,
                     const CohortKey& key) {
  return {person.shard, person.id, RowKind::kCounted,
          NameOf(blinder, kCountedBlind, key), 0};
}

PersonalRow RowOf(const RowKey& row_key, const base::SecretBytes& person_key,
                  absl::Time time, const CountedRow& counted) {
  PersonalRow row;
  row.key = row_key;
  row.created_ms = absl::ToUnixMillis(time);
  row.payload = SealRow(person_key, row.key, counted.Encode());
  return row;
}

absl::StatusOr<std::optional<CountedRow>> LastCounted(const LedgerStore& store,
                                                      const PersonState& person,
                                                      const RowKey& row_key) {
  LIMPID_ASSIGN_OR_RETURN(const auto row, store.Get(row_key));
  if (!row) return std::optional<CountedRow>();
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(*person.key, *row));
  LIMPID_ASSIGN_OR_RETURN(const CountedRow counted, CountedRow::Decode(opened));
  return std::optional(counted);
}

PublicRow RowOf(const Blinder& blinder, const base::SecretBytes& row_key,
                const CohortKey& key, absl::Time time,
                const CohortTally& tally) {
  PublicRow row;
  row.kind = PublicKind::kCohort;
  row.id = base::ToBytes(NameOf(blinder, kCohortBlind, key));
  row.created_ms = absl::ToUnixMillis(time);
  row.payload = SealPublic(row_key, row.kind, row.id, tally.Encode());
  return row;
}

absl::StatusOr<std::uint32_t> PermitsIn(const LedgerStore& store,
                                        const Blinder& blinder,
                                        const base::SecretBytes& row_key,
                                        const CohortKey& key,
                                        std::uint64_t epoch) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      store.GetPublic(PublicKind::kCohort, NameOf(blinder, kCohortBlind, key)));
  if (!row) return 0;
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenPublic(row_key, *row));
  LIMPID_ASSIGN_OR_RETURN(const CohortTally tally, CohortTally::Decode(opened));
  return tally.epoch == epoch ? tally.permit_count : 0;
}

}  // namespace limpid::consent
