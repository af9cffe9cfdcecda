#include "consent/rpc/convert_sharing.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/rpc/validate.h"
#include "consent/rpc/convert.h"

namespace limpid::consent {
namespace {

std::string At(std::string_view path, std::string_view field) {
  return absl::StrCat(base::ToAbsl(path), ".", base::ToAbsl(field));
}

absl::StatusOr<absl::Time> ReadTime(const std::string& path, bool present,
                                    const google::protobuf::Timestamp& time) {
  if (!present) return rpc::FieldError(path, "is not a time");
  return FromProto(path, time);
}

}  // namespace

v1::SharingAgreement ToProto(const SharingAgreement& sharing) {
  const SharingTerms& terms = sharing.terms;
  v1::SharingAgreement out;
  out.set_sharing_id(sharing.id.Text());
  out.set_version(sharing.version);
  v1::SharingTerms& to = *out.mutable_terms();
  to.set_title(terms.title);
  to.set_source_id(terms.source.Text());
  if (!terms.service.none()) to.set_recipient_service_id(terms.service.Text());
  to.set_recipient_jurisdiction(terms.jurisdiction);
  for (const auto& attribute : terms.attributes) to.add_attributes(attribute);
  for (const auto& purpose : terms.purposes) to.add_purposes(purpose);
  *to.mutable_from_time() = ToProto(terms.from);
  *to.mutable_until_time() = ToProto(terms.until);
  to.set_legal_basis(static_cast<v1::LegalBasis>(terms.basis));
  to.set_legal_ground(terms.legal_ground);
  out.set_hash(ToProto(sharing.hash));
  out.set_canonical_json(sharing.canonical);
  *out.mutable_create_time() = ToProto(sharing.created);
  out.set_administrator_key(ToProto(sharing.made_by));
  return out;
}

absl::StatusOr<SharingTerms> FromProto(std::string_view path,
                                       const v1::SharingTerms& terms) {
  SharingTerms out;
  out.title = terms.title();
  LIMPID_ASSIGN_OR_RETURN(
      out.source,
      rpc::ParseId<SourceId>(At(path, "source_id"), terms.source_id()));
  if (!terms.recipient_service_id().empty()) {
    LIMPID_ASSIGN_OR_RETURN(
        out.service, rpc::ParseId<ServiceId>(At(path, "recipient_service_id"),
                                             terms.recipient_service_id()));
  }
  out.jurisdiction = terms.recipient_jurisdiction();
  out.attributes = {terms.attributes().begin(), terms.attributes().end()};
  std::sort(out.attributes.begin(), out.attributes.end());
  out.purposes = {terms.purposes().begin(), terms.purposes().end()};
  LIMPID_ASSIGN_OR_RETURN(out.from,
                          ReadTime(At(path, "from_time"), terms.has_from_time(),
                                   terms.from_time()));
  LIMPID_ASSIGN_OR_RETURN(
      out.until, ReadTime(At(path, "until_time"), terms.has_until_time(),
                          terms.until_time()));
  if (terms.legal_basis() == v1::LEGAL_BASIS_UNSPECIFIED ||
      !v1::LegalBasis_IsValid(terms.legal_basis())) {
    return rpc::FieldError(At(path, "legal_basis"), "is not a legal basis");
  }
  out.basis = static_cast<receipt::LegalBasis>(terms.legal_basis());
  out.legal_ground = terms.legal_ground();
  return out;
}

}  // namespace limpid::consent
