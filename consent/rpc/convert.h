// Between the wire and the domain. Each direction is one function per message;
// enums are switches without default, so that a new value fails the build until
// somebody decides how it is sent.

#ifndef LIMPID_CONSENT_RPC_CONVERT_H_
#define LIMPID_CONSENT_RPC_CONVERT_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "consent/consent.h"
#include "limpid/consent/v1/access.pb.h"
#include "limpid/consent/v1/account_service.pb.h"
#include "limpid/consent/v1/agreement.pb.h"
#include "limpid/consent/v1/consent_admin_service.pb.h"
#include "limpid/consent/v1/person_consent_service.pb.h"
#include "limpid/consent/v1/record.pb.h"
#include "limpid/consent/v1/service_consent_service.pb.h"

namespace limpid::consent {

// Most items of a page, and what 0 means.
inline constexpr int kMaxPageSize = 200;
inline constexpr int kDefaultPageSize = 50;

google::protobuf::Timestamp ToProto(absl::Time time);
std::string ToProto(base::ByteView bytes);

v1::Account ToProto(const AccountView& account);
v1::Source ToProto(const SourceView& source);
v1::Agreement ToProto(const Agreement& agreement);
v1::Service ToProto(const Service& service);
v1::RecordState ToProto(RecordState state);
v1::Record ToProto(const RecordView& record);
v1::RecordRevision ToProto(const Revision& revision);
v1::Receipt ToProto(const ReceiptView& receipt);
v1::AccessEntry ToProto(const AccessView& access);
v1::ExplainedDecision ToProto(const receipt::AccessLine& line);
v1::GetRequestStatusResponse ToProto(const RequestStatus& status);
v1::WatchResponse ToProto(const WatchItem& item);

// Errors of all: kInvalidArgument "<path>: <reason>".
absl::StatusOr<Service> FromProto(const v1::CreateServiceRequest& request);
// Of the years 1970 to 9999.
absl::StatusOr<absl::Time> FromProto(std::string_view path,
                                     const google::protobuf::Timestamp& time);
// `path` stands before each field.
absl::StatusOr<AgreementContent> FromProto(std::string_view path,
                                           const v1::AgreementContent& content);
absl::StatusOr<ReadRequest> FromProto(
    const v1::ExplainDecisionRequest& request);
absl::StatusOr<AccessFilter> FromProto(const v1::ListAccessesRequest& request);
absl::StatusOr<receipt::SignedStatement> FromProto(
    const v1::GrantRecordRequest& request);

// Page tokens: opaque to clients, meaningful to the call that made them.
std::string RecordToken(const std::optional<RecordCursor>& cursor);
absl::StatusOr<std::optional<RecordCursor>> ParseRecordToken(
    std::string_view token);
std::string NumberToken(std::uint64_t number);
// 0 for an empty token.
absl::StatusOr<std::uint64_t> ParseNumberToken(std::string_view token);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_CONVERT_H_
