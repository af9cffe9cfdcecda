// The rows of MIM5 that a program can check, and how a case names its row. MIM5
// has no published requirement list and no test: the rows are our reading.

#ifndef LIMPID_TESTS_CONFORMANCE_MIM5_ROWS_H_
#define LIMPID_TESTS_CONFORMANCE_MIM5_ROWS_H_

#include "gtest/gtest.h"

namespace limpid::mim5 {

// Which text of MIM5 a case answers.
struct Row {
  // As we cite it: "L:API-1...3".
  const char* id;
  // The document and its version.
  const char* source;
  // What is asked, in our words.
  const char* asks;
};

inline constexpr const char* kMims2022 = "OASC MIMs 2022, MIM5";
inline constexpr const char* kWorkingGroup =
    "OASC MIM5 working group, May 2024";
inline constexpr const char* kVersion9 = "OASC MIM8 v9 draft";
inline constexpr const char* kOwn = "Limpid's reading of MIM5";

// For the report that tools/dev/mim_report.py makes of the results.
inline void Cite(const Row& row) {
  ::testing::Test::RecordProperty("row", row.id);
  ::testing::Test::RecordProperty("source", row.source);
  ::testing::Test::RecordProperty("asks", row.asks);
}

}  // namespace limpid::mim5

// A row that nothing in this version can answer: listed, never passed.
#define LIMPID_MIM5_PENDING(name, id, source, asks, waits) \
  TEST(Mim5Pending, name) {                                \
    ::limpid::mim5::Cite({id, source, asks});              \
    GTEST_SKIP() << "pending: " << (waits);                \
  }                                                        \
  static_assert(true, "needs a semicolon")

#endif  // LIMPID_TESTS_CONFORMANCE_MIM5_ROWS_H_
