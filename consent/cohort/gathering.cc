// Goes through a service's stream of events, a page a commit, and admits whose
// records allow what the cohort is about.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/detached.h"
#include "common/base/status_macros.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/cohort_permit.h"
#include "common/receipt/permit.h"
#include "consent/cohort/cohort_desk.h"
#include "consent/cohort/cohort_rows.h"
#include "consent/consent_state.h"
#include "consent/ledger/deciding.h"
#include "consent/notice/noting.h"

namespace limpid::consent {
namespace {

// What can be passed over, because trying again would not help.
bool IsBeyondHelp(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsDataLoss(status);
}

bool Allows(const Ruling& ruling) {
  const receipt::AccessLine& line = ruling.lines.front();
  // Consent to another form is none to being counted, and the reverse.
  return line.reason == receipt::Reason::kReleased && ruling.holder &&
         line.form == static_cast<std::uint8_t>(receipt::Form::kAggregate);
}

// When the record, or the power it was granted under, ends by the clock.
absl::Time EndOf(const LiveRecord& record, const PersonState& person) {
  absl::Time out = record.revision.until;
  const auto power = person.delegations.find(record.delegation);
  if (power != person.delegations.end()) {
    out = std::min(out, power->second.terms.until);
  }
  return out;
}

// The record as it stood before the use that counted it: the limits let that
// use pass then, and it is not made again. A record that the stop ledger ended
// in an older store knows of fewer uses, and stays ended.
LiveRecord BeforeItsUse(LiveRecord record, const Agreement& agreement) {
  if (record.revision.state == RecordState::kExhausted &&
      record.use_count >= agreement.content.use_count_max) {
    record.revision.state = RecordState::kGranted;
  }
  if (record.use_count > 0) --record.use_count;
  if (record.period_uses.count > 0) --record.period_uses.count;
  return record;
}

VersionSample SampleOf(const PersonState& person, const LiveRecord& record) {
  VersionSample out;
  out.person.id = person.id;
  out.person.account.links = person.account.links;
  out.record = record;
  out.record.revision.until = absl::InfiniteFuture();
  out.record.delegation = DelegationId();
  return out;
}

receipt::AccessEntry EntryOf(const LiveRecord& record,
                             const Agreement& agreement, const CohortKey& key,
                             std::vector<receipt::AccessLine> lines) {
  receipt::AccessEntry out;
  out.kind = receipt::AccessKind::kCounted;
  out.actor = receipt::Actor::kService;
  out.service = record.revision.service.bytes();
  out.record = record.revision.record.bytes();
  out.revision = record.revision.number;
  out.basis = agreement.content.basis;
  out.purpose = key.purpose;
  out.lines = std::move(lines);
  return out;
}

// What one page found; the cohort has it after the commit.
struct Page {
  std::uint64_t position = 0;
  std::uint64_t end = 0;
  std::uint32_t permit_count = 0;
  std::size_t event_count = 0;
  bool last = false;
  std::unordered_map<RecordId, Contributor> contributors;
  std::unordered_set<PersonId> persons;
  std::map<std::uint32_t, VersionSample> samples;
};

class PageTask final : public Task {
 public:
  PageTask(Consent::State& s, CohortPointer cohort)
      : s_(s), cohort_(std::move(cohort)), read_(ReadOf(cohort_->key)) {}

  absl::Status Prepare(Persons& persons, Batch& batch) override {
    if (s_.gathering_stopped) {
      return absl::UnavailableError("the server is stopping");
    }
    if (batch.clock_jumped()) {
      return absl::UnavailableError("the clock has jumped");
    }
    if (receipt::CohortEpochAt(batch.time()) != cohort_->epoch) {
      return absl::FailedPreconditionError("epoch: is over; ask in the new");
    }
    service_ = s_.catalogue.FindService(cohort_->service);
    if (service_ == nullptr) return absl::NotFoundError("no such service");
    LIMPID_RETURN_IF_ERROR(Begin(batch));
    LIMPID_ASSIGN_OR_RETURN(
        const auto events,
        s_.parts.store.Events(StreamOf(s_.blinder, cohort_->service),
                              page_.position, kCohortPage));
    for (const EventRow& event : events) {
      if (event.position > page_.end) break;
      const absl::Status visited = Visit(persons, event.record, batch);
      if (!visited.ok() && !IsBeyondHelp(visited)) {
        // What was admitted before stays, and is behind the position.
        return page_.event_count == 0 ? visited : absl::OkStatus();
      }
      page_.position = event.position;
      ++page_.event_count;
    }
    page_.last =
        events.size() < kCohortPage || events.back().position >= page_.end;
    return absl::OkStatus();
  }

  void Finish(const absl::Status& status,
              const BatchProofs& /*proofs*/) override {
    if (!status.ok()) return Fail(status);
    Cohort& cohort = *cohort_;
    cohort.position = page_.position;
    cohort.end = page_.end;
    cohort.permit_count = page_.permit_count;
    cohort.event_count += page_.event_count;
    cohort.contributors.merge(page_.contributors);
    cohort.persons.merge(page_.persons);
    cohort.samples.merge(page_.samples);
    if (cohort.contributors.size() > s_.options.cohort_person_max ||
        (cohort.event_count >= kMaxCohortEvents && !page_.last)) {
      return Refuse();
    }
    if (page_.last && cohort.entering) return Close();
    if (page_.last) BeginEntering();
    Gather(s_, cohort_);
  }

 private:
  void BeginEntering() {
    Cohort& cohort = *cohort_;
    cohort.entering = true;
    cohort.position = 0;
    cohort.event_count = 0;
    cohort.contributors.clear();
    cohort.persons.clear();
    cohort.samples.clear();
  }

