#include "clients/cli/recovery_notice.h"

#include "absl/strings/str_cat.h"
#include "clients/cli/report.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::vault::v1;

std::string How(const v1::Recovery& recovery) {
  switch (recovery.phase()) {
    case v1::RECOVERY_PHASE_WAITING:
      return absl::StrCat("waits until ", Moment(recovery.open_time()));
    case v1::RECOVERY_PHASE_OPEN:
      return absl::StrCat("open until ", Moment(recovery.close_time()));
    case v1::RECOVERY_PHASE_HANDED_OUT:
      return absl::StrCat("handed out ", Moment(recovery.end_time()));
    case v1::RECOVERY_PHASE_CANCELLED:
      return absl::StrCat("cancelled ", Moment(recovery.end_time()));
    case v1::RECOVERY_PHASE_OVER:
      return absl::StrCat("over since ", Moment(recovery.close_time()));
    case v1::RECOVERY_PHASE_NONE:
    case v1::RECOVERY_PHASE_UNSPECIFIED:
    case v1::RecoveryPhase_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::RecoveryPhase_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return "none";
}

}  // namespace

std::string RecoveryText(const v1::Recovery& recovery) {
  const bool before = recovery.has_handed_out_time() &&
                      recovery.phase() != v1::RECOVERY_PHASE_HANDED_OUT;
  return absl::StrCat(How(recovery),
                      before ? absl::StrCat(", HANDED OUT BEFORE on ",
                                            Moment(recovery.handed_out_time()))
                             : "",
                      recovery.barred() ? ", BARRED" : "");
}

std::string RecoveryAlarm(const v1::Recovery& recovery) {
  if (recovery.has_handed_out_time()) {
    return absl::StrCat(
        "RECOVERY: the way to your sealed key that your guardians open was "
        "handed out on ",
        Moment(recovery.handed_out_time()),
        " UTC. Enough of their shares open what you sealed with it. Make the "
        "shares again on a device that opens it: limpid person guardians make");
  }
  return absl::StrCat(
      "RECOVERY: somebody with your account's key recovers your sealed key (",
      How(recovery),
      " UTC). If that is not you, run now: limpid person guardians cancel");
}

}  // namespace limpid::cli
