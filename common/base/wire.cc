#include "common/base/wire.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/check.h"

namespace limpid::base {
namespace {

// The last `Size` bytes of `value`.
template <std::size_t Size>
void AppendBigEndian(Bytes& out, std::uint64_t value) {
  ByteArray<Size> bytes{};
  for (std::size_t i = Size; i > 0; --i) {
    bytes.at(i - 1) = static_cast<std::uint8_t>(value);
    value >>= 8U;
  }
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

ByteWriter::ByteWriter(std::string_view label) : ByteWriter() {
  LIMPID_CHECK(label.size() <= std::numeric_limits<std::uint8_t>::max());
  U8(static_cast<std::uint8_t>(label.size())).Raw(AsBytes(label));
}

ByteWriter& ByteWriter::U8(std::uint8_t value) {
  bytes_.push_back(value);
  return *this;
}

ByteWriter& ByteWriter::U16(std::uint16_t value) {
  AppendBigEndian<2>(bytes_, value);
  return *this;
}

ByteWriter& ByteWriter::U32(std::uint32_t value) {
  AppendBigEndian<4>(bytes_, value);
  return *this;
}

ByteWriter& ByteWriter::U64(std::uint64_t value) {
  AppendBigEndian<8>(bytes_, value);
  return *this;
}

ByteWriter& ByteWriter::Raw(ByteView bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return *this;
}

ByteWriter& ByteWriter::Lp(ByteView bytes) {
  LIMPID_CHECK(bytes.size() <= std::numeric_limits<std::uint32_t>::max());
  return U32(static_cast<std::uint32_t>(bytes.size())).Raw(bytes);
}

void ByteReader::Label(std::string_view label) {
  const ByteView got = Raw(U8());
  if (AsText(got) != label) failed_ = true;
}

std::uint64_t ByteReader::BigEndian(std::size_t size) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : Raw(size)) value = value << 8U | byte;
  return value;
}

std::uint8_t ByteReader::U8() {
  return static_cast<std::uint8_t>(BigEndian(1));
}

std::uint16_t ByteReader::U16() {
  return static_cast<std::uint16_t>(BigEndian(2));
}

std::uint32_t ByteReader::U32() {
  return static_cast<std::uint32_t>(BigEndian(4));
}

std::uint64_t ByteReader::U64() { return BigEndian(8); }

ByteView ByteReader::Raw(std::size_t size) {
  if (failed_ || size > rest_.size()) {
    failed_ = true;
    return {};
  }
  const ByteView out = rest_.first(size);
  rest_ = rest_.subspan(size);
  return out;
}

ByteView ByteReader::Lp() { return Raw(U32()); }

std::string ByteReader::LpText() { return ToText(Lp()); }

absl::Status ByteReader::Finish() const {
  if (failed_) return absl::InvalidArgumentError("the bytes end early");
  if (!rest_.empty()) {
    return absl::InvalidArgumentError("bytes are left over at the end");
  }
  return absl::OkStatus();
}

}  // namespace limpid::base
