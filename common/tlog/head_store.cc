#include "common/tlog/head_store.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/tlog/checkpoint.h"
#include "common/tlog/note.h"

namespace limpid::tlog {
namespace {

constexpr std::string_view kHeader = "limpid-log-head@v1\n";
constexpr std::string_view kFileField = "file ";
constexpr std::string_view kSignedField = "signed ";
constexpr std::string_view kHeadFile = "head";
constexpr std::string_view kTemporaryFile = "head.tmp";

absl::Status Damaged() {
  return absl::DataLossError("the head of the log is damaged");
}

// Takes `prefix`, then text up to and with `end`.
bool TakeField(std::string_view& text, std::string_view prefix, char end,
               std::string_view& value) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  const std::size_t length = text.find(end);
  if (length == std::string_view::npos) return false;
  value = text.substr(0, length);
  text.remove_prefix(length + 1);
  return true;
}

}  // namespace

struct FileHeadStore::Stored {
  Head head;
  // What the file says it is.
  FileIdentity identity;

  [[nodiscard]] std::string Format() const {
    return absl::StrCat(
        base::ToAbsl(kHeader), base::ToAbsl(kFileField), identity.inode, " ",
        identity.born_ns, "\n", base::ToAbsl(kSignedField),
        base::TimeText(head.signed_at), "\n\n", head.checkpoint);
  }
  static absl::StatusOr<Stored> Parse(std::string_view text) {
    std::string_view inode;
    std::string_view born;
    std::string_view time;
    std::string_view header;
    if (!TakeField(text, kHeader.substr(0, kHeader.size() - 1), '\n', header) ||
        !header.empty() || !TakeField(text, kFileField, ' ', inode) ||
        !TakeField(text, "", '\n', born) ||
        !TakeField(text, kSignedField, '\n', time) || !text.starts_with('\n')) {
      return Damaged();
    }
    text.remove_prefix(1);
    const auto inode_number = ParseDecimal(inode);
    const auto born_ns = ParseDecimal(born);
    const auto signed_at = base::ParseTimeText(time);
    if (!inode_number.ok() || !born_ns.ok() || !signed_at.ok() ||
        !ParseNote(text).ok()) {
      return Damaged();
    }
    return Stored{
        Head{*signed_at, std::string(text)},
        FileIdentity{*inode_number, static_cast<std::int64_t>(*born_ns)}};
  }
};

FileHeadStore::FileHeadStore(std::filesystem::path directory, FileSystem& files,
                             std::unique_ptr<LockedDirectory> lock)
    : directory_(std::move(directory)), files_(files), lock_(std::move(lock)) {}

absl::StatusOr<std::unique_ptr<FileHeadStore>> FileHeadStore::Open(
    const std::filesystem::path& directory, FileSystem& files) {
  LIMPID_RETURN_IF_ERROR(files.CreateDirectories(directory));
  LIMPID_ASSIGN_OR_RETURN(std::unique_ptr<LockedDirectory> lock,
                          files.Lock(directory));
  return std::unique_ptr<FileHeadStore>(
      new FileHeadStore(directory, files, std::move(lock)));
}

absl::StatusOr<std::optional<FileHeadStore::Stored>> FileHeadStore::Load() {
  const auto bytes = files_.Read(directory_ / kHeadFile, 2 * kMaxNoteBytes);
  if (absl::IsNotFound(bytes.status())) return std::optional<Stored>();
  if (!bytes.ok()) return bytes.status();
  LIMPID_ASSIGN_OR_RETURN(Stored stored, Stored::Parse(base::AsText(*bytes)));
  return std::optional<Stored>(std::move(stored));
}

absl::StatusOr<std::optional<Head>> FileHeadStore::Read() {
  const base::MutexLock lock(mutex_);
  return ReadLocked();
}

absl::StatusOr<std::optional<Head>> FileHeadStore::ReadLocked() {
  LIMPID_ASSIGN_OR_RETURN(std::optional<Stored> stored, Load());
  if (!stored) return std::optional<Head>();
  LIMPID_ASSIGN_OR_RETURN(const FileIdentity identity,
                          files_.Identify(directory_ / kHeadFile));
  if (identity != stored->identity) {
    return absl::FailedPreconditionError(
        "the head of the log is a copy (a restored backup or a cloned "
        "directory); signing on from it could fork the log");
  }
  return std::optional<Head>(std::move(stored->head));
}

absl::Status FileHeadStore::Swap(const std::optional<Head>& expected,
                                 const Head& next) {
  const base::MutexLock lock(mutex_);
  LIMPID_ASSIGN_OR_RETURN(const std::optional<Head> present, ReadLocked());
  if (present != expected) {
    return absl::AbortedError("the head of the log is another one");
  }
  return Store(next);
}

absl::Status FileHeadStore::Store(const Head& head) {
  const std::filesystem::path temporary = directory_ / kTemporaryFile;
  // The file must exist before it can say what it is; writing the contents
  // afterwards keeps its inode, and so does the rename.
  LIMPID_RETURN_IF_ERROR(files_.Write(temporary, {}));
  LIMPID_ASSIGN_OR_RETURN(const FileIdentity identity,
                          files_.Identify(temporary));
  const Stored stored{head, identity};
  LIMPID_RETURN_IF_ERROR(
      files_.WriteDurably(temporary, base::AsBytes(stored.Format())));
  LIMPID_RETURN_IF_ERROR(files_.Rename(temporary, directory_ / kHeadFile));
  return files_.SyncDirectory(directory_);
}

absl::Status FileHeadStore::Adopt() {
  const base::MutexLock lock(mutex_);
  LIMPID_ASSIGN_OR_RETURN(const std::optional<Stored> stored, Load());
  if (!stored) return absl::NotFoundError("there is no head here");
  return Store(stored->head);
}

}  // namespace limpid::tlog
