// A file system that fails on order: the operation with a chosen number
// answers an error, having taken effect, half of it, or none. Once "dead", all
// that follows fails without effect, as after a crash. Syncs are counted and
// not passed on: no test here cuts the power.

#ifndef LIMPID_TESTS_UNIT_TLOG_FAULTY_FILES_H_
#define LIMPID_TESTS_UNIT_TLOG_FAULTY_FILES_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/tlog/files.h"

namespace limpid::tlog {

enum class Effect { kNone, kHalf, kWhole };

class FaultyFiles final : public FileSystem {
 public:
  // Operation `number` (from 0) from now on fails; a negative number: none.
  void FailAt(int number, Effect effect, bool then_dead) {
    seen_ = 0;
    fail_at_ = number;
    effect_ = effect;
    then_dead_ = then_dead;
    dead_ = false;
    failed_.clear();
  }
  // What failing operations answer.
  void set_code(absl::StatusCode code) { code_ = code; }
  // Files with this in their path come back with one bit flipped.
  void set_rotten(std::string part) { rotten_ = std::move(part); }
  // Files with this in their path are gone as soon as they have their name.
  void set_vanishing(std::string part) { vanishing_ = std::move(part); }
  // What failed, empty when the chosen operation never came.
  [[nodiscard]] const std::string& failed() const { return failed_; }
  // Fsyncs of all kinds since construction.
  [[nodiscard]] int sync_count() const { return sync_count_; }

  absl::StatusOr<base::Bytes> Read(const std::filesystem::path& file,
                                   std::size_t max_bytes) override {
    if (Fails("read", file)) return Error();
    auto bytes = real_.Read(file, max_bytes);
    const bool rotten =
        !rotten_.empty() && file.string().find(rotten_) != std::string::npos;
    if (bytes.ok() && rotten && !bytes->empty()) bytes->back() ^= 1;
    return bytes;
  }
  absl::Status Write(const std::filesystem::path& file,
                     base::ByteView contents) override {
    return Do(
        "write", file, [&] { return real_.Write(file, contents); },
        [&] { return real_.Write(file, Half(contents)); });
  }
  absl::Status WriteDurably(const std::filesystem::path& file,
                            base::ByteView contents) override {
    ++sync_count_;
    return Do(
        "write durably", file,
        [&] { return real_.WriteDurably(file, contents); },
        [&] { return real_.Write(file, Half(contents)); });
  }
  absl::Status Rename(const std::filesystem::path& from,
                      const std::filesystem::path& to) override {
    return Do("rename", to, [&] {
      const absl::Status renamed = real_.Rename(from, to);
      const bool vanishes = !vanishing_.empty() &&
                            to.string().find(vanishing_) != std::string::npos;
      return renamed.ok() && vanishes ? real_.Remove(to) : renamed;
    });
  }
  absl::Status SyncDirectory(const std::filesystem::path& dir) override {
    ++sync_count_;
    return Do("sync directory", dir, [] { return absl::OkStatus(); });
  }
  absl::Status CreateDirectories(const std::filesystem::path& dir) override {
    return Do("create", dir, [&] { return real_.CreateDirectories(dir); });
  }
  absl::Status Remove(const std::filesystem::path& path) override {
    return Do("remove", path, [&] { return real_.Remove(path); });
  }
  bool Exists(const std::filesystem::path& path) override {
    return real_.Exists(path);
  }
  absl::StatusOr<FileIdentity> Identify(
      const std::filesystem::path& file) override {
    if (Fails("identify", file)) return Error();
    return real_.Identify(file);
  }
  absl::StatusOr<std::unique_ptr<LockedDirectory>> Lock(
      const std::filesystem::path& dir) override {
    if (Fails("lock", dir)) return Error();
    auto real = real_.Lock(dir);
    if (!real.ok()) return real.status();
    return std::make_unique<Locked>(*this, *std::move(real));
  }

 private:
  using Action = std::function<absl::Status()>;

  class Locked final : public LockedDirectory {
   public:
    Locked(FaultyFiles& files, std::unique_ptr<LockedDirectory> real)
        : files_(files), real_(std::move(real)) {}

    absl::Status SyncFileSystem() override {
      ++files_.sync_count_;
      return files_.Do("sync file system", "", [] { return absl::OkStatus(); });
    }

   private:
    FaultyFiles& files_;
    std::unique_ptr<LockedDirectory> real_;
  };

  static base::ByteView Half(base::ByteView bytes) {
    return bytes.first(bytes.size() / 2);
  }
  [[nodiscard]] absl::Status Error() const {
    return absl::Status(code_, "injected");
  }

  bool Fails(const std::string& what, const std::filesystem::path& path) {
    if (dead_) return true;
    if (seen_++ != fail_at_) return false;
    failed_ = absl::StrCat(what, " ", path.filename().string());
    dead_ = then_dead_;
    return true;
  }
  absl::Status Do(const std::string& what, const std::filesystem::path& path,
                  const Action& action, const Action& half = nullptr) {
    const bool was_dead = dead_;
    if (!Fails(what, path)) return action();
    if (was_dead || effect_ == Effect::kNone) return Error();
    const bool whole = effect_ == Effect::kWhole || !half;
    const absl::Status done = whole ? action() : half();
    return done.ok() ? Error() : done;
  }

  FileSystem& real_ = PosixFileSystem();
  absl::StatusCode code_ = absl::StatusCode::kInternal;
  int seen_ = 0;
  int fail_at_ = -1;
  Effect effect_ = Effect::kNone;
  bool then_dead_ = false;
  bool dead_ = false;
  std::string failed_;
  std::string rotten_;
  std::string vanishing_;
  int sync_count_ = 0;
};

}  // namespace limpid::tlog

#endif  // LIMPID_TESTS_UNIT_TLOG_FAULTY_FILES_H_
