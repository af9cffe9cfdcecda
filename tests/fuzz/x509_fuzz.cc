// Certificates come from the peer's side of a handshake and from files of
// administrators.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/crypto/x509.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace crypto = limpid::crypto;
  const std::string_view text = limpid::base::AsText({data, size});
  const auto facts = crypto::ReadCertificate(text);
  const auto thumbprint = crypto::SpkiThumbprint(text);
  if (facts.ok()) {
    LIMPID_CHECK(thumbprint.ok() && *thumbprint == facts->spki_thumbprint);
  }
  const auto issued =
      crypto::IsIssuedBy(text, text, absl::FromUnixSeconds(1'767'225'601));
  // Nothing vouches for itself.
  LIMPID_CHECK(!issued.ok() || !*issued ||
               text.find("END") != text.rfind("END"));
  return 0;
}
