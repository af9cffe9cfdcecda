// Strong identifiers: 16 random bytes with a type per meaning and a prefixed
// text form ("rec_" + 26 characters of lower-case base32), so that a record id
// pasted where a service id belongs is refused with a sentence.
// docs/formats/ids.md

#ifndef LIMPID_COMMON_BASE_ID_H_
#define LIMPID_COMMON_BASE_ID_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::base {

inline constexpr std::size_t kIdBytes = 16;

// Errors (ParseIdText):
//   kInvalidArgument  not `prefix`, '_' and 26 characters of strict base32.
std::string FormatIdText(std::string_view prefix, ByteView bytes);
absl::StatusOr<ByteArray<kIdBytes>> ParseIdText(std::string_view prefix,
                                                std::string_view text);
// 16 bytes from the kernel's random source.
ByteArray<kIdBytes> RandomIdBytes();

// `Tag` has `static constexpr std::string_view kPrefix`. A value type; the
// default value is all zero and means "none".
template <typename Tag>
class Id {
 public:
  Id() = default;
  explicit Id(const ByteArray<kIdBytes>& bytes) : bytes_(bytes) {}

  static Id Random() { return Id(RandomIdBytes()); }
  static absl::StatusOr<Id> Parse(std::string_view text) {
    const auto bytes = ParseIdText(Tag::kPrefix, text);
    if (!bytes.ok()) return bytes.status();
    return Id(*bytes);
  }
  static absl::StatusOr<Id> FromBytes(ByteView bytes) {
    const auto array = ToArray<kIdBytes>(bytes);
    if (!array.ok()) return array.status();
    return Id(*array);
  }

  [[nodiscard]] std::string Text() const {
    return FormatIdText(Tag::kPrefix, bytes_);
  }
  [[nodiscard]] const ByteArray<kIdBytes>& bytes() const { return bytes_; }
  [[nodiscard]] bool none() const { return *this == Id(); }

  friend auto operator<=>(const Id&, const Id&) = default;
  friend bool operator==(const Id&, const Id&) = default;

  template <typename H>
  friend H AbslHashValue(H state, const Id& id) {
    return H::combine(std::move(state), id.bytes_);
  }

 private:
  ByteArray<kIdBytes> bytes_{};
};

}  // namespace limpid::base

// For std::unordered_map.
template <typename Tag>
struct std::hash<limpid::base::Id<Tag>> {
  std::size_t operator()(const limpid::base::Id<Tag>& id) const noexcept {
    // Ids are random, so any eight bytes are a good hash.
    std::size_t out = 0;
    std::memcpy(&out, id.bytes().data(), sizeof(out));
    return out;
  }
};

#endif  // LIMPID_COMMON_BASE_ID_H_
