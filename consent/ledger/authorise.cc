#include "consent/ledger/authorise.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/day.h"
#include "common/base/detached.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/promise.h"
#include "consent/duty/opening.h"
#include "consent/embargo/allowing.h"
#include "consent/embargo/entering.h"
#include "consent/ledger/deciding.h"
#include "consent/log/denials.h"
#include "consent/notice/noting.h"
#include "consent/training/training_noting.h"

namespace limpid::consent {
namespace {

using receipt::AccessLine;
using receipt::Reason;

bool AnyReleased(const std::vector<AccessLine>& lines) {
  return std::any_of(lines.begin(), lines.end(), [](const AccessLine& line) {
    return line.reason == Reason::kReleased;
  });
}

absl::Status UnknownService() {
  return absl::PermissionDeniedError(
      "the certificate belongs to no registered service");
}

class AuthoriseTask final : public Task {
 public:
  AuthoriseTask(const AuthoriseParts& parts, ServicePointer service,
                AuthoriseRequest request, AuthoriseCallback callback)
      : parts_(parts),
        service_(std::move(service)),
        request_(std::move(request)),
        callback_(std::move(callback)) {
    // On the caller's thread, as what follows: there are many of them.
    ahead_ = parts_.sequencer.ReadAhead(request_.record);
    // Whatever is known of the record: the register is read from a store, and
    // the time it takes tells of nobody.
    if (!request_.read.training) return;
    may_train_ = parts_.systems.MayTrain(request_.read.training->system,
                                         request_.read.training->snapshot);
  }

  [[nodiscard]] bool gives_way() const override { return true; }

  absl::Status Prepare(Persons& persons, Batch& batch) override {
    if (batch.clock_jumped()) {
      return absl::UnavailableError(
          "the clock has jumped; nothing is released until it is right");
    }
    // The key may have been taken from the service while this waited.
    service_ = parts_.catalogue.FindServiceByKey(request_.caller_key);
    if (service_ == nullptr) return UnknownService();
    LIMPID_RETURN_IF_ERROR(FindSubject(persons));
    if (person_ == nullptr) return absl::InternalError("nobody is missing");
    // Its tree is being made: what the register said before counts no more.
    may_train_ = may_train_ &&
                 parts_.training.TakesReads(request_.read.training->snapshot);
    Decide(batch.time());
    if (!AnyReleased(lines_)) return Refuse(persons, batch);
    const std::uint16_t days = EmbargoDaysOf(*agreement_, *recipient_);
    if (days != 0) return EnterUnderEmbargo(batch, days);
    LIMPID_ASSIGN_OR_RETURN(
        BasisNotice* const notice,
        NoticeFor(persons, *person_, *record_, *agreement_));
    const AppendedEntry entry = batch.Append(*person_, EntryOf());
    Promise(batch, entry.access, entry.commitment, batch.time());
    permitted_ = {person_->id, request_.record, entry.sequence, batch.time()};
    AddPermit(batch);
    NoteTraining(batch, entry);
    NoteRelease(batch, *person_, *record_, *agreement_);
    if (notice != nullptr) Tell(batch, *notice);
    // In the same commit as the permit: a one-time grant cannot be spent twice.
    return CountUse(batch, *person_, *record_, *agreement_,
                    request_.read.purpose);
  }

  void Finish(const absl::Status& status, const BatchProofs& proofs) override {
    absl::StatusOr<Authorisation> answer =
        status.ok() ? absl::StatusOr<Authorisation>(Answer(proofs))
                    : base::Detached(status);
    parts_.executor([callback = std::move(callback_),
                     answer = std::move(answer)]() mutable {
      callback(std::move(answer));
    });
  }

