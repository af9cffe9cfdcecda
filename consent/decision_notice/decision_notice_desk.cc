#include "consent/decision_notice/decision_notice_desk.h"

#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "consent/consent_state.h"
#include "consent/decision_notice/notice_places.h"
#include "consent/record/state.h"

namespace limpid::consent {
namespace {

using State = Consent::State;

// Separates these blinded values from others.
constexpr std::uint8_t kRequestBlind = 112;

RowId LookupOf(const Blinder& blinder, const ServiceId& service,
               const base::ByteArray<16>& request) {
  return blinder.Blind(kRequestBlind, {service.bytes(), request});
}

PersonalRow RowOf(const DecisionNotice& notice, std::uint64_t place,
                  const RowId& lookup, const PersonState& person) {
  PersonalRow row;
  row.key = {person.shard, person.id, RowKind::kDecisionNotice,
             notice.id.bytes(), place};
  row.lookup = lookup;
  row.created_ms = absl::ToUnixMillis(notice.received);
  row.payload = SealRow(*person.key, row.key, notice.Encode());
  return row;
}

absl::StatusOr<DecisionNotice> Open(const base::SecretBytes& person_key,
                                    const PersonalRow& row) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(person_key, row));
  LIMPID_ASSIGN_OR_RETURN(DecisionNotice out, DecisionNotice::Decode(opened));
  out.id = DecisionNoticeId(row.key.id);
  return out;
}

// Whether the person ever answered it with a yes, or a law took her place.
bool WasGranted(const LiveRecord& record) {
  switch (record.revision.state) {
    case RecordState::kDraft:
    case RecordState::kRequested:
    case RecordState::kDeferred:
    case RecordState::kAwaitingOthers:
    case RecordState::kRefused:
    case RecordState::kLapsed:
      return false;
    case RecordState::kGranted:
    case RecordState::kPaused:
    case RecordState::kWithdrawn:
    case RecordState::kRevoked:
    case RecordState::kExpired:
    case RecordState::kExhausted:
    case RecordState::kInvalidated:
    case RecordState::kSuperseded:
    case RecordState::kTerminated:
      return true;
  }
  return false;
}

// One notice, on the sequencer's thread.
struct Sending {
  State& s;
  const ServiceId& service;
  const RecordId& record;
  const RowId lookup;
  const DecisionContent& content;

  absl::StatusOr<DecisionNoticeId> Run(Persons& persons, Batch& batch) const;
  absl::StatusOr<DecisionNoticeId> Again(const PersonState& person,
                                         const PersonalRow& row) const;
};

absl::StatusOr<DecisionNoticeId> Sending::Again(const PersonState& person,
                                                const PersonalRow& row) const {
  if (row.key.person == person.id) {
    LIMPID_ASSIGN_OR_RETURN(const DecisionNotice before,
                            Open(*person.key, row));
    if (before.record == record && before.content == content) return before.id;
  }
  return absl::AlreadyExistsError("request_id: was used for another notice");
}

absl::StatusOr<DecisionNoticeId> Sending::Run(Persons& persons,
                                              Batch& batch) const {
  const auto none = [] { return absl::NotFoundError("no such record"); };
  const auto subject = persons.LoadSubject(record);
  if (absl::IsNotFound(subject.status())) return none();
  LIMPID_RETURN_IF_ERROR(subject.status());
  if (subject->record->revision.service != service) return none();
  if (!WasGranted(*subject->record)) {
    return absl::FailedPreconditionError("the record was never granted");
  }
  const PersonState& person = *subject->person;
  LIMPID_ASSIGN_OR_RETURN(const auto row,
                          s.parts.store.Find(RowKind::kDecisionNotice, lookup));
  if (row) return Again(person, *row);
  const std::uint64_t place =
      NoticePlace(s.blinder, person.id, service, batch.time());
  LIMPID_ASSIGN_OR_RETURN(const std::vector<RowKey> keys,
                          NoticeKeys(s.parts.store, person.shard, person.id));
  LIMPID_RETURN_IF_ERROR(CheckRoom(keys, place));
  DecisionNotice notice;
  notice.id = DecisionNoticeId::Random();
  notice.service = service;
  notice.record = record;
  notice.received = batch.time();
  notice.content = content;
  batch.Insert(RowOf(notice, place, lookup, person));
  return notice.id;
}

DecisionNoticeView ViewOf(const State& s, DecisionNotice notice) {
  DecisionNoticeView out;
  out.service = s.catalogue.FindService(notice.service);
  out.notice = std::move(notice);
  return out;
}

bool IsBehind(const RowKey& key, const DecisionNoticeCursor& cursor) {
  return std::tie(key.sequence, key.id) <
         std::tie(cursor.place, cursor.notice.bytes());
}

