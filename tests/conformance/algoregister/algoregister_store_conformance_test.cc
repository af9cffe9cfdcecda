#include "gtest/gtest.h"
#include "tests/conformance/algoregister/evidence_store_conformance.h"
#include "tests/conformance/algoregister/publisher_store_conformance.h"
#include "tests/conformance/algoregister/registration_lookup_conformance.h"
#include "tests/conformance/algoregister/registration_store_conformance.h"
#include "tests/conformance/algoregister/service_key_conformance.h"
#include "tests/conformance/algoregister/store_harness.h"
#include "tests/conformance/algoregister/ticket_store_conformance.h"
#include "tests/testing/postgres_server.h"

namespace limpid::algoregister {
namespace {

INSTANTIATE_TEST_SUITE_P(All, RegistrationStoreConformance,
                         ::testing::ValuesIn(Implementations()),
                         ImplementationName);
INSTANTIATE_TEST_SUITE_P(All, PublisherStoreConformance,
                         ::testing::ValuesIn(Implementations()),
                         ImplementationName);
INSTANTIATE_TEST_SUITE_P(All, EvidenceStoreConformance,
                         ::testing::ValuesIn(Implementations()),
                         ImplementationName);
INSTANTIATE_TEST_SUITE_P(All, ServiceKeyStoreConformance,
                         ::testing::ValuesIn(Implementations()),
                         ImplementationName);
INSTANTIATE_TEST_SUITE_P(All, TicketStoreConformance,
                         ::testing::ValuesIn(Implementations()),
                         ImplementationName);

}  // namespace
}  // namespace limpid::algoregister
