// Everything of one person as lines, page by page; of one state, or not at all.
// Keeps nothing between two pages: where it was stands in the page token, which
// is hers. docs/formats/export-bundle.md

#ifndef LIMPID_VAULT_PORTABILITY_EXPORTER_H_
#define LIMPID_VAULT_PORTABILITY_EXPORTER_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "vault/attribute/person_acts.h"
#include "vault/attribute/person_vault.h"
#include "vault/core.h"
#include "vault/custody/slot_desk.h"
#include "vault/keys/key_store.h"

namespace limpid::vault {

// Move-only in spirit; wipes its lines when it goes.
struct ExportPage {
  ExportPage() = default;
  ExportPage(ExportPage&& other) noexcept = default;
  ExportPage& operator=(ExportPage&& other) noexcept = default;
  ExportPage(const ExportPage&) = delete;
  ExportPage& operator=(const ExportPage&) = delete;
  ~ExportPage();

  // Without line feeds.
  std::vector<std::string> lines;
  // Empty on the last page.
  base::Bytes next;
  // The act of the export, on the first page.
  std::optional<DoneAct> begun;
};

// Thread-safe. Blocks on the stores.
class Exporter {
 public:
  // A page is full with these; what its last line is longer comes on top.
  static constexpr std::size_t kPageBytes = std::size_t{1} << 20U;
  static constexpr std::size_t kPageLines = 256;
  // How long a token is good for: a token is hers to make and to lose, and what
  // it gives is in the log by the act that it names. 64 MiB in base64 take that
  // long at 200 kbit/s.
  static constexpr absl::Duration kMaxDuration = absl::Hours(1);

  // Both must outlive the exporter.
  Exporter(VaultCore& core, SlotDesk& slots) : core_(core), slots_(slots) {}

  // The page that `token` names; the first one for an empty token, which
  // enters the export in the log before anything is given.
  //
  // Errors:
  //   kInvalidArgument     no token of Page.
  //   kAborted             something was stored or erased since the first page,
  //                        or that was more than kMaxDuration ago, or never.
  //   kFailedPrecondition  everything of hers was erased here.
  //   kResourceExhausted   too many begun today (attribute/act_rate.h).
  //   kDataLoss            something does not open.
  absl::StatusOr<ExportPage> Page(const PersonCaller& caller,
                                  base::ByteView token);

 private:
  // Where the next page begins, and what was kept when the first one did.
  struct Place;

  absl::StatusOr<DoneAct> Begin(const PersonCaller& caller);
  // Whether the act that `place` names is hers, and not too old.
  [[nodiscard]] absl::Status CheckBegun(const Owner& owner,
                                        const Place& place) const;
  absl::Status AddSlots(const PersonCaller& caller, ExportPage& page);
  // One version and, where it changes, its definition. `slots` are all of her
  // sealed key.
  absl::Status AddVersion(const PersonCaller& caller, const NameKey& name,
                          const Place& place, std::span<const SlotRow> slots,
                          ExportPage& page);
  // From `place` on, until the page is full; moves `place`. Done when its
  // attribute is empty.
  absl::Status Fill(const PersonCaller& caller, Place& place, ExportPage& page);

  VaultCore& core_;
  SlotDesk& slots_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_PORTABILITY_EXPORTER_H_
