#include "clients/cli/erasing_note.h"

#include <cstddef>

#include "clients/cli/erased_device.h"
#include "clients/cpp/device_file.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

constexpr std::string_view kFormat = "limpid-account-erasing/1";
constexpr std::size_t kMaxFileBytes = 4096;

}  // namespace

absl::Status NoteErasing(std::string_view person_id, const Session& session) {
  json::Value out = json::Value::Object();
  out.Set("format", std::string(kFormat));
  out.Set("person", std::string(person_id));
  return client::WriteDeviceFile(session.ErasingFile(),
                                 base::AsBytes(json::Pretty(out)));
}

absl::StatusOr<std::optional<std::string>> NotedErasing(
    const Session& session) {
  const auto bytes =
      client::ReadDeviceFile(session.ErasingFile(), kMaxFileBytes);
  if (absl::IsNotFound(bytes.status())) return std::optional<std::string>();
  LIMPID_RETURN_IF_ERROR(bytes.status());
  const auto value = json::ParseStrict(base::AsText(*bytes));
  const auto person = value.ok() ? value->GetString("person") : value.status();
  if (person.ok() && value->GetString("format").value_or("") == kFormat) {
    return std::optional(*person);
  }
  return client::BrokenFile(session.ErasingFile(),
                            "does not say whose account was to be erased");
}

absl::Status DropErasing(const Session& session) {
  return client::RemoveFile(session.ErasingFile());
}

absl::StatusOr<bool> ErasureBegan(client::PersonClient& consent,
                                  const Session& session) {
  const auto account = consent.GetAccount();
  if (account.ok()) return false;
  if (!absl::IsUnauthenticated(account.status())) return account.status();
  LIMPID_RETURN_IF_ERROR(SetAside(session));
  LIMPID_RETURN_IF_ERROR(DropErasing(session));
  return true;
}

}  // namespace limpid::cli
