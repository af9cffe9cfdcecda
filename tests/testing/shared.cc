#include "tests/testing/shared.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>

namespace limpid::testing {

std::filesystem::path SharedPath(std::string_view relative) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): tests set no environment
  const char* const root = std::getenv("LIMPID_SHARED");
  if (root == nullptr) return {};
  const std::filesystem::path path = std::filesystem::path(root) / relative;
  std::error_code error;
  return std::filesystem::exists(path, error) ? path : std::filesystem::path();
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TempDir::TempDir() {
  std::string name =
      (std::filesystem::temp_directory_path() / "limpid-test-XXXXXX").string();
  EXPECT_NE(mkdtemp(name.data()), nullptr);
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace limpid::testing
