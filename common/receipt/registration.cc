#include "common/receipt/registration.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "common/tlog/leaf.h"

namespace limpid::receipt {
namespace {

constexpr std::string_view kFieldLabel = "limpid-registration-field/1";
constexpr std::string_view kLeafLabel = "limpid-registration-version/1";
constexpr std::string_view kSignatureLabel = "limpid-registration-signature/1";
constexpr std::string_view kRestrictedPrefix = "/restricted/";

struct KindText {
  RegistrationKind kind;
  std::string_view name;
  std::string_view prefix;
};

constexpr auto kKinds = std::to_array<KindText>({
    {RegistrationKind::kOrganisation, "organisation", "org"},
    {RegistrationKind::kSystem, "system", "sys"},
    {RegistrationKind::kDeployment, "deployment", "dep"},
    {RegistrationKind::kModel, "model", "mdl"},
    {RegistrationKind::kDataset, "dataset", "dat"},
    {RegistrationKind::kEvaluation, "evaluation", "evl"},
    {RegistrationKind::kAssessment, "assessment", "asm"},
    {RegistrationKind::kCertification, "certification", "crt"},
    {RegistrationKind::kIncident, "incident", "inc"},
});

const KindText& TextOf(RegistrationKind kind) {
  const auto at = static_cast<std::size_t>(kind) - 1;
  LIMPID_CHECK(at < kKinds.size());
  return kKinds.at(at);
}

base::Bytes SignedBytes(base::ByteView body) {
  return base::ByteWriter(kSignatureLabel).Raw(crypto::Sha256(body)).Take();
}

bool KeepsTheRules(const RegistrationLeaf& leaf, std::uint8_t kind,
                   std::uint8_t state, std::uint8_t role) {
  const bool first = leaf.version == 1;
  const bool ascending =
      std::adjacent_find(leaf.digests.begin(), leaf.digests.end(),
                         [](const auto& left, const auto& right) {
                           return left >= right;
                         }) == leaf.digests.end();
  return kind >= 1 && kind <= kKinds.size() && (state == 1 || state == 2) &&
         (role == 1 || role == 2) && leaf.version >= 1 &&
         first == (leaf.predecessor == base::Digest32{}) &&
         !leaf.digests.empty() &&
         leaf.digests.size() <= kMaxRegistrationFields && ascending;
}

// Members of the content whose own members are disclosed one by one.
bool IsSplit(std::string_view member) {
  return member == "fields" || member == "restricted";
}

// Parts of a content on their way together.
struct Parts {
  json::Value content = json::Value::Object();
  json::Value fields = json::Value::Object();
  json::Value restricted = json::Value::Object();
};

absl::Status PlaceField(const FieldDisclosure& field, Parts& parts) {
  const auto tokens = json::SplitPointer(field.pointer);
  if (!tokens.ok()) return tokens.status();
  json::Value* target = nullptr;
  if (tokens->size() == 1 && !IsSplit(tokens->front())) {
    target = &parts.content;
  } else if (tokens->size() == 2 && IsSplit(tokens->front())) {
    target = tokens->front() == "fields" ? &parts.fields : &parts.restricted;
  }
  if (target == nullptr || target->Find(tokens->back()) != nullptr) {
    return absl::InvalidArgumentError("a disclosure has a wrong pointer");
  }
  target->Set(tokens->back(), field.value);
  return absl::OkStatus();
}

}  // namespace

std::string_view RegistrationKindName(RegistrationKind kind) {
  return TextOf(kind).name;
}

std::string_view RegistrationKindPrefix(RegistrationKind kind) {
  return TextOf(kind).prefix;
}

base::Digest32 FieldDigest(const FieldDisclosure& field) {
  const std::string value = json::Canonical(field.value);
  LIMPID_CHECK(std::in_range<std::uint32_t>(value.size()));
  // Lp of the value, without a copy of it.
  const base::Bytes head = base::ByteWriter(kFieldLabel)
                               .Raw(field.salt)
                               .Lp(field.pointer)
                               .U32(static_cast<std::uint32_t>(value.size()))
                               .Take();
  return crypto::Sha256({head, base::AsBytes(value)});
}

namespace {

constexpr std::size_t kSaltBytes = sizeof(FieldDisclosure::salt);

// All with one question: a version has some forty fields, and each question is
// a system call.
void AddSalts(std::vector<FieldDisclosure>& fields,
              crypto::RandomSource& random) {
  std::vector<std::uint8_t> salts(fields.size() * kSaltBytes);
  random.Fill(salts);
  auto next = salts.begin();
  for (FieldDisclosure& field : fields) {
    std::copy_n(next, kSaltBytes, field.salt.begin());
    next += kSaltBytes;
  }
}

}  // namespace

std::vector<FieldDisclosure> DiscloseContent(json::Value content,
                                             crypto::RandomSource& random) {
  std::vector<FieldDisclosure> out;
  const auto add = [&out](std::string pointer, json::Value& value) {
    out.push_back({.pointer = std::move(pointer), .value = std::move(value)});
  };
  for (json::Member& member : std::move(content).TakeMembers()) {
    const std::string pointer = "/" + json::PointerToken(member.key);
    if (!IsSplit(member.key)) {
      add(pointer, member.value);
      continue;
    }
    for (json::Member& field : std::move(member.value).TakeMembers()) {
      add(pointer + "/" + json::PointerToken(field.key), field.value);
    }
  }
  std::sort(out.begin(), out.end(),
            [](const FieldDisclosure& left, const FieldDisclosure& right) {
              return left.pointer < right.pointer;
            });
  AddSalts(out, random);
  return out;
}

absl::StatusOr<json::Value> AssembleContent(
    std::span<const FieldDisclosure> fields) {
  Parts parts;
  for (const FieldDisclosure& field : fields) {
    LIMPID_RETURN_IF_ERROR(PlaceField(field, parts));
  }
  parts.content.Set("fields", std::move(parts.fields));
  if (parts.restricted.size() > 0) {
    parts.content.Set("restricted", std::move(parts.restricted));
  }
  return std::move(parts.content);
}

bool IsRestricted(const FieldDisclosure& field) {
  return field.pointer.starts_with(kRestrictedPrefix);
}

base::Digest32 ContentHash(const json::Value& content) {
  json::Value bare = content;
  bare.Remove("reason");
  bare.Remove("restricted");
  return crypto::Sha256(base::AsBytes(json::Canonical(bare)));
}

std::vector<base::Digest32> FieldDigests(
    std::span<const FieldDisclosure> fields) {
  std::vector<base::Digest32> out;
  out.reserve(fields.size());
  for (const FieldDisclosure& field : fields) {
    out.push_back(FieldDigest(field));
  }
  std::sort(out.begin(), out.end());
  return out;
}

base::Bytes RegistrationLeafBody(const RegistrationLeaf& leaf) {
  base::ByteWriter writer;
  writer.U8(static_cast<std::uint8_t>(tlog::LeafKind::kRegister))
      .Raw(base::ByteWriter(kLeafLabel).bytes())
      .Raw(leaf.registration)
      .U8(static_cast<std::uint8_t>(leaf.kind))
      .U32(leaf.version)
      .U8(static_cast<std::uint8_t>(leaf.state))
      .U8(static_cast<std::uint8_t>(leaf.author_role))
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(leaf.draft_time)))
      .Raw(leaf.predecessor)
      .Raw(leaf.author.bytes)
      .U16(static_cast<std::uint16_t>(leaf.digests.size()));
  for (const base::Digest32& digest : leaf.digests) writer.Raw(digest);
  return writer.Take();
}

