#include "algoregister/search/completeness.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"

namespace limpid::algoregister::search {
namespace {

constexpr std::array<std::string_view, kFieldStates> kStateNames = {
    "given", "missing", "not_applicable", "in_progress", "withheld"};

struct Asked {
  RegistrationKind kind;
  std::string_view name;
};

// Asked of everyone.
constexpr auto kAskedOfAll = std::to_array<Asked>({
    {RegistrationKind::kSystem, "description"},
    {RegistrationKind::kSystem, "provider"},
    {RegistrationKind::kSystem, "methods"},
    {RegistrationKind::kDeployment, "goal"},
    {RegistrationKind::kDeployment, "organisation"},
    {RegistrationKind::kDeployment, "status"},
    {RegistrationKind::kDeployment, "legal_basis"},
    {RegistrationKind::kDeployment, "impact_assessment"},
    {RegistrationKind::kModel, "description"},
    {RegistrationKind::kDataset, "description"},
    {RegistrationKind::kDataset, "organisation"},
    {RegistrationKind::kDataset, "origin"},
});

bool IsAskedOfAll(RegistrationKind kind, std::string_view name) {
  return std::any_of(kAskedOfAll.begin(), kAskedOfAll.end(),
                     [&](const Asked& asked) {
                       return asked.kind == kind && asked.name == name;
                     });
}

std::string TextMember(const json::Value& object, std::string_view key) {
  const json::Value* const found = object.Find(key);
  return found != nullptr && found->is_string() ? found->string()
                                                : std::string();
}

// The last day that "2026", "2026-04" or "2026-04-07" names; 0 for another.
base::Day LastDayOf(std::string_view date) {
  std::string text(date);
  if (text.size() == 4) text += "-12";
  if (text.size() != 7) {
    const auto day = base::ParseDay(text);
    return day.ok() ? *day : 0;
  }
  for (const std::string_view last : {"-31", "-30", "-29", "-28"}) {
    const auto day = base::ParseDay(text + std::string(last));
    if (day.ok()) return *day;
  }
  return 0;
}

AskedField Read(std::string_view name, const json::Value* field) {
  AskedField out{.name = name};
  if (field == nullptr) return out;
  const std::string state = TextMember(*field, "state");
  const auto* const at =
      std::find(kStateNames.begin(), kStateNames.end(), state);
  if (at == kStateNames.end()) return out;
  out.state = static_cast<FieldState>(at - kStateNames.begin());
  if (out.state == FieldState::kInProgress) {
    out.due = LastDayOf(TextMember(*field, "due"));
  }
  if (out.state == FieldState::kWithheld) {
    out.due = LastDayOf(TextMember(*field, "review"));
  }
  return out;
}

}  // namespace

std::string_view FieldStateName(FieldState state) {
  return kStateNames.at(static_cast<std::size_t>(state));
}

std::vector<AskedField> AskedFieldsOf(const json::Value& content) {
  std::vector<AskedField> out;
  const json::Value* const fields = content.Find("fields");
  const RegistrationKind kind = KindOf(content);
  for (const FieldSpec& spec : FieldsOf(kind)) {
    if (spec.names_the_registration) continue;
    const json::Value* const field =
        fields == nullptr ? nullptr : fields->Find(spec.name);
    const bool asked = field != nullptr || IsAskedOfAll(kind, spec.name);
    if (asked) out.push_back(Read(spec.name, field));
  }
  return out;
}

int CompletenessPercent(const std::vector<AskedField>& fields) {
  constexpr int kAll = 100;
  int given = 0;
  int applies = 0;
  for (const AskedField& field : fields) {
    if (field.state == FieldState::kNotApplicable) continue;
    ++applies;
    if (field.state == FieldState::kGiven) ++given;
  }
  return applies == 0 ? kAll : given * kAll / applies;
}

std::string_view CompletenessBand(int percent) {
  constexpr std::array<std::string_view, 5> kBands = {"0-24", "25-49", "50-74",
                                                      "75-99", "100"};
  constexpr int kWidth = 25;
  const int band = std::clamp(percent / kWidth, 0, 4);
  return kBands.at(static_cast<std::size_t>(band));
}

}  // namespace limpid::algoregister::search
