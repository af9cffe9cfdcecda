// Another operator whose word about ended consents is believed here.

#ifndef LIMPID_CONSENT_MOVE_KNOWN_OPERATOR_H_
#define LIMPID_CONSENT_MOVE_KNOWN_OPERATOR_H_

#include <string>

#include "common/crypto/ed25519.h"

namespace limpid::consent {

// Pinned by this operator's configuration, never taken from a person's file: a
// forged end would let a one-time grant be spent twice.
struct KnownOperator {
  std::string name;
  crypto::Ed25519PublicKey evidence_key;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_MOVE_KNOWN_OPERATOR_H_
