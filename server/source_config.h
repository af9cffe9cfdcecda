// The file of the sources that persons may link their vault to: one table for
// each. Refuses to guess, like config.h. docs/connectors.md

#ifndef LIMPID_SERVER_SOURCE_CONFIG_H_
#define LIMPID_SERVER_SOURCE_CONFIG_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace limpid::server {

// What kinds of source there are.
inline constexpr std::string_view kAgencySource = "agency";
inline constexpr std::string_view kSolidSource = "solid";

struct SourceConfig {
  // So that one source cannot have all threads of the machine.
  static constexpr std::int64_t kMostAtOnce = 64;
  // A permit is a lease of two seconds, and the answer has to leave too.
  static constexpr absl::Duration kMostTime = absl::Milliseconds(1500);

  std::string name;
  std::string title;
  std::string kind;
  std::string url;
  // Files; relative ones start at the folder of the file of sources.
  std::filesystem::path ca;
  std::filesystem::path certificate;
  std::filesystem::path private_key;
  // Of an agency, what signs its statements: one or two, base64url.
  std::vector<std::string> keys;
  // Of a Solid server, as whom the vault logs in, and the file with the secret.
  std::string client_id;
  std::filesystem::path client_secret;
  std::vector<std::string> attributes;
  std::int64_t at_once = 8;
  absl::Duration time_limit = absl::Milliseconds(1200);
};

// Errors:
//   kInvalidArgument  one sentence, "<name>:<line>: ...".
absl::StatusOr<std::vector<SourceConfig>> ParseSources(
    std::string_view text, const std::filesystem::path& name);
// Errors: those of ParseSources, and
//   kNotFound  no such file.
absl::StatusOr<std::vector<SourceConfig>> LoadSources(
    const std::filesystem::path& file);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_SOURCE_CONFIG_H_
