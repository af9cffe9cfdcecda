#include "vault/rpc/person_vault_rpc.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "vault/rpc/convert.h"
#include "vault/rpc/holder_authenticator.h"

namespace limpid::vault {
namespace {

constexpr int kDefaultPage = 100;
constexpr int kLargestPage = 200;
constexpr std::size_t kRequestIdBytes = 16;
constexpr std::size_t kSlotIdBytes = 16;

// Cuts `items` to one page and returns the last id of it if there is more.
template <typename Item>
std::string CutPage(std::vector<Item>& items, std::size_t size,
                    const std::string& (*id)(const Item&)) {
  if (items.size() <= size) return "";
  items.resize(size);
  return id(items.back());
}

const std::string& IdOf(const VersionInfo& info) { return info.attribute; }
const std::string& IdOfEntry(const CatalogueEntryPtr& entry) {
  return entry->definition.id;
}

absl::StatusOr<NewValue> FromProto(const v1::PutAttributeRequest& request) {
  LIMPID_RETURN_IF_ERROR(rpc::CheckText("attribute", request.attribute(),
                                        Definition::kMaxIdBytes));
  LIMPID_RETURN_IF_ERROR(
      rpc::CheckBytes("request_id", request.request_id(), kRequestIdBytes));
  if (!request.author_signature().empty()) {
    LIMPID_RETURN_IF_ERROR(rpc::CheckBytes("author_signature",
                                           request.author_signature(),
                                           crypto::kEd25519SignatureBytes));
  }
  NewValue out;
  out.attribute = request.attribute();
  out.value_json = request.value_json();
  std::copy(request.request_id().begin(), request.request_id().end(),
            out.request_id.begin());
  out.author_signature = base::ToBytes(request.author_signature());
  if (request.has_about()) {
    LIMPID_ASSIGN_OR_RETURN(out.about, vault::FromProto(request.about()));
  }
  out.replace_sealed = request.replace_sealed();
  return out;
}

bool IsOnSlot(ActKind kind) {
  return kind == ActKind::kSlotAdd || kind == ActKind::kSlotRemove ||
         (kind >= ActKind::kRecoveryStart && kind <= ActKind::kRecoveryAllow);
}

absl::StatusOr<ActProof> Prove(PersonVault& vault, const PersonCaller& person,
                               const v1::GetVaultLogProofRequest& request) {
  LIMPID_ASSIGN_OR_RETURN(const ActKind kind, vault::FromProto(request.act()));
  if (IsOnSlot(kind)) {
    LIMPID_RETURN_IF_ERROR(
        rpc::CheckBytes("slot_id", request.slot_id(), kSlotIdBytes));
    base::ByteArray<kSlotIdBytes> slot{};
    std::copy(request.slot_id().begin(), request.slot_id().end(), slot.begin());
    return vault.ProveSlot(person, slot, request.version(), kind);
  }
  LIMPID_RETURN_IF_ERROR(rpc::CheckText("attribute", request.attribute(),
                                        Definition::kMaxIdBytes));
  if (kind == ActKind::kSourceLink || kind == ActKind::kSourceUnlink) {
    return vault.ProveSource(person, request.attribute(), request.version(),
                             kind);
  }
  return vault.Prove(person, request.attribute(), request.version(), kind);
}

}  // namespace

PersonVaultRpc::PersonVaultRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                               PersonVault& vault, ErasureDesk& erasures,
                               Catalogue& catalogue)
    : edge_(rpc::EdgeOf<v1::PersonVaultService>(runtime, policy)),
      vault_(vault),
      erasures_(erasures),
      catalogue_(catalogue) {}

