#include "consent/agreement/service.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/receipt/embargo.h"

namespace limpid::consent {
namespace {

using json::Value;

absl::Status Wrong(std::string_view path, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(base::ToAbsl(path), ": ", base::ToAbsl(why)));
}

absl::Status Over(std::string_view path, std::string_view why) {
  return absl::FailedPreconditionError(
      absl::StrCat(base::ToAbsl(path), ": ", base::ToAbsl(why)));
}

absl::Status CheckName(std::string_view path, std::string_view text,
                       bool required) {
  if (text.empty() && required) return Wrong(path, "is required");
  if (text.size() > kMaxNameBytes || !base::IsUtf8(text)) {
    return Wrong(path, "is too long or not UTF-8");
  }
  return absl::OkStatus();
}

absl::Status CheckKeys(const std::vector<base::Digest32>& keys) {
  if (keys.empty() || keys.size() > kMaxServiceKeys) {
    return Wrong("spki_thumbprints", "needs 1 to 8 values");
  }
  const std::set<base::Digest32> distinct(keys.begin(), keys.end());
  if (distinct.size() != keys.size()) {
    return Wrong("spki_thumbprints", "has one value twice");
  }
  if (distinct.contains(base::Digest32{})) {
    return Wrong("spki_thumbprints", "has a value of zeros");
  }
  return absl::OkStatus();
}

Value TextList(const auto& texts) {
  Value out = Value::Array();
  for (const std::string& text : texts) out.Append(text);
  return out;
}

absl::StatusOr<std::vector<std::string>> ReadTexts(const Value& object,
                                                   std::string_view key) {
  LIMPID_ASSIGN_OR_RETURN(const Value array, object.GetArray(key));
  std::vector<std::string> out;
  for (const Value& element : array.elements()) {
    if (!element.is_string()) return absl::DataLossError("a list is damaged");
    out.push_back(element.string());
  }
  return out;
}

Value PublicKeysJson(const std::vector<ServicePublicKey>& keys) {
  Value out = Value::Array();
  for (const ServicePublicKey& one : keys) {
    out.Append(Value::Object(
        {{"key", Value(base::Base64UrlEncode(one.key))},
         {"kind", Value(static_cast<std::int64_t>(one.kind))},
         {"proof", Value(base::Base64UrlEncode(one.proof))},
         {"prover", Value(base::Base64UrlEncode(one.prover.bytes))}}));
  }
  return out;
}

template <std::size_t N>
absl::Status ReadArray(const Value& value, std::string_view name,
                       base::ByteArray<N>& out) {
  LIMPID_ASSIGN_OR_RETURN(const std::string text, value.GetString(name));
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes, base::Base64UrlDecode(text));
  LIMPID_ASSIGN_OR_RETURN(out, base::ToArray<N>(bytes));
  return absl::OkStatus();
}

absl::StatusOr<ServicePublicKey> ReadPublicKey(const Value& value) {
  ServicePublicKey out;
  LIMPID_ASSIGN_OR_RETURN(const std::int64_t kind, value.GetInteger("kind"));
  if (!IsPublicKeyKind(kind)) return absl::DataLossError("a kind is unknown");
  out.kind = static_cast<receipt::ServiceKeyKind>(kind);
  LIMPID_RETURN_IF_ERROR(ReadArray(value, "key", out.key));
  LIMPID_RETURN_IF_ERROR(ReadArray(value, "prover", out.prover.bytes));
  LIMPID_RETURN_IF_ERROR(ReadArray(value, "proof", out.proof));
  return out;
}

absl::Status ReadLists(const Value& value, Service& out) {
  LIMPID_ASSIGN_OR_RETURN(const auto keys, ReadTexts(value, "keys"));
  for (const std::string& text : keys) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                            base::Base64UrlDecode(text));
    LIMPID_ASSIGN_OR_RETURN(const base::Digest32 key, base::ToArray<32>(bytes));
    out.keys.push_back(key);
  }
  LIMPID_ASSIGN_OR_RETURN(const auto bases, ReadTexts(value, "bases"));
  for (const std::string& text : bases) {
    LIMPID_ASSIGN_OR_RETURN(const auto basis, ParseLegalBasis(text));
    out.bases.push_back(basis);
  }
  LIMPID_ASSIGN_OR_RETURN(out.ceiling_purposes, ReadTexts(value, "purposes"));
  LIMPID_ASSIGN_OR_RETURN(const auto attributes,
                          ReadTexts(value, "attributes"));
  out.ceiling_attributes = {attributes.begin(), attributes.end()};
  if (value.Find("embargo_days") != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(const std::int64_t days,
                            value.GetInteger("embargo_days"));
    if (days < 1 || days > receipt::kMaxEmbargoDays) {
      return absl::DataLossError("an embargo is out of range");
    }
    out.embargo_days = static_cast<std::uint32_t>(days);
  }
  // Absent in services without, and in rows of before.
  if (value.Find("public_keys") == nullptr) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(const Value array, value.GetArray("public_keys"));
  for (const Value& element : array.elements()) {
    LIMPID_ASSIGN_OR_RETURN(out.public_keys.emplace_back(),
                            ReadPublicKey(element));
  }
  return absl::OkStatus();
}

