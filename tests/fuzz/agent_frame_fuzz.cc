// What comes over a key agent's socket, from either side: what parses as a
// request is written back byte for byte.

#include <cstddef>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "vault/keyagent/agent_frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace vault = limpid::vault;
  const limpid::base::ByteView bytes(data, size);
  const auto request = vault::DecodeAgentRequest(bytes);
  if (request.ok()) {
    LIMPID_CHECK(
        vault::EncodeAgentRequest(request->authority(), request->boxes) ==
        limpid::base::ToBytes(bytes));
  }
  (void)vault::DecodeAgentAnswer(bytes, 1);
  (void)vault::DecodeAgentHello(bytes);
  return 0;
}
