#include "vault/connectors/agency_connector.h"

#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"

namespace limpid::vault {
namespace {

constexpr int kOk = 200;
constexpr std::string_view kAnswerType = "application/jose";

absl::Status NoAnswer() {
  return absl::UnavailableError("the source gave no answer");
}

}  // namespace

AgencyConnector::AgencyConnector(SourceTrust trust, SourceChannel& channel,
                                 const base::Clock& clock,
                                 crypto::RandomSource& random)
    : trust_(std::move(trust)),
      channel_(channel),
      clock_(clock),
      random_(random),
      links_(kMaxLinks) {}

Asked AgencyConnector::NewQuestion(std::string_view subject,
                                   std::string_view attribute) {
  Asked out;
  random_.Fill(out.nonce);
  out.subject = subject;
  out.attribute = attribute;
  return out;
}

json::Value AgencyConnector::BodyOf(const Asked& asked) const {
  json::Value body = json::Value::Object();
  body.Set("audience", trust_.audience);
  body.Set("nonce", base::Base64UrlEncode(asked.nonce));
  body.Set("subject", asked.subject);
  if (!asked.attribute.empty()) body.Set("attribute", asked.attribute);
  return body;
}

absl::StatusOr<std::string> AgencyConnector::Post(std::string_view path,
                                                  const json::Value& body,
                                                  absl::Duration time_limit) {
  LIMPID_ASSIGN_OR_RETURN(
      SourceReply reply,
      channel_.Ask({.post = true,
                    .path = std::string(path),
                    .headers = {{"Accept", std::string(kAnswerType)}},
                    .content_type = "application/json",
                    .body = json::Canonical(body),
                    .max_bytes = kMaxStatementBytes,
                    .time_limit = time_limit}));
  // What is no answer of the protocol, a page of a proxy or a redirect, says
  // nothing about the person.
  if (reply.status != kOk || reply.content_type != kAnswerType) {
    return NoAnswer();
  }
  return std::move(reply.body);
}

absl::StatusOr<SourceAnswer> AgencyConnector::Fetch(
    const SourceQuestion& question, absl::Duration time_limit) {
  const Asked asked = NewQuestion(question.subject, question.attribute);
  json::Value body = BodyOf(asked);
  body.Set("purpose", question.purpose_iri);
  LIMPID_ASSIGN_OR_RETURN(const std::string token,
                          Post("/attribute", body, time_limit));
  return ReadStatement(token, trust_, asked, clock_.Machine());
}

absl::StatusOr<std::vector<Holding>> AgencyConnector::Holdings(
    std::string_view subject, absl::Duration time_limit) {
  const Asked asked = NewQuestion(subject, "");
  LIMPID_ASSIGN_OR_RETURN(const std::string token,
                          Post("/holdings", BodyOf(asked), time_limit));
  return ReadHoldings(token, trust_, asked, clock_.Machine());
}

absl::StatusOr<RectificationAnswer> AgencyConnector::RequestRectification(
    const RectificationRequest& request, absl::Duration time_limit) {
  const auto value = json::ParseStrict(request.value_json);
  if (!value.ok()) {
    return absl::InvalidArgumentError("value_json: not strict JSON");
  }
  Asked asked = NewQuestion(request.subject, request.attribute);
  asked.proposed = crypto::Sha256(base::AsBytes(json::Canonical(*value)));
  json::Value body = BodyOf(asked);
  body.Set("request_id", base::Base64UrlEncode(request.request_id));
  body.Set("value", *value);
  LIMPID_ASSIGN_OR_RETURN(const std::string token,
                          Post("/rectification", body, time_limit));
  return ReadRectification(token, trust_, asked);
}

absl::StatusOr<LinkedSubject> AgencyConnector::CheckLink(
    const LinkProof& proof, absl::Duration /*time_limit*/) {
  LIMPID_ASSIGN_OR_RETURN(
      const LinkStatement link,
      ReadLink(proof.proof, trust_, proof.person.key, clock_.Machine()));
  const absl::Status unused =
      links_.Use(link.signed_by, link.id, link.expires_at, clock_.Machine());
  if (absl::IsUnauthenticated(unused)) {
    return absl::PermissionDeniedError(
        "proof: this link was used before: ask the source for another one");
  }
  LIMPID_RETURN_IF_ERROR(unused);
  return LinkedSubject{.subject = link.subject};
}

}  // namespace limpid::vault
