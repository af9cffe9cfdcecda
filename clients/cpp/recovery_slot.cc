#include "clients/cpp/recovery_slot.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/aead.h"
#include "common/crypto/hash.h"

namespace limpid::client {
namespace {

constexpr std::string_view kSlotLabel = "limpid/vault/slot/recovery/2";
constexpr std::string_view kBindingLabel = "limpid/vault/recovery-binding/1";
constexpr std::string_view kCommitmentLabel =
    "limpid/vault/recovery-key-commitment/1";
constexpr std::string_view kKeyIdLabel = "limpid/vault/recovery-key-id/1";
constexpr std::string_view kVoiceLabel = "limpid/vault/recovery-voice/1";
constexpr std::string_view kAllowLabel = "limpid/vault/recovery-allow/1";
constexpr std::uint8_t kSealedCustody = 2;
constexpr crypto::Suite kSuite = crypto::Suite::kXChaCha20Poly1305;

absl::Status Broken() {
  return absl::DataLossError("the vault's recovery slot does not open here");
}

base::Bytes Binding(const SealedHome& home, const SlotPlace& place,
                    const crypto::Ed25519PublicKey& voice, std::uint8_t suite) {
  base::ByteWriter writer(kBindingLabel);
  return writer.U8(suite)
      .Lp(home.operator_name)
      .Raw(home.source)
      .Raw(home.holder)
      .U8(kSealedCustody)
      .U32(place.generation)
      .Raw(place.key_id)
      .Raw(place.slot_id)
      .Raw(voice.bytes)
      .Take();
}

crypto::KeyId KeyIdOf(const base::Digest32& commitment) {
  base::ByteWriter writer(kKeyIdLabel);
  const base::Digest32 digest = crypto::Sha256(writer.Raw(commitment).bytes());
  crypto::KeyId out{};
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

}  // namespace

base::SecretBytes MakeRecoveryKey(const SealedHome& home, const SealedKey& key,
                                  crypto::RandomSource& random) {
  // Bound to whose and which key, so that repeated randomness does not give two
  // persons one recovery key; the sealed key itself goes in as the secret that
  // a cloned machine does not share.
  base::ByteWriter bound("limpid/vault/recovery-key/1");
  bound.Lp(home.operator_name)
      .Raw(home.source)
      .Raw(home.holder)
      .U32(key.generation)
      .Raw(key.id);
  return crypto::HedgedKey("vault-recovery-key", bound.bytes(),
                           key.key.Reveal(base::SecretAccess::Get()), random);
}

base::Digest32 RecoveryCommitment(const SealedHome& home,
                                  const base::SecretBytes& recovery_key) {
  base::ByteWriter writer(kCommitmentLabel);
  writer.Raw(home.source).Raw(home.holder);
  return crypto::Sha256(
      {writer.bytes(), recovery_key.Reveal(base::SecretAccess::Get())});
}

crypto::Ed25519PrivateKey VoiceOf(const SealedKey& key) {
  base::ByteWriter info(kVoiceLabel);
  info.Raw(key.id);
  const auto seed =
      crypto::HkdfSha256(key.key.Reveal(base::SecretAccess::Get()), {},
                         info.bytes(), crypto::kEd25519SeedBytes);
  LIMPID_CHECK(seed.ok());
  auto voice = crypto::Ed25519PrivateKey::FromSeed(*seed);
  LIMPID_CHECK(voice.ok());
  return *std::move(voice);
}

base::Bytes RecoverySlotBody(const SealedHome& home, const SealedKey& key,
                             const base::ByteArray<16>& slot_id,
                             const base::SecretBytes& recovery_key) {
  const base::Digest32 commitment = RecoveryCommitment(home, recovery_key);
  const crypto::Ed25519PublicKey voice = VoiceOf(key).PublicKey();
  const base::Bytes binding = Binding(home, {slot_id, key.generation, key.id},
                                      voice, static_cast<std::uint8_t>(kSuite));
  const base::Bytes wrap = crypto::SealSecret(
      kSuite, recovery_key, KeyIdOf(commitment), binding, key.key);
  base::ByteWriter writer(kSlotLabel);
  return writer.Raw(commitment).Raw(voice.bytes).Lp(wrap).Take();
}

absl::StatusOr<SealedKey> OpenRecoverySlot(
    const SealedHome& home, const SlotPlace& place, base::ByteView body,
    const base::SecretBytes& recovery_key) {
  base::ByteReader reader(body);
  reader.Label(kSlotLabel);
  const auto commitment = reader.Array<32>();
  crypto::Ed25519PublicKey voice;
  voice.bytes = reader.Array<crypto::kEd25519PublicKeyBytes>();
  const base::ByteView wrap = reader.Lp();
  if (!reader.Finish().ok() || recovery_key.size() != kRecoveryKeyBytes) {
    return Broken();
  }
  if (RecoveryCommitment(home, recovery_key) != commitment) {
    return absl::InvalidArgumentError("the slot is of another recovery key");
  }
  SealedKey out;
  out.id = place.key_id;
  out.generation = place.generation;
  auto key = crypto::OpenSecret(
      recovery_key, KeyIdOf(commitment),
      Binding(home, place, voice, wrap.empty() ? std::uint8_t{0} : wrap[0]),
      wrap);
  if (!key.ok() || key->size() != crypto::kAeadKeyBytes) return Broken();
  out.key = *std::move(key);
  if (VoiceOf(out).PublicKey() != voice) return Broken();
  return out;
}

crypto::Ed25519Signature SignAllow(const SealedHome& home, const SealedKey& key,
                                   const base::ByteArray<16>& slot_id,
                                   std::uint64_t number) {
  base::ByteWriter writer(kAllowLabel);
  return VoiceOf(key).Sign(writer.Raw(home.source)
                               .Raw(home.holder)
                               .Raw(slot_id)
                               .U64(number)
                               .bytes());
}

}  // namespace limpid::client
