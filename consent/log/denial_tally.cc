#include "consent/log/denial_tally.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/wire.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kLabel = "limpid/denial-tally/1";

}  // namespace

void DenialTally::Count(const std::string& asked_purpose,
                        const std::vector<receipt::AccessLine>& refused) {
  if (count == 0) purpose = asked_purpose;
  if (purpose != asked_purpose) purpose.clear();
  ++count;
  for (const receipt::AccessLine& line : refused) {
    const auto same = std::find_if(lines.begin(), lines.end(),
                                   [&line](const receipt::AccessLine& known) {
                                     return known.attribute == line.attribute;
                                   });
    if (same != lines.end()) {
      same->reason = line.reason;
    } else if (lines.size() < kMaxTallyLines) {
      lines.push_back({line.attribute, 0, {}, {}, line.reason});
    }
  }
}

base::Bytes DenialTally::Encode() const {
  base::ByteWriter out(kLabel);
  out.Raw(service.bytes())
      .Raw(record.bytes())
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(begin)))
      .Raw(access.bytes())
      .Raw(commitment)
      .U8(static_cast<std::uint8_t>(basis))
      .U64(count)
      .Lp(purpose)
      .U16(static_cast<std::uint16_t>(lines.size()));
  for (const receipt::AccessLine& line : lines) {
    out.Lp(line.attribute).U8(static_cast<std::uint8_t>(line.reason));
  }
  return out.Take();
}

absl::StatusOr<DenialTally> DenialTally::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  DenialTally out;
  out.service = ServiceId(reader.Array<16>());
  out.record = RecordId(reader.Array<16>());
  out.begin = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  out.access = AccessId(reader.Array<16>());
  out.commitment = reader.Array<32>();
  out.basis = static_cast<receipt::LegalBasis>(reader.U8());
  out.count = reader.U64();
  out.purpose = reader.LpText();
  const std::uint16_t size = reader.U16();
  for (std::uint16_t i = 0; i < size && !reader.failed(); ++i) {
    receipt::AccessLine line;
    line.attribute = reader.LpText();
    line.reason = static_cast<receipt::Reason>(reader.U8());
    out.lines.push_back(std::move(line));
  }
  if (!reader.Finish().ok()) {
    return absl::DataLossError("a stored tally of refusals is damaged");
  }
  return out;
}

}  // namespace limpid::consent
