// The shipped key agent in a directory of its own, as an operator sets it up.

#ifndef LIMPID_TESTS_INTEGRATION_SERVER_AGENT_PROCESS_H_
#define LIMPID_TESTS_INTEGRATION_SERVER_AGENT_PROCESS_H_

#include <sys/types.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/crypto/x25519.h"
#include "gtest/gtest.h"
#include "server/exit_code.h"
#include "tests/integration/server/limpidd_process.h"
#include "tests/testing/shared.h"
#include "vault/keyagent/key_agent.h"

namespace limpid::server {

class AgentProcess {
 public:
  // Makes the key below `home`, and starts nothing.
  explicit AgentProcess(std::filesystem::path home) : home_(std::move(home)) {
    std::filesystem::create_directories(home_);
    // So that another user reaches the socket.
    std::filesystem::permissions(home_, std::filesystem::perms(0711));
    vault::KeyAgentOptions none;
    none.vault = {"limpid.example", vault::SourceId::Random()};
    none.persons_per_minute = 1;
    Configure(none, ::geteuid());
    Limpidd init(home_, {"--config", config().string(), "--init"},
                 "limpid-keyagent");
    EXPECT_EQ(init.Wait(), ExitCode::kStopped) << init.error();
    const std::string out = init.out();
    const std::size_t begin = out.find('"') + 1;
    key_text_ = out.substr(begin, out.rfind('"') - begin);
    const auto bytes = base::Base64UrlDecode(key_text_);
    EXPECT_TRUE(bytes.ok());
    key_ = crypto::X25519PublicKey::FromBytes(*bytes).value();
  }

  void Configure(const vault::KeyAgentOptions& options, uid_t vault_uid) const {
    std::ofstream(config())
        << "data_directory = \"data\"\nsocket = \"socket\"\nroot_key_file = "
           "\"root.key\"\nvault_uid = "
        << vault_uid << "\noperator = \"" << options.vault.operator_name
        << "\"\nsource_id = \"" << options.vault.source.Text()
        << "\"\nevidence_key = \""
        << base::Base64UrlEncode(options.permit_key.bytes)
        << "\"\ntoken_key = \""
        << base::Base64UrlEncode(options.token_key.bytes)
        << "\"\npersons_per_minute = " << options.persons_per_minute
        << "\nclock_difference_ms = 200\n";
  }
  // Returns when it answers, and takes permits that are made from then on.
  void Start() {
    process_ = std::make_unique<Limpidd>(
        home_, std::vector<std::string>{"--config", config().string()},
        "limpid-keyagent");
    EXPECT_EQ(process_->WaitUntilAgentReady(), key_text_) << process_->error();
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
  }
  Limpidd& process() { return *process_; }

  [[nodiscard]] std::filesystem::path config() const {
    return home_ / "agent.toml";
  }
  [[nodiscard]] std::filesystem::path socket() const {
    return home_ / "socket";
  }
  [[nodiscard]] const crypto::X25519PublicKey& key() const { return key_; }
  [[nodiscard]] const std::string& key_text() const { return key_text_; }

 private:
  const std::filesystem::path home_;
  std::string key_text_;
  crypto::X25519PublicKey key_;
  std::unique_ptr<Limpidd> process_;
};

}  // namespace limpid::server

#endif  // LIMPID_TESTS_INTEGRATION_SERVER_AGENT_PROCESS_H_
