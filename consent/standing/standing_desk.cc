#include "consent/standing/standing_desk.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/receipt/statement.h"
#include "consent/consent_state.h"
#include "consent/standing/granting.h"

namespace limpid::consent {
namespace {

// Ended ones included: all of them stay readable.
constexpr std::size_t kMaxPermissions = 256;
// Of the rows of all of a person's, when she signs one more: those that are not
// ended are opened while everybody's requests wait.
constexpr std::size_t kMaxRowBytes = std::size_t{1} << 20U;
// As in an agreement: a longer one covers none.
constexpr std::size_t kMaxParameterBytes = 1'024;

absl::Status NoPermission() {
  return absl::NotFoundError("no such standing permission");
}

absl::Status Wrong(std::string_view member) {
  return absl::InvalidArgumentError(absl::StrCat(
      "permission.", base::ToAbsl(member), ": is not possible here"));
}

absl::Status CheckScope(const Consent::State& s,
                        const receipt::StandingPermission& terms) {
  for (const std::string& name : terms.members) {
    const auto service = ServiceId::Parse(name);
    if (!service.ok() || s.catalogue.FindService(*service) == nullptr) {
      return Wrong("members");
    }
  }
  for (const std::string& name : terms.purposes) {
    if (!s.parts.purposes.Knows(name)) return Wrong("purposes");
  }
  for (const std::string& name : terms.recipients) {
    if (name.size() > kMaxNameBytes) return Wrong("recipients");
  }
  for (const receipt::PermitLine& line : terms.lines) {
    if (!IsAttributeName(line.attribute) ||
        line.derivation.size() > kMaxNameBytes ||
        line.parameters.size() > kMaxParameterBytes) {
      return Wrong("lines");
    }
    if (s.parts.ranks != nullptr && s.parts.ranks->IsOrdinary(line.attribute)) {
      continue;
    }
    return absl::InvalidArgumentError(
        "permission.lines: names an attribute that is unknown or of a special "
        "category: such data are asked for each time");
  }
  return absl::OkStatus();
}

absl::Status CheckTerms(const Consent::State& s,
                        const receipt::StandingPermission& terms,
                        const PersonId& person, absl::Time now) {
  if (terms.operator_name != s.options.operator_name) return Wrong("operator");
  if (terms.person != person.Text()) return Wrong("person");
  const absl::Duration age = now - terms.time;
  if (age > receipt::kStatementSkew || age < -receipt::kStatementSkew) {
    return Wrong("time");
  }
  if (terms.until <= now) return Wrong("until");
  // A year from the signature: not one that begins in ten.
  if (terms.until - terms.time > receipt::kMaxStandingTime) {
    return Wrong("until");
  }
  return CheckScope(s, terms);
}

PersonalRow RowOf(const HeldStanding& held, const PersonState& person) {
  PersonalRow row;
  row.key = StandingRowKey(person.shard, person.id, held.id);
  row.state = held.ended == absl::UnixEpoch() ? 0 : kStandingEnded;
  row.created_ms = absl::ToUnixMillis(held.created);
  row.payload = SealRow(*person.key, row.key, held.Encode());
  return row;
}

void Enter(const HeldStanding& held, receipt::AccessKind kind,
           PersonState& person, Batch& batch) {
  receipt::AccessEntry entry;
  entry.kind = kind;
  entry.actor = receipt::Actor::kPerson;
  entry.record = held.id.bytes();
  batch.Append(person, std::move(entry));
}

// The person's permission of that id; none where she has none.
absl::StatusOr<std::optional<HeldStanding>> FindStanding(
    const Consent::State& s, const PersonState& person, const StandingId& id) {
  LIMPID_ASSIGN_OR_RETURN(const auto row, s.parts.store.Get(StandingRowKey(
                                              person.shard, person.id, id)));
  if (!row) return std::optional<HeldStanding>();
  LIMPID_ASSIGN_OR_RETURN(HeldStanding held, OpenStanding(person.key, *row));
  return std::optional<HeldStanding>(std::move(held));
}

// Opens nothing: rows are counted as they are stored.
absl::Status CheckRoom(const Consent::State& s, const PersonState& person,
                       const PersonalRow& made) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows,
      s.parts.store.ListKind(person.shard, person.id, RowKind::kStanding));
  if (rows.size() >= kMaxPermissions) {
    return absl::ResourceExhaustedError(
        "the person has 256 standing permissions");
  }
  std::size_t bytes = made.payload.size();
  for (const PersonalRow& row : rows) bytes += row.payload.size();
  if (bytes > kMaxRowBytes) {
    return absl::ResourceExhaustedError(
        "the person's standing permissions have 1 MiB; no more are kept");
  }
  return absl::OkStatus();
}