grpc::ServerUnaryReactor* PersonVaultRpc::ListAttributeDefinitions(
    grpc::CallbackServerContext* context,
    const v1::ListAttributeDefinitionsRequest* request,
    v1::ListAttributeDefinitionsResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const int size,
            rpc::PageSize(request->page_size(), kDefaultPage, kLargestPage));
        LIMPID_ASSIGN_OR_RETURN(const std::string after,
                                ParseAttributeToken(request->page_token()));
        const auto limit = static_cast<std::size_t>(size);
        auto page = catalogue_.List(after, limit + 1);
        response->set_next_page_token(CutPage(page, limit, IdOfEntry));
        for (const auto& entry : page) {
          *response->add_definitions() = ToProto(entry->definition);
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PersonVaultRpc::PutAttribute(
    grpc::CallbackServerContext* context,
    const v1::PutAttributeRequest* request,
    v1::PutAttributeResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const NewValue value, FromProto(*request));
        LIMPID_ASSIGN_OR_RETURN(const DoneAct done, vault_.Put(person, value));
        response->set_version(done.version);
        *response->mutable_put_time() = ToProto(done.time);
        response->set_commitment(base::ToText(done.commitment));
        *response->mutable_promised_by_time() = ToProto(done.promised_by);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PersonVaultRpc::GetAttribute(
    grpc::CallbackServerContext* context,
    const v1::GetAttributeRequest* request,
    v1::GetAttributeResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_RETURN_IF_ERROR(rpc::CheckText("attribute", request->attribute(),
                                              Definition::kMaxIdBytes));
        LIMPID_ASSIGN_OR_RETURN(
            const OwnValue own,
            vault_.Get(person, request->attribute(), request->version()));
        *response->mutable_version() = ToProto(own.info);
        if (own.sealed) {
          *response->mutable_sealed() = ToProto(*own.sealed);
          return absl::OkStatus();
        }
        *response->mutable_version()->mutable_provenance() =
            ToProto(own.value.provenance);
        response->set_value_json(own.value.value_json);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PersonVaultRpc::ListAttributes(
    grpc::CallbackServerContext* context,
    const v1::ListAttributesRequest* request,
    v1::ListAttributesResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(
            const int size,
            rpc::PageSize(request->page_size(), kDefaultPage, kLargestPage));
        LIMPID_ASSIGN_OR_RETURN(const std::string after,
                                ParseAttributeToken(request->page_token()));
        LIMPID_ASSIGN_OR_RETURN(auto page, vault_.List(person));
        std::erase_if(page, [&](const VersionInfo& info) {
          return info.attribute <= after;
        });
        response->set_next_page_token(
            CutPage(page, static_cast<std::size_t>(size), IdOf));
        for (const VersionInfo& info : page) {
          *response->add_attributes() = ToProto(info);
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PersonVaultRpc::GetAttributeHistory(
    grpc::CallbackServerContext* context,
    const v1::GetAttributeHistoryRequest* request,
    v1::GetAttributeHistoryResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_RETURN_IF_ERROR(rpc::CheckText("attribute", request->attribute(),
                                              Definition::kMaxIdBytes));
        LIMPID_ASSIGN_OR_RETURN(
            const int size,
            rpc::PageSize(request->page_size(), kDefaultPage, kLargestPage));
        LIMPID_ASSIGN_OR_RETURN(const std::uint64_t before,
                                ParseVersionToken(request->page_token()));
        const auto limit = static_cast<std::size_t>(size);
        LIMPID_ASSIGN_OR_RETURN(
            auto page,
            vault_.History(person, request->attribute(), before, limit + 1));
        if (page.size() > limit) {
          page.resize(limit);
          response->set_next_page_token(VersionToken(page.back().version));
        }
        for (const VersionInfo& info : page) {
          *response->add_versions() = ToProto(info);
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PersonVaultRpc::EraseAttributeVersion(
    grpc::CallbackServerContext* context,
    const v1::EraseAttributeVersionRequest* request,
    v1::EraseAttributeVersionResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_RETURN_IF_ERROR(rpc::CheckText("attribute", request->attribute(),
                                              Definition::kMaxIdBytes));
        if (request->version() == 0) {
          return rpc::FieldError("version", "must be 1 or more");
        }
        LIMPID_ASSIGN_OR_RETURN(
            const Erased done,
            erasures_.EraseVersion(person, request->attribute(),
                                   request->version()));
        *response->mutable_erase_time() = ToProto(done.time);
        response->set_commitment(base::ToText(done.commitment));
        *response->mutable_promised_by_time() = ToProto(done.promised_by);
        response->set_certificate(base::ToText(done.certificate));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PersonVaultRpc::GetVaultLogProof(
    grpc::CallbackServerContext* context,
    const v1::GetVaultLogProofRequest* request,
    v1::GetVaultLogProofResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const ActProof proof,
                                Prove(vault_, person, *request));
        response->set_commitment(base::ToText(proof.commitment));
        response->set_opening(base::ToText(proof.disclosure));
        *response->mutable_promised_by_time() = ToProto(proof.promised_by);
        response->set_state(v1::LOG_STATE_DURABLE);
        if (!proof.leaf) return absl::OkStatus();
        response->set_state(v1::LOG_STATE_LOGGED);
        response->set_leaf_index(proof.leaf->index);
        for (const base::Digest32& hash : proof.leaf->hashes) {
          response->add_inclusion_hashes(base::ToText(hash));
        }
        response->set_checkpoint(proof.leaf->checkpoint);
        return absl::OkStatus();
      });
}

}  // namespace limpid::vault
