// Imports in two steps: a plan says row by row what a file would change and
// holds the drafts to sign; the signatures turn it into versions, many rows per
// log append, each row whole or not at all.

#ifndef LIMPID_ALGOREGISTER_PROFILE_IMPORT_DESK_H_
#define LIMPID_ALGOREGISTER_PROFILE_IMPORT_DESK_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/profile/part_sessions.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/register.h"
#include "algoregister/version/sealed_draft.h"
#include "algoregister/version/version.h"
#include "common/base/mutex.h"
#include "common/crypto/ed25519.h"

namespace limpid::algoregister {

// Thirteen times the Dutch list of 2026.
inline constexpr std::size_t kMaxImportBytes = std::size_t{7} << 20U;
// Rows of a file, and remarks on all of them together: what a plan costs in
// memory beside the drafts is some 300 bytes for a row and 150 for a remark,
// and a row that is refused may have two bytes. Both over ten times the Dutch
// list, every row of which has some ten remarks.
inline constexpr std::size_t kMaxImportRows = 20'000;
inline constexpr std::size_t kMaxImportFindings = 250'000;
// Registrations that one complete file marks, beside its own rows: each is a
// draft in memory and a signature in one request. A register that loses more at
// once is rather another file.
inline constexpr std::size_t kMaxVanishedRows = 20'000;
// Rows per log append: 256 leaves fill a tile. Each append writes nearly all
// pages of the store's indexes anew, so that more at once cost less; and
// whoever else publishes waits for one.
inline constexpr std::size_t kImportBatchRows = 512;
// A plan waits this long for its signatures.
inline constexpr absl::Duration kPlanLife = absl::Minutes(10);
// Plans are kept in memory, some 10 MB each.
inline constexpr std::size_t kMaxPlans = 4;

enum class ImportOutcome {
  kNew = 1,
  kChanged,
  kUnchanged,
  kRejected,
  // Not in a complete file any more.
  kRemoved,
};

struct PlannedRow {
  std::size_t index = 0;
  // Line of the file, from 1; 0 of a removed one.
  std::size_t line = 1;
  std::string foreign_id;
  // What it is known by instead, where it has no id or one that is another
  // row's.
  std::string natural_key;
  ImportOutcome outcome = ImportOutcome::kRejected;
  // Meaningless when rejected.
  RegistrationId registration;
  std::vector<Finding> findings;
  // Published together or not at all; empty when unchanged or rejected.
  std::vector<CheckedDraft> drafts;
};

struct ImportCounts {
  std::uint64_t added = 0;
  std::uint64_t changed = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t rejected = 0;
  // Among the rows taken.
  std::uint64_t repaired = 0;
  // Known from earlier imports, not in the file.
  std::uint64_t absent = 0;
  // Among the absent ones, those that become marked as vanished.
  std::uint64_t removed = 0;
  std::uint64_t organisations = 0;
  std::uint64_t drafts = 0;

  // Counts the row's outcome, repairs and drafts.
  void Add(const PlannedRow& row);
};

struct ImportPlan {
  ImportId id;
  PublisherId publisher;
  std::vector<PlannedRow> rows;
  ImportCounts counts;
  // About the file as a whole.
  std::vector<Finding> findings;
  // Of a file in parts, what its session is called; else empty.
  std::string part_name;
  // The last of them: what is remembered of the others goes with its commit.
  bool ends_parts = false;
};

// One part of a large file that is planned part by part.
struct ImportPart {
  // The client's own random name for this import, kImportNameBytes.
  std::string_view name;
  // From 0, in the order of the file.
  std::size_t index = 0;
};
inline constexpr std::size_t kImportNameBytes = 16;

struct ImportRequest {
  std::string_view profile;
  // The file. Views live until Plan returns.
  std::string_view file;
  std::string_view reason;
  crypto::Ed25519PublicKey key;
  // The file is all that its register has: what this publisher imported from it
  // earlier and the file lacks becomes marked as vanished. Of a file in parts
  // it is said with the last one, and all of them have `part`.
  bool complete = false;
  std::optional<ImportPart> part = std::nullopt;
  // Of a part of a larger file: line there of the part's first row.
  std::size_t first_row_line = 0;
};

struct RowFailure {
  std::size_t index = 0;
  std::string message;
};

struct ImportProgress {
  std::uint64_t committed = 0;
  std::uint64_t failed = 0;
  std::uint64_t total = 0;
  // Since the report before.
  std::vector<RowFailure> failures;
};

// Thread-safe.
class ImportDesk {
 public:
  // Both must outlive the desk.
  ImportDesk(Register& target, const Register::Parts& parts)
      : register_(target), parts_(parts), parts_seen_(parts.clock) {}

  // A row of a complete file whose id cannot be read might be any of those that
  // seem absent: then nothing is marked.
  //
  // Errors:
  //   kInvalidArgument    unknown profile, reason or key out of bounds, the
  //                       file as a whole is broken ("line L column C: ..."),
  //                       it says to be complete and has no row or is a part
  //                       without `part`, or a part is not the next one.
  //   kNotFound           the parts before this one are not known any more.
  //   kPermissionDenied   the publisher may not import.
  //   kResourceExhausted  the file is too large, has too many rows or needs too
  //                       many remarks; it is complete and lacks more than
  //                       kMaxVanishedRows; or kMaxPlans are waiting, or
  //                       kMaxPartSessions have more parts to come.
  absl::StatusOr<std::shared_ptr<const ImportPlan>> Plan(
      const Publisher& publisher, const ImportRequest& request);

  // Publishes a plan. `signatures` are one per draft, in row order. Calls
  // `report` after each log append; an error it returns stops the import
  // there.
  //
  // Errors:
  //   kNotFound          no such plan of this publisher, or it is over.
  //   kInvalidArgument   not one valid signature per draft; nothing was
  //                      published and the plan is kept.
  //   kPermissionDenied  the publisher may not import any more; the same.
  absl::Status Commit(
      const Publisher& publisher, const ImportId& import,
      std::span<const crypto::Ed25519Signature> signatures,
      absl::FunctionRef<absl::Status(const ImportProgress&)> report);

 private:
  struct Kept {
    std::shared_ptr<const ImportPlan> plan;
    absl::Duration until;
  };

  absl::StatusOr<std::shared_ptr<const ImportPlan>> Find(
      const Publisher& publisher, const ImportId& import);
  absl::StatusOr<ImportPlan> PlanPart(const Profile& profile,
                                      const Publisher& publisher,
                                      const ImportRequest& request);
  absl::StatusOr<std::shared_ptr<const ImportPlan>> PlanAndKeep(
      const Publisher& publisher, const ImportRequest& request);
  absl::Status Publish(
      const Publisher& publisher, const ImportPlan& plan,
      std::span<const crypto::Ed25519Signature> signatures,
      absl::FunctionRef<absl::Status(const ImportProgress&)> report);
  absl::Status Keep(std::shared_ptr<const ImportPlan> plan);
  void DropOutlived() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Register& register_;
  Register::Parts parts_;
  PartSessions parts_seen_;
  base::Mutex mutex_;
  std::map<ImportId, Kept> plans_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_IMPORT_DESK_H_
