#include "consent/training/training_sealing.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/random.h"
#include "common/receipt/training_commitment.h"
#include "consent/consent_state.h"
#include "consent/training/facts_turn.h"
#include "consent/training/training_rows.h"
#include "consent/training/training_tree.h"

namespace limpid::consent {
namespace {

using State = Consent::State;
using base::Digest32;

// Persons of one commit, and rows of leaves: bounds how long decisions wait.
constexpr std::size_t kPersonsPerCommit = 64;
constexpr std::size_t kChunksPerCommit = 8;
constexpr std::size_t kKeysPerPage = 512;
// More help nobody who reads an alarm.
constexpr std::size_t kNamesInAlarm = 8;
// Separates these blinded values from others.
constexpr std::uint8_t kAlarmBlind = 114;

// The same in every alarm about her, and says nothing to whoever has not the
// operator's index key.
std::string AlarmName(const Blinder& blinder, const PersonId& person) {
  const RowId blinded = blinder.Blind(kAlarmBlind, {person.bytes()});
  return absl::StrCat("account ",
                      base::HexEncode(base::ByteView(blinded).first(8)));
}

// Alone: another task of the batch could be changing the same rows.
absl::Status Run(State& s, std::function<absl::Status(Persons&, Batch&)> task) {
  return s.sequencer
      ->Call<bool>(
          [&](Persons& persons, Batch& batch) -> absl::StatusOr<bool> {
            if (batch.clock_jumped()) {
              return absl::UnavailableError("the clock has jumped");
            }
            LIMPID_RETURN_IF_ERROR(task(persons, batch));
            return true;
          },
          nullptr, /*alone=*/true)
      .status();
}

void Store(State& s, const TrainingSnapshot& snapshot, Batch& batch) {
  batch.Replace(RowOf(s.row_key, snapshot));
  batch.AfterCommit([&s, snapshot] { s.training.Put(snapshot); });
}

// Changes the snapshot in a commit of its own.
absl::Status Change(State& s, const SnapshotId& id,
                    const std::function<void(TrainingSnapshot&, Batch&)>& how) {
  return Run(s, [&](Persons& /*persons*/, Batch& batch) {
    TrainingSnapshot next = *s.training.Find(id);
    how(next, batch);
    Store(s, next, batch);
    return absl::OkStatus();
  });
}

// --- Sealing ---

absl::Status AskRegister(State& s, const TrainingSnapshot& snapshot) {
  LIMPID_ASSIGN_OR_RETURN(const RegisteredSnapshot registered,
                          s.algorithms.load()->FindSnapshot(snapshot.id));
  if (!registered.sealed && registered.dataset == snapshot.dataset) {
    return absl::OkStatus();
  }
  return Change(s, snapshot.id, [&](TrainingSnapshot& next, Batch& batch) {
    next.dataset = registered.dataset;
    if (!registered.sealed) return;
    next.stage = SnapshotStage::kSealing;
    next.sealed = batch.time();
  });
}

// --- Collecting ---

// The reads of one person for one use, as releases of kMaxTrainingReads each.
void AddReleases(const TrainingTarget& use, std::span<const TrainingRead> reads,
                 const PersonState& person, Batch& batch,
                 std::vector<Digest32>& leaves) {
  while (!reads.empty()) {
    const std::size_t count =
        std::min(reads.size(), receipt::kMaxTrainingReads);
    StoredRelease release;
    release.use = use;
    release.first = reads.front().time;
    release.last = reads[count - 1].time;
    release.opening = crypto::RandomArray<32>();
    for (const TrainingRead& read : reads.first(count)) {
      release.reads.push_back(read.commitment);
    }
    leaves.push_back(release.Leaf());
    batch.Insert(RowOf(release, person, batch.time()));
    reads = reads.subspan(count);
  }
}

absl::Status CollectPerson(State& s, const SnapshotId& snapshot,
                           const PersonState& person, Batch& batch,
                           std::vector<Digest32>& leaves) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      s.parts.store.ListKind(person.shard, person.id, RowKind::kTrainingRead));
  std::map<TrainingTarget, std::vector<TrainingRead>> uses;
  for (const PersonalRow& row : rows) {
    const auto read = OpenTrainingRead(*person.key, row);
    if (!read.ok()) {
      s.Alarm(read.status());
      continue;
    }
    if (read->use.snapshot != snapshot) continue;
    uses[read->use].push_back(*read);
    batch.Delete(row.key);
  }
  for (const auto& [use, reads] : uses) {
    AddReleases(use, reads, person, batch, leaves);
  }
  return absl::OkStatus();
}

