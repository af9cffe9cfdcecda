#include "clients/cpp/erasure_client.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/receipt/erasure.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

constexpr Method kErase = {
    "/limpid.consent.v1.AccessErasureService/EraseAccess", true};

// `leaf` is 0x01 and the commitment; docs/formats/log-leaf.md.
std::optional<base::Digest32> CommitmentOf(const v1::AccessEntry& entry) {
  const base::ByteView leaf = base::AsBytes(entry.leaf());
  base::Digest32 out{};
  if (leaf.size() != out.size() + 1) return std::nullopt;
  std::copy(leaf.begin() + 1, leaf.end(), out.begin());
  return out;
}

}  // namespace

EntryContent ContentOf(const v1::AccessEntry& entry,
                       const crypto::Ed25519PublicKey& own_key) {
  if (!entry.has_erasure() && !entry.missing() &&
      entry.kind() != v1::ACCESS_KIND_UNSPECIFIED) {
    return EntryContent::kThere;
  }
  const auto signature =
      base::ToArray<64>(base::AsBytes(entry.erasure().signature()));
  const auto commitment = CommitmentOf(entry);
  if (!signature.ok() || !commitment) return EntryContent::kLost;
  return receipt::ErasureCovers({entry.erasure().canonical_json(), *signature},
                                own_key, entry.sequence(), *commitment)
             ? EntryContent::kErased
             : EntryContent::kLost;
}

absl::StatusOr<v1::EraseAccessResponse> ErasureClient::Erase(
    std::string_view person_id, const v1::AccessEntry& entry) {
  const auto commitment = CommitmentOf(entry);
  if (!commitment) {
    return absl::DataLossError(
        absl::StrCat("entry ", entry.sequence(), " came without its leaf"));
  }
  receipt::ErasureRequest terms;
  terms.commitment = *commitment;
  terms.nonce = crypto::RandomArray<32>();
  terms.operator_name = trust_.operator_name;
  terms.person = std::string(person_id);
  terms.sequence = entry.sequence();
  // Texts have milliseconds.
  terms.time = absl::FromUnixMillis(absl::ToUnixMillis(clock_.Now()));
  const receipt::SignedErasure sealed = receipt::SignErasure(terms, key_.key());
  v1::EraseAccessRequest request;
  request.set_canonical_json(sealed.canonical_json);
  request.set_signature(base::ToText(sealed.signature));
  return Invoke<v1::EraseAccessResponse>(connection_, kErase, request);
}

}  // namespace limpid::client
