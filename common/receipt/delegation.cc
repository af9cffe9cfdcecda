#include "common/receipt/delegation.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/json/json.h"
#include "common/receipt/members.h"

namespace limpid::receipt {
namespace {

constexpr std::string_view kLabel = "limpid/delegation/1";
constexpr std::string_view kAction = "delegate";
constexpr std::array<std::string_view, 4> kKinds = {
    "parent", "guardian", "nominee", "power_of_attorney"};
// In the order of their names, like every list here.
constexpr std::array<std::pair<std::string_view, Power>, 4> kPowers = {
    {{"grant", Power::kGrant},
     {"read_log", Power::kReadLog},
     {"read_records", Power::kReadRecords},
     {"withdraw", Power::kWithdraw}}};

absl::Status Malformed(std::string_view member) {
  return absl::InvalidArgumentError(absl::StrCat(
      "member ", base::ToAbsl(member), " is missing or malformed"));
}

json::Value ToJson(const std::vector<std::string>& names) {
  json::Value out = json::Value::Array();
  for (const std::string& name : names) out.Append(name);
  return out;
}

// A list of different names, ascending, so that one content has one text.
absl::StatusOr<std::vector<std::string>> NamesFromJson(
    const json::Value& object, std::string_view key) {
  const auto array = object.GetArray(key);
  if (!array.ok() || array->size() > kMaxScopeNames) return Malformed(key);
  std::vector<std::string> out;
  for (const json::Value& element : array->elements()) {
    if (!element.is_string() || element.string().empty() ||
        (!out.empty() && element.string() <= out.back())) {
      return Malformed(key);
    }
    out.push_back(element.string());
  }
  return out;
}

std::optional<DelegationKind> KindOf(std::string_view name) {
  const auto* const at = std::find(kKinds.begin(), kKinds.end(), name);
  if (at == kKinds.end()) return std::nullopt;
  return static_cast<DelegationKind>(at - kKinds.begin() + 1);
}

absl::StatusOr<std::vector<Power>> PowersFromJson(const json::Value& object) {
  LIMPID_ASSIGN_OR_RETURN(const auto names, NamesFromJson(object, "powers"));
  std::vector<Power> out;
  for (const std::string& name : names) {
    const auto* const at =
        std::find_if(kPowers.begin(), kPowers.end(),
                     [&](const auto& entry) { return entry.first == name; });
    if (at == kPowers.end()) return Malformed("powers");
    out.push_back(at->second);
  }
  if (out.empty()) return Malformed("powers");
  return out;
}

absl::Status ReadLists(const json::Value& value, Delegation& out) {
  LIMPID_ASSIGN_OR_RETURN(out.representatives,
                          NamesFromJson(value, "representatives"));
  LIMPID_ASSIGN_OR_RETURN(out.powers, PowersFromJson(value));
  LIMPID_ASSIGN_OR_RETURN(out.services, NamesFromJson(value, "services"));
  LIMPID_ASSIGN_OR_RETURN(out.purposes, NamesFromJson(value, "purposes"));
  LIMPID_ASSIGN_OR_RETURN(out.attributes, NamesFromJson(value, "attributes"));
  return absl::OkStatus();
}

// A younger member: it stands only where it says something, so that the id of
// an older delegation stays what it was.
absl::StatusOr<bool> GrantIsReserved(const json::Value& value) {
  if (value.Find("reserved") == nullptr) return false;
  LIMPID_ASSIGN_OR_RETURN(const auto names, NamesFromJson(value, "reserved"));
  if (names != std::vector<std::string>{"grant"}) return Malformed("reserved");
  return true;
}

absl::Status CheckShape(const Delegation& delegation) {
  const std::size_t count = delegation.representatives.size();
  if (count == 0 || count > kMaxRepresentatives ||
      delegation.Names(delegation.person)) {
    return Malformed("representatives");
  }
  if (delegation.signature_count == 0 || delegation.signature_count > count) {
    return Malformed("signature_count");
  }
  if (delegation.from >= delegation.until) return Malformed("until");
  // Whoever can give must be able to take back.
  if (delegation.Has(Power::kGrant) && !delegation.Has(Power::kWithdraw)) {
    return Malformed("powers");
  }
  // Nobody signs her own power to grant away, and somebody must have it.
  const bool by_staff = delegation.kind == DelegationKind::kParent ||
                        delegation.kind == DelegationKind::kGuardian;
  if (delegation.grant_reserved &&
      !(by_staff && delegation.Has(Power::kGrant))) {
    return Malformed("reserved");
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view DelegationKindName(DelegationKind kind) {
  return kKinds.at(static_cast<std::size_t>(kind) - 1);
}

std::string_view PowerName(Power power) {
  for (const auto& [name, known] : kPowers) {
    if (known == power) return name;
  }
  return "unknown";
}

bool Delegation::Has(Power power) const {
  return std::find(powers.begin(), powers.end(), power) != powers.end();
}

bool Delegation::Names(std::string_view representative) const {
  return std::find(representatives.begin(), representatives.end(),
                   representative) != representatives.end();
}

std::string Delegation::Canonical() const {
  std::vector<std::string> power_names;
  for (const Power power : powers) power_names.emplace_back(PowerName(power));
  std::sort(power_names.begin(), power_names.end());
  json::Value out = json::Value::Object();
  out.Set("action", kAction)
      .Set("attributes", ToJson(attributes))
      .Set("evidence", base::Base64UrlEncode(evidence))
      .Set("from", base::TimeText(from))
      .Set("kind", DelegationKindName(kind))
      .Set("nonce", base::Base64UrlEncode(nonce))
      .Set("operator", operator_name)
      .Set("person", person)
      .Set("powers", ToJson(power_names))
      .Set("purposes", ToJson(purposes))
      .Set("representatives", ToJson(representatives))
      .Set("services", ToJson(services))
      .Set("signature_count", signature_count)
      .Set("time", base::TimeText(time))
      .Set("until", base::TimeText(until));
  if (grant_reserved) {
    out.Set("reserved", ToJson(std::vector<std::string>{"grant"}));
  }
  return json::Canonical(out);
}

absl::StatusOr<Delegation> Delegation::Parse(std::string_view canonical_json) {
  LIMPID_ASSIGN_OR_RETURN(const json::Value value,
                          ParseCanonicalObject(canonical_json));
  LIMPID_RETURN_IF_ERROR(value.CheckOnlyKeys(
      {"action", "attributes", "evidence", "from", "kind", "nonce", "operator",
       "person", "powers", "purposes", "representatives", "reserved",
       "services", "signature_count", "time", "until"}));
  MemberReader reader(value);
  if (reader.Text("action") != kAction) reader.Fail("action");
  Delegation out;
  out.evidence = reader.Array<32>("evidence");
  out.from = reader.Time("from");
  const auto kind = KindOf(reader.Text("kind"));
  if (!kind) reader.Fail("kind");
  out.nonce = reader.Array<32>("nonce");
  out.operator_name = reader.Text("operator");
  out.person = reader.Text("person");
  out.signature_count =
      static_cast<std::uint64_t>(reader.WholeNumber("signature_count"));
  out.time = reader.Time("time");
  out.until = reader.Time("until");
  LIMPID_RETURN_IF_ERROR(reader.status());
  out.kind = *kind;
  LIMPID_RETURN_IF_ERROR(ReadLists(value, out));
  LIMPID_ASSIGN_OR_RETURN(out.grant_reserved, GrantIsReserved(value));
  LIMPID_RETURN_IF_ERROR(CheckShape(out));
  return out;
}

base::Bytes DelegationSigningInput(std::string_view canonical_json) {
  return base::ByteWriter(kLabel).Lp(canonical_json).Take();
}

SignedDelegation SignDelegation(const Delegation& delegation,
                                const crypto::Ed25519PrivateKey& identity) {
  SignedDelegation out;
  out.canonical_json = delegation.Canonical();
  out.signature = identity.Sign(DelegationSigningInput(out.canonical_json));
  return out;
}

bool DelegationIsSigned(const SignedDelegation& delegation,
                        const crypto::Ed25519PublicKey& identity) {
  return identity.Verify(DelegationSigningInput(delegation.canonical_json),
                         delegation.signature);
}

}  // namespace limpid::receipt
