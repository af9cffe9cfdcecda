#include "clients/cli/erased_device.h"

#include <filesystem>

#include "clients/cpp/device_file.h"
#include "clients/cpp/grant_book.h"
#include "common/base/status_macros.h"

namespace limpid::cli {

absl::StatusOr<std::optional<base::ByteArray<16>>> HolderOf(
    const PersonParts& parts) {
  LIMPID_ASSIGN_OR_RETURN(const auto pin, parts.device->Pinned());
  if (!pin) return std::optional<base::ByteArray<16>>();
  return std::optional(pin->holder);
}

absl::StatusOr<Forgot> ForgetErased(const client::CheckedErasure& checked,
                                    const PersonParts& parts,
                                    const Session& session) {
  if (!checked.facts.everything || !checked.answer.logged()) {
    return Forgot::kNotYet;
  }
  LIMPID_ASSIGN_OR_RETURN(const auto holder, HolderOf(parts));
  if (!holder) return Forgot::kNothingKnown;
  // Here too, where it cannot be taken back.
  if (checked.holder != holder) {
    return absl::DataLossError(
        "the certificate was not compared with whom this device knows in the "
        "vault; nothing was removed");
  }
  LIMPID_RETURN_IF_ERROR(client::GrantBook(session.GrantsDirectory()).Clear());
  LIMPID_RETURN_IF_ERROR(client::RemoveFile(session.MovingFile()));
  LIMPID_RETURN_IF_ERROR(parts.device->Forget());
  return Forgot::kAll;
}

absl::Status SetAside(const Session& session) {
  absl::Status out = client::GrantBook(session.GrantsDirectory()).SetAside();
  for (const std::filesystem::path& file :
       {session.LogHeadFile(), session.SeenHeadFile(), session.SealedKeyFile(),
        session.MovingFile()}) {
    out.Update(client::SetFileAside(file));
  }
  return out;
}

}  // namespace limpid::cli
