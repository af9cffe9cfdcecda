#include "consent/push/push_book.h"

#include "common/base/status_macros.h"
#include "consent/ledger/sealing.h"

namespace limpid::consent {
namespace {

// A progress row is named by its stream, a letter by stream and position.
bool IsProgress(const PublicRow& row) {
  return row.id.size() == std::tuple_size_v<RowId>;
}

}  // namespace

absl::Status PushBook::Load(const LedgerStore& store,
                            const base::SecretBytes& row_key) {
  LIMPID_ASSIGN_OR_RETURN(const auto endpoints,
                          store.ListPublic(PublicKind::kPushEndpoint));
  for (const PublicRow& row : endpoints) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenPublic(row_key, row));
    LIMPID_ASSIGN_OR_RETURN(const auto endpoint, PushEndpoint::Decode(opened));
    Put(endpoint);
  }
  LIMPID_ASSIGN_OR_RETURN(const auto deliveries,
                          store.ListPublic(PublicKind::kDelivery));
  for (const PublicRow& row : deliveries) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenPublic(row_key, row));
    if (IsProgress(row)) {
      LIMPID_ASSIGN_OR_RETURN(const auto progress,
                              PushProgress::Decode(opened));
      Put(progress);
    } else {
      LIMPID_ASSIGN_OR_RETURN(const auto letter, PushLetter::Decode(opened));
      Put(letter);
    }
  }
  return absl::OkStatus();
}

void PushBook::Put(const PushEndpoint& endpoint) {
  const base::MutexLock lock(mutex_);
  shelves_[endpoint.service].endpoint = endpoint;
}

void PushBook::Put(const PushProgress& progress) {
  const base::MutexLock lock(mutex_);
  shelves_[progress.service].progress = progress;
}

void PushBook::Put(const PushLetter& letter) {
  const base::MutexLock lock(mutex_);
  Shelf& shelf = shelves_[letter.service];
  const auto [at, added] = shelf.letters.try_emplace(letter.position, letter);
  if (!added && at->second.state == LetterState::kRequeued) {
    --shelf.requeued_count;
  }
  if (letter.state == LetterState::kRequeued) ++shelf.requeued_count;
  at->second = letter;
}

std::optional<PushEntry> PushBook::Find(const ServiceId& service) const {
  const base::MutexLock lock(mutex_);
  const auto at = shelves_.find(service);
  if (at == shelves_.end()) return std::nullopt;
  return PushEntry{at->second.endpoint, at->second.progress,
                   at->second.requeued_count > 0};
}

std::vector<ServiceId> PushBook::Active() const {
  const base::MutexLock lock(mutex_);
  std::vector<ServiceId> out;
  for (const auto& [service, shelf] : shelves_) {
    if (shelf.endpoint.active()) out.push_back(service);
  }
  return out;
}

std::optional<PushLetter> PushBook::FindLetter(const ServiceId& service,
                                               std::uint64_t position) const {
  const base::MutexLock lock(mutex_);
  const auto at = shelves_.find(service);
  if (at == shelves_.end()) return std::nullopt;
  const auto letter = at->second.letters.find(position);
  if (letter == at->second.letters.end()) return std::nullopt;
  return letter->second;
}

std::vector<PushLetter> PushBook::Letters(
    LetterState state, std::optional<ServiceId> service) const {
  const base::MutexLock lock(mutex_);
  std::vector<PushLetter> out;
  for (const auto& [id, shelf] : shelves_) {
    if (service && *service != id) continue;
    for (const auto& [position, letter] : shelf.letters) {
      if (letter.state == state) out.push_back(letter);
    }
  }
  return out;
}

}  // namespace limpid::consent
