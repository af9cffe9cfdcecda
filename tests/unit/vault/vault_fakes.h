// What stands in for keys, log and the file of tombstones in tests of the
// vault.

#ifndef LIMPID_TESTS_UNIT_VAULT_VAULT_FAKES_H_
#define LIMPID_TESTS_UNIT_VAULT_VAULT_FAKES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"
#include "vault/erasure/tombstone_file.h"
#include "vault/keys/ids.h"
#include "vault/keys/kek_source.h"
#include "vault/log/vault_log.h"

namespace limpid::vault {

// `first`, `first` + 1, ... as the format pages write them.
template <std::size_t N>
base::ByteArray<N> Counting(std::uint8_t first) {
  base::ByteArray<N> out{};
  for (std::size_t i = 0; i < N; ++i) {
    out[i] = static_cast<std::uint8_t>(first + i);
  }
  return out;
}

inline base::SecretBytes CountingKey(std::uint8_t first) {
  return base::SecretBytes::Copy(Counting<32>(first));
}

inline const Identity& ExampleIdentity() {
  static const Identity identity{"limpid.example",
                                 SourceId(Counting<16>(0xa0))};
  return identity;
}

// Gives the same bytes for ever, like a machine cloned again and again.
class RepeatingRandom final : public crypto::RandomSource {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = 7;
  }
};

// Keys that follow from epoch and name; those `destroyed`, or up to
// `destroyed_up_to`, are gone.
class FakeKeks final : public KekSource {
 public:
  [[nodiscard]] std::uint32_t current_epoch() const override { return epoch; }
  absl::StatusOr<base::SecretBytes> Kek(std::uint32_t which) const override {
    if (which == destroyed || which <= destroyed_up_to ||
        gone.contains(which)) {
      return absl::NotFoundError("destroyed");
    }
    if (which == 5) return CountingKey(0x40);
    return Named2("kek" + std::to_string(which));
  }
  [[nodiscard]] std::vector<std::uint32_t> epochs() const override {
    std::vector<std::uint32_t> out;
    for (std::uint32_t which = 1; which <= epoch; ++which) {
      if (Kek(which).ok()) out.push_back(which);
    }
    return out;
  }
  absl::StatusOr<std::uint32_t> AddEpoch() override {
    if (fail) return absl::UnavailableError("down");
    return ++epoch;
  }
  absl::Status DestroyKek(std::uint32_t which) override {
    if (fail) return absl::UnavailableError("down");
    gone.insert(which);
    return absl::OkStatus();
  }
  absl::StatusOr<base::SecretBytes> Named(std::string_view name) override {
    if (name == kIndexKeyName) return CountingKey(0x80);
    return Named2(name);
  }

  // Read by others while one starts an epoch.
  std::atomic<std::uint32_t> epoch = 5;
  std::uint32_t destroyed = 0;
  std::uint32_t destroyed_up_to = 0;
  std::set<std::uint32_t> gone;
  bool fail = false;

 private:
  static base::SecretBytes Named2(std::string_view name) {
    return base::SecretBytes::Copy(crypto::Sha256(base::AsBytes(name)));
  }
};

// A tombstone file without a disk. `stones` are what would be on it.
class FakeTombstones final : public TombstoneFile {
 public:
  [[nodiscard]] std::uint64_t last() const override { return stones.size(); }
  [[nodiscard]] bool fresh() const override { return false; }
  absl::Status Settle() override { return absl::OkStatus(); }
  [[nodiscard]] std::vector<Tombstone> After(
      std::uint64_t after) const override {
    if (after >= stones.size()) return {};
    return {stones.begin() + static_cast<std::ptrdiff_t>(after), stones.end()};
  }
  absl::Status Append(std::span<const Tombstone> more) override {
    if (fail) return absl::UnavailableError("down");
    stones.insert(stones.end(), more.begin(), more.end());
    return absl::OkStatus();
  }

  std::vector<Tombstone> stones;
  bool fail = false;
};

// A log without a tree.
class FakeLog final : public VaultLog {
 public:
  [[nodiscard]] std::uint64_t size() const override { return leaves.size(); }
  absl::Status Append(std::span<const base::Bytes> more) override {
    if (fail) return absl::UnavailableError("down");
    leaves.insert(leaves.end(), more.begin(), more.end());
    return absl::OkStatus();
  }
  absl::StatusOr<LeafProof> Prove(std::uint64_t index) const override {
    return LeafProof{index, {}, "checkpoint"};
  }
  absl::StatusOr<base::Bytes> Leaf(std::uint64_t index) const override {
    return leaves.at(index);
  }

  std::vector<base::Bytes> leaves;
  bool fail = false;
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_VAULT_FAKES_H_
