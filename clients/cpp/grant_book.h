// The grants that a person signed on this device: what it believes about who
// may be given a copy of a sealed value. A record that the server tells of and
// that is not in here gets none. One file for each record, and one for each
// grant whose answer is not known yet. docs/formats/device-files.md

#ifndef LIMPID_CLIENTS_CPP_GRANT_BOOK_H_
#define LIMPID_CLIENTS_CPP_GRANT_BOOK_H_

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/statement.h"

namespace limpid::client {

// Thread-compatible. Processes may share a directory: what is written is
// written under a lock, after a second look. Errors of all calls:
//   kDataLoss     a file is not one, or `person` did not sign it: names it,
//                 IsAboutOwnFile.
//   kUnavailable  the directory cannot be read or made (IsAboutOwnFile), or
//                 another process held the lock all the time (IsLockHeld).
//   others        a file cannot be written: IsAboutOwnFile.
class GrantBook {
 public:
  // Of one record, so many that were sent are remembered: each of the earlier
  // ones may be the one that took effect.
  static constexpr std::size_t kMaxSent = 8;

  // `directory` need not exist yet.
  explicit GrantBook(std::filesystem::path directory)
      : directory_(std::move(directory)) {}

  // Notes what she signed before it is sent, in <record>.sent, beside those of
  // the same record whose answer is not known: JSON {"signature": base64url,
  // "statement": text, "earlier": [the same of the ones before, newest first]}.
  // Durable on return.
  //
  // Errors: further
  //   kInvalidArgument  it is no statement.
  [[nodiscard]] absl::Status NoteSent(
      const receipt::SignedStatement& statement) const;
  // It was refused: it is forgotten, and no other one that was sent before.
  //
  // Errors: further
  //   kInvalidArgument  it is no statement.
  [[nodiscard]] absl::Status DropRefused(
      const receipt::SignedStatement& statement) const;
  // The record ended: nothing that was noted as sent is left of it.
  [[nodiscard]] absl::Status DropSent(std::string_view record_id) const;

  // Keeps a grant that took effect, in <record>.json, in place of one of the
  // same record that was signed earlier, and takes away what was noted as sent:
  // of several at most one can take effect, each names the revision before.
  // Durable on return.
  //
  // Errors: further
  //   kInvalidArgument  it is no statement.
  [[nodiscard]] absl::Status Keep(
      const receipt::SignedStatement& statement) const;
  // The same of one that was noted as sent: the server told that the record is
  // granted from `from` on. Of several it is the one that says so, else the one
  // that was signed last. None there is no error.
  [[nodiscard]] absl::Status KeepSent(std::string_view record_id,
                                      absl::Time from) const;

  // Those that took effect, by record.
  absl::StatusOr<std::vector<receipt::Statement>> All(
      const crypto::Ed25519PublicKey& person) const;
  // Those whose answer is not known, by record, of each the newest first.
  absl::StatusOr<std::vector<receipt::Statement>> Sent(
      const crypto::Ed25519PublicKey& person) const;
  // Of one record, as they were signed, the newest first.
  absl::StatusOr<std::vector<receipt::SignedStatement>> SentOf(
      std::string_view record_id, const crypto::Ed25519PublicKey& person) const;

  // Forgets a record; one that is not there is no error.
  [[nodiscard]] absl::Status Drop(std::string_view record_id) const;
  // Forgets all of them, readable or not.
  [[nodiscard]] absl::Status Clear() const;
  // Gives every file, readable or not, its name and ".erased": nothing of it
  // counts any more, and she still has what she signed.
  [[nodiscard]] absl::Status SetAside() const;

 private:
  // Does `work` with every file, under the lock.
  absl::Status ForEach(
      absl::FunctionRef<absl::Status(const std::filesystem::path&)> work) const;

  std::filesystem::path directory_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_GRANT_BOOK_H_
