#include "server/source_config.h"

#include <array>
#include <cstddef>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "server/toml_table.h"

namespace limpid::server {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{256} << 10U;
constexpr std::size_t kMostSources = 32;
constexpr std::size_t kMostAttributes = 64;
constexpr std::int64_t kLeastMilliseconds = 100;
constexpr std::size_t kKeyBytes = 32;

constexpr std::array<std::string_view, 13> kKeys = {
    "name",        "title",
    "kind",        "url",
    "ca",          "certificate",
    "private_key", "keys",
    "client_id",   "client_secret_file",
    "attributes",  "at_once",
    "timeout_ms"};

// One [[source]].
class Reader {
 public:
  Reader(TomlTable table, std::filesystem::path folder)
      : table_(std::move(table)), folder_(std::move(folder)) {}

  absl::StatusOr<SourceConfig> Run() {
    LIMPID_RETURN_IF_ERROR(table_.RefuseOthersThan(kKeys));
    LIMPID_RETURN_IF_ERROR(ReadNames());
    LIMPID_RETURN_IF_ERROR(ReadFiles());
    LIMPID_RETURN_IF_ERROR(ReadLogin());
    LIMPID_RETURN_IF_ERROR(
        table_.Texts("attributes", kMostAttributes, out_.attributes));
    LIMPID_RETURN_IF_ERROR(table_.NumberIfThere(
        "at_once", 1, SourceConfig::kMostAtOnce, out_.at_once));
    std::int64_t milliseconds = absl::ToInt64Milliseconds(out_.time_limit);
    LIMPID_RETURN_IF_ERROR(table_.NumberIfThere(
        "timeout_ms", kLeastMilliseconds,
        absl::ToInt64Milliseconds(SourceConfig::kMostTime), milliseconds));
    out_.time_limit = absl::Milliseconds(milliseconds);
    return out_;
  }

 private:
  absl::Status File(std::string_view key, std::filesystem::path& out) const {
    std::string text;
    LIMPID_RETURN_IF_ERROR(table_.Text(key, text));
    out = (folder_ / text).lexically_normal();
    return absl::OkStatus();
  }

  absl::Status ReadNames() {
    LIMPID_RETURN_IF_ERROR(table_.Text("name", out_.name));
    LIMPID_RETURN_IF_ERROR(table_.Text("title", out_.title));
    LIMPID_RETURN_IF_ERROR(table_.Text("kind", out_.kind));
    if (out_.kind != kAgencySource && out_.kind != kSolidSource) {
      return table_.At("kind", "is neither \"agency\" nor \"solid\"");
    }
    return table_.Text("url", out_.url);
  }

  absl::Status ReadFiles() {
    LIMPID_RETURN_IF_ERROR(File("ca", out_.ca));
    // An agency has to know who asks; a Solid server is logged in to.
    if (out_.kind == kSolidSource) {
      for (const std::string_view key :
           {"certificate", "private_key", "keys"}) {
        if (table_.Has(key)) return table_.At(key, "is of agencies alone");
      }
      return absl::OkStatus();
    }
    LIMPID_RETURN_IF_ERROR(File("certificate", out_.certificate));
    LIMPID_RETURN_IF_ERROR(File("private_key", out_.private_key));
    LIMPID_RETURN_IF_ERROR(table_.Texts("keys", 2, out_.keys));
    for (const std::string& key : out_.keys) {
      const auto bytes = base::Base64UrlDecode(key);
      if (bytes.ok() && bytes->size() == kKeyBytes) continue;
      return table_.At("keys", "has one that is not 32 bytes in base64url");
    }
    return absl::OkStatus();
  }

  absl::Status ReadLogin() {
    if (out_.kind == kSolidSource) {
      LIMPID_RETURN_IF_ERROR(table_.Text("client_id", out_.client_id));
      return File("client_secret_file", out_.client_secret);
    }
    for (const std::string_view key : {"client_id", "client_secret_file"}) {
      if (table_.Has(key)) return table_.At(key, "is of Solid servers alone");
    }
    return absl::OkStatus();
  }

  const TomlTable table_;
  const std::filesystem::path folder_;
  SourceConfig out_;
};

}  // namespace

absl::StatusOr<std::vector<SourceConfig>> ParseSources(
    std::string_view text, const std::filesystem::path& name) {
  LIMPID_ASSIGN_OR_RETURN(const TomlTable whole,
                          TomlTable::Parse(text, name.string()));
  LIMPID_ASSIGN_OR_RETURN(const std::vector<TomlTable> tables,
                          whole.OnlyTables("source", kMostSources));
  const auto folder = std::filesystem::absolute(name).parent_path();
  std::vector<SourceConfig> out;
  std::set<std::string> names;
  for (const TomlTable& table : tables) {
    LIMPID_ASSIGN_OR_RETURN(SourceConfig source, Reader(table, folder).Run());
    if (!names.insert(source.name).second) {
      return table.At("name", absl::StrCat(source.name, " is twice"));
    }
    out.push_back(std::move(source));
  }
  return out;
}

absl::StatusOr<std::vector<SourceConfig>> LoadSources(
    const std::filesystem::path& file) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                          base::ReadFileBytes(file, kMaxFileBytes));
  return ParseSources(base::AsText(bytes), file);
}

}  // namespace limpid::server
