// What a representative sees: the delegations that name her, and the records
// and accesses within their scope. Reads the store on the caller's thread and
// changes nothing.

#include "consent/delegation/mandates.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "consent/consent_state.h"
#include "consent/delegation/delegation_desk.h"

namespace limpid::consent {
namespace {

// Separates these blinded values from others.
constexpr std::uint8_t kMandateIndexBlind = 68;
// Rows of one look at the store.
constexpr std::size_t kScanPage = 256;
constexpr std::size_t kMostAccesses = 200;

// What somebody without a mandate is told, whether or not the person exists.
absl::Status Nobody() { return absl::NotFoundError("no such person"); }
absl::Status NoRecord() { return absl::NotFoundError("no such record"); }

// The delegation that an index row points to; nothing when the represented
// person is gone.
absl::StatusOr<std::optional<HeldDelegation>> Follow(Consent::State& s,
                                                     const EventRow& row) {
  const auto key = s.person_keys.Get(row.person);
  if (absl::IsNotFound(key.status())) return std::optional<HeldDelegation>();
  LIMPID_RETURN_IF_ERROR(key.status());
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened,
                          OpenStreamEvent(**key, row));
  LIMPID_ASSIGN_OR_RETURN(const RowId id, base::ToArray<16>(opened));
  LIMPID_ASSIGN_OR_RETURN(const auto found,
                          s.parts.store.Get(DelegationRowKey(
                              row.shard, row.person, DelegationId(id))));
  if (!found) return std::optional<HeldDelegation>();
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes plain, OpenRow(**key, *found));
  LIMPID_ASSIGN_OR_RETURN(HeldDelegation held, HeldDelegation::Decode(plain));
  return std::optional<HeldDelegation>(std::move(held));
}

// Whether all that the record asks for is in the scope: it is shown as a whole.
bool HasAllLines(const receipt::Delegation& terms, const RecordView& record) {
  if (terms.attributes.empty()) return true;
  const auto& asked = record.asked_lines;
  const auto& lines = record.agreement->content.lines;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool wanted = asked.empty() ||
                        std::find(asked.begin(), asked.end(), i) != asked.end();
    const bool in_scope =
        std::find(terms.attributes.begin(), terms.attributes.end(),
                  lines[i].attribute) != terms.attributes.end();
    if (wanted && !in_scope) return false;
  }
  return true;
}

// Whether the representative may see the record with `power`.
bool MayRead(const Consent::State& s, const Delegations& delegations,
             const PersonId& representative, receipt::Power power,
             const RecordView& record) {
  const absl::Time now = s.parts.clock.Now();
  const std::string name = representative.Text();
  return std::any_of(delegations.begin(), delegations.end(),
                     [&](const auto& entry) {
                       const HeldDelegation& held = entry.second;
                       return IsLive(held, now) && held.terms.Names(name) &&
                              held.terms.Has(power) &&
                              Reaches(held.terms, record.agreement->service,
                                      *record.agreement, s.parts.purposes) &&
                              HasAllLines(held.terms, record);
                     });
}

// Her record, when `power` of a live delegation reaches all of it.
absl::StatusOr<RecordView> RecordWith(const Consent& consent,
                                      const PersonId& representative,
                                      const PersonId& person,
                                      const RecordId& record,
                                      receipt::Power power) {
  Consent::State& s = consent.state();
  const auto delegations = s.ReadDelegations(person);
  auto view = consent.GetRecord(person, record);
  if (absl::IsNotFound(delegations.status()) ||
      absl::IsNotFound(view.status())) {
    return NoRecord();
  }
  LIMPID_RETURN_IF_ERROR(delegations.status());
  LIMPID_RETURN_IF_ERROR(view.status());
  if (!MayRead(s, *delegations, representative, power, *view)) {
    return NoRecord();
  }
  return view;
}

}  // namespace

RowId MandateIndexOf(const Blinder& blinder, const PersonId& representative) {
  return blinder.Blind(kMandateIndexBlind, {representative.bytes()});
}

