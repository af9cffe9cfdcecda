#include "vault/portability/bundle_line.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/json/one_copy.h"

namespace limpid::vault {
namespace {

using json::Value;

// A value may be as deep and have as many parts as a put allows; the line has
// two levels and some thirty values of its own.
constexpr json::ParseLimits kLineLimits = {kMaxBundleLineBytes, 66, 200'100};
constexpr std::array<std::string_view, 3> kSlotKinds = {"device", "recovery",
                                                        "passphrase"};

absl::Status Bad(std::string_view member) {
  return absl::InvalidArgumentError(
      absl::StrCat(base::ToAbsl(member), ": is not as the format has it"));
}

absl::StatusOr<absl::Time> ParseTime(const Value& line,
                                     std::string_view member) {
  LIMPID_ASSIGN_OR_RETURN(const std::string text, line.GetString(member));
  const auto out = base::ParseTimeText(text);
  if (!out.ok() || *out < absl::UnixEpoch()) return Bad(member);
  return out;
}

absl::StatusOr<base::Bytes> ParseBytes(const Value& line,
                                       std::string_view member) {
  LIMPID_ASSIGN_OR_RETURN(const std::string text, line.GetString(member));
  auto out = base::Base64UrlDecode(text);
  if (!out.ok()) return Bad(member);
  return out;
}

template <std::size_t N>
absl::StatusOr<base::ByteArray<N>> ParseArray(const Value& line,
                                              std::string_view member) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes, ParseBytes(line, member));
  auto out = base::ToArray<N>(bytes);
  if (!out.ok()) return Bad(member);
  return out;
}

template <typename Number>
absl::StatusOr<Number> ParseNumber(const Value& line, std::string_view member) {
  LIMPID_ASSIGN_OR_RETURN(const std::int64_t number, line.GetInteger(member));
  if (number < 1 || !std::in_range<Number>(number)) return Bad(member);
  return static_cast<Number>(number);
}

Value OriginValue(const SealedOrigin& origin, bool with_holder) {
  Value out = Value::Object();
  out.Set("operator", origin.vault.operator_name);
  out.Set("source", origin.vault.source.Text());
  if (with_holder) out.Set("holder", origin.holder.Text());
  return out;
}

absl::StatusOr<SealedOrigin> ParseOrigin(const Value& line, bool with_holder) {
  LIMPID_ASSIGN_OR_RETURN(const Value origin, line.GetObject("origin"));
  SealedOrigin out;
  LIMPID_ASSIGN_OR_RETURN(out.vault.operator_name,
                          origin.GetString("operator"));
  if (out.vault.operator_name.empty() ||
      out.vault.operator_name.size() > kMaxOperatorNameBytes) {
    return Bad("origin");
  }
  LIMPID_ASSIGN_OR_RETURN(const std::string source, origin.GetString("source"));
  const auto id = SourceId::Parse(source);
  if (!id.ok()) return Bad("origin");
  out.vault.source = *id;
  if (!with_holder) return out;
  LIMPID_ASSIGN_OR_RETURN(const std::string text, origin.GetString("holder"));
  const auto holder = HolderId::Parse(text);
  if (!holder.ok()) return Bad("origin");
  out.holder = *holder;
  return out;
}

absl::StatusOr<About> ParseAbout(const Value& line) {
  About out;
  const Value* const about = line.Find("about");
  if (about == nullptr) return out;
  if (about->Find("no_day") != nullptr) {
    out.kind = AboutKind::kNoDay;
    return out;
  }
  out.kind = AboutKind::kDays;
  LIMPID_ASSIGN_OR_RETURN(const std::string from, about->GetString("from"));
  LIMPID_ASSIGN_OR_RETURN(const std::string to, about->GetString("to"));
  const auto days = base::ParseDays(from, to);
  if (!days.ok()) return Bad("about");
  out.days = *days;
  if (!CheckAbout(out).ok()) return Bad("about");
  return out;
}

void SetAbout(const About& about, Value& out) {
  if (about.kind == AboutKind::kUnsaid) return;
  Value value = Value::Object();
  if (about.kind == AboutKind::kNoDay) {
    value.Set("no_day", true);
  } else {
    value.Set("from", base::DayText(about.days.from));
    value.Set("to", base::DayText(about.days.to));
  }
  out.Set("about", std::move(value));
}

Value SealedValueOf(const SealedParts& parts,
                    const std::optional<crypto::KeyId>& key_id) {
  Value out = Value::Object();
  if (key_id) out.Set("key_id", base::Base64UrlEncode(*key_id));
  out.Set("dek_id", base::Base64UrlEncode(parts.id));
  out.Set("generation", parts.generation);
  out.Set("label", base::Base64UrlEncode(parts.label));
  out.Set("wrap", base::Base64UrlEncode(parts.wrap));
  out.Set("payload", base::Base64UrlEncode(parts.payload));
  return out;
}

absl::StatusOr<SealedParts> ParseSealed(const Value& line,
                                        std::optional<crypto::KeyId>& key_id) {
  LIMPID_ASSIGN_OR_RETURN(const Value sealed, line.GetObject("sealed"));
  SealedParts out;
  if (sealed.Find("key_id") != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(key_id, ParseArray<16>(sealed, "key_id"));
  }
  LIMPID_ASSIGN_OR_RETURN(out.id, ParseArray<16>(sealed, "dek_id"));
  LIMPID_ASSIGN_OR_RETURN(out.generation,
                          ParseNumber<std::uint32_t>(sealed, "generation"));
  LIMPID_ASSIGN_OR_RETURN(out.label, ParseBytes(sealed, "label"));
  LIMPID_ASSIGN_OR_RETURN(out.wrap, ParseBytes(sealed, "wrap"));
  LIMPID_ASSIGN_OR_RETURN(out.payload, ParseBytes(sealed, "payload"));
  return out;
}

absl::StatusOr<Provenance> ParseProvenance(const Value& line) {
  Provenance out;
  if (line.Find("provenance") == nullptr) return out;
  LIMPID_ASSIGN_OR_RETURN(const Value from, line.GetObject("provenance"));
  out.kind = ProvenanceKind::kPersonSigned;
  LIMPID_ASSIGN_OR_RETURN(const auto key, ParseArray<32>(from, "key"));
  LIMPID_ASSIGN_OR_RETURN(
      const auto signature,
      ParseArray<crypto::kEd25519SignatureBytes>(from, "signature"));
  out.key_thumbprint = base::ToBytes(key);
  out.signature = base::ToBytes(signature);
  return out;
}

absl::StatusOr<Slot> ParseSlot(const Value& line) {
  Slot out;
  LIMPID_ASSIGN_OR_RETURN(const std::string kind, line.GetString("kind"));
  const auto* const found =
      std::find(kSlotKinds.begin(), kSlotKinds.end(), kind);
  if (found == kSlotKinds.end()) return Bad("kind");
  out.name.kind =
      static_cast<SlotKind>(static_cast<int>(SlotKind::kDevice) +
                            static_cast<int>(found - kSlotKinds.begin()));
  LIMPID_ASSIGN_OR_RETURN(out.name.id, ParseArray<16>(line, "slot_id"));
  LIMPID_ASSIGN_OR_RETURN(out.name.generation,
                          ParseNumber<std::uint32_t>(line, "generation"));
  LIMPID_ASSIGN_OR_RETURN(out.key_id, ParseArray<16>(line, "key_id"));
  LIMPID_ASSIGN_OR_RETURN(out.body, ParseBytes(line, "body"));
  LIMPID_ASSIGN_OR_RETURN(out.created, ParseTime(line, "created"));
  LIMPID_ASSIGN_OR_RETURN(out.origin, ParseOrigin(line, /*with_holder=*/true));
  return out;
}

// What only kept ones have.
absl::Status ParseKept(const Value& line, std::size_t line_bytes,
                       CarriedVersion& out) {
  const bool sealed = out.custody == Custody::kSealed;
  LIMPID_ASSIGN_OR_RETURN(out.origin, ParseOrigin(line, sealed));
  if (sealed) {
    LIMPID_ASSIGN_OR_RETURN(out.sealed, ParseSealed(line, out.key_id));
    return absl::OkStatus();
  }
  const Value* const value = line.Find("value");
  if (value == nullptr) return Bad("value");
  out.value_json = json::CanonicalInOnePlace(*value, line_bytes);
  LIMPID_ASSIGN_OR_RETURN(out.provenance, ParseProvenance(line));
  return absl::OkStatus();
}

absl::StatusOr<CarriedVersion> ParseVersion(const Value& line,
                                            std::size_t line_bytes) {
  CarriedVersion out;
  LIMPID_ASSIGN_OR_RETURN(out.attribute, line.GetString("attribute"));
  if (!IsAttributeId(out.attribute)) return Bad("attribute");
  LIMPID_ASSIGN_OR_RETURN(out.version,
                          ParseNumber<std::uint64_t>(line, "version"));
  LIMPID_ASSIGN_OR_RETURN(out.schema_version,
                          ParseNumber<std::uint32_t>(line, "schema_version"));
  LIMPID_ASSIGN_OR_RETURN(out.schema, ParseArray<32>(line, "schema"));
  LIMPID_ASSIGN_OR_RETURN(const std::string custody, line.GetString("custody"));
  if (custody != "assisted" && custody != "sealed") return Bad("custody");
  if (custody == "sealed") out.custody = Custody::kSealed;
  LIMPID_ASSIGN_OR_RETURN(out.put_time, ParseTime(line, "put"));
  if (out.custody == Custody::kAssisted) {
    LIMPID_ASSIGN_OR_RETURN(out.about, ParseAbout(line));
  }
  if (line.Find("erased") == nullptr) {
    LIMPID_RETURN_IF_ERROR(ParseKept(line, line_bytes, out));
    return out;
  }
  LIMPID_ASSIGN_OR_RETURN(out.erase_time, ParseTime(line, "erased"));
  return out;
}

}  // namespace

