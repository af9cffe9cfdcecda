#include "consent/notice/basis_notice.h"

#include <algorithm>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/wire.h"

namespace limpid::consent {
namespace {

using receipt::LegalBasis;

constexpr std::string_view kLabel = "limpid/basis-notice/1";

void AddOnce(const std::string& text, std::size_t most,
             std::vector<std::string>& out) {
  if (out.size() >= most) return;
  if (std::find(out.begin(), out.end(), text) == out.end()) {
    out.push_back(text);
  }
}

void WriteTexts(const std::vector<std::string>& texts, base::ByteWriter& out) {
  out.U16(static_cast<std::uint16_t>(texts.size()));
  for (const std::string& text : texts) out.Lp(text);
}

std::vector<std::string> ReadTexts(base::ByteReader& reader) {
  std::vector<std::string> out;
  const std::uint16_t count = reader.U16();
  for (std::uint16_t i = 0; i < count && !reader.failed(); ++i) {
    out.push_back(reader.LpText());
  }
  return out;
}

absl::Time ReadTime(base::ByteReader& reader) {
  return absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
}

std::uint64_t Millis(absl::Time time) {
  return static_cast<std::uint64_t>(absl::ToUnixMillis(time));
}

bool IsBasis(std::uint8_t number) {
  return number >= static_cast<std::uint8_t>(LegalBasis::kConsent) &&
         number <= static_cast<std::uint8_t>(LegalBasis::kLegitimateInterests);
}

}  // namespace

bool IsToldOf(LegalBasis basis) {
  return basis != LegalBasis::kConsent && basis != LegalBasis::kContract;
}

void BasisNotice::Count(const NotedAccess& access) {
  ++count;
  last = access.time;
  AddOnce(access.purpose, kMaxNoticePurposes, purposes);
  for (const receipt::AccessLine& line : access.lines) {
    if (line.reason != receipt::Reason::kReleased) continue;
    AddOnce(line.attribute, kMaxNoticeAttributes, attributes);
  }
}

base::Bytes BasisNotice::Encode() const {
  base::ByteWriter out(kLabel);
  out.Raw(id.bytes())
      .Raw(record.bytes())
      .U64(number)
      .Raw(service.bytes())
      .Raw(agreement.bytes())
      .U32(agreement_version)
      .U8(static_cast<std::uint8_t>(basis))
      .U64(Millis(begin))
      .U64(Millis(last))
      .Raw(first_access.bytes())
      .U64(count)
      .U64(seen)
      .U64(Millis(acknowledged));
  WriteTexts(purposes, out);
  WriteTexts(attributes, out);
  return out.Take();
}

absl::StatusOr<BasisNotice> BasisNotice::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  BasisNotice out;
  out.id = BasisNoticeId(reader.Array<16>());
  out.record = RecordId(reader.Array<16>());
  out.number = reader.U64();
  out.service = ServiceId(reader.Array<16>());
  out.agreement = AgreementId(reader.Array<16>());
  out.agreement_version = reader.U32();
  const std::uint8_t basis = reader.U8();
  out.basis = static_cast<LegalBasis>(basis);
  out.begin = ReadTime(reader);
  out.last = ReadTime(reader);
  out.first_access = AccessId(reader.Array<16>());
  out.count = reader.U64();
  out.seen = reader.U64();
  out.acknowledged = ReadTime(reader);
  out.purposes = ReadTexts(reader);
  out.attributes = ReadTexts(reader);
  const bool fits = out.number > 0 && out.seen <= out.count && IsBasis(basis) &&
                    out.begin <= out.last;
  if (!reader.Finish().ok() || !fits) {
    return absl::DataLossError("a stored notice is damaged");
  }
  return out;
}

}  // namespace limpid::consent
