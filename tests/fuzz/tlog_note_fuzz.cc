// Signed notes and vkeys: what is accepted is written back byte for byte, and
// no note of a stranger verifies under a key it does not carry.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/tlog/note.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace tlog = limpid::tlog;
  const std::string_view text = limpid::base::AsText({data, size});
  const auto note = tlog::ParseNote(text);
  if (note.ok()) {
    LIMPID_CHECK(tlog::FormatNote(*note) == text);
    LIMPID_CHECK(!tlog::VerifyNote(*note, {}).ok());
  }
  const auto verifier = tlog::NoteVerifier::Parse(text);
  if (verifier.ok()) LIMPID_CHECK(verifier->Vkey() == text);
  return 0;
}
