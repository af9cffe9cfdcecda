// The checks of an agreement's content, field by field, in the order in which
// they stand in the proto, so that a caller fixes the first error first.

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "consent/agreement/agreement.h"
#include "consent/agreement/limits_check.h"
#include "consent/embargo/allowing.h"

namespace limpid::consent {
namespace {

// A hundred years: longer is a typing error.
constexpr std::uint32_t kMaxRetentionDays = 36'525;
// Ten years; a consent that nobody remembers giving is none.
constexpr std::uint32_t kMaxValidityDays = 3'653;
constexpr std::size_t kMaxTitleBytes = 4'096;
constexpr std::size_t kMaxLanguageBytes = 35;
constexpr std::size_t kMaxOperations = 16;
constexpr std::size_t kMaxRecipients = 32;
constexpr std::size_t kMaxParameterBytes = 1'024;

absl::Status Wrong(std::string_view path, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(base::ToAbsl(path), ": ", base::ToAbsl(why)));
}

bool IsText(std::string_view text, std::size_t max_bytes) {
  return !text.empty() && text.size() <= max_bytes && base::IsUtf8(text);
}

bool IsLanguageTag(std::string_view tag) {
  return tag.size() >= 2 && tag.size() <= kMaxLanguageBytes &&
         std::all_of(tag.begin(), tag.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') || c == '-';
         });
}

absl::Status CheckTexts(std::string_view name,
                        const std::vector<LocalizedText>& texts,
                        std::size_t max_bytes) {
  if (texts.empty() || texts.size() > kMaxLanguages) {
    return Wrong(name, "needs 1 to 24 languages");
  }
  std::set<std::string_view> languages;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string path = absl::StrCat(base::ToAbsl(name), "[", i, "]");
    if (!IsLanguageTag(texts[i].language)) {
      return Wrong(path + ".language", "is not a language tag");
    }
    if (!languages.insert(texts[i].language).second) {
      return Wrong(path + ".language", "stands twice");
    }
    if (!IsText(texts[i].text, max_bytes)) {
      return Wrong(path + ".text", "is empty, too long or not UTF-8");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckIris(std::string_view name,
                       const std::vector<std::string>& iris, std::size_t min,
                       std::size_t max) {
  if (iris.size() < min || iris.size() > max) {
    return Wrong(name, absl::StrCat("needs ", min, " to ", max, " values"));
  }
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < iris.size(); ++i) {
    const std::string path = absl::StrCat(base::ToAbsl(name), "[", i, "]");
    if (!IsText(iris[i], kMaxNameBytes)) {
      return Wrong(path, "is empty, too long or not UTF-8");
    }
    if (!seen.insert(iris[i]).second) return Wrong(path, "stands twice");
  }
  return absl::OkStatus();
}

// "name/version" with a lower-case name and a version from 1.
bool IsDerivationName(std::string_view text) {
  const std::size_t slash = text.find('/');
  // Also when there is none.
  if (slash > 64) return false;
  if (!IsAttributeName(text.substr(0, slash))) return false;
  const std::string_view version = text.substr(slash + 1);
  return !version.empty() && version.size() <= 9 && version.front() != '0' &&
         std::all_of(version.begin(), version.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

absl::Status CheckDerivation(const std::string& path,
                             const AgreementLine& line) {
  if (!receipt::HasDerivation(line.form)) {
    if (line.derivation.empty() && line.parameters.empty()) {
      return absl::OkStatus();
    }
    return Wrong(path + ".derivation", "stands with another form");
  }
  if (!IsDerivationName(line.derivation)) {
    return Wrong(path + ".derivation", "needs a name and a version");
  }
  json::ParseLimits limits;
  limits.max_bytes = kMaxParameterBytes;
  const auto parameters = json::ParseStrict(line.parameters, limits);
  if (!parameters.ok() || !parameters->is_object()) {
    return Wrong(path + ".derivation.parameters_json", "is not one object");
  }
  if (json::Canonical(*parameters) != line.parameters) {
    return Wrong(path + ".derivation.parameters_json", "is not canonical");
  }
  return absl::OkStatus();
}

absl::Status CheckLines(const std::vector<AgreementLine>& lines) {
  if (lines.empty() || lines.size() > kMaxLines) {
    return Wrong("lines", "needs 1 to 64 lines");
  }
  std::set<std::string_view> attributes;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const AgreementLine& line = lines[i];
    const std::string path = absl::StrCat("lines[", i, "]");
    if (!IsAttributeName(line.attribute)) {
      return Wrong(path + ".attribute", "is not a catalogue id");
    }
    if (!attributes.insert(line.attribute).second) {
      return Wrong(path + ".attribute", "stands twice");
    }
    LIMPID_RETURN_IF_ERROR(CheckDerivation(path, line));
    LIMPID_RETURN_IF_ERROR(
        CheckIris(path + ".operations", line.operations, 0, kMaxOperations));
  }
  return absl::OkStatus();
}

// What is shown to others is for one answer at a time, of which the person
// hears at once.
absl::Status CheckAttested(const AgreementContent& content) {
  const bool counts =
      std::any_of(content.lines.begin(), content.lines.end(),
                  [](const AgreementLine& line) {
                    return line.form == receipt::Form::kAggregate;
                  });
  if (!counts && !content.ai_training && content.embargo_days == 0) {
    return absl::OkStatus();
  }
  for (std::size_t i = 0; i < content.lines.size(); ++i) {
    if (content.lines[i].form != receipt::Form::kAttested) continue;
    return Wrong(absl::StrCat("lines[", i, "].form"),
                 "attested stands with training, statistics or an embargo; "
                 "ask for it in an agreement of its own");
  }
  return absl::OkStatus();
}

absl::Status CheckNumbers(const AgreementContent& content) {
  if (content.retention_days == 0 ||
      content.retention_days > kMaxRetentionDays) {
    return Wrong("retention_days", "is not between 1 and 36525");
  }
  if (content.validity_days == 0 || content.validity_days > kMaxValidityDays) {
    return Wrong("validity_days", "is not between 1 and 3653");
  }
  if (content.use_count_max > static_cast<std::uint64_t>(json::kMaxInteger)) {
    return Wrong("use_count_max", "is too large");
  }
  if (content.storage_location.size() > kMaxNameBytes ||
      !base::IsUtf8(content.storage_location)) {
    return Wrong("storage_location", "is too long or not UTF-8");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckContent(const AgreementContent& content) {
  LIMPID_RETURN_IF_ERROR(CheckTexts("titles", content.titles, kMaxTitleBytes));
  LIMPID_RETURN_IF_ERROR(
      CheckIris("purposes", content.purposes, 1, kMaxPurposes));
  LIMPID_RETURN_IF_ERROR(CheckLines(content.lines));
  LIMPID_RETURN_IF_ERROR(
      CheckIris("recipients", content.recipients, 0, kMaxRecipients));
  LIMPID_RETURN_IF_ERROR(CheckNumbers(content));
  LIMPID_RETURN_IF_ERROR(
      CheckTexts("notices", content.notices, kMaxNoticeBytes));
  if (content.systems.size() > kMaxSystems) {
    return Wrong("system_ids", "has more than 32 values");
  }
  if (content.ai_training && content.systems.empty()) {
    return Wrong("system_ids", "is required with ai_training");
  }
  LIMPID_RETURN_IF_ERROR(CheckEmbargo(content));
  LIMPID_RETURN_IF_ERROR(CheckAttested(content));
  return CheckLimits(content);
}

}  // namespace limpid::consent
