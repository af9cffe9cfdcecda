// Reads tables of our TOML files: each fault names the file, the line and the
// key.

#ifndef LIMPID_SERVER_TOML_TABLE_H_
#define LIMPID_SERVER_TOML_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace limpid::server {

// A copy is the same table. The functions that read leave `out` as it is when
// they fail.
//
// Errors: kInvalidArgument in the form of At, of all.
class TomlTable {
 public:
  // The whole of a file called `file`.
  static absl::StatusOr<TomlTable> Parse(std::string_view text,
                                         std::string file);
  // The tables [[key]], of which there may be `most`. Nothing else may stand
  // here.
  absl::StatusOr<std::vector<TomlTable>> OnlyTables(std::string_view key,
                                                    std::size_t most) const;

  // "<file>:<line>: <key> <why>", the key with that of its table before it. A
  // key that is missing in a whole file has no line.
  [[nodiscard]] absl::Status At(std::string_view key,
                                std::string_view why) const;
  [[nodiscard]] bool Has(std::string_view key) const;
  [[nodiscard]] absl::Status RefuseOthersThan(
      std::span<const std::string_view> keys) const;

  // A text in quotes that is not empty, and has to be there.
  absl::Status Text(std::string_view key, std::string& out) const;
  // Nothing when the key is not there.
  absl::Status TextIfThere(std::string_view key, std::string& out) const;
  // 1 to `most` different texts.
  absl::Status Texts(std::string_view key, std::size_t most,
                     std::vector<std::string>& out) const;
  // A whole number from `least` to `most`; nothing when the key is not there.
  absl::Status NumberIfThere(std::string_view key, std::int64_t least,
                             std::int64_t most, std::int64_t& out) const;

 private:
  struct Place;
  explicit TomlTable(std::shared_ptr<const Place> place)
      : place_(std::move(place)) {}

  std::shared_ptr<const Place> place_;
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_TOML_TABLE_H_
