#include "algoregister/profile/natural_key.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algoregister/profile/cell.h"
#include "algoregister/profile/document.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/ids.h"
#include "common/base/bytes.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

constexpr std::string_view kNatural = ":natural";

bool IsOrganisation(const FieldSpec& spec) {
  const bool refers =
      spec.type == FieldType::kReference || spec.type == FieldType::kReferences;
  return refers && spec.target == RegistrationKind::kOrganisation;
}

bool IsKeyColumn(const Profile& profile, const Column& column) {
  if (profile.natural_key.empty()) {
    return column.type == ColumnType::kOrganisationName;
  }
  return std::find(profile.natural_key.begin(), profile.natural_key.end(),
                   column.foreign) != profile.natural_key.end();
}

std::string PartOfKey(const Profile& profile, const Column& column,
                      const json::Value& row) {
  const json::Value* const value = profile.layout == Layout::kDocument
                                       ? FindPlace(row, column.foreign)
                                       : row.Find(column.foreign);
  if (value == nullptr || IsEmptyCell(*value)) return {};
  CellReading ignored;
  const auto text = TextOfCell(*value, profile.layout == Layout::kCsv, ignored);
  return text ? *text : json::Canonical(*value);
}

// With a NUL between two.
std::string Joined(const std::vector<std::string>& parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out.push_back('\0');
    out += parts[i];
  }
  return out;
}

}  // namespace

std::string NaturalIdOf(const Profile& profile, const json::Value& row,
                        const RowReading& reading) {
  if (!profile.ids_may_be_blank && HasForeignIds(profile)) return {};
  std::vector<std::string> parts;
  if (profile.natural_key.empty()) {
    const json::Value content =
        json::Value::Object({{"fields", reading.fields}});
    std::string title =
        TextOf(content, NamingField(profile.kind).name, reading.language);
    if (title.empty()) return {};
    parts.push_back(reading.organisations.empty()
                        ? std::string()
                        : reading.organisations.front().name);
    parts.push_back(std::move(title));
  }
  for (const std::string_view name : profile.natural_key) {
    for (const Column& column : profile.columns) {
      if (column.foreign != name) continue;
      parts.push_back(PartOfKey(profile, column, row));
    }
  }
  return base::HexEncode(crypto::Sha256(base::AsBytes(Joined(parts))));
}

bool IsNaturalKeyOf(std::string_view scheme, RegistrationKind kind,
                    std::string_view field) {
  if (!scheme.ends_with(kNatural)) return false;
  const FieldSpec* const spec = FindField(kind, field);
  if (spec == nullptr) return false;
  if (spec->names_the_registration) return true;
  const Profile* const profile =
      FindProfile(scheme.substr(0, scheme.size() - kNatural.size()));
  if (profile == nullptr) return IsOrganisation(*spec);
  return std::any_of(profile->columns.begin(), profile->columns.end(),
                     [profile, field](const Column& column) {
                       const bool here =
                           column.field == field || column.otherwise == field;
                       return here && IsKeyColumn(*profile, column);
                     });
}

}  // namespace limpid::algoregister
