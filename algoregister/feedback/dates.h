// Whole dates in a text: day, month and year, in digits or with the month in
// words. docs/formats/feedback-ticket.md

#ifndef LIMPID_ALGOREGISTER_FEEDBACK_DATES_H_
#define LIMPID_ALGOREGISTER_FEEDBACK_DATES_H_

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace limpid::algoregister {

// `day` stands in [begin, end) of a seen text (seen_text.h).
struct DateInText {
  std::size_t begin = 0;
  std::size_t end = 0;
  absl::CivilDay day;
};

// Every date of 1900 to 2100 at the beginning of a word: "7-4-1980",
// "1980-04-07", "7 april 1980", "April 7, 1980". Months of English, Dutch,
// German, French, Spanish and Italian, as whole words or abbreviated as usual;
// "7th April" is none. Where day and month can be swapped, as a Dutch reader
// reads it. They may overlap.
std::vector<DateInText> FindDates(std::string_view seen);

// Where the first of `dates`, which are those of `seen`, begins that may be of
// a birth: ten years or more before `now`, or within 24 characters behind a
// word such as "born".
std::optional<std::size_t> FindBirthDate(std::string_view seen,
                                         const std::vector<DateInText>& dates,
                                         absl::Time now);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_FEEDBACK_DATES_H_
