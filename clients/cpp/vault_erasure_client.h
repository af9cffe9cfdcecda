// What a person has erased at one vault, and the certificates she can check
// without it. docs/formats/erasure-certificate.md

#ifndef LIMPID_CLIENTS_CPP_VAULT_ERASURE_CLIENT_H_
#define LIMPID_CLIENTS_CPP_VAULT_ERASURE_CLIENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/person_key.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/tlog/policy.h"
#include "limpid/vault/v1/erasure_service.pb.h"

namespace limpid::client {

// What a certificate says.
struct ErasureFacts {
  // "src_…"
  std::string source_id;
  bool everything = false;
  // Empty when everything was erased.
  std::string attribute;
  std::vector<std::uint64_t> versions;
  std::uint32_t values = 0;
  absl::Time time;
  // The longest retention and one epoch, in days.
  std::uint32_t days = 0;
  absl::Time not_before;
  // No key-encryption key up to this one may be left for it to be final.
  std::uint32_t epoch = 0;
};

// Errors:
//   kDataLoss  not exactly one certificate, or its dates contradict each other.
absl::StatusOr<ErasureFacts> ReadCertificate(std::string_view certificate);

struct CheckedErasure {
  ErasureFacts facts;
  // Whom the act was compared with, if with anybody.
  std::optional<base::ByteArray<16>> holder;
  vault::v1::GetErasureCertificateResponse answer;
};

// Thread-compatible. `connection` carries SourceTokens made with `key`.
class VaultErasureClient {
 public:
  VaultErasureClient(Connection& connection, const PersonKey& key,
                     std::string source_id, const base::Clock& clock)
      : connection_(connection),
        key_(key),
        source_id_(std::move(source_id)),
        clock_(clock) {}

  absl::StatusOr<vault::v1::ErasureResult> EraseAttribute(
      std::string_view attribute);
  // Everything of hers in this vault, on her signature.
  absl::StatusOr<vault::v1::ErasureResult> EraseEverything();
  // The certificate of one erased version, or with an empty attribute of
  // everything; checked against the pinned vault and, once logged, the log.
  // `holder` as AskedAct: without it a certificate of anybody passes.
  //
  // Errors: further
  //   kDataLoss  it is of something or somebody else, or its proof does not
  //              verify.
  absl::StatusOr<CheckedErasure> Certificate(
      std::string_view attribute, std::uint64_t version,
      const tlog::Policy& vault_log,
      const std::optional<base::ByteArray<16>>& holder);
  absl::StatusOr<vault::v1::ListHoldsResponse> Holds();
  // Whether an erasure could go through, before anything else is done for it. A
  // hold that is placed after this is the erasure's own refusal.
  //
  // Errors: further
  //   kFailedPrecondition  a hold stands; says which law and reason.
  absl::Status CheckNoHold();

 private:
  Connection& connection_;
  const PersonKey& key_;
  const std::string source_id_;
  const base::Clock& clock_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_VAULT_ERASURE_CLIENT_H_
