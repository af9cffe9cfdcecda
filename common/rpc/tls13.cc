#include "common/rpc/tls13.h"

#include <cstdlib>

#include "common/base/check.h"

namespace limpid::rpc {

void RequireTls13() {
  // gRPC passes this list to SSL_CTX_set_cipher_list, which rules TLS 1.2 and
  // older only. A pre-shared-key suite can never be chosen, because no key is
  // configured, so 1.2 finds nothing in common; 1.3 has its own list.
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread, says the header
  LIMPID_CHECK(setenv("GRPC_SSL_CIPHER_SUITES", "PSK-AES128-GCM-SHA256",
                      /*overwrite=*/1) == 0);
}

}  // namespace limpid::rpc
