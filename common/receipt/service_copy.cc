#include "common/receipt/service_copy.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"
#include "common/receipt/members.h"
#include "common/receipt/permit.h"

namespace limpid::receipt {
namespace {

using json::Value;
using Random = absl::FunctionRef<base::ByteArray<32>()>;

constexpr std::string_view kFieldLabel = "limpid/receipt-field/1";
constexpr std::string_view kItemLabel = "limpid/receipt-service/1";
constexpr std::string_view kLinePrefix = "line:";
// Ascending. Everything else but lines is withheld.
constexpr std::array<std::string_view, 11> kEntitled = {
    "agreement",   "agreement_hash", "commitment", "log_by",
    "notice_hash", "operator",       "purpose",    "record",
    "service",     "time",           "type"};

absl::Status NotVerified() {
  return absl::DataLossError("the service's copy does not verify");
}

bool IsEntitled(std::string_view name) {
  return std::binary_search(kEntitled.begin(), kEntitled.end(), name);
}

// A line as services see it: these three texts and no reason.
bool IsShownLine(const Value& value) {
  return value.size() == 3 && value.GetString("derivation").ok() &&
         value.GetString("form").ok() && value.GetString("parameters").ok();
}

bool MayBeDisclosed(const SaltedField& field) {
  return field.name.starts_with(kLinePrefix)
             ? IsShownLine(field.value)
             : IsEntitled(field.name) && field.value.is_string();
}

base::Bytes ItemOf(const std::vector<base::Digest32>& digests) {
  base::ByteWriter out(kItemLabel);
  out.U16(static_cast<std::uint16_t>(digests.size()));
  for (const base::Digest32& digest : digests) out.Raw(digest);
  return out.Take();
}

// A line's own field; `shown` lines carry no reason, it is always the same.
SaltedField LineField(const AccessLine& line, bool shown, Random random) {
  Value value = Value::Object(
      {{"derivation", Value(line.derivation)},
       {"form", Value(line.form == 0 ? std::string_view("none")
                                     : FormName(static_cast<Form>(line.form)))},
       {"parameters", Value(line.parameters)}});
  if (!shown) value.Set("reason", ReasonName(line.reason));
  return {random(), std::string(kLinePrefix) + line.attribute,
          std::move(value)};
}

// A line is shown when it was granted or released. In a withdrawal the chosen
// lines keep their form and say why they ended, which the service caused to be
// told anyway.
bool IsShown(const ReceiptBody& body, const AccessLine& line) {
  if (body.type == ReceiptType::kWithdrawal) return line.form != 0;
  return line.form != 0 && line.reason == Reason::kReleased;
}

bool Ascending(const ServiceCopy& copy) {
  const auto by_name = [](const SaltedField& a, const SaltedField& b) {
    return a.name >= b.name;
  };
  return std::adjacent_find(copy.fields.begin(), copy.fields.end(), by_name) ==
             copy.fields.end() &&
         std::adjacent_find(copy.digests.begin(), copy.digests.end(),
                            std::greater_equal<>()) == copy.digests.end();
}

absl::StatusOr<SaltedField> FieldFromJson(const Value& value) {
  LIMPID_RETURN_IF_ERROR(value.CheckOnlyKeys({"name", "salt", "value"}));
  MemberReader reader(value);
  SaltedField out;
  out.name = reader.Text("name");
  out.salt = reader.Array<32>("salt");
  const Value* const inner = value.Find("value");
  if (inner == nullptr) reader.Fail("value");
  LIMPID_RETURN_IF_ERROR(reader.status());
  out.value = *inner;
  return out;
}

absl::StatusOr<base::Digest32> DigestFromJson(const Value& value) {
  if (value.is_string()) {
    const auto bytes = base::Base64UrlDecode(value.string());
    if (bytes.ok()) return base::ToArray<32>(*bytes);
  }
  return absl::InvalidArgumentError("member digests is malformed");
}

}  // namespace

base::Digest32 SaltedField::Digest() const {
  base::ByteWriter out(kFieldLabel);
  out.Raw(salt).Lp(name).Lp(json::Canonical(value));
  return crypto::Sha256(out.bytes());
}

std::string ServiceCopy::ToFile() const {
  Value json_fields = Value::Array();
  for (const SaltedField& field : fields) {
    json_fields.Append(
        Value::Object({{"name", Value(field.name)},
                       {"salt", Value(base::Base64UrlEncode(field.salt))},
                       {"value", field.value}}));
  }
  Value json_digests = Value::Array();
  for (const base::Digest32& digest : digests) {
    json_digests.Append(base::Base64UrlEncode(digest));
  }
  Value out = Value::Object();
  out.Set("digests", std::move(json_digests))
      .Set("fields", std::move(json_fields))
      .Set("proof", base::Base64UrlEncode(proof.Encode()));
  return json::Canonical(out);
}

absl::StatusOr<ServiceCopy> ServiceCopy::Parse(std::string_view file) {
  LIMPID_ASSIGN_OR_RETURN(const Value value, ParseCanonicalObject(file));
  LIMPID_RETURN_IF_ERROR(value.CheckOnlyKeys({"digests", "fields", "proof"}));
  LIMPID_ASSIGN_OR_RETURN(const Value fields, value.GetArray("fields"));
  LIMPID_ASSIGN_OR_RETURN(const Value digests, value.GetArray("digests"));
  ServiceCopy out;
  for (const Value& element : fields.elements()) {
    LIMPID_ASSIGN_OR_RETURN(SaltedField field, FieldFromJson(element));
    out.fields.push_back(std::move(field));
  }
  for (const Value& element : digests.elements()) {
    LIMPID_ASSIGN_OR_RETURN(const base::Digest32 digest,
                            DigestFromJson(element));
    out.digests.push_back(digest);
  }
  LIMPID_ASSIGN_OR_RETURN(const std::string proof, value.GetString("proof"));
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                          base::Base64UrlDecode(proof));
  LIMPID_ASSIGN_OR_RETURN(out.proof, BatchProof::Decode(bytes));
  return out;
}

