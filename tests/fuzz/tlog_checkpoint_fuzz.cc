// Checkpoint texts: what is accepted has one spelling.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/tlog/checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace tlog = limpid::tlog;
  const std::string_view text = limpid::base::AsText({data, size});
  const auto checkpoint = tlog::ParseCheckpoint(text);
  if (checkpoint.ok()) LIMPID_CHECK(tlog::CheckpointText(*checkpoint) == text);
  return 0;
}
