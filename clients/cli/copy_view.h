// How a service's copy of a receipt is judged and shown, whether it came in a
// file or from a server.

#ifndef LIMPID_CLIENTS_CLI_COPY_VIEW_H_
#define LIMPID_CLIENTS_CLI_COPY_VIEW_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "clients/cli/report.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/service_copy.h"

namespace limpid::cli {

// The value of an --evidence-key option.
//
// Errors:
//   kInvalidArgument  not 32 bytes in base64url, or no key.
absl::StatusOr<crypto::Ed25519PublicKey> ReadEvidenceKey(
    const std::string& text);

// What the copy discloses, after `sentence`.
//
// Errors:
//   kDataLoss  it does not verify.
absl::StatusOr<Report> CopyReport(const receipt::ServiceCopy& copy,
                                  const crypto::Ed25519PublicKey& key,
                                  std::string_view sentence);

// Whether a copy that verified is of `record`.
//
// Errors:
//   kDataLoss  it is of another one, or does not say of which.
absl::Status CheckIsOf(const receipt::ServiceCopy& copy,
                       std::string_view record);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_COPY_VIEW_H_