ServiceCopy MakeServiceCopy(const ReceiptBody& body, const CopySigner& signer,
                            Random random) {
  ServiceCopy out;
  const auto add = [&](SaltedField field, bool shown) {
    out.digests.push_back(field.Digest());
    if (shown) out.fields.push_back(std::move(field));
  };
  const Value whole = json::ParseStrict(body.Canonical()).value();
  for (const json::Member& member : whole.members()) {
    if (member.key == "lines") continue;
    add({random(), member.key, member.value}, IsEntitled(member.key));
  }
  for (const AccessLine& line : body.lines) {
    const bool shown = IsShown(body, line);
    add(LineField(line, shown, random), shown);
  }
  while (out.digests.size() % kDigestStep != 0) out.digests.push_back(random());
  std::sort(out.digests.begin(), out.digests.end());
  std::sort(out.fields.begin(), out.fields.end(),
            [](const SaltedField& a, const SaltedField& b) {
              return a.name < b.name;
            });
  const std::vector<base::Bytes> items = {ItemOf(out.digests)};
  out.proof = SignBatch(BatchKind::kReceipts, signer.epoch, signer.time, items,
                        signer.key)
                  .front();
  return out;
}

absl::StatusOr<DisclosedFields> VerifyServiceCopy(
    const ServiceCopy& copy, const crypto::Ed25519PublicKey& evidence_key) {
  if (copy.digests.empty() || copy.digests.size() % kDigestStep != 0 ||
      copy.digests.size() > UINT16_MAX || copy.proof.head.size != 1 ||
      !Ascending(copy) ||
      !VerifyBatchItem(copy.proof, BatchKind::kReceipts, ItemOf(copy.digests),
                       evidence_key)
           .ok()) {
    return NotVerified();
  }
  DisclosedFields out;
  for (const SaltedField& field : copy.fields) {
    if (!MayBeDisclosed(field) ||
        !std::binary_search(copy.digests.begin(), copy.digests.end(),
                            field.Digest())) {
      return NotVerified();
    }
    out.emplace(field.name, field.value);
  }
  return out;
}

}  // namespace limpid::receipt
