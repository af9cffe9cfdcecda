#include "algoregister/registration/field_table.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/ids.h"
#include "common/base/check.h"

namespace limpid::algoregister {

std::span<const FieldSpec> FieldsOf(RegistrationKind kind) {
  switch (kind) {
    case RegistrationKind::kOrganisation:
      return fields::Organisation();
    case RegistrationKind::kSystem:
      return fields::System();
    case RegistrationKind::kDeployment:
      return fields::Deployment();
    case RegistrationKind::kModel:
      return fields::Model();
    case RegistrationKind::kDataset:
      return fields::Dataset();
    case RegistrationKind::kEvaluation:
      return fields::Evaluation();
    case RegistrationKind::kAssessment:
      return fields::Assessment();
    case RegistrationKind::kCertification:
      return fields::Certification();
    case RegistrationKind::kIncident:
      return fields::Incident();
  }
  LIMPID_CHECK(false);
}

const FieldSpec* FindField(RegistrationKind kind, std::string_view name) {
  const std::span<const FieldSpec> table = FieldsOf(kind);
  const auto found =
      std::find_if(table.begin(), table.end(),
                   [name](const FieldSpec& spec) { return spec.name == name; });
  return found == table.end() ? nullptr : &*found;
}

const FieldSpec& NamingField(RegistrationKind kind) {
  const FieldSpec& first = FieldsOf(kind).front();
  LIMPID_CHECK(first.names_the_registration);
  return first;
}

FieldSpec AsField(const MemberSpec& member) {
  return {.name = member.name,
          .label = member.label,
          .chapter = Chapter::kIdentity,
          .type = member.type,
          .max_bytes = member.max_bytes,
          .codes = member.codes,
          .target = member.target};
}

const MemberSpec* FindMember(const FieldSpec& field, std::string_view name) {
  for (const MemberSpec& member : field.members) {
    if (member.name == name) return &member;
  }
  return nullptr;
}

std::string_view CodeLabel(std::span<const Code> codes, std::string_view code) {
  const auto found = std::find_if(
      codes.begin(), codes.end(),
      [code](const Code& candidate) { return candidate.code == code; });
  return found == codes.end() ? code : found->label;
}

}  // namespace limpid::algoregister