 private:
  // Loads person and record; nobody and none when there is no such record, so
  // that the rest costs the same.
  absl::Status FindSubject(Persons& persons) {
    const auto subject =
        ahead_ ? persons.LoadSubject(*std::exchange(ahead_, std::nullopt))
               : persons.LoadSubject(request_.record);
    // No such record, or erased: her key is gone.
    if (absl::IsNotFound(subject.status())) {
      LIMPID_ASSIGN_OR_RETURN(person_, persons.Load(parts_.nobody));
      return absl::OkStatus();
    }
    LIMPID_RETURN_IF_ERROR(subject.status());
    person_ = subject->person;
    record_ = subject->record;
    const Revision& revision = record_->revision;
    agreement_ = parts_.catalogue.FindAgreement(revision.agreement,
                                                revision.agreement_version);
    recipient_ = parts_.catalogue.FindService(revision.service);
    if (agreement_ == nullptr || recipient_ == nullptr) {
      return absl::DataLossError("a record's agreement is missing");
    }
    const auto days = DaysOf(agreement_->content.data_range);
    // Checked when it was published: nothing leaves under one that is not days.
    if (!days.ok()) return absl::DataLossError("an agreement is damaged");
    days_ = *days;
    return absl::OkStatus();
  }

  void Decide(absl::Time now) {
    Ruling ruling = RuleOn(parts_, request_.source, *service_,
                           {record_ == nullptr ? nullptr : person_, record_,
                            agreement_.get(), recipient_.get(), may_train_},
                           request_.read, now);
    lines_ = std::move(ruling.lines);
    holder_ = ruling.holder;
    not_after_ = ruling.not_after;
  }

  [[nodiscard]] receipt::AccessEntry EntryOf() const {
    receipt::AccessEntry entry;
    entry.kind = receipt::AccessKind::kReleaseDecided;
    entry.actor = receipt::Actor::kService;
    entry.service = service_->id.bytes();
    entry.record = request_.record.bytes();
    if (record_ != nullptr) {
      entry.revision = record_->revision.number;
      entry.basis = agreement_->content.basis;
    }
    entry.purpose = request_.read.purpose;
    if (request_.read.training) {
      entry.system = request_.read.training->system.bytes();
      entry.snapshot = request_.read.training->snapshot.bytes();
    }
    entry.lines = lines_;
    return entry;
  }

  // Everything that would tell the person waits for the date: notice, duty and
  // her log. Uses are not counted: CheckEmbargo.
  absl::Status EnterUnderEmbargo(Batch& batch, std::uint16_t days) {
    LIMPID_ASSIGN_OR_RETURN(
        const AppendedEntry entry,
        AppendUnderEmbargo(batch, *person_, EntryOf(), days));
    Promise(batch, entry.access, entry.commitment, batch.time());
    permitted_ = {person_->id, request_.record, entry.sequence, batch.time(),
                  days};
    AddPermit(batch);
    return absl::OkStatus();
  }

  // Under embargo it would tell her.
  void NoteTraining(Batch& batch, const AppendedEntry& entry) {
    if (!request_.read.training) return;
    TrainingRead read;
    read.use = {request_.read.training->snapshot,
                request_.read.training->system, service_->id, request_.record,
                PseudonymFor()};
    read.commitment = entry.commitment;
    read.time = batch.time();
    NoteTrainingRead(batch, *person_, read, entry.sequence, parts_.training,
                     parts_.row_key);
  }

  // The first refusal of a minute is an entry, the others are counted.
  absl::Status Refuse(Persons& persons, Batch& batch) {
    LIMPID_ASSIGN_OR_RETURN(
        DenialTally * tally,
        persons.LoadTally(*person_, TallyIdOf(batch.blinder(), service_->id,
                                              request_.record)));
    if (tally->CountsAt(batch.time())) {
      CountDenial(batch, *person_, *tally, EntryOf());
    } else {
      CloseTally(batch, *person_, *tally);
      tally->service = service_->id;
      tally->record = request_.record;
      BeginTally(batch, *person_, *tally, batch.Append(*person_, EntryOf()));
    }
    Promise(batch, tally->access, tally->commitment, tally->begin);
    return absl::OkStatus();
  }

  void Promise(Batch& batch, const AccessId& access,
               const base::Digest32& commitment, absl::Time entered) {
    access_ = access;
    receipt::AccessPromise promise;
    promise.operator_name = parts_.operator_name;
    promise.access = access.bytes();
    promise.commitment = commitment;
    promise.log_by = entered + parts_.log_promise;
    promise_ = promise.Encode();
    promise_index_ = batch.AddReceipt(promise_);
  }

