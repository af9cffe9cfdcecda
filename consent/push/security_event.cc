#include "consent/push/security_event.h"

#include <utility>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/jose/jws.h"
#include "common/json/json.h"
#include "consent/record/state.h"

namespace limpid::consent {
namespace {

using json::Value;

// Separates event ids from other blinded values.
constexpr std::uint8_t kEventIdBlind = 72;

Value EventValue(const StreamEvent& event) {
  Value out = Value::Object({{"record", Value(event.record.Text())},
                             {"revision", Value(event.revision)},
                             {"state", Value(StateName(event.state))},
                             {"time", Value(base::TimeText(event.time))}});
  if (!event.erased()) {
    out.Set("agreement",
            Value::Object({{"id", Value(event.agreement.Text())},
                           {"version", Value(event.agreement_version)}}));
  }
  if (event.state == RecordState::kGranted) {
    Value attributes = Value::Array();
    for (const std::string& one : event.attributes) attributes.Append(one);
    out.Set("attributes", std::move(attributes));
  }
  return out;
}

}  // namespace

std::string SecurityEventId(const Blinder& blinder, const ServiceId& service,
                            const StreamEvent& event) {
  const base::Bytes content = event.Encode();
  return base::Base64UrlEncode(
      blinder.Blind(kEventIdBlind, {service.bytes(), content}));
}

std::string SignSecurityEvent(const crypto::Ed25519PrivateKey& key,
                              const SecurityEventHead& head,
                              const StreamEvent& event) {
  Value events = Value::Object();
  events.Set(kRecordChanged, EventValue(event));
  Value claims =
      Value::Object({{"aud", Value(head.audience.Text())},
                     {"events", std::move(events)},
                     {"iat", Value(absl::ToUnixSeconds(head.issued))},
                     {"iss", Value(head.issuer)},
                     {"jti", Value(head.id)}});
  // Nobody knows any more whose it was.
  if (!event.erased()) {
    claims.Set(
        "sub_id",
        Value::Object({{"format", Value("opaque")},
                       {"id", Value(base::Base64UrlEncode(event.pseudonym))}}));
  }
  return jose::SignCompact(key, kSecurityEventType, json::Canonical(claims),
                           kMaxSecurityEventBytes);
}

}  // namespace limpid::consent
