// A source that speaks JSON over HTTPS with mutual TLS and signs every answer
// for the question it was asked: an agency's register.
// docs/formats/source-statement.md

#ifndef LIMPID_VAULT_CONNECTORS_AGENCY_CONNECTOR_H_
#define LIMPID_VAULT_CONNECTORS_AGENCY_CONNECTOR_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/crypto/random.h"
#include "common/jose/replay_cache.h"
#include "common/json/value.h"
#include "vault/connectors/connector.h"
#include "vault/connectors/source_channel.h"
#include "vault/connectors/source_statement.h"

namespace limpid::vault {

// Thread-safe.
class AgencyConnector final : public Connector {
 public:
  // Links waiting to run out that are remembered as used.
  static constexpr std::size_t kMaxLinks = 10'000;

  // Links made before `clock` reads what it does now are refused: another
  // process may have taken them. All but `trust` must outlive the connector.
  AgencyConnector(SourceTrust trust, SourceChannel& channel,
                  const base::Clock& clock,
                  crypto::RandomSource& random = crypto::SystemRandom());

  absl::StatusOr<SourceAnswer> Fetch(const SourceQuestion& question,
                                     absl::Duration time_limit) override;
  absl::StatusOr<std::vector<Holding>> Holdings(
      std::string_view subject, absl::Duration time_limit) override;
  absl::StatusOr<RectificationAnswer> RequestRectification(
      const RectificationRequest& request, absl::Duration time_limit) override;
  // `proof` is a link statement of the source.
  absl::StatusOr<LinkedSubject> CheckLink(const LinkProof& proof,
                                          absl::Duration time_limit) override;

 private:
  Asked NewQuestion(std::string_view subject, std::string_view attribute);
  [[nodiscard]] json::Value BodyOf(const Asked& asked) const;
  absl::StatusOr<std::string> Post(std::string_view path,
                                   const json::Value& body,
                                   absl::Duration time_limit);

  const SourceTrust trust_;
  SourceChannel& channel_;
  const base::Clock& clock_;
  crypto::RandomSource& random_;
  jose::ReplayCache links_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CONNECTORS_AGENCY_CONNECTOR_H_