CarriedVersion::~CarriedVersion() { base::Wipe(value_json); }

base::Digest32 SchemaDigest(const Definition& definition) {
  return crypto::Sha256(base::AsBytes(json::Canonical(definition.schema)));
}

std::string DefinitionLine(const Definition& definition) {
  Value out = Value::Object();
  out.Set("line", "definition");
  out.Set("attribute", definition.id);
  out.Set("schema_version", definition.schema_version);
  out.Set("title", definition.title);
  out.Set("category", definition.category_iri);
  out.Set("sensitivity", static_cast<int>(definition.sensitivity));
  out.Set("schema", definition.schema);
  if (!definition.external_term_iri.empty()) {
    out.Set("term", definition.external_term_iri);
  }
  return json::Canonical(out);
}

std::string SlotLine(const Slot& slot) {
  // Invariant: slots that a person's devices make have one of these kinds.
  const auto kind = static_cast<std::size_t>(slot.name.kind) -
                    static_cast<std::size_t>(SlotKind::kDevice);
  LIMPID_CHECK(kind < kSlotKinds.size() && slot.origin.has_value());
  Value out = Value::Object();
  out.Set("line", "slot");
  out.Set("kind", kSlotKinds.at(kind));
  out.Set("slot_id", base::Base64UrlEncode(slot.name.id));
  out.Set("key_id", base::Base64UrlEncode(slot.key_id));
  out.Set("generation", slot.name.generation);
  out.Set("created", base::TimeText(slot.created));
  out.Set("body", base::Base64UrlEncode(slot.body));
  out.Set("origin", OriginValue(*slot.origin, /*with_holder=*/true));
  return json::Canonical(out);
}

