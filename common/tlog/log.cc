#include "common/tlog/log.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/tlog/edge.h"
#include "common/tlog/note.h"
#include "common/tlog/tile.h"
#include "common/tlog/tile_reader.h"

namespace limpid::tlog {
namespace {

using base::ByteView;

constexpr std::string_view kCheckpointFile = "checkpoint";
constexpr std::string_view kTileDirectory = "tile";
// Behind the name of a file that is being written; no path of the grammar.
constexpr std::string_view kTemporary = ".tmp";

// How far the clock may stand before the last signature without being called
// set back: time services step by less.
constexpr absl::Duration kClockTolerance = absl::Seconds(2);

// The published state that readers see.
struct Published {
  Checkpoint checkpoint;
  std::string note;
};

absl::Status CheckClock(const base::Clock& clock, absl::Time last) {
  if (clock.Now() + kClockTolerance >= last) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the clock stands before the log's last signature; set it right before "
      "the log signs again");
}

// An empty log is signed before anybody has judged the clock, and what it was
// signed for is empty whenever that was: a wrong time there holds up nothing.
absl::Time LastSignature(const Head& head, std::uint64_t size) {
  return size == 0 ? absl::UnixEpoch() : head.signed_at;
}

absl::Time ToMilliseconds(absl::Time time) {
  return absl::FromUnixMillis(absl::ToUnixMillis(time));
}

class DiskLog final : public Log {
 public:
  DiskLog(const LogOptions& options, NoteSigner signer,
          std::unique_ptr<LockedDirectory> lock)
      : directory_(options.directory),
        head_store_(options.head),
        clock_(options.clock),
        files_(options.files),
        signer_(std::move(signer)),
        lock_(std::move(lock)) {}

  // Signs and publishes size 0.
  absl::Status StartEmpty();
  // Takes over what `head` says and repairs what a crash left.
  absl::Status Recover(const Head& head);

  absl::StatusOr<Appended> Append(
      std::span<const base::Bytes> entries) override;
  const std::string& origin() const override {
    return signer_.verifier().name();
  }
  std::string Vkey() const override { return signer_.verifier().Vkey(); }
  std::uint64_t size() const override { return Now()->checkpoint.size; }
  Checkpoint checkpoint() const override { return Now()->checkpoint; }
  std::string SignedCheckpoint() const override { return Now()->note; }
  absl::Time signed_at() const override {
    const base::MutexLock lock(append_mutex_);
    return head_.signed_at;
  }
  absl::StatusOr<std::vector<Digest32>> InclusionProof(
      std::uint64_t index, std::uint64_t size) const override;
  absl::StatusOr<std::vector<Digest32>> ConsistencyProof(
      std::uint64_t old_size, std::uint64_t size) const override;
  absl::StatusOr<LogProof> Prove(std::uint64_t index) const override;
  absl::StatusOr<std::vector<base::Bytes>> ReadEntries(
      std::uint64_t first, std::uint64_t count) const override;

 private:
  // A batch that is on disk and checked, but not committed.
  struct Prepared {
    Edge edge;
    std::vector<TileFile> files;
    Checkpoint checkpoint;
    Head head;
  };

  std::shared_ptr<const Published> Now() const {
    const base::MutexLock lock(published_mutex_);
    return published_;
  }
  // The checkpoint this head signs for.
  absl::StatusOr<Checkpoint> OpenHead(const Head& head) const;
  // Whether `published`, which others may have seen, leads to the head's edge.
  absl::Status CheckPublished(const Checkpoint& published,
                              const Edge& edge) const;
  absl::StatusOr<std::optional<Checkpoint>> ReadPublished() const;

  absl::StatusOr<Prepared> Prepare(std::span<const base::Bytes> entries)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(append_mutex_);
  absl::Status WriteFiles(const std::vector<TileFile>& files) const;
  absl::Status Commit(Prepared prepared)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(append_mutex_);
  absl::Status Publish(const Checkpoint& checkpoint, const std::string& note);
  void RemovePartials(const std::vector<TileFile>& files) const;
  // Remembers that only a restart can go on from here.
  absl::Status Stop(const absl::Status& cause)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(append_mutex_);

  const std::filesystem::path directory_;
  HeadStore& head_store_;
  const base::Clock& clock_;
  FileSystem& files_;
  const NoteSigner signer_;
  const std::unique_ptr<LockedDirectory> lock_;

