#include "common/crypto/slip39_share.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"

namespace limpid::crypto::slip39 {
namespace {

using base::SecretAccess;
using base::SecretBytes;

#include "common/crypto/slip39_words.inc"

constexpr std::size_t kBitsPerWord = 10;
constexpr unsigned kWordMask = 0x3FF;
constexpr std::size_t kHeaderWords = 4;
constexpr std::size_t kChecksumWords = 3;
constexpr std::size_t kFramingWords = kHeaderWords + kChecksumWords;
// Values are whole multiples of this; what is over is padding.
constexpr std::size_t kValueStepBits = 16;
constexpr std::size_t kMaxPaddingBits = 8;
constexpr std::size_t kByteBits = 8;

constexpr std::size_t ValueWords(std::size_t bytes) {
  return (bytes * kByteBits + kBitsPerWord - 1) / kBitsPerWord;
}
constexpr std::size_t kMinWords = ValueWords(kMinSecretBytes) + kFramingWords;
constexpr std::size_t kMaxWords = ValueWords(kMaxSecretBytes) + kFramingWords;
static_assert(kWords.size() == kWordMask + 1);
static_assert(kMinWords == 20);

// Places in the word list. They are the share, so they stay in guarded memory.
class Places {
 public:
  explicit Places(std::size_t count) : bytes_(2 * count) {}

  [[nodiscard]] std::size_t size() const { return bytes_.size() / 2; }
  [[nodiscard]] unsigned At(std::size_t word) const {
    const base::ByteView bytes = bytes_.Reveal(SecretAccess::Get());
    return (static_cast<unsigned>(bytes[2 * word]) << kByteBits) |
           bytes[2 * word + 1];
  }
  void Set(std::size_t word, unsigned place) {
    const std::span<std::uint8_t> bytes =
        bytes_.RevealMutable(SecretAccess::Get());
    bytes[2 * word] = static_cast<std::uint8_t>(place >> kByteBits);
    bytes[2 * word + 1] = static_cast<std::uint8_t>(place);
  }
  // Bits count from the first word's highest.
  [[nodiscard]] unsigned Bit(std::size_t bit) const {
    return (At(bit / kBitsPerWord) >> Shift(bit)) & 1U;
  }
  void SetBit(std::size_t bit, unsigned value) {
    const std::size_t word = bit / kBitsPerWord;
    Set(word, At(word) | (value << Shift(bit)));
  }

 private:
  static std::size_t Shift(std::size_t bit) {
    return kBitsPerWord - 1 - bit % kBitsPerWord;
  }

  SecretBytes bytes_;
};

// RS1024, the Reed-Solomon code of SLIP-0039 over GF(1024): finds any three
// wrong words.
class Checksum {
 public:
  explicit Checksum(bool extendable) {
    for (const char letter :
         std::string_view(extendable ? "shamir_extendable" : "shamir")) {
      Add(static_cast<unsigned char>(letter));
    }
  }

  void Add(unsigned symbol) {
    constexpr auto kGenerator = std::to_array<unsigned>(
        {0xE0E040, 0x1C1C080, 0x3838100, 0x7070200, 0xE0E0009, 0x1C0C2412,
         0x38086C24, 0x3090FC48, 0x21B1F890, 0x3F3F120});
    constexpr unsigned kHighShift = 20;
    constexpr unsigned kLowMask = 0xFFFFF;
    const unsigned high = state_ >> kHighShift;
    state_ = ((state_ & kLowMask) << kBitsPerWord) ^ symbol;
    for (std::size_t i = 0; i < kGenerator.size(); ++i) {
      if (((high >> i) & 1U) != 0) state_ ^= kGenerator.at(i);
    }
  }
  [[nodiscard]] unsigned state() const { return state_; }

