#include "clients/cpp/record_act_client.h"

#include <utility>

#include "clients/cpp/wire_time.h"
#include "common/base/status_macros.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

#define LIMPID_ACTS "/limpid.consent.v1.RecordActService/"
constexpr Method kDefer = {LIMPID_ACTS "DeferRecord"};
constexpr Method kNarrow = {LIMPID_ACTS "NarrowRecord", true};
constexpr Method kObject = {LIMPID_ACTS "ObjectToRecord"};
constexpr Method kAllow = {LIMPID_ACTS "AllowAskingAgain", true};
#undef LIMPID_ACTS

}  // namespace

absl::StatusOr<v1::Record> RecordActClient::Defer(std::string_view record_id) {
  v1::DeferRecordRequest request;
  request.set_record_id(std::string(record_id));
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<v1::DeferRecordResponse>(
                                             connection_, kDefer, request));
  return std::move(*response.mutable_record());
}

absl::StatusOr<v1::Record> RecordActClient::Narrow(
    std::string_view record_id, const std::vector<std::string>& keep,
    std::optional<absl::Time> until) {
  v1::NarrowRecordRequest request;
  request.set_record_id(std::string(record_id));
  for (const std::string& attribute : keep) {
    request.add_keep_attributes(attribute);
  }
  if (until) {
    *request.mutable_until_time() =
        ToWire(absl::FromUnixMillis(absl::ToUnixMillis(*until)));
  }
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<v1::NarrowRecordResponse>(
                                             connection_, kNarrow, request));
  return std::move(*response.mutable_record());
}

absl::StatusOr<v1::ObjectToRecordResponse> RecordActClient::Object(
    std::string_view record_id, std::string_view grounds) {
  v1::ObjectToRecordRequest request;
  request.set_record_id(std::string(record_id));
  request.set_grounds(std::string(grounds));
  return Invoke<v1::ObjectToRecordResponse>(connection_, kObject, request);
}

absl::StatusOr<v1::Record> RecordActClient::AllowAskingAgain(
    std::string_view record_id) {
  v1::AllowAskingAgainRequest request;
  request.set_record_id(std::string(record_id));
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<v1::AllowAskingAgainResponse>(
                                             connection_, kAllow, request));
  return std::move(*response.mutable_record());
}

}  // namespace limpid::client
