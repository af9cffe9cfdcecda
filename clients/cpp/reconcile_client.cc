#include "clients/cpp/reconcile_client.h"

#include <utility>

#include "absl/strings/str_cat.h"
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
  const base::ByteView encoded = base::AsBytes(page.batches(0).batch());
  return receipt::DigestOf(encoded) == seen.digest ? absl::OkStatus()
                                                   : RolledBack();
}

absl::StatusOr<receipt::ReleaseBatch> ReconcileClient::Verified(
    const vault_v1::ReleaseBatch& batch, BothLogs& out) const {
  const base::ByteView encoded = base::AsBytes(batch.batch());
  auto decoded = receipt::ReleaseBatch::Decode(encoded);
  if (!decoded.ok()) return NotWhole("a batch is malformed");
  if (base::FormatIdText("src", decoded->source) != source_id_) {
    return NotWhole("a batch is another vault's");
  }
  if (out.end.number != 0 && (decoded->number != out.end.number + 1 ||
                              decoded->previous != out.end.digest)) {
    return NotWhole("batches do not follow each other");
  }
  out.end = {decoded->number, receipt::DigestOf(encoded)};
  if (batch.opening().empty() || !batch.logged()) ++out.batches_waiting;
  if (batch.opening().empty()) return decoded;
  LIMPID_RETURN_IF_ERROR(CheckReleases(batch, source_id_, decoded->number));
  if (!batch.logged()) return decoded;
  LIMPID_RETURN_IF_ERROR(CheckLeaf(tlog::LeafKind::kVault, batch.commitment(),
                                   ProofOf(batch), vault_log_));
  return decoded;
}

absl::Status ReconcileClient::ReadTrail(absl::Time from, absl::Time until,
                                        BothLogs& out) {
  vault_v1::ListReleaseBatchesRequest request;
  *request.mutable_from_time() = ToWire(from);
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(const auto page,
                            Invoke<vault_v1::ListReleaseBatchesResponse>(
                                vault_, kListBatches, request));
    if (page.has_lost_until_time()) {
      out.input.lost_from = TimeOf(page.lost_from_time());
      out.input.lost_until = TimeOf(page.lost_until_time());
    }
    for (const vault_v1::ReleaseBatch& one : page.batches()) {
      LIMPID_ASSIGN_OR_RETURN(const receipt::ReleaseBatch batch,
                              Verified(one, out));
      for (const receipt::ReleaseNote& note : batch.notes) {
        if (note.handed_over < from || note.handed_over >= until) continue;
        out.input.releases.push_back(note);
      }
      if (out.input.releases.size() > kMaxReconciled) return TooMany();
    }
    if (page.next_number() == 0) return absl::OkStatus();
    request.set_first_number(page.next_number());
  }
}

absl::Status ReconcileClient::ReadEntries(absl::Time from, absl::Time until,
                                          BothLogs& out) {
  v1::ListPermittedReadsRequest request;
  *request.mutable_from_time() = ToWire(from);
  *request.mutable_until_time() = ToWire(until);
  for (;;) {
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
        ++out.entries_waiting;
      } else {
        LIMPID_RETURN_IF_ERROR(
            CheckLeaf(tlog::LeafKind::kAccess, read.commitment(),
                      tlog::ParseProof(read.log_proof()), access_log_));
      }
    }
    if (out.input.entries.size() + out.input.erased.size() > kMaxReconciled) {
      return TooMany();
    }
    if (page.next_page_token().empty()) return absl::OkStatus();
    request.set_page_token(page.next_page_token());
  }
}

absl::StatusOr<BothLogs> ReconcileClient::Read(
    absl::Time from, absl::Time until, const std::optional<TrailEnd>& seen) {
  BothLogs out;
  out.input.from = from;
  out.input.until = until;
  if (seen) LIMPID_RETURN_IF_ERROR(CheckSeen(*seen));
  // The vault first: what it released by then was permitted before.
  LIMPID_RETURN_IF_ERROR(
      ReadTrail(from - kReconcileMargin, until + kReconcileMargin, out));
  LIMPID_RETURN_IF_ERROR(
      ReadEntries(from - kReconcileMargin, until + kReconcileMargin, out));
  if (out.end.number == 0 && seen) out.end = *seen;
  return out;
}

}  // namespace limpid::client
