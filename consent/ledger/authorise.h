// The hot walk: decide one read, write its access entry, count its use, and
// make the permit that the source releases under.

#ifndef LIMPID_CONSENT_LEDGER_AUTHORISE_H_
#define LIMPID_CONSENT_LEDGER_AUTHORISE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/receipt/batch.h"
#include "common/receipt/permit.h"
#include "consent/campaign/campaign.h"
#include "consent/decision/decide.h"
#include "consent/ids.h"
#include "consent/ledger/permits.h"
#include "consent/ledger/sequencer.h"
#include "consent/log/completion_book.h"
#include "consent/notice/basis_notice.h"
#include "consent/sharing/sharing_book.h"
#include "consent/training/training_book.h"

namespace limpid::consent {

struct AuthoriseRequest {
  // SHA-256 of the SubjectPublicKeyInfo the service authenticated with at the
  // source.
  base::Digest32 caller_key{};
  // Which source asks, as its own channel says.
  SourceId source;
  // As the service sent it; unknown ids are decided like ones that grant
  // nothing.
  RecordId record;
  ReadRequest read;
  // Repeated in the permit.
  base::ByteArray<16> nonce{};
  base::Digest32 request_hash{};
};

// One attribute, as the calling service may know it.
struct Outcome {
  std::string attribute;
  // kReleased, or why not, softened.
  receipt::Reason reason = receipt::Reason::kNoConsent;
};

// A permit that is out.
struct Release {
  // receipt::Permit, encoded.
  base::Bytes item;
  receipt::BatchProof proof;
  // Close it when the bytes are gone or dropped.
  std::unique_ptr<OpenPermit> hold;
};

// The durable answer.
struct Authorisation {
  AccessId access;
  // Per attribute, in the order asked.
  std::vector<Outcome> outcomes;
  // docs/formats/access-promise.md, for the service.
  base::Bytes promise;
  // Absent when nothing is allowed.
  std::optional<Release> release;
};

using AuthoriseCallback =
    absl::AnyInvocable<void(absl::StatusOr<Authorisation>)>;

// Runs work elsewhere than on the sequencer's thread; may run it at once.
using Executor = std::function<void(absl::AnyInvocable<void()>)>;

// What every authorisation of a process shares; all must outlive it.
struct AuthoriseParts {
  Sequencer& sequencer;
  const Catalogue& catalogue;
  const Purposes& purposes;
  const SystemDirectory& systems;
  Permits& permits;
  // Person in whose chain reads of unknown records are entered.
  PersonId nobody;
  std::string operator_name;
  // From the decision to the promised presence in the log.
  absl::Duration log_promise;
  Executor executor;
  const SharingBook& sharing;
  const CampaignBook& campaigns;
  // Called after the commit that began a basis notice of the person, on the
  // sequencer's thread; must not block.
  Noticed noticed;
  // Shared with the permits, which may outlive everything else.
  std::shared_ptr<CompletionBook> completions;
  TrainingBook& training;
  // Seals rows that belong to no person.
  const base::SecretBytes& row_key;
};

// Decides and calls `callback` exactly once, on any thread.
//
// Errors (in the callback):
//   kPermissionDenied   the key belongs to no registered service.
//   kInvalidArgument    the read is malformed; CheckReadRequest.
//   kResourceExhausted  too much waits, kMaxOpenEmbargo included, or the disk
//                       is full.
//   kUnavailable        nothing could be made durable, or it is not known, or
//                       the clock has jumped. Release nothing.
void Authorise(const AuthoriseParts& parts, AuthoriseRequest request,
               AuthoriseCallback callback);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_AUTHORISE_H_