  void AddPermit(Batch& batch) {
    receipt::Permit permit;
    permit.source = request_.source.bytes();
    permit.service_key = request_.caller_key;
    permit.holder = holder_->bytes();
    permit.pseudonym = PseudonymFor();
    permit.request_hash = request_.request_hash;
    permit.nonce = request_.nonce;
    permit.record = request_.record.bytes();
    permit.revision = record_->revision.number;
    permit.epoch = batch.epoch();
    permit.access = access_.bytes();
    permit.lease = receipt::kMaxLease;
    permit.not_after = std::min(record_->revision.until, not_after_);
    permit.days = days_;
    for (const AccessLine& line : lines_) {
      if (line.reason != Reason::kReleased) continue;
      permit.lines.push_back({line.attribute,
                              static_cast<receipt::Form>(line.form),
                              line.derivation, line.parameters});
    }
    revision_ = permit.revision;
    // Never past the end of what it stands on, so that none needs a fence.
    lease_ = std::min(receipt::kMaxLease, permit.not_after - batch.time());
    permit.lease = lease_;
    permit_ = permit.Encode();
    permit_index_ = batch.AddPermit(permit_);
  }

  // She hears of it in the commit that lets it happen.
  void Tell(Batch& batch, BasisNotice& notice) {
    const NotedAccess access = {access_, batch.time(), request_.read.purpose,
                                lines_};
    if (!NoteAccess(batch, *person_, *record_, *agreement_, access, notice) ||
        !parts_.noticed) {
      return;
    }
    batch.AfterCommit([&noticed = parts_.noticed, person = person_->id,
                       id = notice.id] { noticed(person, id); });
  }

  // Of the consented purpose that covers the asked one.
  [[nodiscard]] Pseudonym PseudonymFor() const {
    const std::string* purpose = CoveringPurpose(
        request_.read.purpose, agreement_->content.purposes, parts_.purposes);
    for (const PurposePseudonym& entry : record_->pseudonyms) {
      if (purpose != nullptr && entry.purpose == *purpose) {
        return entry.pseudonym;
      }
    }
    return {};
  }

  Authorisation Answer(const BatchProofs& proofs) {
    Authorisation out;
    out.access = access_;
    const bool own = record_recipient_is_caller();
    for (const AccessLine& line : lines_) {
      out.outcomes.push_back({line.attribute, Soften(line.reason, own)});
    }
    out.promise =
        receipt::SignedPromise(promise_, proofs.receipts.at(promise_index_));
    if (permit_.empty()) return out;
    Release release;
    release.item = std::move(permit_);
    release.proof = proofs.permits.at(permit_index_);
    release.hold = CompletingPermit(
        parts_.permits.Open(request_.record, revision_, lease_),
        parts_.completions, permitted_);
    out.release = std::move(release);
    return out;
  }

  [[nodiscard]] bool record_recipient_is_caller() const {
    return recipient_ != nullptr && recipient_->id == service_->id;
  }

  const AuthoriseParts& parts_;
  // Shared with the catalogue, which may replace it meanwhile.
  ServicePointer service_;
  AuthoriseRequest request_;
  AuthoriseCallback callback_;
  bool may_train_ = false;
  std::optional<PersonAhead> ahead_;

  // Valid during Prepare only.
  PersonState* person_ = nullptr;
  LiveRecord* record_ = nullptr;

  AgreementPointer agreement_;
  ServicePointer recipient_;
  std::optional<HolderId> holder_;
  // Of the data, by the agreement.
  base::Days days_;
  std::vector<AccessLine> lines_;
  // When the first sharing agreement behind the lines, or the grace of an
  // outdated notice, ends.
  absl::Time not_after_ = absl::InfiniteFuture();
  AccessId access_;
  base::Bytes promise_;
  std::size_t promise_index_ = 0;
  base::Bytes permit_;
  std::size_t permit_index_ = 0;
  std::uint64_t revision_ = 0;
  absl::Duration lease_;
  PermittedAccess permitted_;
};

}  // namespace

void Authorise(const AuthoriseParts& parts, AuthoriseRequest request,
               AuthoriseCallback callback) {
  ServicePointer service = parts.catalogue.FindServiceByKey(request.caller_key);
  if (service == nullptr) {
    callback(UnknownService());
    return;
  }
  const absl::Status checked = CheckReadRequest(request.read);
  if (!checked.ok()) {
    callback(checked);
    return;
  }
  parts.sequencer.Submit(std::make_unique<AuthoriseTask>(
      parts, std::move(service), std::move(request), std::move(callback)));
}

}  // namespace limpid::consent
