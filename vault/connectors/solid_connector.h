// A pod on a Solid server, read by this vault under its own WebID, which the
// person let in: OAuth client credentials and DPoP (Solid-OIDC), resources over
// HTTPS. Values carry no signature: what is in her pod is her word.
// docs/connectors.md, "A pod"

#ifndef LIMPID_VAULT_CONNECTORS_SOLID_CONNECTOR_H_
#define LIMPID_VAULT_CONNECTORS_SOLID_CONNECTOR_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "common/crypto/es256.h"
#include "vault/connectors/connector.h"
#include "vault/connectors/source_channel.h"

namespace limpid::vault {

struct SolidAccount {
  // The server's address as configured, without a slash at the end; its
  // issuer's too.
  std::string url;
  // This vault, "src_...".
  std::string audience;
  std::string client_id;
  base::SecretBytes client_secret;
};

// Subjects are paths of pods below the address, "/anna/". Thread-safe.
class SolidConnector final : public Connector {
 public:
  // `channel` and `clock` must outlive it.
  SolidConnector(SolidAccount account, SourceChannel& channel,
                 const base::Clock& clock);

  absl::StatusOr<SourceAnswer> Fetch(const SourceQuestion& question,
                                     absl::Duration time_limit) override;
  absl::StatusOr<std::vector<Holding>> Holdings(
      std::string_view subject, absl::Duration time_limit) override;
  // Refused: she writes into her pod herself.
  absl::StatusOr<RectificationAnswer> RequestRectification(
      const RectificationRequest& request, absl::Duration time_limit) override;
  // `proof` is the pod's address; it has a document that names her device's key
  // and this vault, which nobody writes there but who may write.
  absl::StatusOr<LinkedSubject> CheckLink(const LinkProof& proof,
                                          absl::Duration time_limit) override;

 private:
  // A reply of 200 or 404.
  absl::StatusOr<SourceReply> Get(const std::string& path,
                                  std::string_view accept,
                                  absl::Duration time_limit);
  // An access token that is good for a while.
  absl::StatusOr<std::string> Token(absl::Duration time_limit);
  absl::StatusOr<std::string> NewToken(absl::Duration time_limit,
                                       absl::Duration& life);
  // A DPoP proof for one request; `token` empty for the token itself.
  [[nodiscard]] std::string Proof(std::string_view method,
                                  std::string_view path,
                                  std::string_view token) const;

  const SolidAccount account_;
  SourceChannel& channel_;
  const base::Clock& clock_;
  const crypto::Es256PrivateKey key_;
  base::Mutex mutex_;
  std::string token_ ABSL_GUARDED_BY(mutex_);
  // On the monotonic clock.
  absl::Duration renew_at_ ABSL_GUARDED_BY(mutex_);
};

// Whether `path` is a pod's: begins and ends with a slash, and has between
// them segments of letters, digits, '-', '_' and '.', none of dots alone.
[[nodiscard]] bool IsPodPath(std::string_view path);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CONNECTORS_SOLID_CONNECTOR_H_
