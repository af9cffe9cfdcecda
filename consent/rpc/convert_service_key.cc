#include "consent/rpc/convert_service_key.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/rpc/validate.h"
#include "consent/rpc/convert.h"

namespace limpid::consent {
namespace {

template <std::size_t N>
absl::Status Read(const std::string& path, const std::string& bytes,
                  base::ByteArray<N>& out) {
  LIMPID_RETURN_IF_ERROR(rpc::CheckBytes(path, bytes, N));
  LIMPID_ASSIGN_OR_RETURN(out, base::ToArray<N>(base::AsBytes(bytes)));
  return absl::OkStatus();
}

}  // namespace

v1::ServicePublicKey ToProto(const ServicePublicKey& key) {
  v1::ServicePublicKey out;
  // The numbers are the logged ones.
  out.set_kind(static_cast<v1::ServiceKeyKind>(key.kind));
  out.set_key(ToProto(key.key));
  out.set_prover(ToProto(key.prover.bytes));
  out.set_proof(ToProto(key.proof));
  return out;
}

absl::StatusOr<std::vector<ServicePublicKey>> FromProto(
    std::string_view path, const v1::ServicePublicKeys& keys) {
  std::vector<ServicePublicKey> out;
  for (const v1::ServicePublicKey& key : keys.keys()) {
    const std::string at =
        absl::StrCat(base::ToAbsl(path), ".keys[", out.size(), "]");
    if (!IsPublicKeyKind(key.kind())) {
      return rpc::FieldError(at + ".kind", "is not signing or encryption");
    }
    ServicePublicKey& one = out.emplace_back();
    one.kind = static_cast<receipt::ServiceKeyKind>(key.kind());
    LIMPID_RETURN_IF_ERROR(Read(at + ".key", key.key(), one.key));
    LIMPID_RETURN_IF_ERROR(
        Read(at + ".prover", key.prover(), one.prover.bytes));
    LIMPID_RETURN_IF_ERROR(Read(at + ".proof", key.proof(), one.proof));
  }
  return out;
}

}  // namespace limpid::consent
