// What a source in another process asks of consent: who it is, decisions whose
// permits it closes from afar, and the fences that kill them.

#ifndef LIMPID_CONSENT_SOURCE_SOURCE_DESK_H_
#define LIMPID_CONSENT_SOURCE_SOURCE_DESK_H_

#include <functional>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "consent/cohort/cohort.h"
#include "consent/consent.h"
#include "consent/ids.h"
#include "consent/ledger/authorise.h"
#include "consent/ledger/permits.h"
#include "consent/source/remote_permits.h"

namespace limpid::consent {

// A decision on its way to a source. Thread-compatible.
class RemoteAnswer {
 public:
  RemoteAnswer(RemotePermits& permits, const SourceId& source,
               Authorisation answer)
      : permits_(permits), source_(source), answer_(std::move(answer)) {}

  [[nodiscard]] const Authorisation& answer() const { return answer_; }
  // Runs `send`, which may only queue the answer. False when a fence has
  // reached the permit meanwhile: then nothing was sent, and the source is to
  // be told kUnavailable. At most once.
  bool Send(absl::FunctionRef<void()> send);

 private:
  RemotePermits& permits_;
  SourceId source_;
  Authorisation answer_;
};

using RemoteCallback = absl::AnyInvocable<void(absl::StatusOr<RemoteAnswer>)>;

// Thread-safe.
class SourceDesk {
 public:
  // `consent` must outlive it.
  explicit SourceDesk(Consent& consent);

  // The source that shows this key.
  //
  // Errors:
  //   kPermissionDenied  no source has it.
  [[nodiscard]] absl::StatusOr<SourceId> SourceOf(
      const base::Digest32& spki_thumbprint) const;

  // As Consent::Authorise; `request.source` must be the caller.
  void Authorise(AuthoriseRequest request, RemoteCallback callback);
  // As Consent::AuthoriseCohort; `request.source` must be the caller.
  void AuthoriseCohort(CohortRequest request, CohortCallback callback);
  // RemotePermits::Close.
  void Close(const SourceId& source, const AccessId& access,
             receipt::AccessOutcome outcome) {
    permits_.Close(source, access, outcome);
  }
  // Permits::Listen.
  void Listen(Permits::FenceSink fenced);

 private:
  Consent& consent_;
  RemotePermits permits_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_SOURCE_SOURCE_DESK_H_
