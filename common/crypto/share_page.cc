#include "common/crypto/share_page.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"

namespace limpid::crypto::slip39 {
namespace {

constexpr std::size_t kMaxFileBytes = 4096;
constexpr mode_t kOwnerOnly = 0600;
constexpr std::string_view kMarker = "words:";
constexpr int kWordsInALine = 4;
constexpr std::string_view kWhiteSpace = " \t\r\n";
constexpr auto kNone = std::string_view::npos;

// What follows the line `words:`, whatever ends lines where the file was
// edited; all of it where there is none.
std::string_view WordsOf(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    while (!line.empty() && kWhiteSpace.find(line.back()) != kNone) {
      line.remove_suffix(1);
    }
    at = std::min(end + 1, text.size());
    if (line == kMarker) return text.substr(at);
  }
  return text;
}

}  // namespace

absl::Status WriteNewSharePage(const base::SecretBytes& words,
                               std::string_view preface,
                               const std::filesystem::path& file) {
  std::string text;
  // Room for all of it at once: growing would leave a copy behind.
  text.reserve(preface.size() + kMarker.size() + words.size() + 3);
  text += preface;
  text += '\n';
  text += kMarker;
  text += '\n';
  int in_line = 0;
  for (const std::uint8_t letter : words.Reveal(base::SecretAccess::Get())) {
    const bool breaks = letter == ' ' && ++in_line % kWordsInALine == 0;
    text += breaks ? '\n' : static_cast<char>(letter);
  }
  text += '\n';
  const absl::Status status =
      base::WriteNewFile(file, base::AsBytes(text), kOwnerOnly);
  base::Wipe(text);
  if (absl::IsAlreadyExists(status)) {
    return absl::AlreadyExistsError(
        absl::StrCat(file.string(), " exists; a share is never overwritten"));
  }
  return status;
}

absl::StatusOr<base::SecretBytes> ReadSharePage(
    const std::filesystem::path& file) {
  auto read = base::ReadFileBytes(file, kMaxFileBytes);
  if (absl::IsResourceExhausted(read.status())) {
    return absl::InvalidArgumentError(
        absl::StrCat(file.string(), " is no share: it is too long"));
  }
  LIMPID_RETURN_IF_ERROR(read.status());
  const std::string_view text = WordsOf(base::AsText(*read));
  const bool empty = text.find_first_not_of(kWhiteSpace) == kNone;
  base::SecretBytes words = base::SecretBytes::Copy(base::AsBytes(text));
  base::Wipe(*read);
  if (!empty) return words;
  return absl::InvalidArgumentError(
      absl::StrCat("there are no words in ", file.string()));
}

}  // namespace limpid::crypto::slip39
