#include "server/provision/provision.h"

#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/crypto/keyring.h"
#include "common/crypto/root_key.h"
#include "common/crypto/x509.h"
#include "gtest/gtest.h"
#include "server/config.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::server {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::ReadFile;
using ::limpid::testing::StatusIs;
using ::limpid::testing::TempDir;

const absl::Time kNow = absl::FromUnixSeconds(1'767'225'600);

void Ignore(std::string_view /*warning*/) {}

InitOptions Wanted(const std::filesystem::path& directory) {
  InitOptions options;
  options.directory = directory;
  options.config = DefaultConfig();
  options.config.operator_name = "city.example";
  options.config.roles = {"consent", "vault", "register"};
  options.now = kNow;
  return options;
}

TEST(InitDirectory, MakesWhatAServerNeeds) {
  const TempDir dir;
  const auto made = InitDirectory(Wanted(dir.path() / "new"), Ignore);
  ASSERT_THAT(made, IsOk());
  const auto config = LoadConfig(made->config_file);
  ASSERT_THAT(config, IsOk());
  auto root =
      crypto::FileRootKey::Open(config->Resolve(config->root_key_file), Ignore);
  ASSERT_THAT(root, IsOk());
  const std::shared_ptr<const crypto::RootKey> shared(std::move(*root));
  for (const std::string& role : config->roles) {
    EXPECT_THAT(crypto::KeyRing::Open(KeyRingPath(*config, role), role, shared),
                IsOk());
  }
  const auto server = crypto::ReadCertificate(
      ReadFile(config->Resolve(config->tls_certificate)));
  ASSERT_THAT(server, IsOk());
  EXPECT_EQ(server->dns_names, std::vector<std::string>{"localhost"});
  const std::string admin = ReadFile(made->administrator.certificate);
  EXPECT_TRUE(crypto::IsIssuedBy(
                  admin, ReadFile(config->Resolve(config->tls_admin_ca)), kNow)
                  .value());
  EXPECT_FALSE(
      crypto::IsIssuedBy(admin,
                         ReadFile(config->Resolve(config->tls_client_ca)), kNow)
          .value());
}

TEST(InitDirectory, LetsNobodyElseReadKeys) {
  const TempDir dir;
  ASSERT_THAT(InitDirectory(Wanted(dir.path() / "new"), Ignore), IsOk());
  int keys = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(dir.path() / "new")) {
    if (entry.path().extension() != ".key" &&
        entry.path().filename() != "keyring") {
      continue;
    }
    ++keys;
    struct stat info {};
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U) << entry.path();
  }
  EXPECT_EQ(keys, 9);
}

TEST(InitDirectory, RefusesADirectoryInUseAndBadNames) {
  const TempDir dir;
  ASSERT_THAT(InitDirectory(Wanted(dir.path() / "new"), Ignore), IsOk());
  EXPECT_THAT(InitDirectory(Wanted(dir.path() / "new"), Ignore),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  InitOptions bad = Wanted(dir.path() / "other");
  bad.config.operator_name = "Not a host";
  EXPECT_THAT(InitDirectory(bad, Ignore),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_FALSE(std::filesystem::exists(dir.path() / "other"));
}

TEST(IssueClient, IssuesByTheAuthorityAskedForAndOverwritesNothing) {
  const TempDir dir;
  const std::filesystem::path home = dir.path() / "new";
  ASSERT_THAT(InitDirectory(Wanted(home), Ignore), IsOk());
  const auto issued = IssueClient(home, layout::kClientCa, "swimming pool",
                                  home / "clients/pool", kNow);
  ASSERT_THAT(issued, IsOk());
  const std::string pem = ReadFile(issued->certificate);
  EXPECT_EQ(crypto::ReadCertificate(pem)->common_name, "swimming pool");
  EXPECT_TRUE(crypto::IsIssuedBy(pem, ReadFile(home / "ca/client-ca.pem"), kNow)
                  .value());
  EXPECT_THAT(IssueClient(home, layout::kClientCa, "again",
                          home / "clients/pool", kNow),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(
      IssueClient(dir.path(), layout::kClientCa, "x", home / "clients/x", kNow),
      StatusIs(absl::StatusCode::kNotFound));
}

TEST(RenewServer, KeepsTheNamesAndMakesAKeyThatFits) {
  const TempDir dir;
  const std::filesystem::path home = dir.path() / "new";
  InitOptions wanted = Wanted(home);
  wanted.dns_names = {"city.example", "localhost"};
  ASSERT_THAT(InitDirectory(wanted, Ignore), IsOk());
  const auto before =
      crypto::ReadCertificate(ReadFile(home / "tls/server.pem"));
  const absl::Time later = kNow + absl::Hours(24 * 390);
  const auto renewed = RenewServer(home, later);
  ASSERT_THAT(renewed, IsOk());
  EXPECT_EQ(renewed->certificate, home / "tls/server.pem");
  const std::string pem = ReadFile(renewed->certificate);
  const auto after = crypto::ReadCertificate(pem);
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(after->common_name, before->common_name);
  EXPECT_EQ(after->dns_names, before->dns_names);
  EXPECT_EQ(after->ip_addresses, before->ip_addresses);
  EXPECT_GT(after->not_after, later);
  EXPECT_NE(after->spki_thumbprint, before->spki_thumbprint);
  EXPECT_THAT(crypto::CheckKeyPair(pem, ReadFile(renewed->private_key)),
              IsOk());
  EXPECT_THAT(RenewServer(dir.path(), later),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace limpid::server
