// Between the domain's values and the messages of limpid.vault.v1. No rules.

#ifndef LIMPID_VAULT_RPC_CONVERT_H_
#define LIMPID_VAULT_RPC_CONVERT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/receipt/permit.h"
#include "limpid/vault/v1/attribute.pb.h"
#include "limpid/vault/v1/person_vault_service.pb.h"
#include "limpid/vault/v1/vault_service.pb.h"
#include "vault/attribute/definition.h"
#include "vault/attribute/person_vault.h"
#include "vault/mediator/mediator.h"
#include "vault/reader/reader.h"

namespace limpid::vault {

google::protobuf::Timestamp ToProto(absl::Time time);
v1::Form ToProto(receipt::Form form);
v1::Reason ToProto(ReadReason reason);
v1::AttributeDefinition ToProto(const Definition& definition);
v1::AttributeVersion ToProto(const VersionInfo& info);
v1::Provenance ToProto(const Provenance& provenance);
v1::MovedTo ToProto(const NewOperator& to);
v1::SealedOrigin ToProto(const SealedOrigin& origin);
v1::SealedValue ToProto(const SealedParts& parts);
void Fill(const ReadAnswer& answer, v1::ReadAttributesResponse& out);

// Errors:
//   kInvalidArgument  a malformed or unknown field; the message names it. The
//                     catalogue checks the rest.
absl::StatusOr<Definition> FromProto(const v1::AttributeDefinition& message);
absl::StatusOr<About> FromProto(const v1::About& message);
absl::StatusOr<ActKind> FromProto(v1::VaultAct act);
absl::StatusOr<ReadRequest> FromProto(const v1::ReadAttributesRequest& message,
                                      const base::Digest32& caller);

// A token of a listing by version, from 1.
std::string VersionToken(std::uint64_t version);
// Errors:
//   kInvalidArgument  not of VersionToken. Empty is 0.
absl::StatusOr<std::uint64_t> ParseVersionToken(std::string_view token);
// Errors:
//   kInvalidArgument  not an attribute id. Empty is the start.
absl::StatusOr<std::string> ParseAttributeToken(std::string_view token);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_RPC_CONVERT_H_
