// The three tokens by which a person proves who is calling: her own key-bound
// token, the source token that consent gives her for a vault, and the proof
// that she holds its key. Each is bound to a receiver, a method and a minute.
// Accounts, sources and replay are the caller's. docs/formats/tokens.md

#ifndef LIMPID_COMMON_JOSE_TOKENS_H_
#define LIMPID_COMMON_JOSE_TOKENS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/jose/jwk.h"

namespace limpid::jose {

// How far the clocks of a person's device and a server may differ.
inline constexpr absl::Duration kMaxClockSkew = absl::Seconds(30);
// A stolen person token or proof is worth one call within this.
inline constexpr absl::Duration kMaxProofLife = absl::Seconds(60);
inline constexpr absl::Duration kMaxSourceTokenLife = absl::Minutes(5);

inline constexpr std::string_view kKeyBoundTokenType = "limpid-token+jwt";
inline constexpr std::string_view kSourceTokenType = "limpid-source-token+jwt";
inline constexpr std::string_view kProofType = "limpid-proof+jwt";

// 16 random bytes; the replay cache sees each once.
using TokenId = base::ByteArray<16>;

// Times are whole milliseconds; Mint cuts off the rest.
struct KeyBoundToken {
  std::string audience;  // The operator's name.
  std::string method;    // "/limpid.consent.v1.RecordService/Withdraw"
  TokenId id{};
  absl::Time issued_at;
  absl::Time expires_at;
};

struct SourceToken {
  std::string audience;  // The source id, "src_…".
  std::string holder;    // The source's own id of the person, "hld_…".
  PublicJwk key;         // What the proof must be signed with.
  absl::Time issued_at;
  absl::Time expires_at;
};

struct Proof {
  std::string audience;  // The source id.
  std::string method;
  base::Digest32 token_digest{};  // SHA-256 of the source token's text.
  TokenId id{};
  absl::Time issued_at;
  absl::Time expires_at;
};

// What the receiver knows of the call it is checking. Views; used within the
// call only. Source tokens are for many calls: `method` and
// `not_issued_before` are not looked at for them.
struct Expected {
  std::string_view audience;
  std::string_view method;
  absl::Time now;
  // Start of the process: what was issued before may have been seen by a
  // replay cache that is gone. So may what is issued up to kMaxClockSkew later,
  // by a device whose clock is fast; to refuse that would refuse all others.
  absl::Time not_issued_before = absl::InfinitePast();
};

// A token for one call, issued at `now` for kMaxProofLife, with a random id.
KeyBoundToken NewKeyBoundToken(std::string_view audience,
                               std::string_view method, absl::Time now);
Proof NewProof(std::string_view audience, std::string_view method,
               std::string_view source_token, absl::Time now);

// Signed compact form.
std::string Mint(const crypto::Ed25519PrivateKey& key,
                 const KeyBoundToken& token);
std::string Mint(const crypto::Ed25519PrivateKey& key,
                 const SourceToken& token);
std::string Mint(const crypto::Ed25519PrivateKey& key, const Proof& proof);

// Verifies signature, type and every claim. The caller then gives the id to
// its ReplayCache.
//
// Errors:
//   kUnauthenticated  says which claim, once the signature is good.
absl::StatusOr<KeyBoundToken> VerifyKeyBoundToken(std::string_view token,
                                                  const PublicJwk& key,
                                                  const Expected& expected);
absl::StatusOr<SourceToken> VerifySourceToken(std::string_view token,
                                              const PublicJwk& issuer,
                                              const Expected& expected);
// `proof` must be by the key in `source_token`, which was verified, and over
// the text `source_token_text` it came in.
absl::StatusOr<Proof> VerifyProof(std::string_view proof,
                                  const SourceToken& source_token,
                                  std::string_view source_token_text,
                                  const Expected& expected);

}  // namespace limpid::jose

#endif  // LIMPID_COMMON_JOSE_TOKENS_H_
