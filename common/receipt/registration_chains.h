// What an auditor remembers of the registrations of a whole register log, so
// that each version is found to follow the one before it. Refuses to know whose
// a registration is, and what it says: leaves hold neither.
// docs/formats/registration-version.md

#ifndef LIMPID_COMMON_RECEIPT_REGISTRATION_CHAINS_H_
#define LIMPID_COMMON_RECEIPT_REGISTRATION_CHAINS_H_

#include <cstdint>
#include <map>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/receipt/registration.h"

namespace limpid::receipt {

// Keeps some 110 bytes for each registration, whatever its versions: less than
// half of what the first of them takes in the log. Thread-compatible.
class RegistrationChains {
 public:
  // Takes the next version of some registration in the order of the log, and
  // answers its leaf. That another key signed it than the one before is no
  // fault: publishers change keys.
  //
  // Errors:
  //   kDataLoss  as VerifyRegistrationLeaf; or it does not follow: a gap, two
  //              for one place, another predecessor, another kind, or one after
  //              the version that retired the registration.
  absl::StatusOr<RegistrationLeaf> Take(base::ByteView entry);

 private:
  struct Newest {
    std::uint32_t version = 0;
    RegistrationKind kind = RegistrationKind::kOrganisation;
    RegistrationState state = RegistrationState::kActive;
    base::Digest32 hash{};
  };
  std::map<base::ByteArray<base::kIdBytes>, Newest> newest_;
};

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_REGISTRATION_CHAINS_H_
