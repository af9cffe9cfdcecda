#include "server/config.h"

// Header only and without exceptions, in this one file.
// NOLINTBEGIN(cppcoreguidelines-macro-usage): the library asks for macros
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
// NOLINTEND(cppcoreguidelines-macro-usage)
#include <toml++/toml.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "server/config_fields.h"

namespace limpid::server {
namespace {

// A configuration is a page; more is the wrong file.
constexpr std::size_t kMaxConfigBytes = 64UL * 1024;

std::string FullName(const Field& field) {
  return field.section.empty() ? std::string(field.name)
                               : absl::StrCat(base::ToAbsl(field.section), ".",
                                              base::ToAbsl(field.name));
}

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

void SetDefault(const Field& field, Config& config) {
  std::visit(
      [&config](const auto& kind) {
        using Kind = std::decay_t<decltype(kind)>;
        if constexpr (std::is_same_v<Kind, ListField>) {
          config.*kind.member = Words(kind.standard);
        } else {
          config.*kind.member = kind.standard;
        }
      },
      field.kind);
}

bool IsRequired(const Field& field) {
  if (const auto* text = std::get_if<TextField>(&field.kind)) {
    return text->standard.empty() && !text->may_be_empty;
  }
  const auto* list = std::get_if<ListField>(&field.kind);
  return list != nullptr && list->standard.empty() && !list->may_be_empty;
}

// Reads one TOML document into a Config; messages name file and line.
class Loader {
 public:
  Loader(std::string name, const toml::table& table)
      : name_(std::move(name)), table_(table) {}

  absl::StatusOr<Config> Run() {
    Config config = DefaultConfig();
    LIMPID_RETURN_IF_ERROR(RefuseUnknown("", table_));
    for (const Field& field : Fields()) {
      const toml::node* node = Find(field);
      if (node == nullptr && IsRequired(field)) {
        return absl::InvalidArgumentError(
            absl::StrCat(name_, ": ", FullName(field), " is missing"));
      }
      if (node == nullptr) continue;
      LIMPID_RETURN_IF_ERROR(Read(field, *node, config));
    }
    const absl::Status checked = CheckConfig(config);
    if (checked.ok()) return config;
    return absl::InvalidArgumentError(
        absl::StrCat(name_, ": ", checked.message()));
  }

 private:
  [[nodiscard]] absl::Status At(const toml::node& node,
                                std::string_view why) const {
    return absl::InvalidArgumentError(absl::StrCat(
        name_, ":", node.source().begin.line, ": ", base::ToAbsl(why)));
  }

  [[nodiscard]] const toml::node* Find(const Field& field) const {
    if (field.section.empty()) return table_.get(field.name);
    const toml::node* section = table_.get(field.section);
    const toml::table* inner =
        section == nullptr ? nullptr : section->as_table();
    return inner == nullptr ? nullptr : inner->get(field.name);
  }

  // `section` is "" for the file itself.
  [[nodiscard]] absl::Status RefuseUnknown(std::string_view section,
                                           const toml::table& table) const {
    for (const auto& [key, node] : table) {
      const std::string_view name = key.str();
      const bool is_key = std::ranges::any_of(Fields(), [&](const Field& f) {
        return f.section == section && f.name == name;
      });
      const bool is_section =
          section.empty() && std::ranges::any_of(Fields(), [&](const Field& f) {
            return f.section == name;
          });
      if (is_section && node.is_table()) {
        LIMPID_RETURN_IF_ERROR(RefuseUnknown(name, *node.as_table()));
      } else if (!is_key) {
        const std::string full =
            section.empty()
                ? std::string(name)
                : absl::StrCat(base::ToAbsl(section), ".", base::ToAbsl(name));
        return absl::InvalidArgumentError(
            absl::StrCat(name_, ":", key.source().begin.line, ": the key '",
                         full, "' is unknown"));
      }
    }
    return absl::OkStatus();
  }

  // ReadAs needs the object, behind a generic lambda that hides it.
  // NOLINTNEXTLINE(readability-convert-member-functions-to-static)
  absl::Status Read(const Field& field, const toml::node& node,
                    Config& config) const {
    return std::visit(
        [&](const auto& kind) {
          return ReadAs(FullName(field), kind, node, config);
        },
        field.kind);
  }

