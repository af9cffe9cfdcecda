// This vault as a source among others: what it holds of the person itself.
// Reads of services do not pass here: vault::Reader releases from the store.

#ifndef LIMPID_VAULT_CONNECTORS_HELD_CONNECTOR_H_
#define LIMPID_VAULT_CONNECTORS_HELD_CONNECTOR_H_

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "vault/attribute/person_vault.h"
#include "vault/connectors/connector.h"

namespace limpid::vault {

// The name under which it stands beside other sources; none of them may have
// it.
inline constexpr std::string_view kOwnSource = "vault";

// Subjects are holder ids, "hld_...". Thread-safe. Waits for the store alone.
class HeldConnector final : public Connector {
 public:
  // `persons` must outlive it.
  explicit HeldConnector(PersonVault& persons) : persons_(persons) {}

  absl::StatusOr<SourceAnswer> Fetch(const SourceQuestion& question,
                                     absl::Duration time_limit) override;
  absl::StatusOr<std::vector<Holding>> Holdings(
      std::string_view subject, absl::Duration time_limit) override;
  // Stores the value as the next version: here she is the source.
  absl::StatusOr<RectificationAnswer> RequestRectification(
      const RectificationRequest& request, absl::Duration time_limit) override;
  // Her token has shown who she is: the proof is empty.
  absl::StatusOr<LinkedSubject> CheckLink(const LinkProof& proof,
                                          absl::Duration time_limit) override;

 private:
  PersonVault& persons_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CONNECTORS_HELD_CONNECTOR_H_
