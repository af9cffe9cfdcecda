// limpid audit over the files of a register log whose entries are each good by
// themselves: what it says of their order, and with which code it ends.

#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cli/command_line.h"
#include "clients/cli/session.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/registration.h"
#include "common/tlog/head_store.h"
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
  // Of a log with these entries, signed by its operator.
  ExitCode Audit(const std::vector<base::Bytes>& entries) {
    const testing::TempDir folder;
    const std::filesystem::path files = folder.path() / "log";
    const auto head = tlog::FileHeadStore::Open(folder.path() / "head").value();
    const auto log =
        tlog::Log::OpenOrCreate({.directory = files,
                                 .origin = "example.org/register",
                                 .head = *head,
                                 .key = crypto::Ed25519PrivateKey::Generate(),
                                 .clock = clock_})
            .value();
    EXPECT_THAT(log->Append(entries), testing::IsOk());
    out_.str("");
    Session session(Terminal(out_, out_, {}), clock_);
    return RunCommandLine({"audit", files.string(), "--vkey", log->Vkey()},
                          session);
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

}  // namespace
}  // namespace limpid::cli
