#include "common/base/secret.h"

#include <sodium.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/check.h"

namespace limpid::base {
namespace {

// Most secrets are 32-byte keys or 64-byte signing keys; both fit one slot.
constexpr std::size_t kSlotBytes = 64;
// One chunk is 32 KiB, so that the 8 MiB memlock limit of ordinary users holds
// some 200 chunks (100,000 live keys).
constexpr std::size_t kSlotsPerChunk = 512;

// Free slots of locked memory. Lives until the process ends, because secrets
// in static objects may outlive any other order of destruction.
class SlotPool {
 public:
  static SlotPool& Instance() {
    static auto* const pool = new SlotPool;
    return *pool;
  }

  // The library is ready before its guarded memory is used, whoever is first.
  SlotPool() { LIMPID_CHECK(sodium_init() >= 0); }

  // Null when locked memory is exhausted.
  std::uint8_t* Take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty() && !Grow()) return nullptr;
    std::uint8_t* const slot = free_.back();
    free_.pop_back();
    return slot;
  }

  void Give(std::uint8_t* slot) {
    sodium_memzero(slot, kSlotBytes);
    const std::lock_guard lock(mutex_);
    free_.push_back(slot);
  }

 private:
  bool Grow() {
    constexpr std::size_t kChunkBytes = kSlotBytes * kSlotsPerChunk;
    // sodium_malloc ignores a failing mlock; ask for it and look.
    auto* const chunk = static_cast<std::uint8_t*>(sodium_malloc(kChunkBytes));
    if (chunk == nullptr) return false;
    if (sodium_mlock(chunk, kChunkBytes) != 0) {
      sodium_free(chunk);
      return false;
    }
    sodium_memzero(chunk, kChunkBytes);
    const std::span<std::uint8_t> slots(chunk, kChunkBytes);
    for (std::size_t at = 0; at < slots.size(); at += kSlotBytes) {
      free_.push_back(&slots[at]);
    }
    return true;
  }

  std::mutex mutex_;
  std::vector<std::uint8_t*> free_;
};

std::uint8_t* Allocate(std::size_t size) {
  if (size == 0) return nullptr;
  SlotPool& pool = SlotPool::Instance();
  if (size <= kSlotBytes) return pool.Take();
  return static_cast<std::uint8_t*>(sodium_malloc(size));
}

void Release(std::uint8_t* data, std::size_t size) {
  if (data == nullptr) return;
  if (size <= kSlotBytes) {
    SlotPool::Instance().Give(data);
  } else {
    sodium_free(data);  // Wipes.
  }
}

}  // namespace

SecretBytes::SecretBytes(std::size_t size)
    : data_(Allocate(size)), size_(size) {
  LIMPID_CHECK(size == 0 || data_ != nullptr);
  if (size != 0) sodium_memzero(data_, size);
}

SecretBytes SecretBytes::Copy(ByteView bytes) {
  SecretBytes out(bytes.size());
  std::copy(bytes.begin(), bytes.end(), out.data_);
  return out;
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    Release(data_, size_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

SecretBytes::~SecretBytes() { Release(data_, size_); }

SecretBytes SecretBytes::Clone() const { return Copy({data_, size_}); }

void Wipe(std::span<std::uint8_t> bytes) {
  sodium_memzero(bytes.data(), bytes.size());
}

void Wipe(std::string& text) { sodium_memzero(text.data(), text.size()); }

absl::Status ProtectProcessMemory() {
  if (sodium_init() < 0) {
    return absl::InternalError("libsodium could not be initialised");
  }
  const rlimit no_core{0, 0};
  if (setrlimit(RLIMIT_CORE, &no_core) != 0 ||
      prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return absl::FailedPreconditionError(
        "core dumps could not be switched off");
  }
  std::uint8_t* const slot = SlotPool::Instance().Take();
  if (slot == nullptr) {
    return absl::FailedPreconditionError(
        "key memory cannot be locked; raise the memlock limit (ulimit -l, or "
        "LimitMEMLOCK= in the systemd unit) to 8 MiB or more");
  }
  SlotPool::Instance().Give(slot);
  return absl::OkStatus();
}

}  // namespace limpid::base
