// Takes what a vault keeps for a person out, and brings it to another vault.
// Encrypts nothing: whoever calls does, before anything is written.

#ifndef LIMPID_CLIENTS_CPP_PORTABILITY_CLIENT_H_
#define LIMPID_CLIENTS_CPP_PORTABILITY_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/bundle.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/person_key.h"
#include "common/crypto/ed25519.h"
#include "limpid/vault/v1/portability_service.pb.h"

namespace limpid::client {

struct RefusedLine {
  // In the bundle, from 1.
  std::size_t number = 0;
  // Of versions; a slot has none.
  std::string attribute;
  std::uint64_t version = 0;
  vault::v1::ImportRefusal refusal = vault::v1::IMPORT_REFUSAL_UNSPECIFIED;
  // For people; the vault's words.
  std::string detail;
};

struct ImportReport {
  // Slots and versions: `created`, `unchanged` and those in `refused`.
  std::size_t read = 0;
  std::size_t created = 0;
  std::size_t unchanged = 0;
  std::vector<RefusedLine> refused;
};

struct Exported {
  // A bundle. The caller wipes it.
  std::string bundle;
  std::size_t slots = 0;
  std::size_t versions = 0;
  // Of the act in the vault's log, 32 bytes.
  std::string commitment;
};

// Where she went: the operator's name and its evidence key, received another
// way than from the old operator.
struct MoveAway {
  std::string name;
  crypto::Ed25519PublicKey evidence_key;
};

struct SignedMoveAway {
  std::optional<MoveAway> to;
  std::uint64_t number = 0;
  absl::Time time;
  crypto::Ed25519Signature signature{};
};
// By her last word at a vault.
struct Whereabouts {
  // None while she is here.
  std::optional<MoveAway> to;
  // Of her last move, also if she took it back; 0 before the first.
  std::uint64_t last_number = 0;
};
// Signs what follows on `now_at` with the account key, for the vault
// `source_id` ("src_..."): that she moved to `to`, or that she takes back that
// she did. docs/formats/vault-move.md
//
// Errors:
//   kInvalidArgument  not a source id.
absl::StatusOr<SignedMoveAway> SignMoveAway(const PersonKey& key,
                                            std::string_view source_id,
                                            std::optional<MoveAway> to,
                                            const Whereabouts& now_at,
                                            absl::Time now);

// Thread-compatible. `connection` carries SourceTokens. Errors of all calls:
// the server's, and
//   kDataLoss  what it answered is not what was asked for.
class PortabilityClient {
 public:
  explicit PortabilityClient(Connection& connection)
      : connection_(connection) {}

  // Everything that is kept for the caller; a bundle that ReadBundle takes. If
  // something is stored meanwhile it begins again, a few times.
  //
  // Errors: further
  //   kAborted            something was stored again and again meanwhile.
  //   kResourceExhausted  over kMaxBundleBytes.
  //   kDataLoss           no bundle; or pages without a line, lines that are
  //                       none, or more pages than a bundle has: it would never
  //                       end.
  absl::StatusOr<Exported> Export(const BundleHead& head);

  // Brings every slot and version of `bundle`. Interrupted, it is called again:
  // what is there already is found unchanged.
  absl::StatusOr<ImportReport> Import(const Bundle& bundle);

  // Declares that she moved to `to`, or takes that back without it.
  absl::StatusOr<vault::v1::DeclareMoveResponse> DeclareMove(
      const SignedMoveAway& move);
  absl::StatusOr<Whereabouts> GetMove();

 private:
  absl::StatusOr<std::vector<std::string>> Lines(std::string& commitment);
  // Appends to `out`, which the caller wipes whatever comes of it.
  absl::Status Pages(std::vector<std::string>& out, std::string& commitment);
  absl::Status Send(const vault::v1::ImportLinesRequest& batch,
                    const std::vector<const BundleLine*>& lines,
                    ImportReport& report);

  Connection& connection_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_PORTABILITY_CLIENT_H_
