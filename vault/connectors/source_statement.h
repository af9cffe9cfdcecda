// What an agency signs: answers to one question of one vault, and the link that
// says which person somebody is. Verifies, and trusts a key that was pinned.
// docs/formats/source-statement.md

#ifndef LIMPID_VAULT_CONNECTORS_SOURCE_STATEMENT_H_
#define LIMPID_VAULT_CONNECTORS_SOURCE_STATEMENT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/jose/jwk.h"
#include "common/jose/tokens.h"
#include "common/json/value.h"
#include "vault/connectors/connector.h"

namespace limpid::vault {

inline constexpr std::string_view kStatementType =
    "limpid-source-statement+jwt";
inline constexpr std::string_view kHoldingsType = "limpid-source-holdings+jwt";
inline constexpr std::string_view kRectificationType =
    "limpid-source-rectification+jwt";
inline constexpr std::string_view kLinkType = "limpid-source-link+jwt";

// Longest signed answer: a value of 256 KiB in base64url, with its claims.
inline constexpr std::size_t kMaxStatementBytes = std::size_t{400} << 10U;
// How long a person may take from the source's page to her vault.
inline constexpr absl::Duration kMaxLinkLife = absl::Minutes(10);

// A source as this vault knows it.
struct SourceTrust {
  // The address the source is configured with, exactly.
  std::string issuer;
  // This vault, "src_...".
  std::string audience;
  // Any of these may sign.
  std::vector<jose::PublicJwk> keys;
};

// What one answer must repeat.
struct Asked {
  base::ByteArray<16> nonce{};
  std::string subject;
  // Empty of holdings.
  std::string attribute;
  // SHA-256 of the value that was proposed; of rectifications alone.
  base::Digest32 proposed{};
};

// The answers of `token`.
//
// Errors of the three:
//   kDataLoss  the form, the signature or a claim is not as expected; never
//              says which.
absl::StatusOr<SourceAnswer> ReadStatement(std::string_view token,
                                           const SourceTrust& trust,
                                           const Asked& asked, absl::Time now);
absl::StatusOr<std::vector<Holding>> ReadHoldings(std::string_view token,
                                                  const SourceTrust& trust,
                                                  const Asked& asked,
                                                  absl::Time now);
absl::StatusOr<RectificationAnswer> ReadRectification(std::string_view token,
                                                      const SourceTrust& trust,
                                                      const Asked& asked);

// The member `name` of a source's answer: whole seconds since 1970, of the
// years that a date can name and at most jose::kMaxClockSkew after `now`.
std::optional<absl::Time> PastTime(const json::Value& claims,
                                   std::string_view name, absl::Time now);

struct LinkStatement {
  std::string subject;
  // Goes into a replay cache, under the thumbprint of the key.
  jose::TokenId id{};
  std::string signed_by;
  absl::Time expires_at;
};

// A link that the source made for the person with `key`. The caller sees to it
// that each is used once.
//
// Errors:
//   kPermissionDenied  it is none, over, for another vault or another person's.
absl::StatusOr<LinkStatement> ReadLink(std::string_view token,
                                       const SourceTrust& trust,
                                       const crypto::Ed25519PublicKey& key,
                                       absl::Time now);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CONNECTORS_SOURCE_STATEMENT_H_
