// Sharing agreements between the wire and the domain.

#ifndef LIMPID_CONSENT_RPC_CONVERT_SHARING_H_
#define LIMPID_CONSENT_RPC_CONVERT_SHARING_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "consent/sharing/sharing_agreement.h"
#include "limpid/consent/v1/sharing.pb.h"

namespace limpid::consent {

v1::SharingAgreement ToProto(const SharingAgreement& sharing);

// `path` stands before each field. Attributes are sorted here.
//
// Errors:
//   kInvalidArgument  "<path>.<field>: <reason>".
absl::StatusOr<SharingTerms> FromProto(std::string_view path,
                                       const v1::SharingTerms& terms);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_CONVERT_SHARING_H_
