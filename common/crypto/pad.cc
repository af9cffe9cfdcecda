#include "common/crypto/pad.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace limpid::crypto {
namespace {

using base::Bytes;
using base::ByteView;

constexpr std::uint8_t kMark = 0x80;

Bytes PadTo(ByteView contents, std::size_t size) {
  Bytes out;
  out.reserve(size);
  out.assign(contents.begin(), contents.end());
  out.push_back(kMark);
  out.resize(size, 0);
  return out;
}

std::size_t RoundUp(std::size_t value, std::size_t step) {
  return (value + step - 1) / step * step;
}

}  // namespace

std::size_t BucketLength(std::size_t size) {
  return RoundUp(size + 1, kPadBucketBytes);
}

std::size_t PadmeLength(std::size_t size) {
  const std::size_t marked = size + 1;
  if (marked < 2) return marked;
  // "E = floor(log2 L), S = floor(log2 E) + 1": the last E - S bits are zero.
  const auto exponent = static_cast<unsigned>(std::bit_width(marked)) - 1;
  const auto kept = static_cast<unsigned>(std::bit_width(exponent));
  return RoundUp(marked, std::size_t{1} << (exponent - kept));
}

Bytes PadToBucket(ByteView contents) {
  return PadTo(contents, BucketLength(contents.size()));
}

Bytes PadPadme(ByteView contents) {
  return PadTo(contents, PadmeLength(contents.size()));
}

absl::StatusOr<Bytes> PadToSize(ByteView contents, std::size_t size) {
  if (contents.size() >= size) {
    return absl::InvalidArgumentError(
        "the value is longer than its constant size");
  }
  return PadTo(contents, size);
}

absl::StatusOr<Bytes> Unpad(ByteView padded) {
  const auto last = std::find_if(padded.rbegin(), padded.rend(),
                                 [](std::uint8_t byte) { return byte != 0; });
  if (last == padded.rend() || *last != kMark) {
    return absl::DataLossError("the bytes are not padded");
  }
  return Bytes(padded.begin(), last.base() - 1);
}

}  // namespace limpid::crypto
