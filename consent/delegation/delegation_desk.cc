// Whoever makes or ends a delegation, the person reads it in her log.

#include "consent/delegation/delegation_desk.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "consent/consent.h"
#include "consent/consent_state.h"
#include "consent/delegation/mandates.h"
#include "consent/record/acts.h"

namespace limpid::consent {
namespace {

using receipt::Actor;
using receipt::DelegationKind;

// Of those that are not over: a person who has more has a problem that a list
// does not solve.
constexpr std::size_t kMaxDelegations = 256;
// Of one person's own that name one representative and are not over: who is
// named is not asked, and finds all of them in her list.
constexpr std::size_t kMaxPerRepresentative = 16;
// The same with those that are over, which stay readable: all of a person's are
// in memory while she acts, and who is named pages through those that name her.
constexpr std::size_t kMaxKept = 2'048;
constexpr std::size_t kMaxKeptPerRepresentative = 256;
// Of the texts of all of a person's, when she signs one more: some 1,500 of a
// usual length, and 100 of the longest. Each person's are in memory as a whole.
constexpr std::size_t kMaxTextBytes = std::size_t{1} << 20U;
constexpr std::size_t kMaxReasonBytes = 1'024;

absl::Status NoDelegation() {
  return absl::NotFoundError("no such delegation");
}

// What somebody without a mandate is told, whether or not the person exists.
absl::Status Nobody() { return absl::NotFoundError("no such person"); }

absl::Status Wrong(std::string_view member) {
  return absl::InvalidArgumentError(absl::StrCat(
      "delegation.", base::ToAbsl(member), ": is not possible here"));
}

bool IsMadeByThePerson(DelegationKind kind) {
  return kind == DelegationKind::kNominee ||
         kind == DelegationKind::kPowerOfAttorney;
}

absl::Status CheckScope(const receipt::Delegation& terms,
                        const Purposes& purposes) {
  for (const std::string& name : terms.representatives) {
    if (!PersonId::Parse(name).ok()) return Wrong("representatives");
  }
  for (const std::string& name : terms.services) {
    if (!ServiceId::Parse(name).ok()) return Wrong("services");
  }
  for (const std::string& name : terms.purposes) {
    if (!purposes.Knows(name)) return Wrong("purposes");
  }
  for (const std::string& name : terms.attributes) {
    if (!IsAttributeName(name)) return Wrong("attributes");
  }
  return absl::OkStatus();
}

absl::Status CheckTerms(const Consent::State& s,
                        const receipt::Delegation& terms,
                        const PersonId& person, Actor maker, absl::Time now) {
  if (terms.operator_name != s.options.operator_name) return Wrong("operator");
  if (terms.person != person.Text()) return Wrong("person");
  if (IsMadeByThePerson(terms.kind) != (maker == Actor::kPerson)) {
    return Wrong("kind");
  }
  if (maker == Actor::kStaff && terms.evidence == base::Digest32{}) {
    return Wrong("evidence");
  }
  const absl::Duration age = now - terms.time;
  if (age > receipt::kStatementSkew || age < -receipt::kStatementSkew) {
    return Wrong("time");
  }
  if (terms.until <= now) return Wrong("until");
  return CheckScope(terms, s.parts.purposes);
}

absl::Status CheckRoomFor(const std::string& representative,
                          const PersonState& person, absl::Time now) {
  std::size_t kept = 0;
  std::size_t current = 0;
  for (const auto& [id, held] : person.delegations) {
    if (held.made_by != Actor::kPerson || !held.terms.Names(representative)) {
      continue;
    }
    ++kept;
    if (!IsOver(held, now)) ++current;
  }
  if (current >= kMaxPerRepresentative) {
    return absl::ResourceExhaustedError(
        "16 delegations of the person name one representative already; end one "
        "first");
  }
  if (kept >= kMaxKeptPerRepresentative) {
    return absl::ResourceExhaustedError(
        "the person has made 256 delegations that name one representative; no "
        "more are kept");
  }
  return absl::OkStatus();
}

// Nobody's list of mandates is filled by one person. What staff record is
// counted for nobody.
absl::Status CheckRoom(const PersonState& person, const HeldDelegation& made,
                       absl::Time now) {
  if (person.delegations.size() >= kMaxKept) {
    return absl::ResourceExhaustedError(
        "the person has made 2,048 delegations; no more are kept");
  }
  std::size_t current = 0;
  for (const auto& [id, held] : person.delegations) {
    if (!IsOver(held, now)) ++current;
  }
  if (current >= kMaxDelegations) {
    return absl::ResourceExhaustedError(
        "the person has 256 delegations; end one first");
  }
  if (made.made_by != Actor::kPerson) return absl::OkStatus();
  if (person.delegation_bytes + made.canonical_json.size() > kMaxTextBytes) {
    return absl::ResourceExhaustedError(
        "the texts of the person's delegations have 1 MiB; no more are kept");
  }
  for (const std::string& name : made.terms.representatives) {
    LIMPID_RETURN_IF_ERROR(CheckRoomFor(name, person, now));
  }
  return absl::OkStatus();
}

PersonalRow RowOf(const HeldDelegation& held, const PersonState& person) {
  PersonalRow row;
  row.key = DelegationRowKey(person.shard, person.id, held.id);
  row.created_ms = absl::ToUnixMillis(held.created);
  row.payload = SealRow(*person.key, row.key, held.Encode());
  return row;
}

void Enter(const HeldDelegation& held, receipt::AccessKind kind, Actor actor,
           PersonState& person, Batch& batch) {
  receipt::AccessEntry entry;
  entry.kind = kind;
  entry.actor = actor;
  entry.record = held.id.bytes();
  batch.Append(person, std::move(entry));
}

absl::StatusOr<HeldDelegation> Make(const Consent::State& s,
                                    const PersonId& owner, HeldDelegation held,
                                    Persons& persons, Batch& batch) {
  const auto loaded = persons.Load(owner);
  if (absl::IsNotFound(loaded.status())) return Nobody();
  LIMPID_RETURN_IF_ERROR(loaded.status());
  PersonState& person = **loaded;
  // Also one that was ended: a replay brings nothing back.
  const auto known = person.delegations.find(held.id);
  if (known != person.delegations.end()) return known->second;
  if (held.made_by == Actor::kPerson &&
      (person.account.keys.empty() ||
       !receipt::DelegationIsSigned({held.canonical_json, held.signature},
                                    person.account.keys.front()))) {
    return absl::InvalidArgumentError(
        "signature: is not the account's key over this delegation");
  }
  LIMPID_RETURN_IF_ERROR(
      CheckTerms(s, held.terms, owner, held.made_by, batch.time()));
  LIMPID_RETURN_IF_ERROR(CheckRoom(person, held, batch.time()));
  held.created = batch.time();
  if (held.terms.kind != DelegationKind::kNominee) held.active = batch.time();
  batch.Insert(RowOf(held, person));
  Enter(held, receipt::AccessKind::kDelegationMade, held.made_by, person,
        batch);
  AddToIndexes(batch, person, held);
  return persons.Keep(person, std::move(held));
}

// Pauses the record, which was granted under `held`; permits that are out are
// fenced.
absl::Status PauseGrant(const Consent::State& s, const HeldDelegation& held,
                        PersonState& person, LiveRecord& record, Batch& batch) {
  const Revision& current = record.revision;
  const AgreementPointer agreement =
      s.catalogue.FindAgreement(current.agreement, current.agreement_version);
  if (agreement == nullptr) {
    return absl::DataLossError("a record's agreement is missing");
  }
  LIMPID_ASSIGN_OR_RETURN(
      Revision next,
      NextRevision(current, RecordEvent::kPause, held.ended_by, batch.time()));
  next.use_count = record.use_count;
  next.reason = absl::StrCat("delegation ended: ", held.id.Text());
  receipt::AccessEntry entry;
  entry.kind = next.event;
  entry.actor = next.actor;
  entry.service = next.service.bytes();
  entry.record = next.record.bytes();
  entry.revision = next.number;
  entry.basis = agreement->content.basis;
  entry.purpose = agreement->content.purposes.front();
  batch.Append(person, std::move(entry));
  batch.Apply(person, record, std::move(next), RecordEvent::kPause, *agreement);
  return absl::OkStatus();
}

// Whether each was ended by this act, and not before.
using Ended = std::map<DelegationId, bool>;

// Pauses what was granted under those that this act ended. What was stopped
// before is waited for once more: whoever did it may wait still.
absl::Status StopGrants(const Consent::State& s, PersonState& person,
                        const Ended& ended, Persons& persons, Batch& batch) {
  if (ended.empty()) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      s.parts.store.ListKind(person.shard, person.id, RowKind::kRecord));
  for (const PersonalRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(LiveRecord * record,
                            persons.LoadRecord(person, RecordId(row.key.id)));
    const auto under = ended.find(record->delegation);
    if (under == ended.end()) continue;
    const Revision& current = record->revision;
    if (!under->second ||
        EffectiveState(current, batch.time()) != RecordState::kGranted) {
      batch.RepeatStop(current.record, current.number);
      continue;
    }
    LIMPID_RETURN_IF_ERROR(PauseGrant(s, person.delegations.at(under->first),
                                      person, *record, batch));
  }
  return absl::OkStatus();
}

// Who ends a delegation, and why.
struct Ending {
  Actor actor = Actor::kPerson;
  std::string reason;
};

// A person whose grants are reserved would otherwise end that and grant.
bool IsForStaffToEnd(const HeldDelegation& held, const Ending& ending,
                     absl::Time now) {
  return held.terms.grant_reserved && ending.actor == Actor::kPerson &&
         held.ended == absl::UnixEpoch() && now < held.terms.until;
}

// Whether it was not ended before.
bool EndOne(HeldDelegation& held, const Ending& ending, PersonState& person,
            Batch& batch) {
  if (held.ended != absl::UnixEpoch()) return false;
  held.ended = batch.time();
  held.ended_by = ending.actor;
  held.end_reason = ending.reason;
  Enter(held, receipt::AccessKind::kDelegationEnded, ending.actor, person,
        batch);
  batch.Replace(RowOf(held, person));
  return true;
}

// Ends the one that `id` names, or all of them.
absl::StatusOr<std::vector<HeldDelegation>> End(const Consent::State& s,
                                                const PersonId& owner,
                                                std::optional<DelegationId> id,
                                                const Ending& ending,
                                                Persons& persons,
                                                Batch& batch) {
  const auto loaded = persons.Load(owner);
  if (absl::IsNotFound(loaded.status())) return NoDelegation();
  LIMPID_RETURN_IF_ERROR(loaded.status());
  PersonState& person = **loaded;
  std::vector<HeldDelegation> out;
  Ended ended;
  for (auto& [known, held] : person.delegations) {
    if (id && known != *id) continue;
    const bool over = IsOver(held, batch.time());
    // Of all, those that were ended before are waited for and not returned.
    if (!id && over) {
      if (held.ended != absl::UnixEpoch()) ended.emplace(known, false);
      continue;
    }
    const bool stays = IsForStaffToEnd(held, ending, batch.time());
    if (id && stays) {
      return absl::FailedPreconditionError(
          "this delegation reserves grants to your representatives: ask the "
          "operator to end it");
    }
    if (!stays) {
      ended.emplace(known, EndOne(held, ending, person, batch));
    }
    out.push_back(held);
  }
  if (id && out.empty()) return NoDelegation();
  LIMPID_RETURN_IF_ERROR(StopGrants(s, person, ended, persons, batch));
  return out;
}

absl::StatusOr<std::vector<HeldDelegation>> RunEnd(
    Consent::State& s, const PersonId& person, std::optional<DelegationId> id,
    Actor actor, const std::string& reason) {
  return s.sequencer->Call<std::vector<HeldDelegation>>(
      [&](Persons& persons, Batch& batch) {
        return End(s, person, id, {actor, reason}, persons, batch);
      },
      nullptr, /*alone=*/true);
}

// One answer for an unknown person, an unknown record and a missing mandate.
absl::StatusOr<ChangedRecord> RunFor(Consent::State& s, const PersonId& person,
                                     const RecordId& record, const Act& act) {
  absl::StatusOr<ChangedRecord> out = RunAct(s, person, record, act);
  if (absl::IsNotFound(out.status())) {
    return absl::NotFoundError("no such record");
  }
  return out;
}

absl::StatusOr<HeldDelegation> RunMake(Consent::State& s,
                                       const PersonId& person,
                                       const HeldDelegation& held) {
  return s.sequencer->Call<HeldDelegation>(
      [&](Persons& persons, Batch& batch) {
        return Make(s, person, held, persons, batch);
      },
      nullptr, /*alone=*/true);
}

}  // namespace

