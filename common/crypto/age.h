// Files encrypted with age, version 1, to X25519 recipients: what `age -r` and
// `age -d -i` of others write and read. No passphrases, no armour, no plugins.
// Whole files in memory. docs/formats/age-file.md; C2SP age.md
// (https://age-encryption.org/v1)

#ifndef LIMPID_COMMON_CRYPTO_AGE_H_
#define LIMPID_COMMON_CRYPTO_AGE_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/random.h"
#include "common/crypto/x25519.h"

namespace limpid::crypto {

// Most recipients or identities of one file: a person has a few.
inline constexpr std::size_t kMaxAgeKeys = 32;
// A header of kMaxAgeKeys recipients has 4 KiB; other tools add stanzas of
// kinds that we skip.
inline constexpr std::size_t kMaxAgeHeaderBytes = std::size_t{64} << 10U;

// "age1...".
//
// Errors:
//   kInvalidArgument  not a recipient of an X25519 key, or mistyped.
absl::StatusOr<X25519PublicKey> ParseAgeRecipient(std::string_view text);
std::string AgeRecipientText(const X25519PublicKey& recipient);

// The keys of a key file as age-keygen writes it: a line "AGE-SECRET-KEY-1..."
// for each; empty lines and those with '#' first are skipped. The caller wipes
// `text`.
//
// Errors:
//   kInvalidArgument  no key, more than kMaxAgeKeys, or a line that is none;
//                     the message gives the line's number, never the line.
absl::StatusOr<std::vector<X25519PrivateKey>> ParseAgeIdentities(
    std::string_view text);

// Encrypts to each of `recipients`, any of whose keys opens the whole. Who
// opens it learns nothing of who made it: age authenticates no sender.
//
// Errors:
//   kInvalidArgument  no recipient, more than kMaxAgeKeys, or one that nothing
//                     can be encrypted to.
absl::StatusOr<base::Bytes> AgeEncrypt(
    base::ByteView plaintext, std::span<const X25519PublicKey> recipients,
    RandomSource& random = SystemRandom());

// Opens what was encrypted to one of `identities`. Nothing comes back unless
// all of the file is intact. The caller wipes what it gets.
//
// Errors:
//   kInvalidArgument   not an age file of version 1, or a damaged header.
//   kPermissionDenied  none of the identities opens it.
//   kDataLoss          header or contents were changed, or cut off.
absl::StatusOr<base::Bytes> AgeDecrypt(
    base::ByteView file, std::span<const X25519PrivateKey> identities);

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_AGE_H_
