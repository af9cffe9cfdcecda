// An append-only file of entries of one size, each under a MAC over the one
// before it: for what must be remembered where no backup of the databases
// reaches. Knows nothing of what the entries say.
// docs/formats/stop-ledger.md, docs/formats/tombstone.md

#ifndef LIMPID_COMMON_CRYPTO_CHAINED_FILE_H_
#define LIMPID_COMMON_CRYPTO_CHAINED_FILE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"

namespace limpid::crypto {

// What one kind of file is. Views of constants.
struct ChainedFormat {
  // Begins the file, before 16 random bytes.
  std::string_view file_label;
  // Begins what an entry's MAC is over.
  std::string_view entry_label;
  // Of every entry.
  std::size_t body_bytes = 0;
  // In messages: "the stop ledger".
  std::string_view name;
  // What nobody knows any more when it is damaged: "what was withdrawn".
  std::string_view loss;
};

// Used by one thread at a time.
class ChainedFile {
 public:
  // Gets each body in order; in Open an error of it means a damaged file.
  using EntryCallback = absl::FunctionRef<absl::Status(base::ByteView body)>;

  // Opens `path` under `key` (32 bytes) and gives every entry to `entry`; makes
  // the file (0600) when there is none. An incomplete last entry was never
  // acknowledged and is cut off. Reads a file of any length as a stream.
  //
  // Errors:
  //   kDataLoss           the file is damaged or under another key.
  //   kPermissionDenied, kUnavailable  it cannot be opened, made or repaired.
  static absl::StatusOr<std::unique_ptr<ChainedFile>> Open(
      const std::filesystem::path& path, base::SecretBytes key,
      const ChainedFormat& format, EntryCallback entry);

  ~ChainedFile();
  ChainedFile(const ChainedFile&) = delete;
  ChainedFile& operator=(const ChainedFile&) = delete;

  // Gives every entry to `entry` again, in order, read and checked anew: for
  // who keeps none of them. The first error of `entry` ends it and is returned.
  //
  // Errors: those of `entry`, and
  //   kDataLoss     the file is not what was read and appended.
  //   kUnavailable  the disk failed, now or at an append before.
  absl::Status ReadAgain(EntryCallback entry) const;

  // There was no file, and nobody has said Settle since: not even in an
  // earlier start that failed.
  [[nodiscard]] bool fresh() const { return fresh_; }
  // What a lost file asks for has been done. Durable on return.
  //
  // Errors:
  //   kUnavailable  the disk failed; fresh() stays.
  absl::Status Settle();

  // Durable on return. After an error every later call fails: what is on the
  // disk is not known.
  //
  // Errors:
  //   kInvalidArgument  a body has another size; nothing was written.
  //   kUnavailable      the disk failed.
  absl::Status Append(std::span<const base::Bytes> bodies);

 private:
  ChainedFile(std::filesystem::path path, base::SecretBytes key,
              const ChainedFormat& format);

  [[nodiscard]] std::size_t header_bytes() const;
  [[nodiscard]] std::size_t entry_bytes() const;
  [[nodiscard]] absl::Status Damaged() const;
  [[nodiscard]] absl::Status Unavailable(std::string_view what) const;
  [[nodiscard]] absl::Status FailedBefore() const;
  // The entry's MAC is over the one before it.
  using Mac = base::ByteArray<32>;
  [[nodiscard]] Mac MacOf(const Mac& previous, base::ByteView body) const;
  absl::Status OpenOrMake();
  absl::Status CreateFile();
  absl::Status OpenFile();
  absl::Status Read(EntryCallback entry);
  // What the first entry's MAC is over.
  absl::StatusOr<Mac> ReadHeader() const;
  // Every whole entry; moves `previous` on, and returns where they end.
  absl::StatusOr<std::uint64_t> ReadEntries(Mac& previous,
                                            EntryCallback entry) const;
  absl::Status ReadEntry(base::ByteView bytes, Mac& previous,
                         EntryCallback entry) const;
  // Fills `buffer` from `at` on; the end of the file makes it shorter.
  absl::StatusOr<base::ByteView> ReadAt(std::uint64_t at,
                                        base::Bytes& buffer) const;
  // Ends the file at `at` if what follows was never a whole entry.
  absl::Status CutAt(std::uint64_t at) const;
  absl::Status WriteAll(base::ByteView bytes) const;

  const std::filesystem::path path_;
  // Stands while fresh_.
  const std::filesystem::path mark_;
  const base::SecretBytes key_;
  const ChainedFormat format_;
  int descriptor_ = -1;
  bool fresh_ = false;
  bool broken_ = false;
  Mac previous_{};
};

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_CHAINED_FILE_H_
