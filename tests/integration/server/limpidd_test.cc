// The shipped limpidd on a fresh directory: it serves, and every bad start is
// one sentence, an exit code, and nothing changed.

#include <grpcpp/channel.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/secret.h"
#include "common/crypto/keyring.h"
#include "common/crypto/root_key.h"
#include "common/rpc/client.h"
#include "common/rpc/tls13.h"
#include "common/storage/database.h"
#include "gtest/gtest.h"
#include "limpid/identity/v1/identity_service.grpc.pb.h"
#include "server/exit_code.h"
#include "server/provision/provision.h"
#include "tests/integration/server/limpidd_process.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::server {
namespace {

namespace v1 = ::limpid::identity::v1;
using ::limpid::testing::IsOk;
using ::limpid::testing::ReadFile;
using ::limpid::testing::TempDir;

class LimpiddTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { rpc::RequireTls13(); }

  void SetUp() override {
    InitOptions options;
    options.directory = home();
    options.config = DefaultConfig();
    options.config.operator_name = "city.example";
    options.config.roles = {"consent", "vault", "register"};
    options.config.grpc_address = "127.0.0.1:0";
    options.config.https_address = "127.0.0.1:0";
    options.config.log_publish_when_pending = true;
    options.now = absl::Now();
    ASSERT_THAT(InitDirectory(options, [](std::string_view) {}), IsOk());
  }
  [[nodiscard]] std::filesystem::path home() const { return dir_.path() / "h"; }
  [[nodiscard]] std::filesystem::path config() const {
    return home() / "limpid.toml";
  }
  std::unique_ptr<Limpidd> Start() {
    return std::make_unique<Limpidd>(
        dir_.path(), std::vector<std::string>{"--config", config().string()});
  }
  // Starts, expects it to serve, stops it.
  void StartAndStop() {
    const auto server = Start();
    ASSERT_NE(server->WaitUntilReady(), "") << server->error();
    server->Terminate();
    EXPECT_EQ(server->Wait(), ExitCode::kStopped);
  }
  // Every file that holds state, so that a refusal can be seen to change none.
  std::map<std::string, std::string> State() {
    std::map<std::string, std::string> files;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(home())) {
      const std::string path = entry.path().string();
      if (!entry.is_regular_file() || path.ends_with(".lock") ||
          path.ends_with("-shm")) {
        continue;
      }
      files[path] = ReadFile(entry.path());
    }
    return files;
  }
  void ExpectRefused(std::string_view sentence,
                     ExitCode code = ExitCode::kRefused) {
    const auto before = State();
    const auto server = Start();
    // One that serves would be waited for without end.
    ASSERT_EQ(server->WaitUntilReady(), "");
    EXPECT_EQ(server->Wait(), code);
    const std::string error = server->error();
    EXPECT_NE(error.find(sentence), std::string::npos) << error;
    // One sentence: the line that begins with the program's name is the last.
    EXPECT_EQ(error.rfind("limpidd: "), error.find("limpidd: ")) << error;
    EXPECT_TRUE(State() == before) << "a refused start changed a file";
  }
  // Runs until the vault's log holds the catalogue's acts; its widest tile.
  std::filesystem::path RunUntilLogged() {
    const auto server = Start();
    EXPECT_NE(server->WaitUntilReady(), "") << server->error();
    std::filesystem::path tile;
    for (int attempt = 0; attempt < 200 && tile.empty(); ++attempt) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      const auto folder = home() / "data/vault/log/tile/0";
      if (!std::filesystem::exists(folder)) continue;
      for (const auto& file :
           std::filesystem::recursive_directory_iterator(folder)) {
        if (file.is_regular_file()) tile = file.path();
      }
    }
    server->Terminate();
    EXPECT_EQ(server->Wait(), ExitCode::kStopped);
    return tile;
  }
  // Changes one bit at `at` from the end, looks, and puts it back.
  void ExpectRefusedWithAChangedByte(const std::filesystem::path& file,
                                     std::size_t at) {
    SCOPED_TRACE(file.string());
    const std::string good = ReadFile(file);
    ASSERT_GT(good.size(), at);
    std::string bad = good;
    bad[bad.size() - at] ^= 1;
    std::ofstream(file, std::ios::binary) << bad;
    ExpectRefused("");
    std::ofstream(file, std::ios::binary) << good;
  }
  void Edit(const std::filesystem::path& path, const std::string& from,
            const std::string& to) {
    std::string text = ReadFile(path);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, from.size(), to);
    std::ofstream(path, std::ios::binary) << text;
  }
  std::filesystem::path StoreOf(std::string_view role) {
    return home() / "data" / role / "store.db";
  }

  TempDir dir_;
};

