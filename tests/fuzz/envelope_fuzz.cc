// Sealed bytes come from disks and backups. With the key of the worked example
// in docs/formats/envelope.md, so that its two envelopes are seeds that open.

#include <cstddef>
#include <cstdint>
#include <numeric>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/secret.h"
#include "common/crypto/aead.h"
#include "common/crypto/pad.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace base = limpid::base;
  namespace crypto = limpid::crypto;
  base::ByteArray<crypto::kAeadKeyBytes> raw{};
  std::iota(raw.begin(), raw.end(), std::uint8_t{0});
  crypto::KeyId name{};
  std::iota(name.begin(), name.end(), std::uint8_t{0xA0});
  const auto key = base::SecretBytes::Copy(raw);
  const base::ByteView aad = base::AsBytes("example aad");
  const base::ByteView input(data, size);

  const auto opened = crypto::Open(key, name, aad, input);
  LIMPID_CHECK(opened.ok() == crypto::OpenSecret(key, name, aad, input).ok());
  if (opened.ok()) {
    // Only the example and what was sealed with this key can open.
    LIMPID_CHECK(opened->size() +
                     crypto::EnvelopeOverhead(*crypto::SuiteOf(input)) ==
                 size);
  }
  const auto contents = crypto::Unpad(input);
  if (contents.ok()) {
    LIMPID_CHECK(*crypto::PadToSize(*contents, size) == base::ToBytes(input));
  }
  return 0;
}
