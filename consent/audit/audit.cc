#include "consent/audit/audit.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "consent/consent_state.h"
#include "consent/embargo/embargoed.h"
#include "consent/ledger/account_erasing.h"
#include "consent/ledger/entry_row.h"
#include "consent/ledger/log_tick.h"
#include "consent/log/entry_reader.h"
#include "consent/log/period_rows.h"

namespace limpid::consent {
namespace {

// Separates these blinded values from others.
constexpr std::uint8_t kPseudonymBlind = 80;
constexpr std::uint8_t kOrderBlind = 83;
constexpr std::uint8_t kUnreadableOrderBlind = 106;

base::Bytes Number(std::uint64_t number) {
  base::ByteWriter out;
  out.U64(number);
  return out.Take();
}

base::Bytes Millis(absl::Time time) {
  return Number(static_cast<std::uint64_t>(absl::ToUnixMillis(time)));
}

absl::Time WholeHour(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time) / 3'600 * 3'600);
}

absl::Status Check(const AuditPeriod& period, absl::Time now) {
  if (WholeHour(period.from) != period.from ||
      WholeHour(period.until) != period.until) {
    return absl::InvalidArgumentError("period: begins and ends at whole hours");
  }
  // Pseudonyms of overlapping periods join: no period reaches over a month.
  const absl::TimeZone utc = absl::UTCTimeZone();
  if (period.until <= period.from ||
      absl::ToCivilMonth(period.from, utc) !=
          absl::ToCivilMonth(period.until - absl::Seconds(1), utc)) {
    return absl::InvalidArgumentError(
        "period: has 1 hour or more of one calendar month (UTC)");
  }
  if (period.until > now) {
    return absl::InvalidArgumentError("period: is not over yet");
  }
  return absl::OkStatus();
}

// One part of a listing as it is made: the `most` first entries behind `after`.
class Making {
 public:
  Making(Consent::State& s, const AuditorKey& auditor,
         const AuditPeriod& period, std::optional<AuditOrder> after,
         std::size_t most)
      : s_(s), auditor_(auditor), period_(period), after_(after), most_(most) {}

  absl::StatusOr<AuditPart> Run();

 private:
  // Makes reader_ the person's; none when she has no key.
  absl::Status Turn(const PersonId& person);
  absl::Status Take(const PersonalRow& row);
  // What was left of an entry whose person was erased.
  absl::Status TakeStub(const PersonalRow& row);
  absl::StatusOr<OpenedEntryRow> Open(const PersonalRow& row);
  // Whether an entry of this order belongs to the part, as far as is known.
  [[nodiscard]] bool Belongs(const AuditOrder& order) const;
  // The same; notes that there is more when it belongs to a later part.
  bool Takes(const AuditOrder& order);
  [[nodiscard]] AuditOrder OrderOf(std::uint64_t position) const;
  absl::Status Fill(const PersonalRow& row, const OpenedEntryRow& opened,
                    AuditEntry& out);
  // Lists a row that does not open.
  void TakeMissing(const PersonalRow& row);
  // Takes the place of the last one where the part is full.
  void Keep(const AuditOrder& order, AuditEntry entry);
  absl::Status Place(std::uint64_t position, AuditEntry& out);

  Consent::State& s_;
  const AuditorKey& auditor_;
  const AuditPeriod& period_;
  const std::optional<AuditOrder> after_;
  const std::size_t most_;
  // Rows come person by person.
  PersonId person_;
  std::optional<EntryReader> reader_;
  // Plans met so far, by first position.
  std::map<std::uint64_t, PlanRow> plans_;
  // The order of the rows would put a person's entries side by side.
  std::map<AuditOrder, AuditEntry> out_;
  // Some entry had to give way.
  bool more_ = false;
  // Rows that do not open.
  std::size_t unreadable_ = 0;
};

absl::Status Making::Place(std::uint64_t position, AuditEntry& out) {
  const auto after = plans_.upper_bound(position);
  if (after != plans_.begin()) {
    const PlanRow& plan = std::prev(after)->second;
    if (position < plan.first_position + plan.count) {
      out.tick = plan.first_index;
      return absl::OkStatus();
    }
  }
  LIMPID_ASSIGN_OR_RETURN(const auto plan, s_.parts.store.PlanFor(position));
  if (!plan || !plan->done) return absl::OkStatus();
  plans_[plan->first_position] = *plan;
  out.tick = plan->first_index;
  return absl::OkStatus();
}

