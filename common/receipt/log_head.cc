#include "common/receipt/log_head.h"

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"

namespace limpid::receipt {
namespace {

constexpr std::string_view kLabel = "limpid/log-head/1";

absl::Status Contradiction(const std::string& what) {
  return absl::DataLossError(
      absl::StrCat(what, "; keep both heads, together they are the proof"));
}

}  // namespace

base::Bytes LogHead::Encode() const {
  base::ByteWriter out(kLabel);
  out.Lp(operator_name)
      .Raw(log)
      .U64(sequence)
      .Raw(commitment)
      .U64(checkpoint_size)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(time)));
  return out.Take();
}

absl::StatusOr<LogHead> LogHead::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  LogHead out;
  out.operator_name = reader.LpText();
  out.log = reader.Array<16>();
  out.sequence = reader.U64();
  out.commitment = reader.Array<32>();
  out.checkpoint_size = reader.U64();
  out.time = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  LIMPID_RETURN_IF_ERROR(reader.Finish());
  return out;
}

base::Bytes SignedHead(base::ByteView encoded_head, const BatchProof& proof) {
  base::ByteWriter out;
  out.Lp(encoded_head).Lp(proof.Encode());
  return out.Take();
}

absl::StatusOr<LogHead> VerifyHead(
    base::ByteView signed_head, const crypto::Ed25519PublicKey& evidence_key) {
  base::ByteReader reader(signed_head);
  const base::ByteView item = reader.Lp();
  const base::ByteView encoded_proof = reader.Lp();
  LIMPID_RETURN_IF_ERROR(reader.Finish());
  LIMPID_ASSIGN_OR_RETURN(LogHead head, LogHead::Decode(item));
  LIMPID_ASSIGN_OR_RETURN(const BatchProof proof,
                          BatchProof::Decode(encoded_proof));
  LIMPID_RETURN_IF_ERROR(
      VerifyBatchItem(proof, BatchKind::kReceipts, item, evidence_key));
  return head;
}

absl::Status CheckHeads(const LogHead& kept, const LogHead& shown) {
  if (kept.operator_name != shown.operator_name || kept.log != shown.log) {
    return absl::InvalidArgumentError("these are heads of two different logs");
  }
  if (shown.sequence < kept.sequence) {
    return Contradiction(absl::StrCat(
        "the log has ", shown.sequence, " entries now and had ", kept.sequence,
        " before: entries were taken away, or an older copy is served"));
  }
  if (shown.sequence == kept.sequence && shown.commitment != kept.commitment) {
    return Contradiction(
        absl::StrCat("entry ", kept.sequence, " is another one than before"));
  }
  if (shown.checkpoint_size < kept.checkpoint_size) {
    return Contradiction("the public access log is shorter than before");
  }
  return absl::OkStatus();
}

absl::Status CheckChain(const LogHead* kept, std::span<const ChainLink> links,
                        const LogHead& shown) {
  if (kept != nullptr) LIMPID_RETURN_IF_ERROR(CheckHeads(*kept, shown));
  const std::uint64_t end = kept == nullptr ? 0 : kept->sequence;
  std::uint64_t number = shown.sequence;
  base::Digest32 expected = shown.commitment;
  for (const ChainLink& link : links) {
    if (number == end) {
      return absl::DataLossError(
          absl::StrCat("entry ", link.sequence,
                       " is listed, and the head does not know it"));
    }
    if (link.sequence != number) {
      return absl::DataLossError(absl::StrCat("entry ", number, " is missing"));
    }
    if (link.commitment != expected) {
      return absl::DataLossError(absl::StrCat(
          "entry ", number, " is not the one that what follows it names"));
    }
    expected = link.previous;
    --number;
  }
  if (number != end) {
    return absl::DataLossError(absl::StrCat("entry ", number, " is missing"));
  }
  const base::Digest32 begin =
      kept == nullptr ? base::Digest32{} : kept->commitment;
  if (expected != begin) {
    return absl::DataLossError(
        absl::StrCat("entry ", end + 1, " does not follow the one before it"));
  }
  return absl::OkStatus();
}

}  // namespace limpid::receipt
