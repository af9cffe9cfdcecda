#include "clients/cpp/disclosures.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/wire_time.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;

absl::Status Differs(std::string_view what) {
  return absl::DataLossError(
      absl::StrCat(base::ToAbsl(what), " is not what the signed leaf says"));
}

// The kind's text field that names a registration.
std::string_view NamingField(receipt::RegistrationKind kind) {
  return kind == receipt::RegistrationKind::kOrganisation ? "name" : "title";
}

// `title` is `text`, or its beginning when it is too long for lists.
bool IsCutOf(std::string_view title, std::string_view text) {
  constexpr std::size_t kMaxTitleBytes = 200;
  // A cut is not inside a character, which has up to four bytes.
  constexpr std::size_t kShortestCut = kMaxTitleBytes - 3;
  return title == text ||
         (text.size() > kMaxTitleBytes && title.size() <= kMaxTitleBytes &&
          title.size() >= kShortestCut && text.starts_with(title));
}

// Whether the content has `title`, in any language; an empty one when its field
// is not given.
bool HasTitle(const json::Value& content, receipt::RegistrationKind kind,
              std::string_view title) {
  const json::Value* value = content.Find("fields");
  if (value != nullptr) value = value->Find(NamingField(kind));
  if (value != nullptr) value = value->Find("value");
  if (value == nullptr) return title.empty();
  if (value->is_string()) return IsCutOf(title, value->string());
  if (!value->is_object()) return title.empty();
  for (const json::Member& language : value->members()) {
    const auto text = language.value.GetString("text");
    if (text.ok() && IsCutOf(title, *text)) return true;
  }
  return title.empty() && value->size() == 0;
}

// What the answer says beside the content, all of it in the leaf or computed.
absl::Status CheckFacts(const receipt::RegistrationLeaf& leaf,
                        const json::Value& content,
                        const v1::RegistrationVersion& version) {
  const json::Value* const kind = content.Find("kind");
  if (static_cast<int>(leaf.kind) != static_cast<int>(version.kind()) ||
      (kind != nullptr &&
       *kind != json::Value(receipt::RegistrationKindName(leaf.kind)))) {
    return Differs("the kind");
  }
  if (static_cast<int>(leaf.state) != static_cast<int>(version.state()) ||
      static_cast<int>(leaf.author_role) !=
          static_cast<int>(version.author_role())) {
    return Differs("the state or the author's role");
  }
  if (TimeOf(version.draft_time()) != leaf.draft_time) {
    return Differs("the time of the draft");
  }
  if (!HasTitle(content, leaf.kind, version.title())) {
    return Differs("the title");
  }
  if (base::AsText(receipt::ContentHash(content)) != version.content_sha256()) {
    return Differs("the hash of the content");
  }
  return absl::OkStatus();
}

// Digests that stay closed were erased, or are of restricted parts, whose
// public fields name an audience unless they were erased themselves.
absl::Status CheckClosed(std::size_t closed, const json::Value& content,
                         const v1::RegistrationVersion& version) {
  const std::int64_t erased = version.erased_field_count();
  const std::int64_t restricted = version.restricted_field_count();
  std::int64_t stubs = 0;
  if (const json::Value* const fields = content.Find("fields")) {
    for (const json::Member& field : fields->members()) {
      if (field.value.Find("audience") != nullptr) ++stubs;
    }
  }
  if (erased < 0 || restricted < 0 || restricted > stubs + erased ||
      static_cast<std::int64_t>(closed) != erased + restricted) {
    return Differs("the number of erased and restricted fields");
  }
  return absl::OkStatus();
}

std::string IdText(const receipt::RegistrationLeaf& leaf) {
  return base::FormatIdText(receipt::RegistrationKindPrefix(leaf.kind),
                            leaf.registration);
}

}  // namespace

absl::StatusOr<std::vector<receipt::FieldDisclosure>> ReadDisclosures(
    const google::protobuf::RepeatedPtrField<v1::FieldDisclosure>& wire) {
  std::vector<receipt::FieldDisclosure> out;
  for (const v1::FieldDisclosure& field : wire) {
    receipt::FieldDisclosure& read = out.emplace_back();
    read.pointer = field.pointer();
    const auto salt = base::ToArray<32>(base::AsBytes(field.salt()));
    auto value = json::ParseStrict(field.value_json());
    if (!salt.ok() || !value.ok()) {
      return absl::DataLossError("a disclosed field is malformed");
    }
    read.salt = *salt;
    read.value = *std::move(value);
  }
  return out;
}

absl::Status CheckVersion(const v1::RegistrationVersion& version) {
  LIMPID_ASSIGN_OR_RETURN(
      const receipt::RegistrationLeaf leaf,
      receipt::VerifyRegistrationLeaf(base::AsBytes(version.leaf())));
  if (IdText(leaf) != version.registration_id() ||
      leaf.version != version.version()) {
    return Differs("the registration or version");
  }
  LIMPID_ASSIGN_OR_RETURN(const auto fields,
                          ReadDisclosures(version.disclosures()));
  LIMPID_ASSIGN_OR_RETURN(const std::size_t closed,
                          receipt::CheckDisclosures(leaf, fields));
  const auto content = receipt::AssembleContent(fields);
  if (!content.ok()) return Differs("the content");
  LIMPID_RETURN_IF_ERROR(CheckClosed(closed, *content, version));
  if (json::Canonical(*content) != version.content_json()) {
    return Differs("the content");
  }
  return CheckFacts(leaf, *content, version);
}

}  // namespace limpid::client
