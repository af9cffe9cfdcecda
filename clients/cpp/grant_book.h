// The grants that a person signed on this device: what it believes about who
// may be given a copy of a sealed value. A record that the server tells of and
// that is not in here gets none. One file for each record.

#ifndef LIMPID_CLIENTS_CPP_GRANT_BOOK_H_
#define LIMPID_CLIENTS_CPP_GRANT_BOOK_H_

#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/statement.h"

namespace limpid::client {

// Thread-compatible; one process at a time.
class GrantBook {
 public:
  // `directory` need not exist yet.
  explicit GrantBook(std::filesystem::path directory)
      : directory_(std::move(directory)) {}

  // Keeps what she signed, in place of an earlier one of the same record:
  // JSON {"signature": base64url, "statement": text} in <record>.json. Durable
  // on return.
  //
  // Errors:
  //   kInvalidArgument  it is no statement.
  [[nodiscard]] absl::Status Keep(
      const receipt::SignedStatement& statement) const;

  // All of them, by record.
  //
  // Errors:
  //   kDataLoss  a file is not one, or `person` did not sign it; names it.
  absl::StatusOr<std::vector<receipt::Statement>> All(
      const crypto::Ed25519PublicKey& person) const;

  // The one of a record.
  //
  // Errors: as All, and
  //   kNotFound  she did not sign it on this device.
  absl::StatusOr<receipt::Statement> Find(
      std::string_view record_id, const crypto::Ed25519PublicKey& person) const;

  // Forgets a record; one that is not there is no error.
  [[nodiscard]] absl::Status Drop(std::string_view record_id) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_GRANT_BOOK_H_