// What the register says against the sender's naming the deployment.
absl::Status CheckDeployment(const State& s, const Service& sender,
                             const DecisionContent& content) {
  const AlgorithmRegister* const algorithms = s.algorithms;
  if (algorithms == nullptr) {
    return absl::FailedPreconditionError(
        "there is no register here that could know the deployment");
  }
  LIMPID_ASSIGN_OR_RETURN(
      const DeploymentStanding standing,
      algorithms->FindDeployment(content.deployment, content.deployment_version,
                                 sender.keys));
  switch (standing) {
    case DeploymentStanding::kUnregistered:
      return absl::InvalidArgumentError(
          "deployment_id: the register does not have this version of it");
    case DeploymentStanding::kOfAnother:
      return absl::PermissionDeniedError(
          "deployment_id: the register has it as another publisher's; name a "
          "deployment of your own");
    case DeploymentStanding::kRegistered:
      return absl::OkStatus();
  }
  return absl::InternalError("the standing of a deployment is unknown");
}

}  // namespace

absl::StatusOr<DecisionNoticeId> DecisionNoticeDesk::Send(
    const ServiceId& service, const RecordId& record,
    const base::ByteArray<16>& request, const DecisionContent& content) const {
  LIMPID_RETURN_IF_ERROR(
      CheckDecisionContent(content, state_.parts.clock.Now()));
  const ServicePointer sender = state_.catalogue.FindService(service);
  if (sender == nullptr) return absl::NotFoundError("no such record");
  // On the caller's thread, and whatever is known of the record.
  LIMPID_RETURN_IF_ERROR(CheckDeployment(state_, *sender, content));
  const Sending task{state_, service, record,
                     LookupOf(state_.blinder, service, request), content};
  // Alone: what the store has is then all there is.
  return state_.sequencer->Call<DecisionNoticeId>(
      [&task](Persons& persons, Batch& batch) {
        return task.Run(persons, batch);
      },
      nullptr, /*alone=*/true);
}

absl::StatusOr<DecisionNoticePage> DecisionNoticeDesk::List(
    const PersonId& person, std::optional<DecisionNoticeCursor> after,
    std::size_t limit) const {
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, state_.KeyOf(person));
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<RowKey> keys,
      NoticeKeys(state_.parts.store, state_.blinder.ShardOf(person), person));
  DecisionNoticePage out;
  RowKey last;
  for (const RowKey& one : keys) {
    if (after && !IsBehind(one, *after)) continue;
    if (out.notices.size() == limit) {
      out.next = DecisionNoticeCursor{last.sequence, DecisionNoticeId(last.id)};
      return out;
    }
    last = one;
    LIMPID_ASSIGN_OR_RETURN(const auto row, state_.parts.store.Get(one));
    // Her account is being erased.
    if (!row) continue;
    auto notice = Open(*key, *row);
    if (!notice.ok()) {
      ++out.unreadable;
      continue;
    }
    out.notices.push_back(ViewOf(state_, *std::move(notice)));
  }
  return out;
}

absl::StatusOr<DecisionNoticeView> DecisionNoticeDesk::Get(
    const PersonId& person, const DecisionNoticeId& notice) const {
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, state_.KeyOf(person));
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      FindNotice(state_.parts.store, state_.blinder.ShardOf(person), person,
                 notice));
  if (!row) return absl::NotFoundError("no such notice");
  LIMPID_ASSIGN_OR_RETURN(DecisionNotice found, Open(*key, *row));
  return ViewOf(state_, std::move(found));
}

absl::StatusOr<DecisionNoticeView> DecisionNoticeDesk::Acknowledge(
    const PersonId& person, const DecisionNoticeId& notice) const {
  State& s = state_;
  LIMPID_ASSIGN_OR_RETURN(
      DecisionNotice read,
      s.sequencer->Call<DecisionNotice>(
          [&](Persons& persons,
              Batch& batch) -> absl::StatusOr<DecisionNotice> {
            LIMPID_ASSIGN_OR_RETURN(PersonState * loaded, persons.Load(person));
            LIMPID_ASSIGN_OR_RETURN(
                auto row,
                FindNotice(s.parts.store, loaded->shard, person, notice));
            if (!row) return absl::NotFoundError("no such notice");
            LIMPID_ASSIGN_OR_RETURN(DecisionNotice found,
                                    Open(*loaded->key, *row));
            if (found.acknowledged != absl::UnixEpoch()) return found;
            found.acknowledged = batch.time();
            row->payload = SealRow(*loaded->key, row->key, found.Encode());
            batch.Replace(*row);
            return found;
          },
          nullptr, /*alone=*/true));
  return ViewOf(s, std::move(read));
}

}  // namespace limpid::consent
