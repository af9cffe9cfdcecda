// Takes what a person brings from another vault, line by line: creates what is
// not there, leaves what is there already, refuses the rest with a reason.
// Overwrites nothing. docs/formats/export-bundle.md

#ifndef LIMPID_VAULT_PORTABILITY_IMPORTER_H_
#define LIMPID_VAULT_PORTABILITY_IMPORTER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "vault/attribute/person_acts.h"
#include "vault/attribute/person_vault.h"
#include "vault/core.h"
#include "vault/custody/slot_desk.h"
#include "vault/portability/bundle_line.h"

namespace limpid::vault {

struct ImportDraft;

// Numbers are those of limpid.vault.v1.ImportRefusal.
enum class ImportRefusal : std::uint8_t {
  kNone = 0,
  kMalformed = 1,
  kUnknownAttribute = 2,
  kOtherSchema = 3,
  kBreaksSchema = 4,
  kNotSealable = 5,
  kNoSlot = 6,
  kOtherKey = 7,
  kSignature = 8,
  kFuture = 9,
  kOtherValue = 10,
  kGap = 11,
  kLimit = 12,
};

enum class ImportOutcome : std::uint8_t {
  kCreated = 1,
  kUnchanged = 2,
  kRefused = 3,
};

struct ImportLine {
  // Without its line feed. Not copied: whoever has it wipes it.
  std::string_view line;
  // SHA-256 of the line of the version before; zero for version 1 and slots.
  base::Digest32 previous{};
};

struct ImportResult {
  ImportOutcome outcome = ImportOutcome::kRefused;
  ImportRefusal refusal = ImportRefusal::kNone;
  // For people; quotes nothing of the line but names of its format.
  std::string detail;
};

struct ImportAnswer {
  // One for each line, in order.
  std::vector<ImportResult> results;
  // The act of this batch; none when nothing was created.
  std::optional<DoneAct> act;
};

// Thread-safe. Blocks on the stores.
class Importer {
 public:
  // How far the clock of another vault may be ahead.
  static constexpr absl::Duration kMaxSkew = absl::Minutes(5);
  static constexpr std::size_t kMaxBatchLines = 256;

  // Both must outlive the importer.
  Importer(VaultCore& core, SlotDesk& slots) : core_(core), slots_(slots) {}

  // Imports `lines`, in their order. Versions are one transaction; slots come
  // before it one by one, so that a failure leaves only what the same call
  // finds unchanged. `bundle` is the SHA-256 of the bundle's end, for the log.
  //
  // Errors (nothing of the versions was stored):
  //   kInvalidArgument     more than kMaxBatchLines.
  //   kFailedPrecondition  everything of hers was erased here, or she moved
  //                        away.
  //   kUnavailable         her key was rotated meanwhile, or what she keeps was
  //                        changed, again and again.
  //   kDataLoss            something of hers here does not open.
  absl::StatusOr<ImportAnswer> Import(const PersonCaller& caller,
                                      const base::Digest32& bundle,
                                      std::span<const ImportLine> lines);

 private:
  struct Batch;

  [[nodiscard]] ImportDraft DraftOf(const PersonCaller& caller,
                                    const ImportLine& line,
                                    CarriedVersion version) const;
  absl::StatusOr<ImportResult> AddSlot(const PersonCaller& caller,
                                       const ImportLine& line,
                                       const Slot& slot);
  // Makes `drafts` ready and stores them; anew when something of hers was
  // changed in between.
  //
  // Errors: further
  //   kNotFound  her key went meanwhile.
  absl::Status Store(const PersonCaller& caller, const base::Digest32& bundle,
                     std::span<ImportDraft> drafts, ImportAnswer& answer);
  absl::Status StoreIn(Batch& batch, const base::Digest32& bundle,
                       std::span<const ImportDraft> drafts,
                       ImportAnswer& answer);
  absl::StatusOr<ImportResult> AddVersion(Batch& batch,
                                          const ImportDraft& draft);
  // What is against storing it there; nothing if it may be.
  absl::StatusOr<std::optional<ImportResult>> CheckPlace(
      Batch& batch, const ImportDraft& draft);
  // Whether version `draft` - 1 is there with the line that was given.
  static absl::StatusOr<bool> Continues(Batch& batch, const ImportDraft& draft);
  absl::Status Log(Batch& batch, const ImportDraft& draft);
  absl::StatusOr<DoneAct> LogBatch(VaultTransaction& transaction,
                                   const Owner& owner,
                                   const base::Digest32& bundle,
                                   const PersonKey& key, absl::Time now);

  VaultCore& core_;
  SlotDesk& slots_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_PORTABILITY_IMPORTER_H_
