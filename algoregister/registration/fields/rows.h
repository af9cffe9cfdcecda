// How the tables of this folder write their rows, and what more than one of
// them has. For them alone.

#ifndef LIMPID_ALGOREGISTER_REGISTRATION_FIELDS_ROWS_H_
#define LIMPID_ALGOREGISTER_REGISTRATION_FIELDS_ROWS_H_

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::fields {

// A title fits one line of a list; the Dutch standard allows 100 characters.
inline constexpr std::size_t kTitleBytes = 400;
// Names are index keys.
inline constexpr std::size_t kNameBytes = 200;
// Addresses in real registers reach 500 characters.
inline constexpr std::size_t kUrlBytes = 2'000;
// The longest national limit is 10,000 characters.
inline constexpr std::size_t kProseBytes = 20'000;
// A part of another standard's document: a registration has 256 KiB.
inline constexpr std::size_t kDocumentBytes = std::size_t{128} << 10U;

constexpr FieldSpec Naming(std::string_view name, std::string_view label,
                           FieldType type, std::size_t max_bytes) {
  return {.name = name,
          .label = label,
          .chapter = Chapter::kIdentity,
          .type = type,
          .max_bytes = max_bytes,
          .names_the_registration = true};
}

constexpr FieldSpec Plain(std::string_view name, std::string_view label,
                          Chapter chapter, FieldType type,
                          std::size_t max_bytes = 0) {
  return {.name = name,
          .label = label,
          .chapter = chapter,
          .type = type,
          .max_bytes = max_bytes};
}

// The most usual row: text for people.
constexpr FieldSpec Prose(std::string_view name, std::string_view label,
                          Chapter chapter) {
  return Plain(name, label, chapter, FieldType::kText, kProseBytes);
}

constexpr FieldSpec Coded(std::string_view name, std::string_view label,
                          Chapter chapter, std::span<const Code> codes,
                          FieldType type = FieldType::kCode) {
  return {.name = name,
          .label = label,
          .chapter = chapter,
          .type = type,
          .codes = codes};
}

constexpr FieldSpec Reference(std::string_view name, std::string_view label,
                              Chapter chapter, RegistrationKind target,
                              FieldType type = FieldType::kReference) {
  return {.name = name,
          .label = label,
          .chapter = chapter,
          .type = type,
          .target = target};
}

// Several texts, each as long as prose.
constexpr FieldSpec Texts(std::string_view name, std::string_view label,
                          Chapter chapter) {
  return Plain(name, label, chapter, FieldType::kPlains, kProseBytes);
}

constexpr FieldSpec References(std::string_view name, std::string_view label,
                               Chapter chapter, RegistrationKind target) {
  return Reference(name, label, chapter, target, FieldType::kReferences);
}

constexpr FieldSpec Records(std::string_view name, std::string_view label,
                            Chapter chapter,
                            std::span<const MemberSpec> members) {
  return {.name = name,
          .label = label,
          .chapter = chapter,
          .type = FieldType::kRecords,
          .members = members};
}

constexpr FieldSpec Document(std::string_view name, std::string_view label,
                             Chapter chapter) {
  return Plain(name, label, chapter, FieldType::kDocument, kDocumentBytes);
}

// What a dataset is used for.
inline constexpr auto kUse = std::to_array<Code>({
    {"train", "training"},
    {"validate", "validation"},
    {"test", "testing"},
    {"fine_tune", "fine-tuning"},
    {"retrieve", "retrieval"},
    {"operate", "operation"},
    {"evaluate", "evaluation"},
});

// What a complete import says of a registration that its register no longer
// lists; none says that it does.
inline constexpr std::string_view kListingField = "listing";
inline constexpr auto kListing = std::to_array<Code>({
    {"listed", "listed"},
    {"vanished", "no longer listed"},
});
constexpr FieldSpec Listing() {
  return Coded(kListingField, "In the register it was taken from",
               Chapter::kAccountability, kListing);
}
// How far a decision is automated: MIM5, question 1.
inline constexpr auto kDecisionLevel = std::to_array<Code>({
    {"none", "no decision rests on it"},
    {"support", "it prepares or advises, a person decides every case"},
    {"partly", "it decides some cases by itself"},
    {"full", "it decides every case by itself"},
});
inline constexpr auto kDecidesAboutPersons = std::to_array<Code>({
    {"yes", "about persons"},
    {"no", "not about persons"},
});
// Whether an independent party may check it: MIM5, accountability.
inline constexpr auto kIndependentValidation = std::to_array<Code>({
    {"allowed", "allowed"},
    {"refused", "refused"},
});

// A title with an address, as registers list laws and documents.
inline constexpr auto kLinkMembers = std::to_array<MemberSpec>({
    {.name = "title",
     .label = "Title",
     .type = FieldType::kPlain,
     .max_bytes = kUrlBytes,
     .required = true},
    {.name = "url",
     .label = "Address",
     .type = FieldType::kUrl,
     .max_bytes = kUrlBytes},
});

// One per file of this folder.
std::span<const FieldSpec> Organisation();
std::span<const FieldSpec> System();
std::span<const FieldSpec> Deployment();
std::span<const FieldSpec> Model();
std::span<const FieldSpec> Dataset();
std::span<const FieldSpec> Evaluation();
std::span<const FieldSpec> Assessment();
std::span<const FieldSpec> Certification();
std::span<const FieldSpec> Incident();

}  // namespace limpid::algoregister::fields

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_FIELDS_ROWS_H_
