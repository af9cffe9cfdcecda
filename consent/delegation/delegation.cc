#include "consent/delegation/delegation.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kLabel = "limpid/consent-delegation/1";

void Write(base::ByteWriter& out, absl::Time time) {
  out.U64(static_cast<std::uint64_t>(absl::ToUnixMillis(time)));
}

absl::Time ReadTime(base::ByteReader& reader) {
  return absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
}

receipt::Actor ReadActor(base::ByteReader& reader, bool& known) {
  const std::uint8_t number = reader.U8();
  if (number < static_cast<std::uint8_t>(receipt::Actor::kService) ||
      number > static_cast<std::uint8_t>(receipt::Actor::kSystem)) {
    known = false;
  }
  return static_cast<receipt::Actor>(number);
}

bool HasName(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() ||
         std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

base::Bytes HeldDelegation::Encode() const {
  base::ByteWriter out(kLabel);
  out.Raw(id.bytes())
      .Lp(canonical_json)
      .U8(static_cast<std::uint8_t>(made_by))
      .Raw(signature)
      .Raw(administrator);
  Write(out, created);
  Write(out, active);
  Write(out, ended);
  out.U8(static_cast<std::uint8_t>(ended_by)).Lp(end_reason);
  return out.Take();
}

absl::StatusOr<HeldDelegation> HeldDelegation::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  HeldDelegation out;
  bool known = true;
  out.id = DelegationId(reader.Array<16>());
  out.canonical_json = reader.LpText();
  out.made_by = ReadActor(reader, known);
  out.signature = reader.Array<64>();
  out.administrator = reader.Array<32>();
  out.created = ReadTime(reader);
  out.active = ReadTime(reader);
  out.ended = ReadTime(reader);
  out.ended_by = ReadActor(reader, known);
  out.end_reason = reader.LpText();
  auto terms = receipt::Delegation::Parse(out.canonical_json);
  if (!reader.Finish().ok() || !known || !terms.ok()) {
    return absl::DataLossError("a stored delegation is damaged");
  }
  out.terms = *std::move(terms);
  return out;
}

DelegationId DelegationIdOf(std::string_view canonical_json) {
  const base::Digest32 hash =
      crypto::Sha256(receipt::DelegationSigningInput(canonical_json));
  base::ByteArray<16> id{};
  std::copy_n(hash.begin(), id.size(), id.begin());
  return DelegationId(id);
}

bool IsLive(const HeldDelegation& held, absl::Time time) {
  if (held.active == absl::UnixEpoch() || time < held.active) return false;
  if (held.ended != absl::UnixEpoch()) return false;
  return time >= held.terms.from && time < held.terms.until;
}

bool IsOver(const HeldDelegation& held, absl::Time time) {
  return held.ended != absl::UnixEpoch() || time >= held.terms.until;
}

bool Reaches(const receipt::Delegation& terms, const ServiceId& service,
             const Agreement& agreement, const Purposes& purposes) {
  if (!HasName(terms.services, service.Text())) return false;
  for (const std::string& purpose : agreement.content.purposes) {
    if (!terms.purposes.empty() &&
        CoveringPurpose(purpose, terms.purposes, purposes) == nullptr) {
      return false;
    }
  }
  return std::any_of(agreement.content.lines.begin(),
                     agreement.content.lines.end(),
                     [&](const AgreementLine& line) {
                       return HasName(terms.attributes, line.attribute);
                     });
}

const HeldDelegation* FindMandate(const Delegations& delegations,
                                  const PersonId& representative,
                                  receipt::Power power,
                                  const Agreement& agreement,
                                  const Purposes& purposes, absl::Time time) {
  const HeldDelegation* best = nullptr;
  const std::string name = representative.Text();
  for (const auto& [id, held] : delegations) {
    if (!IsLive(held, time) || !held.terms.Names(name) ||
        !held.terms.Has(power) ||
        !Reaches(held.terms, agreement.service, agreement, purposes)) {
      continue;
    }
    if (best == nullptr ||
        held.terms.signature_count < best->terms.signature_count) {
      best = &held;
    }
  }
  return best;
}

const HeldDelegation* FindReserved(const Delegations& delegations,
                                   const Agreement& agreement,
                                   const Purposes& purposes, absl::Time time) {
  for (const auto& [id, held] : delegations) {
    if (held.terms.grant_reserved && IsLive(held, time) &&
        Reaches(held.terms, agreement.service, agreement, purposes)) {
      return &held;
    }
  }
  return nullptr;
}

}  // namespace limpid::consent
