#include "consent/propagation/stream_event.h"

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/wire.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kLabel = "limpid/consent-stream-event/1";

}  // namespace

base::Bytes StreamEvent::Encode() const {
  base::ByteWriter out(kLabel);
  out.Raw(record.bytes())
      .Raw(pseudonym)
      .U8(static_cast<std::uint8_t>(state))
      .U32(revision)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(time)))
      .Raw(agreement.bytes())
      .U32(agreement_version)
      .U16(static_cast<std::uint16_t>(attributes.size()));
  for (const std::string& attribute : attributes) out.Lp(attribute);
  return out.Take();
}

absl::StatusOr<StreamEvent> StreamEvent::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  StreamEvent out;
  out.record = RecordId(reader.Array<16>());
  out.pseudonym = reader.Array<16>();
  const auto state = ParseState(reader.U8());
  out.revision = reader.U32();
  out.time = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  out.agreement = AgreementId(reader.Array<16>());
  out.agreement_version = reader.U32();
  const std::uint16_t count = reader.U16();
  for (std::uint16_t i = 0; i < count && !reader.failed(); ++i) {
    out.attributes.push_back(reader.LpText());
  }
  if (!reader.Finish().ok() || !state.ok()) {
    return absl::DataLossError("a stored event is damaged");
  }
  out.state = *state;
  return out;
}

}  // namespace limpid::consent
