#include "consent/ledger/absent_key.h"

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kLabel = "limpid/absent-key/1";

}  // namespace

PublicRow RowOf(const AbsentKey& absent, std::int64_t created_ms) {
  PublicRow row;
  row.kind = PublicKind::kAbsentKey;
  row.id = base::ToBytes(absent.person.bytes());
  row.created_ms = created_ms;
  row.payload = base::ByteWriter(kLabel)
                    .U64(absent.stop)
                    .U8(static_cast<std::uint8_t>(absent.state))
                    .Take();
  return row;
}

absl::StatusOr<AbsentKey> ParseAbsentKey(const PublicRow& row) {
  base::ByteReader reader(row.payload);
  reader.Label(kLabel);
  AbsentKey out;
  out.stop = reader.U64();
  const std::uint8_t state = reader.U8();
  const auto person = base::ToArray<16>(row.id);
  if (!reader.Finish().ok() ||
      state > static_cast<std::uint8_t>(AbsentState::kPart) || !person.ok()) {
    return absl::DataLossError("the row of an absent key is damaged");
  }
  out.person = PersonId(*person);
  out.state = static_cast<AbsentState>(state);
  return out;
}

absl::StatusOr<std::vector<AbsentKey>> AbsentKeys(const LedgerStore& store) {
  LIMPID_ASSIGN_OR_RETURN(const auto rows,
                          store.ListPublic(PublicKind::kAbsentKey));
  std::vector<AbsentKey> out;
  for (const PublicRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(const AbsentKey absent, ParseAbsentKey(row));
    if (absent.state != AbsentState::kDone) out.push_back(absent);
  }
  return out;
}

}  // namespace limpid::consent
