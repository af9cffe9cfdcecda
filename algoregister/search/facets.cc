#include "algoregister/search/facets.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/search/completeness.h"
#include "common/receipt/registration.h"

namespace limpid::algoregister::search {
namespace {

using Names = std::string_view;

constexpr auto kStatus = std::to_array<Names>({"status"});
constexpr auto kRiskClass =
    std::to_array<Names>({"risk_class", "publication_category"});
constexpr auto kTheme = std::to_array<Names>({"themes"});
constexpr auto kAssessment =
    std::to_array<Names>({"impact_assessment", "dpia_state", "fria_state"});
constexpr auto kAppeal = std::to_array<Names>({"appeal"});
constexpr auto kProvider = std::to_array<Names>({"provider", "suppliers"});

constexpr auto kFacets = std::to_array<FacetSpec>({
    {"kind", "Kind", FacetSource::kKind},
    {"organisation", "Organisation", FacetSource::kOrganisation},
    {"status", "Status", FacetSource::kField, kStatus},
    {"risk", "Risk class", FacetSource::kField, kRiskClass},
    {"theme", "Theme", FacetSource::kField, kTheme},
    {"assessment", "Impact assessment", FacetSource::kField, kAssessment},
    {"appeal", "Says how to object", FacetSource::kAnyGiven, kAppeal},
    {"completeness", "Completeness", FacetSource::kCompleteness},
    {"provider", "Provider", FacetSource::kField, kProvider},
    {"language", "Language", FacetSource::kLanguage},
    {"evidence", "Has evidence", FacetSource::kEvidence},
});

std::string Cut(std::string_view text) {
  if (text.size() <= kMaxFacetValueBytes) return std::string(text);
  std::size_t end = kMaxFacetValueBytes;
  constexpr unsigned kContinuationMask = 0xc0;
  constexpr unsigned kContinuation = 0x80;
  while (end > 0 && (static_cast<unsigned char>(text[end]) &
                     kContinuationMask) == kContinuation) {
    --end;
  }
  return std::string(text.substr(0, end));
}

class Collector {
 public:
  explicit Collector(const json::Value& content)
      : content_(content), kind_(KindOf(content)) {}

  std::vector<FacetValue> Collect() {
    for (facet_ = 0; facet_ < kFacets.size(); ++facet_) {
      AddFacet(kFacets.at(facet_));
    }
    return {found_.begin(), found_.end()};
  }

 private:
  void Add(std::string_view value) {
    if (!value.empty()) {
      found_.insert({.facet = facet_, .value = Cut(value)});
    }
  }

  void AddFacet(const FacetSpec& facet) {
    switch (facet.source) {
      case FacetSource::kKind:
        return Add(receipt::RegistrationKindName(kind_));
      case FacetSource::kOrganisation:
        if (const auto id = OrganisationOf(content_)) Add(id->Text());
        return;
      case FacetSource::kField:
        return AddField(facet.fields);
      case FacetSource::kAnyGiven:
        return AddWhetherGiven(facet.fields);
      case FacetSource::kLanguage:
        return AddLanguages();
      case FacetSource::kCompleteness:
        return AddCompleteness();
      case FacetSource::kEvidence:
        return;
    }
  }

  void AddField(std::span<const std::string_view> names) {
    std::string state;
    for (const std::string_view name : names) {
      if (FindField(kind_, name) == nullptr) continue;
      const json::Value* const value = GivenValue(content_, name);
      if (value != nullptr) return AddValue(name, *value);
      if (state.empty() || state == "missing") state = StateOf(name);
    }
    Add(state);
  }
  void AddValue(std::string_view name, const json::Value& value) {
    if (value.is_string()) return Add(value.string());
    if (value.is_object()) return Add(TextOf(content_, name, "en"));
    if (!value.is_array()) return;
    for (const json::Value& element : value.elements()) AddElement(element);
  }
  // Of a record what names it.
  void AddElement(const json::Value& element) {
    if (element.is_string()) return Add(element.string());
    const json::Value* const name = element.Find("name");
    if (name != nullptr && name->is_string()) Add(name->string());
  }

  [[nodiscard]] std::string StateOf(std::string_view name) const {
    const json::Value* const fields = content_.Find("fields");
    const json::Value* const field =
        fields == nullptr ? nullptr : fields->Find(name);
    if (field == nullptr) return "missing";
    auto state = field->GetString("state");
    return state.ok() ? *std::move(state) : "missing";
  }

  void AddWhetherGiven(std::span<const std::string_view> names) {
    bool has = false;
    for (const std::string_view name : names) {
      if (FindField(kind_, name) == nullptr) continue;
      has = true;
      if (GivenValue(content_, name) != nullptr) return Add("yes");
    }
    if (has) Add("no");
  }

  void AddLanguages() {
    for (const FieldSpec& spec : FieldsOf(kind_)) {
      if (spec.type != FieldType::kText) continue;
      const json::Value* const value = GivenValue(content_, spec.name);
      if (value == nullptr || !value->is_object()) continue;
      for (const json::Member& member : value->members()) Add(member.key);
    }
  }

  void AddCompleteness() {
    const std::vector<AskedField> fields = AskedFieldsOf(content_);
    if (fields.empty()) return;
    Add(CompletenessBand(CompletenessPercent(fields)));
  }

  const json::Value& content_;
  const RegistrationKind kind_;
  std::size_t facet_ = 0;
  std::set<FacetValue> found_;
};

}  // namespace

std::span<const FacetSpec> Facets() { return kFacets; }

std::optional<std::size_t> FindFacet(std::string_view name) {
  const auto* const found =
      std::find_if(kFacets.begin(), kFacets.end(),
                   [name](const FacetSpec& spec) { return spec.name == name; });
  if (found == kFacets.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kFacets.begin());
}

std::vector<FacetValue> FacetValuesOf(const json::Value& content) {
  return Collector(content).Collect();
}

std::string FacetValueLabel(const FacetValue& value) {
  for (const std::string_view name : kFacets.at(value.facet).fields) {
    for (const RegistrationKind kind : receipt::kRegistrationKinds) {
      const FieldSpec* const spec = FindField(kind, name);
      if (spec == nullptr) continue;
      const std::string_view label = CodeLabel(spec->codes, value.value);
      if (label != value.value) return std::string(label);
    }
  }
  return value.value;
}

}  // namespace limpid::algoregister::search
