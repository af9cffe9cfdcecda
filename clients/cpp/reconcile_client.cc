#include "clients/cpp/reconcile_client.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/paging.h"
#include "clients/cpp/release_act.h"
#include "clients/cpp/wire_time.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/tlog/leaf.h"
#include "common/tlog/proof.h"
#include "limpid/consent/v1/reconcile_service.pb.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;
namespace vault_v1 = limpid::vault::v1;

// Making a listing reads the whole store.
constexpr absl::Duration kPatience = absl::Minutes(2);
constexpr Method kListReads = {
    "/limpid.consent.v1.ReconcileService/ListPermittedReads", true, kPatience};
constexpr Method kListBatches = {
    "/limpid.vault.v1.ReleaseTrailService/ListReleaseBatches", true};

absl::Status TooMany() {
  return absl::ResourceExhaustedError(
      absl::StrCat("the period has more than ", kMaxReconciled,
                   " reads: take a shorter one"));
}

absl::Status RolledBack() {
  return absl::DataLossError(
      "the vault's trail no longer has what an earlier run saw: its store was "
      "rolled back, or an older copy was put back on purpose "
      "(docs/restore-vault.md)");
}

absl::Status NotWhole(const char* what) {
  return absl::DataLossError(absl::StrCat("the vault's trail: ", what));
}

// Whether the log has the leaf of the commitment, both as a server said them.
absl::Status CheckLeaf(tlog::LeafKind kind, const std::string& commitment,
                       const absl::StatusOr<tlog::LogProof>& proof,
                       const tlog::Policy& log) {
  const auto said = base::ToArray<32>(base::AsBytes(commitment));
  if (said.ok() && proof.ok() &&
      tlog::VerifyProof(*proof, tlog::CommitmentLeaf(kind, *said), log).ok()) {
    return absl::OkStatus();
  }
  return absl::DataLossError(
      kind == tlog::LeafKind::kVault
          ? "a batch of releases is not in the vault's signed log"
          : "an entry is not in the signed access log");
}

absl::StatusOr<tlog::LogProof> ProofOf(const vault_v1::ReleaseBatch& batch) {
  tlog::LogProof out;
  out.index = batch.leaf_index();
  for (const std::string& hash : batch.inclusion_hashes()) {
    LIMPID_ASSIGN_OR_RETURN(out.hashes.emplace_back(),
                            base::ToArray<32>(base::AsBytes(hash)));
  }
  out.checkpoint = batch.checkpoint();
  return out;
}

absl::StatusOr<PermittedEntry> EntryOf(const v1::PermittedRead& read) {
  PermittedEntry out;
  const auto access = base::ParseIdText("acc", read.access_id());
  const auto lines = base::ToArray<32>(base::AsBytes(read.permitted_lines()));
  if (!access.ok() || !lines.ok()) {
    return absl::DataLossError("consent's listing is malformed");
  }
  out.access = *access;
  out.lines = *lines;
  out.decided = TimeOf(read.time());
  out.permitted = static_cast<std::uint16_t>(read.permitted_count());
  if (read.has_fence_time()) out.fenced = TimeOf(read.fence_time());
  return out;
}

}  // namespace

absl::StatusOr<absl::Time> ReconcileClient::LatestEnd() {
  vault_v1::ListReleaseBatchesRequest request;
  *request.mutable_from_time() = ToWire(absl::UnixEpoch());
  // Past every batch: only the time is asked for.
  request.set_first_number(static_cast<std::uint64_t>(INT64_MAX));
  LIMPID_ASSIGN_OR_RETURN(const auto page,
                          Invoke<vault_v1::ListReleaseBatchesResponse>(
                              vault_, kListBatches, request));
  // The margin behind the period must be over, too, on consent's clock.
  return TimeOf(page.complete_time()) - kReconcileMargin - kReconcileTolerance;
}

absl::Status ReconcileClient::CheckSeen(const TrailEnd& seen) {
  if (seen.number == 0) return absl::OkStatus();
  vault_v1::ListReleaseBatchesRequest request;
  *request.mutable_from_time() = ToWire(absl::UnixEpoch());
  request.set_first_number(seen.number);
  LIMPID_ASSIGN_OR_RETURN(const auto page,
                          Invoke<vault_v1::ListReleaseBatchesResponse>(
                              vault_, kListBatches, request));
  if (page.batches().empty()) return RolledBack();
  LIMPID_ASSIGN_OR_RETURN(const TrailEnd there, EndOf(page.batches(0)));
  return there.digest == seen.digest ? absl::OkStatus() : RolledBack();
}

