// What a person sees of her records. Reads the store on the caller's thread;
// nothing here goes through the sequencer or changes anything.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "consent/consent.h"
#include "consent/consent_state.h"

namespace limpid::consent {
namespace {

absl::Status NoRecord() { return absl::NotFoundError("no such record"); }

// Newest change first.
bool Before(const LiveRecord& left, const LiveRecord& right) {
  return std::tie(right.revision.time, right.revision.record) <
         std::tie(left.revision.time, left.revision.record);
}

// Per attribute: whether any source that knows the person may share it.
std::vector<bool> SharedBySomeLink(const Consent::State& s,
                                   const Account& account,
                                   const Service& service,
                                   const ReadRequest& request, absl::Time now) {
  std::vector<SharingPointer> agreements;
  for (const SourceLink& link : account.links) {
    const auto more = s.sharing.Between(link.source, service);
    agreements.insert(agreements.end(), more.begin(), more.end());
  }
  return ResolveSharing(agreements, request.attributes, request.purpose,
                        s.parts.purposes, now)
      .allowed;
}

bool IsBehind(const LiveRecord& record, const RecordCursor& cursor) {
  return std::tie(record.revision.time, record.revision.record) <
         std::tie(cursor.time, cursor.record);
}

}  // namespace

absl::StatusOr<LiveRecord> Consent::State::ReadRecord(const PersonId& person,
                                                      const RecordId& record) {
  const auto key = KeyOf(person);
  if (absl::IsNotFound(key.status())) return NoRecord();
  LIMPID_RETURN_IF_ERROR(key.status());
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      parts.store.Get(RecordRowKey(blinder.ShardOf(person), person, record)));
  if (!row) return NoRecord();
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(**key, *row));
  return LiveRecord::Decode(opened);
}

absl::StatusOr<RecordView> Consent::State::ViewOf(const LiveRecord& record,
                                                  absl::Time now) const {
  RecordView out;
  out.state = EffectiveState(record.revision, now);
  out.revision = record.revision;
  out.revision_hash = record.revision.Hash();
  out.use_count = record.use_count;
  out.asked_lines = record.asked_lines;
  out.standing = record.standing;
  out.standing_mismatch = record.standing_mismatch;
  out.service = catalogue.FindService(record.revision.service);
  out.agreement = catalogue.FindAgreement(record.revision.agreement,
                                          record.revision.agreement_version);
  if (out.service == nullptr || out.agreement == nullptr) {
    return absl::DataLossError("a record's agreement is missing");
  }
  return out;
}

absl::StatusOr<RecordView> Consent::GetRecord(const PersonId& person,
                                              const RecordId& record) const {
  LIMPID_ASSIGN_OR_RETURN(const LiveRecord live,
                          state_->ReadRecord(person, record));
  return state_->ViewOf(live, state_->parts.clock.Now());
}

absl::StatusOr<std::vector<Revision>> Consent::GetHistory(
    const PersonId& person, const RecordId& record) const {
  LIMPID_ASSIGN_OR_RETURN(
      RevisionPage all, ListRevisions(person, record, /*before=*/0, SIZE_MAX));
  return std::move(all.revisions);
}

absl::StatusOr<RevisionPage> Consent::ListRevisions(const PersonId& person,
                                                    const RecordId& record,
                                                    std::uint64_t before,
                                                    std::size_t limit) const {
  State& s = *state_;
  LIMPID_ASSIGN_OR_RETURN(const LiveRecord live, s.ReadRecord(person, record));
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, s.KeyOf(person));
  std::uint64_t last = live.revision.number;
  if (before != 0) last = std::min(last, before - 1);
  const std::size_t count = std::min<std::uint64_t>(last, limit);
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      s.parts.store.ListDown(
          RevisionRowKey(s.blinder.ShardOf(person), person, record, last + 1),
          count));
  RevisionPage out;
  for (const PersonalRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(*key, row));
    LIMPID_ASSIGN_OR_RETURN(Revision revision, Revision::Decode(opened));
    out.revisions.push_back(std::move(revision));
  }
  std::reverse(out.revisions.begin(), out.revisions.end());
  if (out.revisions.size() != count) {
    return absl::DataLossError("a part of the record's history is missing");
  }
  LIMPID_RETURN_IF_ERROR(CheckPart(out.revisions, last));
  if (count < last) out.next_before = last - count + 1;
  return out;
}

absl::StatusOr<RecordPage> Consent::ListRecords(
    const PersonId& person, bool open_only, std::optional<RecordCursor> after,
    std::size_t limit) const {
  State& s = *state_;
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, s.KeyOf(person));
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows, s.parts.store.ListKind(s.blinder.ShardOf(person), person,
                                              RowKind::kRecord));
  const absl::Time now = s.parts.clock.Now();
  std::vector<LiveRecord> records;
  for (const PersonalRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(*key, row));
    LIMPID_ASSIGN_OR_RETURN(LiveRecord record, LiveRecord::Decode(opened));
    if (open_only && !AwaitsAnswer(EffectiveState(record.revision, now))) {
      continue;
    }
    if (after && !IsBehind(record, *after)) continue;
    records.push_back(std::move(record));
  }
  std::sort(records.begin(), records.end(), Before);
  RecordPage out;
  for (const LiveRecord& record : records) {
    if (out.records.size() == limit) {
      const Revision& last = out.records.back().revision;
      out.next = RecordCursor{last.time, last.record};
      break;
    }
    LIMPID_ASSIGN_OR_RETURN(RecordView view, s.ViewOf(record, now));
    out.records.push_back(std::move(view));
  }
  return out;
}

absl::StatusOr<std::vector<receipt::AccessLine>> Consent::Explain(
    const PersonId& person, const RecordId& record,
    const ReadRequest& request) const {
  LIMPID_RETURN_IF_ERROR(CheckReadRequest(request));
  State& s = *state_;
  LIMPID_ASSIGN_OR_RETURN(const LiveRecord live, s.ReadRecord(person, record));
  const absl::Time now = s.parts.clock.Now();
  LIMPID_ASSIGN_OR_RETURN(const RecordView view, s.ViewOf(live, now));
  LIMPID_ASSIGN_OR_RETURN(const Account account, s.ReadAccount(person));
  Standing standing;
  standing.record = &live.revision;
  standing.agreement = view.agreement.get();
  standing.service = view.service.get();
  standing.caller = view.service->id;
  standing.use_count = live.use_count;
  standing.linked = !account.links.empty();
  standing.outdated_from =
      s.campaigns.OutdatedFrom(view.agreement->id, view.agreement->version);
  standing.shared = SharedBySomeLink(s, account, *view.service, request, now);
  if (view.agreement->content.atomic) {
    standing.every_part_shared =
        EveryPartIsShared(s.sharing, *view.agreement, *view.service,
                          request.purpose, s.parts.purposes, now);
  }
  standing.links = account.links;
  LIMPID_ASSIGN_OR_RETURN(const Delegations delegations,
                          s.ReadDelegations(person));
  standing.representative_may = RepresentativeMay(live, delegations, now);
  const std::uint64_t period =
      PeriodAt(view.agreement->content.frequency, live.revision.from, now);
  if (live.period_uses.period == period) {
    standing.period_use_count = live.period_uses.count;
  }
  if (request.training) {
    standing.may_train = s.parts.systems.MayTrain(request.training->system,
                                                  request.training->snapshot);
  }
  return Decide(request, standing, s.parts.purposes, now);
}

}  // namespace limpid::consent
