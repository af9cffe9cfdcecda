#include "consent/duty/duty.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kLabel = "limpid/deletion-duty/1";

std::uint64_t Millis(absl::Time time) {
  return static_cast<std::uint64_t>(absl::ToUnixMillis(time));
}

absl::Time ReadTime(base::ByteReader& reader) {
  return absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
}

// A number of a closed list [1, last].
template <typename Enum>
Enum ReadEnum(base::ByteReader& reader, Enum last, bool& known) {
  const std::uint8_t number = reader.U8();
  if (number == 0 || number > static_cast<std::uint8_t>(last)) known = false;
  return static_cast<Enum>(number);
}

void ReadSubject(base::ByteReader& reader, Duty& out) {
  out.id = DutyId(reader.Array<16>());
  out.record = RecordId(reader.Array<16>());
  out.revision = reader.U32();
  out.service = ServiceId(reader.Array<16>());
  out.pseudonym = reader.Array<16>();
  out.agreement = AgreementId(reader.Array<16>());
  out.agreement_version = reader.U32();
}

}  // namespace

base::Bytes Duty::Encode() const {
  base::ByteWriter out(kLabel);
  out.Raw(id.bytes())
      .Raw(record.bytes())
      .U32(revision)
      .Raw(service.bytes())
      .Raw(pseudonym)
      .Raw(agreement.bytes())
      .U32(agreement_version)
      .U8(static_cast<std::uint8_t>(cause))
      .U8(static_cast<std::uint8_t>(state))
      .U64(Millis(created))
      .U64(Millis(opens))
      .U64(Millis(due))
      .U64(Millis(answered))
      .U8(refusal ? static_cast<std::uint8_t>(*refusal) : 0)
      .Lp(explanation)
      .U16(static_cast<std::uint16_t>(attributes.size()));
  for (const std::string& attribute : attributes) out.Lp(attribute);
  return out.Take();
}

absl::StatusOr<Duty> Duty::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  Duty out;
  bool known = true;
  ReadSubject(reader, out);
  out.cause = ReadEnum(reader, DutyCause::kDataLife, known);
  out.state = ReadEnum(reader, DutyState::kRefused, known);
  out.created = ReadTime(reader);
  out.opens = ReadTime(reader);
  out.due = ReadTime(reader);
  out.answered = ReadTime(reader);
  const std::uint8_t refusal = reader.U8();
  if (refusal != 0) out.refusal = static_cast<RefusalReason>(refusal);
  if (refusal > static_cast<std::uint8_t>(RefusalReason::kOtherLegalGround) ||
      (refusal != 0) != (out.state == DutyState::kRefused)) {
    known = false;
  }
  out.explanation = reader.LpText();
  const std::uint16_t count = reader.U16();
  for (std::uint16_t i = 0; i < count && !reader.failed(); ++i) {
    out.attributes.push_back(reader.LpText());
  }
  if (!reader.Finish().ok() || !known) {
    return absl::DataLossError("a stored deletion duty is damaged");
  }
  return out;
}

bool IsUnanswered(DutyState state) {
  switch (state) {
    case DutyState::kScheduled:
    case DutyState::kOpen:
    case DutyState::kOverdue:
      return true;
    case DutyState::kAcknowledged:
    case DutyState::kRefused:
      return false;
  }
  return true;
}

DutyState StateAt(const Duty& duty, absl::Time now) {
  if (!IsUnanswered(duty.state)) return duty.state;
  // What was once announced stays announced, whatever the clock does.
  if (now >= duty.due) return DutyState::kOverdue;
  if (now >= duty.opens) return std::max(duty.state, DutyState::kOpen);
  return duty.state;
}

std::optional<absl::Time> NextLook(const Duty& duty) {
  if (duty.state == DutyState::kScheduled) return duty.opens;
  if (duty.state == DutyState::kOpen) return duty.due;
  return std::nullopt;
}

absl::Duration DutyTime(std::uint32_t retention_days) {
  return std::clamp(absl::Hours(24) * retention_days, kMinDutyTime,
                    kMaxDutyTime);
}

absl::Status CheckRefusal(RefusalReason reason, std::string_view explanation) {
  const auto number = static_cast<std::uint8_t>(reason);
  if (number == 0 ||
      number > static_cast<std::uint8_t>(RefusalReason::kOtherLegalGround)) {
    return absl::InvalidArgumentError(
        "reason: is not one of the legal grounds for keeping data");
  }
  if (explanation.empty() || explanation.size() > kMaxExplanationBytes ||
      !base::IsUtf8(explanation)) {
    return absl::InvalidArgumentError(
        "explanation: is empty, too long or not UTF-8");
  }
  return absl::OkStatus();
}

}  // namespace limpid::consent
