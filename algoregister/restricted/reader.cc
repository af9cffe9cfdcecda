#include "algoregister/restricted/reader.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/publisher.h"
#include "common/base/text.h"
#include "common/json/value.h"
#include "common/receipt/registration.h"

namespace limpid::algoregister {
namespace {

bool AreAudiences(const std::vector<std::string>& audiences) {
  return !audiences.empty() &&
         std::adjacent_find(audiences.begin(), audiences.end(),
                            [](const auto& left, const auto& right) {
                              return left >= right;
                            }) == audiences.end() &&
         std::all_of(audiences.begin(), audiences.end(), [](const auto& one) {
           return std::find(kAudiences.begin(), kAudiences.end(), one) !=
                  kAudiences.end();
         });
}

}  // namespace

absl::Status ValidateReader(const RestrictedReader& reader) {
  const std::string& name = reader.name;
  if (name.empty() || name.size() > kMaxPublisherNameBytes ||
      !base::IsUtf8(name) || name.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError("name: must be 1 to 200 bytes of text");
  }
  if (!AreAudiences(reader.audiences)) {
    return absl::InvalidArgumentError(
        "audiences: must be of auditor, court, legislature and regulator, in "
        "that order, each once");
  }
  const auto& keys = reader.certificate_thumbprints;
  if (keys.empty() || keys.size() > kMaxReaderCertificates ||
      std::set(keys.begin(), keys.end()).size() != keys.size()) {
    return absl::InvalidArgumentError(
        "certificate_thumbprints: must be 1 to 8, each once");
  }
  return absl::OkStatus();
}

RestrictedParts PartsFor(const Version& version,
                         std::span<const std::string> audiences) {
  const json::Value content = ContentOf(version);
  RestrictedParts out;
  for (const FieldDisclosure& field : version.fields) {
    if (!receipt::IsRestricted(field)) continue;
    const auto tokens = json::SplitPointer(field.pointer);
    const std::vector<std::string> allowed =
        tokens.ok() ? AudienceOf(content, tokens->back())
                    : std::vector<std::string>();
    if (std::find_first_of(allowed.begin(), allowed.end(), audiences.begin(),
                           audiences.end()) != allowed.end()) {
      out.open.push_back(field);
    } else {
      ++out.closed_count;
    }
  }
  return out;
}

}  // namespace limpid::algoregister
