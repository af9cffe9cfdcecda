// A log in a temporary directory, with its head store and a clock that stands
// still: the vocabulary of the tests of Log, HeadStore and Audit.

#ifndef LIMPID_TESTS_UNIT_TLOG_LOG_FIXTURE_H_
#define LIMPID_TESTS_UNIT_TLOG_LOG_FIXTURE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "common/tlog/head_store.h"
#include "common/tlog/log.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/shared.h"

namespace limpid::tlog {

inline constexpr char kTestOrigin[] = "log.example/test";

inline crypto::Ed25519PrivateKey TestKey(std::uint8_t seed = 7) {
  base::SecretBytes bytes(crypto::kEd25519SeedBytes);
  bytes.RevealMutable(base::SecretAccess::Get())[0] = seed;
  return crypto::Ed25519PrivateKey::FromSeed(bytes).value();
}

// "entry 0", "entry 1", ... from `first` on.
inline std::vector<base::Bytes> Entries(std::uint64_t first,
                                        std::uint64_t count) {
  std::vector<base::Bytes> entries;
  for (std::uint64_t i = first; i < first + count; ++i) {
    entries.push_back(base::ToBytes(absl::StrCat("entry ", i)));
  }
  return entries;
}

class LogPlace {
 public:
  explicit LogPlace(FileSystem& files = PosixFileSystem()) : files_(files) {}

  [[nodiscard]] std::filesystem::path log_dir() const {
    return temp_.path() / "log";
  }
  [[nodiscard]] std::filesystem::path head_dir() const {
    return temp_.path() / "head";
  }
  [[nodiscard]] const std::filesystem::path& root() const {
    return temp_.path();
  }
  testing::FakeClock& clock() { return clock_; }
  Log& log() { return *log_; }

  // Opens (or creates) the head store and the log; closes what was open.
  absl::Status Reopen(crypto::Ed25519PrivateKey key = TestKey()) {
    Close();
    auto head = FileHeadStore::Open(head_dir(), files_);
    if (!head.ok()) return head.status();
    head_ = *std::move(head);
    auto log = Log::OpenOrCreate(
        {log_dir(), kTestOrigin, *head_, std::move(key), clock_, files_});
    if (!log.ok()) return log.status();
    log_ = *std::move(log);
    return absl::OkStatus();
  }
  void Close() {
    log_.reset();
    head_.reset();
  }
  HeadStore& head() { return *head_; }
  // Appends the next `count` numbered entries.
  absl::StatusOr<Log::Appended> Grow(std::uint64_t count) {
    return log_->Append(Entries(log_->size(), count));
  }

 private:
  testing::TempDir temp_;
  FileSystem& files_;
  testing::FakeClock clock_;
  std::unique_ptr<FileHeadStore> head_;
  std::unique_ptr<Log> log_;
};

}  // namespace limpid::tlog

#endif  // LIMPID_TESTS_UNIT_TLOG_LOG_FIXTURE_H_
