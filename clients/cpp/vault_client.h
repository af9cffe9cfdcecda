// What a person does with her attributes at one vault. Speaks with a source
// token that consent mints, renewed before it ends, and a proof for each call.

#ifndef LIMPID_CLIENTS_CPP_VAULT_CLIENT_H_
#define LIMPID_CLIENTS_CPP_VAULT_CLIENT_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/vault_act.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/tlog/policy.h"
#include "limpid/vault/v1/person_vault_service.pb.h"

namespace limpid::client {

// Thread-safe. Everything given must outlive it.
class SourceTokens {
 public:
  // `consent` carries PersonTokens.
  SourceTokens(Connection& consent, const PersonKey& key, std::string source_id,
               const base::Clock& clock)
      : consent_(consent),
        key_(key),
        source_id_(std::move(source_id)),
        clock_(clock) {}

  // Token and proof for one call of `method` at the vault; asks consent for a
  // new token when the old one is about to end.
  absl::StatusOr<rpc::CallTokens> For(std::string_view method);

 private:
  Connection& consent_;
  const PersonKey& key_;
  const std::string source_id_;
  const base::Clock& clock_;
  base::Mutex mutex_;
  std::string token_ ABSL_GUARDED_BY(mutex_);
  absl::Time renew_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

// Thread-compatible. One method per RPC unless it says more.
class VaultClient {
 public:
  // `connection` carries SourceTokens.
  explicit VaultClient(Connection& connection) : connection_(connection) {}

  absl::StatusOr<std::vector<vault::v1::AttributeDefinition>> Definitions();
  // Stores a new version that the server can open; safe to repeat after
  // kUnavailable. `about` says which days the value is about; none says
  // nothing. `replace_sealed`: also where the newest one is sealed.
  absl::StatusOr<vault::v1::PutAttributeResponse> Put(
      std::string_view attribute, std::string_view value_json,
      const std::optional<vault::v1::About>& about = std::nullopt,
      bool replace_sealed = false);
  // Version 0 is the newest. A sealed one is opened by SealedClient.
  absl::StatusOr<vault::v1::GetAttributeResponse> Get(
      std::string_view attribute, std::uint64_t version);
  absl::StatusOr<std::vector<vault::v1::AttributeVersion>> List();
  absl::StatusOr<std::vector<vault::v1::AttributeVersion>> History(
      std::string_view attribute);
  absl::StatusOr<vault::v1::EraseAttributeVersionResponse> Erase(
      std::string_view attribute, std::uint64_t version);
  // The answer, which discloses the asked act, and whose inclusion proof was
  // verified under `vault_log` when the act is logged.
  //
  // Errors: further
  //   kDataLoss  the proof does not verify, or is of another act.
  absl::StatusOr<vault::v1::GetVaultLogProofResponse> Proof(
      const AskedAct& asked, const tlog::Policy& vault_log);

 private:
  Connection& connection_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_VAULT_CLIENT_H_
