// Moving consents between operators: ends a record here for another operator,
// activates here what another one ended. docs/formats/operator-move.md

#ifndef LIMPID_CONSENT_MOVE_MOVE_DESK_H_
#define LIMPID_CONSENT_MOVE_MOVE_DESK_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/receipt/move.h"
#include "consent/consent.h"
#include "consent/ids.h"

namespace limpid::consent {

// What a person brings to the new operator.
struct MoveIn {
  // Of this operator; it asks for exactly what the moved one asked for.
  AgreementId agreement;
  std::uint32_t version = 0;
  // MoveExport as a file.
  std::string_view file;
};

// Thread-safe, and cheap to make for one call. Other people's records are
// kNotFound.
class MoveDesk {
 public:
  // `consent` must outlive it.
  explicit MoveDesk(const Consent& consent) : consent_(consent) {}

  // Ends the record as TERMINATED for the reason "moved", in one commit, and
  // returns the export. On return no permit of the record hands out another
  // byte, as after a withdrawal, and what was used until then is counted in the
  // export. The same statement again gives the same end, signed anew.
  //
  // Errors: those of MovedRevision, and
  //   kNotFound            the person has no such record.
  //   kFailedPrecondition  its basis is not consent; it was given, or is
  //                        reserved, under a delegation; or another statement
  //                        moved it already.
  absl::StatusOr<std::string> MoveOut(const PersonId& person,
                                      const RecordId& record,
                                      const receipt::SignedMove& move) const;

  // The export of a record that was moved, signed anew.
  //
  // Errors:
  //   kNotFound            the person moved no such record.
  //   kFailedPrecondition  an older copy of the store was restored since: the
  //                        record is ended, but its moved end is lost.
  absl::StatusOr<std::string> GetExport(const PersonId& person,
                                        const RecordId& record) const;

  // Activates what the file ends elsewhere, in one commit: a new record with
  // the same lines, end of validity and uses spent; paused when it was paused.
  // Of a limited frequency the present period counts as used up, once validity
  // has begun. The same move again returns the record that it became, whatever
  // became of that, until the store is replaced by a copy from before it: then
  // it is refused for good.
  //
  // It does not promise that the old operator signed no second end for another
  // operator.
  //
  // Errors:
  //   kInvalidArgument     the file is malformed, does not verify or is about
  //                        another operator; names the member.
  //   kNotFound            no such agreement version.
  //   kFailedPrecondition  the old operator is not known here; the agreement
  //                        asks for something else, is outdated or not shared;
  //                        it came before and an older store has lost it; or
  //                        the record may not be activated, see CheckMoveIn.
  //   kResourceExhausted   those of CheckRoomForRecord.
  absl::StatusOr<RecordView> Activate(const PersonId& person,
                                      const MoveIn& move) const;

 private:
  const Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_MOVE_MOVE_DESK_H_
