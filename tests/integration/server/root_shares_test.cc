// The shipped limpidd with its root key in shares: sealed at each start, deaf
// to everything but administrators with shares, and after enough of them a
// server as any other.

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <chrono>
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
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/share_page.h"
#include "common/crypto/slip39.h"
#include "common/crypto/slip39_share.h"
#include "common/rpc/client.h"
#include "common/rpc/tls13.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "limpid/consent/v1/consent_admin_service.grpc.pb.h"
#include "limpid/identity/v1/identity_service.grpc.pb.h"
#include "limpid/identity/v1/unseal_service.grpc.pb.h"
#include "server/exit_code.h"
#include "server/provision/make_shares.h"
#include "server/provision/move_root_key.h"
#include "server/provision/provision.h"
#include "tests/integration/server/limpidd_process.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::server {
namespace {

namespace v1 = ::limpid::identity::v1;
namespace slip39 = ::limpid::crypto::slip39;
using ::grpc::StatusCode;
using ::grpc::health::v1::HealthCheckResponse;
using ::limpid::testing::IsOk;
using ::limpid::testing::ReadFile;
using ::limpid::testing::StatusSays;
using ::limpid::testing::TempDir;

void Ignore(std::string_view /*warning*/) {}

std::string Text(const base::SecretBytes& secret) {
  return base::ToText(secret.Reveal(base::SecretAccess::Get()));
}

class RootSharesTest : public ::testing::Test {
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
    options.config.logging_level = "debug";
    options.now = absl::Now();
    options.shares = WantedShares{.threshold = 2,
                                  .count = 3,
                                  .directory = dir_.path() / "shares",
                                  .holders = {}};
    const auto made = InitDirectory(options, Ignore);
    ASSERT_THAT(made, IsOk());
    made_ = *made;
    for (const auto& file : made_.share_files) {
      const auto words = slip39::ReadSharePage(file);
      ASSERT_THAT(words, IsOk());
      // In their one spelling.
      shares_.push_back(Text(slip39::ToWords(*slip39::FromWords(*words))));
    }
    for (const char* const name : {"ana", "bo"}) {
      ASSERT_THAT(IssueClient(home(), layout::kAdminCa, name, home() / name,
                              absl::Now()),
                  IsOk());
    }
    ASSERT_THAT(IssueClient(home(), layout::kClientCa, "pool", home() / "pool",
                            absl::Now()),
                IsOk());
  }

  [[nodiscard]] std::filesystem::path home() const { return dir_.path() / "h"; }
  [[nodiscard]] std::filesystem::path config() const {
    return home() / "limpid.toml";
  }
  std::unique_ptr<Limpidd> Start() {
    return std::make_unique<Limpidd>(
        dir_.path(), std::vector<std::string>{"--config", config().string()});
  }
  std::unique_ptr<Limpidd> StartSealed() {
    auto server = Start();
    address_ = server->WaitUntilSealed();
    EXPECT_NE(address_, "") << server->error();
    return server;
  }
  // `who` as IssueClient made it; empty for nobody.
  std::shared_ptr<grpc::Channel> As(const std::string& who) {
    rpc::ChannelOptions options;
    options.address = address_;
    options.ca_pem = ReadFile(made_.server_ca);
    if (!who.empty()) {
      options.certificate_pem = ReadFile(home() / (who + ".pem"));
      options.private_key_pem = ReadFile(home() / (who + ".key"));
    }
    return rpc::MakeChannel(options).value();
  }
  // A call with a deadline; `call` is (context) -> grpc::Status.
  template <typename CallOf>
  static grpc::Status Call(CallOf call) {
    grpc::ClientContext context;
    rpc::SetDeadline(context, absl::Seconds(10));
    return call(context);
  }
  grpc::Status Give(const std::string& who, const std::string& words,
                    v1::GiveShareResponse* answer = nullptr) {
    v1::GiveShareResponse ignored;
    v1::GiveShareRequest request;
    request.set_mnemonic(words);
    return Call([&](grpc::ClientContext& context) {
      return v1::UnsealService::NewStub(As(who))->GiveShare(
          &context, request, answer == nullptr ? &ignored : answer);
    });
  }
  v1::GetSealStateResponse State() {
    v1::GetSealStateResponse answer;
    const grpc::Status status = Call([&](grpc::ClientContext& context) {
      return v1::UnsealService::NewStub(As("ana"))->GetSealState(&context, {},
                                                                 &answer);
    });
    EXPECT_TRUE(status.ok()) << status.error_message();
    return answer;
  }
  grpc::Status GetOperator(const std::string& who) {
    v1::GetOperatorResponse answer;
    return Call([&](grpc::ClientContext& context) {
      return v1::IdentityService::NewStub(As(who))->GetOperator(&context, {},
                                                                &answer);
    });
  }
  grpc::Status ListServices() {
    consent::v1::ListServicesResponse answer;
    return Call([&](grpc::ClientContext& context) {
      return consent::v1::ConsentAdminService::NewStub(As("ana"))->ListServices(
          &context, {}, &answer);
    });
  }
  HealthCheckResponse::ServingStatus Health() {
    HealthCheckResponse answer;
    const grpc::Status status = Call([&](grpc::ClientContext& context) {
      return grpc::health::v1::Health::NewStub(As(""))->Check(&context, {},
                                                              &answer);
    });
    EXPECT_TRUE(status.ok()) << status.error_message();
    return answer.status();
  }
  static void ExpectSays(const grpc::Status& status, StatusCode code,
                         std::string_view text) {
    EXPECT_EQ(status.error_code(), code) << status.error_message();
    EXPECT_NE(status.error_message().find(text), std::string::npos)
        << status.error_message();
  }
  // A share of the set that reads well and has another value.
  std::string Forged(std::size_t index) {
    auto share = slip39::FromWords(
        base::SecretBytes::Copy(base::AsBytes(shares_.at(index))));
    share->value.RevealMutable(base::SecretAccess::Get())[3] ^= 1U;
    return Text(slip39::ToWords(*share));
  }
  // Neither two neighbouring words of a share nor the key in any spelling.
  void ExpectNoSecret(std::string_view where, std::string_view text) {
    for (const std::string& words : shares_) {
      const std::size_t first = words.find(' ', words.find(' ', 40) + 1);
      // From the middle of it: the first words are the set's number.
      const std::string part =
          words.substr(first + 1, words.find(' ', first + 12) - first - 1);
      EXPECT_EQ(text.find(part), std::string_view::npos) << where;
    }
    std::vector<base::SecretBytes> words;
    for (const std::string& share : {shares_[0], shares_[1]}) {
      words.push_back(base::SecretBytes::Copy(base::AsBytes(share)));
    }
    const auto key = slip39::Combine(words, "");
    ASSERT_THAT(key, IsOk());
    const base::ByteView bytes = key->Reveal(base::SecretAccess::Get());
    for (const std::string& form : {base::ToText(bytes), base::HexEncode(bytes),
                                    base::Base64Encode(bytes)}) {
      EXPECT_EQ(text.find(form), std::string_view::npos) << where;
    }
  }
  std::map<std::string, std::string> Files() {
    std::map<std::string, std::string> files;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(home())) {
      const std::string path = entry.path().string();
      if (!entry.is_regular_file() || path.ends_with(".lock")) continue;
      files[path] = ReadFile(entry.path());
    }
    return files;
  }

  TempDir dir_;
  InitResult made_;
  std::vector<std::string> shares_;
  std::string address_;
};

