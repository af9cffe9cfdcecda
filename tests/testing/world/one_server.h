// One server for all cases of a program that can also be pointed at a server
// that runs already, as a conformance suite is.

#ifndef LIMPID_TESTS_TESTING_WORLD_ONE_SERVER_H_
#define LIMPID_TESTS_TESTING_WORLD_ONE_SERVER_H_

#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/world/world.h"

namespace limpid::testing {

// Ends its server before the program ends: at exit OpenSSL goes first, and a
// server that stops still hashes what it noted.
class OneServer final : public ::testing::Environment {
 public:
  // GoogleTest owns it. `suite` is such as "MIM4": a server that runs already
  // is named by LIMPID_<suite>_ADDRESS, and what was provisioned for it by
  // LIMPID_<suite>_DIRECTORY.
  static OneServer& For(const std::string& suite);

  explicit OneServer(std::string suite) : suite_(std::move(suite)) {}
  // Started when it is asked for first.
  World& Get();
  void TearDown() override { world_.reset(); }

 private:
  const std::string suite_;
  const TempDir directory_;
  std::unique_ptr<World> world_;
};

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_TESTING_WORLD_ONE_SERVER_H_
