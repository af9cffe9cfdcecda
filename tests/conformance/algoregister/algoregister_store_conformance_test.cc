#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/conformance/algoregister/publisher_store_conformance.h"
#include "tests/conformance/algoregister/registration_lookup_conformance.h"
#include "tests/conformance/algoregister/registration_store_conformance.h"
#include "tests/conformance/algoregister/service_key_conformance.h"
#include "tests/conformance/algoregister/store_harness.h"
#include "tests/conformance/algoregister/ticket_store_conformance.h"
#include "tests/testing/postgres_server.h"

namespace limpid::algoregister {
namespace {

std::vector<Implementation> All() {
  return {
      {"Memory", [] { return std::make_unique<MemoryHarness>(); }},
      {"SqlCipher", [] { return std::make_unique<SqlHarness>(false); }},
      {"SqlCipherReopened", [] { return std::make_unique<SqlHarness>(true); }},
      {"Postgres", [] { return std::make_unique<PostgresHarness>(false); },
       testing::PostgresServer::WhyAbsent()},
      {"PostgresReopened",
       [] { return std::make_unique<PostgresHarness>(true); },
       testing::PostgresServer::WhyAbsent()},
  };
}

std::string NameOf(const ::testing::TestParamInfo<Implementation>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(All, RegistrationStoreConformance,
                         ::testing::ValuesIn(All()), NameOf);
INSTANTIATE_TEST_SUITE_P(All, PublisherStoreConformance,
                         ::testing::ValuesIn(All()), NameOf);
INSTANTIATE_TEST_SUITE_P(All, ServiceKeyStoreConformance,
                         ::testing::ValuesIn(All()), NameOf);
INSTANTIATE_TEST_SUITE_P(All, TicketStoreConformance,
                         ::testing::ValuesIn(All()), NameOf);

}  // namespace
}  // namespace limpid::algoregister
