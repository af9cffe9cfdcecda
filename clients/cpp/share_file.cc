#include "clients/cpp/share_file.h"

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/secret.h"
#include "common/crypto/share_page.h"

namespace limpid::client {
namespace {

std::string Preface(const ShareOf& share) {
  return absl::StrCat(
      "limpid guardian share\n\n"
      "Somebody who trusts you gave you this. It is share ",
      share.place, " of ", share.count, ";\n", share.threshold,
      " of them together, and her account, give her back what she sealed "
      "when\n"
      "she has lost her devices. Alone it ",
      share.threshold > 1 ? "opens nothing.\n" : "is enough for that.\n",
      "\nKeep it where nobody else reads it, and not beside another share. "
      "Give it\n"
      "to her alone, when you see her: who asks in her name by a message or a "
      "call\n"
      "may be somebody else. She may print this page; the words are all that "
      "counts.\n");
}

}  // namespace

std::string ShareFileName(const ShareOf& share) {
  return absl::StrCat("guardian-", share.place, "-of-", share.count, ".txt");
}

absl::Status WriteNewShareFile(const base::SecretBytes& words,
                               const ShareOf& share,
                               const std::filesystem::path& file) {
  return crypto::slip39::WriteNewSharePage(words, Preface(share), file);
}

absl::StatusOr<base::SecretBytes> ReadShareFile(
    const std::filesystem::path& file) {
  return crypto::slip39::ReadSharePage(file);
}

}  // namespace limpid::client
