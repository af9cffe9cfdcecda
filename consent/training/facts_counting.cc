#include "consent/training/facts_counting.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "consent/consent_state.h"
#include "consent/record/state.h"
#include "consent/training/training_rows.h"

namespace limpid::consent {
namespace {

using State = Consent::State;
using Owner = std::pair<std::uint16_t, PersonId>;
// The records under which something of a person was released, by snapshot.
using Releases = std::map<SnapshotId, std::set<RecordId>>;

constexpr std::size_t kKeysPerPage = 512;

// The persons with rows of a kind, each once, in the order of the store.
class Owners {
 public:
  Owners(const LedgerStore& store, RowKind kind) : store_(store), kind_(kind) {}

  // The next one, none at the end; the same until Pop.
  absl::StatusOr<std::optional<Owner>> Peek() {
    while (!next_ && !ended_) {
      if (at_ == page_.size()) LIMPID_RETURN_IF_ERROR(ReadPage());
      while (at_ < page_.size() && OwnerOf(page_[at_]) == last_) ++at_;
      if (at_ < page_.size()) next_ = OwnerOf(page_[at_]);
    }
    return next_;
  }
  void Pop() {
    last_ = next_;
    next_.reset();
  }

 private:
  static std::optional<Owner> OwnerOf(const RowKey& key) {
    return Owner{key.shard, key.person};
  }
  absl::Status ReadPage() {
    LIMPID_ASSIGN_OR_RETURN(
        page_, store_.InState(kind_, /*state=*/0, after_, kKeysPerPage));
    at_ = 0;
    if (page_.empty()) {
      ended_ = true;
    } else {
      after_ = page_.back();
    }
    return absl::OkStatus();
  }

  const LedgerStore& store_;
  const RowKind kind_;
  RowKey after_;
  std::vector<RowKey> page_;
  std::size_t at_ = 0;
  std::optional<Owner> next_;
  std::optional<Owner> last_;
  bool ended_ = false;
};

// The smaller of the two, each once although both have it.
absl::StatusOr<std::optional<Owner>> Next(Owners& left, Owners& right) {
  LIMPID_ASSIGN_OR_RETURN(const std::optional<Owner> one, left.Peek());
  LIMPID_ASSIGN_OR_RETURN(const std::optional<Owner> other, right.Peek());
  if (!one && !other) return std::optional<Owner>();
  const Owner next = !one ? *other : !other ? *one : std::min(*one, *other);
  if (one == next) left.Pop();
  if (other == next) right.Pop();
  return std::optional(next);
}

// `read_target` takes a row to the use it is of.
template <typename ReadTarget>
absl::Status AddReleases(const State& s, const Owner& owner, RowKind kind,
                         ReadTarget read_target, Releases& out,
                         bool& unreadable) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows, s.parts.store.ListKind(owner.first, owner.second, kind));
  for (const PersonalRow& row : rows) {
    const auto read = read_target(row);
    if (!read.ok()) {
      unreadable = true;
      continue;
    }
    out[read->use.snapshot].insert(read->use.record);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> AreWithdrawn(State& s, const PersonId& person,
                                  const std::set<RecordId>& records,
                                  bool& unreadable) {
  for (const RecordId& record : records) {
    const auto live = s.ReadRecord(person, record);
    if (absl::IsDataLoss(live.status())) unreadable = true;
    // One that moved away or does not open is not known to be withdrawn.
    if (absl::IsDataLoss(live.status()) || absl::IsNotFound(live.status())) {
      return false;
    }
    LIMPID_RETURN_IF_ERROR(live.status());
    if (live->revision.state != RecordState::kWithdrawn) return false;
  }
  return true;
}

// False when something of hers does not open.
absl::StatusOr<bool> CountPerson(State& s, const Owner& owner,
                                 std::map<SnapshotId, ExactCount>& counts) {
  const auto key = s.KeyOf(owner.second);
  // Erased, or being erased: she counts no more.
  if (absl::IsNotFound(key.status())) return true;
  if (absl::IsDataLoss(key.status())) return false;
  LIMPID_RETURN_IF_ERROR(key.status());
  Releases releases;
  bool unreadable = false;
  LIMPID_RETURN_IF_ERROR(AddReleases(
      s, owner, RowKind::kTrainingRead,
      [&](const PersonalRow& row) { return OpenTrainingRead(**key, row); },
      releases, unreadable));
  LIMPID_RETURN_IF_ERROR(AddReleases(
      s, owner, RowKind::kTrainingRelease,
      [&](const PersonalRow& row) { return OpenRelease(**key, row); }, releases,
      unreadable));
  for (const auto& [snapshot, records] : releases) {
    const auto counted = counts.find(snapshot);
    if (counted == counts.end()) continue;
    ++counted->second.persons;
    LIMPID_ASSIGN_OR_RETURN(const bool withdrawn,
                            AreWithdrawn(s, owner.second, records, unreadable));
    if (withdrawn) ++counted->second.withdrawn;
  }
  return !unreadable;
}

}  // namespace

absl::StatusOr<Counting> CountPersons(State& state) {
  std::map<SnapshotId, ExactCount> counts;
  for (const TrainingSnapshotPointer& one : state.training.All()) {
    if (one->dataset.none()) continue;
    ExactCount& count = counts[one->id];
    count.dataset = one->dataset;
    count.snapshot = one->id;
    count.committed = one->stage == SnapshotStage::kPublished;
  }
  Counting out;
  Owners reading(state.parts.store, RowKind::kTrainingRead);
  Owners released(state.parts.store, RowKind::kTrainingRelease);
  // No snapshot is known, so nobody's rows need to be read.
  while (!counts.empty()) {
    LIMPID_ASSIGN_OR_RETURN(const std::optional<Owner> next,
                            Next(reading, released));
    if (!next) break;
    LIMPID_ASSIGN_OR_RETURN(const bool readable,
                            CountPerson(state, *next, counts));
    if (!readable) ++out.unreadable;
  }
  for (const auto& [id, count] : counts) out.snapshots.push_back(count);
  return out;
}

}  // namespace limpid::consent