TEST_F(LimpiddTest, ServesAndSaysWhoItIs) {
  const auto server = Start();
  const std::string address = server->WaitUntilReady();
  ASSERT_NE(address, "") << server->error();
  rpc::ChannelOptions options;
  options.address = address;
  options.ca_pem = ReadFile(home() / "ca/server-ca.pem");
  const auto channel = rpc::MakeChannel(options);
  ASSERT_THAT(channel, IsOk());
  grpc::ClientContext context;
  rpc::SetDeadline(context, absl::Seconds(10));
  v1::GetOperatorResponse answer;
  const grpc::Status status =
      v1::IdentityService::NewStub(*channel)->GetOperator(&context, {},
                                                          &answer);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(answer.operator_(), "city.example");
  EXPECT_EQ(answer.roles_size(), 3);
  EXPECT_GE(answer.logs_size(), 2);
  for (const auto& log : answer.logs()) {
    EXPECT_TRUE(log.origin().starts_with("city.example/")) << log.origin();
    EXPECT_TRUE(log.url().starts_with("https://127.0.0.1:")) << log.url();
  }
  EXPECT_NE(server->error().find("development"), std::string::npos)
      << "the root key in a file is not warned of";
  server->Terminate();
  EXPECT_EQ(server->Wait(), ExitCode::kStopped);
}

TEST_F(LimpiddTest, RunsTheRegisterAloneAndConsentAlone) {
  for (const std::string_view role : {"register", "consent"}) {
    Edit(config(),
         ReadFile(config()).find("roles = [\"register\"]") == std::string::npos
             ? "roles = [\"consent\", \"vault\", \"register\"]"
             : "roles = [\"register\"]",
         "roles = [\"" + std::string(role) + "\"]");
    StartAndStop();
  }
}

TEST_F(LimpiddTest, AVaultWithoutConsentIsRefused) {
  Edit(config(), "roles = [\"consent\", \"vault\", \"register\"]",
       "roles = [\"vault\", \"register\"]");
  ExpectRefused("a vault needs the consent role", ExitCode::kConfiguration);
}

TEST_F(LimpiddTest, StartsAgainAfterAStopAndAfterAKill) {
  StartAndStop();
  {
    const auto server = Start();
    ASSERT_NE(server->WaitUntilReady(), "") << server->error();
  }
  StartAndStop();
}

TEST_F(LimpiddTest, ASecondServerOnTheSameDirectoryIsRefused) {
  const auto first = Start();
  ASSERT_NE(first->WaitUntilReady(), "") << first->error();
  const TempDir elsewhere;
  Limpidd second(elsewhere.path(), {"--config", config().string()});
  EXPECT_EQ(second.Wait(), ExitCode::kRefused);
  EXPECT_NE(second.error().find("another limpidd is running"),
            std::string::npos)
      << second.error();
  first->Terminate();
  EXPECT_EQ(first->Wait(), ExitCode::kStopped);
}

TEST_F(LimpiddTest, AWrongRootKeyIsRefused) {
  StartAndStop();
  std::filesystem::remove(home() / "root.key");
  ASSERT_THAT(crypto::FileRootKey::CreateFile(home() / "root.key"), IsOk());
  ExpectRefused("was made with another root key");
}

