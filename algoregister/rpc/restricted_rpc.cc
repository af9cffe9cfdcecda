#include "algoregister/rpc/restricted_rpc.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/rpc/convert.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"

namespace limpid::algoregister {
namespace {

v1::RestrictedReader ToProto(const RestrictedReader& reader) {
  v1::RestrictedReader out;
  out.set_reader_id(reader.id.Text());
  out.set_name(reader.name);
  for (const std::string& audience : reader.audiences) {
    out.add_audiences(audience);
  }
  for (const base::Digest32& thumbprint : reader.certificate_thumbprints) {
    out.add_certificate_thumbprints(base::ToText(thumbprint));
  }
  out.set_removed(reader.removed);
  out.set_read_count(static_cast<std::int64_t>(reader.read_count));
  return out;
}

absl::StatusOr<RestrictedReader> FromProto(const v1::RestrictedReader& reader) {
  RestrictedReader out;
  out.name = reader.name();
  out.audiences.assign(reader.audiences().begin(), reader.audiences().end());
  for (const std::string& bytes : reader.certificate_thumbprints()) {
    const auto thumbprint = base::ToArray<32>(base::AsBytes(bytes));
    if (!thumbprint.ok()) {
      return rpc::FieldError("reader.certificate_thumbprints",
                             "must be 32 bytes each");
    }
    out.certificate_thumbprints.push_back(*thumbprint);
  }
  LIMPID_RETURN_IF_ERROR(rpc::AtField("reader", ValidateReader(out)));
  return out;
}

}  // namespace

grpc::ServerUnaryReactor* RestrictedReadRpc::GetRestricted(
    grpc::CallbackServerContext* context,
    const v1::GetRestrictedRequest* request,
    v1::GetRestrictedResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller& caller) {
    return Get(caller, *request, *response);
  });
}

absl::Status RestrictedReadRpc::Get(const rpc::Caller& caller,
                                    const v1::GetRestrictedRequest& request,
                                    v1::GetRestrictedResponse& response) {
  const auto reader = readers_.FindByCertificate(caller.spki_thumbprint);
  if (absl::IsNotFound(reader.status())) {
    return absl::PermissionDeniedError("this certificate is no reader's");
  }
  LIMPID_RETURN_IF_ERROR(reader.status());
  LIMPID_ASSIGN_OR_RETURN(const RegistrationId id,
                          ReadId("registration_id", request.registration_id()));
  LIMPID_ASSIGN_OR_RETURN(const std::uint32_t number,
                          ReadVersion("version", request.version()));
  LIMPID_ASSIGN_OR_RETURN(const Version version, store_.Get(id, number));
  const RestrictedParts parts = PartsFor(version, reader->audiences);
  if (!parts.open.empty()) {
    LIMPID_RETURN_IF_ERROR(readers_.Count(reader->id));
  }
  response.set_version(version.number);
  response.set_leaf(base::ToText(version.leaf));
  for (const FieldDisclosure& field : parts.open) {
    *response.add_disclosures() = algoregister::ToProto(field);
  }
  response.set_closed_count(static_cast<std::int32_t>(parts.closed_count));
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* RestrictedReaderAdminRpc::CreateRestrictedReader(
    grpc::CallbackServerContext* context,
    const v1::CreateRestrictedReaderRequest* request,
    v1::CreateRestrictedReaderResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
    return Create(*request, *response);
  });
}

absl::Status RestrictedReaderAdminRpc::Create(
    const v1::CreateRestrictedReaderRequest& request,
    v1::CreateRestrictedReaderResponse& response) {
  LIMPID_ASSIGN_OR_RETURN(RestrictedReader reader, FromProto(request.reader()));
  const auto request_id =
      base::ToArray<base::kIdBytes>(base::AsBytes(request.request_id()));
  if (!request_id.ok()) {
    return rpc::FieldError("request_id", "must be 16 bytes");
  }
  reader.id = RestrictedReaderId::Random();
  LIMPID_ASSIGN_OR_RETURN(const RestrictedReader made,
                          readers_.Create(reader, *request_id));
  *response.mutable_reader() = ToProto(made);
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* RestrictedReaderAdminRpc::RemoveRestrictedReader(
    grpc::CallbackServerContext* context,
    const v1::RemoveRestrictedReaderRequest* request,
    v1::RemoveRestrictedReaderResponse* /*response*/) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const RestrictedReaderId id,
                                rpc::ParseId<RestrictedReaderId>(
                                    "reader_id", request->reader_id()));
        return readers_.Remove(id);
      });
}

grpc::ServerUnaryReactor* RestrictedReaderAdminRpc::ListRestrictedReaders(
    grpc::CallbackServerContext* context,
    const v1::ListRestrictedReadersRequest* /*request*/,
    v1::ListRestrictedReadersResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const std::vector<RestrictedReader> readers,
                                readers_.List());
        for (const RestrictedReader& reader : readers) {
          *response->add_readers() = ToProto(reader);
        }
        return absl::OkStatus();
      });
}

}  // namespace limpid::algoregister
