// What a registration points at, so that "who else uses this" has an answer:
// references by id, and names of vendors, laws and personal data by their text.
// Which fields count is a table; values and pure functions.

#ifndef LIMPID_ALGOREGISTER_LINKS_LINK_H_
#define LIMPID_ALGOREGISTER_LINKS_LINK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algoregister/registration/ids.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// Longer texts name nothing.
inline constexpr std::size_t kMaxLinkTextBytes = 200;
// Raised whenever LinksOf finds other links in the same content: stores then
// fill theirs anew.
inline constexpr std::int64_t kLinkRules = 1;

// Stored: append, never renumber.
enum class LinkKind : std::uint8_t {
  // A registration, by its id.
  kReference = 1,
  // Who provides a system: an organisation's id, or a name.
  kVendor = 2,
  // A legal basis: a title or an address.
  kLaw = 3,
  // An attribute of the vault, by its id, or a category of data by its name.
  kAttribute = 4,
};

struct Link {
  LinkKind kind = LinkKind::kReference;
  // Of the value that points, "/fields/system/value".
  std::string pointer;
  // What it points at: LinkKey.
  std::string key;

  friend auto operator<=>(const Link&, const Link&) = default;
};

// One row of the table: a field, or a member of the records in it.
struct LinkField {
  std::string_view field;
  // Empty for the field itself.
  std::string_view member;
  LinkKind kind;
};
std::span<const LinkField> LinkFields();

// A text as links compare it: A to Z in lower case, white space as single
// blanks. Empty for a text that is longer than kMaxLinkTextBytes or blank.
std::string LinkKey(std::string_view text);
std::string LinkKey(const RegistrationId& target);

// The links of a valid content, ascending, each once. Long legal texts count
// line by line, those lines that are short enough to be a title.
std::vector<Link> LinksOf(const json::Value& content);

// Which links to find.
struct LinkQuery {
  LinkKind kind = LinkKind::kReference;
  // Any of these, 1 or 2.
  std::vector<std::string> keys;
  // Only registrations of this kind.
  std::optional<RegistrationKind> source;
  bool include_retired = true;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_LINKS_LINK_H_
