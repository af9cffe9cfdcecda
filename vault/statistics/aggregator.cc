#include "vault/statistics/aggregator.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/receipt/batch.h"
#include "common/receipt/cohort_permit.h"
#include "vault/attribute/person_acts.h"
#include "vault/statistics/budget.h"

namespace limpid::vault {
namespace {

// The longest DPV IRI has 70 bytes; extensions get room.
constexpr std::size_t kMaxPurposeBytes = 200;
constexpr std::size_t kMaxAgreementBytes = 64;
// Persons who are opened at once, and whose budgets are spent in one
// transaction.
constexpr std::size_t kPage = 256;

absl::Status Forged() {
  return absl::DataLossError("a cohort permit does not verify");
}

absl::Status RanOut() {
  return absl::UnavailableError("the permit ran out; ask again");
}

absl::Status TooLate() {
  return absl::UnavailableError(
      "the cohort cannot be counted before its permit ends; nothing was spent; "
      "ask again when the vault is idle");
}

absl::Status NotWithAgent() {
  return absl::FailedPreconditionError(
      "no statistics are made here: the vault's key agent opens values of one "
      "person at a time only");
}

absl::Status Stopping() {
  return absl::UnavailableError("the vault is stopping");
}

// A value that may count, on its way to be paid for.
struct Candidate {
  BudgetKey place;
  std::string value_json;
};

void Wipe(std::vector<Candidate>& candidates) {
  for (Candidate& one : candidates) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): characters
    // are bytes.
    auto* data = reinterpret_cast<std::uint8_t*>(one.value_json.data());
    base::Wipe({data, one.value_json.size()});
  }
}

}  // namespace

struct Aggregator::Question {
  CohortQuestion asked;
  Countable countable;
  StatisticFunction function = StatisticFunction::kCount;
};

// One statistic: first everything is opened and counted, which changes nothing;
// then everybody pays, a page a commit. The tally is nobody's until all have.
class Aggregator::Computation {
 public:
  Computation(Aggregator& parent, const Question& question)
      : core_(parent.core_),
        store_(parent.store_),
        key_(parent.key_),
        question_(question) {}

  absl::Status CountPage(std::span<const receipt::CohortMember> members) {
    std::vector<Candidate> candidates;
    absl::Status counted = Open(members, candidates);
    if (counted.ok()) counted = CountWhoCanPay(candidates);
    Wipe(candidates);
    return counted;
  }
  // False when everybody has paid. Durable on return.
  absl::StatusOr<bool> SpendPage() {
    if (paid_ == bills_.size()) return false;
    const auto page = std::span(bills_).subspan(
        paid_, std::min(kPage, bills_.size() - paid_));
    LIMPID_RETURN_IF_ERROR(store_.PutBudgets(page));
    paid_ += page.size();
    return true;
  }
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  absl::Status Open(std::span<const receipt::CohortMember> members,
                    std::vector<Candidate>& out) {
    const std::string& attribute = question_.asked.fields.attribute;
    for (const receipt::CohortMember& member : members) {
      const HolderId holder(member);
      const BudgetKey place = {core_.blinder().OwnerOf(holder),
                               core_.blinder().NameKeyOf(holder, attribute)};
      LIMPID_ASSIGN_OR_RETURN(
          auto rows, core_.store().Newest(place.owner, {&place.name_key, 1}));
      // Nothing stored, or nothing that the server can open.
      if (!rows.front() || rows.front()->custody != Custody::kAssisted) {
        continue;
      }
      // Who moved away is counted where she went.
      LIMPID_ASSIGN_OR_RETURN(const std::uint64_t move,
                              MoveInForce(core_.store(), place.owner));
      if (move != 0) continue;
      const auto key = core_.KeyOf(*rows.front());
      if (absl::IsNotFound(key.status())) continue;
      LIMPID_RETURN_IF_ERROR(key.status());
      // Erased since it was read.
      if (rows.front()->state != RowState::kKept) continue;
      LIMPID_ASSIGN_OR_RETURN(
          StoredValue value,
          core_.OpenValue(**key, *rows.front(), attribute, {}));
      out.push_back({place, std::move(value.value_json)});
    }
    return absl::OkStatus();
  }

  absl::Status CountWhoCanPay(const std::vector<Candidate>& candidates) {
    std::vector<BudgetKey> places;
    for (const Candidate& one : candidates) places.push_back(one.place);
    LIMPID_ASSIGN_OR_RETURN(const auto sealed, store_.Budgets(places));
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      Budget before;
      if (sealed[i]) {
        LIMPID_ASSIGN_OR_RETURN(before,
                                OpenBudget(key_, places[i], *sealed[i]));
      }
      Budget after = before;
      if (!after.Spend(question_.asked.request_hash, core_.clock().Now())) {
        continue;
      }
      // Who paid at an earlier try, which was lost, pays nothing more.
      if (after != before) {
        bills_.push_back({places[i], SealBudget(key_, places[i], after)});
      }
      (void)Count(question_.countable, candidates[i].value_json, tally_);
    }
    return absl::OkStatus();
  }

  VaultCore& core_;
  StatisticsStore& store_;
  const base::SecretBytes& key_;
  const Question& question_;
  Tally tally_;
  // What is still to be spent; about 200 bytes for each person.
  std::vector<BudgetRow> bills_;
  std::size_t paid_ = 0;
};

