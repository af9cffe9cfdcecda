// Erasing one field of stored versions: what is asked for, what stays on
// record. Values and pure functions; Register::EraseField does it.
// docs/adr/2026-11-30-erasing-one-field.md

#ifndef LIMPID_ALGOREGISTER_REGISTRATION_FIELD_ERASURE_H_
#define LIMPID_ALGOREGISTER_REGISTRATION_FIELD_ERASURE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "algoregister/registration/ids.h"
#include "algoregister/version/version.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// A law and its article, and a sentence.
inline constexpr std::size_t kMaxGroundBytes = 1'000;

// In which role a field was erased. Stored: append, never renumber.
enum class ErasureRole : std::uint8_t { kAdministrator = 1 };

// What stays of an erased field, public for ever. Never the value.
struct FieldErasure {
  RegistrationId registration;
  std::uint32_t number = 0;
  // Of the disclosure, "/fields/contact".
  std::string pointer;
  // Millisecond resolution.
  absl::Time time;
  // The legal ground.
  std::string ground;
  ErasureRole role = ErasureRole::kAdministrator;

  friend bool operator==(const FieldErasure&, const FieldErasure&) = default;
};

// What an administrator asks for.
struct ErasureOrder {
  RegistrationId registration;
  // From 1; 0 for every version that has the field.
  std::uint32_t number = 0;
  std::string pointer;
  std::string ground;
};

// A field that says what was erased, and stays readable.
struct RepeatedAt {
  std::uint32_t number = 0;
  std::string pointer;

  friend bool operator==(const RepeatedAt&, const RepeatedAt&) = default;
};

struct ErasureOutcome {
  // Every erasure of that field, earlier ones too, oldest version first; and
  // those of "/aliases" that went with it, because a name that imports go by
  // stood there that is made of the field (import_names.h).
  std::vector<FieldErasure> erasures;
  // In the order of version and pointer; "/aliases" of versions that keep such
  // a name. Empty too, but for these, when the value is gone already: nobody
  // can tell any more.
  std::vector<RepeatedAt> repeated;
};

// Checks pointer and ground.
//
// Errors:
//   kInvalidArgument  "<field>: reason": a pointer that names nothing erasable
//                     of the kind (a kind and snapshots stay: other
//                     registrations stand on them), or no ground.
absl::Status CheckErasureOrder(const ErasureOrder& order);

// The disclosure of `version` at `pointer`, or null.
const FieldDisclosure* FindDisclosure(const Version& version,
                                      std::string_view pointer);

// Where `versions` say again what a field said that had one of `values`: one of
// them at the same pointer, or one of their texts for people, of kTellingBytes
// or more, anywhere; each place once, in the order of versions. Places in
// `erased` do not count. Costs the whole history times the different texts of
// the values.
std::vector<RepeatedAt> FindRepeated(std::span<const Version> versions,
                                     std::string_view pointer,
                                     std::span<const json::Value* const> values,
                                     std::span<const RepeatedAt> erased);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_FIELD_ERASURE_H_
