// Making, ending and using delegations: the part of the consent role that lets
// somebody act for a person. Callers are named by ids that the edge has
// authenticated. docs/formats/delegation.md

#ifndef LIMPID_CONSENT_DELEGATION_DELEGATION_DESK_H_
#define LIMPID_CONSENT_DELEGATION_DELEGATION_DESK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/receipt/delegation.h"
#include "common/receipt/statement.h"
#include "consent/consent.h"
#include "consent/delegation/delegation.h"
#include "consent/ids.h"
#include "consent/views.h"

namespace limpid::consent {

struct MandatePage {
  std::vector<HeldDelegation> mandates;
  // Where the next page starts; 0 at the end.
  std::uint64_t next_after = 0;
};

// Thread-safe.
class DelegationDesk {
 public:
  // `consent` must outlive it.
  explicit DelegationDesk(Consent& consent) : consent_(consent) {}

  // A nominee or a power of attorney, signed by the person's account key. The
  // same text returns the same delegation, ended or not.
  //
  // Errors:
  //   kInvalidArgument    malformed, not signed by the account's key, or not
  //                       possible; the message names the member.
  //   kResourceExhausted  the person has 256 that are not over, or 16 of them
  //                       that name one representative; or 2,048 and 256 with
  //                       those that are over; or their texts have 1 MiB.
  absl::StatusOr<HeldDelegation> MakeDelegation(
      const PersonId& person, const receipt::SignedDelegation& delegation);
  // A parent or guardian, on evidence that `administrator` has seen.
  absl::StatusOr<HeldDelegation> RecordDelegation(
      const AdministratorKey& administrator, const std::string& canonical_json);
  // Those that are over too, in the order in which they were made.
  absl::StatusOr<std::vector<HeldDelegation>> ListDelegations(
      const PersonId& person) const;
  // Whether it gives any power now.
  [[nodiscard]] bool GivesPower(const HeldDelegation& held) const;
  // Whether it was ended or has expired.
  [[nodiscard]] bool IsOverNow(const HeldDelegation& held) const;
  // Those that name `representative`, `current_only` without those that are
  // over, in the order in which they were made after `after`. `next_after` of
  // the page is 0 at the end.
  absl::StatusOr<MandatePage> ListMandates(const PersonId& representative,
                                           std::uint64_t after,
                                           std::size_t limit,
                                           bool current_only = false) const;
  // Whoever made it. Pauses what was granted under it, fenced like a pause. A
  // second call returns the ended one.
  //
  // Errors:
  //   kNotFound            the person has no such delegation.
  //   kFailedPrecondition  it reserves grants: staff end it.
  absl::StatusOr<HeldDelegation> EndDelegation(const PersonId& person,
                                               const DelegationId& id);
  // All that are not over but those that reserve grants, which come back as
  // they are.
  absl::StatusOr<std::vector<HeldDelegation>> EndAllDelegations(
      const PersonId& person);
  // By staff, with a reason for the person.
  absl::StatusOr<HeldDelegation> RevokeDelegation(const PersonId& person,
                                                  const DelegationId& id,
                                                  const std::string& reason);
  // For the person, by a representative with a live delegation that has the
  // power; anybody else gets kNotFound. A grant that needs more signatures
  // makes the record AWAITING_OTHERS; refusing and withdrawing never do.
  absl::StatusOr<ChangedRecord> GrantFor(
      const PersonId& representative, const PersonId& person,
      const RecordId& record, const receipt::SignedStatement& statement);
  absl::StatusOr<ChangedRecord> RefuseFor(const PersonId& representative,
                                          const PersonId& person,
                                          const RecordId& record,
                                          absl::Time ask_not_before);
  absl::StatusOr<ChangedRecord> WithdrawFor(const PersonId& representative,
                                            const PersonId& person,
                                            const RecordId& record);
  // Those within the scope; `open_only`: those that wait for an answer. Reading
  // leaves no entry.
  absl::StatusOr<std::vector<RecordView>> ListRecordsFor(
      const PersonId& representative, const PersonId& person,
      bool open_only = false) const;
  absl::StatusOr<RecordView> GetRecordFor(const PersonId& representative,
                                          const PersonId& person,
                                          const RecordId& record) const;
  // The newest 200 of one record.
  absl::StatusOr<std::vector<AccessView>> ListAccessesFor(
      const PersonId& representative, const PersonId& person,
      const RecordId& record) const;

 private:
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_DELEGATION_DELEGATION_DESK_H_