// How long a permit stands. Part of the answer to one question.
class Aggregator::Lease {
 public:
  Lease(const base::Clock& clock, absl::Duration received_at,
        const receipt::CohortPermit& permit)
      : clock_(clock),
        end_(received_at + permit.lease),
        not_after_(permit.not_after) {}

  [[nodiscard]] absl::Duration left() const {
    return std::min(end_ - clock_.Monotonic(), not_after_ - clock_.Now());
  }
  [[nodiscard]] bool over() const { return left() <= absl::ZeroDuration(); }

 private:
  const base::Clock& clock_;
  const absl::Duration end_;
  const absl::Time not_after_;
};

absl::StatusOr<std::unique_ptr<Aggregator>> Aggregator::Open(
    VaultCore& core, KekSource& keys, StatisticsStore& store, ConsentGate& gate,
    const crypto::Ed25519PublicKey& consent_key, StatisticExecutors run) {
  LIMPID_ASSIGN_OR_RETURN(base::SecretBytes key,
                          keys.Named(kStatisticsKeyName));
  return std::unique_ptr<Aggregator>(new Aggregator(
      core, store, gate, consent_key, std::move(run), std::move(key)));
}

Aggregator::Aggregator(VaultCore& core, StatisticsStore& store,
                       ConsentGate& gate,
                       const crypto::Ed25519PublicKey& consent_key,
                       StatisticExecutors run, base::SecretBytes key)
    : core_(core),
      store_(store),
      gate_(gate),
      consent_key_(consent_key),
      run_(std::move(run)),
      key_(std::move(key)),
      guard_(std::make_shared<Guard>()) {}

Aggregator::~Aggregator() { Stop(); }

absl::StatusOr<Aggregator::Question> Aggregator::Check(
    const StatisticRequest& request) const {
  if (request.agreement.empty() ||
      request.agreement.size() > kMaxAgreementBytes) {
    return absl::InvalidArgumentError("agreement_id: is no agreement's id");
  }
  if (request.purpose.empty() || request.purpose.size() > kMaxPurposeBytes) {
    return absl::InvalidArgumentError("purpose_iri: must have 1 to 200 bytes");
  }
  if (!IsAttributeId(request.attribute)) {
    return absl::InvalidArgumentError("attribute: is no attribute id");
  }
  LIMPID_ASSIGN_OR_RETURN(const CatalogueEntryPtr entry,
                          core_.catalogue().Find(request.attribute, 0));
  Question out;
  out.function = request.function;
  LIMPID_ASSIGN_OR_RETURN(out.countable,
                          CountableFor(entry->definition, request.function));
  out.asked.caller_thumbprint = request.caller_thumbprint;
  out.asked.fields = {request.agreement, request.purpose, request.attribute,
                      std::string(FunctionName(request.function)),
                      receipt::CohortEpochAt(core_.clock().Now())};
  out.asked.request_hash = receipt::StatisticHash(out.asked.fields);
  core_.random().Fill(out.asked.vault_nonce);
  return out;
}

absl::StatusOr<std::optional<Statistic>> Aggregator::Kept(
    const base::Digest32& question) const {
  LIMPID_ASSIGN_OR_RETURN(const auto sealed, store_.FindAnswer(question));
  if (!sealed) return std::optional<Statistic>();
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened,
                          OpenAnswer(key_, question, *sealed));
  LIMPID_ASSIGN_OR_RETURN(Statistic statistic, Statistic::Decode(opened));
  return std::optional(std::move(statistic));
}

// Shared between the steps, because std::function must be copyable.
struct Aggregator::Work {
  StatisticRequest request;
  Question question;
  absl::StatusOr<Cohort> cohort = absl::UnknownError("");
  absl::Duration received_at;
  StatisticCallback callback;
};

// Between consent, which may answer late, and an aggregator that is gone.
struct Aggregator::Guard {
  base::Mutex mutex;
  bool closed ABSL_GUARDED_BY(mutex) = false;
};

void Aggregator::Answer(StatisticRequest request, StatisticCallback callback) {
  auto work = std::make_shared<Work>();
  work->request = std::move(request);
  work->callback = std::move(callback);
  Run(run_.steps, work, [this, work] { Begin(work); });
}

void Aggregator::Run(const StatisticExecutors::Executor& run,
                     const std::shared_ptr<Work>& work,
                     std::function<void()> step) {
  if (run == nullptr) return step();
  if (run(std::move(step))) return;
  work->callback(absl::ResourceExhaustedError("too many statistics at once"));
}

