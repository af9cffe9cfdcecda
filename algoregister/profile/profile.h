// Shapes of other registers, as tables: which member of their rows is which
// field of ours. Reading and writing them is done once, in row.h and export.h,
// for all of them.

#ifndef LIMPID_ALGOREGISTER_PROFILE_PROFILE_H_
#define LIMPID_ALGOREGISTER_PROFILE_PROFILE_H_

#include <span>
#include <string_view>

#include "algoregister/registration/ids.h"

namespace limpid::algoregister {

enum class ColumnType {
  // A text in the profile's language.
  kText,
  kDate,
  kUrl,
  // One of the pairs of the row.
  kCode,
  // The row's id in its register: becomes an alias.
  kForeignId,
  // The exact name of an organisation, registered when it is new.
  kOrganisationName,
};

// A foreign code and ours; ours is empty where theirs means "not known".
struct CodePair {
  std::string_view foreign;
  std::string_view ours;
};

struct Column {
  // Member of their row.
  std::string_view foreign;
  // Field of ours; empty for kForeignId.
  std::string_view field;
  ColumnType type;
  // A row without it is rejected.
  bool required = false;
  std::span<const CodePair> codes = {};
};

struct Profile {
  // "nl-list"; also the scheme of the aliases.
  std::string_view name;
  // Scheme of the aliases of organisations, whose id is their exact name.
  std::string_view organisation_scheme;
  // The list inside the file's object.
  std::string_view list_member;
  std::string_view language;
  // What a row becomes.
  RegistrationKind kind;
  std::span<const Column> columns;
  // Fields of ours that no column gives, recorded as missing when a row is
  // first seen.
  std::span<const std::string_view> missing;
};

// The profile, or nullptr.
const Profile* FindProfile(std::string_view name);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_PROFILE_H_
