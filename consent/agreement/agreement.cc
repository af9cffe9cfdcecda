#include "consent/agreement/agreement.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"

namespace limpid::consent {
namespace {

struct BasisName {
  receipt::LegalBasis basis;
  std::string_view name;
};
constexpr std::array kBasisNames = {
    BasisName{receipt::LegalBasis::kConsent, "consent"},
    BasisName{receipt::LegalBasis::kContract, "contract"},
    BasisName{receipt::LegalBasis::kLegalObligation, "legal_obligation"},
    BasisName{receipt::LegalBasis::kVitalInterests, "vital_interests"},
    BasisName{receipt::LegalBasis::kPublicTask, "public_task"},
    BasisName{receipt::LegalBasis::kLegitimateInterests,
              "legitimate_interests"},
};

}  // namespace

std::optional<std::size_t> Agreement::FindLine(
    std::string_view attribute) const {
  for (std::size_t i = 0; i < content.lines.size(); ++i) {
    if (content.lines[i].attribute == attribute) return i;
  }
  return std::nullopt;
}

bool Agreement::HasNotice(const base::Digest32& notice_hash) const {
  return std::any_of(content.notices.begin(), content.notices.end(),
                     [&](const LocalizedText& notice) {
                       return crypto::Sha256(base::AsBytes(notice.text)) ==
                              notice_hash;
                     });
}

base::Digest32 NoticeHash(std::string_view text) {
  return crypto::Sha256(base::AsBytes(text));
}

receipt::PermitLine PermitLineOf(const AgreementLine& line) {
  return {line.attribute, line.form, line.derivation, line.parameters};
}

absl::StatusOr<base::Days> DaysOf(const DataRange& range) {
  return base::ParseDays(range.from, range.to);
}

std::string RangeText(const DataRange& range) {
  if (range.open()) return "all";
  if (range.to.empty()) return absl::StrCat("from ", range.from, " on");
  if (range.from.empty()) return absl::StrCat("until ", range.to);
  return absl::StrCat(range.from, " to ", range.to);
}

std::string_view LegalBasisName(receipt::LegalBasis basis) {
  for (const BasisName& entry : kBasisNames) {
    if (entry.basis == basis) return entry.name;
  }
  return "unknown";
}

absl::StatusOr<receipt::LegalBasis> ParseLegalBasis(std::string_view name) {
  for (const BasisName& entry : kBasisNames) {
    if (entry.name == name) return entry.basis;
  }
  return absl::InvalidArgumentError("no legal basis has this name");
}

bool IsAttributeName(std::string_view text) {
  constexpr std::size_t kMaxAttributeBytes = 128;
  return !text.empty() && text.size() <= kMaxAttributeBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '.';
         });
}

}  // namespace limpid::consent
