// Making a request from a foreign syntax.

#include <string_view>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "consent/consent.h"
#include "consent/consent_state.h"
#include "consent/request/asked.h"

namespace limpid::consent {
namespace {

absl::StatusOr<LinePositions> Resolve(RequestSyntax syntax,
                                      std::string_view text,
                                      const Agreement& agreement,
                                      const Purposes& purposes) {
  switch (syntax) {
    case RequestSyntax::kAuthorizationDetails:
      return ResolveAuthorizationDetails(text, agreement, purposes);
    case RequestSyntax::kDcql:
      return ResolveDcql(text, agreement);
  }
  return absl::InvalidArgumentError("syntax: is not known");
}

}  // namespace

absl::StatusOr<RequestView> Consent::CreateRequestFrom(const ServiceId& service,
                                                       RequestSyntax syntax,
                                                       std::string_view text,
                                                       NewRequest request) {
  const AgreementPointer agreement =
      state_->catalogue.FindAgreement(request.agreement, request.version);
  if (agreement == nullptr || agreement->service != service) {
    return absl::NotFoundError("no such agreement version");
  }
  LIMPID_ASSIGN_OR_RETURN(
      request.lines, Resolve(syntax, text, *agreement, state_->parts.purposes));
  LIMPID_ASSIGN_OR_RETURN(RequestView out, CreateRequest(service, request));
  for (const std::uint16_t line : request.lines) {
    out.attributes.push_back(agreement->content.lines.at(line).attribute);
  }
  return out;
}

}  // namespace limpid::consent
