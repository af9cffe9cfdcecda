#include "algoregister/store/memory_registration_store.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/bridge/snapshots.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/registration_store.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"

namespace limpid::algoregister {
namespace {

bool Matches(const Head& head, const ListFilter& filter) {
  return (!filter.kind || head.registration.kind == *filter.kind) &&
         (!filter.organisation || head.organisation == filter.organisation) &&
         (filter.include_retired || head.state == RegistrationState::kActive) &&
         FoldTitle(head.title).starts_with(FoldTitle(filter.title_prefix));
}

auto SortKey(const Head& head) {
  return std::make_pair(FoldTitle(head.title), head.registration.bytes);
}

template <typename Key>
absl::Status Claim(std::map<Key, RegistrationId>& owners, const Key& key,
                   const RegistrationId& registration) {
  const auto [at, inserted] = owners.try_emplace(key, registration);
  if (inserted || at->second == registration) return absl::OkStatus();
  return absl::AlreadyExistsError("an alias belongs to another registration");
}

}  // namespace

Head MemoryRegistrationStore::HeadOf(const Version& version) {
  const json::Value content = ContentOf(version);
  return {.registration = version.registration,
          .number = version.number,
          .state = version.state,
          .title = ListTitleOf(content),
          .organisation = OrganisationOf(content),
          .draft_time = version.draft_time};
}

absl::Status MemoryRegistrationStore::AddOne(const NewVersion& next,
                                             State& state) {
  const Version& version = next.version();
  std::vector<Version>& stored = state.versions[version.registration];
  if (version.number >= 1 && version.number <= stored.size() &&
      stored[version.number - 1].leaf == version.leaf) {
    return absl::OkStatus();
  }
  if (version.number != stored.size() + 1) {
    return absl::AbortedError("another version was published since");
  }
  for (const Alias& alias : AliasesOf(next.content())) {
    LIMPID_RETURN_IF_ERROR(Claim(state.aliases, alias, version.registration));
  }
  for (const Snapshot& snapshot : SnapshotsOf(next.content())) {
    LIMPID_RETURN_IF_ERROR(
        Claim(state.snapshots, snapshot.id, version.registration));
  }
  stored.push_back(version);
  stored.back().leaf_index.reset();
  state.order.emplace_back(version.registration, version.number);
  return absl::OkStatus();
}

absl::Status MemoryRegistrationStore::Add(
    std::span<const NewVersion> versions) {
  const base::MutexLock lock(mutex_);
  State copy = state_;
  for (const NewVersion& version : versions) {
    LIMPID_RETURN_IF_ERROR(AddOne(version, copy));
  }
  state_ = std::move(copy);
  return absl::OkStatus();
}

absl::Status MemoryRegistrationStore::MarkLogged(
    std::span<const LogPlace> places) {
  const base::MutexLock lock(mutex_);
  for (const LogPlace& place : places) {
    const auto found = state_.versions.find(place.registration);
    if (found == state_.versions.end() || place.number < 1 ||
        place.number > found->second.size()) {
      return absl::NotFoundError("no such version");
    }
  }
  for (const LogPlace& place : places) {
    Version& version = state_.versions[place.registration][place.number - 1];
    if (!version.leaf_index) version.logged_time = place.logged_time;
    version.leaf_index = place.leaf_index;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Version>> MemoryRegistrationStore::Pending() const {
  const base::MutexLock lock(mutex_);
  std::vector<Version> out;
  for (const auto& [registration, number] : state_.order) {
    const Version& version = state_.versions.at(registration).at(number - 1);
    if (!version.leaf_index) out.push_back(version);
  }
  return out;
}

absl::StatusOr<std::uint64_t> MemoryRegistrationStore::LoggedSize() const {
  const base::MutexLock lock(mutex_);
  std::uint64_t size = 0;
  for (const auto& [registration, versions] : state_.versions) {
    for (const Version& version : versions) {
      if (version.leaf_index) size = std::max(size, *version.leaf_index + 1);
    }
  }
  return size;
}

absl::StatusOr<std::vector<Version>> MemoryRegistrationStore::LoggedFrom(
    std::uint64_t first, std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::map<std::uint64_t, const Version*> found;
  for (const auto& [registration, versions] : state_.versions) {
    for (const Version& version : versions) {
      if (version.leaf_index && *version.leaf_index >= first) {
        found.emplace(*version.leaf_index, &version);
      }
    }
  }
  std::vector<Version> out;
  for (const auto& [place, version] : found) {
    if (out.size() == limit) break;
    out.push_back(*version);
  }
  return out;
}

const Version* MemoryRegistrationStore::Newest(
    const std::vector<Version>& versions) {
  const Version* newest = nullptr;
  for (const Version& version : versions) {
    if (version.leaf_index) newest = &version;
  }
  return newest;
}

absl::StatusOr<Version> MemoryRegistrationStore::Get(
    const RegistrationId& registration, std::uint32_t number) const {
  const base::MutexLock lock(mutex_);
  const auto found = state_.versions.find(registration);
  const Version* version = nullptr;
  if (found != state_.versions.end()) {
    if (number == 0) {
      version = Newest(found->second);
    } else if (number <= found->second.size()) {
      version = &found->second[number - 1];
    }
  }
  if (version == nullptr || !version->leaf_index) {
    return absl::NotFoundError(number == 0 ? "no such registration"
                                           : "no such version");
  }
  return *version;
}

absl::StatusOr<std::vector<Version>> MemoryRegistrationStore::History(
    const RegistrationId& registration, std::uint32_t after,
    std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::vector<Version> out;
  const auto found = state_.versions.find(registration);
  if (found == state_.versions.end()) return out;
  for (const Version& version : found->second) {
    if (version.number > after && version.leaf_index && out.size() < limit) {
      out.push_back(version);
    }
  }
  return out;
}

absl::StatusOr<Head> MemoryRegistrationStore::GetHead(
    const RegistrationId& registration) const {
  const auto version = Get(registration, 0);
  if (!version.ok()) return absl::NotFoundError("no such registration");
  return HeadOf(*version);
}

std::vector<Head> MemoryRegistrationStore::Matching(
    const ListFilter& filter) const {
  std::vector<Head> out;
  for (const auto& [registration, versions] : state_.versions) {
    const Version* const newest = Newest(versions);
    if (newest == nullptr) continue;
    Head head = HeadOf(*newest);
    if (Matches(head, filter)) out.push_back(std::move(head));
  }
  std::sort(out.begin(), out.end(), [](const Head& left, const Head& right) {
    return SortKey(left) < SortKey(right);
  });
  return out;
}

absl::StatusOr<std::vector<Head>> MemoryRegistrationStore::List(
    const ListFilter& filter, const std::optional<ListCursor>& after,
    std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::vector<Head> out;
  for (Head& head : Matching(filter)) {
    const bool seen =
        after && SortKey(head) <= std::make_pair(after->title_key,
                                                 after->registration.bytes);
    if (!seen && out.size() < limit) out.push_back(std::move(head));
  }
  return out;
}

absl::StatusOr<std::uint64_t> MemoryRegistrationStore::Count(
    const ListFilter& filter) const {
  const base::MutexLock lock(mutex_);
  return Matching(filter).size();
}

absl::StatusOr<std::optional<RegistrationId>>
MemoryRegistrationStore::FindAlias(const Alias& alias) const {
  const base::MutexLock lock(mutex_);
  const auto found = state_.aliases.find(alias);
  if (found == state_.aliases.end()) return std::optional<RegistrationId>();
  return std::optional(found->second);
}

absl::StatusOr<std::uint64_t> MemoryRegistrationStore::CountAliases(
    std::string_view scheme) const {
  const base::MutexLock lock(mutex_);
  return static_cast<std::uint64_t>(std::count_if(
      state_.aliases.begin(), state_.aliases.end(),
      [scheme](const auto& entry) { return entry.first.scheme == scheme; }));
}

absl::StatusOr<std::vector<OwnedAlias>> MemoryRegistrationStore::ListAliases(
    std::string_view scheme, std::string_view after, std::size_t limit) const {
  const base::MutexLock lock(mutex_);
  std::vector<OwnedAlias> out;
  const Alias begin{std::string(scheme), std::string(after)};
  for (auto at = state_.aliases.upper_bound(begin);
       at != state_.aliases.end() && at->first.scheme == scheme &&
       out.size() < limit;
       ++at) {
    out.push_back({at->first.id, at->second});
  }
  return out;
}

absl::StatusOr<std::optional<RegistrationId>>
MemoryRegistrationStore::FindOrganisation(
    std::string_view title, const std::optional<PublisherId>& keeper) const {
  if (title == kErasedTitle) return std::optional<RegistrationId>();
  const base::MutexLock lock(mutex_);
  // By whether another keeps it, and the place of its first version.
  std::map<std::pair<bool, std::uint64_t>, RegistrationId> found;
  for (const auto& [registration, versions] : state_.versions) {
    if (registration.kind != RegistrationKind::kOrganisation) continue;
    const Version* const newest = Newest(versions);
    if (newest == nullptr || newest->state != RegistrationState::kActive) {
      continue;
    }
    if (TitleOf(ContentOf(*newest)) != title) continue;
    found.try_emplace(
        {newest->publisher != keeper, versions.front().leaf_index.value_or(0)},
        registration);
  }
  if (found.empty()) return std::optional<RegistrationId>();
  return std::optional(found.begin()->second);
}

absl::StatusOr<std::optional<RegistrationId>>
MemoryRegistrationStore::FindSnapshot(const SnapshotId& snapshot) const {
  const base::MutexLock lock(mutex_);
  const auto found = state_.snapshots.find(snapshot);
  if (found == state_.snapshots.end()) return std::optional<RegistrationId>();
  return std::optional(found->second);
}

}  // namespace limpid::algoregister
