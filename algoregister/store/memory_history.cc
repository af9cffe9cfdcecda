// Points in time, erasures and links of MemoryRegistrationStore.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/links/link.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_erasure.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/store/memory_registration_store.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"

namespace limpid::algoregister {
namespace {

auto SortKey(const Referrer& referrer) {
  return std::make_tuple(FoldTitle(referrer.head.title),
                         referrer.head.registration.bytes, referrer.pointer);
}

bool Asks(const LinkQuery& query, const Link& link) {
  return link.kind == query.kind &&
         std::find(query.keys.begin(), query.keys.end(), link.key) !=
             query.keys.end();
}

}  // namespace

absl::StatusOr<Version> MemoryRegistrationStore::GetAt(
    const RegistrationId& registration, absl::Time time) const {
  const base::MutexLock lock(mutex_);
  const auto found = state_.versions.find(registration);
  const Version* newest = nullptr;
  if (found != state_.versions.end()) {
    for (const Version& version : found->second) {
      if (version.leaf_index && version.logged_time <= time) newest = &version;
    }
  }
  if (newest == nullptr) return absl::NotFoundError("no version at that time");
  return *newest;
}

absl::Status MemoryRegistrationStore::EraseOne(const FieldErasure& erasure,
                                               State& state) {
  const auto found = state.versions.find(erasure.registration);
  if (found == state.versions.end() || erasure.number < 1 ||
      erasure.number > found->second.size() ||
      !found->second[erasure.number - 1].leaf_index) {
    return absl::NotFoundError("no such version");
  }
  const auto key =
      std::make_tuple(erasure.registration, erasure.number, erasure.pointer);
  std::vector<FieldDisclosure>& fields =
      found->second[erasure.number - 1].fields;
  const auto gone = std::remove_if(fields.begin(), fields.end(),
                                   [&erasure](const FieldDisclosure& field) {
                                     return field.pointer == erasure.pointer;
                                   });
  if (gone == fields.end() && !state.erasures.contains(key)) {
    return absl::NotFoundError("no such field in the version");
  }
  fields.erase(gone, fields.end());
  state.erasures.try_emplace(key, erasure);
  std::set<Alias> kept;
  for (const Version& version : found->second) {
    for (Alias& alias : AliasesOf(ContentOf(version))) {
      kept.insert(std::move(alias));
    }
  }
  std::erase_if(state.aliases, [&](const auto& entry) {
    return entry.second == erasure.registration && !kept.contains(entry.first);
  });
  return absl::OkStatus();
}

absl::Status MemoryRegistrationStore::EraseFields(
    std::span<const FieldErasure> erasures) {
  const base::MutexLock lock(mutex_);
  State copy = state_;
  for (const FieldErasure& erasure : erasures) {
    LIMPID_RETURN_IF_ERROR(EraseOne(erasure, copy));
  }
  state_ = std::move(copy);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<FieldErasure>> MemoryRegistrationStore::Erasures(
    const RegistrationId& registration) const {
  const base::MutexLock lock(mutex_);
  std::vector<FieldErasure> out;
  for (const auto& [key, erasure] : state_.erasures) {
    if (std::get<0>(key) == registration) out.push_back(erasure);
  }
  return out;
}

absl::StatusOr<std::vector<Referrer>> MemoryRegistrationStore::Referrers(
    const LinkQuery& query, const std::optional<ReferrerCursor>& after,
    std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::vector<Referrer> out;
  for (const auto& [registration, versions] : state_.versions) {
    if (query.source && registration.kind != *query.source) continue;
    const Version* const newest = Newest(versions);
    if (newest == nullptr || (newest->state == RegistrationState::kRetired &&
                              !query.include_retired)) {
      continue;
    }
    const Head head = HeadOf(*newest);
    for (const Link& link : LinksOf(ContentOf(*newest))) {
      if (Asks(query, link)) {
        out.push_back({.head = head, .pointer = link.pointer});
      }
    }
  }
  if (after) {
    const auto seen = std::make_tuple(
        after->title_key, after->registration.bytes, after->pointer);
    std::erase_if(
        out, [&seen](const Referrer& one) { return SortKey(one) <= seen; });
  }
  std::sort(out.begin(), out.end(),
            [](const Referrer& left, const Referrer& right) {
              return SortKey(left) < SortKey(right);
            });
  out.erase(std::unique(out.begin(), out.end()), out.end());
  if (out.size() > limit) out.resize(limit);
  return out;
}

absl::StatusOr<std::size_t> MemoryRegistrationStore::FillLinks(
    std::size_t /*limit*/) {
  return 0;
}

}  // namespace limpid::algoregister
