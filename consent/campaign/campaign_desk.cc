#include "consent/campaign/campaign_desk.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "consent/agreement/material_change.h"
#include "consent/duty/opening.h"
#include "consent/receipt/receipts.h"

namespace limpid::consent {
namespace {

using State = Consent::State;

// The same record and version give the same id: asking twice finds the first.
RecordId FollowId(const State& s, const RecordId& record,
                  std::uint32_t version) {
  base::ByteWriter out("limpid/reconsent-record/1");
  out.Raw(record.bytes()).U32(version);
  const base::Digest32 hash = crypto::HmacSha256(
      s.code_key.Reveal(base::SecretAccess::Get()), {out.bytes()});
  base::ByteArray<16> id{};
  std::copy_n(hash.begin(), id.size(), id.begin());
  return RecordId(id);
}

receipt::AccessEntry EntryAbout(const Revision& revision,
                                const Agreement& agreement,
                                receipt::AccessKind kind,
                                receipt::Actor actor) {
  receipt::AccessEntry entry;
  entry.kind = kind;
  entry.actor = actor;
  entry.service = revision.service.bytes();
  entry.record = revision.record.bytes();
  entry.revision = revision.number;
  entry.basis = agreement.content.basis;
  entry.purpose = agreement.content.purposes.front();
  return entry;
}

Revision FirstRevision(const State& s, const Revision& old,
                       const Agreement& agreement, const Campaign& campaign,
                       absl::Time now) {
  Revision out;
  out.state = RecordState::kRequested;
  out.event = receipt::AccessKind::kReconsentAsked;
  out.actor = receipt::Actor::kSystem;
  out.record = FollowId(s, old.record, campaign.version);
  out.person = old.person;
  out.service = old.service;
  out.agreement = agreement.id;
  out.agreement_version = agreement.version;
  out.agreement_hash = agreement.hash;
  out.time = now;
  out.answer_by = std::max(campaign.outdated_from, now) + kAnswerAfterGrace;
  out.follows = old.record;
  return out;
}

// What a sweep of one campaign works with.
struct Round {
  State& s;
  Campaign& campaign;
  const Agreement& agreement;
  Persons& persons;
  Batch& batch;
};

// Whether an earlier campaign asked the person for the same in other words: she
// is not asked twice while that waits, nor after she refused it.
absl::StatusOr<bool> AskedBefore(const Round& round, PersonState& person,
                                 const Revision& old) {
  for (std::uint32_t version = old.agreement_version + 1;
       version < round.campaign.version; ++version) {
    const auto earlier = round.persons.LoadRecord(
        person, FollowId(round.s, old.record, version));
    if (absl::IsNotFound(earlier.status())) continue;
    LIMPID_RETURN_IF_ERROR(earlier.status());
    const AgreementPointer asked =
        round.s.catalogue.FindAgreement(old.agreement, version);
    if (asked == nullptr ||
        IsMaterialChange(asked->content, round.agreement.content,
                         round.s.parts.purposes)) {
      continue;
    }
    const RecordState state =
        EffectiveState((*earlier)->revision, round.batch.time());
    if (AwaitsAnswer(state) || state == RecordState::kRefused) return true;
  }
  return false;
}

absl::Status Ask(const Round& round, PersonState& person,
                 const LiveRecord& old) {
  LIMPID_ASSIGN_OR_RETURN(const bool before,
                          AskedBefore(round, person, old.revision));
  if (before) return absl::OkStatus();
  const RecordId id =
      FollowId(round.s, old.revision.record, round.campaign.version);
  const auto asked = round.persons.LoadRecord(person, id);
  if (asked.ok()) return absl::OkStatus();
  if (!absl::IsNotFound(asked.status())) return asked.status();
  LiveRecord record;
  for (const std::string& purpose : round.agreement.content.purposes) {
    LIMPID_ASSIGN_OR_RETURN(PurposePseudonym pseudonym,
                            MintPseudonym(round.s, person, old.revision.service,
                                          purpose, round.batch));
    record.pseudonyms.push_back(std::move(pseudonym));
  }
  Revision first = FirstRevision(round.s, old.revision, round.agreement,
                                 round.campaign, round.batch.time());
  receipt::AccessEntry entry =
      EntryAbout(first, round.agreement, first.event, first.actor);
  entry.lines = LinesOf(first, round.agreement, receipt::Reason::kNoConsent);
  round.batch.Append(person, std::move(entry));
  LiveRecord& kept =
      person.records.emplace(id, std::move(record)).first->second;
  round.batch.Apply(person, kept, std::move(first), RecordEvent::kRequest,
                    round.agreement);
  ++round.campaign.asked_count;
  return absl::OkStatus();
}

// Whether the campaign is about the record as it stands.
bool Concerns(const Round& round, const LiveRecord& record) {
  const Revision& revision = record.revision;
  return revision.agreement == round.campaign.agreement &&
         revision.agreement_version < round.campaign.version &&
         IsInForce(EffectiveState(revision, round.batch.time()));
}

absl::Status AskOrTell(const Round& round, PersonState& person,
                       LiveRecord& record) {
  if (!Concerns(round, record)) return absl::OkStatus();
  const AgreementPointer own = round.s.catalogue.FindAgreement(
      record.revision.agreement, record.revision.agreement_version);
  if (own == nullptr) return absl::DataLossError("an agreement is missing");
  if (IsMaterialChange(own->content, round.agreement.content,
                       round.s.parts.purposes)) {
    return Ask(round, person, record);
  }
  // The third round is for asking alone, which knows what it has done.
  if (round.campaign.asking.phase == 2) return absl::OkStatus();
  round.batch.Append(person, EntryAbout(record.revision, *own,
                                        receipt::AccessKind::kServiceChanged,
                                        receipt::Actor::kStaff));
  return absl::OkStatus();
}

void End(const State& s, PersonState& person, LiveRecord& record,
         RecordEvent event, receipt::Actor actor, Batch& batch) {
  const AgreementPointer agreement = s.catalogue.FindAgreement(
      record.revision.agreement, record.revision.agreement_version);
  auto next = NextRevision(record.revision, event, actor, batch.time());
  // Not in force any more: nothing is left to end.
  if (!next.ok() || agreement == nullptr) return;
  next->use_count = record.use_count;
  batch.Append(person, EntryAbout(*next, *agreement, next->event, actor));
  batch.Apply(person, record, *std::move(next), event, *agreement);
}

// The record goes on as `successor`, in the lines that she chose there.
void Supersede(const State& s, PersonState& person, LiveRecord& record,
               const LiveRecord& successor, Batch& batch) {
  End(s, person, record, RecordEvent::kSupersede, receipt::Actor::kPerson,
      batch);
  const AgreementPointer before = s.catalogue.FindAgreement(
      record.revision.agreement, record.revision.agreement_version);
  const AgreementPointer after = s.catalogue.FindAgreement(
      successor.revision.agreement, successor.revision.agreement_version);
  if (record.revision.state != RecordState::kSuperseded || before == nullptr ||
      after == nullptr) {
    return;
  }
  OpenDutyForDropped(batch, person, record, *before,
                     {successor.revision.lines, *after});
}

absl::Status EndRefused(const Round& round, PersonState& person,
                        LiveRecord& record) {
  if (!Concerns(round, record)) return absl::OkStatus();
  const RecordId id =
      FollowId(round.s, record.revision.record, round.campaign.version);
  const auto answer = round.persons.LoadRecord(person, id);
  if (!answer.ok()) return answer.status();
  if ((*answer)->revision.state != RecordState::kRefused) {
    return absl::OkStatus();
  }
  End(round.s, person, record, RecordEvent::kTerminate, receipt::Actor::kSystem,
      round.batch);
  return absl::OkStatus();
}

bool HasWork(const Campaign& campaign, absl::Time now) {
  if (!campaign.asking.done) return true;
  return !campaign.ending.done && now >= campaign.outdated_from;
}

absl::StatusOr<bool> Page(State& s, Campaign campaign, Persons& persons,
                          Batch& batch) {
  // A clock that cannot be believed ends nothing.
  if (batch.clock_jumped()) {
    return absl::UnavailableError("the clock has jumped");
  }
  const AgreementPointer agreement =
      s.catalogue.FindAgreement(campaign.agreement, campaign.version);
  if (agreement == nullptr) {
    return absl::DataLossError("a campaign's agreement is missing");
  }
  const Round round = {s, campaign, *agreement, persons, batch};
  const bool asking = !campaign.asking.done;
  LIMPID_RETURN_IF_ERROR(SweepPage(
      s.parts.store, persons, asking ? campaign.asking : campaign.ending,
      [&](PersonState& person, LiveRecord& record) {
        return asking ? AskOrTell(round, person, record)
                      : EndRefused(round, person, record);
      }));
  batch.Replace(RowOf(s.row_key, campaign));
  batch.AfterCommit([&s, campaign] { s.campaigns.Put(campaign); });
  return true;
}

}  // namespace

void StartCampaign(State& s, const Agreement& before, const Agreement& made,
                   const Publication& publication, Batch& batch) {
  Campaign campaign;
  campaign.agreement = made.id;
  campaign.version = made.version;
  campaign.material =
      IsMaterialChange(before.content, made.content, s.parts.purposes);
  campaign.created = made.created;
  campaign.outdated_from = made.created + publication.grace;
  campaign.made_by = publication.administrator;
  batch.Insert(RowOf(s.row_key, campaign));
  batch.AfterCommit([&s, campaign] { s.campaigns.Put(campaign); });
}

absl::StatusOr<bool> StepCampaign(State& s, const AgreementId& agreement,
                                  std::uint32_t version) {
  const auto known = s.campaigns.Find(agreement, version);
  if (!known || !HasWork(*known, s.parts.clock.Now())) return false;
  return s.sequencer->Call<bool>(
      [&](Persons& persons, Batch& batch) -> absl::StatusOr<bool> {
        // As the commit before it left it.
        const auto campaign = s.campaigns.Find(agreement, version);
        if (!campaign || !HasWork(*campaign, s.parts.clock.Now())) return false;
        return Page(s, *campaign, persons, batch);
      },
      nullptr, /*alone=*/true);
}

absl::Status CheckNotOutdated(const State& s, const AgreementId& agreement,
                              std::uint32_t version) {
  if (!s.campaigns.OutdatedFrom(agreement, version)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "a later version of the agreement asks for more; ask for that one");
}

absl::StatusOr<LiveRecord*> FollowedBy(Persons& persons, PersonState& person,
                                       const LiveRecord& record) {
  if (record.revision.follows.none()) return nullptr;
  auto followed = persons.LoadRecord(person, record.revision.follows);
  if (absl::IsNotFound(followed.status())) return nullptr;
  return followed;
}

void EndFollowed(const State& s, PersonState& person, LiveRecord* followed,
                 const LiveRecord& record, RecordEvent answer, Batch& batch) {
  if (followed == nullptr) return;
  const Revision& old = followed->revision;
  if (!IsInForce(EffectiveState(old, batch.time()))) return;
  if (answer == RecordEvent::kGrant) {
    Supersede(s, person, *followed, record, batch);
    return;
  }
  if (answer != RecordEvent::kRefuse) return;
  const auto outdated =
      s.campaigns.OutdatedFrom(old.agreement, old.agreement_version);
  // Before that, the end of the grace ends it.
  if (!outdated || batch.time() < *outdated) return;
  End(s, person, *followed, RecordEvent::kTerminate, receipt::Actor::kPerson,
      batch);
}

absl::StatusOr<std::vector<ReconsentView>> Consent::ListReconsents(
    const PersonId& person) const {
  // All that wait for an answer; a person has few.
  constexpr std::size_t kMost = 1'000;
  State& s = *state_;
  LIMPID_ASSIGN_OR_RETURN(
      const RecordPage page,
      ListRecords(person, /*open_only=*/true, std::nullopt, kMost));
  std::vector<ReconsentView> out;
  for (const RecordView& request : page.records) {
    if (request.revision.follows.none()) continue;
    const auto old = GetRecord(person, request.revision.follows);
    if (!old.ok()) continue;
    ReconsentView view;
    view.request = request;
    view.follows = old->revision.record;
    view.followed_version = old->agreement->version;
    view.outdated_from =
        s.campaigns.OutdatedFrom(old->agreement->id, old->agreement->version);
    view.changes = CompareContents(
        old->agreement->content, request.agreement->content, s.parts.purposes);
    out.push_back(std::move(view));
  }
  return out;
}

std::vector<Campaign> Consent::ListCampaigns() const {
  return state_->campaigns.All();
}

}  // namespace limpid::consent
