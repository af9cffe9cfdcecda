// What differs between two contents of an agreement, field by field, and
// whether it asks for more than the person agreed to. Computed: what the author
// calls it does not matter. Pure; knows no version, no record, no date.
// docs/formats/agreement-diff.md

#ifndef LIMPID_CONSENT_AGREEMENT_MATERIAL_CHANGE_H_
#define LIMPID_CONSENT_AGREEMENT_MATERIAL_CHANGE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "consent/agreement/agreement.h"
#include "consent/purpose/purposes.h"

namespace limpid::consent {

// Sent: append, never renumber.
enum class ChangeKind : std::uint8_t {
  // More than before: more data, purposes, hands, time or uses.
  kWidened = 1,
  // Less than before.
  kNarrowed = 2,
  // Neither contains the other, or it cannot be computed: asks again.
  kReplaced = 3,
  // Other words or another order for the same thing.
  kReworded = 4,
};

// Whether a change of this kind needs a new consent: everything that is not
// provably the same or less.
[[nodiscard]] constexpr bool IsMaterial(ChangeKind kind) {
  return kind == ChangeKind::kWidened || kind == ChangeKind::kReplaced;
}

struct AgreementChange {
  // Field path, "lines[2].form"; positions are those of the later content, of
  // the earlier one for what is gone.
  std::string path;
  ChangeKind kind = ChangeKind::kReworded;
  // One plain English sentence for the person.
  std::string sentence;

  [[nodiscard]] bool material() const { return IsMaterial(kind); }

  friend bool operator==(const AgreementChange&,
                         const AgreementChange&) = default;
};

// Two versions of one agreement.
struct AgreementDiff {
  std::vector<AgreementChange> changes;
  // RFC 6902, from one canonical text to the other.
  std::string patch_json;
};

// Every difference, in the order of the fields. Empty exactly when the contents
// are equal. A purpose is narrower only by the taxonomy's closure; a purpose
// that the taxonomy does not know is new.
std::vector<AgreementChange> CompareContents(const AgreementContent& from,
                                             const AgreementContent& to,
                                             const Purposes& purposes);

[[nodiscard]] bool HasMaterialChange(
    const std::vector<AgreementChange>& changes);
// The same as HasMaterialChange of CompareContents.
[[nodiscard]] bool IsMaterialChange(const AgreementContent& from,
                                    const AgreementContent& to,
                                    const Purposes& purposes);

// "widened", "narrowed", "replaced", "reworded".
std::string_view ChangeKindName(ChangeKind kind);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_AGREEMENT_MATERIAL_CHANGE_H_