absl::StatusOr<Service> ReadService(std::string_view stored) {
  LIMPID_ASSIGN_OR_RETURN(const Value value, json::ParseStrict(stored));
  Service out;
  LIMPID_ASSIGN_OR_RETURN(const std::string id, value.GetString("id"));
  LIMPID_ASSIGN_OR_RETURN(out.id, ServiceId::Parse(id));
  LIMPID_ASSIGN_OR_RETURN(out.organisation, value.GetString("organisation"));
  LIMPID_ASSIGN_OR_RETURN(out.contact, value.GetString("contact"));
  LIMPID_ASSIGN_OR_RETURN(out.data_protection_officer,
                          value.GetString("officer"));
  LIMPID_ASSIGN_OR_RETURN(out.jurisdiction, value.GetString("jurisdiction"));
  LIMPID_ASSIGN_OR_RETURN(const std::string created,
                          value.GetString("created"));
  LIMPID_ASSIGN_OR_RETURN(out.created, base::ParseTimeText(created));
  LIMPID_RETURN_IF_ERROR(ReadLists(value, out));
  return out;
}

}  // namespace

bool Service::MayPursue(std::string_view purpose,
                        const Purposes& purposes) const {
  return CoveringPurpose(purpose, ceiling_purposes, purposes) != nullptr;
}

bool Service::MayRelyOn(receipt::LegalBasis basis) const {
  return std::find(bases.begin(), bases.end(), basis) != bases.end();
}

absl::Status CheckService(const Service& service, const Purposes& purposes) {
  LIMPID_RETURN_IF_ERROR(
      CheckName("organisation", service.organisation, /*required=*/true));
  LIMPID_RETURN_IF_ERROR(
      CheckName("contact", service.contact, /*required=*/true));
  LIMPID_RETURN_IF_ERROR(CheckName("data_protection_officer",
                                   service.data_protection_officer,
                                   /*required=*/false));
  LIMPID_RETURN_IF_ERROR(
      CheckName("jurisdiction", service.jurisdiction, /*required=*/false));
  LIMPID_RETURN_IF_ERROR(CheckKeys(service.keys));
  if (service.ceiling_purposes.empty() ||
      service.ceiling_purposes.size() > kMaxCeilingPurposes) {
    return Wrong("ceiling_purposes", "needs 1 to 32 values");
  }
  for (const std::string& purpose : service.ceiling_purposes) {
    if (!purposes.Knows(purpose)) {
      return Wrong("ceiling_purposes", "has a purpose that is not known");
    }
  }
  if (service.ceiling_attributes.empty() ||
      service.ceiling_attributes.size() > kMaxCeilingAttributes) {
    return Wrong("ceiling_attributes", "needs 1 to 256 values");
  }
  for (const std::string& attribute : service.ceiling_attributes) {
    if (!IsAttributeName(attribute)) {
      return Wrong("ceiling_attributes", "has a value that is no catalogue id");
    }
  }
  if (service.bases.empty()) return Wrong("legal_bases", "needs a value");
  if (service.embargo_days > receipt::kMaxEmbargoDays) {
    return Wrong("embargo_days_max", "is over 366");
  }
  return CheckPublicKeys(service.id, service.public_keys);
}

absl::Status CheckCeiling(const AgreementContent& content,
                          const Service& service, const Purposes& purposes) {
  for (std::size_t i = 0; i < content.purposes.size(); ++i) {
    const std::string path = absl::StrCat("purposes[", i, "]");
    if (!purposes.Knows(content.purposes[i])) {
      return Wrong(path, "is not in the taxonomy");
    }
    if (!service.MayPursue(content.purposes[i], purposes)) {
      return Over(path, "is over the service's ceiling");
    }
  }
  for (std::size_t i = 0; i < content.lines.size(); ++i) {
    if (!service.MayAskFor(content.lines[i].attribute)) {
      return Over(absl::StrCat("lines[", i, "].attribute"),
                  "is over the service's ceiling");
    }
  }
  if (!service.MayRelyOn(content.basis)) {
    return Over("legal_basis", "is not enabled for the service");
  }
  if (content.embargo_days > service.embargo_days) {
    return Over("embargo_days",
                "is over what two administrators gave the service");
  }
  return absl::OkStatus();
}

std::string StoredService(const Service& service) {
  Value keys = Value::Array();
  for (const base::Digest32& key : service.keys) {
    keys.Append(base::Base64UrlEncode(key));
  }
  Value bases = Value::Array();
  for (const auto basis : service.bases) bases.Append(LegalBasisName(basis));
  Value out =
      Value::Object({{"attributes", TextList(service.ceiling_attributes)},
                     {"bases", std::move(bases)},
                     {"contact", Value(service.contact)},
                     {"created", Value(base::TimeText(service.created))},
                     {"id", Value(service.id.Text())},
                     {"jurisdiction", Value(service.jurisdiction)},
                     {"keys", std::move(keys)},
                     {"officer", Value(service.data_protection_officer)},
                     {"organisation", Value(service.organisation)},
                     {"purposes", TextList(service.ceiling_purposes)}});
  if (service.embargo_days != 0) out.Set("embargo_days", service.embargo_days);
  if (!service.public_keys.empty()) {
    out.Set("public_keys", PublicKeysJson(service.public_keys));
  }
  return json::Canonical(out);
}

absl::StatusOr<Service> ParseService(std::string_view stored) {
  auto out = ReadService(stored);
  if (!out.ok()) return absl::DataLossError("a stored service is damaged");
  return out;
}

}  // namespace limpid::consent
