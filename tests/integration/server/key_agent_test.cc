// The key agent as the shipped program, asked over its real socket.

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "gtest/gtest.h"
#include "server/keyagent/agent_client.h"
#include "server/keyagent/confine.h"
#include "server/keyagent/unix_socket.h"
#include "tests/integration/server/agent_process.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/agent_world.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/keyagent/agent_frame.h"

namespace limpid::server {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using vault::DekAuthority;
using vault::HolderId;
using vault::SignedPermit;

constexpr uid_t kNobody = 65'534;

class KeyAgentProcessTest : public ::testing::Test {
 protected:
  KeyAgentProcessTest() {
    std::filesystem::permissions(home_.path(), std::filesystem::perms(0711));
    agent_.Configure(world_.Options(/*persons=*/4), ::geteuid());
  }

  absl::Status Opens(const DekAuthority& authority, const base::Bytes& box) {
    const std::vector<base::ByteView> boxes = {box};
    return client_.Open(authority, boxes).status();
  }
  base::Bytes Birth(const HolderId& holder) {
    return world_.Box(agent_.key(), holder, vault::kBirth);
  }
  absl::Status OpensUnderPermit(const HolderId& holder) {
    const SignedPermit permit = world_.PermitFor(holder, {vault::kBirth});
    return Opens(&permit, Birth(holder));
  }

