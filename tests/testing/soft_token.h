// A PKCS#11 token in software (SoftHSM 2), in a directory of its own. One at a
// time per process: the module finds its directory by an environment variable.

#ifndef LIMPID_TESTS_TESTING_SOFT_TOKEN_H_
#define LIMPID_TESTS_TESTING_SOFT_TOKEN_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/testing/shared.h"

namespace limpid::testing {

// Runs a program found in PATH with its output dropped, and waits. Its exit
// code, or -1.
int RunProgram(std::vector<std::string> command);

class SoftToken {
 public:
  static constexpr std::string_view kLabel = "limpid-test";
  static constexpr std::string_view kPin = "open sesame";

  // Makes the token; a failure fails the test.
  SoftToken();
  SoftToken(const SoftToken&) = delete;
  SoftToken& operator=(const SoftToken&) = delete;

  // Another token beside it.
  static void AddToken(std::string_view label);
  // An AES key that was outside before.
  void ImportKey(std::string_view label);
  // A file with this text that only its owner reads.
  [[nodiscard]] std::filesystem::path PinFile(std::string_view text) const;
  // The module, wherever this system has it; empty when it has none.
  [[nodiscard]] static std::filesystem::path Module();

 private:
  TempDir dir_;
};

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_TESTING_SOFT_TOKEN_H_