void Aggregator::Begin(const std::shared_ptr<Work>& work) {
  // Before anybody is asked about, or pays.
  if (core_.has_agent()) return work->callback(NotWithAgent());
  absl::StatusOr<Question> checked = Check(work->request);
  if (!checked.ok()) return work->callback(checked.status());
  const auto kept = Kept(checked->asked.request_hash);
  if (!kept.ok()) return work->callback(kept.status());
  checked->asked.answered = kept->has_value();
  work->question = *std::move(checked);
  gate_.AuthorizeCohort(
      work->question.asked,
      [this, guard = guard_, work](absl::StatusOr<Cohort> cohort) {
        const base::MutexLock lock(guard->mutex);
        if (guard->closed) return work->callback(Stopping());
        work->cohort = std::move(cohort);
        // Gathering took as long as it took; the lease begins here.
        work->received_at = core_.clock().Monotonic();
        const bool is_kept = work->question.asked.answered;
        Run(is_kept ? run_.steps : run_.counting, work, [this, work] {
          work->callback(Decided(work->question, std::move(work->cohort),
                                 work->received_at));
        });
      });
}

void Aggregator::Stop() {
  stopping_ = true;
  const base::MutexLock lock(guard_->mutex);
  guard_->closed = true;
}

absl::StatusOr<StatisticAnswer> Aggregator::Decided(
    const Question& question, absl::StatusOr<Cohort> cohort,
    absl::Duration received_at) {
  LIMPID_RETURN_IF_ERROR(cohort.status());
  StatisticAnswer out;
  out.epoch = question.asked.fields.epoch;
  out.function = question.function;
  if (question.asked.answered) {
    LIMPID_ASSIGN_OR_RETURN(auto kept, Kept(question.asked.request_hash));
    if (!kept) return absl::DataLossError("an answer that was kept is gone");
    out.statistic = *std::move(kept);
    return out;
  }
  if (!cohort->permit) return Forged();
  LIMPID_ASSIGN_OR_RETURN(out.statistic,
                          Compute(question, *cohort->permit, received_at));
  return out;
}

absl::StatusOr<receipt::CohortPermit> Aggregator::Verify(
    const Question& question, const CohortPermit& permit) const {
  if (!receipt::VerifyBatchItem(permit.proof(), receipt::BatchKind::kPermits,
                                permit.item(), consent_key_)
           .ok()) {
    return Forged();
  }
  const auto facts = receipt::CohortPermit::Decode(permit.item());
  const CohortQuestion& asked = question.asked;
  const auto agreement = base::ParseIdText("agr", asked.fields.agreement);
  if (!facts.ok() || !agreement.ok() ||
      facts->source != core_.identity().source.bytes() ||
      facts->service_key != asked.caller_thumbprint ||
      facts->agreement != *agreement ||
      facts->purpose != asked.fields.purpose ||
      facts->attribute != asked.fields.attribute ||
      facts->request_hash != asked.request_hash ||
      facts->nonce != asked.vault_nonce || facts->epoch != asked.fields.epoch ||
      facts->member_count != permit.members().size() ||
      facts->members != receipt::DigestOfMembers(permit.members())) {
    return Forged();
  }
  return facts;
}

absl::StatusOr<Tally> Aggregator::Counted(
    const Question& question, std::span<const receipt::CohortMember> members,
    const Lease& lease) {
  const absl::Duration begin = core_.clock().Monotonic();
  Computation computation(*this, question);
  for (std::size_t at = 0; at < members.size(); at += kPage) {
    if (lease.over()) return TooLate();
    if (stopping_) return Stopping();
    LIMPID_RETURN_IF_ERROR(computation.CountPage(
        members.subspan(at, std::min(kPage, members.size() - at))));
  }
  // What is spent is gone when there is no answer after it. Spending writes
  // what was read just now, so it takes no longer than that did.
  if (lease.over() || lease.left() < core_.clock().Monotonic() - begin) {
    return TooLate();
  }
  for (bool more = true; more;) {
    if (lease.over()) return RanOut();
    if (stopping_) return Stopping();
    LIMPID_ASSIGN_OR_RETURN(more, computation.SpendPage());
  }
  if (lease.over()) return RanOut();
  return computation.tally();
}

absl::StatusOr<Statistic> Aggregator::Compute(const Question& question,
                                              const CohortPermit& permit,
                                              absl::Duration received_at) {
  LIMPID_ASSIGN_OR_RETURN(const receipt::CohortPermit facts,
                          Verify(question, permit));
  const base::Digest32& hash = question.asked.request_hash;
  // One at a time: two would read one budget and both spend it.
  const base::MutexLock lock(mutex_);
  LIMPID_ASSIGN_OR_RETURN(auto kept, Kept(hash));
  if (kept) return *std::move(kept);
  LIMPID_ASSIGN_OR_RETURN(const Tally tally,
                          Counted(question, permit.members(),
                                  Lease(core_.clock(), received_at, facts)));
  Statistic out =
      Noised(question.countable, question.function, tally, core_.random());
  // Also "too few": drawn again, it would be answered some day.
  LIMPID_RETURN_IF_ERROR(store_.InsertAnswer(
      hash, question.asked.fields.epoch, SealAnswer(key_, hash, out.Encode())));
  return out;
}

}  // namespace limpid::vault
