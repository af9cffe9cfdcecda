// For the tests beside it: encrypts and decrypts standard input with our code,
// with keys of tests.
//   age_tool encrypt age1... [age1...]
//   age_tool decrypt KEYFILE
// Exits 2 for a malformed header, 3 when no key opens it, 4 for changed bytes.

#include <cstddef>
#include <exception>
#include <iostream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/crypto/age.h"

namespace {

namespace base = limpid::base;
namespace crypto = limpid::crypto;
using Arguments = std::vector<std::string_view>;

constexpr std::size_t kMaxKeyFileBytes = std::size_t{64} << 10U;

absl::StatusOr<base::Bytes> Encrypt(const Arguments& recipients,
                                    base::ByteView input) {
  std::vector<crypto::X25519PublicKey> keys;
  for (const std::string_view recipient : recipients) {
    LIMPID_ASSIGN_OR_RETURN(keys.emplace_back(),
                            crypto::ParseAgeRecipient(recipient));
  }
  return crypto::AgeEncrypt(input, keys);
}

absl::StatusOr<base::Bytes> Run(const Arguments& arguments,
                                base::ByteView input) {
  if (arguments.size() > 1 && arguments[0] == "encrypt") {
    return Encrypt({arguments.begin() + 1, arguments.end()}, input);
  }
  if (arguments.size() == 2 && arguments[0] == "decrypt") {
    LIMPID_ASSIGN_OR_RETURN(
        const base::Bytes keys,
        base::ReadFileBytes(arguments[1], kMaxKeyFileBytes));
    LIMPID_ASSIGN_OR_RETURN(const auto identities,
                            crypto::ParseAgeIdentities(base::AsText(keys)));
    return crypto::AgeDecrypt(input, identities);
  }
  return absl::UnimplementedError("say encrypt or decrypt");
}

int ExitCode(const absl::Status& status) {
  constexpr int kHeader = 2;
  constexpr int kNoMatch = 3;
  constexpr int kChanged = 4;
  if (absl::IsInvalidArgument(status)) return kHeader;
  if (absl::IsPermissionDenied(status)) return kNoMatch;
  return absl::IsDataLoss(status) ? kChanged : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::span<char*> given(argv, static_cast<std::size_t>(argc));
    const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
    const auto done =
        Run(Arguments(given.begin() + 1, given.end()), base::AsBytes(input));
    if (done.ok()) {
      std::cout << base::AsText(*done);
      return 0;
    }
    std::cerr << done.status().message() << '\n';
    return ExitCode(done.status());
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
  }
  return 1;
}
