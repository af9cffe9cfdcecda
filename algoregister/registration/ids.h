// Identifiers of the register. A registration's id carries its kind in its
// prefix, so that a dataset pasted where a system belongs is refused.
// docs/formats/ids.md

#ifndef LIMPID_ALGOREGISTER_REGISTRATION_IDS_H_
#define LIMPID_ALGOREGISTER_REGISTRATION_IDS_H_

#include <compare>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/receipt/registration.h"

namespace limpid::algoregister {

using receipt::AuthorRole;
using receipt::FieldDisclosure;
using receipt::RegistrationKind;
using receipt::RegistrationState;

struct SnapshotTag {
  static constexpr std::string_view kPrefix = "snp";
};
struct ImportTag {
  static constexpr std::string_view kPrefix = "imp";
};
struct PublisherTag {
  static constexpr std::string_view kPrefix = "pub";
};
using SnapshotId = base::Id<SnapshotTag>;
using ImportId = base::Id<ImportTag>;
using PublisherId = base::Id<PublisherTag>;

// The prefix of its kind, such as "dep_", and 26 characters. A value.
struct RegistrationId {
  RegistrationKind kind = RegistrationKind::kOrganisation;
  base::ByteArray<base::kIdBytes> bytes{};

  static RegistrationId Random(RegistrationKind kind);
  // Errors:
  //   kInvalidArgument  not the text of an id of any kind.
  static absl::StatusOr<RegistrationId> Parse(std::string_view text);

  [[nodiscard]] std::string Text() const;

  friend auto operator<=>(const RegistrationId&,
                          const RegistrationId&) = default;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_IDS_H_
