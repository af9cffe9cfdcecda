// The two macros that pass an error on. There is never a third.

#ifndef LIMPID_COMMON_BASE_STATUS_MACROS_H_
#define LIMPID_COMMON_BASE_STATUS_MACROS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define LIMPID_MACRO_CONCAT_INNER(a, b) a##b
#define LIMPID_MACRO_CONCAT(a, b) LIMPID_MACRO_CONCAT_INNER(a, b)

// Returns the status of `expression` from the enclosing function unless OK.
#define LIMPID_RETURN_IF_ERROR(expression)         \
  do {                                             \
    absl::Status limpid_status = (expression);     \
    if (!limpid_status.ok()) return limpid_status; \
  } while (false)

// Evaluates `expression` (a StatusOr); returns its status unless OK, otherwise
// moves the value into `declaration`.
#define LIMPID_ASSIGN_OR_RETURN(declaration, expression)                      \
  LIMPID_ASSIGN_OR_RETURN_INNER(LIMPID_MACRO_CONCAT(limpid_value_, __LINE__), \
                                declaration, expression)
// NOLINTBEGIN(bugprone-macro-parentheses): both name what is being declared.
#define LIMPID_ASSIGN_OR_RETURN_INNER(temporary, declaration, expression) \
  auto temporary = (expression);                                          \
  if (!temporary.ok()) return temporary.status();                         \
  declaration = *std::move(temporary)
// NOLINTEND(bugprone-macro-parentheses)

#endif  // LIMPID_COMMON_BASE_STATUS_MACROS_H_
