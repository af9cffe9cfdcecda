#include "clients/cpp/vault_client.h"

#include <cstddef>
#include <utility>

#include "clients/cpp/paging.h"
#include "clients/cpp/wire_time.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/jose/tokens.h"
#include "common/tlog/leaf.h"
#include "common/tlog/proof.h"
#include "limpid/consent/v1/account_service.pb.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;

#define LIMPID_VAULT "/limpid.vault.v1.PersonVaultService/"
constexpr Method kIssueSourceToken = {
    "/limpid.consent.v1.AccountService/IssueSourceToken", true};
constexpr Method kDefinitions = {LIMPID_VAULT "ListAttributeDefinitions", true};
constexpr Method kPut = {LIMPID_VAULT "PutAttribute", true};
constexpr Method kGet = {LIMPID_VAULT "GetAttribute", true};
constexpr Method kList = {LIMPID_VAULT "ListAttributes", true};
constexpr Method kHistory = {LIMPID_VAULT "GetAttributeHistory", true};
constexpr Method kErase = {LIMPID_VAULT "EraseAttributeVersion", true,
                           kErasingPatience};
constexpr Method kProof = {LIMPID_VAULT "GetVaultLogProof", true};
#undef LIMPID_VAULT

constexpr int kPageSize = 200;
// Renewed this long before its end, so that a slow call still finds it alive.
constexpr absl::Duration kRenewBefore = absl::Minutes(1);

}  // namespace

absl::StatusOr<rpc::CallTokens> SourceTokens::For(std::string_view method) {
  const base::MutexLock lock(mutex_);
  const absl::Time now = clock_.Now();
  if (now >= renew_at_) {
    consent::v1::IssueSourceTokenRequest request;
    request.set_source_id(source_id_);
    LIMPID_ASSIGN_OR_RETURN(const auto response,
                            Invoke<consent::v1::IssueSourceTokenResponse>(
                                consent_, kIssueSourceToken, request));
    token_ = response.token();
    renew_at_ = TimeOf(response.expire_time()) - kRenewBefore;
  }
  return rpc::CallTokens{
      token_,
      jose::Mint(key_.key(), jose::NewProof(source_id_, method, token_, now))};
}

absl::StatusOr<std::vector<v1::AttributeDefinition>>
VaultClient::Definitions() {
  std::vector<v1::AttributeDefinition> out;
  v1::ListAttributeDefinitionsRequest request;
  request.set_page_size(kPageSize);
  PageWalk walk(EmptyPage::kEnds);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(auto page,
                            Invoke<v1::ListAttributeDefinitionsResponse>(
                                connection_, kDefinitions, request));
    for (auto& item : *page.mutable_definitions()) {
      out.push_back(std::move(item));
    }
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.definitions_size())));
    request.set_page_token(page.next_page_token());
  }
  return out;
}

absl::StatusOr<v1::PutAttributeResponse> VaultClient::Put(
    std::string_view attribute, std::string_view value_json,
    const std::optional<v1::About>& about, bool replace_sealed) {
  v1::PutAttributeRequest request;
  request.set_attribute(std::string(attribute));
  request.set_value_json(std::string(value_json));
  request.set_request_id(base::ToText(crypto::RandomArray<16>()));
  if (about) *request.mutable_about() = *about;
  request.set_replace_sealed(replace_sealed);
  return Invoke<v1::PutAttributeResponse>(connection_, kPut, request);
}

absl::StatusOr<v1::GetAttributeResponse> VaultClient::Get(
    std::string_view attribute, std::uint64_t version) {
  v1::GetAttributeRequest request;
  request.set_attribute(std::string(attribute));
  request.set_version(version);
  return Invoke<v1::GetAttributeResponse>(connection_, kGet, request);
}

absl::StatusOr<std::vector<v1::AttributeVersion>> VaultClient::List() {
  std::vector<v1::AttributeVersion> out;
  v1::ListAttributesRequest request;
  request.set_page_size(kPageSize);
  PageWalk walk(EmptyPage::kEnds);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(auto page, Invoke<v1::ListAttributesResponse>(
                                           connection_, kList, request));
    for (auto& item : *page.mutable_attributes()) {
      out.push_back(std::move(item));
    }
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.attributes_size())));
    request.set_page_token(page.next_page_token());
  }
  return out;
}

absl::StatusOr<std::vector<v1::AttributeVersion>> VaultClient::History(
    std::string_view attribute) {
  std::vector<v1::AttributeVersion> out;
  v1::GetAttributeHistoryRequest request;
  request.set_attribute(std::string(attribute));
  request.set_page_size(kPageSize);
  PageWalk walk(EmptyPage::kEnds);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(auto page, Invoke<v1::GetAttributeHistoryResponse>(
                                           connection_, kHistory, request));
    for (auto& item : *page.mutable_versions()) out.push_back(std::move(item));
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.versions_size())));
    request.set_page_token(page.next_page_token());
  }
  return out;
}

absl::StatusOr<v1::EraseAttributeVersionResponse> VaultClient::Erase(
    std::string_view attribute, std::uint64_t version) {
  v1::EraseAttributeVersionRequest request;
  request.set_attribute(std::string(attribute));
  request.set_version(version);
  return Invoke<v1::EraseAttributeVersionResponse>(connection_, kErase,
                                                   request);
}

absl::StatusOr<v1::GetVaultLogProofResponse> VaultClient::Proof(
    const AskedAct& asked, const tlog::Policy& vault_log) {
  v1::GetVaultLogProofRequest request;
  request.set_attribute(asked.attribute);
  request.set_version(asked.version);
  request.set_act(asked.act);
  LIMPID_ASSIGN_OR_RETURN(auto answer, Invoke<v1::GetVaultLogProofResponse>(
                                           connection_, kProof, request));
  LIMPID_RETURN_IF_ERROR(CheckAct(answer, asked));
  if (answer.state() != v1::LOG_STATE_LOGGED) return answer;
  tlog::LogProof proof;
  proof.index = answer.leaf_index();
  for (const std::string& hash : answer.inclusion_hashes()) {
    LIMPID_ASSIGN_OR_RETURN(proof.hashes.emplace_back(),
                            base::ToArray<32>(base::AsBytes(hash)));
  }
  proof.checkpoint = answer.checkpoint();
  LIMPID_ASSIGN_OR_RETURN(
      const base::Digest32 commitment,
      base::ToArray<32>(base::AsBytes(answer.commitment())));
  LIMPID_RETURN_IF_ERROR(
      tlog::VerifyProof(
          proof, tlog::CommitmentLeaf(tlog::LeafKind::kVault, commitment),
          vault_log)
          .status());
  return answer;
}

}  // namespace limpid::client