  testing::TempDir home_;
  base::SystemClock clock_;
  vault::AgentWorld world_{clock_};
  AgentProcess agent_{home_.path() / "agent"};
  std::vector<std::string> notices_;
  AgentClient client_{
      agent_.socket(), agent_.key(),
      [this](std::string_view notice) { notices_.emplace_back(notice); }};
  const HolderId anna_ = HolderId::Random();
};

TEST_F(KeyAgentProcessTest, OpensUnderAPermitAndForThePersonAlone) {
  agent_.Start();
  EXPECT_THAT(client_.Check(), IsOk());
  const SignedPermit permit =
      world_.PermitFor(anna_, {vault::kBirth, vault::kEmail});
  const base::Bytes birth = Birth(anna_);
  const std::vector<base::ByteView> boxes = {birth};
  const auto opened = client_.Open(&permit, boxes);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->front(), vault::CountingKey(0x60));
  const vault::PersonProof proof = world_.ProofOf(anna_);
  EXPECT_THAT(Opens(&proof, birth), IsOk());
  // The user that may ask, without a word for it.
  EXPECT_THAT(Opens({}, birth), StatusIs(absl::StatusCode::kPermissionDenied));
  // A permit of another person.
  const HolderId bela = HolderId::Random();
  const SignedPermit of_bela = world_.PermitFor(bela, {vault::kBirth});
  EXPECT_THAT(Opens(&of_bela, birth),
              StatusIs(absl::StatusCode::kPermissionDenied));
  // A line that was used.
  EXPECT_THAT(Opens(&permit, birth),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_NE(agent_.process().error().find("a request was refused"),
            std::string::npos);
  EXPECT_EQ(agent_.process().error().find(anna_.Text()), std::string::npos);
}

TEST_F(KeyAgentProcessTest, APermitDiesWithItsLease) {
  agent_.Start();
  const HolderId bela = HolderId::Random();
  receipt::Permit brief = world_.Draft(anna_, {vault::kBirth});
  brief.lease = absl::Milliseconds(1500);
  const SignedPermit used = world_.Sign(brief);
  EXPECT_THAT(Opens(&used, Birth(anna_)), IsOk());
  brief.holder = bela.bytes();
  const SignedPermit unused = world_.Sign(brief);
  // The lease, and how far the clocks may differ.
  absl::SleepFor(absl::Milliseconds(1750));
  EXPECT_THAT(Opens(&unused, Birth(bela)),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Opens(&used, Birth(anna_)),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(KeyAgentProcessTest, StopsAtSoManyPersons) {
  agent_.Start();
  for (int person = 0; person < 4; ++person) {
    EXPECT_THAT(OpensUnderPermit(HolderId::Random()), IsOk());
  }
  EXPECT_THAT(OpensUnderPermit(anna_),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_NE(agent_.process().error().find("persons_per_minute"),
            std::string::npos);
}

TEST_F(KeyAgentProcessTest, AKilledAgentOpensNothingUntilItIsBack) {
  agent_.Start();
  EXPECT_THAT(OpensUnderPermit(anna_), IsOk());
  agent_.process().Kill();
  agent_.process().Wait();
  EXPECT_THAT(OpensUnderPermit(anna_),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(OpensUnderPermit(anna_),
              StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_EQ(notices_.size(), 1);
  agent_.Start();
  EXPECT_THAT(OpensUnderPermit(anna_), IsOk());
  EXPECT_EQ(notices_.size(), 2);
}

TEST_F(KeyAgentProcessTest, AnAgentThatComesAndGoesIsSaidOnceAMinute) {
  for (int turn = 0; turn < 3; ++turn) {
    EXPECT_THAT(OpensUnderPermit(anna_),
                StatusIs(absl::StatusCode::kUnavailable));
    agent_.Start();
    EXPECT_THAT(OpensUnderPermit(anna_), IsOk());
    agent_.process().Kill();
    agent_.process().Wait();
  }
  // Lost, and there again.
  EXPECT_EQ(notices_.size(), 2);
}

TEST_F(KeyAgentProcessTest, AnAgentThatHangsIsLostInTime) {
  agent_.Start();
  EXPECT_THAT(OpensUnderPermit(anna_), IsOk());
  ::kill(agent_.process().id(), SIGSTOP);
  // It stops a little later.
  ASSERT_EQ(::waitpid(agent_.process().id(), nullptr, WUNTRACED),
            agent_.process().id());
  const absl::Time begin = absl::Now();
  EXPECT_THAT(OpensUnderPermit(anna_),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(2));
  ::kill(agent_.process().id(), SIGCONT);
  EXPECT_THAT(OpensUnderPermit(anna_), IsOk());
}

TEST_F(KeyAgentProcessTest, ManyAskAtOnce) {
  agent_.Start();
  const vault::PersonProof proof = world_.ProofOf(anna_);
  const base::Bytes birth = Birth(anna_);
  constexpr int kThreads = 8;
  std::vector<absl::Status> last(kThreads);
  std::vector<std::thread> threads;
  for (absl::Status& mine : last) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25 && mine.ok(); ++i) mine = Opens(&proof, birth);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& one : last) EXPECT_THAT(one, IsOk());
}

// Twice as many at once as there are connections: the rest waits.
TEST_F(KeyAgentProcessTest, MoreThanItAnswersAtOnceWait) {
  agent_.Start();
  const vault::PersonProof proof = world_.ProofOf(anna_);
  // So many that one answer takes a while.
  const base::Bytes birth = Birth(anna_);
  const std::vector<base::ByteView> boxes(16, birth);
  constexpr int kThreads = 64;
  std::barrier together(kThreads);
  std::atomic<int> opened = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      together.arrive_and_wait();
      for (int i = 0; i < 2; ++i) {
        if (client_.Open(&proof, boxes).ok()) ++opened;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, kThreads * 2);
  EXPECT_TRUE(notices_.empty());
}

TEST_F(KeyAgentProcessTest, AnotherAgentsKeyIsNotAsked) {
  agent_.Start();
  AgentClient other(agent_.socket(),
                    crypto::X25519PrivateKey::Generate().PublicKey(), nullptr);
  EXPECT_THAT(other.Check(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(KeyAgentProcessTest, WhatIsNoRequestIsAnsweredOrCut) {
  agent_.Start();
  const auto socket = UnixSocket::Connect(agent_.socket()).value();
  ASSERT_THAT(socket.Receive(100, absl::Seconds(1), absl::Seconds(1)), IsOk());
  ASSERT_THAT(socket.Send(base::Bytes(7), absl::Seconds(1)), IsOk());
  const auto answer = socket.Receive(100, absl::Seconds(1), absl::Seconds(1));
  ASSERT_THAT(answer, IsOk());
  EXPECT_THAT(vault::DecodeAgentAnswer(*answer, 1),
              StatusIs(absl::StatusCode::kInvalidArgument));
  // Longer than any request: nothing of it is kept.
  (void)socket.Send(base::Bytes(vault::kMaxAgentFrameBytes + 1),
                    absl::Seconds(1));
  EXPECT_THAT(socket.Receive(100, absl::Seconds(1), absl::Seconds(1)),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(OpensUnderPermit(anna_), IsOk());
}

TEST_F(KeyAgentProcessTest, AnotherUserIsToldNothing) {
  agent_.Configure(world_.Options(), ::geteuid() + 1);
  agent_.Start();
  const auto socket = UnixSocket::Connect(agent_.socket()).value();
  EXPECT_THAT(socket.Receive(100, absl::Seconds(2), absl::Seconds(1)),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(OpensUnderPermit(anna_),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_NE(agent_.process().error().find("another user"), std::string::npos);
}

TEST_F(KeyAgentProcessTest, AProcessThatBecameAnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  agent_.Start();
  const SignedPermit permit = world_.PermitFor(anna_, {vault::kBirth});
  const base::Bytes box = Birth(anna_);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setuid(kNobody) != 0) ::_exit(3);
    // It reaches the socket, and has a permit that is good.
    if (!UnixSocket::Connect(agent_.socket()).ok()) ::_exit(4);
    AgentClient own(agent_.socket(), agent_.key(), nullptr);
    const std::vector<base::ByteView> boxes = {box};
    ::_exit(own.Open(&permit, boxes).ok() ? 1 : 0);
  }
  int result = -1;
  ASSERT_EQ(::waitpid(child, &result, 0), child);
  EXPECT_EQ(WEXITSTATUS(result), 0);
  EXPECT_THAT(OpensUnderPermit(anna_), IsOk());
}

TEST_F(KeyAgentProcessTest, HasNoWayOut) {
  agent_.Start();
  const std::string proc = "/proc/" + std::to_string(agent_.process().id());
  const std::string status = testing::ReadFile(proc + "/status");
  EXPECT_NE(status.find("NoNewPrivs:\t1"), std::string::npos);
  EXPECT_NE(status.find("Seccomp:\t2"), std::string::npos);
  const std::string limits = testing::ReadFile(proc + "/limits");
  const std::size_t core = limits.find("Max core file size");
  ASSERT_NE(core, std::string::npos);
  EXPECT_NE(limits.substr(core, limits.find('\n', core) - core).find(" 0 "),
            std::string::npos);
}

// Number of the first call that another process may make once it is confined,
// or 0. Each has arguments that would fail in another way.
int FirstCallLeft() {
  constexpr long kNone = -1;
  for (const int call :
       {__NR_socket, __NR_connect, __NR_bind, __NR_socketpair, __NR_execve,
        __NR_execveat, __NR_ptrace, __NR_process_vm_readv,
        __NR_process_vm_writev, __NR_perf_event_open, __NR_io_uring_setup,
        __NR_pidfd_getfd, __NR_bpf}) {
    errno = 0;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the system's calls
    if (::syscall(call, kNone, 0, 0, 0, 0, 0) != kNone || errno != EPERM) {
      return call + 1;
    }
  }
  return 0;
}

TEST(Confine, TakesTheCallsAndLeavesWhatServes) {
  constexpr int kNotConfined = 254;
  constexpr int kServesNoMore = 255;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (!Confine().ok()) ::_exit(kNotConfined);
    char byte = 0;
    const bool serves = ::accept4(-1, nullptr, nullptr, 0) < 0 &&
                        errno == EBADF && ::read(-1, &byte, 1) < 0 &&
                        errno == EBADF;
    if (!serves) ::_exit(kServesNoMore);
    ::_exit(FirstCallLeft() == 0 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  // Not because of the arguments.
  EXPECT_NE(FirstCallLeft(), 0);
}

TEST_F(KeyAgentProcessTest, RefusesWhatItDoesNotUnderstand) {
  std::ofstream(agent_.config(), std::ios::app) << "surprise = 1\n";
  Limpidd unknown(home_.path(), {"--config", agent_.config().string()},
                  "limpid-keyagent");
  EXPECT_EQ(unknown.Wait(), ExitCode::kConfiguration);
  EXPECT_NE(unknown.error().find("surprise is unknown"), std::string::npos);
  // A second key would lose everything under the first.
  agent_.Configure(world_.Options(), ::geteuid());
  Limpidd again(home_.path(), {"--config", agent_.config().string(), "--init"},
                "limpid-keyagent");
  EXPECT_EQ(again.Wait(), ExitCode::kRefused);
}

TEST_F(KeyAgentProcessTest, OneAgentListensAtAPlace) {
  agent_.Start();
  Limpidd second(home_.path(), {"--config", agent_.config().string()},
                 "limpid-keyagent");
  EXPECT_EQ(second.Wait(), ExitCode::kRefused);
  EXPECT_THAT(OpensUnderPermit(anna_), IsOk());
}

TEST_F(KeyAgentProcessTest, AVaultReadsThroughIt) {
  vault::VaultWorld vault(client_);
  vault.clock.SetWall(absl::Now());
  vault.Put(vault.anna, vault::kBirth, "\"1990-02-28\"");
  vault.gate.Grant(vault::kBirth);
  EXPECT_THAT(vault.Read({vault::kBirth}),
              StatusIs(absl::StatusCode::kUnavailable));
  vault::KeyAgentOptions options = world_.Options();
  options.permit_key = vault.gate.key();
  agent_.Configure(options, ::geteuid());
  agent_.Start();
  vault.clock.SetWall(absl::Now());
  auto answer = vault.Read({vault::kBirth});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->lines[0].value_json, "\"1990-02-28\"");
  // A consent that this agent does not know.
  agent_.process().Terminate();
  EXPECT_EQ(agent_.process().Wait(), ExitCode::kStopped);
  agent_.Configure(world_.Options(), ::geteuid());
  agent_.Start();
  vault.clock.SetWall(absl::Now());
  EXPECT_THAT(vault.Read({vault::kBirth}),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace limpid::server
