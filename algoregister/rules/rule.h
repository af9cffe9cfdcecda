// What standards and laws ask for in a registration, as a table: which field,
// under which conditions, and how much it counts. What is required depends on
// stage, risk class and kind of publisher, and nothing here refuses anything:
// a registration with gaps is published with its gaps shown.

#ifndef LIMPID_ALGOREGISTER_RULES_RULE_H_
#define LIMPID_ALGOREGISTER_RULES_RULE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "algoregister/registration/ids.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// One condition: the given value of a field is one of some codes, or the
// registration came from a file that is of nothing else.
struct Clause {
  std::string_view field;
  // Of a list field, any of its codes counts. Empty: any given value.
  std::span<const std::string_view> codes = {};
  // True when the field says something else, also when it is not given.
  bool negated = false;
  // Also true when the registration has an alias of this scheme, or a natural
  // key of it ("<scheme>:natural"), whatever the field says.
  std::string_view from = {};
};

struct Rule {
  // "omb-2025/testing_state": source, then field.
  std::string_view source;
  RegistrationKind kind;
  std::string_view field;
  // From 1.
  int weight = 1;
  // All must hold; none: always.
  std::span<const Clause> when = {};
  // An alias of this scheme is what the rule asks for, as good as the field:
  // imports keep the id of a list so.
  std::string_view or_alias = {};
};

// Rules of every source, in the order of sources; a file of rules/ each.
std::span<const Rule> AllRules();
// Those of one source; empty for an unknown one.
std::vector<Rule> RulesOf(std::string_view source);
std::string RuleIdOf(const Rule& rule);

enum class RuleOutcome {
  // Given, or not applicable with a reason.
  kMet,
  kMissing,
  // Promised for a day to come, or for one that has passed.
  kInProgress,
  kOverdue,
  // On a legal ground, which is shown.
  kWithheld,
};

struct RuleFinding {
  const Rule* rule = nullptr;
  RuleOutcome outcome = RuleOutcome::kMissing;
};

// Whether the rule asks for anything in `content`.
bool Applies(const Rule& rule, const json::Value& content);

// One finding per rule that applies to a valid content, in the order of
// `rules`, which must outlive the findings.
std::vector<RuleFinding> Evaluate(const json::Value& content,
                                  std::span<const Rule> rules, absl::Time now);

// Sums of weights. Withheld counts as met: the law is obeyed either way.
struct Score {
  int met = 0;
  int total = 0;

  friend bool operator==(const Score&, const Score&) = default;
};
Score ScoreOf(std::span<const RuleFinding> findings);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RULES_RULE_H_
