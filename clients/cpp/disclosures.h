// The wire form of salted fields, and the check that a version says what its
// signed leaf commits to.

#ifndef LIMPID_CLIENTS_CPP_DISCLOSURES_H_
#define LIMPID_CLIENTS_CPP_DISCLOSURES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "common/receipt/registration.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "limpid/algoregister/v1/register.pb.h"

namespace limpid::client {

// Errors:
//   kDataLoss  a salt is not 32 bytes or a value is not strict JSON.
absl::StatusOr<std::vector<receipt::FieldDisclosure>> ReadDisclosures(
    const google::protobuf::RepeatedPtrField<algoregister::v1::FieldDisclosure>&
        wire);

// Checks the leaf's signature, that it is about this registration and version,
// that the disclosures open its digests and make up `content_json`, and that
// everything else the version says is in the leaf or follows from the content.
// Not `leaf_index`: the log's proof has it. Fields erased since are counted in
// `erased_field_count`, restricted parts in `restricted_field_count`, no
// failure.
//
// Errors:
//   kDataLoss  one of them fails; the message says which.
absl::Status CheckVersion(const algoregister::v1::RegistrationVersion& version);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_DISCLOSURES_H_
