#include "consent/embargo/embargoed.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/receipt/access_entry.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kLabel = "limpid/embargoed-entry/1";
// Separate these blinded values from others.
constexpr std::uint8_t kOpeningBlind = 104;
constexpr std::uint8_t kLogBlind = 105;
// Hides how many lines an entry has, a little, as other entries' rows do.
constexpr std::size_t kPadBytes = 128;
constexpr std::size_t kRowsPerRead = 256;

absl::Status Damaged() {
  return absl::DataLossError("an embargoed entry is damaged");
}

EmbargoEnds ReadEnds(base::ByteReader& reader, bool& ordered) {
  EmbargoEnds out;
  std::uint16_t before = 0;
  for (auto left = reader.U16(); left > 0 && !reader.failed(); --left) {
    const std::uint16_t days = reader.U16();
    EmbargoEnd end;
    end.sequence = reader.U64();
    end.commitment = reader.Array<32>();
    ordered = ordered && days > before;
    before = days;
    out[days] = end;
  }
  return out;
}

}  // namespace

receipt::EmbargoItem EmbargoedEntry::Item() const {
  return {until, receipt::CommitAccessEntry(opening, entry)};
}

base::Bytes EmbargoedEntry::Encode() const {
  base::ByteWriter out(kLabel);
  out.U64(position)
      .Raw(opening)
      .U16(days)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(until)))
      .U16(static_cast<std::uint16_t>(ends.size()));
  for (const auto& [of_days, end] : ends) {
    out.U16(of_days).U64(end.sequence).Raw(end.commitment);
  }
  out.Lp(entry);
  base::Bytes bytes = out.Take();
  bytes.resize((bytes.size() + kPadBytes - 1) / kPadBytes * kPadBytes);
  return bytes;
}

absl::StatusOr<EmbargoedEntry> EmbargoedEntry::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  EmbargoedEntry out;
  bool ordered = true;
  out.position = reader.U64();
  out.opening = reader.Array<32>();
  out.days = reader.U16();
  out.until = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  out.ends = ReadEnds(reader, ordered);
  out.entry = base::ToBytes(reader.Lp());
  const base::ByteView padding = reader.rest();
  const bool zero = padding.size() < kPadBytes &&
                    std::all_of(padding.begin(), padding.end(),
                                [](std::uint8_t byte) { return byte == 0; });
  if (reader.failed() || !zero || !ordered || out.days == 0 ||
      out.days > receipt::kMaxEmbargoDays || !out.ends.contains(out.days)) {
    return Damaged();
  }
  return out;
}

RowKey EmbargoRowKey(std::uint16_t shard, const PersonId& person,
                     std::uint64_t number) {
  return {shard, person, RowKind::kEmbargoed, {}, number};
}

PersonalRow RowOf(const EmbargoedEntry& entry, const RowKey& key,
                  const base::SecretBytes& person_key, absl::Time time) {
  PersonalRow row;
  row.key = key;
  row.state = static_cast<std::uint8_t>(EmbargoRowState::kWaiting);
  row.created_ms = absl::ToUnixMillis(time);
  row.due_ms = absl::ToUnixMillis(entry.until);
  row.payload = SealRow(person_key, row.key, entry.Encode());
  return row;
}

absl::StatusOr<EmbargoedEntry> OpenEmbargoed(
    const base::SecretBytes& person_key, const PersonalRow& row) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(person_key, row));
  return EmbargoedEntry::Decode(opened);
}

bool IsTold(const PersonalRow& row) {
  return row.state == static_cast<std::uint8_t>(EmbargoRowState::kTold);
}

bool IsTold(const PersonalRow& row, const EmbargoedEntry& entry,
            absl::Time now) {
  return IsTold(row) && entry.until <= now;
}

RowId EmbargoLogOf(const Blinder& blinder, const PersonId& person,
                   std::uint16_t days) {
  base::ByteWriter number;
  number.U16(days);
  return blinder.Blind(kLogBlind, {person.bytes(), number.bytes()});
}

base::ByteArray<32> EmbargoOpeningOf(const Blinder& blinder,
                                     const PersonId& person,
                                     const AccessId& access,
                                     std::uint32_t layer) {
  base::ByteWriter number;
  number.U32(layer);
  return blinder.BlindWhole(kOpeningBlind,
                            {person.bytes(), access.bytes(), number.bytes()});
}

void SortByDate(std::vector<receipt::EmbargoItem>& items) {
  std::stable_sort(items.begin(), items.end(), IsDatedEarlier);
}

absl::StatusOr<PersonEmbargo> ReadPersonEmbargo(
    const LedgerStore& store, std::uint16_t shard, const PersonId& person,
    const base::SecretBytes& person_key, std::uint64_t position) {
  PersonEmbargo out;
  RowKey below = EmbargoRowKey(shard, person, INT64_MAX);
  // Most have none, or none since: one row says so.
  std::size_t limit = 1;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(const auto rows, store.ListDown(below, limit));
    for (const PersonalRow& row : rows) {
      LIMPID_ASSIGN_OR_RETURN(EmbargoedEntry entry,
                              OpenEmbargoed(person_key, row));
      if (out.row == 0) {
        out.row = row.key.sequence;
        out.ends = std::move(entry.ends);
      }
      if (entry.position <= position) {
        std::reverse(out.open.begin(), out.open.end());
        return out;
      }
      out.open.push_back(entry.Item());
    }
    if (rows.size() < limit) break;
    below.sequence = rows.back().key.sequence;
    limit = kRowsPerRead;
  }
  std::reverse(out.open.begin(), out.open.end());
  return out;
}

}  // namespace limpid::consent
