#include "vault/custody/slot_body.h"

#include <cstdint>
#include <utility>

#include "common/base/wire.h"
#include "common/crypto/aead.h"
#include "common/crypto/hash.h"
#include "common/crypto/x25519.h"

namespace limpid::vault {
namespace {

constexpr std::string_view kDeviceLabel = "limpid/vault/slot/device/2";
constexpr std::string_view kRecoveryLabel = "limpid/vault/slot/recovery/2";
constexpr std::string_view kPassphraseLabel = "limpid/vault/slot/passphrase/1";
constexpr std::size_t kBoxBytes =
    crypto::kAeadKeyBytes + crypto::kSealedBoxOverhead;
constexpr std::size_t kSaltBytes = 16;

absl::Status Malformed() {
  return absl::InvalidArgumentError("is not the body of a slot of this kind");
}

// Whether it is a wrap of a 32-byte key, by what can be seen of it.
bool IsWrap(base::ByteView envelope) {
  const auto suite = crypto::SuiteOf(envelope);
  return suite.ok() && envelope.size() == crypto::EnvelopeOverhead(*suite) +
                                              crypto::kAeadKeyBytes;
}

absl::Status CheckDevice(const SourceId& source, const SlotKey& place,
                         const crypto::KeyId& key_id, base::ByteView body,
                         const crypto::Ed25519PublicKey& author) {
  base::ByteReader reader(body);
  reader.Label(kDeviceLabel);
  const auto device = reader.Array<crypto::kX25519KeyBytes>();
  const auto commitment = reader.Array<32>();
  const auto signature = reader.Array<crypto::kEd25519SignatureBytes>();
  const base::ByteView box = reader.Lp();
  if (!reader.Finish().ok() || box.size() != kBoxBytes) return Malformed();
  base::ByteWriter statement("limpid/vault/slot-statement/1");
  statement.Raw(source.bytes())
      .Raw(place.owner.id.bytes())
      .U8(static_cast<std::uint8_t>(place.custody))
      .U32(place.generation)
      .Raw(key_id)
      .U8(static_cast<std::uint8_t>(place.slot_kind))
      .Raw(place.slot_id)
      .Raw(device)
      .Raw(commitment)
      .Raw(crypto::Sha256(box));
  if (!author.Verify(statement.bytes(), signature)) {
    return absl::InvalidArgumentError(
        "is not signed by the caller's key as a slot of this place");
  }
  return absl::OkStatus();
}

absl::Status CheckPassphrase(base::ByteView body) {
  base::ByteReader reader(body);
  reader.Label(kPassphraseLabel);
  reader.Raw(kSaltBytes);
  const std::uint32_t operations = reader.U32();
  const std::uint32_t memory_kib = reader.U32();
  const base::ByteView wrap = reader.Lp();
  if (!reader.Finish().ok() || !IsWrap(wrap)) return Malformed();
  if (operations == 0 || operations > kMaxPassphraseOperations ||
      memory_kib < kMinPassphraseKib || memory_kib > kMaxPassphraseKib) {
    return absl::InvalidArgumentError(
        "asks for more or less work than passphrase slots may");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSlotBody(const SourceId& source, const SlotKey& place,
                           const crypto::KeyId& key_id, base::ByteView body,
                           const crypto::Ed25519PublicKey& author) {
  switch (place.slot_kind) {
    case SlotKind::kDevice:
      return CheckDevice(source, place, key_id, body, author);
    case SlotKind::kRecovery:
      return ReadRecoveryBody(body).status();
    case SlotKind::kPassphrase:
      return CheckPassphrase(body);
    case SlotKind::kServer:
      break;
  }
  return Malformed();
}

absl::StatusOr<RecoveryBody> ReadRecoveryBody(base::ByteView body) {
  base::ByteReader reader(body);
  reader.Label(kRecoveryLabel);
  const auto commitment = reader.Array<32>();
  const auto voice = reader.Array<32>();
  const base::ByteView wrap = reader.Lp();
  if (!reader.Finish().ok() || !IsWrap(wrap)) return Malformed();
  auto key = crypto::Ed25519PublicKey::FromBytes(voice);
  if (!key.ok()) return Malformed();
  return RecoveryBody{commitment, *std::move(key)};
}

}  // namespace limpid::vault