// Accounts that do not open, by the names that alarms have for them.
using Unreadable = std::set<std::string>;

// Turns the reads of these persons into releases, and puts their leaves aside
// in the same commit. Who does not open keeps nobody else waiting.
absl::Status CollectPersons(State& s, const SnapshotId& id,
                            std::span<const PersonId> owners,
                            Unreadable& unreadable) {
  return Run(s, [&](Persons& persons, Batch& batch) -> absl::Status {
    std::vector<Digest32> leaves;
    for (const PersonId& owner : owners) {
      const auto person = persons.Load(owner);
      // Erased, or being erased: she is left out.
      if (absl::IsNotFound(person.status())) continue;
      if (absl::IsDataLoss(person.status())) {
        unreadable.insert(AlarmName(s.blinder, owner));
        continue;
      }
      LIMPID_RETURN_IF_ERROR(person.status());
      LIMPID_RETURN_IF_ERROR(CollectPerson(s, id, **person, batch, leaves));
    }
    if (leaves.empty()) return absl::OkStatus();
    TrainingSnapshot next = *s.training.Find(id);
    batch.Replace(
        RowOf(s.row_key, id, LeavesRow::kPart, next.part_count, leaves));
    ++next.part_count;
    Store(s, next, batch);
    return absl::OkStatus();
  });
}

absl::StatusOr<Unreadable> CollectAll(State& s, const SnapshotId& id) {
  Unreadable out;
  RowKey after;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(
        const auto keys,
        s.parts.store.InState(RowKind::kTrainingRead,
                              /*state=*/0, after, kKeysPerPage));
    if (keys.empty()) return out;
    after = keys.back();
    std::vector<PersonId> owners;
    for (const RowKey& key : keys) {
      if (owners.empty() || owners.back() != key.person) {
        owners.push_back(key.person);
      }
    }
    for (std::size_t i = 0; i < owners.size(); i += kPersonsPerCommit) {
      const std::size_t count = std::min(owners.size() - i, kPersonsPerCommit);
      LIMPID_RETURN_IF_ERROR(
          CollectPersons(s, id, std::span(owners).subspan(i, count), out));
    }
  }
}

absl::Status AboutUnreadable(const Unreadable& names,
                             std::string_view what_happens) {
  std::vector<std::string> shown;
  for (const std::string& name : names) {
    if (shown.size() == kNamesInAlarm) break;
    shown.push_back(name);
  }
  return absl::DataLossError(absl::StrCat(
      "training: ", names.size(),
      names.size() == 1 ? " account does" : " accounts do",
      " not open while a sealed snapshot is committed to (",
      absl::StrJoin(shown, ", "), names.size() > shown.size() ? ", ..." : "",
      "): ", base::ToAbsl(what_happens)));
}

// A tree is built once and for ever: it waits for those who do not open, but
// not so long that the others' devices miss their proofs.
absl::Status Collect(State& s, const TrainingSnapshot& snapshot) {
  LIMPID_ASSIGN_OR_RETURN(const Unreadable unreadable,
                          CollectAll(s, snapshot.id));
  if (unreadable.empty()) return absl::OkStatus();
  if (s.parts.clock.Now() - snapshot.sealed < kUnreadableGrace) {
    s.training.Rest(snapshot.id, s.parts.clock.Monotonic() + kUnreadableRest);
    return AboutUnreadable(
        unreadable,
        "the commitment waits for twelve hours; restore their rows or keys");
  }
  s.Alarm(AboutUnreadable(unreadable, "they have no leaf in the commitment"));
  return absl::OkStatus();
}

// --- Building ---

