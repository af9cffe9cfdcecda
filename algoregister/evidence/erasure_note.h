// What stays of an evidence bundle that was erased, as a file: whoever verifies
// without a register is told "erased" by it, and not "no bundle".
// docs/formats/evidence-bundle.md

#ifndef LIMPID_ALGOREGISTER_EVIDENCE_ERASURE_NOTE_H_
#define LIMPID_ALGOREGISTER_EVIDENCE_ERASURE_NOTE_H_

#include <optional>
#include <string>
#include <string_view>

#include "common/json/value.h"

namespace limpid::algoregister::evidence {

inline constexpr std::string_view kErasureFormat = "limpid-evidence-erasure/1";

// The register's word: nothing in it is signed.
struct ErasureNote {
  // "sha256:..." of the bytes that are gone.
  std::string digest;
  // As base::TimeText.
  std::string time;
  std::string ground;
  // "administrator".
  std::string role;

  friend bool operator==(const ErasureNote&, const ErasureNote&) = default;
};

json::Value ToJson(const ErasureNote& note);

// None for anything that is not such a note, whole and with no other member.
std::optional<ErasureNote> ReadErasureNote(std::string_view bytes);

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_ALGOREGISTER_EVIDENCE_ERASURE_NOTE_H_
