// Reads one row of a foreign file by its profile's table: what it says in our
// fields, what had to be repaired, why it cannot be taken. Pure.

#ifndef LIMPID_ALGOREGISTER_PROFILE_ROW_H_
#define LIMPID_ALGOREGISTER_PROFILE_ROW_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/profile/profile.h"
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

// A row in our fields. Taken only if no finding rejects it.
struct RowReading {
  std::string foreign_id;
  std::string organisation_name;
  // Our fields, without the organisation.
  json::Value fields = json::Value::Object();
  std::vector<Finding> findings;

  [[nodiscard]] bool rejected() const;
};

RowReading ReadRow(const Profile& profile, const json::Value& row);

// Puts the name that the file uses in place of the pointer that ValidateContent
// answered with.
Finding RejectionOf(const Profile& profile, const absl::Status& status);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_ROW_H_
