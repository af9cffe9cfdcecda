#include "server/provision/make_shares.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/aead.h"
#include "common/crypto/held_root_key.h"
#include "common/crypto/random.h"
#include "common/crypto/root_key.h"
#include "common/crypto/share_page.h"
#include "common/crypto/slip39.h"
#include "common/crypto/slip39_share.h"
#include "server/share_set.h"

namespace limpid::server {
namespace {

namespace slip39 = crypto::slip39;

using Words = std::vector<base::SecretBytes>;

constexpr std::size_t kMaxHolderBytes = 64;
// Sets of one server have different numbers, of 32,768 that there are.
constexpr int kTries = 8;

absl::Status CheckCounts(const WantedShares& wanted) {
  const int threshold = wanted.threshold;
  const int count = wanted.count;
  const bool single = threshold == 1 && count == 1;
  if (single || (threshold >= 2 && threshold <= count &&
                 count <= int{slip39::kMaxShares})) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "the shares of a root key are K/N: K from 2 to N, N at most 16, or 1/1");
}

absl::Status CheckHolders(const WantedShares& wanted) {
  if (wanted.holders.empty()) return absl::OkStatus();
  if (wanted.holders.size() != wanted.count) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there are ", int{wanted.count}, " shares and ", wanted.holders.size(),
        " holders: name all of them, or none"));
  }
  for (const std::string& holder : wanted.holders) {
    const bool plain =
        base::IsUtf8(holder) && std::ranges::none_of(holder, [](char letter) {
          return static_cast<unsigned char>(letter) < ' ' || letter == '\x7f';
        });
    if (!plain || holder.empty() || holder.size() > kMaxHolderBytes) {
      return absl::InvalidArgumentError(
          "a holder's name has 1 to 64 bytes on one line");
    }
  }
  return absl::OkStatus();
}

std::filesystem::path FileOf(const WantedShares& wanted, std::size_t index) {
  return wanted.directory / absl::StrCat("root-key-share-", index + 1, "-of-",
                                         int{wanted.count}, ".txt");
}

std::string HolderOf(const WantedShares& wanted, std::size_t index) {
  return wanted.holders.empty() ? absl::StrCat("operator ", index + 1)
                                : wanted.holders[index];
}

std::string Preface(const WantedShares& wanted, std::string_view operator_name,
                    std::uint16_t set, std::size_t index) {
  return absl::StrCat(
      "limpid root key share\n\nFor:    ", HolderOf(wanted, index),
      "\nServer: ", base::ToAbsl(operator_name), "\nShare:  ", index + 1,
      " of ", int{wanted.count}, " of set ", set, "; ", int{wanted.threshold},
      " are needed\n\n"
      "The server asks for shares at each of its starts. Give it yours with a\n"
      "certificate of your own: limpid admin unseal FILE. ",
      wanted.threshold > 1
          ? "Alone it opens nothing;\nas many as are needed open"
          : "It opens",
      " all that the server keeps.\n\n"
      "Keep it where nobody else reads it, away from other shares and from "
      "the\n"
      "server. You may print this page; the words are all that counts.\n");
}

absl::Status MakeDirectory(const std::filesystem::path& directory) {
  std::error_code error;
  if (std::filesystem::is_directory(directory, error)) return absl::OkStatus();
  std::filesystem::create_directories(directory, error);
  if (!error) {
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all,
                                 error);
  }
  if (!error) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrCat("cannot make the directory ", directory.string()));
}

// What the words of the first share say of all of them.
absl::StatusOr<std::uint16_t> NumberOf(const Words& words) {
  LIMPID_ASSIGN_OR_RETURN(const slip39::Share share,
                          slip39::FromWords(words.front()));
  return share.info.identifier;
}

absl::StatusOr<Words> SplitKey(const WantedShares& wanted,
                               const base::SecretBytes& key,
                               std::optional<std::uint16_t> other_than) {
  slip39::Splitting splitting;
  splitting.groups = {{.threshold = wanted.threshold, .count = wanted.count}};
  for (int i = 0; i < kTries; ++i) {
    LIMPID_ASSIGN_OR_RETURN(std::vector<slip39::GroupShares> groups,
                            slip39::Split(key, splitting));
    LIMPID_ASSIGN_OR_RETURN(const std::uint16_t number,
                            NumberOf(groups.front()));
    if (number != other_than) return std::move(groups.front());
  }
  return absl::InternalError("randomness gives one number again and again");
}

absl::StatusOr<Words> ReadFiles(
    const std::vector<std::filesystem::path>& files) {
  Words words;
  for (const std::filesystem::path& file : files) {
    LIMPID_ASSIGN_OR_RETURN(words.emplace_back(), slip39::ReadSharePage(file));
  }
  return words;
}

// The key, which every run of neighbours gives: so every share was tried.
absl::StatusOr<base::SecretBytes> KeyOf(const ShareSet& set,
                                        const Words& words) {
  const std::span<const base::SecretBytes> all(words);
  for (std::size_t i = 0; i < words.size(); ++i) {
    LIMPID_ASSIGN_OR_RETURN(const slip39::Share share,
                            ReadShare(set, words[i]));
    if (share.info.member_index != i) {
      return absl::FailedPreconditionError(
          "a share is in the file of another one");
    }
    if (i + set.threshold > words.size()) continue;
    LIMPID_RETURN_IF_ERROR(
        OpenShares(set, all.subspan(i, set.threshold)).status());
  }
  return OpenShares(set, all.first(set.threshold));
}

std::vector<std::filesystem::path> FilesOf(const WantedShares& wanted) {
  std::vector<std::filesystem::path> files;
  for (std::size_t i = 0; i < wanted.count; ++i) {
    files.push_back(FileOf(wanted, i));
  }
  return files;
}

