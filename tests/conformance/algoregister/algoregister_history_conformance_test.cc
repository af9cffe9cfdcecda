#include "gtest/gtest.h"
#include "tests/conformance/algoregister/reader_store_conformance.h"
#include "tests/conformance/algoregister/registration_history_conformance.h"
#include "tests/conformance/algoregister/registration_mark_conformance.h"
#include "tests/conformance/algoregister/store_harness.h"

namespace limpid::algoregister {
namespace {

// Its tests are the other program's.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RegistrationStoreConformance);

INSTANTIATE_TEST_SUITE_P(All, RegistrationHistoryConformance,
                         ::testing::ValuesIn(Implementations()),
                         ImplementationName);
INSTANTIATE_TEST_SUITE_P(All, RegistrationMarkConformance,
                         ::testing::ValuesIn(Implementations()),
                         ImplementationName);
INSTANTIATE_TEST_SUITE_P(All, ReaderStoreConformance,
                         ::testing::ValuesIn(Implementations()),
                         ImplementationName);

}  // namespace
}  // namespace limpid::algoregister
