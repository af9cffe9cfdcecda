// Exhaustive tampering: every byte that a checkpoint leads to in small logs,
// one byte per hash and per entry in large ones. The large ones would take
// hours if each audit began anew, so the audit forks at the file it fetches:
// the child gets the damaged file, goes on and must fail.

#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "common/tlog/auditor.h"
#include "common/tlog/note.h"
#include "common/tlog/policy.h"
#include "common/tlog/tile.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/tlog/log_fixture.h"

namespace limpid::tlog {
namespace {

using testing::IsOk;

// Bytes that the audit may change in the file at hand.
enum class Damage { kEveryByte, kOnePerItem };

// Serves a log's directory, and for every damage to every file it hands out
// forks a process that continues the audit with the damaged file.
class ForkingFetcher final : public Fetcher {
 public:
  ForkingFetcher(const std::filesystem::path& directory, Damage damage)
      : real_(directory), damage_(damage) {}

  absl::StatusOr<base::Bytes> Fetch(std::string_view path,
                                    std::size_t max_bytes) override {
    auto bytes = real_.Fetch(path, max_bytes);
    if (!bytes.ok() || is_child_) return bytes;
    for (std::size_t i = 0; i < bytes->size(); i = Next(path, *bytes, i)) {
      ++damage_count_;
      const auto flip = static_cast<std::uint8_t>(1U << (damage_count_ % 8));
      if (Fork()) {
        (*bytes)[Place(path, *bytes, i)] ^= flip;
        return bytes;
      }
    }
    return bytes;
  }
  [[nodiscard]] bool is_child() const { return is_child_; }
  [[nodiscard]] int damage_count() const { return damage_count_; }
  [[nodiscard]] int unnoticed_count() const { return unnoticed_count_; }

 private:
  // True in the child. The parent waits for what the child finds.
  bool Fork() {
    const pid_t child = ::fork();
    if (child == 0) return is_child_ = true;
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) ++unnoticed_count_;
    return false;
  }
  static bool IsBundle(std::string_view path) {
    return path.starts_with("tile/entries/");
  }
  // The item after the one at `i`: a byte, a hash, an entry.
  [[nodiscard]] std::size_t Next(std::string_view path,
                                 const base::Bytes& bytes,
                                 std::size_t i) const {
    if (damage_ == Damage::kEveryByte || path == "checkpoint") return i + 1;
    if (!IsBundle(path)) return i + sizeof(Digest32);
    return i + 2 + (std::size_t{bytes[i]} << 8U) + bytes[i + 1];
  }
  // The byte of that item to change: another one each time.
  [[nodiscard]] std::size_t Place(std::string_view path,
                                  const base::Bytes& bytes,
                                  std::size_t i) const {
    const std::size_t length = Next(path, bytes, i) - i;
    return i + static_cast<std::size_t>(damage_count_) % length;
  }

  DirectoryFetcher real_;
  const Damage damage_;
  bool is_child_ = false;
  int damage_count_ = 0;
  int unnoticed_count_ = 0;
};

class AuditorFlipsLong : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(AuditorFlipsLong, EveryDamageIsNoticed) {
  LogPlace place;
  ASSERT_THAT(place.Reopen(), IsOk());
  for (std::uint64_t left = GetParam(); left > 0;) {
    const std::uint64_t batch = std::min<std::uint64_t>(left, 30'011);
    ASSERT_THAT(place.Grow(batch), IsOk());
    left -= batch;
  }
  const Policy policy = Policy::ForLog(place.log().Vkey()).value();
  const Damage damage =
      GetParam() < 1'000 ? Damage::kEveryByte : Damage::kOnePerItem;
  ForkingFetcher fetcher(place.log_dir(), damage);
  const AuditReport report = Audit(fetcher, {policy, {}, {}, {}, {}});
  if (fetcher.is_child()) {
    _exit(report.outcome == AuditOutcome::kLogLied ? 0 : 1);
  }
  EXPECT_EQ(report.outcome, AuditOutcome::kPassed);
  EXPECT_EQ(fetcher.unnoticed_count(), 0);
  // One per hash and per entry at least.
  EXPECT_GE(fetcher.damage_count(), static_cast<int>(2 * GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Sizes, AuditorFlipsLong,
                         ::testing::Values(255U, 511U, 65'535U, 70'000U));

}  // namespace
}  // namespace limpid::tlog
