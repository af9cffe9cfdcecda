// The grants that a person signed on this device: what it believes about who
// may be given a copy of a sealed value. A record that the server tells of and
// that is not in here gets none. One file for each record, and one for each
// grant whose answer is not known yet. docs/formats/device-files.md

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

// Thread-compatible. Processes may share a directory: what is written is
// written under a lock, after a second look. Errors of all calls:
//   kDataLoss     a file is not one, or `person` did not sign it: names it,
//                 IsAboutOwnFile.
//   kUnavailable  the directory cannot be read or written, or another process
//                 held the lock all the time.
class GrantBook {
 public:
  // `directory` need not exist yet.
  explicit GrantBook(std::filesystem::path directory)
      : directory_(std::move(directory)) {}

  // Notes what she signed before it is sent: JSON {"signature": base64url,
  // "statement": text} in <record>.sent. Durable on return.
  //
  // Errors: further
  //   kInvalidArgument  it is no statement.
  [[nodiscard]] absl::Status NoteSent(
      const receipt::SignedStatement& statement) const;
  // It was refused: nothing is left of it.
  [[nodiscard]] absl::Status DropSent(std::string_view record_id) const;

  // Keeps a grant that took effect, in <record>.json, in place of one of the
  // same record that was signed earlier, and takes away what was noted as sent.
  // Durable on return.
  //
  // Errors: further
  //   kInvalidArgument  it is no statement.
  [[nodiscard]] absl::Status Keep(
      const receipt::SignedStatement& statement) const;
  // The same of the one that was noted as sent: the server told that it took
  // effect. One that is not there is no error.
  [[nodiscard]] absl::Status KeepSent(std::string_view record_id) const;

  // Those that took effect, by record.
  absl::StatusOr<std::vector<receipt::Statement>> All(
      const crypto::Ed25519PublicKey& person) const;
  // Those whose answer is not known, by record.
  absl::StatusOr<std::vector<receipt::Statement>> Sent(
      const crypto::Ed25519PublicKey& person) const;

  // Forgets a record; one that is not there is no error.
  [[nodiscard]] absl::Status Drop(std::string_view record_id) const;
  // Forgets all of them, readable or not.
  [[nodiscard]] absl::Status Clear() const;

 private:
  std::filesystem::path directory_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_GRANT_BOOK_H_
