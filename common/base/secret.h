// SecretBytes holds key material: move-only, wiped when it goes, compared in
// constant time, never printed. Its memory is locked, kept out of core dumps
// and guarded (libsodium); small secrets share pooled pages, because a guarded
// page of its own costs 13 us.

#ifndef LIMPID_COMMON_BASE_SECRET_H_
#define LIMPID_COMMON_BASE_SECRET_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::base {

// Proof that a caller means to touch raw key bytes. Grep for it in review.
class SecretAccess {
 public:
  static SecretAccess Get() { return {}; }

 private:
  SecretAccess() = default;
};

class SecretBytes {
 public:
  // Empty; holds nothing.
  SecretBytes() = default;
  // `size` zero bytes. Aborts when locked memory is exhausted:
  // LockSecretMemory at start has proven that it is there.
  explicit SecretBytes(std::size_t size);
  // A copy of `bytes`. The caller wipes its own.
  static SecretBytes Copy(ByteView bytes);

  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  [[nodiscard]] SecretBytes Clone() const;
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] ByteView Reveal(SecretAccess /*token*/) const {
    return {data_, size_};
  }
  [[nodiscard]] std::span<std::uint8_t> RevealMutable(SecretAccess /*token*/) {
    return {data_, size_};
  }
  // Constant time in the contents.
  friend bool operator==(const SecretBytes& left, const SecretBytes& right) {
    return ConstantTimeEqual({left.data_, left.size_},
                             {right.data_, right.size_});
  }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

// Overwrites `bytes` with zeros that the compiler may not leave out.
void Wipe(std::span<std::uint8_t> bytes);
void Wipe(std::string& text);

// Called once by every main before any secret exists: initialises libsodium,
// sets RLIMIT_CORE to 0, makes the process not dumpable, and proves that the
// secret pool can be locked into memory.
//
// Errors:
//   kFailedPrecondition  memory cannot be locked; the message says which limit
//                        (memlock) to raise.
absl::Status ProtectProcessMemory();

}  // namespace limpid::base

#endif  // LIMPID_COMMON_BASE_SECRET_H_
