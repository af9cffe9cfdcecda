#include "algoregister/search/recent_versions.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "algoregister/version/published_version.h"
#include "common/base/mutex.h"
#include "common/json/value.h"

namespace limpid::algoregister::search {
namespace {

// About what a value takes in memory: texts, and what holds them together.
std::size_t BytesOf(const json::Value& value) {
  std::size_t out = sizeof(json::Value);
  if (value.is_string()) out += value.string().capacity();
  if (value.is_array()) {
    for (const json::Value& element : value.elements()) out += BytesOf(element);
  }
  if (value.is_object()) {
    for (const json::Member& member : value.members()) {
      out += sizeof(std::string) + member.key.capacity();
      out += BytesOf(member.value);
    }
  }
  return out;
}

}  // namespace

void RecentVersions::DropFirst() {
  bytes_ -= held_.front().bytes;
  held_.pop_front();
}

bool RecentVersions::Add(std::vector<PublishedVersion> versions) {
  std::vector<std::size_t> sizes;
  sizes.reserve(versions.size());
  for (const PublishedVersion& version : versions) {
    sizes.push_back(BytesOf(version.content));
  }
  const base::MutexLock lock(mutex_);
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const std::uint64_t place = versions[i].leaf_index;
    while (!held_.empty() && held_.back().version.leaf_index + 1 != place) {
      DropFirst();
    }
    held_.push_back({.version = std::move(versions[i]), .bytes = sizes[i]});
    bytes_ += sizes[i];
  }
  while (held_.size() > kMostVersions || bytes_ > kMostBytes) DropFirst();
  return held_.size() > kMostVersions / 2 || bytes_ > kMostBytes / 2;
}

std::vector<PublishedVersion> RecentVersions::Take(std::uint64_t first,
                                                   std::size_t limit) {
  const base::MutexLock lock(mutex_);
  while (!held_.empty() && held_.front().version.leaf_index < first) {
    DropFirst();
  }
  std::vector<PublishedVersion> out;
  if (held_.empty() || held_.front().version.leaf_index != first) return out;
  while (!held_.empty() && out.size() < limit) {
    out.push_back(std::move(held_.front().version));
    DropFirst();
  }
  return out;
}

void RecentVersions::Clear() {
  std::deque<Held> gone;
  const base::MutexLock lock(mutex_);
  gone.swap(held_);
  bytes_ = 0;
}

}  // namespace limpid::algoregister::search
