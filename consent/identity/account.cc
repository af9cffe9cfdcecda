#include "consent/identity/account.h"

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/wire.h"
#include "common/jose/jwk.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kLabel = "limpid/consent-account/1";

}  // namespace

std::optional<HolderId> Account::HolderAt(const SourceId& source) const {
  for (const SourceLink& link : links) {
    if (link.source == source) return link.holder;
  }
  return std::nullopt;
}

base::Bytes Account::Encode() const {
  base::ByteWriter out(kLabel);
  out.U64(static_cast<std::uint64_t>(absl::ToUnixMillis(created)));
  out.U16(static_cast<std::uint16_t>(keys.size()));
  for (const crypto::Ed25519PublicKey& key : keys) out.Raw(key.bytes);
  out.U16(static_cast<std::uint16_t>(links.size()));
  for (const SourceLink& link : links) {
    out.Raw(link.source.bytes()).Raw(link.holder.bytes());
  }
  return out.Take();
}

absl::StatusOr<Account> Account::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  Account out;
  out.created = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  const std::uint16_t keys = reader.U16();
  for (std::uint16_t i = 0; i < keys && !reader.failed(); ++i) {
    out.keys.push_back({reader.Array<32>()});
  }
  const std::uint16_t links = reader.U16();
  for (std::uint16_t i = 0; i < links && !reader.failed(); ++i) {
    SourceLink link;
    link.source = SourceId(reader.Array<16>());
    link.holder = HolderId(reader.Array<16>());
    out.links.push_back(link);
  }
  if (!reader.Finish().ok()) {
    return absl::DataLossError("a stored account is damaged");
  }
  return out;
}

std::string KeyIdOf(const crypto::Ed25519PublicKey& key) {
  return jose::PublicJwk(key).Thumbprint();
}

}  // namespace limpid::consent
