// The command line against a whole server: each run is a session of its own, on
// the home of one device.

#ifndef LIMPID_TESTS_INTEGRATION_SERVER_CLI_FIXTURE_H_
#define LIMPID_TESTS_INTEGRATION_SERVER_CLI_FIXTURE_H_

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "clients/cli/failure.h"
#include "clients/cli/session.h"
#include "tests/integration/server/world_fixture.h"

namespace limpid::testing {

class CliTest : public WorldTest {
 protected:
  // Makes an account whose device is "phone", and a copy of its key and pinned
  // facts as "laptop".
  void SetUp() override;

  [[nodiscard]] std::filesystem::path Home(const std::string& device) const {
    return directory_.path() / device;
  }
  cli::Session SessionOf(const std::string& device);
  // `limpid person WORDS` on a device; what it says goes to out().
  cli::ExitCode Run(const std::string& device, std::vector<std::string> words);
  // `limpid WORDS`, whatever group they begin with.
  cli::ExitCode RunWhole(const std::string& device,
                         std::vector<std::string> words);
  // `limpid admin WORDS`, with an administrator's certificate.
  cli::ExitCode RunAdmin(std::vector<std::string> words);

  [[nodiscard]] std::string out() const { return out_.str(); }
  [[nodiscard]] bool Said(const std::string& text) const {
    return out_.str().find(text) != std::string::npos;
  }
  [[nodiscard]] std::string FirstLine() const {
    return out_.str().substr(0, out_.str().find('\n'));
  }
  // The word that begins with `prefix`, an id's "hol_".
  [[nodiscard]] std::string WordWith(const std::string& prefix) const;

 private:
  std::string Saved(const char* name, const std::string& text);

  std::ostringstream out_;
};

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_INTEGRATION_SERVER_CLI_FIXTURE_H_
