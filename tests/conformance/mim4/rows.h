// The rows of MIM4 that a program can check, and how a case names its row.

#ifndef LIMPID_TESTS_CONFORMANCE_MIM4_ROWS_H_
#define LIMPID_TESTS_CONFORMANCE_MIM4_ROWS_H_

#include "gtest/gtest.h"

namespace limpid::mim4 {

// Which text of MIM4 a case answers.
struct Row {
  // As we cite it: "2022.9", "L:CS-20".
  const char* id;
  // The document and its version.
  const char* source;
  // What is asked, in our words.
  const char* asks;
};

inline constexpr const char* kMims2022 = "OASC MIMs 2022, MIM4 capabilities";
inline constexpr const char* kConnectivity =
    "MIM4 connectivity specification, May 2021";
inline constexpr const char* kVersion8 = "OASC MIM4 v8.0 capabilities";
inline constexpr const char* kMyData =
    "MyData consent record, as MIM4 cites it";

// For the report that tools/dev/mim_report.py makes of the results.
inline void Cite(const Row& row) {
  ::testing::Test::RecordProperty("row", row.id);
  ::testing::Test::RecordProperty("source", row.source);
  ::testing::Test::RecordProperty("asks", row.asks);
}

}  // namespace limpid::mim4

// A row that nothing in this version can answer: listed, never passed.
#define LIMPID_MIM4_PENDING(name, id, source, asks, waits) \
  TEST(Mim4Pending, name) {                                \
    ::limpid::mim4::Cite({id, source, asks});              \
    GTEST_SKIP() << "pending: " << (waits);                \
  }                                                        \
  static_assert(true, "needs a semicolon")

#endif  // LIMPID_TESTS_CONFORMANCE_MIM4_ROWS_H_
