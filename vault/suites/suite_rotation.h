// Seals stored values anew with the suite that the vault is configured for,
// while everything goes on: a fresh key for each, the same value inside.
// Touches what the vault itself can open and counts the rest.
// docs/formats/attribute-record.md, "Sealed anew"

#ifndef LIMPID_VAULT_SUITES_SUITE_ROTATION_H_
#define LIMPID_VAULT_SUITES_SUITE_ROTATION_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/aead.h"
#include "vault/core.h"
#include "vault/erasure/eraser.h"

namespace limpid::vault {

// What became of the kept versions that a call looked at, each counted once.
struct SuitePass {
  std::uint64_t resealed = 0;
  // Were as a put writes them now.
  std::uint64_t current = 0;
  // Their keys are sealed to the key agent, which opens them for a permit or
  // for their person, and for no rotation.
  std::uint64_t with_agent = 0;
  // Of custody sealed, in whatever suite: their person's devices open them.
  std::uint64_t with_devices = 0;
  // Do not open, are not what their act says, or cannot be stored; stay as they
  // are.
  std::uint64_t damaged = 0;
  // Erased or moved between two looks, or to be erased. What is left of them is
  // found by another run.
  std::uint64_t changed = 0;
  // The shard to go on with; none when nothing is left.
  std::optional<std::uint16_t> next_shard;
};

// Thread-safe: calls at the same time do no harm and count twice. Blocks on the
// stores.
class SuiteRotation {
 public:
  // Versions looked at under one hold of their owner's lock.
  static constexpr std::size_t kPage = 64;
  // After so many bytes of payloads a transaction ends: about four of the
  // largest values, held in memory meanwhile.
  static constexpr std::size_t kTransactionBytes = std::size_t{1} << 20U;
  // Of one call: more than this is one fault, and the count says how large.
  static constexpr std::size_t kMostTold = 100;

  // Is given the row id of a version that was found damaged, at most kMostTold
  // in a call. The id is random and names a person to who has the store alone.
  using Alarm = std::function<void(const crypto::KeyId& row)>;

  // Both must outlive it.
  SuiteRotation(VaultCore& core, Eraser& eraser, Alarm alarm)
      : core_(core), eraser_(eraser), alarm_(std::move(alarm)) {}

  // Looks at every kept version of the persons of `first` and the shards after
  // it, a whole shard at least, until `enough` says so between two shards.
  //
  // A version that is not as a put would write it now (RecordCodec::IsCurrent)
  // is opened, compared with what the vault's log says of its payload, sealed
  // anew, opened again and compared; then, in one transaction with an act that
  // says so, it takes the place of the old one, if that is still what was
  // looked at. Killed anywhere, a version is either as before or sealed anew;
  // calling again finds what is left. Before the call with no next shard
  // answers, the old ciphertext has left the files that the engine can rewrite.
  //
  // Errors: those of the stores, and
  //   kUnavailable  Stop was called.
  absl::StatusOr<SuitePass> Run(std::uint16_t first,
                                const std::function<bool()>& enough);

  // Ends running calls after the page they are at, and later ones at once.
  void Stop() { stopped_ = true; }

  [[nodiscard]] crypto::Suite suite() const { return core_.keys().suite(); }

 private:
  // A version as it was read and as it is to be.
  struct Draft {
    AttributeRow was;
    AttributeRow now;
    std::string attribute;
  };
  // Counts of one call.
  struct Progress {
    SuitePass pass;
    std::size_t told = 0;
  };

  absl::Status RotateOwner(const Owner& owner, Progress& progress);
  absl::Status RotatePage(const Owner& owner,
                          std::span<const AttributeRow> heads,
                          Progress& progress);
  // Errors:
  //   kDataLoss, kNotFound  it is damaged, or its key is not there.
  //   kFailedPrecondition   the key agent has its key.
  //   kAborted              it is not kept any more.
  absl::StatusOr<Draft> DraftOf(const AttributeRow& head);
  // Whether the newest act on the payload of `row` is of this payload.
  absl::Status CheckLogged(const AttributeRow& row);
  // Empties `drafts`.
  absl::Status Store(const Owner& owner, std::vector<Draft>& drafts,
                     Progress& progress);
  // In one transaction. kDataLoss: nothing was stored.
  absl::Status StoreSome(const Owner& owner, std::span<const Draft> drafts,
                         Progress& progress);
  // Whether `draft` took its place.
  absl::StatusOr<bool> StoreOne(VaultTransaction& transaction,
                                const PersonKey& key, const Draft& draft,
                                absl::Time now);
  void Damaged(const crypto::KeyId& row, Progress& progress);

  VaultCore& core_;
  Eraser& eraser_;
  const Alarm alarm_;
  std::atomic<bool> stopped_ = false;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_SUITES_SUITE_ROTATION_H_