absl::Status Making::Fill(const PersonalRow& row, const OpenedEntryRow& opened,
                          AuditEntry& out) {
  if (row.key.kind == RowKind::kEmbargoed && !opened.content) {
    out.content = AuditContent::kUnderEmbargo;
    return Place(opened.link.position, out);
  }
  out.time = WholeHour(absl::FromUnixMillis(row.created_ms));
  LIMPID_RETURN_IF_ERROR(Place(opened.link.position, out));
  if (!opened.content) {
    out.content =
        opened.erasure ? AuditContent::kErased : AuditContent::kMissing;
    return absl::OkStatus();
  }
  auto decoded = receipt::AccessEntry::Decode(opened.content->entry);
  if (!decoded.ok()) {
    ++unreadable_;
    out.content = AuditContent::kMissing;
    return absl::OkStatus();
  }
  receipt::AccessEntry& full = *decoded;
  if (full.kind == receipt::AccessKind::kDenialsCounted) {
    out.denial_count = full.revision;
  }
  out.training = full.system != base::ByteArray<16>{};
  out.service = s_.catalogue.FindService(ServiceId(full.service));
  if (row.key.person != s_.nobody) {
    out.pseudonym = s_.blinder.Blind(
        kPseudonymBlind, {auditor_, Millis(period_.from), Millis(period_.until),
                          full.service, row.key.person.bytes()});
  }
  // Only what is meant to be seen.
  out.entry.kind = full.kind;
  out.entry.actor = full.actor;
  out.entry.service = full.service;
  out.entry.basis = full.basis;
  out.entry.purpose = std::move(full.purpose);
  out.entry.lines = std::move(full.lines);
  return absl::OkStatus();
}

absl::Status Making::Turn(const PersonId& person) {
  if (reader_ && person == person_) return absl::OkStatus();
  reader_.reset();
  person_ = person;
  auto reader = EntryReader::MakeForAudit(s_, person_);
  // An older copy of the key store: no leaf of hers can be placed, which leaves
  // their ticks incomplete.
  if (absl::IsNotFound(reader.status())) return absl::OkStatus();
  LIMPID_RETURN_IF_ERROR(reader.status());
  reader_.emplace(*std::move(reader));
  return absl::OkStatus();
}

// One under embargo has no content here before the person was told.
absl::StatusOr<OpenedEntryRow> Making::Open(const PersonalRow& row) {
  if (row.key.kind != RowKind::kEmbargoed) return reader_->Open(row);
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, s_.person_keys.Get(person_));
  LIMPID_ASSIGN_OR_RETURN(EmbargoedEntry entry, OpenEmbargoed(*key, row));
  OpenedEntryRow out;
  out.link.position = entry.position;
  if (IsTold(row, entry, s_.parts.clock.Now())) {
    out.content =
        SealedEntry{entry.opening, entry.position, std::move(entry.entry)};
  }
  return out;
}

bool Making::Belongs(const AuditOrder& order) const {
  if (after_ && order <= *after_) return false;
  return out_.size() < most_ || order <= out_.rbegin()->first;
}

bool Making::Takes(const AuditOrder& order) {
  if (Belongs(order)) return true;
  more_ = more_ || !after_ || order > *after_;
  return false;
}

AuditOrder Making::OrderOf(std::uint64_t position) const {
  return s_.blinder.Blind(kOrderBlind, {auditor_, Number(position)});
}

absl::Status Making::Take(const PersonalRow& row) {
  if (IsStub(row)) return TakeStub(row);
  LIMPID_RETURN_IF_ERROR(Turn(row.key.person));
  if (!reader_) return absl::OkStatus();
  const auto read = Open(row);
  if (absl::IsDataLoss(read.status())) {
    TakeMissing(row);
    return absl::OkStatus();
  }
  LIMPID_RETURN_IF_ERROR(read.status());
  const OpenedEntryRow& opened = *read;
  const AuditOrder order = OrderOf(opened.link.position);
  if (!Takes(order)) return absl::OkStatus();
  AuditEntry entry;
  LIMPID_RETURN_IF_ERROR(Fill(row, opened, entry));
  Keep(order, std::move(entry));
  return absl::OkStatus();
}

absl::Status Making::TakeStub(const PersonalRow& row) {
  const auto stub = StubPosition(s_.row_key, row);
  if (absl::IsDataLoss(stub.status())) {
    TakeMissing(row);
    return absl::OkStatus();
  }
  LIMPID_RETURN_IF_ERROR(stub.status());
  const std::uint64_t position = *stub;
  // Some were made without a key, after an older store came back.
  const AuditOrder order =
      position != 0
          ? OrderOf(position)
          : s_.blinder.Blind(kOrderBlind,
                             {auditor_, row.key.person.bytes(),
                              Number(static_cast<std::uint64_t>(row.key.kind)),
                              Number(row.key.sequence)});
  if (!Takes(order)) return absl::OkStatus();
  AuditEntry entry;
  entry.content = AuditContent::kErased;
  entry.time = WholeHour(absl::FromUnixMillis(row.created_ms));
  if (position != 0) LIMPID_RETURN_IF_ERROR(Place(position, entry));
  Keep(order, std::move(entry));
  return absl::OkStatus();
}

void Making::Keep(const AuditOrder& order, AuditEntry entry) {
  // Met before and after its erasure, it stays as it is after.
  out_[order] = std::move(entry);
  if (out_.size() <= most_) return;
  out_.erase(std::prev(out_.end()));
  more_ = true;
}

