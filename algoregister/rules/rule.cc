#include "algoregister/rules/rule.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/rules/sources.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using json::Value;

bool IsOneOf(const Value& value, std::span<const std::string_view> codes) {
  if (value.is_array()) {
    return std::any_of(
        value.elements().begin(), value.elements().end(),
        [codes](const Value& element) { return IsOneOf(element, codes); });
  }
  return value.is_string() &&
         std::find(codes.begin(), codes.end(), value.string()) != codes.end();
}

bool HasAlias(const Value& content, std::string_view scheme) {
  const std::vector<Alias> aliases = AliasesOf(content);
  return std::any_of(
      aliases.begin(), aliases.end(),
      [scheme](const Alias& alias) { return alias.scheme == scheme; });
}

bool IsFrom(const Value& content, std::string_view scheme) {
  return HasAlias(content, scheme) ||
         HasAlias(content, std::string(scheme) + ":natural");
}

bool Holds(const Clause& clause, const Value& content) {
  if (!clause.from.empty() && IsFrom(content, clause.from)) return true;
  const Value* const value = GivenValue(content, clause.field);
  const bool is = value != nullptr &&
                  (clause.codes.empty() || IsOneOf(*value, clause.codes));
  return is != clause.negated;
}

// `due` is a year, a month or a day, and lasts to its end.
bool HasPassed(const std::string& due, absl::Time now) {
  const std::string today =
      absl::FormatTime("%Y-%m-%d", now, absl::UTCTimeZone());
  return due < today.substr(0, due.size());
}

RuleOutcome OutcomeOf(const Value* field, absl::Time now) {
  if (field == nullptr) return RuleOutcome::kMissing;
  const auto state = field->GetString("state");
  if (!state.ok()) return RuleOutcome::kMissing;
  if (*state == "given" || *state == "not_applicable") return RuleOutcome::kMet;
  if (*state == "withheld") return RuleOutcome::kWithheld;
  if (*state != "in_progress") return RuleOutcome::kMissing;
  const auto due = field->GetString("due");
  return due.ok() && HasPassed(*due, now) ? RuleOutcome::kOverdue
                                          : RuleOutcome::kInProgress;
}

std::vector<Rule> Join() {
  std::vector<Rule> out;
  for (const std::span<const Rule> source :
       {rules::OmbUseCases(), rules::DutchStandard(), rules::CityStandard(),
        rules::AiAct(), rules::Mim5(), rules::UkRecord()}) {
    out.insert(out.end(), source.begin(), source.end());
  }
  return out;
}

}  // namespace

std::span<const Rule> AllRules() {
  static const auto& all = *new std::vector<Rule>(Join());
  return all;
}

std::vector<Rule> RulesOf(std::string_view source) {
  std::vector<Rule> out;
  for (const Rule& rule : AllRules()) {
    if (rule.source == source) out.push_back(rule);
  }
  return out;
}

std::string RuleIdOf(const Rule& rule) {
  return std::string(rule.source) + "/" + std::string(rule.field);
}

bool Applies(const Rule& rule, const Value& content) {
  return rule.kind == KindOf(content) &&
         std::all_of(
             rule.when.begin(), rule.when.end(),
             [&content](const Clause& one) { return Holds(one, content); });
}

std::vector<RuleFinding> Evaluate(const Value& content,
                                  std::span<const Rule> rules, absl::Time now) {
  std::vector<RuleFinding> out;
  const Value* const fields = content.Find("fields");
  for (const Rule& rule : rules) {
    if (!Applies(rule, content)) continue;
    const Value* const field =
        fields == nullptr ? nullptr : fields->Find(rule.field);
    const bool has_id =
        !rule.or_alias.empty() && HasAlias(content, rule.or_alias);
    out.push_back(
        {.rule = &rule,
         .outcome = has_id ? RuleOutcome::kMet : OutcomeOf(field, now)});
  }
  return out;
}

Score ScoreOf(std::span<const RuleFinding> findings) {
  Score out;
  for (const RuleFinding& finding : findings) {
    out.total += finding.rule->weight;
    if (finding.outcome == RuleOutcome::kMet ||
        finding.outcome == RuleOutcome::kWithheld) {
      out.met += finding.rule->weight;
    }
  }
  return out;
}

}  // namespace limpid::algoregister
