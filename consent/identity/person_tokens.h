// Decides who a person's token speaks for. The key comes from the account that
// the token's key id names, never from the token; every token works once.
// docs/formats/tokens.md

#ifndef LIMPID_CONSENT_IDENTITY_PERSON_TOKENS_H_
#define LIMPID_CONSENT_IDENTITY_PERSON_TOKENS_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/crypto/ed25519.h"
#include "common/jose/replay_cache.h"
#include "consent/consent.h"
#include "consent/ids.h"

namespace limpid::consent {

// Thread-safe. May block on the store.
class PersonTokens {
 public:
  // Both must outlive it. Tokens issued before now, by their own time, are
  // refused: an earlier process may have seen them. It may have seen later ones
  // too, of devices whose clocks are fast; docs/formats/tokens.md. While the
  // clock is in doubt, a token may agree with the time that is reckoned or with
  // the machine's: whichever is wrong, she can withdraw.
  PersonTokens(const Consent& consent, const base::Clock& clock)
      : consent_(consent),
        clock_(clock),
        started_(clock.Now()),
        machine_started_(clock.Machine()) {}

  // Uses up the token and returns whose it is.
  //
  // Errors:
  //   kUnauthenticated    anything is wrong with it; never says what.
  //   kResourceExhausted  too many tokens are in use.
  absl::StatusOr<PersonId> Authenticate(std::string_view token,
                                        std::string_view method);
  // The same for a key that has no account yet: proof of possession.
  absl::Status VerifyPossession(std::string_view token, std::string_view method,
                                const crypto::Ed25519PublicKey& key);

 private:
  const Consent& consent_;
  const base::Clock& clock_;
  const absl::Time started_;
  const absl::Time machine_started_;
  jose::ReplayCache replays_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_IDENTITY_PERSON_TOKENS_H_
