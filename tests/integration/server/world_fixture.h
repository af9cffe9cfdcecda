// A fresh world for each test of the whole server in one process.

#ifndef LIMPID_TESTS_INTEGRATION_SERVER_WORLD_FIXTURE_H_
#define LIMPID_TESTS_INTEGRATION_SERVER_WORLD_FIXTURE_H_

#include <filesystem>
#include <string>

#include "common/crypto/ed25519.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/world/world.h"

namespace limpid::testing {

// A registered system and an open snapshot of a registered dataset.
struct TrainingTarget {
  std::string system_id;
  std::string dataset_id;
  std::string snapshot_id;
};

// The key that signs for the operator whose directory it is.
crypto::Ed25519PrivateKey EvidenceKeyOf(const std::filesystem::path& directory);

class WorldTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite();
  WorldTest() : world_(directory_.path() / "limpid", InProcess()) {}

  // Publishes both, as a publisher of its own.
  TrainingTarget RegisterTrainingTarget();

  TempDir directory_;
  World world_;
};

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_INTEGRATION_SERVER_WORLD_FIXTURE_H_
