// The head of a log: the checkpoint it signed last, kept apart from the log's
// own files. Swapping it is the commit point of an append, and it is the truth
// at start. Whoever can roll it back can fork the log.
// docs/formats/log-files.md, docs/adr/2026-11-20-head-store.md

#ifndef LIMPID_COMMON_TLOG_HEAD_STORE_H_
#define LIMPID_COMMON_TLOG_HEAD_STORE_H_

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/tlog/files.h"

namespace limpid::tlog {

struct Head {
  // When it was signed, by the signer's clock, to the millisecond.
  absl::Time signed_at;
  // The signed note.
  std::string checkpoint;
  friend bool operator==(const Head&, const Head&) = default;
};

// Holds the head of one log. Thread-safe.
class HeadStore {
 public:
  virtual ~HeadStore() = default;

  // The head, or nothing when no log was ever created here. Reads what is
  // stored, not what is remembered.
  //
  // Errors:
  //   kDataLoss            stored bytes are not a head.
  //   kFailedPrecondition  the head was copied here from elsewhere.
  virtual absl::StatusOr<std::optional<Head>> Read() = 0;

  // Stores `next` if the head is still `expected`; durable on return.
  //
  // Errors:
  //   kAborted  the head is another one; nothing changed.
  //   any other code: unknown whether it took effect. Do not call again.
  virtual absl::Status Swap(const std::optional<Head>& expected,
                            const Head& next) = 0;

 protected:
  HeadStore() = default;
  HeadStore(const HeadStore&) = default;
  HeadStore& operator=(const HeadStore&) = default;
};

// Keeps the head as a file in a directory of its own, which must not lie inside
// the log's directory and must not be in its backup set. Holds the directory's
// lock while it lives. The file names its own inode and birth time, so that a
// restored backup, a cloned directory and a copied file are refused.
class FileHeadStore final : public HeadStore {
 public:
  // Creates the directory when it is absent.
  //
  // Errors:
  //   kFailedPrecondition  another process holds the directory.
  //   kInternal            the directory cannot be made or read.
  static absl::StatusOr<std::unique_ptr<FileHeadStore>> Open(
      const std::filesystem::path& directory,
      FileSystem& files = PosixFileSystem());

  absl::StatusOr<std::optional<Head>> Read() override;
  absl::Status Swap(const std::optional<Head>& expected,
                    const Head& next) override;

  // Declares a copied head to be the head, after an administrator made sure
  // that the place it came from will never sign again and that nobody has seen
  // a later checkpoint. A fork follows if that is wrong.
  //
  // Errors:
  //   kNotFound  there is no head.
  //   kDataLoss  stored bytes are not a head.
  absl::Status Adopt();

 private:
  struct Stored;

  FileHeadStore(std::filesystem::path directory, FileSystem& files,
                std::unique_ptr<LockedDirectory> lock);
  absl::StatusOr<std::optional<Stored>> Load()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::optional<Head>> ReadLocked()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Store(const Head& head) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::filesystem::path directory_;
  FileSystem& files_;
  const std::unique_ptr<LockedDirectory> lock_;
  base::Mutex mutex_;
};

}  // namespace limpid::tlog

#endif  // LIMPID_COMMON_TLOG_HEAD_STORE_H_