absl::StatusOr<Delegations> Consent::State::ReadDelegations(
    const PersonId& person) {
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, KeyOf(person));
  LIMPID_ASSIGN_OR_RETURN(const auto rows,
                          parts.store.ListKind(blinder.ShardOf(person), person,
                                               RowKind::kDelegation));
  Delegations out;
  for (const PersonalRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenRow(*key, row));
    LIMPID_ASSIGN_OR_RETURN(HeldDelegation held,
                            HeldDelegation::Decode(opened));
    out.emplace(held.id, std::move(held));
  }
  return out;
}

absl::StatusOr<HeldDelegation> DelegationDesk::MakeDelegation(
    const PersonId& person, const receipt::SignedDelegation& delegation) {
  HeldDelegation held;
  held.canonical_json = delegation.canonical_json;
  held.signature = delegation.signature;
  LIMPID_ASSIGN_OR_RETURN(held.terms,
                          receipt::Delegation::Parse(held.canonical_json));
  held.id = DelegationIdOf(held.canonical_json);
  return RunMake(consent_.state(), person, held);
}

absl::StatusOr<HeldDelegation> DelegationDesk::RecordDelegation(
    const AdministratorKey& administrator, const std::string& canonical_json) {
  HeldDelegation held;
  held.made_by = Actor::kStaff;
  held.administrator = administrator;
  held.canonical_json = canonical_json;
  LIMPID_ASSIGN_OR_RETURN(held.terms,
                          receipt::Delegation::Parse(held.canonical_json));
  held.id = DelegationIdOf(held.canonical_json);
  const auto person = PersonId::Parse(held.terms.person);
  if (!person.ok()) return Wrong("person");
  return RunMake(consent_.state(), *person, held);
}

