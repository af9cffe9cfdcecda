#include "algoregister/evidence/registration_evidence.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "algoregister/evidence/bundle.h"
#include "algoregister/evidence/read_json.h"
#include "common/base/status_macros.h"

namespace limpid::algoregister::evidence {
namespace {

using json::Value;

// The value of a field that is given, or nullptr.
const Value* Given(const Value& content, std::string_view name) {
  const Value* const fields = content.Find("fields");
  const Value* const field = fields == nullptr ? nullptr : fields->Find(name);
  if (field == nullptr) return nullptr;
  const Value* const state = field->Find("state");
  if (state == nullptr || *state != Value("given")) return nullptr;
  return field->Find("value");
}

absl::Status ReadGroup(const Value& record, std::string_view pointer,
                       Evidence& out) {
  LIMPID_ASSIGN_OR_RETURN(
      std::string attribute,
      ReadText(record, pointer, "attribute", kMaxNameBytes));
  Group group;
  LIMPID_ASSIGN_OR_RETURN(group.name,
                          ReadText(record, pointer, "group", kMaxNameBytes));
  Counts& counts = group.counts;
  for (const auto& [key, target] :
       {std::pair("tp", &counts.tp), std::pair("fp", &counts.fp),
        std::pair("fn", &counts.fn), std::pair("tn", &counts.tn)}) {
    LIMPID_ASSIGN_OR_RETURN(*target,
                            ReadInteger(record, pointer, key, 0, kMaxCases));
  }
  LIMPID_ASSIGN_OR_RETURN(const std::int64_t n,
                          ReadInteger(record, pointer, "n", 0, kMaxCases));
  if (n != counts.n()) {
    return Fault(Below(pointer, "n"), "is not the sum of tp, fp, fn and tn");
  }
  if (record.Find("overridden") != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(counts.overridden,
                            ReadInteger(record, pointer, "overridden", 0, n));
  }
  auto grouping = std::find_if(
      out.groupings.begin(), out.groupings.end(),
      [&attribute](const Grouping& g) { return g.attribute == attribute; });
  if (grouping == out.groupings.end()) {
    out.groupings.push_back({.attribute = std::move(attribute)});
    grouping = out.groupings.end() - 1;
  }
  if (grouping->Find(group.name) != nullptr) {
    return Fault(pointer, "the group comes twice");
  }
  grouping->groups.push_back(std::move(group));
  return absl::OkStatus();
}

absl::Status CheckSizes(Evidence& out) {
  LIMPID_RETURN_IF_ERROR(CheckGroupCount(out.groupings));
  std::optional<Counts> total;
  bool agree = true;
  for (Grouping& grouping : out.groupings) {
    std::sort(grouping.groups.begin(), grouping.groups.end(),
              [](const Group& a, const Group& b) { return a.name < b.name; });
    const Counts sum = grouping.Total();
    if (sum.n() > kMaxCases) {
      return absl::InvalidArgumentError("more than 1,000,000,000 cases");
    }
    agree = agree && (!total || *total == sum);
    total = sum;
  }
  if (agree) out.total = total;
  return absl::OkStatus();
}

absl::Status ReadGroups(const Value& groups, Evidence& out) {
  constexpr std::string_view kAt = "/fields/groups/value";
  if (!groups.is_array()) return Fault(kAt, "must be a list");
  // Before each is looked for among the others.
  if (groups.size() > kMaxGroupsInAll) {
    return Fault(kAt, "more than 1,000 groups");
  }
  std::size_t index = 0;
  for (const Value& record : groups.elements()) {
    LIMPID_RETURN_IF_ERROR(
        ReadGroup(record, Below(kAt, absl::StrCat(index++)), out));
  }
  const absl::Status sizes = CheckSizes(out);
  return sizes.ok() ? sizes : Fault(kAt, std::string(sizes.message()));
}

std::optional<double> GivenNumber(const Value& content, std::string_view name) {
  const Value* const value = Given(content, name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->number();
}

GivenSettings ReadGiven(const Value& content) {
  GivenSettings out = {.level = GivenNumber(content, "confidence_level"),
                       .k = GivenNumber(content, "small_group_size"),
                       .tau = GivenNumber(content, "parity_tau")};
  if (const Value* const favourable = Given(content, "favourable")) {
    out.favourable = *favourable == Value("negative") ? Favourable::kNegative
                                                      : Favourable::kPositive;
  }
  const Value* const list = Given(content, "reference_groups");
  if (list == nullptr || !list->is_array()) return out;
  for (const Value& record : list->elements()) {
    auto attribute = record.GetString("attribute");
    auto group = record.GetString("group");
    if (!attribute.ok() || !group.ok()) continue;
    out.references.emplace_back(*std::move(attribute), *std::move(group));
  }
  return out;
}

void SetReferences(const GivenSettings& given, Evidence& out) {
  for (const auto& [attribute, group] : given.references) {
    for (Grouping& grouping : out.groupings) {
      if (grouping.attribute == attribute && grouping.Find(group) != nullptr) {
        grouping.reference = group;
      }
    }
  }
}

constexpr double kThousand = 1'000;

// A setting that is no number within its bounds keeps its default.
void SetSettings(const GivenSettings& given, Settings& out) {
  const auto within = [](std::optional<double> value, double low, double high,
                         double fallback) {
    return value && *value >= low && *value <= high ? *value : fallback;
  };
  constexpr double kLowestLevel = 0.501;
  constexpr double kHighestLevel = 0.9999;
  out.favourable = given.favourable.value_or(out.favourable);
  out.level = within(given.level, kLowestLevel, kHighestLevel, out.level);
  out.k = static_cast<std::int64_t>(
      within(given.k, 0, kThousand, static_cast<double>(out.k)));
  const double tau =
      within(given.tau, 1 / kThousand, 1,
             static_cast<double>(out.tau_thousandths) / kThousand);
  out.tau_thousandths = std::llround(tau * kThousand);
}

// Of sealed evidence the manifest alone is known, and so no intersection.
bool SameReference(const Bundle& bundle, const std::string& attribute,
                   const std::string& group) {
  if (const Grouping* const found = bundle.evidence.Find(attribute)) {
    return found->reference == group;
  }
  const auto& columns = bundle.manifest.group_columns;
  if (std::find(columns.begin(), columns.end(), attribute) == columns.end()) {
    return bundle.disclosure == Disclosure::kSealed &&
           attribute.find(kJoin) != std::string::npos;
  }
  const auto named = bundle.manifest.reference.find(attribute);
  return named != bundle.manifest.reference.end() && named->second == group;
}

}  // namespace

RegistrationEvidence ReadRegistrationEvidence(const Value& content) {
  RegistrationEvidence out;
  out.given = ReadGiven(content);
  SetSettings(out.given, out.evidence.settings);
  const Value* const groups = Given(content, "groups");
  out.gives_groups =
      groups != nullptr && !(groups->is_array() && groups->size() == 0);
  const absl::Status read =
      out.gives_groups ? ReadGroups(*groups, out.evidence)
                       : absl::InvalidArgumentError("no counts are given");
  if (read.ok()) {
    SetReferences(out.given, out.evidence);
  } else {
    out.unusable = std::string(read.message());
    out.evidence.groupings.clear();
    out.evidence.total.reset();
  }
  if (const Value* const claims = Given(content, "claims")) {
    auto list = ReadEachClaim(*claims, "/fields/claims/value");
    if (list.ok()) {
      out.claims = *std::move(list);
    } else {
      out.claims_unusable = std::string(list.status().message());
    }
  }
  const Value* const bundle = Given(content, "bundle");
  if (bundle != nullptr && bundle->is_string()) {
    const auto digest = ReadDigestText(bundle->string());
    if (digest.ok()) out.bundle = *digest;
  }
  return out;
}

std::string CountsFault(const RegistrationEvidence& of) {
  return of.gives_groups ? of.unusable : std::string();
}

std::string ClaimsFault(const RegistrationEvidence& of) {
  if (!of.claims_unusable.empty()) return of.claims_unusable;
  const auto found =
      std::find_if(of.claims.begin(), of.claims.end(),
                   [](const Claim& one) { return !one.unreadable.empty(); });
  return found == of.claims.end() ? std::string() : found->unreadable;
}

std::string DifferingSettings(const GivenSettings& given,
                              const Bundle& bundle) {
  std::string out;
  const auto add = [&out](bool differs, absl::string_view field) {
    if (differs) absl::StrAppend(&out, out.empty() ? "" : ", ", field);
  };
  const Settings& other = bundle.manifest.settings;
  add(given.favourable && *given.favourable != other.favourable, "favourable");
  add(std::any_of(given.references.begin(), given.references.end(),
                  [&bundle](const auto& one) {
                    return !SameReference(bundle, one.first, one.second);
                  }),
      "reference_groups");
  add(given.level && *given.level != other.level, "confidence_level");
  add(given.k && *given.k != static_cast<double>(other.k), "small_group_size");
  add(given.tau &&
          *given.tau != static_cast<double>(other.tau_thousandths) / kThousand,
      "parity_tau");
  return out;
}

absl::Status CheckRegistrationEvidence(const Value& content) {
  const RegistrationEvidence read = ReadRegistrationEvidence(content);
  for (const std::string& fault : {CountsFault(read), ClaimsFault(read)}) {
    if (!fault.empty()) return absl::InvalidArgumentError(fault);
  }
  return absl::OkStatus();
}

}  // namespace limpid::algoregister::evidence
