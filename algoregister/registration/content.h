// The content of one version: what a registration says, field by field, and
// the rules it keeps whatever the profile. Values and pure functions.
// docs/formats/registration-version.md

#ifndef LIMPID_ALGOREGISTER_REGISTRATION_CONTENT_H_
#define LIMPID_ALGOREGISTER_REGISTRATION_CONTENT_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/registration/ids.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// A reason is a sentence or three.
inline constexpr std::size_t kMaxReasonBytes = 1'000;
// A whole content, as canonical JSON: the longest text alone may have 20 kB.
// Everybody who asks for a version gets all of it.
inline constexpr std::size_t kMaxContentBytes = std::size_t{256} << 10U;
// Foreign registers that know the same registration.
inline constexpr std::size_t kMaxAliases = 32;
// For whom a part may be restricted, in ascending order.
inline constexpr auto kAudiences = std::to_array<std::string_view>(
    {"auditor", "court", "legislature", "regulator"});
// What lists show.
inline constexpr std::size_t kMaxTitleBytes = 200;
// What lists show of a registration whose naming field was erased.
inline constexpr std::string_view kErasedTitle = "(erased)";

// A foreign id. Unique in the register per scheme.
struct Alias {
  // Name of the foreign register, 1 to 64 of [a-z0-9.:-], "nl-list".
  std::string scheme;
  // Its id, 1 to 200 bytes.
  std::string id;

  friend auto operator<=>(const Alias&, const Alias&) = default;
};

// Fields in one of their states.
json::Value Given(json::Value value);
json::Value Missing();
// Given, as a language map of one language written by people.
json::Value GivenText(std::string_view language, std::string_view text);

// An empty content of `kind`: no alias, no field, no reason.
json::Value NewContent(RegistrationKind kind);
// Adds an alias in its place.
void AddAlias(json::Value& content, const Alias& alias);
// Sets /fields/<name>.
void SetField(json::Value& content, std::string_view name, json::Value field);
// Takes /fields/<name> out; says nothing when there is none.
void RemoveField(json::Value& content, std::string_view name);

// The words of one language of a language map, without layout; empty if `text`
// is no such thing.
std::string WordsOf(const json::Value& text);
// The value of a given field, or nullptr in any other state.
const json::Value* GivenValue(const json::Value& content,
                              std::string_view name);
// The words of a given field in `language`, or in its first language, or plain;
// of rich text without the layout.
std::string TextOf(const json::Value& content, std::string_view name,
                   std::string_view language);

// Checks everything the format page and the field table say, except that what
// is referred to exists. `content` must have a "reason".
//
// Errors:
//   kInvalidArgument  "<JSON pointer>: reason".
absl::Status ValidateContent(const json::Value& content);

// Reads of a valid content.
RegistrationKind KindOf(const json::Value& content);
std::vector<Alias> AliasesOf(const json::Value& content);
std::string ReasonOf(const json::Value& content);
// The naming field, at most kMaxTitleBytes, cut between characters.
std::string TitleOf(const json::Value& content);
// The same for lists: kErasedTitle when the naming field was erased.
std::string ListTitleOf(const json::Value& content);
// `content` with what must be there and was erased replaced: kErasedTitle in
// the naming field, no aliases, no audience of a part that is gone.
json::Value WithErasedReplaced(json::Value content);
// The audience of a field that is withheld for others; empty for any other.
std::vector<std::string> AudienceOf(const json::Value& content,
                                    std::string_view name);
std::optional<RegistrationId> OrganisationOf(const json::Value& content);
// A registration that a field names, and where.
struct ReferenceAt {
  std::string pointer;
  RegistrationId target;
};
std::vector<ReferenceAt> ReferencesOf(const json::Value& content);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_CONTENT_H_
