#include "tests/testing/world/one_server.h"

#include <cstdlib>

#include "common/rpc/tls13.h"

namespace limpid::testing {

OneServer& OneServer::For(const std::string& suite) {
  auto made = std::make_unique<OneServer>(suite);
  OneServer& out = *made;
  ::testing::AddGlobalTestEnvironment(made.release());
  return out;
}

World& OneServer::Get() {
  if (world_ != nullptr) return *world_;
  rpc::RequireTls13();
  // NOLINTBEGIN(concurrency-mt-unsafe): nobody sets variables here
  const char* const address =
      std::getenv(("LIMPID_" + suite_ + "_ADDRESS").c_str());
  const char* const directory =
      std::getenv(("LIMPID_" + suite_ + "_DIRECTORY").c_str());
  // NOLINTEND(concurrency-mt-unsafe)
  world_ =
      address != nullptr && directory != nullptr
          ? std::make_unique<World>(directory, Running(address))
          : std::make_unique<World>(directory_.path() / "limpid", InProcess());
  return *world_;
}

}  // namespace limpid::testing
