#include "consent/standing/match.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace limpid::consent {
namespace {

using receipt::StandingPermission;

bool Has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Positions of everything that would be granted, ascending.
std::vector<std::uint16_t> LinesOf(const AskedOf& asked) {
  if (!asked.lines.empty()) return asked.lines;
  std::vector<std::uint16_t> out;
  for (std::size_t i = 0; i < asked.agreement.content.lines.size(); ++i) {
    out.push_back(static_cast<std::uint16_t>(i));
  }
  return out;
}

// The same, or the one form that tells nothing about one person.
bool Covers(const StandingPermission& permission, const AgreementLine& line) {
  const receipt::PermitLine asked = PermitLineOf(line);
  return std::any_of(permission.lines.begin(), permission.lines.end(),
                     [&](const receipt::PermitLine& free) {
                       return free == asked ||
                              (free.attribute == asked.attribute &&
                               asked.form == receipt::Form::kAggregate);
                     });
}

std::optional<Mismatch> MismatchOfLines(const StandingPermission& permission,
                                        const AskedOf& asked) {
  const auto& all = asked.agreement.content.lines;
  const std::vector<std::uint16_t> lines = LinesOf(asked);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool wanted = std::find(lines.begin(), lines.end(), i) != lines.end();
    if (!wanted && all[i].necessity == Necessity::kRequired) {
      return Mismatch::kLine;
    }
    if (!wanted) continue;
    if (!Covers(permission, all[i])) return Mismatch::kLine;
    if (!asked.is_ordinary(all[i].attribute)) return Mismatch::kSpecial;
  }
  return std::nullopt;
}

std::optional<Mismatch> MismatchOfParties(const StandingPermission& permission,
                                          const AskedOf& asked) {
  const AgreementContent& content = asked.agreement.content;
  if (!Has(permission.members, asked.agreement.service.Text())) {
    return Mismatch::kRecipient;
  }
  for (const std::string& name : content.recipients) {
    if (!Has(permission.recipients, name)) return Mismatch::kRecipient;
  }
  for (const std::string& purpose : content.purposes) {
    if (CoveringPurpose(purpose, permission.purposes, asked.purposes) ==
        nullptr) {
      return Mismatch::kPurpose;
    }
  }
  return std::nullopt;
}

std::optional<Mismatch> MismatchOfTerms(const StandingPermission& permission,
                                        const AgreementContent& content) {
  if (content.retention_days > permission.retention_days) {
    return Mismatch::kRetention;
  }
  if (content.validity_days > permission.validity_days) {
    return Mismatch::kValidity;
  }
  const bool shown =
      std::any_of(content.notices.begin(), content.notices.end(),
                  [&](const LocalizedText& notice) {
                    return notice.language == permission.language;
                  });
  if (!shown) return Mismatch::kNotice;
  return std::nullopt;
}

}  // namespace

std::string_view MismatchSentence(Mismatch mismatch) {
  switch (mismatch) {
    case Mismatch::kBasis:
      return "It rests on another legal basis than consent.";
    case Mismatch::kAiTraining:
      return "It trains a model, which no standing permission covers.";
    case Mismatch::kSystem:
      return "It names a registered system, which is a decision of its own.";
    case Mismatch::kTime:
      return "Your standing permission is not in force at this time.";
    case Mismatch::kRecipient:
      return "Somebody gets the data whom your standing permission does not "
             "name.";
    case Mismatch::kPurpose:
      return "Its purpose is not one of your standing permission.";
    case Mismatch::kLine:
      return "It asks for an attribute, or for a finer form, than your "
             "standing "
             "permission has.";
    case Mismatch::kSpecial:
      return "It asks for data of a special category, which no standing "
             "permission covers.";
    case Mismatch::kRetention:
      return "It keeps the data longer than your standing permission allows.";
    case Mismatch::kValidity:
      return "It asks for a longer time than your standing permission allows.";
    case Mismatch::kNotice:
      return "It has no notice in the language of your standing permission.";
    case Mismatch::kNotOffered:
      return "What it asks for cannot be granted as it stands.";
    case Mismatch::kReserved:
      return "Your parents or guardians decide this.";
    case Mismatch::kQuestion:
      return "This organisation was granted another question about the same "
             "attribute before.";
  }
  return "It is not what your standing permission says.";
}

std::optional<Mismatch> MismatchOf(const StandingPermission& permission,
                                   const AskedOf& asked) {
  const AgreementContent& content = asked.agreement.content;
  if (content.basis != receipt::LegalBasis::kConsent) return Mismatch::kBasis;
  if (content.ai_training) return Mismatch::kAiTraining;
  if (!content.systems.empty()) return Mismatch::kSystem;
  if (asked.now < permission.from || asked.now >= permission.until) {
    return Mismatch::kTime;
  }
  if (const auto out = MismatchOfParties(permission, asked)) return out;
  if (const auto out = MismatchOfLines(permission, asked)) return out;
  return MismatchOfTerms(permission, content);
}

}  // namespace limpid::consent
