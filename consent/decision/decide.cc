#include "consent/decision/decide.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"

namespace limpid::consent {
namespace {

using receipt::Reason;

// The reason a state gives on its own; kReleased only for GRANTED.
Reason ReasonOfState(RecordState state) {
  switch (state) {
    case RecordState::kGranted:
      return Reason::kReleased;
    case RecordState::kPaused:
      return Reason::kPaused;
    case RecordState::kWithdrawn:
      return Reason::kWithdrawn;
    case RecordState::kRevoked:
      return Reason::kRevoked;
    case RecordState::kExpired:
      return Reason::kExpired;
    case RecordState::kExhausted:
      return Reason::kLimit;
    case RecordState::kInvalidated:
      return Reason::kInvalidated;
    case RecordState::kDraft:
    case RecordState::kRequested:
    case RecordState::kDeferred:
    case RecordState::kAwaitingOthers:
    case RecordState::kRefused:
    case RecordState::kLapsed:
    case RecordState::kSuperseded:
    case RecordState::kTerminated:
      return Reason::kNoConsent;
  }
  return Reason::kNoConsent;
}

Reason ReasonOfTraining(const TrainingUse& training, const Standing& standing) {
  const AgreementContent& content = standing.agreement->content;
  if (!content.ai_training) return Reason::kPurpose;
  if (!standing.may_train) return Reason::kPolicy;
  const auto& systems = content.systems;
  if (std::find(systems.begin(), systems.end(), training.system) ==
      systems.end()) {
    return Reason::kCaller;
  }
  return Reason::kReleased;
}

// Why an atomic agreement as a whole gives nothing: every line must still be
// granted, within the ceiling, and at a source that knows the person.
Reason ReasonOfMissingPart(const Standing& standing) {
  const std::vector<AgreementLine>& lines = standing.agreement->content.lines;
  if (standing.record->lines.size() != lines.size()) return Reason::kNoConsent;
  if (!standing.every_part_shared) return Reason::kPolicy;
  for (const AgreementLine& line : lines) {
    if (!standing.service->MayAskFor(line.attribute)) return Reason::kPolicy;
    const bool linked = std::any_of(
        standing.links.begin(), standing.links.end(),
        [&](const SourceLink& link) { return link.source == line.source; });
    if (!linked) return Reason::kNoConsent;
  }
  return Reason::kReleased;
}

bool IsOverLimit(const Standing& standing) {
  const AgreementContent& content = standing.agreement->content;
  const auto over = [](std::uint64_t count, std::uint64_t max) {
    return max != 0 && count >= max;
  };
  return over(standing.use_count, content.use_count_max) ||
         over(standing.period_use_count, content.frequency.use_count_max);
}

// Everything that does not depend on the attribute.
Reason ReasonForAll(const ReadRequest& request, const Standing& standing,
                    const Purposes& purposes, absl::Time now) {
  if (standing.record == nullptr) return Reason::kNoConsent;
  const Revision& record = *standing.record;
  if (record.service != standing.caller) return Reason::kCaller;
  const Reason state = ReasonOfState(record.state);
  if (state != Reason::kReleased) return state;
  if (now < record.from || now >= record.until) return Reason::kExpired;
  if (standing.outdated_from && now >= *standing.outdated_from) {
    return Reason::kNoticeOutdated;
  }
  if (!standing.representative_may) return Reason::kRepresentative;
  const AgreementContent& content = standing.agreement->content;
  if (CoveringPurpose(request.purpose, content.purposes, purposes) == nullptr) {
    return Reason::kPurpose;
  }
  if (request.training) {
    const Reason training = ReasonOfTraining(*request.training, standing);
    if (training != Reason::kReleased) return training;
  }
  if (IsOverLimit(standing)) return Reason::kLimit;
  if (!standing.service->MayPursue(request.purpose, purposes) ||
      !standing.service->MayRelyOn(content.basis)) {
    return Reason::kPolicy;
  }
  if (!standing.linked) return Reason::kNoConsent;
  return content.atomic ? ReasonOfMissingPart(standing) : Reason::kReleased;
}

receipt::AccessLine DecideLine(const std::string& attribute,
                               const Standing& standing, Reason for_all,
                               bool shared) {
  receipt::AccessLine out;
  out.attribute = attribute;
  out.reason = for_all;
  if (for_all != Reason::kReleased) return out;
  const std::optional<std::size_t> at = standing.agreement->FindLine(attribute);
  const auto& chosen = standing.record->lines;
  if (!at || !std::binary_search(chosen.begin(), chosen.end(),
                                 static_cast<std::uint16_t>(*at))) {
    out.reason = Reason::kNoConsent;
    return out;
  }
  if (!standing.service->MayAskFor(attribute) || !shared) {
    out.reason = Reason::kPolicy;
    return out;
  }
  const AgreementLine& line = standing.agreement->content.lines[*at];
  if (!line.source.none() && !standing.source.none() &&
      line.source != standing.source) {
    // Consented to at another source.
    out.reason = Reason::kNoConsent;
    return out;
  }
  if (line.form == receipt::Form::kAggregate &&
      !standing.agreement->content.data_range.open()) {
    // No statistic keeps to days; none such is published.
    out.reason = Reason::kPolicy;
    return out;
  }
  out.form = static_cast<std::uint8_t>(line.form);
  out.derivation = line.derivation;
  out.parameters = line.parameters;
  return out;
}

}  // namespace

std::uint64_t PeriodAt(const UseFrequency& frequency, absl::Time from,
                       absl::Time now) {
  if (frequency.period_seconds == 0 || now < from) return 0;
  return static_cast<std::uint64_t>((now - from) /
                                    absl::Seconds(frequency.period_seconds));
}

absl::Status CheckReadRequest(const ReadRequest& request) {
  if (request.purpose.empty() || request.purpose.size() > kMaxNameBytes ||
      !base::IsUtf8(request.purpose)) {
    return absl::InvalidArgumentError(
        "purpose: is empty, too long or not UTF-8");
  }
  if (request.attributes.empty() || request.attributes.size() > kMaxLines) {
    return absl::InvalidArgumentError("attributes: needs 1 to 64 values");
  }
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < request.attributes.size(); ++i) {
    const std::string& attribute = request.attributes[i];
    if (!IsAttributeName(attribute) || !seen.insert(attribute).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          "attributes[", i, "]: is no catalogue id or stands twice"));
    }
  }
  return absl::OkStatus();
}

