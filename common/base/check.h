// LIMPID_CHECK aborts on a broken invariant of our own. Input never reaches it.

#ifndef LIMPID_COMMON_BASE_CHECK_H_
#define LIMPID_COMMON_BASE_CHECK_H_

namespace limpid::base {

// Writes "limpid: broken invariant: <condition> (<file>:<line>)" to standard
// error and aborts. Prints no values: they could be personal data.
[[noreturn]] void CheckFailed(const char* condition, const char* file,
                              int line);

}  // namespace limpid::base

#define LIMPID_CHECK(condition)                                    \
  do {                                                             \
    if (!(condition))                                              \
      ::limpid::base::CheckFailed(#condition, __FILE__, __LINE__); \
  } while (false)

#endif  // LIMPID_COMMON_BASE_CHECK_H_