TEST_F(LimpiddTest, ARootKeyThatOthersMayReadIsRefused) {
  std::filesystem::permissions(home() / "root.key",
                               std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  ExpectRefused("may be read by others");
}

TEST_F(LimpiddTest, APrivateKeyThatEverybodyMayReadIsRefused) {
  std::filesystem::permissions(home() / "tls/server.key",
                               std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  ExpectRefused("can be read by everybody");
}

TEST_F(LimpiddTest, ACertificateThatEndsSoonIsToldOf) {
  constexpr std::string_view kTold = "the server's TLS certificate ends";
  {
    const auto server = Start();
    ASSERT_NE(server->WaitUntilReady(), "") << server->error();
    EXPECT_EQ(server->error().find(kTold), std::string::npos);
  }
  // Made 380 of its 398 days ago.
  ASSERT_THAT(RenewServer(home(), absl::Now() - absl::Hours(24 * 380)), IsOk());
  const auto server = Start();
  ASSERT_NE(server->WaitUntilReady(), "") << server->error();
  EXPECT_NE(server->error().find(kTold), std::string::npos) << server->error();
}

TEST_F(LimpiddTest, AnotherOperatorOrVaultThanTheDataWasMadeForIsRefused) {
  StartAndStop();
  const std::string good = ReadFile(config());
  Edit(config(), "operator = \"city.example\"", "operator = \"town.example\"");
  ExpectRefused("was made with another operator");
  std::ofstream(config(), std::ios::binary) << good;
  const std::size_t at = good.find("source_id = \"src_") + 17;
  const std::string id = good.substr(at, 26);
  Edit(config(), id, "ucq2fi5euwtkpkfjvkv2zlnov4");
  ExpectRefused("the data of the vault was made with another");
  std::ofstream(config(), std::ios::binary) << good;
  StartAndStop();
}

TEST_F(LimpiddTest, ADamagedDatabaseIsRefused) {
  StartAndStop();
  for (const std::string_view role : {"consent", "vault", "register"}) {
    const std::string good = ReadFile(StoreOf(role));
    std::string bad = good;
    bad[bad.size() - 100] ^= 1;
    std::ofstream(StoreOf(role), std::ios::binary) << bad;
    ExpectRefused("is damaged: a page failed authentication");
    std::ofstream(StoreOf(role), std::ios::binary) << good;
  }
  StartAndStop();
}

TEST_F(LimpiddTest, AChangedByteInAnyFileThatIsReadIsRefused) {
  const std::filesystem::path tile = RunUntilLogged();
  ASSERT_FALSE(tile.empty()) << "nothing was logged";
  const std::filesystem::path data = home() / "data";
  for (const char* const file :
       {"consent/store.db", "consent/keys.db", "vault/store.db",
        "vault/keys.db", "register/store.db"}) {
    ExpectRefusedWithAChangedByte(data / file, 100);
  }
  for (const char* const role : {"consent", "vault", "register"}) {
    ExpectRefusedWithAChangedByte(data / role / "keyring", 5);
    ExpectRefusedWithAChangedByte(data / role / "head/head", 5);
    ExpectRefusedWithAChangedByte(data / role / "log/checkpoint", 5);
  }
  ExpectRefusedWithAChangedByte(tile, 5);
  StartAndStop();
}

TEST_F(LimpiddTest, AMissingDatabaseIsRefusedAfterTheFirstStart) {
  StartAndStop();
  std::filesystem::remove(StoreOf("register"));
  ExpectRefused("there is no database at");
}

TEST_F(LimpiddTest, ANewerDatabaseIsRefused) {
  StartAndStop();
  {
    const auto warn = [](std::string_view) {};
    auto root = crypto::FileRootKey::Open(home() / "root.key", warn);
    ASSERT_THAT(root, IsOk());
    const std::shared_ptr<const crypto::RootKey> shared(*std::move(root));
    const auto ring = crypto::KeyRing::Open(home() / "data/register/keyring",
                                            "register", shared);
    ASSERT_THAT(ring, IsOk());
    storage::Options options;
    options.path = StoreOf("register");
    options.key = (*ring)->Get("store-db").value();
    // As many versions as a program of the far future knows.
    options.migrations.resize(1000);
    ASSERT_THAT(storage::Database::Open(std::move(options)), IsOk());
  }
  ExpectRefused("was written by a newer version");
}

TEST_F(LimpiddTest, ADamagedKeyRingIsRefused) {
  std::string text = ReadFile(home() / "data/vault/keyring");
  text[text.size() - 5] = text[text.size() - 5] == 'a' ? 'b' : 'a';
  std::ofstream(home() / "data/vault/keyring", std::ios::binary) << text;
  ExpectRefused("is damaged or changed");
}

TEST_F(LimpiddTest, AMissingKeyRingOrDirectoryIsRefused) {
  std::filesystem::remove(home() / "data/register/keyring");
  ExpectRefused("there is no key ring at");
  std::filesystem::remove_all(home() / "data");
  ExpectRefused("there is no data directory");
}

TEST_F(LimpiddTest, AnUnknownKeyIsRefusedAndCheckConfigSaysItToo) {
  std::ofstream(config(), std::ios::app) << "volume = 11\n";
  ExpectRefused("the key 'logging.volume' is unknown",
                ExitCode::kConfiguration);
  Limpidd check(dir_.path(), {"--config", config().string(), "--check-config"});
  EXPECT_EQ(check.Wait(), ExitCode::kConfiguration);
}

TEST_F(LimpiddTest, ATakenAddressIsRefused) {
  const auto first = Start();
  const std::string address = first->WaitUntilReady();
  ASSERT_NE(address, "");
  const TempDir other;
  InitOptions options;
  options.directory = other.path() / "h";
  options.config = DefaultConfig();
  options.config.operator_name = "town.example";
  options.config.roles = {"register"};
  options.config.grpc_address = address;
  options.config.https_address = "";
  options.now = absl::Now();
  const auto made = InitDirectory(options, [](std::string_view) {});
  ASSERT_THAT(made, IsOk());
  Limpidd second(other.path(), {"--config", made->config_file.string()});
  EXPECT_EQ(second.Wait(), ExitCode::kRefused);
  EXPECT_NE(second.error().find(address), std::string::npos) << second.error();
}

TEST_F(LimpiddTest, PrintsVersionAndHelpAndRefusesAnEmptyCommandLine) {
  Limpidd version(dir_.path(), {"--version"});
  EXPECT_EQ(version.Wait(), ExitCode::kStopped);
  EXPECT_TRUE(version.out().starts_with("limpidd 0.")) << version.out();
  Limpidd nothing(dir_.path(), {});
  EXPECT_EQ(nothing.Wait(), ExitCode::kUsage);
  Limpidd absent(dir_.path(), {"--config", "/nonexistent/limpid.toml"});
  EXPECT_EQ(absent.Wait(), ExitCode::kConfiguration);
}

}  // namespace
}  // namespace limpid::server
