// A child process writes from several threads and tells each acknowledged id
// through a pipe; the parent kills it with SIGKILL at a random moment, opens
// the database and looks for every id it was told.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/storage/database.h"
#include "gtest/gtest.h"
#include "tests/integration/storage/fixture.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::storage {
namespace {

using ::limpid::testing::IsOk;

constexpr int kThreads = 4;
constexpr int kDefaultRounds = 20;

int Rounds() {
  const char* text = std::getenv("LIMPID_KILL_ROUNDS");
  int rounds = kDefaultRounds;
  if (text != nullptr) (void)absl::SimpleAtoi(text, &rounds);
  return rounds;
}

// Never returns. Ids are round * 1,000,000 + thread * 100,000 + count.
[[noreturn]] void WriteForever(const std::filesystem::path& path, int round,
                               int pipe) {
  auto opened = Database::Open(ItemOptions(path));
  if (!opened.ok()) std::_Exit(1);
  Database& database = **opened;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&database, round, thread, pipe] {
      const std::int64_t first = round * 1'000'000LL + thread * 100'000LL;
      for (std::int64_t id = first;; ++id) {
        const absl::Status status = database.Write([&](Session& session) {
          return PutItem(session, absl::StrCat(id), id, base::Bytes(500, 3));
        });
        // Up to PIPE_BUF bytes are written whole or not at all.
        if (!status.ok() || ::write(pipe, &id, sizeof(id)) != sizeof(id)) {
          std::_Exit(1);
        }
      }
    });
  }
  for (;;) ::pause();
}

// Kills a writing child after `wait`; returns what it acknowledged.
std::set<std::int64_t> KillAWriter(const std::filesystem::path& path, int round,
                                   std::chrono::microseconds wait) {
  std::array<int, 2> pipe{};
  EXPECT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) WriteForever(path, round, pipe[1]);
  ::close(pipe[1]);
  std::set<std::int64_t> acknowledged;
  const auto end = std::chrono::steady_clock::now() + wait;
  std::int64_t id = 0;
  // The first read waits until the child has opened and writes.
  while (::read(pipe[0], &id, sizeof(id)) == sizeof(id)) {
    acknowledged.insert(id);
    if (std::chrono::steady_clock::now() > end) ::kill(child, SIGKILL);
  }
  int result = 0;
  EXPECT_EQ(::waitpid(child, &result, 0), child);
  EXPECT_TRUE(WIFSIGNALED(result)) << "the child ended by itself";
  ::close(pipe[0]);
  return acknowledged;
}

TEST(KilledWriter, LosesNothingThatItAcknowledged) {
  const testing::TempDir dir;
  const std::filesystem::path path = dir.path() / "items.db";
  ASSERT_THAT(Database::Create(ItemOptions(path)), IsOk());
  std::set<std::int64_t> acknowledged;
  // Seeded, so that a failure can be run again; the moment of death is real.
  std::minstd_rand random(1);  // NOLINT(cert-msc51-cpp): as said above
  for (int round = 1; round <= Rounds(); ++round) {
    const std::chrono::microseconds wait(20'000 + random() % 60'000);
    acknowledged.merge(KillAWriter(path, round, wait));
    auto opened = Database::Open(ItemOptions(path));
    ASSERT_THAT(opened, IsOk());
    std::set<std::int64_t> found;
    ASSERT_THAT((*opened)->Read([&](Session& session) {
      return session.Query("SELECT number FROM item", {}, [&](const Row& row) {
        found.insert(row.Int(0));
        return absl::OkStatus();
      });
    }),
                IsOk());
    for (const std::int64_t id : acknowledged) {
      ASSERT_TRUE(found.contains(id)) << "round " << round << " lost " << id;
    }
    // One unanswered work per thread and round at most.
    EXPECT_LE(found.size(),
              acknowledged.size() + static_cast<std::size_t>(round * kThreads));
    ASSERT_THAT((*opened)->CheckIntegrity(), IsOk());
  }
  EXPECT_GT(acknowledged.size(), 0U);
}

}  // namespace
}  // namespace limpid::storage