absl::StatusOr<std::vector<HeldDelegation>> DelegationDesk::ListDelegations(
    const PersonId& person) const {
  LIMPID_ASSIGN_OR_RETURN(const Delegations delegations,
                          consent_.state().ReadDelegations(person));
  std::vector<HeldDelegation> out;
  for (const auto& [id, held] : delegations) out.push_back(held);
  std::stable_sort(out.begin(), out.end(),
                   [](const HeldDelegation& left, const HeldDelegation& right) {
                     return left.created < right.created;
                   });
  return out;
}

absl::StatusOr<HeldDelegation> DelegationDesk::EndDelegation(
    const PersonId& person, const DelegationId& id) {
  LIMPID_ASSIGN_OR_RETURN(
      auto ended, RunEnd(consent_.state(), person, id, Actor::kPerson, ""));
  return std::move(ended.front());
}

absl::StatusOr<std::vector<HeldDelegation>> DelegationDesk::EndAllDelegations(
    const PersonId& person) {
  return RunEnd(consent_.state(), person, std::nullopt, Actor::kPerson, "");
}

absl::StatusOr<HeldDelegation> DelegationDesk::RevokeDelegation(
    const PersonId& person, const DelegationId& id, const std::string& reason) {
  if (reason.empty() || reason.size() > kMaxReasonBytes ||
      !base::IsUtf8(reason)) {
    return absl::InvalidArgumentError(
        "reason: is empty, too long or not UTF-8");
  }
  LIMPID_ASSIGN_OR_RETURN(
      auto ended, RunEnd(consent_.state(), person, id, Actor::kStaff, reason));
  return std::move(ended.front());
}

absl::StatusOr<ChangedRecord> DelegationDesk::GrantFor(
    const PersonId& representative, const PersonId& person,
    const RecordId& record, const receipt::SignedStatement& statement) {
  Act act;
  act.event = RecordEvent::kGrant;
  act.actor = Actor::kRepresentative;
  act.representative = representative;
  act.statement = &statement;
  return RunFor(consent_.state(), person, record, act);
}

absl::StatusOr<ChangedRecord> DelegationDesk::RefuseFor(
    const PersonId& representative, const PersonId& person,
    const RecordId& record, absl::Time ask_not_before) {
  Act act;
  act.event = RecordEvent::kRefuse;
  act.actor = Actor::kRepresentative;
  act.representative = representative;
  act.ask_not_before = ask_not_before;
  return RunFor(consent_.state(), person, record, act);
}

absl::StatusOr<ChangedRecord> DelegationDesk::WithdrawFor(
    const PersonId& representative, const PersonId& person,
    const RecordId& record) {
  Act act;
  act.event = RecordEvent::kWithdraw;
  act.actor = Actor::kRepresentative;
  act.representative = representative;
  return RunFor(consent_.state(), person, record, act);
}

}  // namespace limpid::consent
