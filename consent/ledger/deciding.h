// Gathers what stands around one record at one moment and puts it to Decide.
// The one way to a decision about a live record: a read of one person and the
// admission to a cohort both come through here.

#ifndef LIMPID_CONSENT_LEDGER_DECIDING_H_
#define LIMPID_CONSENT_LEDGER_DECIDING_H_

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/receipt/access_entry.h"
#include "consent/agreement/agreement.h"
#include "consent/agreement/service.h"
#include "consent/decision/decide.h"
#include "consent/ids.h"
#include "consent/ledger/authorise.h"
#include "consent/ledger/batch.h"
#include "consent/ledger/person_state.h"

namespace limpid::consent {

// Whom a decision is about. All null when there is no such record.
struct Decided {
  const PersonState* person = nullptr;
  const LiveRecord* record = nullptr;
  // The record's.
  const Agreement* agreement = nullptr;
  // Whom the record was made to.
  const Service* recipient = nullptr;
  // What the register says of the training that the read is for.
  bool may_train = false;
};

// What it came to.
struct Ruling {
  // As Decide answers.
  std::vector<receipt::AccessLine> lines;
  // What the source calls the person; none when it does not know her.
  std::optional<HolderId> holder;
  // When the first sharing agreement behind the lines, or the grace of an
  // outdated notice, ends. The end of the record is not in it.
  absl::Time not_after = absl::InfiniteFuture();
};

// Decides for `caller` at `source`. Reads memory only.
Ruling RuleOn(const AuthoriseParts& parts, const SourceId& source,
              const Service& caller, const Decided& decided,
              const ReadRequest& read, absl::Time now);

// Counts one use of the record where its agreement limits uses, and ends the
// record with the last one. `purpose` is for the entry that tells of the end.
absl::Status CountUse(Batch& batch, PersonState& person, LiveRecord& record,
                      const Agreement& agreement, std::string_view purpose);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_DECIDING_H_
