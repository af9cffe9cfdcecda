#include "vault/keyagent/agent_frame.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/aead.h"
#include "common/receipt/batch.h"

namespace limpid::vault {
namespace {

constexpr std::string_view kHelloLabel = "limpid/key-agent/hello/1";
constexpr std::string_view kRequestLabel = "limpid/key-agent/request/1";
constexpr std::string_view kAnswerLabel = "limpid/key-agent/answer/1";

// On the wire: append, never renumber.
enum class Authority : std::uint8_t { kNone = 0, kPermit = 1, kPerson = 2 };
enum class Verdict : std::uint8_t {
  kOpened = 0,
  kRefused = 1,
  kBudgetSpent = 2,
  kMalformed = 3,
  kFault = 4,
};

absl::Status NotOne() {
  return absl::InvalidArgumentError("not a request to a key agent");
}

absl::Status NotAnswered() {
  return absl::DataLossError("what the key agent said is not an answer");
}

Verdict VerdictOf(const absl::Status& status) {
  if (status.ok()) return Verdict::kOpened;
  if (absl::IsPermissionDenied(status)) return Verdict::kRefused;
  if (absl::IsResourceExhausted(status)) return Verdict::kBudgetSpent;
  if (absl::IsInvalidArgument(status)) return Verdict::kMalformed;
  return Verdict::kFault;
}

absl::Status StatusOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kRefused:
      return absl::PermissionDeniedError("the key agent refused");
    case Verdict::kBudgetSpent:
      return absl::ResourceExhaustedError(
          "the key agent has opened values of as many persons as it may in a "
          "minute: try again later");
    case Verdict::kMalformed:
      return absl::InvalidArgumentError(
          "the key agent does not understand the vault: run both in one "
          "version");
    case Verdict::kFault:
      return absl::UnavailableError("the key agent has a fault");
    case Verdict::kOpened:
      break;
  }
  return NotAnswered();
}

}  // namespace

DekAuthority AgentRequest::authority() const {
  if (permit) return &*permit;
  if (proof) return &*proof;
  return {};
}

base::Bytes EncodeAgentHello(const crypto::X25519PublicKey& key) {
  base::ByteWriter writer(kHelloLabel);
  return writer.Raw(key.bytes).Take();
}

absl::StatusOr<crypto::X25519PublicKey> DecodeAgentHello(base::ByteView body) {
  base::ByteReader reader(body);
  reader.Label(kHelloLabel);
  crypto::X25519PublicKey key;
  key.bytes = reader.Array<crypto::kX25519KeyBytes>();
  if (!reader.Finish().ok()) return NotAnswered();
  return key;
}

base::Bytes EncodeAgentRequest(const DekAuthority& authority,
                               std::span<const base::ByteView> boxes) {
  base::ByteWriter writer(kRequestLabel);
  if (const auto* const permit = std::get_if<const SignedPermit*>(&authority)) {
    writer.U8(static_cast<std::uint8_t>(Authority::kPermit))
        .Lp((*permit)->item)
        .Lp((*permit)->proof.Encode());
  } else if (const auto* const proof =
                 std::get_if<const PersonProof*>(&authority)) {
    writer.U8(static_cast<std::uint8_t>(Authority::kPerson))
        .Lp((*proof)->source_token)
        .Lp((*proof)->proof)
        .Lp((*proof)->method);
  } else {
    writer.U8(static_cast<std::uint8_t>(Authority::kNone));
  }
  writer.U16(static_cast<std::uint16_t>(boxes.size()));
  for (const base::ByteView box : boxes) writer.Lp(box);
  return writer.Take();
}

absl::StatusOr<AgentRequest> DecodeAgentRequest(base::ByteView body) {
  base::ByteReader reader(body);
  reader.Label(kRequestLabel);
  AgentRequest out;
  switch (static_cast<Authority>(reader.U8())) {
    case Authority::kNone:
      break;
    case Authority::kPermit: {
      out.permit.emplace();
      out.permit->item = base::ToBytes(reader.Lp());
      auto proof = receipt::BatchProof::Decode(reader.Lp());
      if (!proof.ok()) return NotOne();
      out.permit->proof = *std::move(proof);
      break;
    }
    case Authority::kPerson:
      out.proof.emplace();
      out.proof->source_token = reader.LpText();
      out.proof->proof = reader.LpText();
      out.proof->method = reader.LpText();
      break;
    default:
      return NotOne();
  }
  const std::uint16_t count = reader.U16();
  if (count == 0 || count > kMaxBoxes) return NotOne();
  for (std::uint16_t i = 0; i < count; ++i) out.boxes.push_back(reader.Lp());
  if (!reader.Finish().ok()) return NotOne();
  return out;
}

base::Bytes EncodeAgentAnswer(
    const absl::StatusOr<std::vector<base::SecretBytes>>& opened) {
  base::ByteWriter writer(kAnswerLabel);
  writer.U8(static_cast<std::uint8_t>(VerdictOf(opened.status())));
  if (!opened.ok()) return writer.Take();
  writer.U16(static_cast<std::uint16_t>(opened->size()));
  // Whole before the first key is in it: a buffer that grows leaves what it
  // held behind.
  base::Bytes out = writer.Take();
  out.reserve(out.size() + opened->size() * crypto::kAeadKeyBytes);
  for (const base::SecretBytes& dek : *opened) {
    const base::ByteView bytes = dek.Reveal(base::SecretAccess::Get());
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  return out;
}

absl::StatusOr<std::vector<base::SecretBytes>> DecodeAgentAnswer(
    base::ByteView body, std::size_t boxes) {
  base::ByteReader reader(body);
  reader.Label(kAnswerLabel);
  const auto verdict = static_cast<Verdict>(reader.U8());
  if (verdict != Verdict::kOpened) {
    if (!reader.Finish().ok()) return NotAnswered();
    return StatusOf(verdict);
  }
  if (reader.U16() != boxes) return NotAnswered();
  std::vector<base::SecretBytes> out;
  out.reserve(boxes);
  for (std::size_t i = 0; i < boxes; ++i) {
    out.push_back(base::SecretBytes::Copy(reader.Raw(crypto::kAeadKeyBytes)));
  }
  if (!reader.Finish().ok()) return NotAnswered();
  return out;
}

}  // namespace limpid::vault
