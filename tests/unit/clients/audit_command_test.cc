// limpid audit over the files of a register log whose entries are each good by
// themselves: what it says of their order, and with which code it ends.

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/cli/command_line.h"
#include "clients/cli/session.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/registration.h"
#include "common/tlog/head_store.h"
#include "common/tlog/leaf.h"
#include "common/tlog/log.h"
#include "gtest/gtest.h"
#include "tests/testing/registration_leaf.h"
#include "tests/testing/service_key_chain.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::cli {
namespace {

using testing::LeafBehind;
using testing::SignedLeaf;

class AuditOfARegister : public ::testing::Test {
 protected:
  using Entries = std::vector<base::Bytes>;

  // Makes the log `origin` of these entries in `directory`; its vkey.
  std::string MakeLog(const std::filesystem::path& directory,
                      const std::string& origin, const Entries& entries) {
    std::filesystem::path head_directory = directory;
    head_directory += "-head";
    const auto head = tlog::FileHeadStore::Open(head_directory).value();
    const auto log =
        tlog::Log::OpenOrCreate({.directory = directory,
                                 .origin = origin,
                                 .head = *head,
                                 .key = crypto::Ed25519PrivateKey::Generate(),
                                 .clock = clock_})
            .value();
    EXPECT_THAT(log->Append(entries), testing::IsOk());
    return log->Vkey();
  }
  ExitCode Run(std::vector<std::string> words) {
    out_.str("");
    Session session(Terminal(out_, out_, {}), clock_);
    words.insert(words.begin(), "audit");
    return RunCommandLine(std::move(words), session);
  }
  // Of a log with these entries, signed by its operator.
  ExitCode Audit(const Entries& entries) {
    const testing::TempDir folder;
    const auto files = folder.path() / "log";
    const std::string vkey = MakeLog(files, "example.org/register", entries);
    return Run({files.string(), "--vkey", vkey});
  }
  [[nodiscard]] bool Says(std::string_view text) const {
    return out_.str().find(text) != std::string::npos;
  }

  const base::Bytes first_ = SignedLeaf(LeafBehind({}, 1));
  const base::Bytes second_ = SignedLeaf(LeafBehind(first_, 2));
  base::SystemClock clock_;
  std::ostringstream out_;
};

TEST_F(AuditOfARegister, PassesWhereEachVersionFollows) {
  testing::ServiceKeyChainOf keys({3}, testing::SeededKey(1));
  receipt::RegistrationLeaf last = LeafBehind(second_, 3);
  last.state = receipt::RegistrationState::kRetired;
  receipt::RegistrationLeaf other = LeafBehind({}, 1);
  other.registration.fill(4);
  EXPECT_EQ(Audit({first_, SignedLeaf(other), keys.Sign(testing::SeededKey(7)),
                   second_, SignedLeaf(last, /*key_fill=*/8)}),
            ExitCode::kOk)
      << out_.str();
}

TEST_F(AuditOfARegister, FailsOnAForkedVersion) {
  const base::Bytes fork = SignedLeaf(LeafBehind(first_, 2), /*key_fill=*/8);
  EXPECT_EQ(Audit({first_, second_, fork}), ExitCode::kVerificationFailed);
  EXPECT_TRUE(Says("version 2 stands where version 3 belongs")) << out_.str();
  EXPECT_EQ(Audit({first_, second_, second_}), ExitCode::kVerificationFailed);
  EXPECT_EQ(Audit({first_, first_}), ExitCode::kVerificationFailed);
}

TEST_F(AuditOfARegister, FailsOnAGap) {
  EXPECT_EQ(Audit({second_}), ExitCode::kVerificationFailed);
  EXPECT_EQ(Audit({first_, SignedLeaf(LeafBehind(first_, 3))}),
            ExitCode::kVerificationFailed);
}

TEST_F(AuditOfARegister, FailsOnAnotherPredecessor) {
  const base::Bytes other = SignedLeaf(LeafBehind({}, 1), /*key_fill=*/8);
  EXPECT_EQ(Audit({first_, SignedLeaf(LeafBehind(other, 2))}),
            ExitCode::kVerificationFailed);
}

TEST_F(AuditOfARegister, FailsOnAVersionAfterRetirement) {
  receipt::RegistrationLeaf retired = LeafBehind(first_, 2);
  retired.state = receipt::RegistrationState::kRetired;
  const base::Bytes last = SignedLeaf(retired);
  EXPECT_EQ(Audit({first_, last, SignedLeaf(LeafBehind(last, 3))}),
            ExitCode::kVerificationFailed);
}

// A policy of two logs; the vault's is honest and of another kind.
class AuditUnderAPolicy : public AuditOfARegister {
 protected:
  AuditUnderAPolicy() {
    const std::string vault_key =
        MakeLog(At("vault"), "example.org/vault",
                {tlog::CommitmentLeaf(tlog::LeafKind::kVault, {})});
    const std::string register_key =
        MakeLog(At("register"), "example.org/register", {first_});
    std::ofstream(At("policy"), std::ios::binary)
        << "log " << register_key << "\nlog " << vault_key
        << " https://logs.example/v/\nquorum none\n";
  }
  [[nodiscard]] std::filesystem::path At(const std::string& name) const {
    return folder_.path() / name;
  }
  // What is served at `served`, under the policy.
  ExitCode RunOn(const std::string& served, std::vector<std::string> more) {
    std::vector<std::string> words = {At(served).string(), "--policy",
                                      At("policy").string()};
    words.insert(words.end(), more.begin(), more.end());
    return Run(std::move(words));
  }

  testing::TempDir folder_;
};

TEST_F(AuditUnderAPolicy, TakesTheKindFromTheLogThatIsAskedFor) {
  EXPECT_EQ(RunOn("vault", {"--origin", "example.org/vault"}), ExitCode::kOk)
      << out_.str();
  EXPECT_EQ(RunOn("register", {"--origin", "example.org/register"}),
            ExitCode::kOk)
      << out_.str();
}

TEST_F(AuditUnderAPolicy, AnotherLogInItsPlaceDoesNotPass) {
  EXPECT_EQ(RunOn("register", {"--origin", "example.org/vault"}),
            ExitCode::kVerificationFailed);
  EXPECT_TRUE(Says("in the place of example.org/vault")) << out_.str();
}

TEST_F(AuditUnderAPolicy, AsksWhichOfSeveralLogsMustBeThere) {
  EXPECT_EQ(RunOn("vault", {}), ExitCode::kUsage);
  EXPECT_TRUE(Says("--origin")) << out_.str();
  EXPECT_EQ(RunOn("vault", {"--origin", "example.org/access"}),
            ExitCode::kUsage);
}

TEST_F(AuditOfARegister, ALogWhoseNameSaysNothingNeedsAKind) {
  const testing::TempDir folder;
  const auto files = folder.path() / "log";
  const std::string vkey =
      MakeLog(files, "example.org/main", {base::ToBytes("no leaf of ours")});
  EXPECT_EQ(Run({files.string(), "--vkey", vkey}), ExitCode::kUsage);
  EXPECT_EQ(Run({files.string(), "--vkey", vkey, "--kind", "register"}),
            ExitCode::kVerificationFailed);
  EXPECT_EQ(Run({files.string(), "--vkey", vkey, "--kind", "any"}),
            ExitCode::kOk)
      << out_.str();
}

}  // namespace
}  // namespace limpid::cli
