// One entry of the attribute catalogue: what an attribute is, how its values
// look, how the law ranks it and which questions may be answered from it.
// Values; knows no store.

#ifndef LIMPID_VAULT_ATTRIBUTE_DEFINITION_H_
#define LIMPID_VAULT_ATTRIBUTE_DEFINITION_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/json/value.h"

namespace limpid::vault {

// Stored: append, never renumber. Numbers are those of
// limpid.vault.v1.Sensitivity.
enum class Sensitivity : std::uint8_t {
  kOrdinary = 1,
  // GDPR Art. 9.
  kSpecial = 2,
  // GDPR Art. 10.
  kCriminal = 3,
};

struct Definition {
  static constexpr std::size_t kMaxIdBytes = 96;
  static constexpr std::size_t kMaxTitleBytes = 80;
  static constexpr std::size_t kMaxIriBytes = 200;
  static constexpr std::size_t kMaxDerivations = 16;
  // A schema is read by people before they store something.
  static constexpr std::size_t kMaxSchemaBytes = std::size_t{16} << 10U;

  std::string id;
  // Assigned by the catalogue, from 1.
  std::uint32_t schema_version = 0;
  json::Value schema;
  std::string title;
  std::string category_iri;
  Sensitivity sensitivity = Sensitivity::kOrdinary;
  bool direct_identifier = false;
  std::vector<std::string> derivations;
  std::string external_term_iri;
  // The vault must be able to answer while the person sleeps: never sealed.
  bool assisted_only = false;

  // All but the schema's meaning: ids, lengths, known derivations.
  //
  // Errors:
  //   kInvalidArgument  the message names the field.
  [[nodiscard]] absl::Status Check() const;

  // Canonical JSON, schema version included.
  [[nodiscard]] std::string ToJson() const;
  // Errors:
  //   kDataLoss  not what ToJson wrote.
  static absl::StatusOr<Definition> FromJson(std::string_view text);

  friend bool operator==(const Definition&, const Definition&) = default;
};

// Whether `id` is two to six words joined by '.', each of lower-case letters,
// digits and '_' starting with a letter, at most kMaxIdBytes in all.
[[nodiscard]] bool IsAttributeId(std::string_view id);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ATTRIBUTE_DEFINITION_H_
