// Where the outside material lies: vectors others made, real registers.

#ifndef LIMPID_TESTS_TESTING_SHARED_H_
#define LIMPID_TESTS_TESTING_SHARED_H_

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace limpid::testing {

// Path of `relative` below LIMPID_SHARED, or empty when it is absent.
std::filesystem::path SharedPath(std::string_view relative);
// Whole contents; an unreadable file fails the test and gives "".
std::string ReadFile(const std::filesystem::path& path);
// A fresh directory below the system's temporary one, removed with all in it
// when the object goes.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace limpid::testing

// Declares `name`, the path of outside material, or skips the test saying so.
// NOLINTBEGIN(bugprone-macro-parentheses): a declared name stays bare
#define LIMPID_SHARED_OR_SKIP(name, relative)                                 \
  const std::filesystem::path name = ::limpid::testing::SharedPath(relative); \
  if (name.empty())                                                           \
  GTEST_SKIP() << "outside material " << (relative)                           \
               << " is absent; set LIMPID_SHARED"
// NOLINTEND(bugprone-macro-parentheses)

#endif  // LIMPID_TESTS_TESTING_SHARED_H_
