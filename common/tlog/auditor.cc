#include "common/tlog/auditor.h"

#include <algorithm>
#include <span>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/tlog/checkpoint.h"
#include "common/tlog/note.h"
#include "common/tlog/tile.h"

namespace limpid::tlog {
namespace {

constexpr std::string_view kCheckpointPath = "checkpoint";
// The stored checkpoint is the auditor's own business.
constexpr mode_t kStateMode = 0600;

// One audit. Functions that return false have written the report.
class Run {
 public:
  Run(Fetcher& fetcher, const AuditOptions& options)
      : fetcher_(fetcher), options_(options) {}

  AuditReport Execute() {
    if (LoadState() && FetchCheckpoint() && CompareWithState() &&
        CheckEntries() && CheckUpperEdge() && CheckRoot() && SaveState()) {
      report_.outcome = AuditOutcome::kPassed;
    }
    return std::move(report_);
  }

 private:
  bool LoadState();
  bool FetchCheckpoint();
  bool CompareWithState();
  bool CheckEntries();
  bool CheckBundle(std::uint64_t index, std::vector<Digest32>& hashes);
  bool CheckEntry(std::uint64_t index, base::ByteView entry);
  bool CheckTile(const TileId& id, std::span<const Digest32> hashes);
  // Checks the level-0 tile and every tile above that it completes.
  bool AddLeaves(std::vector<Digest32> hashes);
  bool CheckUpperEdge();
  bool CheckRoot();
  bool SaveState();

  bool Fail(AuditOutcome outcome, std::string where, std::string_view message) {
    report_.outcome = outcome;
    report_.where = std::move(where);
    report_.message = std::string(message);
    return false;
  }
  bool Lied(std::string where, std::string_view message) {
    return Fail(AuditOutcome::kLogLied, std::move(where), message);
  }
  // Fetches a tile or bundle, or the full one if only that is left. `width`
  // becomes that of what came.
  bool FetchTile(const TileId& id, base::Bytes& bytes, unsigned& width);

