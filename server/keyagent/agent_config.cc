#include "server/keyagent/agent_config.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "server/toml_table.h"

namespace limpid::server {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{64} << 10U;
constexpr std::int64_t kUsualPersons = 600;
constexpr std::int64_t kMostPersons = 1'000'000;
constexpr std::int64_t kUsualMilliseconds = 1000;
constexpr std::int64_t kMostMilliseconds = 30'000;

constexpr std::array<std::string_view, 14> kKeys = {
    "data_directory",      "socket",
    "vault_uid",           "operator",
    "source_id",           "evidence_key",
    "token_key",           "persons_per_minute",
    "clock_difference_ms", "root_key_file",
    "root_key_module",     "root_key_token",
    "root_key_name",       "root_key_pin_file"};

class Reader {
 public:
  Reader(const std::filesystem::path& file, TomlTable table)
      : file_(file), table_(std::move(table)) {}

  absl::StatusOr<AgentConfig> Run() {
    out_.root_key = DefaultConfig();
    out_.root_key.base = std::filesystem::absolute(file_).parent_path();
    LIMPID_RETURN_IF_ERROR(table_.RefuseOthersThan(kKeys));
    LIMPID_RETURN_IF_ERROR(ReadPlaces());
    LIMPID_RETURN_IF_ERROR(ReadTrust());
    LIMPID_RETURN_IF_ERROR(ReadBounds());
    LIMPID_RETURN_IF_ERROR(ReadRootKey());
    return std::move(out_);
  }

 private:
  absl::Status Key(std::string_view key, crypto::Ed25519PublicKey& out) const {
    std::string text;
    LIMPID_RETURN_IF_ERROR(table_.Text(key, text));
    const auto bytes = base::Base64UrlDecode(text);
    if (!bytes.ok() || bytes->size() != out.bytes.size()) {
      return table_.At(key,
                       "is not a public key as `limpid admin keys` shows it");
    }
    std::copy(bytes->begin(), bytes->end(), out.bytes.begin());
    return absl::OkStatus();
  }

  absl::Status ReadPlaces() {
    std::string directory;
    LIMPID_RETURN_IF_ERROR(table_.Text("data_directory", directory));
    out_.data_directory = out_.root_key.Resolve(directory);
    std::string socket;
    LIMPID_RETURN_IF_ERROR(table_.Text("socket", socket));
    out_.socket = out_.root_key.Resolve(socket);
    std::int64_t uid = -1;
    // The highest number stands for nobody at all in the system's calls.
    LIMPID_RETURN_IF_ERROR(table_.NumberIfThere(
        "vault_uid", 0, std::numeric_limits<uid_t>::max() - 1, uid));
    if (uid < 0) return table_.At("vault_uid", "is missing");
    out_.vault_uid = static_cast<uid_t>(uid);
    return absl::OkStatus();
  }

  absl::Status ReadTrust() {
    vault::KeyAgentOptions& options = out_.options;
    LIMPID_RETURN_IF_ERROR(
        table_.Text("operator", options.vault.operator_name));
    std::string source;
    LIMPID_RETURN_IF_ERROR(table_.Text("source_id", source));
    const auto id = vault::SourceId::Parse(source);
    if (!id.ok()) return table_.At("source_id", "is not an id like src_...");
    options.vault.source = *id;
    LIMPID_RETURN_IF_ERROR(Key("evidence_key", options.permit_key));
    return Key("token_key", options.token_key);
  }

  absl::Status ReadBounds() {
    std::int64_t persons = kUsualPersons;
    LIMPID_RETURN_IF_ERROR(
        table_.NumberIfThere("persons_per_minute", 1, kMostPersons, persons));
    out_.options.persons_per_minute = static_cast<std::size_t>(persons);
    std::int64_t difference = kUsualMilliseconds;
    LIMPID_RETURN_IF_ERROR(table_.NumberIfThere("clock_difference_ms", 0,
                                                kMostMilliseconds, difference));
    out_.options.clock_difference = absl::Milliseconds(difference);
    return absl::OkStatus();
  }

  absl::Status ReadRootKey() {
    Config& config = out_.root_key;
    config.root_key_file.clear();
    LIMPID_RETURN_IF_ERROR(
        table_.TextIfThere("root_key_file", config.root_key_file));
    LIMPID_RETURN_IF_ERROR(
        table_.TextIfThere("root_key_module", config.root_key_module));
    LIMPID_RETURN_IF_ERROR(
        table_.TextIfThere("root_key_token", config.root_key_token));
    LIMPID_RETURN_IF_ERROR(
        table_.TextIfThere("root_key_name", config.root_key_name));
    LIMPID_RETURN_IF_ERROR(
        table_.TextIfThere("root_key_pin_file", config.root_key_pin_file));
    const bool token = !config.root_key_module.empty();
    if (token != config.root_key_file.empty()) {
      return table_.At("root_key_file",
                       "or root_key_module must be there, and not both");
    }
    if (token &&
        (config.root_key_token.empty() || config.root_key_pin_file.empty())) {
      return table_.At("root_key_module",
                       "needs root_key_token and root_key_pin_file");
    }
    return absl::OkStatus();
  }

  const std::filesystem::path file_;
  const TomlTable table_;
  AgentConfig out_;
};

}  // namespace

absl::StatusOr<AgentConfig> LoadAgentConfig(const std::filesystem::path& file) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                          base::ReadFileBytes(file, kMaxFileBytes));
  LIMPID_ASSIGN_OR_RETURN(TomlTable table,
                          TomlTable::Parse(base::AsText(bytes), file.string()));
  return Reader(file, std::move(table)).Run();
}

}  // namespace limpid::server
