// Canonical bytes: fixed-width big-endian numbers and length-prefixed strings.
// Everything that is hashed, signed or bound as associated data is written
// with ByteWriter, so that two different values never give the same bytes.
// docs/formats/canonical-bytes.md

#ifndef LIMPID_COMMON_BASE_WIRE_H_
#define LIMPID_COMMON_BASE_WIRE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::base {

// Thread-compatible. Lengths over the prefix's range abort: callers cap input
// long before.
class ByteWriter {
 public:
  // Starts with u8(length of label) || label, the domain separation.
  explicit ByteWriter(std::string_view label);
  // Starts empty, for the inner parts of a labelled value.
  ByteWriter() { bytes_.reserve(kUsualBytes); }

  ByteWriter& U8(std::uint8_t value);
  ByteWriter& U16(std::uint16_t value);
  ByteWriter& U32(std::uint32_t value);
  ByteWriter& U64(std::uint64_t value);
  // Fixed-size field; the reader must know the length.
  ByteWriter& Raw(ByteView bytes);
  // u32be(length) || bytes.
  ByteWriter& Lp(ByteView bytes);
  ByteWriter& Lp(std::string_view text) { return Lp(AsBytes(text)); }

  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  Bytes Take() { return std::move(bytes_); }

 private:
  // What most values fit in: a read writes dozens, and each would grow four
  // times on its way.
  static constexpr std::size_t kUsualBytes = 192;

  Bytes bytes_;
};

// Reads what ByteWriter wrote. Reads past the end set a sticky failure and
// return zeros, so that a decoder checks once, with Finish. Does not own the
// bytes; they must outlive it and every view it returns.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : rest_(bytes) {}

  // Fails unless the next bytes are u8(length) || label.
  void Label(std::string_view label);
  std::uint8_t U8();
  std::uint16_t U16();
  std::uint32_t U32();
  std::uint64_t U64();
  ByteView Raw(std::size_t size);
  ByteView Lp();
  std::string LpText();
  template <std::size_t N>
  ByteArray<N> Array() {
    ByteArray<N> out{};
    const ByteView view = Raw(N);
    std::copy(view.begin(), view.end(), out.begin());
    return out;
  }

  [[nodiscard]] bool failed() const { return failed_; }
  // Everything not read yet.
  [[nodiscard]] ByteView rest() const { return rest_; }

  // Errors:
  //   kInvalidArgument  a read went past the end, a label differed, or bytes
  //                     are left over.
  [[nodiscard]] absl::Status Finish() const;

 private:
  std::uint64_t BigEndian(std::size_t size);

  ByteView rest_;
  bool failed_ = false;
};

}  // namespace limpid::base

#endif  // LIMPID_COMMON_BASE_WIRE_H_
