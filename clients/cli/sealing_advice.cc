#include "clients/cli/sealing_advice.h"

#include "clients/cli/failure.h"
#include "clients/cpp/device_file.h"

namespace limpid::cli {
namespace {

constexpr std::string_view kLetIn =
    "run `limpid person device code` here, and `limpid person device add CODE` "
    "on a device that opens it";
constexpr std::string_view kGoesOn =
    "It broke off on the way. When that is over, run the same command again on "
    "this device: it goes on. Until then the newest version may be an older "
    "value; nothing is erased before all are sealed.";

bool IsOfThisDevice(const absl::Status& failed) {
  return client::IsAboutOwnFile(failed) || client::IsLockHeld(failed);
}

}  // namespace

absl::Status AfterOpening(const absl::Status& failed) {
  if (!absl::IsPermissionDenied(failed) || IsOfThisDevice(failed)) {
    return failed;
  }
  return WithNext(failed, kLetIn);
}

absl::Status AfterSeal(const absl::Status& failed, std::string_view attribute,
                       const client::MoveNotes& notes) {
  if (failed.ok() || IsOfThisDevice(failed) || absl::IsDataLoss(failed)) {
    return failed;
  }
  if (absl::IsPermissionDenied(failed)) return AfterOpening(failed);
  const auto progress = notes.Read(attribute);
  // Of another attribute, or of nothing.
  if (!progress.ok() || *progress == client::MoveProgress()) return failed;
  return WithNext(failed, kGoesOn);
}

}  // namespace limpid::cli