absl::StatusOr<MadeShares> ReadBack(const WantedShares& wanted,
                                    const ShareSet& set) {
  MadeShares made{set, nullptr, FilesOf(wanted)};
  LIMPID_ASSIGN_OR_RETURN(const Words words, ReadFiles(made.files));
  LIMPID_ASSIGN_OR_RETURN(base::SecretBytes key, KeyOf(set, words));
  made.root = std::make_shared<const crypto::HeldRootKey>(std::move(key));
  return made;
}

// Those written so far go again when one cannot be.
absl::Status WriteFiles(const WantedShares& wanted,
                        std::string_view operator_name, std::uint16_t number,
                        const Words& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    absl::Status written = slip39::WriteNewSharePage(
        words[i], Preface(wanted, operator_name, number, i), FileOf(wanted, i));
    if (written.ok()) continue;
    std::error_code error;
    for (std::size_t j = 0; j < i; ++j) {
      std::filesystem::remove(FileOf(wanted, j), error);
    }
    return written;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ParseShareCounts(std::string_view text, WantedShares& wanted) {
  const std::size_t slash = text.find('/');
  const std::string_view first = text.substr(0, slash);
  const std::string_view second =
      slash == std::string_view::npos ? "" : text.substr(slash + 1);
  int threshold = 0;
  int count = 0;
  if (absl::SimpleAtoi(base::ToAbsl(first), &threshold) &&
      absl::SimpleAtoi(base::ToAbsl(second), &count) && threshold >= 0 &&
      threshold <= int{slip39::kMaxShares} && count >= 0 &&
      count <= int{slip39::kMaxShares}) {
    wanted.threshold = static_cast<std::uint8_t>(threshold);
    wanted.count = static_cast<std::uint8_t>(count);
  } else {
    wanted.threshold = 0;
  }
  return CheckCounts(wanted);
}

absl::StatusOr<MadeShares> MakeShares(const WantedShares& wanted,
                                      std::string_view operator_name,
                                      std::optional<std::uint16_t> other_than) {
  LIMPID_RETURN_IF_ERROR(CheckCounts(wanted));
  LIMPID_RETURN_IF_ERROR(CheckHolders(wanted));
  LIMPID_RETURN_IF_ERROR(MakeDirectory(wanted.directory));
  const base::SecretBytes key = crypto::RandomSecret(crypto::kAeadKeyBytes);
  LIMPID_ASSIGN_OR_RETURN(const Words words, SplitKey(wanted, key, other_than));
  LIMPID_ASSIGN_OR_RETURN(const std::uint16_t number, NumberOf(words));
  const ShareSet set = {number, wanted.threshold, wanted.count,
                        crypto::RootKeyCommitment(key)};
  LIMPID_RETURN_IF_ERROR(WriteFiles(wanted, operator_name, number, words));
  auto made = ReadBack(wanted, set);
  if (!made.ok()) RemoveShares({set, nullptr, FilesOf(wanted)});
  return made;
}

absl::StatusOr<std::optional<MadeShares>> FindShares(
    const WantedShares& wanted) {
  LIMPID_RETURN_IF_ERROR(CheckCounts(wanted));
  const std::vector<std::filesystem::path> files = FilesOf(wanted);
  std::error_code error;
  const auto there = std::ranges::count_if(files, [&](const auto& file) {
    return std::filesystem::exists(file, error);
  });
  if (there == 0) return std::optional<MadeShares>();
  const absl::Status unfit = absl::FailedPreconditionError(absl::StrCat(
      wanted.directory.string(), " has files of shares, but not all ",
      int{wanted.count}, " of one set: put back those that a move which was ",
      "broken off had made, or choose another directory"));
  const auto words = ReadFiles(files);
  if (!words.ok()) return unfit;
  ShareSet set{0, wanted.threshold, wanted.count, {}};
  const auto number = NumberOf(*words);
  if (!number.ok()) return unfit;
  set.id = *number;
  const auto key = slip39::Combine(std::span(*words).first(wanted.threshold),
                                   /*passphrase=*/"");
  if (!key.ok() || key->size() != crypto::kAeadKeyBytes) return unfit;
  set.commitment = crypto::RootKeyCommitment(*key);
  auto made = ReadBack(wanted, set);
  if (!made.ok()) return unfit;
  return std::optional<MadeShares>(*std::move(made));
}

void RemoveShares(const MadeShares& made) {
  std::error_code error;
  for (const std::filesystem::path& file : made.files) {
    std::filesystem::remove(file, error);
  }
}

absl::StatusOr<std::shared_ptr<const crypto::RootKey>> OpenShareFiles(
    const ShareSet& set, const std::vector<std::filesystem::path>& files) {
  if (files.size() != set.threshold) {
    return absl::InvalidArgumentError(
        absl::StrCat("exactly ", int{set.threshold}, " shares of set ", set.id,
                     " are needed, ", files.size(), " were named"));
  }
  LIMPID_ASSIGN_OR_RETURN(const Words words, ReadFiles(files));
  std::vector<std::uint8_t> places;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto share = ReadShare(set, words[i]);
    if (!share.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(files[i].string(), ": ", share.status().message()));
    }
    if (std::ranges::find(places, share->info.member_index) != places.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          files[i].string(), ": this share was named before it already"));
    }
    places.push_back(share->info.member_index);
  }
  LIMPID_ASSIGN_OR_RETURN(base::SecretBytes key, OpenShares(set, words));
  return std::make_shared<const crypto::HeldRootKey>(std::move(key));
}

}  // namespace limpid::server
