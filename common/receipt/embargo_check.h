// Judges what an operator shows a person of accesses that were under embargo:
// whether any was added, changed or left out. Pure; the same answer for
// everybody who has the same. docs/formats/embargo.md

#ifndef LIMPID_COMMON_RECEIPT_EMBARGO_CHECK_H_
#define LIMPID_COMMON_RECEIPT_EMBARGO_CHECK_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/embargo.h"

namespace limpid::receipt {

// From the last date on which an entry's commitment may be closed to the alarm:
// time for an operator who was down.
inline constexpr absl::Duration kEmbargoGrace = absl::Hours(24);

// An entry of the visible log, and what it committed to as far as it was
// opened.
struct ShownEntry {
  std::uint64_t sequence = 0;
  // As the chain has it that leads to the signed head.
  base::Digest32 commitment{};
  // Encoded; empty when its content is gone.
  base::Bytes entry;
  base::ByteArray<32> opening{};
  std::vector<EmbargoStep> steps;
};

// An entry that was under embargo.
struct ToldEntry {
  base::ByteArray<16> log{};
  std::uint16_t days = 0;
  absl::Time until;
  base::Bytes entry;
  base::ByteArray<32> opening{};
  // Days and basis of the agreement that the person signed for its record.
  std::uint32_t agreed_days = 0;
  LegalBasis agreed_basis = LegalBasis::kConsent;
  // Told after the visible log was read: nothing there need open to it yet.
  bool late = false;
};

struct EmbargoFindings {
  // Told entries that a visible one committed to, before anybody knew when she
  // would look.
  std::uint64_t proven_count = 0;
  // Told entries that were committed to in an entry whose content is gone.
  std::uint64_t unproven_count = 0;
  // Visible entries that opened to their end: nothing else came before them.
  std::uint64_t complete_count = 0;
  // Visible entries that need not open to their end yet.
  std::uint64_t closed_count = 0;
  // Visible entries whose content is gone: what they committed to with it.
  std::uint64_t erased_count = 0;
  // Sentences, each with the number of an entry: something was added, changed,
  // left out or kept too long.
  std::vector<std::string> alarms;
};

// `visible` has every entry of the log, in order from 1; its chain was checked
// before. `told` in any order.
EmbargoFindings CheckEmbargo(std::span<const ShownEntry> visible,
                             std::span<const ToldEntry> told, absl::Time now);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_EMBARGO_CHECK_H_
