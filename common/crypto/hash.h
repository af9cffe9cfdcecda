// Hashes, keyed hashes and key derivation. SHA-256 comes from OpenSSL (fetched
// once, contexts reused per thread), BLAKE2b from libsodium. Parts are joined
// without separators: write anything of variable length with base::ByteWriter
// first. All functions are thread-safe.

#ifndef LIMPID_COMMON_CRYPTO_HASH_H_
#define LIMPID_COMMON_CRYPTO_HASH_H_

#include <cstddef>
#include <initializer_list>
#include <memory>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"

namespace limpid::crypto {

// Most bytes HkdfSha256 gives: 255 blocks (RFC 5869 section 2.3).
inline constexpr std::size_t kMaxHkdfBytes = std::size_t{255} * 32;

// FIPS 180-4 SHA-256.
base::Digest32 Sha256(base::ByteView bytes);
base::Digest32 Sha256(std::initializer_list<base::ByteView> parts);

// SHA-256 of a stream. Thread-compatible.
class Sha256Hasher {
 public:
  Sha256Hasher();
  ~Sha256Hasher();
  Sha256Hasher(Sha256Hasher&& other) noexcept;
  Sha256Hasher& operator=(Sha256Hasher&& other) noexcept;
  Sha256Hasher(const Sha256Hasher&) = delete;
  Sha256Hasher& operator=(const Sha256Hasher&) = delete;

  void Update(base::ByteView bytes);
  // The digest of everything since the start or the last Finish; starts anew.
  base::Digest32 Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// RFC 2104 HMAC with SHA-256. The key may have any length.
base::Digest32 HmacSha256(base::ByteView key,
                          std::initializer_list<base::ByteView> parts);

// RFC 7693 BLAKE2b with 32 bytes of output.
base::Digest32 Blake2b256(std::initializer_list<base::ByteView> parts);
// The same, keyed. Keys of 16 to 64 bytes; another length aborts.
base::Digest32 KeyedBlake2b256(const base::SecretBytes& key,
                               std::initializer_list<base::ByteView> parts);

// RFC 5869 HKDF with SHA-256, extract and expand. An empty salt means 32 zero
// bytes.
//
// Errors:
//   kInvalidArgument  `size` is over kMaxHkdfBytes.
absl::StatusOr<base::SecretBytes> HkdfSha256(base::ByteView key_material,
                                             base::ByteView salt,
                                             base::ByteView info,
                                             std::size_t size);

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_HASH_H_