  void Close() {
    Cohort& cohort = *cohort_;
    cohort.whole = true;
    for (CohortAsk& ask : std::exchange(cohort.waiting, {})) {
      CloseCohort(s_, std::move(ask));
    }
  }

  // The end is fixed at the beginning: what the service's stream gets meanwhile
  // is for the next epoch, and the walk cannot be led on for ever. Of the
  // batch, not of the store, whose tables may be busy with a take-over.
  absl::Status Begin(Batch& batch) {
    page_.position = cohort_->position;
    page_.end = cohort_->end;
    page_.permit_count = cohort_->permit_count;
    if (cohort_->entering || cohort_->event_count != 0) {
      return absl::OkStatus();
    }
    page_.end = batch.commit().head.event;
    LIMPID_ASSIGN_OR_RETURN(page_.permit_count,
                            PermitsIn(s_.parts.store, s_.blinder, s_.row_key,
                                      cohort_->key, cohort_->epoch));
    return absl::OkStatus();
  }

  absl::Status Visit(Persons& persons, const RecordId& id, Batch& batch) {
    LIMPID_ASSIGN_OR_RETURN(const Persons::Subject subject,
                            persons.LoadSubject(id));
    const PersonState& person = *subject.person;
    const LiveRecord& record = *subject.record;
    if (record.revision.agreement != cohort_->key.agreement ||
        cohort_->persons.contains(person.id) ||
        page_.persons.contains(person.id)) {
      return absl::OkStatus();
    }
    const AgreementPointer agreement = s_.catalogue.FindAgreement(
        record.revision.agreement, record.revision.agreement_version);
    if (agreement == nullptr) return absl::DataLossError("no such agreement");
    LIMPID_ASSIGN_OR_RETURN(const auto counted, CountedToday(person));
    // Under one record in an epoch: another would be a use that nobody counts.
    if (counted && counted->record != id) return absl::OkStatus();
    const LiveRecord decided =
        counted ? BeforeItsUse(record, *agreement) : record;
    const Ruling ruling =
        RuleOn(*s_.authorise, cohort_->key.source, *service_,
               {&person, &decided, agreement.get(), service_.get()}, read_,
               batch.time());
    if (!Allows(ruling)) return absl::OkStatus();
    const Contributor found = {*ruling.holder, record.revision.number,
                               agreement->version, EndOf(record, person)};
    VersionSample sample = SampleOf(person, decided);
    if (cohort_->entering && !counted) {
      LIMPID_RETURN_IF_ERROR(
          Enter(persons, subject, *agreement, ruling.lines, batch));
    }
    page_.contributors.emplace(id, found);
    page_.persons.insert(person.id);
    page_.samples.emplace(agreement->version, std::move(sample));
    return absl::OkStatus();
  }

  // What she was entered as in this epoch; none when she was not.
  absl::StatusOr<std::optional<CountedRow>> CountedToday(
      const PersonState& person) const {
    LIMPID_ASSIGN_OR_RETURN(
        std::optional<CountedRow> counted,
        LastCounted(s_.parts.store, person,
                    CountedRowKey(s_.blinder, person, cohort_->key)));
    if (counted && counted->epoch != cohort_->epoch) counted.reset();
    return counted;
  }

  // Once in an epoch, however often the cohort is gathered. Under another basis
  // than consent or contract she is told in the same commit, as of a read.
  absl::Status Enter(Persons& persons, const Persons::Subject& subject,
                     const Agreement& agreement,
                     const std::vector<receipt::AccessLine>& lines,
                     Batch& batch) {
    PersonState& person = *subject.person;
    LiveRecord& record = *subject.record;
    const std::string& purpose = cohort_->key.purpose;
    LIMPID_ASSIGN_OR_RETURN(BasisNotice* const notice,
                            NoticeFor(persons, person, record, agreement));
    const AppendedEntry entry =
        batch.Append(person, EntryOf(record, agreement, cohort_->key, lines));
    batch.Replace(RowOf(
        CountedRowKey(s_.blinder, person, cohort_->key), *person.key,
        batch.time(),
        CountedRow{cohort_->epoch, record.revision.record, entry.access}));
    if (notice != nullptr &&
        NoteAccess(batch, person, record, agreement,
                   {entry.access, batch.time(), purpose, lines}, *notice)) {
      batch.AfterCommit([&noticed = s_.authorise->noticed, whose = person.id,
                         id = notice->id] {
        if (noticed) noticed(whose, id);
      });
    }
    return CountUse(batch, person, record, agreement, purpose);
  }

  void Fail(const absl::Status& status) {
    s_.cohorts.Drop(cohort_);
    for (CohortAsk& ask : std::exchange(cohort_->waiting, {})) {
      Reply(s_, std::move(ask.callback), base::Detached(status));
    }
  }

  void Refuse() {
    cohort_->refused = absl::ResourceExhaustedError(
        "too many for one statistic; use agreements of smaller groups");
    cohort_->contributors.clear();
    cohort_->persons.clear();
    for (CohortAsk& ask : std::exchange(cohort_->waiting, {})) {
      Reply(s_, std::move(ask.callback), base::Detached(cohort_->refused));
    }
  }

  Consent::State& s_;
  const CohortPointer cohort_;
  const ReadRequest read_;
  ServicePointer service_;
  Page page_;
};

}  // namespace

void Gather(Consent::State& s, const CohortPointer& cohort) {
  s.sequencer->Submit(std::make_unique<PageTask>(s, cohort));
}

}  // namespace limpid::consent
