// The format of one version of a registration in the register log: its leaf,
// the salted digests inside, the signature. What an author signs and what
// anyone verifies; who may publish what is the register's business.
// docs/formats/registration-version.md

#ifndef LIMPID_COMMON_RECEIPT_REGISTRATION_H_
#define LIMPID_COMMON_RECEIPT_REGISTRATION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/json/value.h"

namespace limpid::receipt {

// Most digests in one leaf: 32 kB of the 65,535 bytes an entry may have, and
// twenty times the longest national standard.
inline constexpr std::size_t kMaxRegistrationFields = 1'024;

// Logged: append, never renumber.
enum class RegistrationKind : std::uint8_t {
  kOrganisation = 1,
  kSystem = 2,
  kDeployment = 3,
  kModel = 4,
  kDataset = 5,
  kEvaluation = 6,
  kAssessment = 7,
  kCertification = 8,
  kIncident = 9,
};
inline constexpr auto kRegistrationKinds = std::to_array<RegistrationKind>(
    {RegistrationKind::kOrganisation, RegistrationKind::kSystem,
     RegistrationKind::kDeployment, RegistrationKind::kModel,
     RegistrationKind::kDataset, RegistrationKind::kEvaluation,
     RegistrationKind::kAssessment, RegistrationKind::kCertification,
     RegistrationKind::kIncident});
enum class RegistrationState : std::uint8_t { kActive = 1, kRetired = 2 };
enum class AuthorRole : std::uint8_t { kPublisher = 1, kImporter = 2 };

// Text of the kind in content, "deployment", and the prefix of its ids, "dep".
std::string_view RegistrationKindName(RegistrationKind kind);
std::string_view RegistrationKindPrefix(RegistrationKind kind);

// One field of the content with what opens its digest.
struct FieldDisclosure {
  // RFC 6901, "/fields/title".
  std::string pointer;
  base::ByteArray<32> salt{};
  json::Value value;

  friend bool operator==(const FieldDisclosure&,
                         const FieldDisclosure&) = default;
};

base::Digest32 FieldDigest(const FieldDisclosure& field);

// Splits `content` into its fields, in pointer order, with fresh salts.
// `content` is an object whose "fields" is an object, and so is "restricted"
// if it is there.
std::vector<FieldDisclosure> DiscloseContent(json::Value content,
                                             crypto::RandomSource& random);
// Puts the content together again; erased fields are absent. "fields" is
// always there, "restricted" when one of its parts is.
//
// Errors:
//   kInvalidArgument  a pointer that DiscloseContent would not make, or one
//                     that comes twice.
absl::StatusOr<json::Value> AssembleContent(
    std::span<const FieldDisclosure> fields);
// Whether the disclosure is of a part for some readers alone, which public
// answers leave closed.
bool IsRestricted(const FieldDisclosure& field);
// SHA-256 of the canonical content without "reason" and "restricted".
base::Digest32 ContentHash(const json::Value& content);

// The leaf without its signature.
struct RegistrationLeaf {
  base::ByteArray<base::kIdBytes> registration{};
  RegistrationKind kind = RegistrationKind::kOrganisation;
  // From 1.
  std::uint32_t version = 0;
  RegistrationState state = RegistrationState::kActive;
  AuthorRole author_role = AuthorRole::kPublisher;
  // Millisecond resolution.
  absl::Time draft_time;
  // RFC 6962 leaf hash; zeros in version 1 only.
  base::Digest32 predecessor{};
  crypto::Ed25519PublicKey author;
  // Ascending, 1 to kMaxRegistrationFields.
  std::vector<base::Digest32> digests;

  friend bool operator==(const RegistrationLeaf&,
                         const RegistrationLeaf&) = default;
};

// Digests of `fields`, ascending, as a leaf holds them.
std::vector<base::Digest32> FieldDigests(
    std::span<const FieldDisclosure> fields);

base::Bytes RegistrationLeafBody(const RegistrationLeaf& leaf);
// Errors:
//   kInvalidArgument  anything RegistrationLeafBody would not write for a leaf
//                     that keeps the rules of the format page.
absl::StatusOr<RegistrationLeaf> ParseRegistrationLeafBody(base::ByteView body);

// Signs a body after checking that it parses, that it is `key`'s, and that
// `fields` open exactly its digests: nobody signs what they cannot read.
//
// Errors:
//   kInvalidArgument  the body or the fields are not what they should be.
absl::StatusOr<crypto::Ed25519Signature> SignRegistrationLeaf(
    base::ByteView body, std::span<const FieldDisclosure> fields,
    const crypto::Ed25519PrivateKey& key);

// Parses an entry of the register log and checks its signature.
//
// Errors:
//   kDataLoss  malformed, or not signed by the key it names.
absl::StatusOr<RegistrationLeaf> VerifyRegistrationLeaf(base::ByteView entry);

// Checks that each of `fields` opens one digest of `leaf`, no two the same.
// Returns how many digests stay closed: fields erased since.
//
// Errors:
//   kDataLoss  a field is not in the leaf, or comes twice.
absl::StatusOr<std::size_t> CheckDisclosures(
    const RegistrationLeaf& leaf, std::span<const FieldDisclosure> fields);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_REGISTRATION_H_
