// Proof files: what is accepted has one spelling.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/tlog/proof.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace tlog = limpid::tlog;
  const std::string_view text = limpid::base::AsText({data, size});
  const auto proof = tlog::ParseProof(text);
  if (proof.ok()) LIMPID_CHECK(tlog::FormatProof(*proof) == text);
  return 0;
}