absl::StatusOr<RegistrationLeaf> ParseRegistrationLeafBody(
    base::ByteView body) {
  base::ByteReader reader(body);
  RegistrationLeaf leaf;
  const std::uint8_t type = reader.U8();
  reader.Label(kLeafLabel);
  leaf.registration = reader.Array<base::kIdBytes>();
  const std::uint8_t kind = reader.U8();
  leaf.version = reader.U32();
  const std::uint8_t state = reader.U8();
  const std::uint8_t role = reader.U8();
  const std::uint64_t draft_ms = reader.U64();
  leaf.predecessor = reader.Array<32>();
  leaf.author.bytes = reader.Array<crypto::kEd25519PublicKeyBytes>();
  leaf.digests.resize(reader.U16());
  for (base::Digest32& digest : leaf.digests) digest = reader.Array<32>();
  LIMPID_RETURN_IF_ERROR(reader.Finish());
  // Year 9999, far below what absl::Time and JSON integers hold.
  constexpr std::uint64_t kLastMillisecond = 253'402'300'799'999;
  if (type != static_cast<std::uint8_t>(tlog::LeafKind::kRegister) ||
      draft_ms > kLastMillisecond || !KeepsTheRules(leaf, kind, state, role)) {
    return absl::InvalidArgumentError("not the leaf of a registration");
  }
  leaf.kind = static_cast<RegistrationKind>(kind);
  leaf.state = static_cast<RegistrationState>(state);
  leaf.author_role = static_cast<AuthorRole>(role);
  leaf.draft_time = absl::FromUnixMillis(static_cast<std::int64_t>(draft_ms));
  return leaf;
}

absl::StatusOr<crypto::Ed25519Signature> SignRegistrationLeaf(
    base::ByteView body, std::span<const FieldDisclosure> fields,
    const crypto::Ed25519PrivateKey& key) {
  LIMPID_ASSIGN_OR_RETURN(const RegistrationLeaf leaf,
                          ParseRegistrationLeafBody(body));
  if (leaf.author != key.PublicKey()) {
    return absl::InvalidArgumentError("the leaf names another author's key");
  }
  if (FieldDigests(fields) != leaf.digests) {
    return absl::InvalidArgumentError(
        "the leaf holds other digests than the fields have");
  }
  return key.Sign(SignedBytes(body));
}

absl::StatusOr<RegistrationLeaf> VerifyRegistrationLeaf(base::ByteView entry) {
  if (entry.size() < crypto::kEd25519SignatureBytes) {
    return absl::DataLossError("not the leaf of a registration");
  }
  const std::size_t body_size = entry.size() - crypto::kEd25519SignatureBytes;
  const base::ByteView body = entry.first(body_size);
  auto leaf = ParseRegistrationLeafBody(body);
  if (!leaf.ok()) return absl::DataLossError("not the leaf of a registration");
  if (!leaf->author.Verify(SignedBytes(body), entry.subspan(body_size))) {
    return absl::DataLossError("a registration's signature is wrong");
  }
  return leaf;
}

absl::StatusOr<std::size_t> CheckDisclosures(
    const RegistrationLeaf& leaf, std::span<const FieldDisclosure> fields) {
  std::set<base::Digest32> opened;
  for (const FieldDisclosure& field : fields) {
    const base::Digest32 digest = FieldDigest(field);
    if (!std::binary_search(leaf.digests.begin(), leaf.digests.end(), digest) ||
        !opened.insert(digest).second) {
      return absl::DataLossError("a field is not what was registered");
    }
  }
  return leaf.digests.size() - opened.size();
}

}  // namespace limpid::receipt
