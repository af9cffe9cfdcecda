#include "vault/erasure/tombstone_file.h"

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
                    const Blinder& blinder) {
    LIMPID_ASSIGN_OR_RETURN(
        file_, crypto::ChainedFile::Open(
                   path, std::move(key), kFormat,
                   [&](base::ByteView body) -> absl::Status {
                     LIMPID_ASSIGN_OR_RETURN(const Tombstone tombstone,
                                             DecodeTombstone(body, blinder));
                     if (tombstone.sequence != tombstones_.size() + 1) {
                       return absl::DataLossError("a gap");
                     }
                     tombstones_.push_back(tombstone);
                     return absl::OkStatus();
                   }));
    return absl::OkStatus();
  }

  [[nodiscard]] std::uint64_t last() const override {
    return tombstones_.size();
  }
  [[nodiscard]] bool fresh() const override { return file_->fresh(); }
  absl::Status Settle() override { return file_->Settle(); }
  [[nodiscard]] std::vector<Tombstone> After(
      std::uint64_t after) const override {
    if (after >= tombstones_.size()) return {};
    return {tombstones_.begin() + static_cast<std::ptrdiff_t>(after),
            tombstones_.end()};
  }

  absl::Status Append(std::span<const Tombstone> tombstones) override {
    std::vector<base::Bytes> bodies;
    bodies.reserve(tombstones.size());
    std::uint64_t expected = tombstones_.size() + 1;
    for (const Tombstone& tombstone : tombstones) {
      if (tombstone.sequence != expected++) {
        return absl::InvalidArgumentError(
            "the file of tombstones would have a gap");
      }
      bodies.push_back(EncodeTombstone(tombstone));
    }
    LIMPID_RETURN_IF_ERROR(file_->Append(bodies));
    tombstones_.insert(tombstones_.end(), tombstones.begin(), tombstones.end());
    return absl::OkStatus();
  }

 private:
  std::unique_ptr<crypto::ChainedFile> file_;
  std::vector<Tombstone> tombstones_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TombstoneFile>> OpenTombstoneFile(
    const std::filesystem::path& path, base::SecretBytes key,
    const Blinder& blinder) {
  auto out = std::make_unique<ChainedTombstones>();
  LIMPID_RETURN_IF_ERROR(out->Open(path, std::move(key), blinder));
  return out;
}

}  // namespace limpid::vault
