// Groups of digits in a seen text (seen_text.h), which of them can be one
// number, and which are a date and no number. Knows shapes, and whose numbers
// they are not. docs/formats/feedback-ticket.md

#ifndef LIMPID_ALGOREGISTER_FEEDBACK_NUMBERS_H_
#define LIMPID_ALGOREGISTER_FEEDBACK_NUMBERS_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "algoregister/feedback/dates.h"

namespace limpid::algoregister {

// Of a phone number with its country, E.164; citizen numbers have fewer.
inline constexpr std::size_t kMostDigitsOfNumber = 15;

// Digits that stand together in [begin, end) of a seen text, which must outlive
// `digits`.
struct DigitGroup {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view digits;
};

// Digits inside a word, "a4", are none.
std::vector<DigitGroup> GroupsOf(std::string_view seen);

// Whether nothing but one to three separators stands between two groups.
bool AreJoined(std::string_view seen, const DigitGroup& left,
               const DigitGroup& right);

// Whether '+' stands directly before `group`.
bool IsBehindPlus(std::string_view seen, const DigitGroup& group);

// Nine to fifteen digits behind '+' or "00", or ten that begin with 0.
bool IsPhone(std::string_view digits, bool plus);

// `groups` without those of `dates`, both of `seen`: "01-01-2026 10.00" is no
// phone number, and no citizen number begins in a date. A date stays, as digits
// of a number, when it is
//   - not written as one: four digits for the year, one or two for day and
//     month, the same signs on both sides of the middle one;
//   - directly behind '+';
//   - beside further digits, with a single sign between that is no blank, or
//     with what stands between its own: "06-12-2024-55", "06 12 2024 55";
//   - together with all digits it is joined to a phone number: of ten digits
//     and beginning with 06 where the date comes first, any where it does not
//     ("020 1-12-2024").
// Another date beside it, a time ("10:30") and an amount ("2,5") are no further
// digits.
std::vector<DigitGroup> WithoutDates(std::string_view seen,
                                     const std::vector<DigitGroup>& groups,
                                     const std::vector<DateInText>& dates);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_FEEDBACK_NUMBERS_H_
