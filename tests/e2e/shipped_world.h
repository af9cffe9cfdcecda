// A fresh world for each test, on the shipped server.

#ifndef LIMPID_TESTS_E2E_SHIPPED_WORLD_H_
#define LIMPID_TESTS_E2E_SHIPPED_WORLD_H_

#include <cstdlib>
#include <filesystem>
#include <string>

#include "common/rpc/tls13.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/world/world.h"

namespace limpid::testing {

// The shipped program of that name.
inline std::filesystem::path ShippedBinary(const std::string& name) {
  const char* const folder = std::getenv("LIMPID_BIN_DIR");
  return std::filesystem::path(folder == nullptr ? "build/release/bin"
                                                 : folder) /
         name;
}

class ShippedWorldTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { rpc::RequireTls13(); }
  ShippedWorldTest()
      : world_(directory_.path() / "limpid",
               Binary(ShippedBinary("limpidd"), server_log())) {}

  [[nodiscard]] std::filesystem::path server_log() const {
    return directory_.path() / "server.log";
  }
  [[nodiscard]] std::filesystem::path data() const {
    return directory_.path() / "limpid" / "data";
  }

  TempDir directory_;
  World world_;
};

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_E2E_SHIPPED_WORLD_H_