  // Held through a whole append: one writer.
  mutable base::Mutex append_mutex_;
  Edge edge_ ABSL_GUARDED_BY(append_mutex_);
  Head head_ ABSL_GUARDED_BY(append_mutex_);
  bool stopped_ ABSL_GUARDED_BY(append_mutex_) = false;

  mutable base::Mutex published_mutex_;
  // Shared so that a reader keeps its view while an append publishes the next.
  std::shared_ptr<const Published> published_ ABSL_GUARDED_BY(published_mutex_);
};

absl::Status DiskLog::Stop(const absl::Status& cause) {
  stopped_ = true;
  return cause;
}

absl::Status DiskLog::Publish(const Checkpoint& checkpoint,
                              const std::string& note) {
  LIMPID_RETURN_IF_ERROR(ReplaceDurably(files_, directory_ / kCheckpointFile,
                                        base::AsBytes(note)));
  const base::MutexLock lock(published_mutex_);
  published_ = std::make_shared<const Published>(Published{checkpoint, note});
  return absl::OkStatus();
}

absl::Status DiskLog::StartEmpty() {
  const base::MutexLock lock(append_mutex_);
  const Checkpoint empty{origin(), 0, EmptyRoot(), ""};
  LIMPID_ASSIGN_OR_RETURN(std::string note,
                          signer_.Sign(CheckpointText(empty)));
  head_ = {ToMilliseconds(clock_.Now()), std::move(note)};
  LIMPID_RETURN_IF_ERROR(head_store_.Swap(std::nullopt, head_));
  return Publish(empty, head_.checkpoint);
}

absl::StatusOr<Checkpoint> DiskLog::OpenHead(const Head& head) const {
  auto checkpoint = OpenCheckpoint(head.checkpoint, signer_.verifier());
  if (!checkpoint.ok() || !checkpoint->extension.empty()) {
    return absl::FailedPreconditionError(
        "the head was signed by another key or for another log");
  }
  return checkpoint;
}

absl::StatusOr<std::optional<Checkpoint>> DiskLog::ReadPublished() const {
  const auto bytes = files_.Read(directory_ / kCheckpointFile, kMaxNoteBytes);
  if (absl::IsNotFound(bytes.status())) return std::optional<Checkpoint>();
  if (!bytes.ok()) return bytes.status();
  auto checkpoint = OpenCheckpoint(base::AsText(*bytes), signer_.verifier());
  if (!checkpoint.ok()) {
    return absl::DataLossError(
        "the published checkpoint is damaged; once it is removed, the next "
        "start writes it anew from the head");
  }
  return std::optional<Checkpoint>(*std::move(checkpoint));
}

absl::Status DiskLog::CheckPublished(const Checkpoint& published,
                                     const Edge& edge) const {
  if (published.size > edge.size()) {
    return absl::FailedPreconditionError(
        "the published checkpoint is newer than the head: the head was rolled "
        "back, and signing on from it would fork the log");
  }
  const auto read = [&](std::span<const NodeId> nodes) {
    return TileReader(files_, directory_, edge.size()).Nodes(nodes);
  };
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<Digest32> proof,
      MakeConsistencyProof(published.size, edge.size(), read));
  // Every tree extends the empty one, whose root ParseCheckpoint has checked.
  if (published.size == 0) return absl::OkStatus();
  if (!VerifyConsistency(published.size, edge.size(), proof, published.root,
                         edge.Root())
           .ok()) {
    return absl::DataLossError(
        "the published checkpoint contradicts the head: the log is forked");
  }
  return absl::OkStatus();
}

absl::Status DiskLog::Recover(const Head& head) {
  const base::MutexLock lock(append_mutex_);
  LIMPID_ASSIGN_OR_RETURN(const Checkpoint checkpoint, OpenHead(head));
  LIMPID_RETURN_IF_ERROR(
      CheckClock(clock_, LastSignature(head, checkpoint.size)));
  LIMPID_ASSIGN_OR_RETURN(const std::optional<Checkpoint> published,
                          ReadPublished());
  if (published && published->size > checkpoint.size) {
    return CheckPublished(*published, Edge());
  }
  const TileReader reader(files_, directory_, checkpoint.size);
  LIMPID_ASSIGN_OR_RETURN(edge_, Edge::Load(reader, checkpoint.root));
  if (published) LIMPID_RETURN_IF_ERROR(CheckPublished(*published, edge_));
  head_ = head;
  if (published == checkpoint) {
    const base::MutexLock published_lock(published_mutex_);
    published_ = std::make_shared<const Published>(
        Published{checkpoint, head.checkpoint});
    return absl::OkStatus();
  }
  return Publish(checkpoint, head.checkpoint);
}

