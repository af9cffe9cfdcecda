#include "consent/reconcile/permitted_reads.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/release_batch.h"
#include "consent/consent_state.h"
#include "consent/embargo/embargoed.h"
#include "consent/ledger/account_erasing.h"
#include "consent/ledger/entry_row.h"
#include "consent/log/entry_reader.h"
#include "consent/log/period_rows.h"

namespace limpid::consent {
namespace {

// Separates these blinded values from others.
constexpr std::uint8_t kOrderBlind = 113;

// Acts that fence a record: no permit made before them may be used after.
bool Fences(receipt::AccessKind kind) {
  return kind == receipt::AccessKind::kPaused ||
         kind == receipt::AccessKind::kWithdrawn ||
         kind == receipt::AccessKind::kRevoked ||
         kind == receipt::AccessKind::kInvalidated ||
         kind == receipt::AccessKind::kTerminated ||
         kind == receipt::AccessKind::kNarrowed;
}

// What a row says, as far as it can be read.
struct Opened {
  base::Bytes entry;
  base::ByteArray<32> opening{};
  base::Digest32 commitment{};
  std::uint64_t position = 0;
  bool erased = false;
};

// One part of a listing as it is made: the `most` first entries behind `after`.
class Making {
 public:
  Making(Consent::State& s, const PermittedPeriod& period,
         std::optional<PermittedOrder> after, std::size_t most)
      : s_(s), period_(period), after_(after), most_(most) {}

  absl::StatusOr<PermittedPart> Run();

 private:
  struct Kept {
    PermittedRead read;
    base::ByteArray<16> record{};
  };

  absl::Status Take(const PersonalRow& row);
  // Makes reader_ the person's; none, and unread_ says why, when her keys are
  // gone or damaged.
  absl::Status Turn(const PersonId& person);
  // Errors:
  //   kDataLoss  the row is damaged.
  //   kNotFound  her key is gone.
  absl::StatusOr<Opened> Open(const PersonalRow& row);
  void TakeEntry(const PersonalRow& row, const Opened& opened);
  void TakeUnread(const PersonalRow& row, PermittedState state);
  void Keep(const PermittedOrder& order, Kept kept);

