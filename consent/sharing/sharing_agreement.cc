#include "consent/sharing/sharing_agreement.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"

namespace limpid::consent {
namespace {

using json::Value;

absl::Status Wrong(std::string_view path, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(base::ToAbsl(path), ": ", base::ToAbsl(why)));
}

absl::Time Milliseconds(absl::Time time) {
  return absl::FromUnixMillis(absl::ToUnixMillis(time));
}

bool IsText(std::string_view text, std::size_t max_bytes) {
  return !text.empty() && text.size() <= max_bytes && base::IsUtf8(text);
}

absl::Status CheckRecipient(const SharingTerms& terms) {
  if (terms.source.none()) return Wrong("source_id", "is required");
  if (terms.service.none() == terms.jurisdiction.empty()) {
    return Wrong("recipient", "is either a service or a jurisdiction");
  }
  if (terms.jurisdiction.size() > kMaxNameBytes ||
      !base::IsUtf8(terms.jurisdiction)) {
    return Wrong("recipient_jurisdiction", "is too long or not UTF-8");
  }
  return absl::OkStatus();
}

absl::Status CheckAttributes(const std::vector<std::string>& attributes) {
  if (attributes.empty() || attributes.size() > kMaxSharedAttributes) {
    return Wrong("attributes", "needs 1 to 256 values");
  }
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    const std::string path = absl::StrCat("attributes[", i, "]");
    if (!IsAttributeName(attributes[i])) {
      return Wrong(path, "is not a catalogue id");
    }
    if (i > 0 && attributes[i] <= attributes[i - 1]) {
      return Wrong(path, "is not sorted, or stands twice");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPurposes(const std::vector<std::string>& wanted,
                           const Purposes& purposes) {
  if (wanted.empty() || wanted.size() > kMaxSharedPurposes) {
    return Wrong("purposes", "needs 1 to 32 values");
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (purposes.Knows(wanted[i])) continue;
    return Wrong(absl::StrCat("purposes[", i, "]"), "is not in the taxonomy");
  }
  return absl::OkStatus();
}

Value TextList(const std::vector<std::string>& texts) {
  Value out = Value::Array();
  for (const std::string& text : texts) out.Append(text);
  return out;
}

std::string CanonicalSharing(const SharingAgreement& sharing) {
  const SharingTerms& terms = sharing.terms;
  return json::Canonical(Value::Object(
      {{"attributes", TextList(terms.attributes)},
       {"created", Value(base::TimeText(sharing.created))},
       {"from", Value(base::TimeText(terms.from))},
       {"jurisdiction", Value(terms.jurisdiction)},
       {"legal_basis", Value(LegalBasisName(terms.basis))},
       {"legal_ground", Value(terms.legal_ground)},
       {"made_by", Value(base::Base64UrlEncode(sharing.made_by))},
       {"purposes", TextList(terms.purposes)},
       {"service",
        Value(terms.service.none() ? std::string() : terms.service.Text())},
       {"sharing", Value(sharing.id.Text())},
       {"source", Value(terms.source.Text())},
       {"title", Value(terms.title)},
       {"until", Value(base::TimeText(terms.until))},
       {"version", Value(sharing.version)}}));
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

absl::StatusOr<absl::Time> ReadTime(const Value& object, std::string_view key) {
  LIMPID_ASSIGN_OR_RETURN(const std::string text, object.GetString(key));
  return base::ParseTimeText(text);
}

absl::Status ReadTerms(const Value& value, SharingTerms& out) {
  LIMPID_ASSIGN_OR_RETURN(out.title, value.GetString("title"));
  LIMPID_ASSIGN_OR_RETURN(const std::string source, value.GetString("source"));
  LIMPID_ASSIGN_OR_RETURN(out.source, SourceId::Parse(source));
  LIMPID_ASSIGN_OR_RETURN(const std::string service,
                          value.GetString("service"));
  if (!service.empty()) {
    LIMPID_ASSIGN_OR_RETURN(out.service, ServiceId::Parse(service));
  }
  LIMPID_ASSIGN_OR_RETURN(out.jurisdiction, value.GetString("jurisdiction"));
  LIMPID_ASSIGN_OR_RETURN(out.attributes, ReadTexts(value, "attributes"));
  LIMPID_ASSIGN_OR_RETURN(out.purposes, ReadTexts(value, "purposes"));
  LIMPID_ASSIGN_OR_RETURN(out.from, ReadTime(value, "from"));
  LIMPID_ASSIGN_OR_RETURN(out.until, ReadTime(value, "until"));
  LIMPID_ASSIGN_OR_RETURN(const std::string basis,
                          value.GetString("legal_basis"));
  LIMPID_ASSIGN_OR_RETURN(out.basis, ParseLegalBasis(basis));
  LIMPID_ASSIGN_OR_RETURN(out.legal_ground, value.GetString("legal_ground"));
  return absl::OkStatus();
}

absl::StatusOr<SharingAgreement> ReadSharing(std::string_view canonical) {
  LIMPID_ASSIGN_OR_RETURN(const Value value, json::ParseStrict(canonical));
  SharingAgreement out;
  LIMPID_ASSIGN_OR_RETURN(const std::string id, value.GetString("sharing"));
  LIMPID_ASSIGN_OR_RETURN(out.id, SharingId::Parse(id));
  LIMPID_ASSIGN_OR_RETURN(const std::int64_t version,
                          value.GetInteger("version"));
  if (!std::in_range<std::uint32_t>(version)) {
    return absl::DataLossError("a number is out of range");
  }
  out.version = static_cast<std::uint32_t>(version);
  LIMPID_ASSIGN_OR_RETURN(out.created, ReadTime(value, "created"));
  LIMPID_ASSIGN_OR_RETURN(const std::string maker, value.GetString("made_by"));
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes key, base::Base64UrlDecode(maker));
  LIMPID_ASSIGN_OR_RETURN(out.made_by, base::ToArray<32>(key));
  LIMPID_RETURN_IF_ERROR(ReadTerms(value, out.terms));
  return out;
}

}  // namespace

bool SharingAgreement::Names(const Service& recipient) const {
  if (!terms.service.none()) return terms.service == recipient.id;
  return !recipient.jurisdiction.empty() &&
         terms.jurisdiction == recipient.jurisdiction;
}

bool SharingAgreement::Covers(std::string_view attribute,
                              std::string_view purpose,
                              const Purposes& purposes) const {
  return std::binary_search(terms.attributes.begin(), terms.attributes.end(),
                            attribute) &&
         CoveringPurpose(purpose, terms.purposes, purposes) != nullptr;
}

absl::Status CheckSharing(const SharingTerms& terms, const Purposes& purposes) {
  if (!IsText(terms.title, kMaxNameBytes)) {
    return Wrong("title", "is empty, too long or not UTF-8");
  }
  LIMPID_RETURN_IF_ERROR(CheckRecipient(terms));
  LIMPID_RETURN_IF_ERROR(CheckAttributes(terms.attributes));
  LIMPID_RETURN_IF_ERROR(CheckPurposes(terms.purposes, purposes));
  if (terms.from >= terms.until) {
    return Wrong("until_time", "is not after from_time");
  }
  if (terms.until - terms.from > kMaxSharing) {
    return Wrong("until_time", "is more than 3653 days after from_time");
  }
  if (!IsText(terms.legal_ground, kMaxGroundBytes)) {
    return Wrong("legal_ground", "is empty, too long or not UTF-8");
  }
  return absl::OkStatus();
}

SharingAgreement MakeSharing(SharingId id, std::uint32_t version,
                             SharingTerms terms, absl::Time created,
                             const base::Digest32& made_by) {
  SharingAgreement out;
  out.id = id;
  out.version = version;
  out.terms = std::move(terms);
  out.terms.from = Milliseconds(out.terms.from);
  out.terms.until = Milliseconds(out.terms.until);
  out.created = Milliseconds(created);
  out.made_by = made_by;
  out.canonical = CanonicalSharing(out);
  out.hash = crypto::Sha256(base::AsBytes(out.canonical));
  return out;
}

absl::StatusOr<SharingAgreement> ParseSharing(std::string_view canonical) {
  auto out = ReadSharing(canonical);
  if (!out.ok() || CanonicalSharing(*out) != canonical) {
    return absl::DataLossError("a stored sharing agreement is damaged");
  }
  out->canonical = std::string(canonical);
  out->hash = crypto::Sha256(base::AsBytes(canonical));
  return out;
}

SharingTerms DefaultSharingTerms(const Service& service, const SourceId& source,
                                 std::string_view source_name, absl::Time now) {
  SharingTerms out;
  out.title = std::string(source_name.substr(0, kMaxNameBytes));
  if (!IsText(out.title, kMaxNameBytes)) out.title = source.Text();
  out.source = source;
  out.service = service.id;
  out.attributes = {service.ceiling_attributes.begin(),
                    service.ceiling_attributes.end()};
  out.purposes = service.ceiling_purposes;
  out.from = Milliseconds(now);
  out.until = out.from + kMaxSharing;
  out.basis = service.bases.front();
  out.legal_ground =
      "Default: the operator runs this source and registered the service.";
  return out;
}

SharedLines ResolveSharing(std::span<const SharingPointer> agreements,
                           std::span<const std::string> attributes,
                           std::string_view purpose, const Purposes& purposes,
                           absl::Time now) {
  SharedLines out;
  out.allowed.reserve(attributes.size());
  for (const std::string& attribute : attributes) {
    // The one that lasts longest carries the line.
    absl::Time until = absl::InfinitePast();
    for (const SharingPointer& sharing : agreements) {
      if (!sharing->InForce(now)) continue;
      if (!sharing->Covers(attribute, purpose, purposes)) continue;
      until = std::max(until, sharing->terms.until);
    }
    const bool allowed = until != absl::InfinitePast();
    out.allowed.push_back(allowed);
    if (allowed) out.until = std::min(out.until, until);
  }
  return out;
}

}  // namespace limpid::consent
