#include "vault/attribute/starter_catalogue.h"

#include <array>
#include <string_view>
#include <utility>

#include "common/base/check.h"
#include "common/json/json.h"

namespace limpid::vault {
namespace {

struct Entry {
  std::string_view id;
  std::string_view title;
  // Local name in https://w3id.org/dpv/pd#.
  std::string_view category;
  // Local name in https://schema.org/, or empty.
  std::string_view term;
  Sensitivity sensitivity;
  bool direct_identifier;
  std::array<std::string_view, 2> derivations;
  std::string_view schema;
};

constexpr auto kOrdinary = Sensitivity::kOrdinary;
constexpr auto kSpecial = Sensitivity::kSpecial;

// clang-format off
constexpr std::array kEntries = {
    Entry{"education.highest_level", "Highest level of education",
          "EducationQualification", "", kOrdinary, false, {},
          R"({"enum":["none","primary","secondary","vocational","bachelor","master","doctorate"]})"},
    Entry{"employment.employer", "Employer", "CurrentEmployment", "worksFor",
          kOrdinary, false, {},
          R"({"type":"string","minLength":1,"maxLength":200})"},
    Entry{"health.allergy", "Allergies", "MedicalHealth", "", kSpecial, false,
          {},
          R"({"type":"array","maxItems":64,"items":{"type":"object",
              "required":["substance"],"additionalProperties":false,
              "properties":{"substance":{"type":"string","minLength":1,"maxLength":120},
              "reaction":{"type":"string","maxLength":200},
              "severity":{"enum":["mild","moderate","severe"]}}}})"},
    Entry{"health.blood_type", "Blood type", "MedicalHealth", "", kSpecial,
          false, {},
          R"({"enum":["A+","A-","B+","B-","AB+","AB-","0+","0-"]})"},
    Entry{"health.disability", "Recognised disability", "Disability", "",
          kSpecial, false, {}, R"({"type":"boolean"})"},
    Entry{"household.size", "People in the household", "Household", "",
          kOrdinary, false, {"has_entitlement/1"},
          R"({"type":"integer","minimum":1,"maximum":50})"},
    Entry{"income.annual", "Yearly income", "Income", "MonetaryAmount",
          kOrdinary, false, {"income_band/1", "has_entitlement/1"},
          R"({"type":"object","required":["amount","currency","year"],
              "additionalProperties":false,
              "properties":{"amount":{"type":"number","minimum":0},
              "currency":{"type":"string","pattern":"^[A-Z]{3}$"},
              "year":{"type":"integer","minimum":1900,"maximum":2200}}})"},
    Entry{"person.address", "Postal address", "PhysicalAddress",
          "PostalAddress", kOrdinary, true, {"postcode_prefix/1"},
          R"({"type":"object","required":["street","city","country"],
              "additionalProperties":false,
              "properties":{"street":{"type":"string","minLength":1,"maxLength":200},
              "postcode":{"type":"string","maxLength":20},
              "city":{"type":"string","minLength":1,"maxLength":120},
              "country":{"type":"string","pattern":"^[A-Z]{2}$"}}})"},
    Entry{"person.birth_date", "Date of birth", "BirthDate", "birthDate",
          kOrdinary, false, {"over_n/1", "has_entitlement/1"},
          R"({"type":"string","format":"date"})"},
    Entry{"person.email", "E-mail address", "EmailAddress", "email", kOrdinary,
          true, {},
          R"({"type":"string","minLength":3,"maxLength":254,"pattern":"^[^@ ]+@[^@ ]+$"})"},
    Entry{"person.gender", "Gender", "Gender", "gender", kOrdinary, false, {},
          R"({"type":"string","minLength":1,"maxLength":40})"},
    Entry{"person.language", "Preferred language", "Language",
          "knowsLanguage", kOrdinary, false, {},
          R"({"type":"string","pattern":"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$","maxLength":35})"},
    Entry{"person.marital_status", "Marital status", "MaritalStatus", "",
          kOrdinary, false, {},
          R"({"enum":["single","married","partnership","divorced","widowed"]})"},
    Entry{"person.name", "Name", "Name", "name", kOrdinary, true, {},
          R"({"type":"object","required":["family"],"additionalProperties":false,
              "properties":{"given":{"type":"string","maxLength":120},
              "family":{"type":"string","minLength":1,"maxLength":120}}})"},
    Entry{"person.nationality", "Nationality", "Nationality", "nationality",
          kOrdinary, false, {},
          R"({"type":"array","minItems":1,"maxItems":8,"uniqueItems":true,
              "items":{"type":"string","pattern":"^[A-Z]{2}$"}})"},
    Entry{"person.phone", "Telephone number", "TelephoneNumber", "telephone",
          kOrdinary, true, {},
          R"({"type":"string","pattern":"^\\+[0-9]{6,15}$","maxLength":16})"},
    Entry{"residence.municipality", "Municipality", "Residency", "",
          kOrdinary, false, {"resident_of/1", "has_entitlement/1"},
          R"({"type":"string","minLength":1,"maxLength":120})"},
};
// clang-format on

Definition FromEntry(const Entry& entry) {
  Definition out;
  out.id = entry.id;
  out.schema_version = 1;
  out.title = entry.title;
  out.category_iri = std::string("https://w3id.org/dpv/pd#");
  out.category_iri += entry.category;
  if (!entry.term.empty()) {
    out.external_term_iri = "https://schema.org/";
    out.external_term_iri += entry.term;
  }
  out.sensitivity = entry.sensitivity;
  out.direct_identifier = entry.direct_identifier;
  for (const std::string_view derivation : entry.derivations) {
    if (!derivation.empty()) out.derivations.emplace_back(derivation);
  }
  auto schema = json::ParseStrict(entry.schema);
  // Invariant: the table above is ours and is tested.
  LIMPID_CHECK(schema.ok());
  out.schema = *std::move(schema);
  return out;
}

}  // namespace

std::vector<Definition> StarterCatalogue() {
  std::vector<Definition> out;
  out.reserve(kEntries.size());
  for (const Entry& entry : kEntries) out.push_back(FromEntry(entry));
  return out;
}

}  // namespace limpid::vault
