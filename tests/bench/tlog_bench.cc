// ./dev bench tlog: what an append of a batch costs (durable tiles, read back,
// signature, head, checkpoint), a proof, and a whole audit.

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/clock.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/tlog/auditor.h"
#include "common/tlog/head_store.h"
#include "common/tlog/leaf.h"
#include "common/tlog/log.h"
#include "common/tlog/policy.h"
#include "tests/bench/bench_main.h"
#include "tests/bench/report.h"

namespace limpid::bench {
namespace {

constexpr int kBatches = 200;
constexpr std::uint64_t kAuditEntries = 200'000;
constexpr std::uint64_t kProofs = 5'000;

// A log of its own in a directory that goes with it.
class Place {
 public:
  explicit Place(const std::filesystem::path& parent)
      : directory_(parent / absl::StrCat("limpid-bench-", ::getpid())),
        head_(tlog::FileHeadStore::Open(directory_ / "head").value()),
        log_(tlog::Log::Create({directory_ / "log", "bench.example/log", *head_,
                                crypto::Ed25519PrivateKey::Generate(), clock_})
                 .value()) {}
  ~Place() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  tlog::Log& log() { return *log_; }
  [[nodiscard]] std::filesystem::path log_directory() const {
    return directory_ / "log";
  }

 private:
  const std::filesystem::path directory_;
  const base::SystemClock clock_;
  const std::unique_ptr<tlog::FileHeadStore> head_;
  const std::unique_ptr<tlog::Log> log_;
};

std::vector<base::Bytes> Batch(std::size_t size) {
  std::vector<base::Bytes> batch;
  for (std::size_t i = 0; i < size; ++i) {
    batch.push_back(tlog::CommitmentLeaf(tlog::LeafKind::kAccess,
                                         crypto::RandomArray<32>()));
  }
  return batch;
}

Case Append(const std::filesystem::path& directory, std::size_t size) {
  Place place(directory);
  std::vector<absl::Duration> each;
  const std::vector<base::Bytes> batch = Batch(size);
  const absl::Duration elapsed = Measure([&] {
    for (int i = 0; i < kBatches; ++i) {
      each.push_back(
          Measure([&] { LIMPID_CHECK(place.log().Append(batch).ok()); }));
    }
  });
  const auto count = static_cast<double>(size * kBatches);
  return {absl::StrCat("append/", size),
          {{"batch", static_cast<double>(size)},
           {"entries_per_s", PerSecond(count, elapsed)},
           {"p50_us", PercentileUs(each, 50)},
           {"p99_us", PercentileUs(each, 99)}}};
}

Case Proofs(tlog::Log& log) {
  std::vector<absl::Duration> each;
  const absl::Duration elapsed = Measure([&] {
    for (std::uint64_t i = 0; i < kProofs; ++i) {
      const std::uint64_t index = i * 7'919 % log.size();
      each.push_back(Measure([&] { LIMPID_CHECK(log.Prove(index).ok()); }));
    }
  });
  return {"prove",
          {{"entries", static_cast<double>(log.size())},
           {"proofs_per_s", PerSecond(kProofs, elapsed)},
           {"p50_us", PercentileUs(each, 50)},
           {"p99_us", PercentileUs(each, 99)}}};
}

Case Audit(Place& place) {
  const tlog::Policy policy = tlog::Policy::ForLog(place.log().Vkey()).value();
  tlog::DirectoryFetcher fetcher(place.log_directory());
  tlog::AuditReport report;
  const absl::Duration elapsed = Measure([&] {
    report = tlog::Audit(
        fetcher, {policy, {}, tlog::LeafKind::kAccess, nullptr, nullptr});
  });
  LIMPID_CHECK(report.outcome == tlog::AuditOutcome::kPassed);
  const auto count = static_cast<double>(report.entry_count);
  return {"audit",
          {{"entries", count}, {"entries_per_s", PerSecond(count, elapsed)}}};
}

absl::Status Run(Arguments& arguments) {
  Report report{"tlog", {ProbeFsync(arguments.directory), ProbeSha256()}, {}};
  for (const std::size_t size : {std::size_t{64}, std::size_t{1'024}}) {
    report.cases.push_back(Append(arguments.directory, size));
  }
  Place place(arguments.directory);
  while (place.log().size() < kAuditEntries) {
    LIMPID_CHECK(place.log().Append(Batch(20'000)).ok());
  }
  report.cases.push_back(Proofs(place.log()));
  report.cases.push_back(Audit(place));
  return Finish(report, arguments);
}

}  // namespace
}  // namespace limpid::bench

int main(int argc, char** argv) {
  return limpid::bench::Main(argc, argv, limpid::bench::Run);
}