absl::StatusOr<TrailEnd> ReconcileClient::EndOf(
    const vault_v1::ReleaseBatch& batch) const {
  TrailEnd out{batch.number(), {}};
  if (!batch.damaged()) {
    out.digest = receipt::DigestOf(base::AsBytes(batch.batch()));
  } else if (!batch.opening().empty()) {
    LIMPID_ASSIGN_OR_RETURN(out.digest, DigestOfDamaged(batch, source_id_));
  }
  return out;
}

void ReconcileClient::NoteUnlogged(const Unlogged& one, std::uint64_t& waiting,
                                   BothLogs& out) const {
  ++waiting;
  if (one.time < clock_.Now() - kLogGrace) out.input.unlogged.push_back(one);
}

absl::StatusOr<std::optional<receipt::ReleaseBatch>> ReconcileClient::Verified(
    const vault_v1::ReleaseBatch& batch, bool follows, BothLogs& out) const {
  std::optional<receipt::ReleaseBatch> decoded;
  LIMPID_ASSIGN_OR_RETURN(TrailEnd end, EndOf(batch));
  absl::Time time = TimeOf(batch.last_time());
  if (batch.damaged()) {
    out.input.damaged_batches.push_back(time);
  } else {
    auto read = receipt::ReleaseBatch::Decode(base::AsBytes(batch.batch()));
    if (!read.ok()) return NotWhole("a batch is malformed");
    if (base::FormatIdText("src", read->source) != source_id_) {
      return NotWhole("a batch is another vault's");
    }
    decoded = *std::move(read);
    end.number = decoded->number;
    time = decoded->notes.front().handed_over;
  }
  if (follows && end.number > out.end.number + 1) {
    out.input.missing_batches.push_back(time);
  } else if (follows) {
    // Of a damaged batch without an act nobody knows what it was.
    const bool known =
        out.end.number == 0 || out.end.digest != base::Digest32{};
    if (end.number != out.end.number + 1 ||
        (decoded && known && decoded->previous != out.end.digest)) {
      return NotWhole("batches do not follow each other");
    }
  }
  out.end = end;
  if (batch.opening().empty() || !batch.logged()) {
    NoteUnlogged({{}, time}, out.batches_waiting, out);
  }
  if (batch.opening().empty()) return decoded;
  if (decoded) {
    LIMPID_RETURN_IF_ERROR(CheckReleases(batch, source_id_, end.number));
  }
  if (!batch.logged()) return decoded;
  LIMPID_RETURN_IF_ERROR(CheckLeaf(tlog::LeafKind::kVault, batch.commitment(),
                                   ProofOf(batch), vault_log_));
  return decoded;
}

namespace {

// Whether all of a batch is older than what the next period begins with.
bool IsOver(const receipt::ReleaseBatch& batch, absl::Time until) {
  return std::all_of(batch.notes.begin(), batch.notes.end(),
                     [&](const receipt::ReleaseNote& note) {
                       return note.handed_over < until - kReconcileMargin;
                     });
}

// `fresh`: no earlier run saw the batch.
void Sort(const receipt::ReleaseBatch& batch, bool fresh, ReconcileInput& out) {
  for (const receipt::ReleaseNote& note : batch.notes) {
    if (fresh && note.handed_over < out.from) {
      out.late.push_back(note);
    } else if (note.handed_over >= out.from - kReconcileMargin &&
               note.handed_over < out.until + kReconcileMargin) {
      out.releases.push_back(note);
    }
  }
}

}  // namespace