TEST_F(RootSharesTest, TwoOfThreeUnsealAndTheNextStartIsSealedAgain) {
  const auto server = StartSealed();
  EXPECT_TRUE(State().sealed());
  EXPECT_EQ(State().threshold(), 2U);
  EXPECT_EQ(State().share_count(), 3U);
  v1::GiveShareResponse answer;
  grpc::Status status = Give("ana", shares_[2], &answer);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_FALSE(answer.unsealed());
  EXPECT_EQ(State().given_count(), 1U);
  status = Give("bo", shares_[0], &answer);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(answer.unsealed());
  ASSERT_EQ(server->WaitUntilReady(), address_) << server->error();
  EXPECT_TRUE(GetOperator("").ok());
  EXPECT_TRUE(ListServices().ok());
  EXPECT_EQ(Health(), HealthCheckResponse::SERVING);
  EXPECT_FALSE(State().sealed());
  ExpectSays(Give("ana", shares_[2]), StatusCode::FAILED_PRECONDITION,
             "is not sealed");
  server->Terminate();
  EXPECT_EQ(server->Wait(), ExitCode::kStopped) << server->error();
  ExpectNoSecret("standard error", server->error());
  ExpectNoSecret("standard output", server->out());
  for (const auto& [path, contents] : Files()) ExpectNoSecret(path, contents);

  const auto again = StartSealed();
  EXPECT_EQ(State().given_count(), 0U);
  EXPECT_EQ(GetOperator("").error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(RootSharesTest, WhileSealedNothingElseIsAnswered) {
  const auto server = StartSealed();
  EXPECT_EQ(Health(), HealthCheckResponse::NOT_SERVING);
  for (const std::string who : {"", "pool", "ana"}) {
    ExpectSays(GetOperator(who), StatusCode::UNAVAILABLE,
               "the server is sealed");
  }
  ExpectSays(ListServices(), StatusCode::UNAVAILABLE, "the server is sealed");
  ExpectSays(Give("", shares_[0]), StatusCode::UNAUTHENTICATED, "certificate");
  ExpectSays(Give("pool", shares_[0]), StatusCode::PERMISSION_DENIED,
             "administrators' CA");
  EXPECT_EQ(State().given_count(), 0U);
}

TEST_F(RootSharesTest, WrongSharesAndOneAdministratorTwiceAreRefused) {
  const auto server = StartSealed();
  ASSERT_TRUE(Give("ana", shares_[0]).ok());
  ExpectSays(Give("ana", shares_[1]), StatusCode::FAILED_PRECONDITION,
             "you gave a share already");
  ExpectSays(Give("bo", shares_[0]), StatusCode::ALREADY_EXISTS,
             "share 1 was given already");
  std::string wrong = shares_[1];
  wrong.replace(wrong.rfind(' ') + 1, std::string::npos, "acid");
  ExpectSays(Give("bo", wrong), StatusCode::INVALID_ARGUMENT, "checksum");
  ExpectSays(Give("bo", "xyzzy " + wrong.substr(wrong.find(' ') + 1)),
             StatusCode::INVALID_ARGUMENT, "word 1 is not in the list");
  ExpectSays(Give("bo", std::string(1025, 'a')), StatusCode::INVALID_ARGUMENT,
             "mnemonic: is longer than 1024 bytes");
  ExpectSays(Give("bo", ""), StatusCode::INVALID_ARGUMENT, "is empty");
  const auto other = MakeShares({.threshold = 2,
                                 .count = 3,
                                 .directory = dir_.path() / "other",
                                 .holders = {}},
                                "city.example", made_.share_set->id);
  ASSERT_THAT(other, IsOk());
  ExpectSays(Give("bo", Text(*slip39::ReadSharePage(other->files[1]))),
             StatusCode::INVALID_ARGUMENT,
             absl::StrCat("of set ", other->set.id));
  EXPECT_EQ(State().given_count(), 1U);
  ASSERT_TRUE(Give("bo", shares_[1]).ok());
  EXPECT_EQ(server->WaitUntilReady(), address_) << server->error();
  EXPECT_EQ(server->error().find("xyzzy"), std::string::npos);
}

TEST_F(RootSharesTest, AForgedShareHasAllForgottenAndTheyBeginAgain) {
  const auto server = StartSealed();
  ASSERT_TRUE(Give("ana", Forged(0)).ok());
  ExpectSays(Give("bo", shares_[1]), StatusCode::FAILED_PRECONDITION,
             "All were forgotten");
  EXPECT_EQ(State().given_count(), 0U);
  EXPECT_TRUE(State().sealed());
  ASSERT_TRUE(Give("bo", shares_[1]).ok());
  v1::ForgetSharesResponse forgotten;
  ASSERT_TRUE(Call([&](grpc::ClientContext& context) {
                return v1::UnsealService::NewStub(As("ana"))->ForgetShares(
                    &context, {}, &forgotten);
              }).ok());
  EXPECT_EQ(forgotten.forgotten_count(), 1U);
  ASSERT_TRUE(Give("bo", shares_[2]).ok());
  ASSERT_TRUE(Give("ana", shares_[0]).ok());
  EXPECT_EQ(server->WaitUntilReady(), address_) << server->error();
}

TEST_F(RootSharesTest, ASealedServerStopsWhenToldAndChangesNothing) {
  const auto before = Files();
  const auto server = StartSealed();
  ASSERT_TRUE(Give("ana", shares_[0]).ok());
  // It holds the directory.
  const TempDir elsewhere;
  Limpidd second(elsewhere.path(), {"--config", config().string()});
  EXPECT_EQ(second.Wait(), ExitCode::kRefused);
  RootKeyMove move;
  move.config_file = config();
  move.shares = WantedShares{.threshold = 2,
                             .count = 2,
                             .directory = dir_.path() / "new",
                             .holders = {}};
  EXPECT_THAT(MoveRootKey(move, Ignore),
              StatusSays(absl::StatusCode::kUnavailable, "stop it first"));
  const auto told = std::chrono::steady_clock::now();
  server->Terminate();
  EXPECT_EQ(server->Wait(), ExitCode::kStopped) << server->error();
  EXPECT_LT(std::chrono::steady_clock::now() - told, std::chrono::seconds(5));
  EXPECT_EQ(server->out().find(kReady), std::string::npos);
  EXPECT_TRUE(Files() == before) << "a sealed server changed a file";
}

// Right shares of a right set, and rings under another key: as any start, one
// sentence and an exit code.
TEST_F(RootSharesTest, RingsOfAnotherKeyAreRefusedAfterTheUnsealing) {
  RootKeyMove move;
  move.config_file = config();
  move.present_shares = {made_.share_files[0], made_.share_files[1]};
  move.shares = WantedShares{.threshold = 2,
                             .count = 2,
                             .directory = dir_.path() / "new",
                             .holders = {}};
  ASSERT_THAT(MoveRootKey(move, Ignore), IsOk());
  const auto server = StartSealed();
  ASSERT_TRUE(Give("ana", shares_[0]).ok());
  ASSERT_TRUE(Give("bo", shares_[1]).ok());
  EXPECT_EQ(server->WaitUntilReady(), "");
  EXPECT_EQ(server->Wait(), ExitCode::kRefused);
  EXPECT_NE(server->error().find("was made with another root key"),
            std::string::npos)
      << server->error();
}

}  // namespace
}  // namespace limpid::server
