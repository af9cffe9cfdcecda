#include "algoregister/registration/ids.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/id.h"
#include "common/receipt/registration.h"

namespace limpid::algoregister {

RegistrationId RegistrationId::Random(RegistrationKind kind) {
  return {.kind = kind, .bytes = base::RandomIdBytes()};
}

absl::StatusOr<RegistrationId> RegistrationId::Parse(std::string_view text) {
  for (const RegistrationKind kind : receipt::kRegistrationKinds) {
    const auto bytes =
        base::ParseIdText(receipt::RegistrationKindPrefix(kind), text);
    if (bytes.ok()) return RegistrationId{.kind = kind, .bytes = *bytes};
  }
  return absl::InvalidArgumentError("not the id of a registration");
}

std::string RegistrationId::Text() const {
  return base::FormatIdText(receipt::RegistrationKindPrefix(kind), bytes);
}

}  // namespace limpid::algoregister
