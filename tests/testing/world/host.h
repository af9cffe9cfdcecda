// How a test runs the server: inside its own process, or as the shipped binary,
// which it can also kill.

#ifndef LIMPID_TESTS_TESTING_WORLD_HOST_H_
#define LIMPID_TESTS_TESTING_WORLD_HOST_H_

#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "server/app.h"
#include "server/config.h"

namespace limpid::testing {

class Host {
 public:
  virtual ~Host() = default;
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // Starts on the configuration in `config_file`; returns the gRPC address.
  virtual absl::StatusOr<std::string> Start(
      const std::filesystem::path& config_file) = 0;
  // Lets running calls end, then stops. Aborts when the server does not end
  // as one that was asked to.
  virtual void Stop() = 0;
  // Stops at once by `signal`, as a crash would. Aborts where that cannot be
  // done.
  virtual void Kill(int signal) = 0;

 protected:
  Host() = default;
};

// `extra` and `machine` as in server::App.
std::unique_ptr<Host> InProcess(const server::ExtraServices& extra = nullptr,
                                const base::Clock* machine = nullptr);

// `binary` is a limpidd. What it says on standard error goes to `log_file`,
// appended.
std::unique_ptr<Host> Binary(const std::filesystem::path& binary,
                             const std::filesystem::path& log_file);

// One that runs already, at `address`; it is neither started nor stopped.
std::unique_ptr<Host> Running(const std::string& address);

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_TESTING_WORLD_HOST_H_
