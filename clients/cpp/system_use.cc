#include "clients/cpp/system_use.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "clients/cpp/wire_time.h"
#include "common/base/status_macros.h"

namespace limpid::client {
namespace {

struct Gathered {
  std::set<std::string> attributes;
  std::set<std::string> organisations;
  std::vector<std::string> access_ids;
  absl::Time first = absl::InfiniteFuture();
  absl::Time last = absl::InfinitePast();
};

// By system and snapshot.
using Uses = std::map<std::pair<std::string, std::string>, Gathered>;

void Gather(const consent::v1::AccessEntry& entry, Uses& uses) {
  std::set<std::string> released;
  for (const auto& decision : entry.decisions()) {
    if (decision.allowed()) released.insert(decision.attribute());
  }
  if (!entry.has_training() || released.empty()) return;
  Gathered& use =
      uses[{entry.training().system_id(), entry.training().snapshot_id()}];
  use.attributes.merge(released);
  use.organisations.insert(entry.organisation());
  use.access_ids.push_back(entry.access_id());
  const absl::Time time = TimeOf(entry.time());
  use.first = std::min(use.first, time);
  use.last = std::max(use.last, time);
}

}  // namespace

absl::StatusOr<std::vector<SystemUse>> JoinSystemUse(
    const std::vector<consent::v1::AccessEntry>& accesses,
    RegisterClient& algorithms, const tlog::Policy& register_log) {
  Uses uses;
  for (const auto& entry : accesses) Gather(entry, uses);
  std::vector<SystemUse> out;
  for (auto& [key, use] : uses) {
    SystemUse& row = out.emplace_back();
    row.system_id = key.first;
    row.snapshot_id = key.second;
    row.attributes.assign(use.attributes.begin(), use.attributes.end());
    row.organisations.assign(use.organisations.begin(),
                             use.organisations.end());
    row.access_ids = std::move(use.access_ids);
    row.first = use.first;
    row.last = use.last;
    auto system =
        algorithms.GetChecked(row.system_id, /*version=*/0, register_log);
    if (system.ok()) {
      row.title = system->version.title();
      row.system = *std::move(system);
    } else if (!absl::IsNotFound(system.status())) {
      return system.status();
    }
  }
  return out;
}

}  // namespace limpid::client
