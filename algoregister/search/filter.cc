#include "algoregister/search/filter.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/search/facets.h"
#include "algoregister/search/query.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::algoregister::search {
namespace {

constexpr std::size_t kMaxTitlePrefixBytes = 200;

absl::Status Fault(std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("filter: ", base::ToAbsl(reason)));
}
absl::Status FaultAt(std::string_view name, std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("filter.", base::ToAbsl(name), ": ", base::ToAbsl(reason)));
}

std::optional<unsigned> HexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  return std::nullopt;
}

absl::StatusOr<std::string> Decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return Fault("a percent sign without two digits");
    const auto high = HexDigit(text[i + 1]);
    const auto low = HexDigit(text[i + 2]);
    if (!high || !low) return Fault("a percent sign without two digits");
    out.push_back(
        static_cast<char>(static_cast<std::uint8_t>((*high << 4U) | *low)));
    i += 2;
  }
  if (!base::IsUtf8(out) || out.find('\0') != std::string::npos) {
    return Fault("must be UTF-8 without NUL");
  }
  return out;
}

std::string Encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    out.push_back('%');
    out.push_back(kDigits[byte >> 4U]);
    out.push_back(kDigits[byte & 15U]);
  }
  return out;
}

absl::Status SetOnce(std::string_view name, std::string value,
                     std::string& field) {
  if (!field.empty()) return FaultAt(name, "comes twice");
  field = std::move(value);
  return absl::OkStatus();
}

absl::Status SetSince(const std::string& value, Filter& filter) {
  if (filter.changed_since != 0) return FaultAt("since", "comes twice");
  const auto day = base::ParseDay(value);
  if (!day.ok()) return FaultAt("since", "must be a day such as 2026-01-31");
  filter.changed_since = *day;
  return absl::OkStatus();
}

absl::Status SetRetired(const std::string& value, Filter& filter) {
  if (value != "yes") return FaultAt("retired", "must be yes, or left out");
  filter.include_retired = true;
  return absl::OkStatus();
}

absl::Status SetMember(const std::string& name, std::string value,
                       Filter& filter) {
  if (value.empty()) return Fault("a name without a value");
  if (name == "q") {
    LIMPID_RETURN_IF_ERROR(SetOnce(name, std::move(value), filter.query));
    const absl::Status fits = CheckQuery(filter.query);
    return fits.ok() ? fits
                     : absl::InvalidArgumentError(
                           absl::StrCat("filter.", fits.message()));
  }
  if (name == "title") {
    if (value.size() > kMaxTitlePrefixBytes) return FaultAt(name, "too long");
    return SetOnce(name, std::move(value), filter.title_prefix);
  }
  if (name == "since") return SetSince(value, filter);
  if (name == "retired") return SetRetired(value, filter);
  // Not repeated: it may be anything.
  if (!FindFacet(name)) return Fault("a name that is no filter");
  if (value.size() > kMaxFacetValueBytes) return FaultAt(name, "too long");
  filter.facets[name].insert(std::move(value));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Filter> ParseFilter(std::string_view text) {
  if (text.size() > kMaxFilterBytes) return Fault("too long");
  Filter out;
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view member = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (member.empty()) continue;
    if (++count > kMaxFilterValues) return Fault("too many values");
    const std::size_t equals = member.find('=');
    if (equals == std::string_view::npos)
      return Fault("a name without a value");
    LIMPID_ASSIGN_OR_RETURN(const std::string name,
                            Decode(member.substr(0, equals)));
    LIMPID_ASSIGN_OR_RETURN(std::string value,
                            Decode(member.substr(equals + 1)));
    LIMPID_RETURN_IF_ERROR(SetMember(name, std::move(value), out));
  }
  return out;
}

std::string FilterText(const Filter& filter) {
  std::set<std::pair<std::string, std::string>> members;
  for (const auto& [name, values] : filter.facets) {
    for (const std::string& value : values) members.emplace(name, value);
  }
  if (!filter.query.empty()) members.emplace("q", filter.query);
  if (!filter.title_prefix.empty()) {
    members.emplace("title", filter.title_prefix);
  }
  if (filter.changed_since != 0) {
    members.emplace("since", base::DayText(filter.changed_since));
  }
  if (filter.include_retired) members.emplace("retired", "yes");
  std::string out;
  for (const auto& [name, value] : members) {
    absl::StrAppend(&out, out.empty() ? "" : "&", name, "=", Encode(value));
  }
  return out;
}

}  // namespace limpid::algoregister::search