absl::StatusOr<std::vector<Digest32>> PutAside(
    const State& s, const TrainingSnapshot& snapshot) {
  std::vector<Digest32> out;
  for (std::uint32_t i = 0; i < snapshot.part_count; ++i) {
    LIMPID_ASSIGN_OR_RETURN(
        const auto part,
        ReadLeaves(s.parts.store, s.row_key, snapshot.id, LeavesRow::kPart, i));
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

absl::Status StoreChunks(State& s, const SnapshotId& id,
                         const std::vector<std::vector<Digest32>>& chunks) {
  for (std::size_t i = 0; i < chunks.size(); i += kChunksPerCommit) {
    LIMPID_RETURN_IF_ERROR(Run(s, [&](Persons& /*persons*/, Batch& batch) {
      const std::size_t end = std::min(chunks.size(), i + kChunksPerCommit);
      for (std::size_t at = i; at < end; ++at) {
        batch.Replace(RowOf(s.row_key, id, LeavesRow::kChunk,
                            static_cast<std::uint32_t>(at), chunks[at]));
      }
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

// Nothing of an attempt that stopped before its last commit has left the
// process, so another padding is no other tree.
absl::Status Build(State& s, const TrainingSnapshot& snapshot) {
  LIMPID_ASSIGN_OR_RETURN(std::vector<Digest32> leaves, PutAside(s, snapshot));
  LIMPID_ASSIGN_OR_RETURN(
      const auto padded,
      PaddedLeaves(std::move(leaves), crypto::SystemRandom()));
  const auto chunks = ChunksOf(padded);
  LIMPID_RETURN_IF_ERROR(StoreChunks(s, snapshot.id, chunks));
  std::vector<LeafChunk> summaries;
  for (const auto& chunk : chunks) summaries.push_back(SummaryOf(chunk));
  return Change(s, snapshot.id, [&](TrainingSnapshot& next, Batch& batch) {
    next.stage = SnapshotStage::kBuilt;
    next.size = static_cast<std::uint32_t>(padded.size());
    next.chunks = summaries;
    receipt::TrainingCommitment commitment;
    commitment.snapshot = next.id.bytes();
    commitment.time = batch.time();
    commitment.size = next.size;
    commitment.root = RootOf(summaries);
    next.entry = receipt::SignTrainingCommitment(commitment, s.keys.evidence);
  });
}

// Their order is that of the persons, which the tree hides.
absl::Status EmptyParts(State& s, const TrainingSnapshot& snapshot) {
  return Change(s, snapshot.id, [&](TrainingSnapshot& next, Batch& batch) {
    for (std::size_t i = 0; i < kKeysPerPage && next.part_count > 0; ++i) {
      --next.part_count;
      batch.Replace(
          RowOf(s.row_key, next.id, LeavesRow::kPart, next.part_count, {}));
    }
  });
}

// --- Publishing ---

absl::Status Publish(State& s, const TrainingSnapshot& snapshot) {
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t index,
                          s.algorithms.load()->Publish(snapshot.entry));
  return Change(s, snapshot.id, [&](TrainingSnapshot& next, Batch&) {
    next.stage = SnapshotStage::kPublished;
    next.log_index = index;
  });
}

absl::Status Step(State& s, const TrainingSnapshot& snapshot) {
  switch (snapshot.stage) {
    case SnapshotStage::kOpen:
      return AskRegister(s, snapshot);
    case SnapshotStage::kSealing:
      LIMPID_RETURN_IF_ERROR(Collect(s, snapshot));
      return Build(s, *s.training.Find(snapshot.id));
    case SnapshotStage::kBuilt:
      return snapshot.part_count > 0 ? EmptyParts(s, snapshot)
                                     : Publish(s, snapshot);
    case SnapshotStage::kPublished:
      return absl::OkStatus();
  }
  return absl::InternalError("a snapshot's stage is unknown");
}

// What another attempt may change.
bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status);
}

}  // namespace

absl::Status RunSnapshot(State& state, const SnapshotId& snapshot) {
  for (;;) {
    const TrainingSnapshotPointer before = state.training.Find(snapshot);
    if (before == nullptr) return absl::NotFoundError("no such snapshot");
    LIMPID_RETURN_IF_ERROR(Step(state, *before));
    const TrainingSnapshotPointer after = state.training.Find(snapshot);
    if (after->stage == before->stage &&
        after->part_count == before->part_count) {
      return absl::OkStatus();
    }
  }
}

void RunTraining(State& state) {
  if (state.algorithms == nullptr) return;
  for (const TrainingSnapshotPointer& snapshot : state.training.All()) {
    if (snapshot->stage == SnapshotStage::kPublished ||
        !state.training.MayTry(snapshot->id, state.parts.clock.Monotonic())) {
      continue;
    }
    const absl::Status done = RunSnapshot(state, snapshot->id);
    if (!done.ok() && !MayPass(done) &&
        state.training.IsNewTrouble(snapshot->id)) {
      state.Alarm(done);
    }
  }
  // After the sealing: what was committed to has appeared.
  const absl::Status told = RunFactsTurn(state);
  if (!told.ok() && !MayPass(told) && state.facts.IsNewTrouble()) {
    state.Alarm(told);
  }
}

}  // namespace limpid::consent
