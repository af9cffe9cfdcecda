// International bank account numbers in a text: ISO 13616, with the lengths of
// the registry that SWIFT keeps for it. docs/formats/feedback-ticket.md

#ifndef LIMPID_ALGOREGISTER_FEEDBACK_IBAN_H_
#define LIMPID_ALGOREGISTER_FEEDBACK_IBAN_H_

#include <cstddef>
#include <optional>
#include <string_view>

namespace limpid::algoregister {

// Where in a seen text (seen_text.h) the first number begins that is one: at
// the beginning of a word a country of the registry, as many letters and digits
// as that country's have, separators between them or not, check digits that
// leave 1 of 97, and at least six digits behind those. A country that is not in
// the registry has none.
std::optional<std::size_t> FindIban(std::string_view seen);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_FEEDBACK_IBAN_H_