  Consent::State& s_;
  const PermittedPeriod& period_;
  const std::optional<PermittedOrder> after_;
  const std::size_t most_;
  // Rows come person by person; none before the first.
  std::optional<PersonId> person_;
  std::optional<EntryReader> reader_;
  PermittedState unread_ = PermittedState::kErased;
  // When each record was fenced within the period.
  std::map<base::ByteArray<16>, std::set<absl::Time>> fences_;
  std::map<PermittedOrder, Kept> out_;
  // Some entry had to give way.
  bool more_ = false;
  std::size_t unreadable_ = 0;
};

absl::Status Making::Turn(const PersonId& person) {
  // Also when her keys are damaged: they are opened once, not for each row.
  if (person_ == person) return absl::OkStatus();
  reader_.reset();
  person_ = person;
  unread_ = PermittedState::kErased;
  auto reader = EntryReader::MakeForAudit(s_, person);
  // An older copy of the key store: hers are as good as erased.
  if (absl::IsNotFound(reader.status())) return absl::OkStatus();
  // What is damaged of one person hides nobody else's.
  if (absl::IsDataLoss(reader.status())) {
    unread_ = PermittedState::kMissing;
    return absl::OkStatus();
  }
  LIMPID_RETURN_IF_ERROR(reader.status());
  reader_.emplace(*std::move(reader));
  return absl::OkStatus();
}

absl::StatusOr<Opened> Making::Open(const PersonalRow& row) {
  Opened out;
  if (row.key.kind == RowKind::kEmbargoed) {
    LIMPID_ASSIGN_OR_RETURN(const PersonKey key,
                            s_.person_keys.Get(row.key.person));
    LIMPID_ASSIGN_OR_RETURN(EmbargoedEntry entry, OpenEmbargoed(*key, row));
    out.opening = entry.opening;
    out.position = entry.position;
    out.commitment = entry.Item().commitment;
    out.entry = std::move(entry.entry);
    return out;
  }
  LIMPID_ASSIGN_OR_RETURN(OpenedEntryRow opened, reader_->Open(row));
  out.commitment = opened.link.commitment;
  out.position = opened.link.position;
  out.erased = !opened.content && opened.erasure;
  if (!opened.content) return out;
  out.opening = opened.content->opening;
  out.entry = std::move(opened.content->entry);
  return out;
}

absl::Status Making::Take(const PersonalRow& row) {
  if (IsStub(row)) {
    TakeUnread(row, PermittedState::kErased);
    return absl::OkStatus();
  }
  LIMPID_RETURN_IF_ERROR(Turn(row.key.person));
  if (!reader_) {
    TakeUnread(row, unread_);
    return absl::OkStatus();
  }
  const auto opened = Open(row);
  // Her key, erased since the reader was made.
  if (absl::IsNotFound(opened.status())) {
    TakeUnread(row, PermittedState::kErased);
    return absl::OkStatus();
  }
  if (absl::IsDataLoss(opened.status())) {
    TakeUnread(row, PermittedState::kMissing);
    return absl::OkStatus();
  }
  LIMPID_RETURN_IF_ERROR(opened.status());
  if (opened->entry.empty()) {
    TakeUnread(row, opened->erased ? PermittedState::kErased
                                   : PermittedState::kMissing);
    return absl::OkStatus();
  }
  TakeEntry(row, *opened);
  return absl::OkStatus();
}

void Making::TakeEntry(const PersonalRow& row, const Opened& opened) {
  // What is compared is what the public log commits to, or nothing.
  const auto entry = receipt::AccessEntry::Decode(opened.entry);
  if (!entry.ok() || receipt::CommitAccessEntry(opened.opening, opened.entry) !=
                         opened.commitment) {
    return TakeUnread(row, PermittedState::kMissing);
  }
  if (Fences(entry->kind)) fences_[entry->record].insert(entry->time);
  const std::uint16_t permitted = receipt::PermittedCount(*entry);
  if (entry->kind != receipt::AccessKind::kReleaseDecided || permitted == 0) {
    return;
  }
  Kept kept;
  kept.record = entry->record;
  kept.read.state = PermittedState::kShown;
  kept.read.time = entry->time;
  kept.read.access = entry->access;
  kept.read.permitted = permitted;
  kept.read.lines = receipt::PermittedLines(*entry);
  kept.read.commitment = opened.commitment;
  kept.read.position = opened.position;
  Keep(entry->access, std::move(kept));
}

void Making::TakeUnread(const PersonalRow& row, PermittedState state) {
  if (state == PermittedState::kMissing) ++unreadable_;
  base::ByteWriter name;
  name.U8(static_cast<std::uint8_t>(row.key.kind)).U64(row.key.sequence);
  Kept kept;
  kept.read.state = state;
  kept.read.time = absl::FromUnixMillis(row.created_ms);
  Keep(s_.blinder.Blind(kOrderBlind,
                        {row.key.person.bytes(), row.key.id, name.bytes()}),
       std::move(kept));
}

void Making::Keep(const PermittedOrder& order, Kept kept) {
  if (after_ && order <= *after_) return;
  // Met before and after its erasure, it stays as it is after.
  out_[order] = std::move(kept);
  if (out_.size() <= most_) return;
  out_.erase(std::prev(out_.end()));
  more_ = true;
}

absl::StatusOr<PermittedPart> Making::Run() {
  LIMPID_RETURN_IF_ERROR(
      ForEachEntryRow(s_.parts.store, period_.from, period_.until,
                      [this](const PersonalRow& row) { return Take(row); }));
  if (unreadable_ > 0) {
    s_.Alarm(absl::DataLossError(
        absl::StrCat(unreadable_,
                     " access entries cannot be reconciled: they do not "
                     "open")));
  }
  PermittedPart out;
  if (more_) out.next_after = out_.rbegin()->first;
  out.reads.reserve(out_.size());
  for (auto& [order, kept] : out_) {
    const auto fences = fences_.find(kept.record);
    if (fences != fences_.end()) {
      const auto next = fences->second.lower_bound(kept.read.time);
      if (next != fences->second.end()) kept.read.fenced = *next;
    }
    out.reads.push_back(std::move(kept.read));
  }
  return out;
}

}  // namespace

absl::StatusOr<PermittedListing> PermittedBook::List(
    const PermittedPeriod& period, std::optional<PermittedOrder> after) {
  Consent::State& s = consent_.state();
  const absl::Time now = s.parts.clock.Now();
  if (period.until <= period.from || period.until > now) {
    return absl::InvalidArgumentError(
        "until_time: is after from_time and not in the future");
  }
  {
    const base::MutexLock lock(mutex_);
    if (listing_ != nullptr && period_ == period && after_ == after &&
        now >= made_ && now - made_ < kKept) {
      return listing_;
    }
    if (making_) {
      return absl::ResourceExhaustedError(
          "another listing is being made; try later");
    }
    making_ = true;
  }
  auto made = Making(s, period, after, most_).Run();
  const base::MutexLock lock(mutex_);
  making_ = false;
  LIMPID_RETURN_IF_ERROR(made.status());
  period_ = period;
  after_ = after;
  made_ = now;
  listing_ = std::make_shared<const PermittedPart>(*std::move(made));
  return listing_;
}

absl::StatusOr<std::string> PermittedBook::Prove(
    const PermittedRead& read) const {
  if (read.state != PermittedState::kShown) return std::string();
  Consent::State& s = consent_.state();
  LIMPID_ASSIGN_OR_RETURN(const auto index, s.LogIndexOf(read.position));
  if (!index) return std::string();
  return s.parts.log.Prove(*index);
}

}  // namespace limpid::consent