std::vector<receipt::AccessLine> Decide(const ReadRequest& request,
                                        const Standing& standing,
                                        const Purposes& purposes,
                                        absl::Time now) {
  const Reason for_all = ReasonForAll(request, standing, purposes, now);
  std::vector<receipt::AccessLine> out;
  out.reserve(request.attributes.size());
  for (std::size_t i = 0; i < request.attributes.size(); ++i) {
    const bool shared = i < standing.shared.size() && standing.shared[i];
    out.push_back(DecideLine(request.attributes[i], standing, for_all, shared));
  }
  return out;
}

Reason Soften(Reason reason, bool caller_is_recipient) {
  if (reason == Reason::kReleased) return reason;
  if (!caller_is_recipient) return Reason::kNoConsent;
  switch (reason) {
    case Reason::kRepresentative:
      return Reason::kNoConsent;
    case Reason::kReleased:
    case Reason::kNoConsent:
    case Reason::kPurpose:
    case Reason::kExpired:
    case Reason::kPaused:
    case Reason::kWithdrawn:
    case Reason::kRevoked:
    case Reason::kInvalidated:
    case Reason::kLimit:
    case Reason::kPolicy:
    case Reason::kForm:
    case Reason::kCaller:
    case Reason::kNoticeOutdated:
      // The recipient learns these from Watch, or they say nothing about the
      // person.
      return reason;
  }
  return Reason::kNoConsent;
}

std::string_view RuleOf(Reason reason) {
  switch (reason) {
    case Reason::kReleased:
      return "You chose this line, and nothing stands against it now.";
    case Reason::kNoConsent:
      return "You did not consent to this attribute in this record.";
    case Reason::kPurpose:
      return "The purpose is neither the one you consented to nor narrower.";
    case Reason::kExpired:
      return "The time for which you consented has not begun or has ended.";
    case Reason::kPaused:
      return "The record is paused.";
    case Reason::kWithdrawn:
      return "You withdrew this record.";
    case Reason::kRevoked:
      return "This record was revoked by somebody else.";
    case Reason::kInvalidated:
      return "The agreement or the service lost its standing.";
    case Reason::kLimit:
      return "All reads that you allowed have been made, for good or for now.";
    case Reason::kPolicy:
      return "The service may not ask for this, the source may not share it "
             "with the service, or the data were asked for to train a system "
             "that the register does not show to train on that open snapshot.";
    case Reason::kForm:
      return "Another form was asked for than the one you consented to.";
    case Reason::kCaller:
      return "The record was made to somebody else.";
    case Reason::kNoticeOutdated:
      return "The agreement asks for more than you consented to; you are asked "
             "again.";
    case Reason::kRepresentative:
      return "The representative had no power to consent.";
  }
  return "You did not consent.";
}

}  // namespace limpid::consent
