// "For which registered systems were my data released?" Joins the person's
// access entries with the register on her own device, so that neither side
// learns what the other knows.

#ifndef LIMPID_CLIENTS_CPP_SYSTEM_USE_H_
#define LIMPID_CLIENTS_CPP_SYSTEM_USE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/register_client.h"
#include "common/tlog/policy.h"
#include "limpid/consent/v1/access.pb.h"

namespace limpid::client {

// One system and snapshot, with every release of this person's data for it.
struct SystemUse {
  std::string system_id;
  std::string snapshot_id;
  // What the register says of the system, verified; empty when the register
  // does not have it.
  std::optional<CheckedVersion> system;
  std::string title;
  // Names of the attributes that were released, sorted, each once.
  std::vector<std::string> attributes;
  std::vector<std::string> organisations;
  std::vector<std::string> access_ids;
  absl::Time first;
  absl::Time last;
};

// Uses only entries that released something for training. "Released for the
// training of", never "trained on": what a service did afterwards nobody here
// can see. Asks the register anonymously, by system.
//
// Errors: those of the register, and
//   kDataLoss  what it says about a system does not verify.
absl::StatusOr<std::vector<SystemUse>> JoinSystemUse(
    const std::vector<consent::v1::AccessEntry>& accesses,
    RegisterClient& algorithms, const tlog::Policy& register_log);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_SYSTEM_USE_H_