absl::Status ReconcileClient::ReadTrail(const Earlier& earlier, BothLogs& out) {
  vault_v1::ListReleaseBatchesRequest request;
  *request.mutable_from_time() = ToWire(out.input.from - kReconcileMargin);
  bool follows = false;
  if (earlier.compared) {
    LIMPID_RETURN_IF_ERROR(CheckSeen(*earlier.compared));
    out.end = *earlier.compared;
    out.compared = out.end;
    request.set_first_number(out.end.number + 1);
    follows = true;
  }
  bool over = true;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(const auto page,
                            Invoke<vault_v1::ListReleaseBatchesResponse>(
                                vault_, kListBatches, request));
    if (page.has_lost_until_time()) {
      out.input.lost_from = TimeOf(page.lost_from_time());
      out.input.lost_until = TimeOf(page.lost_until_time());
    }
    for (const vault_v1::ReleaseBatch& one : page.batches()) {
      LIMPID_ASSIGN_OR_RETURN(const auto batch, Verified(one, follows, out));
      if (batch && !follows) {
        out.compared = TrailEnd{batch->number - 1, batch->previous};
      }
      follows = true;
      over = over && batch && IsOver(*batch, out.input.until);
      if (over) out.compared = out.end;
      if (!batch) continue;
      Sort(*batch,
           earlier.compared && earlier.seen &&
               batch->number > earlier.seen->number,
           out.input);
      if (out.input.releases.size() + out.input.late.size() > kMaxReconciled) {
        return TooMany();
      }
    }
    if (out.input.damaged_batches.size() + out.input.missing_batches.size() >
        kMaxReconciled) {
      return TooMany();
    }
    if (page.next_number() == 0) break;
    if (page.batches().empty() ||
        page.next_number() <= request.first_number()) {
      return NotWhole("its pages lead nowhere");
    }
    request.set_first_number(page.next_number());
  }
  // A trail without any batch is known to its end: its first is the next.
  if (!out.compared) {
    LIMPID_ASSIGN_OR_RETURN(const bool empty, HasNoBatch());
    if (empty) out.compared.emplace();
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> ReconcileClient::HasNoBatch() {
  vault_v1::ListReleaseBatchesRequest request;
  *request.mutable_from_time() = ToWire(absl::UnixEpoch());
  request.set_first_number(1);
  LIMPID_ASSIGN_OR_RETURN(const auto page,
                          Invoke<vault_v1::ListReleaseBatchesResponse>(
                              vault_, kListBatches, request));
  return page.batches().empty();
}

absl::Status ReconcileClient::ReadEntries(absl::Time from, absl::Time until,
                                          BothLogs& out) {
  v1::ListPermittedReadsRequest request;
  *request.mutable_from_time() = ToWire(from);
  *request.mutable_until_time() = ToWire(until);
  PageWalk walk(EmptyPage::kMayBeFollowed, kMaxReconciled);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(
        const auto page,
        Invoke<v1::ListPermittedReadsResponse>(consent_, kListReads, request));
    for (const v1::PermittedRead& read : page.reads()) {
      if (read.state() == v1::PERMITTED_STATE_ERASED) {
        out.input.erased.push_back(TimeOf(read.time()));
        continue;
      }
      if (read.state() != v1::PERMITTED_STATE_SHOWN) {
        out.input.missing.push_back(TimeOf(read.time()));
        continue;
      }
      LIMPID_ASSIGN_OR_RETURN(out.input.entries.emplace_back(), EntryOf(read));
      if (read.log_proof().empty()) {
        const PermittedEntry& entry = out.input.entries.back();
        NoteUnlogged({entry.access, entry.decided}, out.entries_waiting, out);
      } else {
        LIMPID_RETURN_IF_ERROR(
            CheckLeaf(tlog::LeafKind::kAccess, read.commitment(),
                      tlog::ParseProof(read.log_proof()), access_log_));
      }
    }
    if (out.input.entries.size() + out.input.erased.size() +
            out.input.missing.size() >
        kMaxReconciled) {
      return TooMany();
    }
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.reads_size())));
    request.set_page_token(page.next_page_token());
  }
  return absl::OkStatus();
}

absl::StatusOr<BothLogs> ReconcileClient::Read(
    absl::Time from, absl::Time until, const std::optional<TrailEnd>& seen,
    std::optional<TrailEnd> compared) {
  BothLogs out;
  out.input.from = from;
  out.input.until = until;
  if (seen) LIMPID_RETURN_IF_ERROR(CheckSeen(*seen));
  // The vault first: what it released by then was permitted before.
  LIMPID_RETURN_IF_ERROR(ReadTrail({seen, compared}, out));
  absl::Time earliest = from;
  for (const receipt::ReleaseNote& note : out.input.late) {
    earliest = std::min(earliest, note.handed_over);
  }
  // A clock of years ago must not ask for a history of years.
  earliest = std::max(earliest, from - kReconcileReach);
  LIMPID_RETURN_IF_ERROR(
      ReadEntries(earliest - kReconcileMargin, until + kReconcileMargin, out));
  if (out.end.number == 0 && seen) out.end = *seen;
  return out;
}

}  // namespace limpid::client
