#include "algoregister/links/link.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algoregister/registration/content.h"
#include "algoregister/registration/registration_store.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using json::Value;

// A field that a kind does not have is no link of it.
constexpr auto kLinkFields = std::to_array<LinkField>({
    {"provider", "", LinkKind::kVendor},
    {"suppliers", "name", LinkKind::kVendor},
    {"legal_basis", "", LinkKind::kLaw},
    {"legal_bases", "title", LinkKind::kLaw},
    {"legal_bases", "url", LinkKind::kLaw},
    {"processes_attributes", "", LinkKind::kAttribute},
    {"personal_data_categories", "", LinkKind::kAttribute},
});

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

void AddText(LinkKind kind, const std::string& pointer, std::string_view text,
             std::vector<Link>& out) {
  std::string key = LinkKey(text);
  if (!key.empty()) {
    out.push_back({.kind = kind, .pointer = pointer, .key = std::move(key)});
  }
}

// A text that is no title as a whole may be a list of titles.
void AddLines(LinkKind kind, const std::string& pointer, std::string_view text,
              std::vector<Link>& out) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\n;"), text.size());
    AddText(kind, pointer, text.substr(0, end), out);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// A plain text, a list of them, or a language map.
void AddValue(LinkKind kind, const std::string& pointer, const Value& value,
              std::vector<Link>& out) {
  if (value.is_string()) {
    AddLines(kind, pointer, value.string(), out);
  }
  if (value.is_array()) {
    std::size_t index = 0;
    for (const Value& element : value.elements()) {
      AddValue(kind, pointer + "/" + std::to_string(index++), element, out);
    }
  }
  if (value.is_object()) {
    for (const json::Member& language : value.members()) {
      // Without the tags that a rich text has.
      AddLines(kind, pointer + "/" + json::PointerToken(language.key) + "/text",
               WordsOf(language.value), out);
    }
  }
}

void AddMember(const LinkField& row, const std::string& pointer,
               const Value& records, std::vector<Link>& out) {
  if (!records.is_array()) return;
  std::size_t index = 0;
  for (const Value& record : records.elements()) {
    const std::string below =
        pointer + "/" + std::to_string(index++) + "/" + std::string(row.member);
    if (const Value* const value = record.Find(row.member)) {
      AddValue(row.kind, below, *value, out);
    }
  }
}

}  // namespace

std::span<const LinkField> LinkFields() { return kLinkFields; }

std::string LinkKey(std::string_view text) {
  std::string out;
  bool gap = false;
  for (const char c : text) {
    if (IsBlank(c)) {
      gap = !out.empty();
      continue;
    }
    if (gap) out += ' ';
    gap = false;
    out += c;
  }
  if (out.size() > kMaxLinkTextBytes) return {};
  return FoldTitle(out);
}

std::string LinkKey(const RegistrationId& target) {
  return FoldTitle(target.Text());
}

std::vector<Link> LinksOf(const Value& content) {
  std::vector<Link> out;
  for (const ReferenceAt& reference : ReferencesOf(content)) {
    out.push_back({.kind = LinkKind::kReference,
                   .pointer = reference.pointer,
                   .key = LinkKey(reference.target)});
  }
  for (const LinkField& row : kLinkFields) {
    const Value* const value = GivenValue(content, row.field);
    if (value == nullptr) continue;
    const std::string pointer = "/fields/" + std::string(row.field) + "/value";
    if (row.member.empty()) {
      AddValue(row.kind, pointer, *value, out);
    } else {
      AddMember(row, pointer, *value, out);
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace limpid::algoregister
