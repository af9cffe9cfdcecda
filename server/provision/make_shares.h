// Makes the shares of a new root key: splits it, and writes a file for each
// operator. The key itself is written nowhere. docs/root-key-shares.md

#ifndef LIMPID_SERVER_PROVISION_MAKE_SHARES_H_
#define LIMPID_SERVER_PROVISION_MAKE_SHARES_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/root_key.h"
#include "server/share_set.h"

namespace limpid::server {

struct WantedShares {
  // 1 of 1, or 2 to 16 of at most 16.
  std::uint8_t threshold = 0;
  std::uint8_t count = 0;
  // Made if need be, for its owner alone.
  std::filesystem::path directory;
  // Who keeps them, in their order; empty: "operator 1" and so on.
  std::vector<std::string> holders;
};

// Reads "2/3" into threshold and count.
//
// Errors:
//   kInvalidArgument  anything else than what WantedShares allows.
absl::Status ParseShareCounts(std::string_view text, WantedShares& wanted);

struct MadeShares {
  ShareSet set;
  // Shared: the key rings of all roles hang on it.
  std::shared_ptr<const crypto::RootKey> root;
  // "root-key-share-1-of-3.txt" and so on.
  std::vector<std::filesystem::path> files;
};

// Makes a key and its share files (0600), durable on return, and reads them
// back until each of them has given the key. The set's number is another one
// than `other_than`. After a failure the files are gone again.
//
// Errors:
//   kInvalidArgument  counts or holders are out of range.
//   kAlreadyExists    a file is there.
//   others            as base::WriteNewFile.
absl::StatusOr<MadeShares> MakeShares(const WantedShares& wanted,
                                      std::string_view operator_name,
                                      std::optional<std::uint16_t> other_than);

// The same key as an earlier MakeShares with these counts, from all its files;
// nothing when none is there.
//
// Errors:
//   kFailedPrecondition  some are missing, or they do not fit together: what
//                        is there is left as it is.
absl::StatusOr<std::optional<MadeShares>> FindShares(
    const WantedShares& wanted);

// Takes the files away, after a failure of what they were made for.
void RemoveShares(const MadeShares& made);

// The root key of `set`, from files of as many of its shares as are needed.
//
// Errors:
//   kInvalidArgument     too few or too many files, a file twice, or as
//                        ReadShare, with its name.
//   kFailedPrecondition  as OpenShares.
//   others               as slip39::ReadSharePage.
absl::StatusOr<std::shared_ptr<const crypto::RootKey>> OpenShareFiles(
    const ShareSet& set, const std::vector<std::filesystem::path>& files);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_PROVISION_MAKE_SHARES_H_
