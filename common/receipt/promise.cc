#include "common/receipt/promise.h"

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"

namespace limpid::receipt {
namespace {

constexpr std::string_view kLabel = "limpid/access-promise/1";

}  // namespace

base::Bytes AccessPromise::Encode() const {
  base::ByteWriter out(kLabel);
  out.Lp(operator_name)
      .Raw(access)
      .Raw(commitment)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(log_by)));
  return out.Take();
}

absl::StatusOr<AccessPromise> AccessPromise::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  AccessPromise out;
  out.operator_name = reader.LpText();
  out.access = reader.Array<16>();
  out.commitment = reader.Array<32>();
  out.log_by = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  LIMPID_RETURN_IF_ERROR(reader.Finish());
  return out;
}

base::Bytes SignedPromise(base::ByteView encoded_promise,
                          const BatchProof& proof) {
  base::ByteWriter out;
  out.Lp(encoded_promise).Lp(proof.Encode());
  return out.Take();
}

absl::StatusOr<AccessPromise> VerifyPromise(
    base::ByteView signed_promise,
    const crypto::Ed25519PublicKey& evidence_key) {
  base::ByteReader reader(signed_promise);
  const base::ByteView item = reader.Lp();
  const base::ByteView encoded_proof = reader.Lp();
  LIMPID_RETURN_IF_ERROR(reader.Finish());
  LIMPID_ASSIGN_OR_RETURN(const AccessPromise promise,
                          AccessPromise::Decode(item));
  LIMPID_ASSIGN_OR_RETURN(const BatchProof proof,
                          BatchProof::Decode(encoded_proof));
  LIMPID_RETURN_IF_ERROR(
      VerifyBatchItem(proof, BatchKind::kReceipts, item, evidence_key));
  return promise;
}

}  // namespace limpid::receipt
