#include "consent/training/facts_book.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "consent/ledger/sealing.h"

namespace limpid::consent {
namespace {

base::Bytes IdOf(absl::CivilMonth month) {
  const auto number =
      static_cast<std::uint32_t>(month - absl::CivilMonth(1970, 1));
  return base::ByteWriter().U32(number).Take();
}

}  // namespace

PublicRow RowOf(const base::SecretBytes& row_key, const StoredFacts& stored) {
  PublicRow row;
  row.kind = PublicKind::kConsentFacts;
  row.id = IdOf(stored.facts.month);
  row.payload = SealPublic(row_key, row.kind, row.id, stored.entry);
  return row;
}

absl::StatusOr<StoredFacts> OpenFacts(const base::SecretBytes& row_key,
                                      const PublicRow& row) {
  StoredFacts out;
  LIMPID_ASSIGN_OR_RETURN(out.entry, OpenPublic(row_key, row));
  LIMPID_ASSIGN_OR_RETURN(receipt::ConsentFactsEntry entry,
                          receipt::ParseConsentFacts(out.entry));
  out.facts = std::move(entry.facts);
  if (row.id != IdOf(out.facts.month)) {
    return absl::DataLossError("stored consent facts are of another month");
  }
  return out;
}

absl::Status FactsBook::Load(const LedgerStore& store,
                             const base::SecretBytes& row_key) {
  LIMPID_ASSIGN_OR_RETURN(const auto rows,
                          store.ListPublic(PublicKind::kConsentFacts));
  if (rows.empty()) return absl::OkStatus();
  // By id, so by month.
  LIMPID_ASSIGN_OR_RETURN(StoredFacts newest, OpenFacts(row_key, rows.back()));
  Put(std::move(newest));
  return absl::OkStatus();
}

void FactsBook::Put(StoredFacts stored) {
  auto newest = std::make_shared<const StoredFacts>(std::move(stored));
  const base::MutexLock lock(mutex_);
  newest_ = std::move(newest);
  in_log_ = false;
  troubled_ = false;
}

FactsPointer FactsBook::Newest() const {
  const base::MutexLock lock(mutex_);
  return newest_;
}

bool FactsBook::IsInLog() const {
  const base::MutexLock lock(mutex_);
  return in_log_;
}

void FactsBook::SetInLog() {
  const base::MutexLock lock(mutex_);
  in_log_ = true;
}

bool FactsBook::MayTry(absl::Duration now) const {
  const base::MutexLock lock(mutex_);
  return now >= not_before_;
}

bool FactsBook::MayTurn(absl::Duration now) const {
  const base::MutexLock lock(mutex_);
  return now >= no_turn_before_;
}

void FactsBook::RestTurns(absl::Duration until) {
  const base::MutexLock lock(mutex_);
  no_turn_before_ = std::max(no_turn_before_, until);
}

void FactsBook::SetWell() {
  const base::MutexLock lock(mutex_);
  troubled_ = false;
}

void FactsBook::Rest(absl::Duration until) {
  const base::MutexLock lock(mutex_);
  // Of two rests the longer holds.
  not_before_ = std::max(not_before_, until);
}

bool FactsBook::IsNewTrouble() {
  const base::MutexLock lock(mutex_);
  return !std::exchange(troubled_, true);
}

}  // namespace limpid::consent
