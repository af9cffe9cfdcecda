#include "clients/cli/erased_device.h"

#include "clients/cpp/device_file.h"
#include "clients/cpp/grant_book.h"
#include "common/base/status_macros.h"

namespace limpid::cli {

absl::StatusOr<bool> ForgetErased(const client::CheckedErasure& checked,
                                  const PersonParts& parts,
                                  const Session& session) {
  if (!checked.facts.everything || !checked.answer.logged()) return false;
  LIMPID_RETURN_IF_ERROR(client::GrantBook(session.GrantsDirectory()).Clear());
  LIMPID_RETURN_IF_ERROR(client::RemoveFile(session.MovingFile()));
  LIMPID_RETURN_IF_ERROR(parts.device->Forget());
  return true;
}

}  // namespace limpid::cli