std::string VersionLine(const CarriedVersion& version) {
  const bool sealed = version.custody == Custody::kSealed;
  Value out = Value::Object();
  out.Set("line", "version");
  out.Set("attribute", version.attribute);
  out.Set("schema_version", version.schema_version);
  out.Set("schema", base::Base64UrlEncode(version.schema));
  out.Set("custody", sealed ? "sealed" : "assisted");
  out.Set("put", base::TimeText(version.put_time));
  if (!sealed) SetAbout(version.about, out);
  if (version.erase_time) {
    out.Set("erased", base::TimeText(*version.erase_time));
  } else {
    out.Set("origin", OriginValue(version.origin, sealed));
    if (version.sealed)
      out.Set("sealed", SealedValueOf(*version.sealed, version.key_id));
    if (version.provenance.kind == ProvenanceKind::kPersonSigned) {
      const Provenance& from = version.provenance;
      Value signature = Value::Object();
      signature.Set("key", base::Base64UrlEncode(from.key_thumbprint));
      signature.Set("signature", base::Base64UrlEncode(from.signature));
      out.Set("provenance", std::move(signature));
    }
  }
  // "value" and "version" are the last two keys in canonical order, and the
  // value is canonical already: no second copy of it is parsed.
  constexpr std::string_view kValue = ",\"value\":";
  const std::string last = absl::StrCat(",\"version\":", version.version, "}");
  std::string text = json::Canonical(out);
  text.pop_back();
  // At once: growing would leave copies of the value behind.
  text.reserve(text.size() + kValue.size() + version.value_json.size() +
               last.size());
  if (!version.erase_time && !sealed) {
    text += kValue;
    text += version.value_json;
  }
  text += last;
  return text;
}

absl::StatusOr<CarriedItem> ParseBundleLine(std::string_view line) {
  const auto parsed = json::ParseStrict(line, kLineLimits);
  if (!parsed.ok()) return Bad("line");
  LIMPID_ASSIGN_OR_RETURN(const std::string kind, parsed->GetString("line"));
  if (kind == "slot") {
    LIMPID_ASSIGN_OR_RETURN(Slot slot, ParseSlot(*parsed));
    if (SlotLine(slot) != line) return Bad("slot");
    return CarriedItem(std::move(slot));
  }
  if (kind != "version") return Bad("line");
  LIMPID_ASSIGN_OR_RETURN(CarriedVersion version,
                          ParseVersion(*parsed, line.size()));
  std::string again = VersionLine(version);
  const bool same = again == line;
  base::Wipe(again);
  if (!same) return Bad("version");
  return CarriedItem(std::move(version));
}

}  // namespace limpid::vault
