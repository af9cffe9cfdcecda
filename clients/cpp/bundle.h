// An export bundle as a person's device writes and checks it: head, order, end.
// Written from the format page and not shared with the server, whose lines it
// does not look into further than it must. docs/formats/export-bundle.md

#ifndef LIMPID_CLIENTS_CPP_BUNDLE_H_
#define LIMPID_CLIENTS_CPP_BUNDLE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"

namespace limpid::client {

// Both sides hold a bundle in memory; a person keeps 64 MiB encrypted, unless
// her operator allows more.
inline constexpr std::size_t kMaxBundleBytes = std::size_t{256} << 20U;
// What encryption adds: 16 bytes to each 64 KiB, and a header.
inline constexpr std::size_t kMaxBundleFileBytes =
    kMaxBundleBytes + (std::size_t{1} << 20U);
// Without its line feed.
inline constexpr std::size_t kMaxBundleLineBytes = std::size_t{512} << 10U;

struct BundleHead {
  // The vault that was asked; the id is "src_...".
  std::string operator_name;
  std::string source_id;
  absl::Time exported;
};

// Puts head and end around `lines`, which the vault gave. The caller wipes it.
//
// Errors:
//   kResourceExhausted  over kMaxBundleBytes.
absl::StatusOr<std::string> WriteBundle(const BundleHead& head,
                                        std::span<const std::string> lines);

enum class BundleLineKind : std::uint8_t { kSlot, kDefinition, kVersion };

struct BundleLine {
  BundleLineKind kind = BundleLineKind::kVersion;
  // In the bundle, from 1.
  std::size_t number = 0;
  // A view of the bundle, without the line feed.
  std::string_view text;
  // Of definitions and versions.
  std::string attribute;
  // Of versions, from 1.
  std::uint64_t version = 0;
  // SHA-256 of the line of the version before; zero where there is none.
  base::Digest32 previous{};
};

struct Bundle {
  BundleHead head;
  // All but head and end.
  std::vector<BundleLine> lines;
  // As the end has it.
  base::Digest32 sha256{};
};

// Reads a whole bundle; `text` must outlive what is returned.
//
// Errors:
//   kInvalidArgument    not a bundle of this version, or damaged: "line N: ..."
//                       from 1, quoting nothing.
//   kResourceExhausted  over kMaxBundleBytes.
absl::StatusOr<Bundle> ReadBundle(std::string_view text);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_BUNDLE_H_
