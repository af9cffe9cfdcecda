#include "clients/cli/failure.h"

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "clients/cpp/device_file.h"
#include "common/base/text.h"

namespace limpid::cli {
namespace {

// Keys of the status payloads.
constexpr const char* kNext = "limpid.cli/next";
constexpr const char* kState = "limpid.cli/state-broken";
constexpr const char* kUsage = "limpid.cli/usage";

// How a server that waits for its root key begins its refusals.
constexpr const char* kSealed = "the server is sealed";

// How the refusal of a secret file that others may read begins.
constexpr const char* kOpenToOthers = "others may read";

// Whether the machine lets nobody at the file, whatever is in it.
bool CannotUse(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsPermissionDenied(status) ||
         absl::IsResourceExhausted(status);
}

}  // namespace

absl::Status WithNext(absl::Status status, std::string_view next) {
  status.SetPayload(kNext, absl::Cord(base::ToAbsl(next)));
  return status;
}

absl::Status WrongUsage(absl::Status status) {
  status.SetPayload(kUsage, absl::Cord("1"));
  return status;
}

absl::Status StateBroken(absl::Status status) {
  status.SetPayload(kState, absl::Cord("1"));
  return status;
}

absl::Status OfThisMachine(const absl::Status& status) {
  if (absl::IsNotFound(status) || absl::IsDataLoss(status) ||
      absl::IsPermissionDenied(status)) {
    return WithNext(StateBroken(status), "");
  }
  if (!absl::IsUnavailable(status)) return status;
  return absl::FailedPreconditionError(status.message());
}

ExitCode ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return ExitCode::kOk;
  if (status.GetPayload(kState).has_value() || client::IsAboutOwnFile(status)) {
    return ExitCode::kStateBroken;
  }
  if (status.GetPayload(kUsage).has_value()) return ExitCode::kUsage;
  if (client::IsLockHeld(status)) return ExitCode::kFailed;
  if (absl::IsDataLoss(status)) return ExitCode::kVerificationFailed;
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) {
    return ExitCode::kCannotConnect;
  }
  return ExitCode::kFailed;
}

std::string NextStep(const absl::Status& status) {
  if (const auto next = status.GetPayload(kNext)) return std::string(*next);
  if (client::IsLockHeld(status)) {
    return "another command on this device has not ended; run this again when "
           "it has";
  }
  if (ExitCodeOf(status) == ExitCode::kStateBroken) {
    if (CannotUse(status)) {
      return "see that the disk has room and that you may read and write "
             "there, then run this again";
    }
    if (absl::StartsWith(status.message(), kOpenToOthers)) {
      return "do that, and make the key anew if somebody may have read it";
    }
    if (absl::IsFailedPrecondition(status)) {
      return "see that a file is there and no directory, then run this again";
    }
    return "put the file back from a copy; docs/formats/device-files.md says "
           "what it is for and what its loss means";
  }
  // It answered, and says itself what has to happen first.
  if (absl::StartsWith(status.message(), kSealed)) return {};
  if (absl::IsUnavailable(status)) {
    return "check --server and --ca, or start a server with: limpid up";
  }
  if (absl::IsUnauthenticated(status)) {
    return "check that this machine's clock is right, and that you use the "
           "certificate or key that was registered";
  }
  if (absl::IsPermissionDenied(status)) {
    return "use the certificate that an administrator registered for this";
  }
  if (absl::IsDataLoss(status)) {
    return "do not rely on what was received; keep it as evidence and ask the "
           "operator";
  }
  return {};
}

}  // namespace limpid::cli
