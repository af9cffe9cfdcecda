#include "vault/erasure/hold.h"

#include <string_view>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "vault/keys/aad.h"

namespace limpid::vault {
namespace {

constexpr std::string_view kLabel = "limpid/vault/hold/1";

base::Bytes AadOf(const Identity& identity, std::uint8_t suite,
                  const HoldRow& row) {
  Aad aad;
  aad.kind = AadKind::kHold;
  aad.suite = suite;
  aad.operator_name = identity.operator_name;
  aad.holder = row.owner.id;
  aad.key_id = row.id;
  return aad.Encode();
}

}  // namespace

std::string LawOf(HoldGround ground) {
  switch (ground) {
    case HoldGround::kExpression:
      return "GDPR Art. 17(3)(a)";
    case HoldGround::kObligation:
      return "GDPR Art. 17(3)(b)";
    case HoldGround::kPublicHealth:
      return "GDPR Art. 17(3)(c)";
    case HoldGround::kArchive:
      return "GDPR Art. 17(3)(d)";
    case HoldGround::kLegalClaims:
      return "GDPR Art. 17(3)(e)";
    case HoldGround::kRestriction:
      break;
  }
  return "GDPR Art. 18(1)";
}

base::Bytes Hold::Encode() const {
  base::ByteWriter out(kLabel);
  return out.U8(static_cast<std::uint8_t>(ground)).Lp(reason).Take();
}

absl::StatusOr<Hold> Hold::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  Hold out;
  out.ground = static_cast<HoldGround>(reader.U8());
  out.reason = reader.LpText();
  LIMPID_RETURN_IF_ERROR(reader.Finish());
  if (out.ground < HoldGround::kExpression ||
      out.ground > HoldGround::kRestriction || out.reason.empty() ||
      out.reason.size() > kMaxReasonBytes) {
    return absl::InvalidArgumentError("not a hold");
  }
  return out;
}

base::Bytes SealHold(const Identity& identity, crypto::Suite suite,
                     const base::SecretBytes& key, const HoldRow& row,
                     const Hold& hold, crypto::RandomSource& random) {
  return crypto::Seal(suite, key, crypto::KeyId{},
                      AadOf(identity, static_cast<std::uint8_t>(suite), row),
                      hold.Encode(), random);
}

absl::StatusOr<PlacedHold> OpenHold(const Identity& identity,
                                    const base::SecretBytes& key,
                                    const HoldRow& row) {
  LIMPID_ASSIGN_OR_RETURN(
      const base::Bytes bytes,
      crypto::Open(key, crypto::KeyId{},
                   AadOf(identity, SuiteByte(row.sealed), row), row.sealed));
  auto hold = Hold::Decode(bytes);
  if (!hold.ok()) return absl::DataLossError("a hold does not open");
  PlacedHold out{row.id, row.owner.id, *std::move(hold),
                 absl::FromUnixMillis(row.placed_ms), std::nullopt};
  if (row.lifted_ms != 0) out.lifted = absl::FromUnixMillis(row.lifted_ms);
  return out;
}

}  // namespace limpid::vault
