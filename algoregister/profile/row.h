// Reads one row of a foreign file by its profile's table: what it says in our
// fields, what had to be repaired, why it cannot be taken. Pure.
// docs/formats/profiles.md

#ifndef LIMPID_ALGOREGISTER_PROFILE_ROW_H_
#define LIMPID_ALGOREGISTER_PROFILE_ROW_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/profile/profile.h"
#include "algoregister/registration/ids.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// Members outside the profile that are named one by one; more are counted. A
// row of one kilobyte could have a hundred and fifty.
inline constexpr std::size_t kMaxUnknownNamed = 16;

// One remark on one member of a row.
struct Finding {
  // Name in the file; empty for the row as a whole.
  std::string field;
  // The row was taken all the same.
  bool repaired = false;
  // What was wrong and what was done, without the value.
  std::string message;
};

// An organisation that a row names.
struct NamedOrganisation {
  // Field of ours, and its column.
  std::string_view field;
  const Column* column = nullptr;
  std::string name;
};

// A language of a text field that the row could have said something in.
struct EmptyText {
  std::string_view field;
  // BCP 47.
  std::string_view language;
};

// Words of the row, and the field that an earlier release kept them in.
struct MovedWords {
  std::string_view formerly;
  // As that field said it.
  json::Value field;
};

// A document that an export of this software made, of this register or another.
struct MadeDocument {
  // Whom it says to keep the registration that it is of.
  std::string publisher;
  // The field for the rest of a document, and what stands there if what the
  // document says of itself is kept.
  std::string_view field;
  json::Value rest;
};

// A row in our fields. Taken only if no finding rejects it.
struct RowReading {
  // As far as it could be read, of a rejected row too.
  std::string foreign_id;
  // The registration that the row's id names where an export made the id of
  // ours. Not looked up: it may be another register's.
  std::optional<RegistrationId> own_id;
  // There is an id, and it cannot be read.
  bool has_broken_id = false;
  std::vector<NamedOrganisation> organisations;
  // Our fields, without the organisations that are named.
  json::Value fields = json::Value::Object();
  // Fields that the row says nothing about though it could.
  std::vector<std::string> cleared;
  // Views into the profile.
  std::vector<EmptyText> empty_texts;
  std::vector<Finding> findings;
  // What the natural key is made of; empty when that could not be read.
  std::string natural_id;
  // BCP 47 of the texts of columns without a language of their own: a view into
  // the profile.
  std::string_view language;
  // Words that an earlier release kept in another field.
  std::vector<MovedWords> moved;
  // Its fields have nothing of what the document says of itself: that is for
  // whoever knows the register.
  std::optional<MadeDocument> made;
};

// `row` is as a reader gives it: of a flat file with texts alone and only the
// columns that the file has.
RowReading ReadRow(const Profile& profile, const json::Value& row);

// Puts the name that the file uses in place of the pointer that ValidateContent
// answered with.
Finding RejectionOf(const Profile& profile, const absl::Status& status);

// The id that the row has in its register; empty when it has none, or one that
// cannot be read or that an export made of ours.
std::string ForeignIdOf(const Profile& profile, const json::Value& row);
// Whether rows say which language they are in.
bool HasRowLanguages(const Profile& profile);
// What the file calls `field` of ours; empty if no column carries it.
std::string_view ForeignNameOf(const Profile& profile, std::string_view field);
// Whether rows of the profile have ids of their own.
bool HasForeignIds(const Profile& profile);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_ROW_H_
