#include "vault/erasure/tombstone_file.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "common/base/status_macros.h"
#include "common/crypto/chained_file.h"

namespace limpid::vault {
namespace {

constexpr crypto::ChainedFormat kFormat = {
    "limpid/vault/tombstones/1", "limpid/vault/tombstone/1", kTombstoneBytes,
    "the file of tombstones",    "what was erased",
};

class ChainedTombstones final : public TombstoneFile {
 public:
  absl::Status Open(const std::filesystem::path& path, base::SecretBytes key,
                    const Blinder& blinder, std::uint64_t known) {
    LIMPID_ASSIGN_OR_RETURN(
        file_, crypto::ChainedFile::Open(
                   path, std::move(key), kFormat,
                   [&](base::ByteView body) -> absl::Status {
                     LIMPID_ASSIGN_OR_RETURN(const Tombstone tombstone,
                                             DecodeTombstone(body, blinder));
                     if (tombstone.sequence != last() + 1) {
                       return absl::DataLossError("a gap");
                     }
                     // One that the store has is of use as the last alone.
                     if (last() < known) kept_.clear();
                     kept_.push_back(tombstone);
                     return absl::OkStatus();
                   }));
    return absl::OkStatus();
  }

  [[nodiscard]] std::uint64_t last() const override {
    return kept_.empty() ? 0 : kept_.back().sequence;
  }
  [[nodiscard]] bool fresh() const override { return file_->fresh(); }
  absl::Status Settle() override {
    LIMPID_RETURN_IF_ERROR(file_->Settle());
    settled_ = true;
    KeepLast();
    return absl::OkStatus();
  }
  [[nodiscard]] std::vector<Tombstone> After(
      std::uint64_t after) const override {
    const auto first = std::find_if(
        kept_.begin(), kept_.end(),
        [&](const Tombstone& one) { return one.sequence > after; });
    return {first, kept_.end()};
  }

  absl::Status Append(std::span<const Tombstone> tombstones) override {
    std::vector<base::Bytes> bodies;
    bodies.reserve(tombstones.size());
    std::uint64_t expected = last() + 1;
    for (const Tombstone& tombstone : tombstones) {
      if (tombstone.sequence != expected++) {
        return absl::InvalidArgumentError(
            "the file of tombstones would have a gap");
      }
      bodies.push_back(EncodeTombstone(tombstone));
    }
    LIMPID_RETURN_IF_ERROR(file_->Append(bodies));
    kept_.insert(kept_.end(), tombstones.begin(), tombstones.end());
    if (settled_) KeepLast();
    return absl::OkStatus();
  }

 private:
  void KeepLast() {
    if (kept_.empty()) return;
    // Gives the memory back, too.
    kept_ = std::vector<Tombstone>{kept_.back()};
  }

  std::unique_ptr<crypto::ChainedFile> file_;
  // The newest, without gaps.
  std::vector<Tombstone> kept_;
  bool settled_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TombstoneFile>> OpenTombstoneFile(
    const std::filesystem::path& path, base::SecretBytes key,
    const Blinder& blinder, std::uint64_t known) {
  auto out = std::make_unique<ChainedTombstones>();
  LIMPID_RETURN_IF_ERROR(out->Open(path, std::move(key), blinder, known));
  return out;
}

}  // namespace limpid::vault
