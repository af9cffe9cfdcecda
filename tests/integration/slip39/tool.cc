// For interop_test.js: splits and combines with our code, for test secrets.
//   slip39_tool split HEX EXTENDABLE EXPONENT PASSPHRASE GROUPS T N [T N ...]
//   slip39_tool combine PASSPHRASE   (shares on standard input, one a line)

#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/slip39.h"

namespace {

namespace base = limpid::base;
namespace slip39 = limpid::crypto::slip39;
using Arguments = std::vector<std::string_view>;

std::uint8_t Number(std::string_view text) {
  std::uint32_t number = 0;
  // Another text is zero, which every use refuses.
  (void)absl::SimpleAtoi(base::ToAbsl(text), &number);
  return static_cast<std::uint8_t>(number);
}

absl::Status Split(const Arguments& arguments) {
  constexpr std::size_t kFirstGroup = 6;
  if (arguments.size() < kFirstGroup + 2) {
    return absl::InvalidArgumentError("too few arguments");
  }
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes secret,
                          base::HexDecode(arguments[1]));
  slip39::Splitting splitting{.group_threshold = Number(arguments[5]),
                              .extendable = arguments[2] == "1",
                              .iteration_exponent = Number(arguments[3]),
                              .passphrase = arguments[4]};
  for (std::size_t i = kFirstGroup; i + 1 < arguments.size(); i += 2) {
    splitting.groups.push_back(
        {.threshold = Number(arguments[i]), .count = Number(arguments[i + 1])});
  }
  LIMPID_ASSIGN_OR_RETURN(
      const auto groups,
      slip39::Split(base::SecretBytes::Copy(secret), splitting));
  for (const slip39::GroupShares& group : groups) {
    for (const base::SecretBytes& share : group) {
      std::cout << base::AsText(share.Reveal(base::SecretAccess::Get()))
                << '\n';
    }
  }
  return absl::OkStatus();
}

absl::Status Combine(const Arguments& arguments) {
  if (arguments.size() < 2) {
    return absl::InvalidArgumentError("too few arguments");
  }
  std::vector<base::SecretBytes> shares;
  for (std::string line; std::getline(std::cin, line);) {
    shares.push_back(base::SecretBytes::Copy(base::AsBytes(line)));
  }
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes secret,
                          slip39::Combine(shares, arguments[1]));
  std::cout << base::HexEncode(secret.Reveal(base::SecretAccess::Get()))
            << '\n';
  return absl::OkStatus();
}

absl::Status Run(const Arguments& arguments) {
  if (!arguments.empty() && arguments[0] == "split") return Split(arguments);
  if (!arguments.empty() && arguments[0] == "combine") {
    return Combine(arguments);
  }
  return absl::InvalidArgumentError("say split or combine");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::span<char*> given(argv, static_cast<std::size_t>(argc));
    const absl::Status done = Run(Arguments(given.begin() + 1, given.end()));
    if (done.ok()) return 0;
    std::cerr << done.message() << '\n';
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
  }
  return 1;
}
