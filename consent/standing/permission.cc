#include "consent/standing/permission.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kLabel = "limpid/consent-standing/1";

absl::Time ReadTime(base::ByteReader& reader) {
  return absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
}

std::uint64_t Millis(absl::Time time) {
  return static_cast<std::uint64_t>(absl::ToUnixMillis(time));
}

}  // namespace

base::Bytes HeldStanding::Encode() const {
  base::ByteWriter out(kLabel);
  out.Raw(id.bytes())
      .Lp(canonical_json)
      .Raw(signature)
      .U64(Millis(created))
      .U64(Millis(ended));
  return out.Take();
}

absl::StatusOr<HeldStanding> HeldStanding::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  HeldStanding out;
  out.id = StandingId(reader.Array<16>());
  out.canonical_json = reader.LpText();
  out.signature = reader.Array<64>();
  out.created = ReadTime(reader);
  out.ended = ReadTime(reader);
  auto terms = receipt::StandingPermission::Parse(out.canonical_json);
  if (!reader.Finish().ok() || !terms.ok()) {
    return absl::DataLossError("a stored standing permission is damaged");
  }
  out.terms = *std::move(terms);
  return out;
}

StandingId StandingIdOf(std::string_view canonical_json) {
  const base::Digest32 hash =
      crypto::Sha256(receipt::StandingSigningInput(canonical_json));
  base::ByteArray<16> id{};
  std::copy_n(hash.begin(), id.size(), id.begin());
  return StandingId(id);
}

RowKey StandingRowKey(std::uint16_t shard, const PersonId& person,
                      const StandingId& permission) {
  return {shard, person, RowKind::kStanding, permission.bytes(), 0};
}

}  // namespace limpid::consent