absl::Status DiskLog::WriteFiles(const std::vector<TileFile>& files) const {
  std::filesystem::path made;
  for (const TileFile& file : files) {
    const std::filesystem::path path = directory_ / TilePath(file.id);
    if (path.parent_path() != made) {
      made = path.parent_path();
      LIMPID_RETURN_IF_ERROR(files_.CreateDirectories(made));
    }
    // A web server serves what has the name of a tile to whoever asks, and says
    // that it never changes: nobody may find half of one there. What a crash
    // leaves is written over, or goes with the other partial ones.
    std::filesystem::path temporary = path;
    temporary += kTemporary;
    LIMPID_RETURN_IF_ERROR(files_.Write(temporary, file.contents));
    LIMPID_RETURN_IF_ERROR(files_.Rename(temporary, path));
  }
  return absl::OkStatus();
}

absl::StatusOr<DiskLog::Prepared> DiskLog::Prepare(
    std::span<const base::Bytes> entries) {
  const absl::Time last = LastSignature(head_, edge_.size());
  LIMPID_RETURN_IF_ERROR(CheckClock(clock_, last));
  Prepared batch;
  batch.edge = edge_;
  const std::vector<ByteView> views(entries.begin(), entries.end());
  batch.files = batch.edge.Append(views);
  batch.checkpoint = {origin(), batch.edge.size(), batch.edge.Root(), ""};
  LIMPID_RETURN_IF_ERROR(WriteFiles(batch.files));
  // The kernel may drop pages that it could not write and report that once
  // only: a second sync that succeeds proves nothing.
  const absl::Status synced = lock_->SyncFileSystem();
  if (!synced.ok()) return Stop(synced);
  const TileReader reader(files_, directory_, batch.edge.size());
  const absl::Status written =
      CheckWritten(edge_, batch.files, reader, batch.checkpoint.root);
  if (absl::IsDataLoss(written)) return Stop(written);
  if (!written.ok()) return written;
  LIMPID_ASSIGN_OR_RETURN(batch.head.checkpoint,
                          signer_.Sign(CheckpointText(batch.checkpoint)));
  batch.head.signed_at = ToMilliseconds(std::max(clock_.Now(), last));
  return batch;
}

absl::Status DiskLog::Commit(Prepared prepared) {
  const absl::Status swapped = head_store_.Swap(head_, prepared.head);
  if (!swapped.ok()) return Stop(swapped);
  // The commit point lies behind us.
  edge_ = std::move(prepared.edge);
  head_ = std::move(prepared.head);
  const absl::Status published = Publish(prepared.checkpoint, head_.checkpoint);
  if (!published.ok()) return Stop(published);
  RemovePartials(prepared.files);
  return absl::OkStatus();
}

void DiskLog::RemovePartials(const std::vector<TileFile>& files) const {
  for (const TileFile& file : files) {
    if (file.id.width != kTileWidth) continue;
    // A leftover partial tile costs only its place.
    (void)files_.Remove(directory_ / (TilePath(file.id) + ".p"));
  }
}

absl::StatusOr<Log::Appended> DiskLog::Append(
    std::span<const base::Bytes> entries) {
  if (entries.size() > kMaxBatchEntries) {
    return absl::InvalidArgumentError(
        absl::StrCat("a batch has at most ", kMaxBatchEntries, " entries"));
  }
  for (const base::Bytes& entry : entries) {
    if (entry.size() > kMaxEntryBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("an entry has at most ", kMaxEntryBytes, " bytes"));
    }
  }
  const base::MutexLock lock(append_mutex_);
  if (stopped_) {
    return absl::FailedPreconditionError(
        "the log stopped after a failure; restart to go on");
  }
  Appended appended;
  appended.first_index = edge_.size();
  if (!entries.empty()) {
    LIMPID_ASSIGN_OR_RETURN(Prepared prepared, Prepare(entries));
    LIMPID_RETURN_IF_ERROR(Commit(std::move(prepared)));
  }
  const std::shared_ptr<const Published> now = Now();
  appended.checkpoint = now->checkpoint;
  appended.signed_checkpoint = now->note;
  return appended;
}

