#include "clients/cli/copy_view.h"

#include <utility>

#include "absl/status/status.h"
#include "clients/cli/failure.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {

absl::StatusOr<crypto::Ed25519PublicKey> ReadEvidenceKey(
    const std::string& text) {
  const auto bytes = base::Base64UrlDecode(text);
  if (bytes.ok()) {
    auto key = crypto::Ed25519PublicKey::FromBytes(*bytes);
    if (key.ok()) return key;
  }
  return WrongUsage(absl::InvalidArgumentError(
      "--evidence-key: 32 bytes in base64url, as the operator publishes it"));
}

absl::StatusOr<Report> CopyReport(const receipt::ServiceCopy& copy,
                                  const crypto::Ed25519PublicKey& key,
                                  std::string_view sentence) {
  LIMPID_ASSIGN_OR_RETURN(const receipt::DisclosedFields fields,
                          receipt::VerifyServiceCopy(copy, key));
  json::Value disclosed = json::Value::Object();
  for (const auto& [name, value] : fields) disclosed.Set(name, value);
  json::Value out = json::Value::Object();
  out.Set("verified", true).Set("disclosed", disclosed);
  return Report{
      std::move(out),
      [disclosed, said = std::string(sentence)](Terminal& terminal) {
        terminal.Line(said);
        for (const json::Member& member : disclosed.members()) {
          terminal.Line(member.key + ": " + json::Canonical(member.value));
        }
      }};
}

absl::Status CheckIsOf(const receipt::ServiceCopy& copy,
                       std::string_view record) {
  for (const receipt::SaltedField& field : copy.fields) {
    if (field.name == "record" && field.value.is_string() &&
        field.value.string() == record) {
      return absl::OkStatus();
    }
  }
  return absl::DataLossError("the server answered with another record's copy");
}

}  // namespace limpid::cli
