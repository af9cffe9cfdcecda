// Between the register's domain and its protos. Every FromProto refuses with
// the path of the field.

#ifndef LIMPID_ALGOREGISTER_RPC_CONVERT_H_
#define LIMPID_ALGOREGISTER_RPC_CONVERT_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/version/version.h"
#include "common/tlog/log.h"
#include "google/protobuf/timestamp.pb.h"
#include "limpid/algoregister/v1/publish_service.pb.h"
#include "limpid/algoregister/v1/register.pb.h"
#include "limpid/algoregister/v1/register_service.pb.h"
#include "limpid/log/v1/log.pb.h"

namespace limpid::algoregister {

v1::RegistrationKind ToProto(RegistrationKind kind);
v1::RegistrationState ToProto(RegistrationState state);
v1::AuthorRole ToProto(AuthorRole role);
v1::ImportOutcome ToProto(ImportOutcome outcome);
google::protobuf::Timestamp ToProto(absl::Time time);

v1::FieldDisclosure ToProto(const FieldDisclosure& field);
// Without restricted parts, which are counted.
v1::RegistrationVersion ToProto(const Version& version);
// Without author_name, which the publisher store knows, and without erasures.
v1::VersionSummary ToSummary(const Version& version);
// Without organisation_title.
v1::RegistrationSummary ToProto(const Head& head);
v1::FieldErasure ToProto(const FieldErasure& erasure);
v1::Publisher ToProto(const Publisher& publisher);
v1::VersionDraft ToProto(const Draft& draft);
v1::ImportRow ToProto(const PlannedRow& row);
v1::ImportSummary ToSummary(const ImportPlan& plan);
limpid::log::v1::SignedCheckpoint HeadOfLog(const tlog::Log& log);

// Errors (all): kInvalidArgument "<field>: reason".
absl::StatusOr<RegistrationKind> FromProto(std::string_view path,
                                           v1::RegistrationKind kind);
absl::StatusOr<RegistrationId> ReadId(std::string_view path,
                                      std::string_view text);
// With the kind that the field asks for.
absl::StatusOr<RegistrationId> ReadId(std::string_view path,
                                      std::string_view text,
                                      RegistrationKind kind);
absl::StatusOr<std::uint32_t> ReadVersion(std::string_view path,
                                          std::int64_t version);
absl::StatusOr<absl::Time> ReadTime(std::string_view path,
                                    const google::protobuf::Timestamp& time);
absl::StatusOr<Draft> FromProto(const v1::VersionDraft& draft);
absl::StatusOr<crypto::Ed25519Signature> ReadSignature(std::string_view path,
                                                       std::string_view bytes);
absl::StatusOr<crypto::Ed25519PublicKey> ReadKey(std::string_view path,
                                                 std::string_view bytes);
// Without the id.
absl::StatusOr<Publisher> FromProto(const v1::Publisher& publisher);

// Page tokens: the row a page ended with. Opaque to clients.
std::string ToToken(const ListCursor& cursor);
absl::StatusOr<std::optional<ListCursor>> ReadToken(std::string_view token);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_CONVERT_H_