absl::StatusOr<HeldStanding> RunMake(const Consent::State& s,
                                     const PersonId& owner, HeldStanding held,
                                     Persons& persons, Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(PersonState * person, persons.Load(owner));
  // Before anything that costs more. Also one that was ended: a replay brings
  // nothing back.
  LIMPID_ASSIGN_OR_RETURN(std::optional<HeldStanding> known,
                          FindStanding(s, *person, held.id));
  if (known) return *std::move(known);
  if (person->account.keys.empty() ||
      !receipt::StandingIsSigned({held.canonical_json, held.signature},
                                 person->account.keys.front())) {
    return absl::InvalidArgumentError(
        "signature: is not the account's key over this permission");
  }
  LIMPID_RETURN_IF_ERROR(CheckTerms(s, held.terms, owner, batch.time()));
  held.created = batch.time();
  PersonalRow row = RowOf(held, *person);
  LIMPID_RETURN_IF_ERROR(CheckRoom(s, *person, row));
  batch.Insert(std::move(row));
  Enter(held, receipt::AccessKind::kStandingMade, *person, batch);
  return held;
}

absl::StatusOr<HeldStanding> RunEnd(const Consent::State& s,
                                    const PersonId& owner, const StandingId& id,
                                    Persons& persons, Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(PersonState * person, persons.Load(owner));
  LIMPID_ASSIGN_OR_RETURN(std::optional<HeldStanding> known,
                          FindStanding(s, *person, id));
  if (!known) return NoPermission();
  HeldStanding held = *std::move(known);
  if (held.ended != absl::UnixEpoch()) return held;
  held.ended = batch.time();
  batch.Replace(RowOf(held, *person));
  Enter(held, receipt::AccessKind::kStandingEnded, *person, batch);
  return held;
}

// Each with what was granted under it, out of one look at all of her records.
absl::StatusOr<std::vector<StandingView>> ViewsOf(
    const Consent& consent, const PersonId& person,
    std::vector<HeldStanding> permissions) {
  const absl::Time now = consent.state().parts.clock.Now();
  std::vector<StandingView> out;
  std::map<StandingId, std::size_t> at;
  for (HeldStanding& held : permissions) {
    at.emplace(held.id, out.size());
    StandingView& view = out.emplace_back();
    view.live = held.ended == absl::UnixEpoch() && now >= held.terms.from &&
                now < held.terms.until;
    view.permission = std::move(held);
  }
  LIMPID_ASSIGN_OR_RETURN(
      RecordPage all,
      consent.ListRecords(person, /*open_only=*/false, std::nullopt,
                          /*limit=*/SIZE_MAX));
  for (RecordView& record : all.records) {
    const auto found = at.find(record.standing);
    if (found == at.end()) continue;
    out[found->second].records.push_back(std::move(record));
  }
  return out;
}

}  // namespace

absl::StatusOr<StandingView> StandingDesk::Make(
    const PersonId& person, const receipt::SignedStanding& permission) {
  HeldStanding held;
  held.canonical_json = permission.canonical_json;
  held.signature = permission.signature;
  LIMPID_ASSIGN_OR_RETURN(
      held.terms, receipt::StandingPermission::Parse(held.canonical_json));
  held.id = StandingIdOf(held.canonical_json);
  Consent::State& s = consent_.state();
  LIMPID_ASSIGN_OR_RETURN(const HeldStanding made,
                          s.sequencer->Call<HeldStanding>(
                              [&](Persons& persons, Batch& batch) {
                                return RunMake(s, person, held, persons, batch);
                              },
                              nullptr, /*alone=*/true));
  return View(person, made);
}

absl::StatusOr<std::vector<StandingView>> StandingDesk::List(
    const PersonId& person) const {
  Consent::State& s = consent_.state();
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, s.KeyOf(person));
  LIMPID_ASSIGN_OR_RETURN(
      const auto rows, s.parts.store.ListKind(s.blinder.ShardOf(person), person,
                                              RowKind::kStanding));
  std::vector<HeldStanding> all;
  for (const PersonalRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(HeldStanding held, OpenStanding(key, row));
    all.push_back(std::move(held));
  }
  return ViewsOf(consent_, person, std::move(all));
}

absl::StatusOr<StandingView> StandingDesk::End(const PersonId& person,
                                               const StandingId& id,
                                               bool withdraw_records) {
  Consent::State& s = consent_.state();
  LIMPID_ASSIGN_OR_RETURN(const HeldStanding ended,
                          s.sequencer->Call<HeldStanding>(
                              [&](Persons& persons, Batch& batch) {
                                return RunEnd(s, person, id, persons, batch);
                              },
                              nullptr, /*alone=*/true));
  LIMPID_ASSIGN_OR_RETURN(const StandingView view, View(person, ended));
  if (!withdraw_records) return view;
  for (const RecordView& record : view.records) {
    if (!IsInForce(record.state)) continue;
    LIMPID_RETURN_IF_ERROR(
        consent_.Withdraw(person, record.revision.record).status());
  }
  return View(person, ended);
}

absl::StatusOr<StandingView> StandingDesk::View(
    const PersonId& person, const HeldStanding& held) const {
  LIMPID_ASSIGN_OR_RETURN(std::vector<StandingView> views,
                          ViewsOf(consent_, person, {held}));
  return std::move(views.front());
}

}  // namespace limpid::consent