 private:
  unsigned state_ = 1;
};

void AddChecksum(bool extendable, Places& places) {
  Checksum checksum(extendable);
  const std::size_t first = places.size() - kChecksumWords;
  for (std::size_t i = 0; i < first; ++i) checksum.Add(places.At(i));
  for (std::size_t i = 0; i < kChecksumWords; ++i) checksum.Add(0);
  const unsigned whole = checksum.state() ^ 1U;
  for (std::size_t i = 0; i < kChecksumWords; ++i) {
    const std::size_t shift = kBitsPerWord * (kChecksumWords - 1 - i);
    places.Set(first + i, (whole >> shift) & kWordMask);
  }
}

bool ChecksumHolds(bool extendable, const Places& places) {
  Checksum checksum(extendable);
  for (std::size_t i = 0; i < places.size(); ++i) checksum.Add(places.At(i));
  return checksum.state() == 1;
}

// The 40 bits before the value, as one number; fields from the highest bit.
class Header {
 public:
  Header() = default;
  explicit Header(const Places& places) {
    for (std::size_t i = 0; i < kHeaderWords; ++i) {
      bits_ = (bits_ << kBitsPerWord) | places.At(i);
    }
  }

  void Append(unsigned width, unsigned value) {
    LIMPID_CHECK(value >> width == 0);
    bits_ = (bits_ << width) | value;
  }
  // The next `width` bits; they are used up.
  unsigned Take(unsigned width) {
    left_ -= width;
    return static_cast<unsigned>(bits_ >> left_) & ((1U << width) - 1U);
  }
  void Write(Places& places) const {
    for (std::size_t i = 0; i < kHeaderWords; ++i) {
      const std::size_t shift = kBitsPerWord * (kHeaderWords - 1 - i);
      places.Set(i, static_cast<unsigned>(bits_ >> shift) & kWordMask);
    }
  }

