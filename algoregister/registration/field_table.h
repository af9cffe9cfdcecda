// Which fields a registration of each kind has, as a table: the one place that
// grows when a national standard has something we had not. Knows what values
// look like, not which are required where: that is a profile's matter.

#ifndef LIMPID_ALGOREGISTER_REGISTRATION_FIELD_TABLE_H_
#define LIMPID_ALGOREGISTER_REGISTRATION_FIELD_TABLE_H_

#include <cstddef>
#include <span>
#include <string_view>

#include "algoregister/registration/ids.h"

namespace limpid::algoregister {

enum class FieldType {
  // Language map {"nl": {"origin": "human", "text": "..."}}; with "format":
  // "html" the text is HTML of the six tags of rich_text.h.
  kText,
  // A text that is the same in every language: names, licences.
  kPlain,
  // One of the codes of the row.
  kCode,
  // "2026", "2026-04" or "2026-04-07".
  kDate,
  // "https://..." or "http://...".
  kUrl,
  // Id of a registration of the row's target kind.
  kReference,
  // [{"dataset": "dat_...", "snapshot": "snp_...", "use": code}], snapshot
  // optional.
  kDatasetUses,
  // [{"id", "name", "opened", "state": "open"}] or with "sealed" and state
  // "sealed".
  kSnapshots,
  // A list of codes of the row, ascending, each once.
  kCodes,
  // A list of texts as kPlain, in the order given, each once.
  kPlains,
  // A list of ids as kReference, ascending, each once.
  kReferences,
  // A JSON number.
  kNumber,
  // "sha256:" and 64 digits of lower-case hex.
  kDigest,
  // A list of objects with the members of the row.
  kRecords,
  // A part of another standard's document, kept as it is: any JSON of at most
  // max_bytes in canonical form.
  kDocument,
};

// The six MIM5 headings, and what names a registration.
enum class Chapter {
  kIdentity,
  kProceduralTransparency,
  kTechnicalTransparency,
  kTechnicalExplainability,
  kFairness,
  kContext,
  kAccountability,
};

struct Code {
  std::string_view code;
  // For people, in English.
  std::string_view label;
};

// One member of the objects of a kRecords field. Its type is none of
// kDatasetUses, kSnapshots, kRecords, kDocument.
struct MemberSpec {
  std::string_view name;
  // For people, in English.
  std::string_view label;
  FieldType type;
  // Most bytes of one text.
  std::size_t max_bytes = 0;
  std::span<const Code> codes = {};
  RegistrationKind target = RegistrationKind::kOrganisation;
  bool required = false;
};

struct FieldSpec {
  std::string_view name;
  // For people, in English.
  std::string_view label;
  Chapter chapter;
  FieldType type;
  // Most bytes of one text.
  std::size_t max_bytes = 0;
  std::span<const Code> codes = {};
  RegistrationKind target = RegistrationKind::kOrganisation;
  // Must be given in every version: what lists and links show.
  bool names_the_registration = false;
  // Of kRecords.
  std::span<const MemberSpec> members = {};
};

// The fields of a kind, the naming one first; a file of fields/ each.
std::span<const FieldSpec> FieldsOf(RegistrationKind kind);
// The row, or nullptr.
const FieldSpec* FindField(RegistrationKind kind, std::string_view name);
// The row that names registrations of `kind`.
const FieldSpec& NamingField(RegistrationKind kind);
// A member as a field of its own, for what reads and writes values of both.
FieldSpec AsField(const MemberSpec& member);
// The member, or nullptr.
const MemberSpec* FindMember(const FieldSpec& field, std::string_view name);
// Label of a code of `codes`, or the code itself.
std::string_view CodeLabel(std::span<const Code> codes, std::string_view code);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_FIELD_TABLE_H_
