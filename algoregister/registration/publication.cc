// How versions and keys get into the log: durable in the store, then one
// append, then the mark. And how a start finishes either half.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/registration/register.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/service_key/service_key_store.h"
#include "algoregister/version/published_version.h"
#include "algoregister/version/sealed_draft.h"
#include "algoregister/version/version.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/receipt/consent_facts.h"
#include "common/receipt/service_key.h"
#include "common/receipt/training_commitment.h"

namespace limpid::algoregister {
namespace {

const base::Bytes& EntryOf(const Version& version) { return version.leaf; }
const base::Bytes& EntryOf(const NewVersion& next) {
  return next.version().leaf;
}
const base::Bytes& EntryOf(const StoredServiceKey& key) { return key.entry; }

LogPlace PlaceOf(const Version& version, std::uint64_t leaf_index,
                 absl::Time now) {
  return {.registration = version.registration,
          .number = version.number,
          .leaf_index = leaf_index,
          .logged_time = absl::FromUnixMillis(absl::ToUnixMillis(now))};
}

LogPlace PlaceOf(const NewVersion& next, std::uint64_t leaf_index,
                 absl::Time now) {
  LogPlace place = PlaceOf(next.version(), leaf_index, now);
  place.content = &next.content();
  return place;
}

ServiceKeyPlace PlaceOf(const StoredServiceKey& key, std::uint64_t leaf_index,
                        absl::Time /*now*/) {
  return {
      .service = key.service, .number = key.number, .leaf_index = leaf_index};
}

// `items` are in the log from `first` on.
template <typename Item, typename Store>
absl::Status Mark(std::span<const Item> items, std::uint64_t first,
                  Store& store, absl::Time now) {
  if (items.empty()) return absl::OkStatus();
  std::vector<decltype(PlaceOf(items.front(), first, now))> places;
  places.reserve(items.size());
  for (const Item& item : items) {
    places.push_back(PlaceOf(item, first + places.size(), now));
  }
  return store.MarkLogged(places);
}

// Returns the place of the first one.
template <typename Item, typename Store>
absl::StatusOr<std::uint64_t> AppendAndMark(std::span<const Item> items,
                                            Store& store, tlog::Log& log,
                                            absl::Time now) {
  std::vector<base::Bytes> entries;
  entries.reserve(items.size());
  for (const Item& item : items) entries.push_back(EntryOf(item));
  LIMPID_ASSIGN_OR_RETURN(const tlog::Log::Appended appended,
                          log.Append(entries));
  LIMPID_RETURN_IF_ERROR(Mark(items, appended.first_index, store, now));
  return appended.first_index;
}

// Marks what `tail`, the log's end from `first` on, has of `pending`, and
// appends the rest. Items go into the log in the order of Add, so what is there
// already is the beginning of what is pending.
template <typename Item, typename Store>
absl::Status Finish(std::span<const Item> pending,
                    std::span<const base::Bytes> tail, std::uint64_t first,
                    Store& store, tlog::Log& log, absl::Time now) {
  const bool begins =
      tail.size() <= pending.size() &&
      std::equal(tail.begin(), tail.end(), pending.begin(),
                 [](const base::Bytes& entry, const Item& item) {
                   return entry == EntryOf(item);
                 });
  if (!begins) {
    return absl::DataLossError(
        "the register log and the store disagree: one of them is an older "
        "copy");
  }
  LIMPID_RETURN_IF_ERROR(Mark(pending.first(tail.size()), first, store, now));
  if (tail.size() == pending.size()) return absl::OkStatus();
  return AppendAndMark(pending.subspan(tail.size()), store, log, now).status();
}

}  // namespace

absl::Status Register::Commit(std::vector<NewVersion> versions) {
  LIMPID_RETURN_IF_ERROR(parts_.store.Add(versions));
  // From here to the mark a failure leaves work for Recover.
  unfinished_ = true;
  LIMPID_ASSIGN_OR_RETURN(
      const std::uint64_t first,
      AppendAndMark(std::span<const NewVersion>(versions), parts_.store,
                    parts_.log, parts_.clock.Now()));
  unfinished_ = false;
  if (listeners_.published == nullptr) return absl::OkStatus();
  std::vector<PublishedVersion> published;
  published.reserve(versions.size());
  for (NewVersion& next : versions) {
    published.push_back(std::move(next).Published(first + published.size()));
  }
  listeners_.published(std::move(published));
  return absl::OkStatus();
}

absl::Status Register::Commit(StoredServiceKey& key) {
  LIMPID_RETURN_IF_ERROR(parts_.service_keys.Add(key));
  unfinished_ = true;
  LIMPID_ASSIGN_OR_RETURN(
      key.leaf_index,
      AppendAndMark(std::span<const StoredServiceKey>(&key, 1),
                    parts_.service_keys, parts_.log, parts_.clock.Now()));
  unfinished_ = false;
  return absl::OkStatus();
}

absl::StatusOr<std::uint64_t> Register::MarkedSize() const {
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t versions,
                          parts_.store.LoggedSize());
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t keys,
                          parts_.service_keys.LoggedSize());
  return std::max(versions, keys);
}

absl::Status Register::Recover() {
  const base::MutexLock lock(mutex_);
  return RecoverLocked();
}

absl::Status Register::RecoverLocked() {
  if (!unfinished_) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t marked, MarkedSize());
  const std::uint64_t logged = parts_.log.size();
  if (logged < marked) {
    return absl::DataLossError(
        "the register log is shorter than the store says: one of them is an "
        "older copy");
  }
  LIMPID_ASSIGN_OR_RETURN(const std::vector<Version> versions,
                          parts_.store.Pending());
  LIMPID_ASSIGN_OR_RETURN(const std::vector<StoredServiceKey> keys,
                          parts_.service_keys.Pending());
  if (logged - marked > versions.size() + keys.size()) {
    return absl::DataLossError(
        "the register log holds entries that the store does not know: one of "
        "them is an older copy");
  }
  LIMPID_ASSIGN_OR_RETURN(const std::vector<base::Bytes> tail,
                          parts_.log.ReadEntries(marked, logged - marked));
  // Invariant: an append is marked before the next one is made, so the unmarked
  // end of the log is of one kind. Its marks must be made before other appends.
  // Commitments to snapshots and consent facts are in the store of keys too.
  const bool of_keys =
      !tail.empty() && (receipt::IsServiceKeyEntry(tail[0]) ||
                        receipt::IsTrainingCommitment(tail[0]) ||
                        receipt::IsConsentFacts(tail[0]));
  const std::span<const base::Bytes> none;
  const absl::Time now = parts_.clock.Now();
  const auto finish_keys = [&](std::span<const base::Bytes> entries) {
    return Finish(std::span(keys), entries, marked, parts_.service_keys,
                  parts_.log, now);
  };
  if (of_keys) {
    LIMPID_RETURN_IF_ERROR(finish_keys(tail));
  }
  LIMPID_RETURN_IF_ERROR(Finish(std::span(versions),
                                of_keys ? none : std::span(tail), marked,
                                parts_.store, parts_.log, now));
  if (!of_keys) {
    LIMPID_RETURN_IF_ERROR(finish_keys(none));
  }
  unfinished_ = false;
  return absl::OkStatus();
}

}  // namespace limpid::algoregister