  absl::Status ReadAs(const std::string& name, const TextField& kind,
                      const toml::node& node, Config& config) const {
    const auto* text = node.as_string();
    if (text == nullptr) return At(node, name + " is not a text in quotes");
    if (text->get().empty() && !kind.may_be_empty) {
      return At(node, name + " is empty");
    }
    config.*kind.member = text->get();
    return absl::OkStatus();
  }

  absl::Status ReadAs(const std::string& name, const ListField& kind,
                      const toml::node& node, Config& config) const {
    const toml::array* array = node.as_array();
    if (array == nullptr) return At(node, name + " is not a list of texts");
    std::vector<std::string> items;
    for (const toml::node& item : *array) {
      const auto* text = item.as_string();
      if (text == nullptr) return At(item, name + " is not a list of texts");
      items.push_back(text->get());
    }
    config.*kind.member = std::move(items);
    return absl::OkStatus();
  }

  absl::Status ReadAs(const std::string& name, const NumberField& kind,
                      const toml::node& node, Config& config) const {
    const auto* number = node.as_integer();
    if (number == nullptr) return At(node, name + " is not a whole number");
    if (number->get() < kind.least || number->get() > kind.most) {
      return At(node, absl::StrCat(name, " is not from ", kind.least, " to ",
                                   kind.most));
    }
    config.*kind.member = number->get();
    return absl::OkStatus();
  }

  absl::Status ReadAs(const std::string& name, const FlagField& kind,
                      const toml::node& node, Config& config) const {
    const auto* flag = node.as_boolean();
    if (flag == nullptr) return At(node, name + " is not true or false");
    config.*kind.member = flag->get();
    return absl::OkStatus();
  }

  std::string name_;
  const toml::table& table_;
};

// A TOML basic string. The characters that need more never occur in names and
// paths that CheckConfig and a file system allow, except these.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string ValueText(const Field& field, const Config& config) {
  if (const auto* text = std::get_if<TextField>(&field.kind)) {
    return Quoted(config.*text->member);
  }
  if (const auto* number = std::get_if<NumberField>(&field.kind)) {
    return absl::StrCat(config.*number->member);
  }
  if (const auto* flag = std::get_if<FlagField>(&field.kind)) {
    return config.*flag->member ? "true" : "false";
  }
  std::string out = "[";
  for (const std::string& item :
       config.*std::get<ListField>(field.kind).member) {
    absl::StrAppend(&out, out.size() > 1 ? ", " : "", Quoted(item));
  }
  return out + "]";
}

std::string CommentLines(std::string_view comment) {
  std::string out = "# ";
  for (const char c : comment) {
    out += c;
    if (c == '\n') out += "# ";
  }
  return out + "\n";
}

}  // namespace

bool Config::HasRole(std::string_view role) const {
  return std::ranges::find(roles, role) != roles.end();
}

std::filesystem::path Config::Resolve(std::string_view path) const {
  return (base / path).lexically_normal();
}

std::string_view RootKeyKind(const Config& config) {
  if (!config.root_key_kind.empty()) return config.root_key_kind;
  return config.root_key_module.empty() ? kRootKeyFile : kRootKeyToken;
}

Config DefaultConfig() {
  Config config;
  for (const Field& field : Fields()) SetDefault(field, config);
  return config;
}

absl::StatusOr<Config> ParseConfig(std::string_view text,
                                   const std::filesystem::path& name) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return absl::InvalidArgumentError(
        absl::StrCat(name.string(), ":", parsed.error().source().begin.line,
                     ": ", base::ToAbsl(parsed.error().description())));
  }
  LIMPID_ASSIGN_OR_RETURN(Config config,
                          Loader(name.string(), parsed.table()).Run());
  config.base = std::filesystem::absolute(name).parent_path();
  return config;
}

absl::StatusOr<Config> LoadConfig(const std::filesystem::path& file) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                          base::ReadFileBytes(file, kMaxConfigBytes));
  return ParseConfig(base::AsText(bytes), file);
}

std::string WriteConfig(const Config& config) {
  std::string out = "# Configuration of limpidd. An unknown key is refused.\n";
  std::string_view section;
  for (const Field& field : Fields()) {
    if (field.section != section) {
      section = field.section;
      absl::StrAppend(&out, "\n[", base::ToAbsl(section), "]\n");
    } else {
      out += '\n';
    }
    absl::StrAppend(&out, CommentLines(field.comment), base::ToAbsl(field.name),
                    " = ", ValueText(field, config), "\n");
  }
  return out;
}

}  // namespace limpid::server