absl::StatusOr<std::vector<Digest32>> DiskLog::InclusionProof(
    std::uint64_t index, std::uint64_t size) const {
  const TileReader reader(files_, directory_, this->size());
  if (size > reader.size()) {
    return absl::InvalidArgumentError("the log is not that large yet");
  }
  return MakeInclusionProof(index, size, [&](std::span<const NodeId> nodes) {
    return reader.Nodes(nodes);
  });
}

absl::StatusOr<std::vector<Digest32>> DiskLog::ConsistencyProof(
    std::uint64_t old_size, std::uint64_t size) const {
  const TileReader reader(files_, directory_, this->size());
  if (size > reader.size()) {
    return absl::InvalidArgumentError("the log is not that large yet");
  }
  return MakeConsistencyProof(
      old_size, size,
      [&](std::span<const NodeId> nodes) { return reader.Nodes(nodes); });
}

absl::StatusOr<LogProof> DiskLog::Prove(std::uint64_t index) const {
  const std::shared_ptr<const Published> now = Now();
  LogProof proof;
  proof.index = index;
  proof.checkpoint = now->note;
  LIMPID_ASSIGN_OR_RETURN(proof.hashes,
                          InclusionProof(index, now->checkpoint.size));
  return proof;
}

absl::StatusOr<std::vector<base::Bytes>> DiskLog::ReadEntries(
    std::uint64_t first, std::uint64_t count) const {
  const TileReader reader(files_, directory_, size());
  if (first > reader.size() || count > reader.size() - first) {
    return absl::InvalidArgumentError("the log has no such entries");
  }
  std::vector<base::Bytes> entries;
  const std::uint64_t end = first + count;
  while (first < end) {
    const std::uint64_t bundle = first / kTileWidth;
    const std::uint64_t start = bundle * kTileWidth;
    const std::uint64_t stop = std::min(end, start + kTileWidth);
    LIMPID_ASSIGN_OR_RETURN(
        std::vector<base::Bytes> part,
        reader.Entries(bundle, static_cast<unsigned>(first - start),
                       static_cast<unsigned>(stop - start)));
    std::move(part.begin(), part.end(), std::back_inserter(entries));
    first = stop;
  }
  return entries;
}

// What Create and Open share: the key under the log's name, and the lock.
absl::StatusOr<std::unique_ptr<DiskLog>> Prepare(LogOptions& options) {
  LIMPID_ASSIGN_OR_RETURN(
      NoteSigner signer,
      NoteSigner::Create(options.origin, std::move(options.key)));
  LIMPID_RETURN_IF_ERROR(options.files.CreateDirectories(options.directory));
  LIMPID_ASSIGN_OR_RETURN(std::unique_ptr<LockedDirectory> lock,
                          options.files.Lock(options.directory));
  return std::make_unique<DiskLog>(options, std::move(signer), std::move(lock));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Log>> Log::Create(LogOptions options) {
  LIMPID_ASSIGN_OR_RETURN(const std::optional<Head> head, options.head.Read());
  if (head) return absl::AlreadyExistsError("the log exists already");
  if (options.files.Exists(options.directory / kCheckpointFile) ||
      options.files.Exists(options.directory / kTileDirectory)) {
    return absl::AlreadyExistsError(
        "the directory holds a log whose head is missing; signing anew would "
        "fork it");
  }
  LIMPID_ASSIGN_OR_RETURN(std::unique_ptr<DiskLog> log, Prepare(options));
  LIMPID_RETURN_IF_ERROR(log->StartEmpty());
  return log;
}

absl::StatusOr<std::unique_ptr<Log>> Log::Open(LogOptions options) {
  LIMPID_ASSIGN_OR_RETURN(const std::optional<Head> head, options.head.Read());
  if (!head) return absl::NotFoundError("no log was created here");
  LIMPID_ASSIGN_OR_RETURN(std::unique_ptr<DiskLog> log, Prepare(options));
  LIMPID_RETURN_IF_ERROR(log->Recover(*head));
  return log;
}

absl::StatusOr<std::unique_ptr<Log>> Log::OpenOrCreate(LogOptions options) {
  LIMPID_ASSIGN_OR_RETURN(const std::optional<Head> head, options.head.Read());
  return head ? Open(std::move(options)) : Create(std::move(options));
}

}  // namespace limpid::tlog
