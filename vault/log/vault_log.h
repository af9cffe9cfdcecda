// The port to the vault's public log, and its implementation on common/tlog.
// Leaves are commitments; the log knows nothing of acts.

#ifndef LIMPID_VAULT_LOG_VAULT_LOG_H_
#define LIMPID_VAULT_LOG_VAULT_LOG_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::tlog {
class Log;
}  // namespace limpid::tlog

namespace limpid::vault {

struct LeafProof {
  std::uint64_t index = 0;
  // RFC 9162 order.
  std::vector<base::Digest32> hashes;
  // The signed note the path leads to.
  std::string checkpoint;
};

// Thread-safe.
class VaultLog {
 public:
  virtual ~VaultLog() = default;
  VaultLog(const VaultLog&) = delete;
  VaultLog& operator=(const VaultLog&) = delete;

  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // All of `leaves` at the end, durable and signed for on return, or none.
  virtual absl::Status Append(std::span<const base::Bytes> leaves) = 0;
  // Errors:
  //   kInvalidArgument  `index` is not below size().
  virtual absl::StatusOr<LeafProof> Prove(std::uint64_t index) const = 0;
  virtual absl::StatusOr<base::Bytes> Leaf(std::uint64_t index) const = 0;

 protected:
  VaultLog() = default;
};

class TlogVaultLog final : public VaultLog {
 public:
  // `log` must outlive this object and be used by nothing else.
  explicit TlogVaultLog(tlog::Log& log) : log_(log) {}

  [[nodiscard]] std::uint64_t size() const override;
  absl::Status Append(std::span<const base::Bytes> leaves) override;
  absl::StatusOr<LeafProof> Prove(std::uint64_t index) const override;
  absl::StatusOr<base::Bytes> Leaf(std::uint64_t index) const override;

 private:
  tlog::Log& log_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_LOG_VAULT_LOG_H_