  Fetcher& fetcher_;
  const AuditOptions& options_;
  AuditReport report_;
  std::optional<Checkpoint> stored_;
  Checkpoint stated_;
  CompactRange range_;
  // Per tile level from 1 on: the recomputed hashes of the unfinished tile.
  std::vector<std::vector<Digest32>> levels_;
};

bool Run::LoadState() {
  if (options_.state_file.empty()) return true;
  const auto bytes = base::ReadFileBytes(options_.state_file, kMaxNoteBytes);
  if (absl::IsNotFound(bytes.status())) return true;
  if (!bytes.ok()) {
    return Fail(AuditOutcome::kStateBroken, "",
                "the stored checkpoint cannot be read");
  }
  auto stored = options_.policy.Open(base::AsText(*bytes));
  if (!stored.ok()) {
    return Fail(AuditOutcome::kStateBroken, "",
                "the stored checkpoint is damaged, or not one that this trust "
                "anchor accepts");
  }
  stored_ = *std::move(stored);
  // Whoever asks for a log brings the state of that log.
  if (!options_.origin.empty() && stored_->origin != options_.origin) {
    return Fail(
        AuditOutcome::kStateBroken, "",
        absl::StrCat("the stored checkpoint is of the log ", stored_->origin));
  }
  report_.previous_size = stored_->size;
  return true;
}

bool Run::FetchCheckpoint() {
  const auto bytes = fetcher_.Fetch(kCheckpointPath, kMaxNoteBytes);
  if (absl::IsResourceExhausted(bytes.status())) {
    return Lied(std::string(kCheckpointPath),
                "the checkpoint is too long to be one");
  }
  if (!bytes.ok()) {
    return Fail(AuditOutcome::kUnavailable, std::string(kCheckpointPath),
                base::ToStd(bytes.status().message()));
  }
  report_.checkpoint = base::ToText(*bytes);
  auto stated = options_.policy.Open(report_.checkpoint);
  if (!stated.ok()) {
    return Lied(std::string(kCheckpointPath),
                base::ToStd(stated.status().message()));
  }
  stated_ = *std::move(stated);
  report_.origin = stated_.origin;
  report_.size = stated_.size;
  report_.root = stated_.root;
  if (!options_.origin.empty() && stated_.origin != options_.origin) {
    return Lied(std::string(kCheckpointPath),
                absl::StrCat("served is the log ", stated_.origin,
                             " in the place of ", options_.origin));
  }
  return true;
}

bool Run::CompareWithState() {
  if (!stored_) return true;
  // The stored one was opened under the same policy and came from the same
  // place: were this the fault of the state, a server could hide its log behind
  // another one.
  if (stored_->origin != stated_.origin) {
    return Lied(
        std::string(kCheckpointPath),
        absl::StrCat("served is the log ", stated_.origin, " where the log ",
                     stored_->origin, " was served before"));
  }
  if (stated_.size < stored_->size) {
    return Lied(std::string(kCheckpointPath),
                absl::StrCat("the log serves a smaller tree than the ",
                             stored_->size, " entries it signed for before"));
  }
  return true;
}

bool Run::FetchTile(const TileId& id, base::Bytes& bytes, unsigned& width) {
  const std::size_t limit =
      id.kind == TileKind::kEntries ? kMaxBundleBytes : kMaxTileBytes;
  TileId asked = id;
  auto fetched = fetcher_.Fetch(TilePath(asked), limit);
  if (absl::IsNotFound(fetched.status()) && id.width != kTileWidth) {
    // The log has grown since and dropped the partial one, as it may.
    asked.width = kTileWidth;
    fetched = fetcher_.Fetch(TilePath(asked), limit);
  }
  if (absl::IsNotFound(fetched.status())) {
    return Lied(TilePath(id), "the log does not serve what it signed for");
  }
  if (absl::IsResourceExhausted(fetched.status())) {
    return Lied(TilePath(asked), "the file is too long");
  }
  if (!fetched.ok()) {
    return Fail(AuditOutcome::kUnavailable, TilePath(asked),
                base::ToStd(fetched.status().message()));
  }
  bytes = *std::move(fetched);
  width = asked.width;
  return true;
}

bool Run::CheckEntry(std::uint64_t index, base::ByteView entry) {
  absl::Status status;
  if (options_.leaf_kind) status = CheckLeaf(*options_.leaf_kind, entry);
  if (status.ok() && options_.check_entry) {
    status = options_.check_entry(index, entry);
  }
  if (status.ok()) return true;
  const TileId bundle =
      *TileAt(TileKind::kEntries, 0, index / kTileWidth, stated_.size);
  return Lied(TilePath(bundle),
              absl::StrCat("entry ", index, ": ", status.message()));
}

bool Run::CheckBundle(std::uint64_t index, std::vector<Digest32>& hashes) {
  const TileId id = *TileAt(TileKind::kEntries, 0, index, stated_.size);
  base::Bytes bytes;
  unsigned width = 0;
  if (!FetchTile(id, bytes, width)) return false;
  const auto entries = DecodeBundle(bytes, width);
  if (!entries.ok()) {
    return Lied(TilePath(id), base::ToStd(entries.status().message()));
  }
  for (const base::ByteView entry : std::span(*entries).first(id.width)) {
    if (!CheckEntry(range_.size(), entry)) return false;
    hashes.push_back(LeafHash(entry));
    range_.Append(hashes.back());
    if (stored_ && range_.size() == stored_->size &&
        range_.Root() != stored_->root) {
      return Lied(TilePath(id),
                  absl::StrCat("the first ", stored_->size,
                               " entries are not those the log signed for "
                               "before: it has rewritten its past"));
    }
  }
  ++report_.bundle_count;
  report_.entry_count = range_.size();
  return true;
}

bool Run::CheckTile(const TileId& id, std::span<const Digest32> hashes) {
  base::Bytes bytes;
  unsigned width = 0;
  if (!FetchTile(id, bytes, width)) return false;
  auto served = DecodeTile(bytes, width);
  if (!served.ok()) {
    return Lied(TilePath(id), base::ToStd(served.status().message()));
  }
  served->resize(id.width);
  if (!std::equal(served->begin(), served->end(), hashes.begin(),
                  hashes.end())) {
    return Lied(TilePath(id),
                "the tile is not what the entries below it hash to");
  }
  ++report_.tile_count;
  return true;
}

bool Run::AddLeaves(std::vector<Digest32> hashes) {
  for (unsigned level = 0;; ++level) {
    const std::uint64_t last = LevelSize(level, range_.size()) - 1;
    const TileId id =
        *TileAt(TileKind::kHashes, level, last / kTileWidth, stated_.size);
    if (!CheckTile(id, hashes)) return false;
    if (id.width != kTileWidth) return true;
    // A full tile becomes one hash of the tile above it.
    if (levels_.size() == level) levels_.emplace_back();
    std::vector<Digest32>& above = levels_[level];
    above.push_back(SpanRoot(hashes));
    if (above.size() < kTileWidth) return true;
    hashes = std::exchange(above, {});
  }
}

bool Run::CheckEntries() {
  for (std::uint64_t index = 0; range_.size() < stated_.size; ++index) {
    std::vector<Digest32> hashes;
    if (!CheckBundle(index, hashes) || !AddLeaves(std::move(hashes))) {
      return false;
    }
    if (options_.progress) options_.progress({range_.size(), stated_.size});
  }
  return true;
}

bool Run::CheckUpperEdge() {
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    if (levels_[i].empty()) continue;
    const auto level = static_cast<unsigned>(i + 1);
    const std::uint64_t index = LevelSize(level, stated_.size) / kTileWidth;
    const TileId id = *TileAt(TileKind::kHashes, level, index, stated_.size);
    if (!CheckTile(id, levels_[i])) return false;
  }
  return true;
}

bool Run::CheckRoot() {
  if (range_.Root() == stated_.root) return true;
  return Lied(std::string(kCheckpointPath),
              "the entries do not hash to the root that the log signed");
}

bool Run::SaveState() {
  if (options_.state_file.empty() || stored_ == stated_) return true;
  const absl::Status written = base::WriteFileAtomically(
      options_.state_file, base::AsBytes(report_.checkpoint), kStateMode);
  if (written.ok()) return true;
  return Fail(AuditOutcome::kStateBroken, "",
              "the log is in order, but its checkpoint could not be stored");
}

}  // namespace

absl::StatusOr<base::Bytes> DirectoryFetcher::Fetch(std::string_view path,
                                                    std::size_t max_bytes) {
  return base::ReadFileBytes(directory_ / path, max_bytes);
}

AuditReport Audit(Fetcher& fetcher, const AuditOptions& options) {
  return Run(fetcher, options).Execute();
}

}  // namespace limpid::tlog
