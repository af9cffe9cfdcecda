// RFC 9396 authorization_details.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/day.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "consent/request/asked.h"

namespace limpid::consent {
namespace {

using json::Value;

constexpr std::string_view kField = "authorization_details";
constexpr std::string_view kType = "limpid_attributes";
constexpr std::size_t kMaxBytes = 65'536;
constexpr std::size_t kMaxDetails = 16;

absl::Status Wrong(std::string_view pointer, std::string_view why) {
  return Unresolved(kField, pointer, why);
}

std::string Under(std::string_view pointer, std::string_view key) {
  return absl::StrCat(base::ToAbsl(pointer), "/", json::PointerToken(key));
}

std::string Under(std::string_view pointer, std::size_t index) {
  return absl::StrCat(base::ToAbsl(pointer), "/", index);
}

absl::Status CheckMembers(const Value& detail, const std::string& at) {
  if (!detail.is_object()) return Wrong(at, "is not an object");
  static constexpr std::array<std::string_view, 7> kKnown = {
      "type",       "datatypes", "actions",   "locations",
      "identifier", "purpose",   "data_range"};
  for (const json::Member& member : detail.members()) {
    if (std::find(kKnown.begin(), kKnown.end(), member.key) == kKnown.end()) {
      return Wrong(Under(at, member.key), "is not understood");
    }
  }
  return absl::OkStatus();
}

// A member that is an array of 1 to `max` texts.
absl::Status CheckTexts(const Value& value, const std::string& at,
                        std::size_t max) {
  if (!value.is_array() || value.size() == 0 || value.size() > max) {
    return Wrong(at, absl::StrCat("is not an array of 1 to ", max, " texts"));
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!value.elements()[i].is_string()) {
      return Wrong(Under(at, i), "is not a text");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckActions(const Value& detail, const std::string& at) {
  const Value* actions = detail.Find("actions");
  if (actions == nullptr) return absl::OkStatus();
  const std::string here = Under(at, "actions");
  LIMPID_RETURN_IF_ERROR(CheckTexts(*actions, here, 1));
  if (actions->elements()[0].string() == "read") return absl::OkStatus();
  return Wrong(Under(here, 0), "is not read");
}

absl::Status CheckText(const Value& detail, std::string_view key,
                       const std::string& at, const auto& fits,
                       std::string_view why) {
  const Value* value = detail.Find(key);
  if (value == nullptr) return absl::OkStatus();
  if (value->is_string() && fits(value->string())) return absl::OkStatus();
  return Wrong(Under(at, key), why);
}

absl::Status CheckSourceOf(const AgreementLine& line, const Value& detail,
                           const std::string& at) {
  const Value* locations = detail.Find("locations");
  if (locations == nullptr) return absl::OkStatus();
  const std::string here = Under(at, "locations");
  LIMPID_RETURN_IF_ERROR(CheckTexts(*locations, here, kMaxLines));
  const bool named =
      !line.source.none() &&
      std::any_of(locations->elements().begin(), locations->elements().end(),
                  [&](const Value& location) {
                    return location.string() == line.source.Text();
                  });
  if (named) return absl::OkStatus();
  return Wrong(here, "does not name the source of an asked line");
}

// A limit that stood in the request alone would be in nothing that the person
// signs and in no permit.
absl::Status CheckRange(const Value& detail, const std::string& at,
                        const DataRange& agreed) {
  const Value* range = detail.Find("data_range");
  if (range == nullptr) return absl::OkStatus();
  const std::string here = Under(at, "data_range");
  if (!range->is_object() || range->size() == 0) {
    return Wrong(here, "is not an object that names a day");
  }
  DataRange asked;
  for (const json::Member& member : range->members()) {
    const bool from = member.key == "from";
    if (!from && member.key != "to") {
      return Wrong(Under(here, member.key), "is not understood");
    }
    if (!member.value.is_string() ||
        !base::ParseDay(member.value.string()).ok()) {
      return Wrong(Under(here, member.key), "is not a day");
    }
    (from ? asked.from : asked.to) = member.value.string();
  }
  if (asked == agreed) return absl::OkStatus();
  return Wrong(here,
               "is not that of the agreement; publish a version that has it");
}

absl::Status AddLines(const Value& detail, const std::string& at,
                      const Agreement& agreement, LinePositions& out) {
  const std::string here = Under(at, "datatypes");
  const Value* datatypes = detail.Find("datatypes");
  if (datatypes == nullptr) return Wrong(here, "is required");
  LIMPID_RETURN_IF_ERROR(CheckTexts(*datatypes, here, kMaxLines));
  for (std::size_t i = 0; i < datatypes->size(); ++i) {
    const auto line = agreement.FindLine(datatypes->elements()[i].string());
    if (!line) return Wrong(Under(here, i), "is no line of the agreement");
    LIMPID_RETURN_IF_ERROR(
        CheckSourceOf(agreement.content.lines[*line], detail, at));
    out.push_back(static_cast<std::uint16_t>(*line));
  }
  return absl::OkStatus();
}

absl::Status AddDetail(const Value& detail, const std::string& at,
                       const Agreement& agreement, const Purposes& purposes,
                       LinePositions& out) {
  LIMPID_RETURN_IF_ERROR(CheckMembers(detail, at));
  if (detail.Find("type") == nullptr) {
    return Wrong(Under(at, "type"), "is required");
  }
  LIMPID_RETURN_IF_ERROR(CheckText(
      detail, "type", at, [](const std::string& type) { return type == kType; },
      "is not limpid_attributes"));
  LIMPID_RETURN_IF_ERROR(CheckText(
      detail, "identifier", at,
      [&](const std::string& id) { return id == agreement.id.Text(); },
      "is not the agreement"));
  LIMPID_RETURN_IF_ERROR(CheckText(
      detail, "purpose", at,
      [&](const std::string& purpose) {
        return CoveringPurpose(purpose, agreement.content.purposes, purposes) !=
               nullptr;
      },
      "is no purpose of the agreement and not narrower than one"));
  LIMPID_RETURN_IF_ERROR(CheckActions(detail, at));
  LIMPID_RETURN_IF_ERROR(CheckRange(detail, at, agreement.content.data_range));
  return AddLines(detail, at, agreement, out);
}

}  // namespace

absl::StatusOr<LinePositions> ResolveAuthorizationDetails(
    std::string_view text, const Agreement& agreement,
    const Purposes& purposes) {
  json::ParseLimits limits;
  limits.max_bytes = kMaxBytes;
  const auto details = json::ParseStrict(text, limits);
  if (!details.ok()) {
    return Wrong("", base::ToStd(details.status().message()));
  }
  if (!details->is_array() || details->size() == 0 ||
      details->size() > kMaxDetails) {
    return Wrong("", "is not an array of 1 to 16 objects");
  }
  LinePositions out;
  for (std::size_t i = 0; i < details->size(); ++i) {
    LIMPID_RETURN_IF_ERROR(AddDetail(details->elements()[i], Under("", i),
                                     agreement, purposes, out));
  }
  return CheckAsked(kField, std::move(out), agreement);
}

}  // namespace limpid::consent
