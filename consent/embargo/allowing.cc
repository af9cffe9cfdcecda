#include "consent/embargo/allowing.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/receipt/embargo.h"
#include "common/receipt/permit.h"

namespace limpid::consent {
namespace {

using receipt::LegalBasis;

absl::Status Wrong(std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("embargo_days: ", base::ToAbsl(why)));
}

bool LawLaysDown(LegalBasis basis) {
  return basis == LegalBasis::kLegalObligation ||
         basis == LegalBasis::kPublicTask;
}

}  // namespace

absl::Status CheckEmbargo(const AgreementContent& content) {
  if (content.embargo_days == 0) return absl::OkStatus();
  if (content.embargo_days > receipt::kMaxEmbargoDays) {
    return Wrong("is over 366");
  }
  if (!LawLaysDown(content.basis)) {
    return Wrong(
        "only a legal obligation or a public task may delay telling the "
        "person");
  }
  // The count of uses, and the end that the last one brings, are shown to her.
  if (content.use_count_max != 0 || content.frequency != UseFrequency{}) {
    return Wrong("stands beside a limit of uses, which tells of each one");
  }
  if (content.ai_training) {
    return Wrong("stands with training, of which the person is told at once");
  }
  const auto counted = [](const AgreementLine& line) {
    return line.form == receipt::Form::kAggregate;
  };
  if (std::any_of(content.lines.begin(), content.lines.end(), counted)) {
    return Wrong("stands with counting, of which the person is told at once");
  }
  return absl::OkStatus();
}

std::uint16_t EmbargoDaysOf(const Agreement& agreement,
                            const Service& service) {
  // Also of what was stored by another version.
  if (!CheckEmbargo(agreement.content).ok()) return 0;
  return static_cast<std::uint16_t>(
      std::min(agreement.content.embargo_days, service.embargo_days));
}

}  // namespace limpid::consent
