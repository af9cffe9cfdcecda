#include "algoregister/search/document.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/search/text.h"
#include "algoregister/search/word_tables.h"
#include "algoregister/version/published_version.h"
#include "algoregister/version/version.h"
#include "common/json/value.h"
#include "common/receipt/registration.h"

namespace limpid::algoregister::search {
namespace {

using json::Value;
using WordWeights = std::map<std::string, std::uint32_t>;

// What says in a paragraph what the thing is.
constexpr auto kShortTexts =
    std::to_array<std::string_view>({"goal", "description", "short_description",
                                     "summary", "purpose", "scope"});

std::uint32_t WeightOf(const FieldSpec& spec) {
  if (spec.names_the_registration) return kTitleWeight;
  const bool is_short = std::find(kShortTexts.begin(), kShortTexts.end(),
                                  spec.name) != kShortTexts.end();
  return is_short ? kShortTextWeight : kRestWeight;
}

void AddLanguageMap(const Value& map, std::uint32_t weight,
                    WordWeights& words) {
  if (!map.is_object()) return;
  for (const json::Member& language : map.members()) {
    AddWords(WordsOf(language.value), weight, words);
  }
}

// Texts for people; codes, dates, addresses, ids and digests have no words.
void AddValue(FieldType type, const Value& value, std::uint32_t weight,
              std::span<const MemberSpec> members, WordWeights& words) {
  if (type == FieldType::kText) return AddLanguageMap(value, weight, words);
  if (type == FieldType::kPlain && value.is_string()) {
    return AddWords(value.string(), weight, words);
  }
  if (!value.is_array()) return;
  for (const Value& element : value.elements()) {
    if (type == FieldType::kPlains && element.is_string()) {
      AddWords(element.string(), weight, words);
    }
    if (type != FieldType::kRecords || !element.is_object()) continue;
    for (const MemberSpec& member : members) {
      const Value* const part = element.Find(member.name);
      if (part != nullptr) AddValue(member.type, *part, weight, {}, words);
    }
  }
}

std::optional<RegistrationId> IdIn(const Value& content,
                                   std::string_view name) {
  const Value* const value = GivenValue(content, name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  const auto id = RegistrationId::Parse(value->string());
  return id.ok() ? std::optional(*id) : std::nullopt;
}

}  // namespace

void AddWords(std::string_view text, std::uint32_t weight, WordWeights& words) {
  ForEachWord(text, [&](std::string_view word) {
    if (IsStopWord(word)) return;
    std::string key(word);
    const auto at = words.lower_bound(key);
    if (at != words.end() && at->first == key) {
      at->second += weight;
    } else if (words.size() < kMaxDocumentWords) {
      words.emplace_hint(at, std::move(key), weight);
    }
  });
}

Document MakeDocument(const Version& version) {
  return MakeDocument(PublishedOf(version));
}

Document MakeDocument(PublishedVersion version) {
  Value& content = version.content;
  // Of the id, in case the content was erased.
  const RegistrationKind kind = version.registration.kind;
  content.Set("kind", receipt::RegistrationKindName(kind));
  Document out;
  out.registration = version.registration;
  out.number = version.number;
  out.state = version.state;
  out.draft_time = version.draft_time;
  out.leaf_index = version.leaf_index;
  out.title = ListTitleOf(content);
  for (const FieldSpec& spec : FieldsOf(kind)) {
    const Value* const value = GivenValue(content, spec.name);
    if (value == nullptr) continue;
    AddValue(spec.type, *value, WeightOf(spec), spec.members, out.words);
  }
  out.values = FacetValuesOf(content);
  out.fields = AskedFieldsOf(content);
  out.organisation = OrganisationOf(content);
  out.system = IdIn(content, "system");
  out.provider = IdIn(content, "provider");
  if (kind == RegistrationKind::kEvaluation &&
      version.state == RegistrationState::kActive) {
    for (const ReferenceAt& reference : ReferencesOf(content)) {
      out.evaluated.push_back(reference.target);
    }
  }
  return out;
}

}  // namespace limpid::algoregister::search
