#include "algoregister/rpc/key_directory_rpc.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/receipt/service_key.h"
#include "common/rpc/validate.h"
#include "common/tlog/checkpoint.h"
#include "common/tlog/note.h"

namespace limpid::algoregister {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 200;
constexpr std::string_view kPageLabel = "limpid-register-keys-page/1";

absl::StatusOr<std::uint32_t> ReadPageToken(std::string_view token) {
  if (token.empty()) return 0;
  base::ByteReader reader(base::AsBytes(token));
  reader.Label(kPageLabel);
  const std::uint32_t after = reader.U32();
  if (!reader.Finish().ok()) return rpc::FieldError("page_token", "malformed");
  return after;
}

// The head that every proof of one answer leads to.
struct SignedHead {
  std::string note;
  std::uint64_t size = 0;
};

absl::StatusOr<SignedHead> HeadOf(const tlog::Log& log) {
  SignedHead out{log.SignedCheckpoint(), 0};
  LIMPID_ASSIGN_OR_RETURN(const tlog::Note note, tlog::ParseNote(out.note));
  LIMPID_ASSIGN_OR_RETURN(const tlog::Checkpoint checkpoint,
                          tlog::ParseCheckpoint(note.text));
  out.size = checkpoint.size;
  return out;
}

absl::Status Prove(const tlog::Log& log, const SignedHead& head,
                   const StoredServiceKey& key, v1::LoggedServiceKey& out) {
  const std::uint64_t index = key.leaf_index.value_or(head.size);
  LIMPID_ASSIGN_OR_RETURN(const std::vector<base::Digest32> hashes,
                          log.InclusionProof(index, head.size));
  out.set_entry(base::ToText(key.entry));
  auto& proof = *out.mutable_proof();
  proof.set_leaf_index(static_cast<std::int64_t>(index));
  for (const base::Digest32& hash : hashes) {
    proof.add_hashes(base::ToText(hash));
  }
  proof.mutable_checkpoint()->set_note(head.note);
  proof.mutable_checkpoint()->set_tree_size(
      static_cast<std::int64_t>(head.size));
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* KeyDirectoryRpc::ListServiceKeys(
    grpc::CallbackServerContext* context,
    const v1::ListServiceKeysRequest* request,
    v1::ListServiceKeysResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
    return List(*request, *response);
  });
}

absl::Status KeyDirectoryRpc::List(
    const v1::ListServiceKeysRequest& request,
    v1::ListServiceKeysResponse& response) const {
  const auto service = base::ParseIdText("svc", request.service_id());
  if (!service.ok()) return rpc::AtField("service_id", service.status());
  LIMPID_ASSIGN_OR_RETURN(const std::uint32_t after,
                          ReadPageToken(request.page_token()));
  LIMPID_ASSIGN_OR_RETURN(
      const int size,
      rpc::PageSize(request.page_size(), kDefaultPage, kMaxPage));
  const auto limit = static_cast<std::size_t>(size);
  LIMPID_ASSIGN_OR_RETURN(std::vector<StoredServiceKey> keys,
                          keys_.List(*service, after, limit + 1));
  // A snapshot's id leads to no key.
  std::erase_if(keys, [](const StoredServiceKey& key) {
    return !receipt::IsServiceKeyEntry(key.entry);
  });
  if (keys.empty() && after == 0) {
    return absl::NotFoundError("the service has no key in this register");
  }
  const bool more = keys.size() > limit;
  if (more) keys.pop_back();
  // Read after the entries: it covers all that are marked.
  LIMPID_ASSIGN_OR_RETURN(const SignedHead head, HeadOf(log_));
  for (const StoredServiceKey& key : keys) {
    LIMPID_RETURN_IF_ERROR(Prove(log_, head, key, *response.add_keys()));
  }
  if (more) {
    base::ByteWriter token(kPageLabel);
    response.set_next_page_token(
        base::ToText(token.U32(keys.back().number).bytes()));
  }
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* KeyPublishingRpc::PublishServiceKey(
    grpc::CallbackServerContext* context,
    const v1::PublishServiceKeyRequest* request,
    v1::PublishServiceKeyResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        const auto operators =
            operators_.KeysFor(caller.spki_thumbprint, caller.administrator);
        if (operators.empty()) {
          return absl::PermissionDeniedError(
              "this certificate may bring no keys of services here");
        }
        LIMPID_RETURN_IF_ERROR(rpc::CheckBytes("entry", request->entry(),
                                               receipt::kServiceKeyEntryBytes));
        LIMPID_ASSIGN_OR_RETURN(
            const std::uint64_t index,
            register_.PublishServiceKey(operators,
                                        base::AsBytes(request->entry())));
        response->set_leaf_index(static_cast<std::int64_t>(index));
        return absl::OkStatus();
      });
}

}  // namespace limpid::algoregister
