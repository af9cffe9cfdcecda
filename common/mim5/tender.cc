#include "common/mim5/tender.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"
#include "common/json/schema.h"
#include "common/mim5/schema_texts.h"

namespace limpid::mim5 {
namespace {

using json::Value;

constexpr std::size_t kMaxRulesBytes = std::size_t{256} << 10U;

// Of values that passed the schema: the members are there and of their kind.
std::string TextAt(const Value& object, std::string_view key) {
  const Value* const found = object.Find(key);
  return found != nullptr && found->is_string() ? found->string()
                                                : std::string();
}

Test TestNamed(std::string_view name) {
  if (name == "one_of") return Test::kOneOf;
  if (name == "not_one_of") return Test::kNotOneOf;
  if (name == "not_past") return Test::kNotPast;
  if (name == "reachable") return Test::kReachable;
  return Test::kGiven;
}

std::vector<Condition> ConditionsOf(const Value& rule, std::string_view key) {
  std::vector<Condition> out;
  const Value* const list = rule.Find(key);
  if (list == nullptr) return out;
  for (const Value& one : list->elements()) {
    Condition condition;
    condition.at = TextAt(one, "at");
    condition.test = TestNamed(TextAt(one, "is"));
    if (const Value* const values = one.Find("values")) {
      condition.values.assign(values->elements().begin(),
                              values->elements().end());
    }
    out.push_back(std::move(condition));
  }
  return out;
}

Document DocumentNamed(std::string_view name) {
  for (const Document document : kAnswers) {
    if (NameOf(document) == name) return document;
  }
  LIMPID_CHECK(false);
}

Rule RuleOf(const Value& value) {
  Rule out;
  out.id = TextAt(value, "id");
  out.title = TextAt(value, "title");
  out.document = DocumentNamed(TextAt(value, "document"));
  out.each = TextAt(value, "each");
  if (const Value* const least = value.Find("at_least")) {
    out.at_least = static_cast<std::size_t>(least->integer());
  }
  out.when = ConditionsOf(value, "when");
  out.then = ConditionsOf(value, "then");
  return out;
}

bool Given(const Value* value) {
  if (value == nullptr || value->is_null()) return false;
  if (value->is_string()) return !value->string().empty();
  if (value->is_array() || value->is_object()) return value->size() > 0;
  return true;
}

bool OneOf(const Value* value, std::span<const Value> values) {
  return value != nullptr &&
         std::find(values.begin(), values.end(), *value) != values.end();
}

bool Holds(const Condition& condition, const Value& entry,
           const Circumstances& circumstances) {
  const Value* const value = entry.FindPointer(condition.at);
  switch (condition.test) {
    case Test::kGiven:
      return Given(value);
    case Test::kOneOf:
      return OneOf(value, condition.values);
    case Test::kNotOneOf:
      return !OneOf(value, condition.values);
    case Test::kNotPast: {
      if (value == nullptr) return true;
      if (!value->is_string()) return false;
      const auto last = LastDayOf(value->string());
      return last && *last >= circumstances.today;
    }
    case Test::kReachable:
      return value != nullptr && value->is_string() &&
             circumstances.answered.contains(value->string());
  }
  return false;
}

// Whether nothing is known of the address that the condition is about.
bool IsUnasked(const Condition& condition, const Value& entry,
               const Circumstances& circumstances) {
  if (condition.test != Test::kReachable) return false;
  const Value* const value = entry.FindPointer(condition.at);
  return value != nullptr && value->is_string() &&
         circumstances.unasked.contains(value->string());
}

std::string_view FaultOf(Test test) {
  switch (test) {
    case Test::kGiven:
      return "is missing or empty";
    case Test::kOneOf:
      return "is none of what the rule allows";
    case Test::kNotOneOf:
      return "is what the rule does not allow";
    case Test::kNotPast:
      return "is over, or no date";
    case Test::kReachable:
      return "did not answer";
  }
  return "does not hold";
}

bool AsksForLinks(const Rule& rule) {
  const auto reaches = [](const Condition& condition) {
    return condition.test == Test::kReachable;
  };
  return std::any_of(rule.when.begin(), rule.when.end(), reaches) ||
         std::any_of(rule.then.begin(), rule.then.end(), reaches);
}

// An entry and where it is.
struct Entry {
  std::string at;
  const Value* value = nullptr;
};

std::vector<Entry> EntriesOf(const Rule& rule, const Value& document) {
  const Value* const target = document.FindPointer(rule.each);
  if (target == nullptr) return {};
  if (!target->is_array()) return {{rule.each, target}};
  std::vector<Entry> out;
  for (const Value& element : target->elements()) {
    out.push_back({absl::StrCat(rule.each, "/", out.size()), &element});
  }
  return out;
}

bool Concerns(const Rule& rule, const Value& entry,
              const Circumstances& circumstances) {
  return std::all_of(rule.when.begin(), rule.when.end(),
                     [&](const Condition& condition) {
                       return Holds(condition, entry, circumstances);
                     });
}

// Whether one of the conditions is about an address that was left out.
bool IsUnknown(const std::vector<Condition>& conditions, const Value& entry,
               const Circumstances& circumstances) {
  return std::any_of(conditions.begin(), conditions.end(),
                     [&](const Condition& condition) {
                       return IsUnasked(condition, entry, circumstances);
                     });
}

void AddLinks(const std::vector<Condition>& conditions, const Value& entry,
              std::set<std::string, std::less<>>& out) {
  for (const Condition& condition : conditions) {
    if (condition.test != Test::kReachable) continue;
    const Value* const link = entry.FindPointer(condition.at);
    if (link != nullptr && link->is_string()) out.insert(link->string());
  }
}

void Fail(Judgement& judgement, std::string at, std::string_view fault) {
  judgement.outcome = Outcome::kFailed;
  if (judgement.findings.size() == kMaxFindings) return;
  judgement.findings.push_back({std::move(at), std::string(fault)});
}

Judgement JudgeOne(const Rule& rule, const Documents& documents,
                   const Circumstances& circumstances) {
  Judgement out{.rule = rule};
  if (AsksForLinks(rule) && !circumstances.links_asked) {
    out.outcome = Outcome::kNotChecked;
    return out;
  }
  const auto document = documents.find(rule.document);
  if (document == documents.end()) {
    Fail(out, "", "the document is not there");
    return out;
  }
  const std::vector<Entry> entries = EntriesOf(rule, document->second);
  if (entries.size() < rule.at_least) {
    Fail(out, rule.each,
         absl::StrCat("has ", entries.size(), " entries, must have ",
                      rule.at_least));
  }
  std::size_t unknown = 0;
  for (const Entry& entry : entries) {
    if (IsUnknown(rule.when, *entry.value, circumstances)) ++unknown;
    if (!Concerns(rule, *entry.value, circumstances)) continue;
    for (const Condition& condition : rule.then) {
      if (IsUnasked(condition, *entry.value, circumstances)) {
        ++unknown;
      } else if (!Holds(condition, *entry.value, circumstances)) {
        Fail(out, entry.at + condition.at, FaultOf(condition.test));
      }
    }
  }
  if (unknown == 0) return out;
  // What was not looked at is no fault of the vendor's, and no merit either.
  if (out.outcome == Outcome::kPassed) out.outcome = Outcome::kNotChecked;
  out.findings.push_back(
      {rule.each, absl::StrCat("addresses that were not asked: ", unknown)});
  return out;
}

}  // namespace

absl::StatusOr<std::vector<Rule>> ReadRules(std::string_view text) {
  constexpr std::size_t kDepth = 16;
  LIMPID_ASSIGN_OR_RETURN(const Value value,
                          json::ParseStrict(text, {.max_bytes = kMaxRulesBytes,
                                                   .max_depth = kDepth}));
  const auto schema_text = json::ParseStrict(kRulesSchema);
  LIMPID_CHECK(schema_text.ok());
  LIMPID_ASSIGN_OR_RETURN(const json::Schema schema,
                          json::Schema::Compile(*schema_text));
  LIMPID_RETURN_IF_ERROR(schema.Validate(value));
  std::vector<Rule> out;
  std::set<std::string> ids;
  for (const Value& one : value.Find("rules")->elements()) {
    Rule rule = RuleOf(one);
    if (!ids.insert(rule.id).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("/rules/", out.size(), "/id: comes twice"));
    }
    out.push_back(std::move(rule));
  }
  return out;
}

std::vector<Rule> DefaultRules() {
  auto rules = ReadRules(kDefaultRules);
  LIMPID_CHECK(rules.ok());
  return *std::move(rules);
}

std::vector<Judgement> Judge(const std::vector<Rule>& rules,
                             const Documents& documents,
                             const Circumstances& circumstances) {
  std::vector<Judgement> out;
  out.reserve(rules.size());
  for (const Rule& rule : rules) {
    out.push_back(JudgeOne(rule, documents, circumstances));
  }
  return out;
}

std::set<std::string, std::less<>> LinksOf(const std::vector<Rule>& rules,
                                           const Documents& documents) {
  std::set<std::string, std::less<>> out;
  for (const Rule& rule : rules) {
    const auto document = documents.find(rule.document);
    if (document == documents.end()) continue;
    for (const Entry& entry : EntriesOf(rule, document->second)) {
      AddLinks(rule.when, *entry.value, out);
      AddLinks(rule.then, *entry.value, out);
    }
  }
  return out;
}

}  // namespace limpid::mim5
