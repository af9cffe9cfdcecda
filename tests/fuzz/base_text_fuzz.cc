// The strict text decoders: whatever they accept, they must write back byte
// for byte, or two spellings would name one value.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/check.h"

namespace limpid::base {
namespace {

struct Codec {
  absl::StatusOr<Bytes> (*decode)(std::string_view);
  std::string (*encode)(ByteView);
};

constexpr std::array<Codec, 4> kCodecs = {
    Codec{HexDecode, HexEncode}, Codec{Base64Decode, Base64Encode},
    Codec{Base64UrlDecode, Base64UrlEncode}, Codec{Base32Decode, Base32Encode}};

void RoundTrip(std::string_view text) {
  for (const Codec& codec : kCodecs) {
    const absl::StatusOr<Bytes> bytes = codec.decode(text);
    if (bytes.ok()) LIMPID_CHECK(codec.encode(*bytes) == text);
  }
}

}  // namespace
}  // namespace limpid::base

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::span<const std::uint8_t> input(data, size);
  const std::string text(input.begin(), input.end());
  limpid::base::RoundTrip(text);
  return 0;
}
