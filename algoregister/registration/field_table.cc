#include "algoregister/registration/field_table.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "algoregister/registration/ids.h"
#include "common/base/check.h"

namespace limpid::algoregister {
namespace {

// A title fits one line of a list; the Dutch standard allows 100 characters.
constexpr std::size_t kTitleBytes = 400;
// Names are index keys.
constexpr std::size_t kNameBytes = 200;
// Addresses in real registers reach 500 characters.
constexpr std::size_t kUrlBytes = 2'000;
// The longest national limit is 5,000 characters.
constexpr std::size_t kProseBytes = 20'000;

constexpr auto kStatus = std::to_array<Code>({
    {"in_development", "in development"},
    {"in_use", "in use"},
    {"out_of_use", "no longer in use"},
});
constexpr auto kAssessment = std::to_array<Code>({
    {"done", "done"},
    {"not_done", "not done"},
});
constexpr auto kOrigin = std::to_array<Code>({
    {"consented_personal_data", "personal data given with consent"},
    {"other_personal_data", "personal data on another basis"},
    {"no_personal_data", "no personal data"},
    {"synthetic", "synthetic data"},
});
constexpr auto kUse = std::to_array<Code>({
    {"train", "training"},
    {"validate", "validation"},
    {"test", "testing"},
    {"fine_tune", "fine-tuning"},
    {"retrieve", "retrieval"},
    {"operate", "operation"},
    {"evaluate", "evaluation"},
});

constexpr auto kOrganisation = RegistrationKind::kOrganisation;
constexpr auto kSystem = RegistrationKind::kSystem;
constexpr auto kDeployment = RegistrationKind::kDeployment;
constexpr auto kModel = RegistrationKind::kModel;
constexpr auto kDataset = RegistrationKind::kDataset;

constexpr FieldSpec Naming(RegistrationKind kind, std::string_view name,
                           std::string_view label, FieldType type,
                           std::size_t max_bytes) {
  return {.kind = kind,
          .name = name,
          .label = label,
          .chapter = Chapter::kIdentity,
          .type = type,
          .max_bytes = max_bytes,
          .names_the_registration = true};
}

constexpr FieldSpec Plain(RegistrationKind kind, std::string_view name,
                          std::string_view label, Chapter chapter,
                          FieldType type, std::size_t max_bytes = 0) {
  return {.kind = kind,
          .name = name,
          .label = label,
          .chapter = chapter,
          .type = type,
          .max_bytes = max_bytes};
}

constexpr FieldSpec Coded(RegistrationKind kind, std::string_view name,
                          std::string_view label, Chapter chapter,
                          std::span<const Code> codes,
                          FieldType type = FieldType::kCode) {
  return {.kind = kind,
          .name = name,
          .label = label,
          .chapter = chapter,
          .type = type,
          .codes = codes};
}

constexpr FieldSpec Reference(RegistrationKind kind, std::string_view name,
                              std::string_view label, Chapter chapter,
                              RegistrationKind target) {
  return {.kind = kind,
          .name = name,
          .label = label,
          .chapter = chapter,
          .type = FieldType::kReference,
          .target = target};
}

constexpr auto kTable = std::to_array<FieldSpec>({
    Naming(kOrganisation, "name", "Name", FieldType::kPlain, kNameBytes),
    Plain(kOrganisation, "contact", "Contact", Chapter::kAccountability,
          FieldType::kPlain, kUrlBytes),
    Plain(kOrganisation, "website", "Web site", Chapter::kAccountability,
          FieldType::kUrl, kUrlBytes),

    Naming(kSystem, "title", "Title", FieldType::kText, kTitleBytes),
    Plain(kSystem, "description", "Description", Chapter::kContext,
          FieldType::kText, kProseBytes),
    Reference(kSystem, "provider", "Provider", Chapter::kAccountability,
              kOrganisation),
    Plain(kSystem, "methods", "How it works", Chapter::kTechnicalTransparency,
          FieldType::kText, kProseBytes),
    Coded(kSystem, "dataset_uses", "Datasets used",
          Chapter::kTechnicalTransparency, kUse, FieldType::kDatasetUses),
    Plain(kSystem, "website", "Web site", Chapter::kContext, FieldType::kUrl,
          kUrlBytes),

    Naming(kDeployment, "title", "Title", FieldType::kText, kTitleBytes),
    Plain(kDeployment, "goal", "Goal and impact", Chapter::kContext,
          FieldType::kText, kProseBytes),
    Reference(kDeployment, "organisation", "Organisation",
              Chapter::kAccountability, kOrganisation),
    Reference(kDeployment, "system", "System", Chapter::kContext, kSystem),
    Coded(kDeployment, "status", "Status", Chapter::kContext, kStatus),
    Plain(kDeployment, "legal_basis", "Legal basis",
          Chapter::kProceduralTransparency, FieldType::kText, kProseBytes),
    Coded(kDeployment, "impact_assessment", "Impact assessment",
          Chapter::kProceduralTransparency, kAssessment),
    Plain(kDeployment, "registered_on", "Registered on",
          Chapter::kAccountability, FieldType::kDate),
    Plain(kDeployment, "listed_on", "First seen in the list on",
          Chapter::kAccountability, FieldType::kDate),
    Plain(kDeployment, "source_url", "Source registration",
          Chapter::kAccountability, FieldType::kUrl, kUrlBytes),

    Naming(kModel, "title", "Title", FieldType::kText, kTitleBytes),
    Plain(kModel, "description", "Description", Chapter::kTechnicalTransparency,
          FieldType::kText, kProseBytes),
    Reference(kModel, "system", "System", Chapter::kContext, kSystem),
    Coded(kModel, "dataset_uses", "Datasets used",
          Chapter::kTechnicalTransparency, kUse, FieldType::kDatasetUses),

    Naming(kDataset, "title", "Title", FieldType::kText, kTitleBytes),
    Plain(kDataset, "description", "Description",
          Chapter::kTechnicalTransparency, FieldType::kText, kProseBytes),
    Reference(kDataset, "organisation", "Organisation",
              Chapter::kAccountability, kOrganisation),
    Coded(kDataset, "origin", "Origin of the data",
          Chapter::kProceduralTransparency, kOrigin),
    Plain(kDataset, "licence", "Licence", Chapter::kContext, FieldType::kPlain,
          kNameBytes),
    Plain(kDataset, "snapshots", "Snapshots", Chapter::kTechnicalTransparency,
          FieldType::kSnapshots),
});

}  // namespace

std::span<const FieldSpec> FieldTable() { return kTable; }

const FieldSpec* FindField(RegistrationKind kind, std::string_view name) {
  const auto* const found = std::find_if(
      kTable.begin(), kTable.end(), [kind, name](const FieldSpec& spec) {
        return spec.kind == kind && spec.name == name;
      });
  return found == kTable.end() ? nullptr : found;
}

const FieldSpec& NamingField(RegistrationKind kind) {
  const auto* const found =
      std::find_if(kTable.begin(), kTable.end(), [kind](const FieldSpec& spec) {
        return spec.kind == kind && spec.names_the_registration;
      });
  LIMPID_CHECK(found != kTable.end());
  return *found;
}

std::string_view CodeLabel(std::span<const Code> codes, std::string_view code) {
  const auto found = std::find_if(
      codes.begin(), codes.end(),
      [code](const Code& candidate) { return candidate.code == code; });
  return found == codes.end() ? code : found->label;
}

}  // namespace limpid::algoregister