void Making::TakeMissing(const PersonalRow& row) {
  ++unreadable_;
  // Its place in the log is not known, so that the row's own name orders it.
  const AuditOrder order = s_.blinder.Blind(
      kUnreadableOrderBlind, {auditor_, row.key.person.bytes(),
                              Number(static_cast<std::uint64_t>(row.key.kind)),
                              Number(row.key.sequence)});
  if (!Takes(order)) return;
  AuditEntry entry;
  entry.content = AuditContent::kMissing;
  // Nobody may learn when it was before the person is told, and what says that
  // she was cannot be read.
  if (row.key.kind != RowKind::kEmbargoed) {
    entry.time = WholeHour(absl::FromUnixMillis(row.created_ms));
  }
  Keep(order, std::move(entry));
}

absl::StatusOr<AuditPart> Making::Run() {
  LIMPID_RETURN_IF_ERROR(
      ForEachEntryRow(s_.parts.store, period_.from, period_.until,
                      [this](const PersonalRow& row) { return Take(row); }));
  if (unreadable_ > 0) {
    s_.Alarm(absl::DataLossError(absl::StrCat(
        unreadable_, " entries of an auditor's listing do not open")));
  }
  AuditPart out;
  if (more_) out.next_after = out_.rbegin()->first;
  out.entries.reserve(out_.size());
  for (auto& [order, entry] : out_) out.entries.push_back(std::move(entry));
  return out;
}

}  // namespace

absl::StatusOr<AuditListing> AuditBook::List(const AuditorKey& auditor,
                                             const AuditPeriod& period,
                                             std::optional<AuditOrder> after) {
  Consent::State& s = consent_.state();
  const absl::Time now = s.parts.clock.Now();
  LIMPID_RETURN_IF_ERROR(Check(period, now));
  {
    const base::MutexLock lock(mutex_);
    if (listing_ != nullptr && auditor_ == auditor && period_ == period &&
        after_ == after && now >= made_ && now - made_ < kKept) {
      return listing_;
    }
    if (making_) {
      return absl::ResourceExhaustedError(
          "another listing is being made; try later");
    }
    making_ = true;
  }
  auto made = Making(s, auditor, period, after, most_).Run();
  const base::MutexLock lock(mutex_);
  making_ = false;
  LIMPID_RETURN_IF_ERROR(made.status());
  auditor_ = auditor;
  period_ = period;
  after_ = after;
  made_ = now;
  listing_ = std::make_shared<const AuditPart>(*std::move(made));
  return listing_;
}

namespace {

bool BeginsBelow(const std::optional<PlanRow>& plan, std::uint64_t index) {
  return plan && plan->done && plan->first_index < index;
}

// The newest plan with entries that the log has and that begins below `index`.
absl::StatusOr<std::optional<PlanRow>> PlanBelow(const LedgerStore& store,
                                                 std::uint64_t index) {
  LIMPID_ASSIGN_OR_RETURN(const auto last, store.LastPlan());
  std::optional<PlanRow> out;
  if (!last) return out;
  // Both grow together: positions by the half.
  std::uint64_t low = 1;
  std::uint64_t high = last->first_position + last->count;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    LIMPID_ASSIGN_OR_RETURN(const auto plan, store.PlanFor(middle));
    if (BeginsBelow(plan, index)) {
      out = plan;
      low = plan->first_position + plan->count;
    } else {
      high = middle;
    }
  }
  return out;
}

absl::StatusOr<std::optional<PlanRow>> PlanBefore(const LedgerStore& store,
                                                  const PlanRow& plan) {
  if (plan.first_position <= 1) return std::optional<PlanRow>();
  return store.PlanFor(plan.first_position - 1);
}

}  // namespace

absl::StatusOr<AuditTickPage> AuditBook::Ticks(std::uint64_t below,
                                               std::size_t limit) const {
  Consent::State& s = consent_.state();
  std::uint64_t end = s.parts.log.size();
  if (below != 0) end = std::min(end, below);
  AuditTickPage out;
  LIMPID_ASSIGN_OR_RETURN(std::optional<PlanRow> plan,
                          PlanBelow(s.parts.store, end));
  while (end > 0 && out.ticks.size() < limit) {
    receipt::Tick tick;
    if (plan && plan->first_index + plan->padded >= end) {
      tick = {plan->first_index, end - plan->first_index, plan->count,
              plan->seed};
      LIMPID_ASSIGN_OR_RETURN(plan, PlanBefore(s.parts.store, *plan));
    } else {
      // Where nothing was entered no plan stays: its seed is made again.
      const std::uint64_t begin = plan ? plan->first_index + plan->padded : 0;
      tick.leaf_count = std::min(end - begin, kMinTickLeaves);
      tick.first_index = end - tick.leaf_count;
      tick.seed = TickSeedOf(s.blinder, tick.first_index);
    }
    end = tick.first_index;
    out.ticks.push_back(tick);
  }
  out.next_below = end;
  return out;
}

}  // namespace limpid::consent
