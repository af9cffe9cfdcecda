// An event of a service's stream as a security event token (RFC 8417): the
// content of Watch, signed by the evidence key. Never the person's id.
// docs/formats/push.md

#ifndef LIMPID_CONSENT_PUSH_SECURITY_EVENT_H_
#define LIMPID_CONSENT_PUSH_SECURITY_EVENT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/crypto/ed25519.h"
#include "consent/ids.h"
#include "consent/ledger/sealing.h"
#include "consent/propagation/stream_event.h"

namespace limpid::consent {

inline constexpr std::string_view kSecurityEventType = "secevent+jwt";
inline constexpr std::string_view kRecordChanged =
    "urn:limpid:event:record-changed";
// 64 attributes of 128 bytes, in base64.
inline constexpr std::size_t kMaxSecurityEventBytes = 16'384;

// The `jti`: the same for every copy of the event, and says nothing to anybody
// without the key.
std::string SecurityEventId(const Blinder& blinder, const ServiceId& service,
                            const StreamEvent& event);

// Who signs, to whom, and when; views are used within the call only.
struct SecurityEventHead {
  std::string_view issuer;
  ServiceId audience;
  std::string_view id;
  // Cut to whole seconds.
  absl::Time issued;
};

// The signed compact form.
std::string SignSecurityEvent(const crypto::Ed25519PrivateKey& key,
                              const SecurityEventHead& head,
                              const StreamEvent& event);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_PUSH_SECURITY_EVENT_H_
