#include "server/toml_table.h"

// Header only and without exceptions, as in config.cc.
// NOLINTBEGIN(cppcoreguidelines-macro-usage): the library asks for macros
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
// NOLINTEND(cppcoreguidelines-macro-usage)
#include <toml++/toml.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace limpid::server {

struct TomlTable::Place {
  std::string file;
  // Before each key, such as "source."; empty for a whole file.
  std::string prefix;
  // Keeps the table.
  std::shared_ptr<const toml::table> whole;
  const toml::table* table = nullptr;
};

namespace {

absl::Status Bad(const std::string& file, std::size_t line,
                 std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(file, ":", line, ": ", base::ToAbsl(why)));
}

}  // namespace

absl::StatusOr<TomlTable> TomlTable::Parse(std::string_view text,
                                           std::string file) {
  toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return Bad(file, parsed.error().source().begin.line,
               parsed.error().description());
  }
  auto whole = std::make_shared<const toml::table>(std::move(parsed).table());
  const toml::table* const table = whole.get();
  return TomlTable(std::make_shared<const Place>(
      Place{std::move(file), "", std::move(whole), table}));
}

absl::StatusOr<std::vector<TomlTable>> TomlTable::OnlyTables(
    std::string_view key, std::size_t most) const {
  const std::string name(key);
  std::vector<TomlTable> out;
  for (const auto& [other, node] : *place_->table) {
    const toml::array* const tables = node.as_array();
    const std::size_t line = other.source().begin.line;
    if (other.str() != key || tables == nullptr) {
      return Bad(place_->file, line,
                 absl::StrCat("only tables [[", name, "]] may stand here"));
    }
    if (tables->size() > most) {
      return Bad(place_->file, line,
                 absl::StrCat("more than ", most, " tables [[", name, "]]"));
    }
    for (const toml::node& one : *tables) {
      if (!one.is_table()) {
        return Bad(place_->file, one.source().begin.line,
                   absl::StrCat(name, " is not a table"));
      }
      out.push_back(TomlTable(std::make_shared<const Place>(
          Place{place_->file, name + ".", place_->whole, one.as_table()})));
    }
  }
  return out;
}

bool TomlTable::Has(std::string_view key) const {
  return place_->table->contains(key);
}

absl::Status TomlTable::At(std::string_view key, std::string_view why) const {
  const toml::node* const node = place_->table->get(key);
  std::string line;
  if (node != nullptr) {
    line = absl::StrCat(":", node->source().begin.line);
  } else if (!place_->prefix.empty()) {
    // What is missing is missing in this table.
    line = absl::StrCat(":", place_->table->source().begin.line);
  }
  return absl::InvalidArgumentError(
      absl::StrCat(place_->file, line, ": ", place_->prefix, base::ToAbsl(key),
                   " ", base::ToAbsl(why)));
}

absl::Status TomlTable::RefuseOthersThan(
    std::span<const std::string_view> keys) const {
  for (const auto& [key, node] : *place_->table) {
    if (std::find(keys.begin(), keys.end(), key.str()) == keys.end()) {
      return At(key.str(), "is unknown");
    }
  }
  return absl::OkStatus();
}

absl::Status TomlTable::Text(std::string_view key, std::string& out) const {
  const toml::node* const node = place_->table->get(key);
  if (node == nullptr) return At(key, "is missing");
  const auto* const text = node->as_string();
  if (text == nullptr || text->get().empty()) {
    return At(key, "is not a text in quotes");
  }
  out = text->get();
  return absl::OkStatus();
}

absl::Status TomlTable::TextIfThere(std::string_view key,
                                    std::string& out) const {
  return Has(key) ? Text(key, out) : absl::OkStatus();
}

absl::Status TomlTable::Texts(std::string_view key, std::size_t most,
                              std::vector<std::string>& out) const {
  const toml::node* const node = place_->table->get(key);
  const toml::array* const array = node == nullptr ? nullptr : node->as_array();
  if (array == nullptr || array->empty() || array->size() > most) {
    return At(key, absl::StrCat("is not a list of 1 to ", most, " texts"));
  }
  std::vector<std::string> texts;
  for (const toml::node& item : *array) {
    const auto* const text = item.as_string();
    if (text == nullptr) return At(key, "is not a list of texts");
    if (std::find(texts.begin(), texts.end(), text->get()) != texts.end()) {
      return At(key, absl::StrCat("names ", text->get(), " twice"));
    }
    texts.push_back(text->get());
  }
  out = std::move(texts);
  return absl::OkStatus();
}

absl::Status TomlTable::NumberIfThere(std::string_view key, std::int64_t least,
                                      std::int64_t most,
                                      std::int64_t& out) const {
  const toml::node* const node = place_->table->get(key);
  if (node == nullptr) return absl::OkStatus();
  const auto* const number = node->as_integer();
  if (number == nullptr || number->get() < least || number->get() > most) {
    return At(key,
              absl::StrCat("is not a whole number from ", least, " to ", most));
  }
  out = number->get();
  return absl::OkStatus();
}

}  // namespace limpid::server
