#include "consent/decision_notice/decision_notice.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kLabel = "limpid/decision-notice/1";
// A decision that is not made yet explains nothing; clocks differ.
constexpr absl::Duration kDecisionSkew = absl::Minutes(5);

absl::Status Wrong(std::string_view path, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(base::ToAbsl(path), ": ", base::ToAbsl(why)));
}

bool IsText(std::string_view text) {
  const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n') || byte == 0x7f;
  });
  return plain && base::IsUtf8(text);
}

absl::Status CheckText(std::string_view path, std::string_view text,
                       std::size_t min, std::size_t max) {
  if (text.size() < min) return Wrong(path, "is missing");
  if (text.size() > max) {
    return Wrong(path, absl::StrCat("has more than ", max, " bytes"));
  }
  if (!IsText(text)) {
    return Wrong(path, "is no UTF-8, or has control characters");
  }
  return absl::OkStatus();
}

absl::Status CheckList(std::string_view path,
                       const std::vector<std::string>& list, std::size_t max,
                       std::size_t bytes) {
  if (list.empty()) return Wrong(path, "is missing");
  if (list.size() > max) {
    return Wrong(path, absl::StrCat("has more than ", max, " entries"));
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    LIMPID_RETURN_IF_ERROR(CheckText(
        absl::StrCat(base::ToAbsl(path), "[", i, "]"), list[i], 1, bytes));
  }
  return absl::OkStatus();
}

void WriteTime(base::ByteWriter& out, absl::Time time) {
  out.U64(static_cast<std::uint64_t>(absl::ToUnixMillis(time)));
}

absl::Time ReadTime(base::ByteReader& reader) {
  return absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
}

void WriteList(base::ByteWriter& out, const std::vector<std::string>& list) {
  out.U16(static_cast<std::uint16_t>(list.size()));
  for (const std::string& text : list) out.Lp(text);
}

std::vector<std::string> ReadList(base::ByteReader& reader) {
  std::vector<std::string> out;
  const std::uint16_t count = reader.U16();
  for (std::uint16_t i = 0; i < count && !reader.failed(); ++i) {
    out.push_back(reader.LpText());
  }
  return out;
}

}  // namespace

absl::Status CheckDecisionContent(const DecisionContent& content,
                                  absl::Time now) {
  if (content.deployment.none()) return Wrong("deployment_id", "is missing");
  if (content.deployment_version == 0) {
    return Wrong("deployment_version", "is missing");
  }
  if (content.decided <= absl::UnixEpoch()) {
    return Wrong("decision_time", "is missing");
  }
  if (content.decided > now + kDecisionSkew) {
    return Wrong("decision_time", "is in the future");
  }
  LIMPID_RETURN_IF_ERROR(CheckList("inputs", content.inputs, kMaxDecisionInputs,
                                   kMaxInputNameBytes));
  LIMPID_RETURN_IF_ERROR(CheckList("factors", content.factors,
                                   kMaxDecisionFactors, kMaxFactorBytes));
  LIMPID_RETURN_IF_ERROR(
      CheckText("contact", content.contact, 1, kMaxContactBytes));
  LIMPID_RETURN_IF_ERROR(
      CheckText("objection", content.objection, 1, kMaxDecisionTextBytes));
  return CheckText("outcome", content.outcome, 0, kMaxDecisionTextBytes);
}

base::Bytes DecisionNotice::Encode() const {
  base::ByteWriter out(kLabel);
  out.Raw(service.bytes()).Raw(record.bytes());
  WriteTime(out, received);
  WriteTime(out, acknowledged);
  out.Raw(content.deployment.bytes()).U32(content.deployment_version);
  WriteTime(out, content.decided);
  WriteList(out, content.inputs);
  WriteList(out, content.factors);
  out.Lp(content.contact).Lp(content.objection).Lp(content.outcome);
  return out.Take();
}

absl::StatusOr<DecisionNotice> DecisionNotice::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  DecisionNotice out;
  out.service = ServiceId(reader.Array<16>());
  out.record = RecordId(reader.Array<16>());
  out.received = ReadTime(reader);
  out.acknowledged = ReadTime(reader);
  out.content.deployment = DeploymentId(reader.Array<16>());
  out.content.deployment_version = reader.U32();
  out.content.decided = ReadTime(reader);
  out.content.inputs = ReadList(reader);
  out.content.factors = ReadList(reader);
  out.content.contact = reader.LpText();
  out.content.objection = reader.LpText();
  out.content.outcome = reader.LpText();
  if (!reader.Finish().ok()) {
    return absl::DataLossError("a stored decision notice is damaged");
  }
  return out;
}

}  // namespace limpid::consent