 private:
  std::uint64_t bits_ = 0;
  unsigned left_ = kBitsPerWord * kHeaderWords;
};

constexpr unsigned kIdentifierBits = 15;
constexpr unsigned kFieldBits = 4;

Header HeaderOf(const ShareInfo& info) {
  Header header;
  header.Append(kIdentifierBits, info.identifier);
  header.Append(1, info.extendable ? 1 : 0);
  header.Append(kFieldBits, info.iteration_exponent);
  header.Append(kFieldBits, info.group_index);
  // Counts go down by one, so that sixteen fits.
  header.Append(kFieldBits, info.group_threshold - 1U);
  header.Append(kFieldBits, info.group_count - 1U);
  header.Append(kFieldBits, info.member_index);
  header.Append(kFieldBits, info.member_threshold - 1U);
  return header;
}

ShareInfo InfoOf(const Places& places) {
  Header header(places);
  const auto field = [&header] {
    return static_cast<std::uint8_t>(header.Take(kFieldBits));
  };
  const auto count = [&header] {
    return static_cast<std::uint8_t>(header.Take(kFieldBits) + 1);
  };
  ShareInfo info;
  info.identifier = static_cast<std::uint16_t>(header.Take(kIdentifierBits));
  info.extendable = header.Take(1) != 0;
  info.iteration_exponent = field();
  info.group_index = field();
  info.group_threshold = count();
  info.group_count = count();
  info.member_index = field();
  info.member_threshold = count();
  return info;
}

// Where in the words the value's bits begin and how many there are.
struct ValueBits {
  std::size_t padding_begin = kHeaderWords * kBitsPerWord;
  std::size_t begin = 0;
  std::size_t count = 0;
};

ValueBits BitsOf(std::size_t words) {
  ValueBits bits;
  const std::size_t all = (words - kFramingWords) * kBitsPerWord;
  bits.count = all - all % kValueStepBits;
  bits.begin = bits.padding_begin + all - bits.count;
  return bits;
}

std::optional<SecretBytes> ValueOf(const Places& places) {
  const ValueBits bits = BitsOf(places.size());
  unsigned padding = 0;
  for (std::size_t i = bits.padding_begin; i < bits.begin; ++i) {
    padding |= places.Bit(i);
  }
  if (padding != 0) return std::nullopt;
  SecretBytes value(bits.count / kByteBits);
  const std::span<std::uint8_t> out = value.RevealMutable(SecretAccess::Get());
  for (std::size_t i = 0; i < bits.count; ++i) {
    std::uint8_t& byte = out[i / kByteBits];
    byte = static_cast<std::uint8_t>((unsigned{byte} << 1U) |
                                     places.Bit(bits.begin + i));
  }
  return value;
}

void WriteValue(const SecretBytes& value, Places& places) {
  const ValueBits bits = BitsOf(places.size());
  const base::ByteView bytes = value.Reveal(SecretAccess::Get());
  for (std::size_t i = 0; i < bits.count; ++i) {
    const std::size_t shift = kByteBits - 1 - i % kByteBits;
    places.SetBit(bits.begin + i,
                  (static_cast<unsigned>(bytes[i / kByteBits]) >> shift) & 1U);
  }
}

char Lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a')
                                        : letter;
}

bool Before(std::string_view left, std::string_view right) {
  return std::lexicographical_compare(
      left.begin(), left.end(), right.begin(), right.end(),
      [](char a, char b) { return Lower(a) < Lower(b); });
}

std::optional<unsigned> PlaceOf(std::string_view word) {
  const auto* const found =
      std::lower_bound(kWords.begin(), kWords.end(), word, Before);
  if (found == kWords.end() || Before(word, *found)) return std::nullopt;
  return static_cast<unsigned>(found - kWords.begin());
}

constexpr std::string_view kWhiteSpace = " \t\r\n";

// Takes the next word off `rest`; empty at the end.
std::string_view NextWord(std::string_view& rest) {
  rest.remove_prefix(
      std::min(rest.find_first_not_of(kWhiteSpace), rest.size()));
  const std::string_view word = rest.substr(0, rest.find_first_of(kWhiteSpace));
  rest.remove_prefix(word.size());
  return word;
}

std::size_t CountWords(std::string_view text) {
  std::size_t count = 0;
  while (!NextWord(text).empty()) ++count;
  return count;
}

absl::Status CheckLength(std::size_t words) {
  if (words < kMinWords || words > kMaxWords) {
    return absl::InvalidArgumentError(
        absl::StrCat(words, " words were given; a share has ", kMinWords,
                     " to ", kMaxWords));
  }
  if ((words - kFramingWords) * kBitsPerWord % kValueStepBits >
      kMaxPaddingBits) {
    return absl::InvalidArgumentError(absl::StrCat(
        words, " words were given, which no share has: some are missing"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Places> PlacesOf(std::string_view text) {
  const std::size_t count = CountWords(text);
  LIMPID_RETURN_IF_ERROR(CheckLength(count));
  Places places(count);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::optional<unsigned> place = PlaceOf(NextWord(text));
    if (!place) {
      return absl::InvalidArgumentError(
          absl::StrCat("word ", i + 1, " is not in the list of SLIP-0039"));
    }
    places.Set(i, *place);
  }
  return places;
}

}  // namespace

SecretBytes ToWords(const Share& share) {
  const std::size_t size = share.value.size();
  LIMPID_CHECK(size >= kMinSecretBytes && size <= kMaxSecretBytes &&
               size % 2 == 0);
  Places places(ValueWords(size) + kFramingWords);
  HeaderOf(share.info).Write(places);
  WriteValue(share.value, places);
  AddChecksum(share.info.extendable, places);
  std::size_t length = places.size() - 1;
  for (std::size_t i = 0; i < places.size(); ++i) {
    length += Word(places.At(i)).size();
  }
  SecretBytes words(length);
  auto out = words.RevealMutable(SecretAccess::Get()).begin();
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (i > 0) *out++ = ' ';
    const std::string_view word = Word(places.At(i));
    out = std::copy(word.begin(), word.end(), out);
  }
  return words;
}

absl::StatusOr<Share> FromWords(const SecretBytes& words) {
  LIMPID_ASSIGN_OR_RETURN(
      const Places places,
      PlacesOf(base::AsText(words.Reveal(SecretAccess::Get()))));
  Share share{.info = InfoOf(places), .value = {}};
  if (!ChecksumHolds(share.info.extendable, places)) {
    return absl::InvalidArgumentError(
        "its checksum does not fit: a word is wrong or in another's place");
  }
  if (share.info.group_threshold > share.info.group_count) {
    return absl::InvalidArgumentError(
        "it asks for more groups than it says there are");
  }
  std::optional<SecretBytes> value = ValueOf(places);
  if (!value) {
    return absl::InvalidArgumentError("its padding is not zero");
  }
  share.value = *std::move(value);
  return share;
}

std::string_view Word(std::size_t index) { return kWords.at(index); }

}  // namespace limpid::crypto::slip39
