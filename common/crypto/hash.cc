#include "common/crypto/hash.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/check.h"

namespace limpid::crypto {
namespace {

using base::ByteView;
using base::Digest32;
using base::SecretAccess;
using base::SecretBytes;

// The block size that HMAC pads its key to (RFC 2104 section 2).
constexpr std::size_t kSha256BlockBytes = 64;
constexpr std::size_t kDigestBytes = 32;

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<EVP_MD_CTX, ContextDeleter>;

// Fetching costs microseconds and locks, so it happens once per process. Never
// freed: hashes may run until the very end.
const EVP_MD* FetchedSha256() {
  static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  LIMPID_CHECK(md != nullptr);
  return md;
}

ContextPtr NewContext() {
  ContextPtr context(EVP_MD_CTX_new());
  LIMPID_CHECK(context != nullptr);
  return context;
}

void Begin(EVP_MD_CTX* context) {
  LIMPID_CHECK(EVP_DigestInit_ex2(context, FetchedSha256(), nullptr) == 1);
}

void Add(EVP_MD_CTX* context, ByteView bytes) {
  if (bytes.empty()) return;
  LIMPID_CHECK(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1);
}

Digest32 End(EVP_MD_CTX* context) {
  Digest32 out{};
  LIMPID_CHECK(EVP_DigestFinal_ex(context, out.data(), nullptr) == 1);
  return out;
}

// The context of one-shot calls on this thread. Never in use across a call.
EVP_MD_CTX* ThreadContext() {
  thread_local const ContextPtr context = NewContext();
  return context.get();
}

void AddBlake(crypto_generichash_state& state,
              std::initializer_list<ByteView> parts) {
  for (const ByteView part : parts) {
    crypto_generichash_update(&state, part.data(), part.size());
  }
}

}  // namespace

Digest32 Sha256(ByteView bytes) { return Sha256({bytes}); }

Digest32 Sha256(std::initializer_list<ByteView> parts) {
  EVP_MD_CTX* const context = ThreadContext();
  Begin(context);
  for (const ByteView part : parts) Add(context, part);
  return End(context);
}

struct Sha256Hasher::Context {
  ContextPtr md = NewContext();
};

Sha256Hasher::Sha256Hasher() : context_(std::make_unique<Context>()) {
  Begin(context_->md.get());
}
Sha256Hasher::~Sha256Hasher() = default;
Sha256Hasher::Sha256Hasher(Sha256Hasher&&) noexcept = default;
Sha256Hasher& Sha256Hasher::operator=(Sha256Hasher&&) noexcept = default;

void Sha256Hasher::Update(ByteView bytes) { Add(context_->md.get(), bytes); }

Digest32 Sha256Hasher::Finish() {
  const Digest32 out = End(context_->md.get());
  Begin(context_->md.get());
  return out;
}

Digest32 HmacSha256(ByteView key, std::initializer_list<ByteView> parts) {
  constexpr std::uint8_t kInnerPad = 0x36;
  constexpr std::uint8_t kOuterPad = 0x5C;
  std::array<std::uint8_t, kSha256BlockBytes> pad{};
  if (key.size() > pad.size()) {
    const Digest32 hashed = Sha256(key);
    std::copy(hashed.begin(), hashed.end(), pad.begin());
  } else {
    std::copy(key.begin(), key.end(), pad.begin());
  }
  EVP_MD_CTX* const context = ThreadContext();
  for (std::uint8_t& byte : pad) byte ^= kInnerPad;
  Begin(context);
  Add(context, pad);
  for (const ByteView part : parts) Add(context, part);
  const Digest32 inner = End(context);
  for (std::uint8_t& byte : pad) byte ^= kInnerPad ^ kOuterPad;
  Begin(context);
  Add(context, pad);
  Add(context, inner);
  base::Wipe(pad);
  return End(context);
}

Digest32 Blake2b256(std::initializer_list<ByteView> parts) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, kDigestBytes);
  AddBlake(state, parts);
  Digest32 out{};
  crypto_generichash_final(&state, out.data(), out.size());
  return out;
}

Digest32 KeyedBlake2b256(const SecretBytes& key,
                         std::initializer_list<ByteView> parts) {
  const ByteView raw = key.Reveal(SecretAccess::Get());
  LIMPID_CHECK(raw.size() >= crypto_generichash_KEYBYTES_MIN &&
               raw.size() <= crypto_generichash_KEYBYTES_MAX);
  crypto_generichash_state state;
  crypto_generichash_init(&state, raw.data(), raw.size(), kDigestBytes);
  AddBlake(state, parts);
  Digest32 out{};
  crypto_generichash_final(&state, out.data(), out.size());
  sodium_memzero(&state, sizeof(state));
  return out;
}

absl::StatusOr<SecretBytes> HkdfSha256(ByteView key_material, ByteView salt,
                                       ByteView info, std::size_t size) {
  if (size > kMaxHkdfBytes) {
    return absl::InvalidArgumentError("HKDF gives at most 8160 bytes");
  }
  const Digest32 zero_salt{};
  Digest32 pseudorandom_key =
      HmacSha256(salt.empty() ? ByteView(zero_salt) : salt, {key_material});
  SecretBytes out(size);
  const std::span<std::uint8_t> room = out.RevealMutable(SecretAccess::Get());
  Digest32 block{};
  for (std::size_t done = 0; done < size;) {
    const auto counter =
        static_cast<std::uint8_t>(done / kDigestBytes + 1);  // T(1), T(2), ...
    const ByteView previous = done == 0 ? ByteView() : ByteView(block);
    block = HmacSha256(pseudorandom_key, {previous, info, {&counter, 1}});
    const std::size_t take = std::min(kDigestBytes, size - done);
    std::copy_n(block.begin(), take, room.begin() + std::ptrdiff_t(done));
    done += take;
  }
  base::Wipe(block);
  base::Wipe(pseudorandom_key);
  return out;
}

}  // namespace limpid::crypto
