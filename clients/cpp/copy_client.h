// Copies of sealed values for services: made on the person's device for grants
// that she signed there, destroyed when she withdraws. And the other end: the
// service opens what it was given. docs/formats/grant-copy.md

#ifndef LIMPID_CLIENTS_CPP_COPY_CLIENT_H_
#define LIMPID_CLIENTS_CPP_COPY_CLIENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/grant_book.h"
#include "clients/cpp/person_client.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/sealed_client.h"
#include "clients/cpp/service_key_client.h"
#include "clients/cpp/vault_client.h"
#include "common/base/clock.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/x25519.h"
#include "common/receipt/statement.h"
#include "limpid/vault/v1/vault_service.pb.h"

namespace limpid::client {

// What became of one granted line whose value is sealed.
struct CopiedLine {
  std::string record;
  std::string attribute;
  // OK when a copy is at the vault; else why the service gets none.
  absl::Status outcome;
};

// What a CopyClient works with; all must outlive it.
struct CopyTools {
  // Carries SourceTokens.
  Connection& vault;
  PersonClient& consent;
  VaultClient& values;
  SealedClient& sealed;
  ServiceKeyClient& service_keys;
  const PersonKey& person;
  const GrantBook& grants;
  const base::Clock& clock;
};

// Has the vault destroy the key around the copies of a record, and them. Needs
// nothing but her token: not the device that made them. Returns how many there
// were. `vault` as in CopyTools.
absl::StatusOr<std::int64_t> DestroyCopies(Connection& vault,
                                           std::string_view record_id);

// Thread-compatible. Errors of all calls: those of the tools.
class CopyClient {
 public:
  // `source_id` is the pinned vault, "src_…".
  CopyClient(const CopyTools& tools, std::string source_id)
      : tools_(tools), source_id_(std::move(source_id)) {}

  // Makes a copy of each sealed value that `grant` names, or of `attribute`
  // alone. What the server says of the record can only take away: a record
  // that is not in force, or an attribute that it was narrowed by, gets none.
  // Lines whose value is not sealed are left out of the answer.
  //
  // Errors: further
  //   kFailedPrecondition  the record has ended.
  absl::StatusOr<std::vector<CopiedLine>> Share(
      const receipt::Statement& grant, std::string_view attribute = "");

  // The same for every grant in the book that names `attribute`, or for all of
  // them when it is empty. Records that have ended are forgotten; a failure of
  // another kind forgets nothing. Of a record that the server does not know
  // each line is told with kNotFound, and the others are gone on with. A grant
  // that was noted as sent counts once the server says that it is in force,
  // which it alone cannot make it: she signed it.
  absl::StatusOr<std::vector<CopiedLine>> ShareAll(
      std::string_view attribute = "");

  // The same for the grant of one record, if it is in the book.
  absl::StatusOr<std::vector<CopiedLine>> ShareRecord(
      std::string_view record_id);

  // DestroyCopies, and takes the grant out of the book.
  absl::StatusOr<std::int64_t> Forget(std::string_view record_id);

 private:
  // None when the record has ended for good.
  absl::StatusOr<std::optional<std::vector<CopiedLine>>> ShareUnlessEnded(
      const receipt::Statement& grant, std::string_view attribute);
  absl::Status ResolveSent();
  absl::Status CopyOne(const receipt::Statement& grant,
                       const receipt::PermitLine& line, std::uint64_t revision,
                       const vault::v1::GetAttributeResponse& got);

  CopyTools tools_;
  const std::string source_id_;
};

// What a service got of a sealed value.
struct OpenedCopy {
  // RFC 8785.
  std::string value_json;
  absl::Time put_time;
  // Of the record. The same in every copy under it, or one of them is not the
  // person's: whoever reads again compares.
  crypto::Ed25519PublicKey grant_key;
};

// Opens the copy in `result`, which was asked for under `record_id`, with the
// service's encryption key. `known` is the grant key of an earlier copy under
// the record.
//
// Errors:
//   kInvalidArgument  `result` has no copy.
//   kDataLoss         it is of another record, attribute, form or version, is
//                     over, is signed by another key than `known`, or does not
//                     open; never says which.
absl::StatusOr<OpenedCopy> OpenSealedCopy(
    const vault::v1::AttributeResult& result, std::string_view record_id,
    const crypto::X25519PrivateKey& key, absl::Time now,
    const std::optional<crypto::Ed25519PublicKey>& known = std::nullopt);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_COPY_CLIENT_H_
