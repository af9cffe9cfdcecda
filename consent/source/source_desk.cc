#include "consent/source/source_desk.h"

#include <utility>

#include "consent/consent_state.h"

namespace limpid::consent {

bool RemoteAnswer::Send(absl::FunctionRef<void()> send) {
  if (!answer_.release) {
    send();
    return true;
  }
  return permits_.Send(source_, answer_.access,
                       std::move(answer_.release->hold), send);
}

SourceDesk::SourceDesk(Consent& consent)
    : consent_(consent), permits_(consent.state().parts.clock) {}

absl::StatusOr<SourceId> SourceDesk::SourceOf(
    const base::Digest32& spki_thumbprint) const {
  for (const SourceInfo& source : consent_.state().options.sources) {
    if (source.key != base::Digest32{} && source.key == spki_thumbprint) {
      return source.id;
    }
  }
  return absl::PermissionDeniedError(
      "the certificate belongs to no registered source");
}

void SourceDesk::Authorise(AuthoriseRequest request, RemoteCallback callback) {
  const SourceId source = request.source;
  consent_.Authorise(
      std::move(request), [this, source, callback = std::move(callback)](
                              absl::StatusOr<Authorisation> answer) mutable {
        if (!answer.ok()) return callback(answer.status());
        callback(RemoteAnswer(permits_, source, *std::move(answer)));
      });
}

void SourceDesk::AuthoriseCohort(CohortRequest request,
                                 CohortCallback callback) {
  consent_.AuthoriseCohort(std::move(request), std::move(callback));
}

void SourceDesk::Listen(Permits::FenceSink fenced) {
  consent_.state().permits.Listen(std::move(fenced));
}

}  // namespace limpid::consent
