#include "clients/cpp/service_key_file.h"

#include <filesystem>
#include <fstream>

#include "absl/status/status.h"
#include "common/crypto/x25519.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

using testing::IsOk;
using testing::StatusIs;

TEST(ServiceKeyFile, ComesBackAndIsNeverOverwritten) {
  const testing::TempDir dir;
  const auto file = dir.path() / "key.json";
  const auto made = crypto::X25519PrivateKey::Generate();
  ASSERT_THAT(WriteNewEncryptionKey(made, file), IsOk());
  EXPECT_THAT(WriteNewEncryptionKey(crypto::X25519PrivateKey::Generate(), file),
              StatusIs(absl::StatusCode::kAlreadyExists));
  const auto read = ReadEncryptionKey(file);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->PublicKey().bytes, made.PublicKey().bytes);
  std::filesystem::permissions(file, std::filesystem::perms(0604));
  EXPECT_THAT(ReadEncryptionKey(file),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(ServiceKeyFile, RefusesWhatIsNoSuchFile) {
  const testing::TempDir dir;
  const auto file = dir.path() / "key.json";
  EXPECT_THAT(ReadEncryptionKey(file), StatusIs(absl::StatusCode::kNotFound));
  for (
      const char* const text :
      {"", "{}", R"({"format":"limpid-service-encryption-key/1"})",
       R"({"format":"limpid-service-encryption-key/1","private_key":""})",
       R"({"format":"limpid-service-encryption-key/1","private_key":"AAAA"})",
       R"({"format":"limpid-person-key/1","seed":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})"}) {
    std::ofstream(file) << text;
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    EXPECT_THAT(ReadEncryptionKey(file),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

}  // namespace
}  // namespace limpid::client
