// Lines of an export bundle as values, and their one spelling. Pure; knows no
// store and opens nothing. docs/formats/export-bundle.md

#ifndef LIMPID_VAULT_PORTABILITY_BUNDLE_LINE_H_
#define LIMPID_VAULT_PORTABILITY_BUNDLE_LINE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/aead.h"
#include "common/crypto/hash.h"
#include "vault/attribute/definition.h"
#include "vault/attribute/person_vault.h"
#include "vault/attribute/record.h"
#include "vault/custody/slot_desk.h"
#include "vault/portability/origin.h"

namespace limpid::vault {

// Without its line feed. The largest value sealed, in base64, has 370 KiB.
inline constexpr std::size_t kMaxBundleLineBytes = std::size_t{512} << 10U;

// One version of one attribute, as it is carried. Move-only; wipes its value
// when it goes.
struct CarriedVersion {
  CarriedVersion() = default;
  CarriedVersion(CarriedVersion&& other) noexcept = default;
  CarriedVersion& operator=(CarriedVersion&& other) noexcept = default;
  CarriedVersion(const CarriedVersion&) = delete;
  CarriedVersion& operator=(const CarriedVersion&) = delete;
  ~CarriedVersion();

  std::string attribute;
  std::uint64_t version = 0;
  std::uint32_t schema_version = 0;
  // SHA-256 of the schema in canonical form.
  base::Digest32 schema{};
  Custody custody = Custody::kAssisted;
  // Whole milliseconds.
  absl::Time put_time;
  // Of erased ones, which have none of what follows but `about`.
  std::optional<absl::Time> erase_time;
  About about = {};
  // Where it was put; the holder is none unless it is sealed.
  SealedOrigin origin;
  // Of assisted ones; RFC 8785.
  std::string value_json;
  Provenance provenance;
  // Of sealed ones; its own origin is not set.
  std::optional<SealedParts> sealed;
  // Names the sealed key that those are under. None in lines of earlier
  // versions, and of a vault that has no slot of it.
  std::optional<crypto::KeyId> key_id;
};

// The one spelling of each, without a line feed. The caller wipes that of a
// version; nothing of a value is left elsewhere.
std::string DefinitionLine(const Definition& definition);
// `slot` has its origin.
std::string SlotLine(const Slot& slot);
std::string VersionLine(const CarriedVersion& version);

// SHA-256 of a schema in canonical form.
base::Digest32 SchemaDigest(const Definition& definition);

using CarriedItem = std::variant<Slot, CarriedVersion>;
// A line that is imported: of a slot or a version.
//
// Errors:
//   kInvalidArgument  another line, or not what the above writes, byte by
//                     byte; the message names the member.
absl::StatusOr<CarriedItem> ParseBundleLine(std::string_view line);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_PORTABILITY_BUNDLE_LINE_H_
