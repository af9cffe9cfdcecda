// The act of a batch of releases as an operator checks it: the same check as a
// person's of hers (vault_act.h). docs/formats/release-trail.md

#ifndef LIMPID_CLIENTS_CPP_RELEASE_ACT_H_
#define LIMPID_CLIENTS_CPP_RELEASE_ACT_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "limpid/vault/v1/release_trail_service.pb.h"

namespace limpid::client {

// Checks that the opening is a disclosure of the act of batch `number` of this
// vault, that it opens to the commitment and stands for the batch that came
// with it and, where the act is logged, that its counter is the leaf's. Whether
// the log has the leaf is the caller's question.
//
// Errors:
//   kDataLoss  one of them fails; the message does not say which.
absl::Status CheckReleases(const vault::v1::ReleaseBatch& batch,
                           std::string_view source_id, std::uint64_t number);

// The same of a batch that is damaged: what its digest was, as the act says it.
absl::StatusOr<base::Digest32> DigestOfDamaged(
    const vault::v1::ReleaseBatch& batch, std::string_view source_id);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_RELEASE_ACT_H_
