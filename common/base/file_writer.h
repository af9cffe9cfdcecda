// A file that is written piece by piece and seen whole or not at all.

#ifndef LIMPID_COMMON_BASE_FILE_WRITER_H_
#define LIMPID_COMMON_BASE_FILE_WRITER_H_

#include <sys/types.h>

#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::base {

// Writes "<path>.tmp" and gives it its name at the end, as WriteFileAtomically
// does with bytes that are all there. Not thread-safe; one per path at a time.
class FileWriter {
 public:
  // Errors: those of WriteFileAtomically.
  static absl::StatusOr<FileWriter> Open(const std::filesystem::path& path,
                                         mode_t mode);

  FileWriter(FileWriter&& other) noexcept;
  FileWriter& operator=(FileWriter&& other) = delete;
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;
  // What was not committed is gone, and what was there before stays.
  ~FileWriter();

  // Errors: those of WriteFileAtomically.
  absl::Status Append(ByteView bytes);
  // Durable on return, under its name. Nothing can be added after it.
  //
  // Errors: those of WriteFileAtomically.
  absl::Status Commit();

 private:
  FileWriter(std::filesystem::path path, std::filesystem::path temporary,
             int descriptor)
      : path_(std::move(path)),
        temporary_(std::move(temporary)),
        descriptor_(descriptor) {}

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  // -1 once it is closed.
  int descriptor_;
};

}  // namespace limpid::base

#endif  // LIMPID_COMMON_BASE_FILE_WRITER_H_
