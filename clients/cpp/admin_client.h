// What an administrator does: registers services, agreements, publishers and
// attributes. Calls carry a certificate of the administrators' CA. Thin: one
// method per RPC; errors are the server's.

#ifndef LIMPID_CLIENTS_CPP_ADMIN_CLIENT_H_
#define LIMPID_CLIENTS_CPP_ADMIN_CLIENT_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "limpid/algoregister/v1/register_admin_service.pb.h"
#include "limpid/algoregister/v1/register_erasure_service.pb.h"
#include "limpid/consent/v1/consent_admin_service.pb.h"
#include "limpid/vault/v1/erasure_service.pb.h"
#include "limpid/vault/v1/key_admin_service.pb.h"
#include "limpid/vault/v1/vault_admin_service.pb.h"

namespace limpid::client {

// Thread-compatible. `connection` must outlive it.
class AdminClient {
 public:
  explicit AdminClient(Connection& connection) : connection_(connection) {}

  // An empty request_id is filled with random bytes.
  absl::StatusOr<consent::v1::Service> CreateService(
      consent::v1::CreateServiceRequest request);
  // The first 200.
  absl::StatusOr<std::vector<consent::v1::Service>> ListServices();
  // Among all.
  //
  // Errors: further
  //   kNotFound  no such service.
  absl::StatusOr<consent::v1::Service> FindService(std::string_view service_id);
  absl::StatusOr<consent::v1::Agreement> CreateAgreement(
      const consent::v1::CreateAgreementRequest& request);
  absl::StatusOr<consent::v1::RevokeRecordResponse> RevokeRecord(
      std::string_view record_id, std::string_view reason);
  absl::StatusOr<algoregister::v1::Publisher> CreatePublisher(
      const algoregister::v1::Publisher& publisher);
  absl::StatusOr<algoregister::v1::EraseFieldResponse> EraseField(
      const algoregister::v1::EraseFieldRequest& request);
  absl::StatusOr<algoregister::v1::EraseEvidenceBundleResponse>
  EraseEvidenceBundle(
      const algoregister::v1::EraseEvidenceBundleRequest& request);
  absl::StatusOr<vault::v1::AttributeDefinition> CreateAttributeDefinition(
      const vault::v1::AttributeDefinition& definition);
  // What follows is at the vault.
  absl::StatusOr<vault::v1::Hold> PlaceHold(
      const vault::v1::PlaceHoldRequest& request);
  absl::StatusOr<vault::v1::Hold> LiftHold(std::string_view hold_id);
  absl::StatusOr<vault::v1::ListKeyEpochsResponse> ListKeyEpochs();
  absl::StatusOr<vault::v1::StartKeyEpochResponse> StartKeyEpoch(
      std::uint32_t after_epoch);
  absl::StatusOr<vault::v1::DestroyKeyEpochResponse> DestroyKeyEpoch(
      const vault::v1::DestroyKeyEpochRequest& request);
  // One call; `first_shard` is what the one before said in next_shard, `suite`
  // what the vault is set to.
  absl::StatusOr<vault::v1::ResealValuesResponse> ResealValues(
      std::uint32_t suite, std::uint32_t first_shard);

 private:
  Connection& connection_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_ADMIN_CLIENT_H_
