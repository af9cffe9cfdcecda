#include "consent/training/training_desk.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "consent/consent_state.h"
#include "consent/training/training_sealing.h"
#include "consent/training/training_tree.h"

namespace limpid::consent {
namespace {

using State = Consent::State;

// A release of hers; without an opening while its snapshot takes reads.
struct Found {
  StoredRelease release;
  bool collected = false;
};

absl::Status AddOpen(const State& s, const PersonId& person,
                     const base::SecretBytes& key, std::vector<Found>& found,
                     std::size_t& unreadable) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows, s.parts.store.ListKind(s.blinder.ShardOf(person), person,
                                              RowKind::kTrainingRead));
  std::map<TrainingTarget, StoredRelease> uses;
  for (const PersonalRow& row : rows) {
    const auto read = OpenTrainingRead(key, row);
    if (!read.ok()) {
      ++unreadable;
      continue;
    }
    StoredRelease& release = uses[read->use];
    if (release.reads.empty()) release.first = read->time;
    release.use = read->use;
    release.last = read->time;
    release.reads.push_back(read->commitment);
  }
  for (auto& [use, release] : uses) {
    found.push_back({std::move(release), false});
  }
  return absl::OkStatus();
}

absl::Status AddCollected(const State& s, const PersonId& person,
                          const base::SecretBytes& key,
                          std::vector<Found>& found, std::size_t& unreadable) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows, s.parts.store.ListKind(s.blinder.ShardOf(person), person,
                                              RowKind::kTrainingRelease));
  for (const PersonalRow& row : rows) {
    auto release = OpenRelease(key, row);
    if (!release.ok()) {
      ++unreadable;
      continue;
    }
    found.push_back({*std::move(release), true});
  }
  return absl::OkStatus();
}

bool IsEarlier(const Found& left, const Found& right) {
  return std::tie(left.release.first, left.release.use, left.release.opening) <
         std::tie(right.release.first, right.release.use,
                  right.release.opening);
}

// Absent when the tree does not have the leaf, which must not be.
absl::StatusOr<std::optional<TrainingProof>> ProofOf(
    const State& s, const TrainingSnapshot& snapshot,
    const StoredRelease& release) {
  const base::Digest32 leaf = release.Leaf();
  const std::size_t number = ChunkFor(snapshot.chunks, leaf);
  LIMPID_ASSIGN_OR_RETURN(
      const auto chunk,
      ReadLeaves(s.parts.store, s.row_key, snapshot.id, LeavesRow::kChunk,
                 static_cast<std::uint32_t>(number)));
  auto place = PlaceOf(snapshot.chunks, number, chunk, leaf);
  if (!place.ok()) {
    s.Alarm(absl::DataLossError(
        "a release for training has no leaf in its snapshot's tree"));
    return std::optional<TrainingProof>();
  }
  TrainingProof out;
  out.opening = release.opening;
  out.index = place->index;
  out.path = std::move(place->path);
  out.entry = snapshot.entry;
  const auto proof = s.algorithms.load()->Prove(snapshot.log_index);
  if (!proof.ok()) {
    return absl::UnavailableError(
        "the register cannot prove what is in its log now; try again");
  }
  out.log_proof = *proof;
  return std::optional(std::move(out));
}

absl::StatusOr<TrainingReleaseView> ViewOf(const State& s, Found found) {
  TrainingReleaseView out;
  out.use = found.release.use;
  out.service = s.catalogue.FindService(out.use.service);
  out.first = found.release.first;
  out.last = found.release.last;
  const TrainingSnapshotPointer snapshot = s.training.Find(out.use.snapshot);
  if (snapshot != nullptr) {
    out.dataset = snapshot->dataset;
    out.stage = snapshot->stage;
    out.sealed = snapshot->sealed;
  }
  const bool published = found.collected && snapshot != nullptr &&
                         snapshot->stage == SnapshotStage::kPublished &&
                         s.algorithms != nullptr;
  if (published) {
    LIMPID_ASSIGN_OR_RETURN(out.proof, ProofOf(s, *snapshot, found.release));
  }
  out.reads = std::move(found.release.reads);
  return out;
}

}  // namespace

absl::StatusOr<TrainingPage> TrainingDesk::List(const PersonId& person,
                                                std::size_t from,
                                                std::size_t limit) const {
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, state_.KeyOf(person));
  TrainingPage out;
  std::vector<Found> found;
  // What is collected in between is met by the second: in both, never in none.
  LIMPID_RETURN_IF_ERROR(AddOpen(state_, person, *key, found, out.unreadable));
  LIMPID_RETURN_IF_ERROR(
      AddCollected(state_, person, *key, found, out.unreadable));
  std::sort(found.begin(), found.end(), IsEarlier);
  for (std::size_t i = from; i < found.size(); ++i) {
    if (out.releases.size() == limit) {
      out.more = true;
      break;
    }
    LIMPID_ASSIGN_OR_RETURN(TrainingReleaseView view,
                            ViewOf(state_, std::move(found[i])));
    out.releases.push_back(std::move(view));
  }
  return out;
}

void TrainingDesk::RunDue() const { RunTraining(state_); }

}  // namespace limpid::consent
