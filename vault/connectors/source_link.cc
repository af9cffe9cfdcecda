#include "vault/connectors/source_link.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/pad.h"
#include "vault/attribute/definition.h"
#include "vault/connectors/connector.h"
#include "vault/keys/aad.h"

namespace limpid::vault {
namespace {

constexpr std::string_view kLabel = "limpid/vault/source-link/1";

absl::Status Broken() {
  return absl::DataLossError("a link to a source does not open");
}

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

absl::Status CheckAttributes(const std::vector<LinkedAttribute>& attributes) {
  if (attributes.empty() || attributes.size() > SourceLink::kMaxAttributes) {
    return absl::InvalidArgumentError(
        absl::StrCat("attributes: 1 to ", SourceLink::kMaxAttributes));
  }
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    if (!IsAttributeId(attributes[i].attribute)) {
      return absl::InvalidArgumentError("attributes: one is no attribute id");
    }
    if (i > 0 && attributes[i - 1].attribute >= attributes[i].attribute) {
      return absl::InvalidArgumentError(
          "attributes: not each once, in their order");
    }
    if (attributes[i].mode != SourceMode::kReferenced &&
        attributes[i].mode != SourceMode::kComputed) {
      return absl::InvalidArgumentError(
          "attributes: a mode is neither referenced nor computed");
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool IsSourceName(std::string_view name) {
  return !name.empty() && name.size() <= SourceLink::kMaxSourceBytes &&
         IsLower(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return IsLower(c) || (c >= '0' && c <= '9') || c == '-';
         });
}

const LinkedAttribute* SourceLink::Find(std::string_view attribute) const {
  const auto at = std::find_if(
      attributes.begin(), attributes.end(),
      [&](const LinkedAttribute& one) { return one.attribute == attribute; });
  return at == attributes.end() ? nullptr : &*at;
}

absl::Status SourceLink::Check() const {
  if (!IsSourceName(source)) {
    return absl::InvalidArgumentError("source: no name of a source");
  }
  if (subject.empty() || subject.size() > kMaxSubjectBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("subject: 1 to ", kMaxSubjectBytes, " bytes"));
  }
  return CheckAttributes(attributes);
}

base::Bytes SourceLink::Encode() const {
  base::ByteWriter writer(kLabel);
  writer.Lp(source)
      .Lp(subject)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(linked)))
      .U16(static_cast<std::uint16_t>(attributes.size()));
  for (const LinkedAttribute& one : attributes) {
    writer.Lp(one.attribute).U8(static_cast<std::uint8_t>(one.mode));
  }
  return writer.Take();
}

absl::StatusOr<SourceLink> SourceLink::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  SourceLink out;
  out.source = reader.LpText();
  out.subject = reader.LpText();
  out.linked = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  const std::uint16_t count = reader.U16();
  for (std::uint16_t i = 0; i < count && !reader.failed(); ++i) {
    LinkedAttribute& one = out.attributes.emplace_back();
    one.attribute = reader.LpText();
    one.mode = static_cast<SourceMode>(reader.U8());
  }
  LIMPID_RETURN_IF_ERROR(reader.Finish());
  LIMPID_RETURN_IF_ERROR(out.Check());
  return out;
}

LinkCodec::LinkCodec(Identity identity, crypto::Suite suite,
                     crypto::RandomSource& random)
    : identity_(std::move(identity)), suite_(suite), random_(random) {}

base::Bytes LinkCodec::AadOf(std::uint8_t suite,
                             const SourceLinkRow& row) const {
  const std::string source = base::HexEncode(row.source_key);
  Aad aad;
  aad.kind = AadKind::kSourceLink;
  aad.suite = suite;
  aad.operator_name = identity_.operator_name;
  aad.holder = row.owner.id;
  aad.attribute = source;
  aad.generation = row.generation;
  return aad.Encode();
}

void LinkCodec::Seal(const PersonKey& key, const SourceLink& link,
                     SourceLinkRow& row) const {
  row.generation = key.generation;
  base::Bytes contents = crypto::PadToBucket(link.Encode());
  row.sealed = crypto::Seal(suite_, key.key, key.id,
                            AadOf(static_cast<std::uint8_t>(suite_), row),
                            contents, random_);
  base::Wipe(contents);
}

absl::StatusOr<SourceLink> LinkCodec::Open(const PersonKey& key,
                                           const SourceLinkRow& row) const {
  LIMPID_ASSIGN_OR_RETURN(
      base::Bytes padded,
      crypto::Open(key.key, key.id, AadOf(SuiteByte(row.sealed), row),
                   row.sealed));
  auto contents = crypto::Unpad(padded);
  base::Wipe(padded);
  LIMPID_RETURN_IF_ERROR(contents.status());
  auto link = SourceLink::Decode(*contents);
  base::Wipe(*contents);
  if (!link.ok()) return Broken();
  return link;
}

absl::StatusOr<SourceLinkRow> LinkCodec::Rewrap(
    const PersonKey& from, const PersonKey& to,
    const SourceLinkRow& row) const {
  LIMPID_ASSIGN_OR_RETURN(const SourceLink link, Open(from, row));
  SourceLinkRow anew = row;
  Seal(to, link, anew);
  LIMPID_ASSIGN_OR_RETURN(const SourceLink again, Open(to, anew));
  if (again != link) return Broken();
  return anew;
}

}  // namespace limpid::vault
