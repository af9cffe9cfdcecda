#include "server/source_config.h"

// Header only and without exceptions, as in config.cc.
// NOLINTBEGIN(cppcoreguidelines-macro-usage): the library asks for macros
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
// NOLINTEND(cppcoreguidelines-macro-usage)
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

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
  Reader(std::string file, const toml::table& table,
         std::filesystem::path folder)
      : file_(std::move(file)), table_(table), folder_(std::move(folder)) {}

  absl::StatusOr<SourceConfig> Run() {
    LIMPID_RETURN_IF_ERROR(RefuseUnknown());
    LIMPID_RETURN_IF_ERROR(ReadNames());
    LIMPID_RETURN_IF_ERROR(ReadFiles());
    LIMPID_RETURN_IF_ERROR(ReadLogin());
    LIMPID_RETURN_IF_ERROR(
        List("attributes", kMostAttributes, out_.attributes));
    LIMPID_RETURN_IF_ERROR(
        Number("at_once", 1, SourceConfig::kMostAtOnce, out_.at_once));
    std::int64_t milliseconds = absl::ToInt64Milliseconds(out_.time_limit);
    LIMPID_RETURN_IF_ERROR(Number(
        "timeout_ms", kLeastMilliseconds,
        absl::ToInt64Milliseconds(SourceConfig::kMostTime), milliseconds));
    out_.time_limit = absl::Milliseconds(milliseconds);
    return out_;
  }

 private:
  [[nodiscard]] absl::Status At(std::string_view key,
                                std::string_view why) const {
    const toml::node* const node = table_.get(key);
    const auto line =
        (node == nullptr ? table_.source() : node->source()).begin.line;
    return absl::InvalidArgumentError(
        absl::StrCat(file_, ":", line, ": source.", base::ToAbsl(key), " ",
                     base::ToAbsl(why)));
  }

  [[nodiscard]] absl::Status RefuseUnknown() const {
    for (const auto& [key, node] : table_) {
      if (std::find(kKeys.begin(), kKeys.end(), key.str()) != kKeys.end()) {
        continue;
      }
      return At(key.str(), "is unknown");
    }
    return absl::OkStatus();
  }

  absl::Status Text(std::string_view key, std::string& out) const {
    const toml::node* const node = table_.get(key);
    if (node == nullptr) return At(key, "is missing");
    const auto* const text = node->as_string();
    if (text == nullptr || text->get().empty()) {
      return At(key, "is not a text in quotes");
    }
    out = text->get();
    return absl::OkStatus();
  }

  absl::Status File(std::string_view key, std::filesystem::path& out) const {
    std::string text;
    LIMPID_RETURN_IF_ERROR(Text(key, text));
    out = (folder_ / text).lexically_normal();
    return absl::OkStatus();
  }

  absl::Status List(std::string_view key, std::size_t most,
                    std::vector<std::string>& out) const {
    const toml::node* const node = table_.get(key);
    const toml::array* const array =
        node == nullptr ? nullptr : node->as_array();
    if (array == nullptr || array->empty() || array->size() > most) {
      return At(key, absl::StrCat("is not a list of 1 to ", most, " texts"));
    }
    for (const toml::node& item : *array) {
      const auto* const text = item.as_string();
      if (text == nullptr) return At(key, "is not a list of texts");
      if (std::find(out.begin(), out.end(), text->get()) != out.end()) {
        return At(key, absl::StrCat("names ", text->get(), " twice"));
      }
      out.push_back(text->get());
    }
    return absl::OkStatus();
  }

  absl::Status Number(std::string_view key, std::int64_t least,
                      std::int64_t most, std::int64_t& out) const {
    const toml::node* const node = table_.get(key);
    if (node == nullptr) return absl::OkStatus();
    const auto* const number = node->as_integer();
    if (number == nullptr || number->get() < least || number->get() > most) {
      return At(key, absl::StrCat("is not a whole number from ", least, " to ",
                                  most));
    }
    out = number->get();
    return absl::OkStatus();
  }

  absl::Status ReadNames() {
    LIMPID_RETURN_IF_ERROR(Text("name", out_.name));
    LIMPID_RETURN_IF_ERROR(Text("title", out_.title));
    LIMPID_RETURN_IF_ERROR(Text("kind", out_.kind));
    if (out_.kind != kAgencySource && out_.kind != kSolidSource) {
      return At("kind", "is neither \"agency\" nor \"solid\"");
    }
    return Text("url", out_.url);
  }

  absl::Status ReadFiles() {
    LIMPID_RETURN_IF_ERROR(File("ca", out_.ca));
    // An agency has to know who asks; a Solid server is logged in to.
    if (out_.kind == kSolidSource) {
      for (const std::string_view key :
           {"certificate", "private_key", "keys"}) {
        if (table_.contains(key)) return At(key, "is of agencies alone");
      }
      return absl::OkStatus();
    }
    LIMPID_RETURN_IF_ERROR(File("certificate", out_.certificate));
    LIMPID_RETURN_IF_ERROR(File("private_key", out_.private_key));
    LIMPID_RETURN_IF_ERROR(List("keys", 2, out_.keys));
    for (const std::string& key : out_.keys) {
      const auto bytes = base::Base64UrlDecode(key);
      if (bytes.ok() && bytes->size() == kKeyBytes) continue;
      return At("keys", "has one that is not 32 bytes in base64url");
    }
    return absl::OkStatus();
  }

  absl::Status ReadLogin() {
    if (out_.kind == kSolidSource) {
      LIMPID_RETURN_IF_ERROR(Text("client_id", out_.client_id));
      return File("client_secret_file", out_.client_secret);
    }
    for (const std::string_view key : {"client_id", "client_secret_file"}) {
      if (table_.contains(key)) return At(key, "is of Solid servers alone");
    }
    return absl::OkStatus();
  }

  const std::string file_;
  const toml::table& table_;
  const std::filesystem::path folder_;
  SourceConfig out_;
};

absl::Status Bad(const std::string& file, std::size_t line,
                 std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(file, ":", line, ": ", base::ToAbsl(why)));
}

}  // namespace

absl::StatusOr<std::vector<SourceConfig>> ParseSources(
    std::string_view text, const std::filesystem::path& name) {
  const std::string file = name.string();
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return Bad(file, parsed.error().source().begin.line,
               parsed.error().description());
  }
  const auto folder = std::filesystem::absolute(name).parent_path();
  std::vector<SourceConfig> out;
  std::set<std::string> names;
  for (const auto& [key, node] : parsed.table()) {
    const toml::array* const tables = node.as_array();
    if (key.str() != "source" || tables == nullptr) {
      return Bad(file, key.source().begin.line,
                 "only tables [[source]] may stand here");
    }
    if (tables->size() > kMostSources) {
      return Bad(file, key.source().begin.line, "more than 32 sources");
    }
    for (const toml::node& one : *tables) {
      if (!one.is_table()) {
        return Bad(file, one.source().begin.line, "source is not a table");
      }
      LIMPID_ASSIGN_OR_RETURN(SourceConfig source,
                              Reader(file, *one.as_table(), folder).Run());
      if (!names.insert(source.name).second) {
        return Bad(file, one.source().begin.line,
                   absl::StrCat("source.name ", source.name, " is twice"));
      }
      out.push_back(std::move(source));
    }
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