void AddToIndexes(Batch& batch, const PersonState& person,
                  const HeldDelegation& held) {
  for (const std::string& name : held.terms.representatives) {
    // The terms were checked: every name is a person id.
    const auto representative = PersonId::Parse(name);
    if (!representative.ok()) continue;
    EventRow row;
    row.service = MandateIndexOf(batch.blinder(), *representative);
    row.position = ++batch.commit().head.event;
    row.shard = person.shard;
    row.person = person.id;
    row.created_ms = absl::ToUnixMillis(batch.time());
    row.payload = SealStreamEvent(*person.key, row, held.id.bytes());
    batch.commit().events.push_back(std::move(row));
  }
}

bool DelegationDesk::GivesPower(const HeldDelegation& held) const {
  return IsLive(held, consent_.state().parts.clock.Now());
}

bool DelegationDesk::IsOverNow(const HeldDelegation& held) const {
  return IsOver(held, consent_.state().parts.clock.Now());
}

absl::StatusOr<MandatePage> DelegationDesk::ListMandates(
    const PersonId& representative, std::uint64_t after, std::size_t limit,
    bool current_only) const {
  Consent::State& s = consent_.state();
  const RowId index = MandateIndexOf(s.blinder, representative);
  MandatePage out;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(const std::vector<EventRow> rows,
                            s.parts.store.Events(index, after, kScanPage));
    for (const EventRow& row : rows) {
      LIMPID_ASSIGN_OR_RETURN(std::optional<HeldDelegation> held,
                              Follow(s, row));
      if (held && current_only && IsOverNow(*held)) held.reset();
      if (held && out.mandates.size() == limit) {
        out.next_after = after;
        return out;
      }
      after = row.position;
      if (held) out.mandates.push_back(*std::move(held));
    }
    if (rows.size() < kScanPage) return out;
  }
}

absl::StatusOr<std::vector<RecordView>> DelegationDesk::ListRecordsFor(
    const PersonId& representative, const PersonId& person,
    bool open_only) const {
  const auto delegations = consent_.state().ReadDelegations(person);
  if (absl::IsNotFound(delegations.status())) return Nobody();
  LIMPID_RETURN_IF_ERROR(delegations.status());
  const absl::Time now = consent_.state().parts.clock.Now();
  const std::string name = representative.Text();
  const bool any = std::any_of(
      delegations->begin(), delegations->end(), [&](const auto& entry) {
        return IsLive(entry.second, now) && entry.second.terms.Names(name) &&
               entry.second.terms.Has(receipt::Power::kReadRecords);
      });
  if (!any) return Nobody();
  LIMPID_ASSIGN_OR_RETURN(RecordPage all,
                          consent_.ListRecords(person, open_only, std::nullopt,
                                               /*limit=*/SIZE_MAX));
  std::vector<RecordView> out;
  for (RecordView& view : all.records) {
    if (MayRead(consent_.state(), *delegations, representative,
                receipt::Power::kReadRecords, view)) {
      out.push_back(std::move(view));
    }
  }
  return out;
}

absl::StatusOr<RecordView> DelegationDesk::GetRecordFor(
    const PersonId& representative, const PersonId& person,
    const RecordId& record) const {
  return RecordWith(consent_, representative, person, record,
                    receipt::Power::kReadRecords);
}

absl::StatusOr<std::vector<AccessView>> DelegationDesk::ListAccessesFor(
    const PersonId& representative, const PersonId& person,
    const RecordId& record) const {
  LIMPID_RETURN_IF_ERROR(RecordWith(consent_, representative, person, record,
                                    receipt::Power::kReadLog)
                             .status());
  AccessFilter filter;
  filter.record = record;
  std::vector<AccessView> out;
  std::uint64_t below = 0;
  do {
    LIMPID_ASSIGN_OR_RETURN(AccessPage page,
                            consent_.ListAccesses(person, filter, below,
                                                  kMostAccesses - out.size()));
    std::move(page.entries.begin(), page.entries.end(),
              std::back_inserter(out));
    below = page.next_below;
  } while (below != 0 && out.size() < kMostAccesses);
  return out;
}

}  // namespace limpid::consent
