#include "clients/cpp/person_key.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

using testing::IsOk;
using testing::StatusIs;

TEST(PersonKey, ComesBackFromItsFile) {
  const testing::TempDir dir;
  const auto file = dir.path() / "key.json";
  const PersonKey made = PersonKey::Generate();
  ASSERT_THAT(made.WriteNew(file), IsOk());
  const auto read = PersonKey::Read(file);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->key().PublicKey(), made.key().PublicKey());
  struct stat facts {};
  ASSERT_EQ(stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST(PersonKey, IsNeverOverwritten) {
  const testing::TempDir dir;
  const auto file = dir.path() / "key.json";
  ASSERT_THAT(PersonKey::Generate().WriteNew(file), IsOk());
  EXPECT_THAT(PersonKey::Generate().WriteNew(file),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST(PersonKey, RefusesAFileThatOthersMayRead) {
  const testing::TempDir dir;
  const auto file = dir.path() / "key.json";
  ASSERT_THAT(PersonKey::Generate().WriteNew(file), IsOk());
  std::filesystem::permissions(file, std::filesystem::perms(0640));
  EXPECT_THAT(PersonKey::Read(file),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(PersonKey, RefusesWhatIsNoKeyFile) {
  const testing::TempDir dir;
  const auto file = dir.path() / "key.json";
  EXPECT_THAT(PersonKey::Read(file), StatusIs(absl::StatusCode::kNotFound));
  for (
      const char* const text :
      {"", "{}", R"({"format":"limpid-person-key/1"})",
       R"({"format":"limpid-person-key/1","seed":"AAAA"})",
       R"({"format":"other/1","seed":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})"}) {
    std::ofstream(file) << text;
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    EXPECT_THAT(PersonKey::Read(file),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(PersonKey, HasAnotherGrantKeyForEachRecord) {
  const PersonKey key = PersonKey::Generate();
  EXPECT_EQ(key.GrantKey("rec_a").PublicKey(),
            key.GrantKey("rec_a").PublicKey());
  EXPECT_NE(key.GrantKey("rec_a").PublicKey(),
            key.GrantKey("rec_b").PublicKey());
  EXPECT_NE(key.GrantKey("rec_a").PublicKey(), key.key().PublicKey());
}

}  // namespace
}  // namespace limpid::client
