#include "clients/cpp/disclosures.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
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
  if (closed != static_cast<std::size_t>(version.erased_field_count())) {
    return Differs("the number of erased fields");
  }
  const auto content = receipt::AssembleContent(fields);
  if (!content.ok() || json::Canonical(*content) != version.content_json()) {
    return Differs("the content");
  }
  return absl::OkStatus();
}

}  // namespace limpid::client
