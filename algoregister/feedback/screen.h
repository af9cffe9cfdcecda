// Sees what looks like personal data in a text that is about to be public, and
// what would make it look like something else. Sees shapes: addresses, numbers,
// dates. A name is only a word to it, and gets past.
// docs/formats/feedback-ticket.md

#ifndef LIMPID_ALGOREGISTER_FEEDBACK_SCREEN_H_
#define LIMPID_ALGOREGISTER_FEEDBACK_SCREEN_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace limpid::algoregister {

enum class PersonalKind {
  kMailAddress,
  kPhoneNumber,
  // Nine digits that pass the test of eleven: a Dutch BSN.
  kCitizenNumber,
  kIban,
  kBirthDate,
};

struct PersonalFinding {
  PersonalKind kind = PersonalKind::kMailAddress;
  // Character it begins at, from 1.
  std::size_t position = 0;
};

// The first finding in `text`, which is UTF-8, read as people see it
// (seen_text.h). A date of day, month and year counts as one of birth when it
// is ten years or more before `now`, or stands behind a word such as "born". Of
// the digits of a date no other number is made, unless it is laid out as one
// (numbers.h).
std::optional<PersonalFinding> FindPersonalData(std::string_view text,
                                                absl::Time now);

// Checks a text of people for a public page: 1 to `max_bytes` of UTF-8 without
// control characters (line ends and tabs pass) and without characters that turn
// the direction of writing, more than blanks, no personal data.
//
// Errors:
//   kInvalidArgument  "<field>: reason", never any of the text.
absl::Status CheckPublicText(std::string_view field, std::string_view text,
                             std::size_t max_bytes, absl::Time now);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_FEEDBACK_SCREEN_H_
