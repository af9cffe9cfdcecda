// Padding that hides the length of a value before it is sealed. The rule comes
// from the attribute's schema; this file only knows lengths.
// docs/formats/padding.md

#ifndef LIMPID_COMMON_CRYPTO_PAD_H_
#define LIMPID_COMMON_CRYPTO_PAD_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::crypto {

// Short values differ by names and numbers; four cache lines of them look
// alike.
inline constexpr std::size_t kPadBucketBytes = 64;

// The padded length of contents of `size` bytes: more than `size` always.
std::size_t BucketLength(std::size_t size);
// Padmé: at most 12 % more (https://lbarman.ch/blog/padme/).
std::size_t PadmeLength(std::size_t size);

base::Bytes PadToBucket(base::ByteView contents);
base::Bytes PadPadme(base::ByteView contents);
// Errors:
//   kInvalidArgument  `contents` has `size` bytes or more.
absl::StatusOr<base::Bytes> PadToSize(base::ByteView contents,
                                      std::size_t size);

// What any of the three padded.
//
// Errors:
//   kDataLoss  not padded.
absl::StatusOr<base::Bytes> Unpad(base::ByteView padded);

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_PAD_H_
