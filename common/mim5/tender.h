// What a buyer demands of MIM5 documents, as rules that are data: each looks at
// the entries of one list, and says of each what must hold. Knows no network: a
// caller says which addresses answered.
// docs/formats/mim5.md

#ifndef LIMPID_COMMON_MIM5_TENDER_H_
#define LIMPID_COMMON_MIM5_TENDER_H_

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/json/value.h"
#include "common/mim5/document.h"

namespace limpid::mim5 {

// What must hold of a place.
enum class Test {
  // It is there, and neither empty nor null.
  kGiven,
  // It is one of the values. Nothing there is none of them.
  kOneOf,
  // It is none of them.
  kNotOneOf,
  // It is a date whose last day is not over, or is not there. "2026" and
  // "2026-04" end with their last day.
  kNotPast,
  // It is an address that answered.
  kReachable,
};

struct Condition {
  // JSON pointer below the entry.
  std::string at;
  Test test = Test::kGiven;
  std::vector<json::Value> values;
};

struct Rule {
  std::string id;
  // For people.
  std::string title;
  Document document = Document::kAdm;
  // JSON pointer of a list; empty for the document itself.
  std::string each;
  // Entries the list must have.
  std::size_t at_least = 0;
  // Of an entry that does not fulfil all of these, nothing is asked.
  std::vector<Condition> when;
  std::vector<Condition> then;
};

// Reads rules: docs/schemas/mim5-rules.schema.json.
//
// Errors:
//   kInvalidArgument    not such a text, or two rules with one id; the message
//                       says where.
//   kResourceExhausted  too large.
absl::StatusOr<std::vector<Rule>> ReadRules(std::string_view text);
// Those of docs/schemas/mim5-default-rules.json.
std::vector<Rule> DefaultRules();

// The documents that were read, each at most once.
using Documents = std::map<Document, json::Value>;

// What is known beside the documents.
struct Circumstances {
  absl::CivilDay today;
  // Whether addresses were asked at all.
  bool links_asked = false;
  std::set<std::string, std::less<>> answered;
  // Left out though links were asked, for their number: nothing is known of
  // them.
  std::set<std::string, std::less<>> unasked;
};

enum class Outcome { kPassed, kFailed, kNotChecked };

struct Finding {
  // JSON pointer in the document.
  std::string at;
  // What does not hold there, in words; none of the document's texts.
  std::string fault;
};

struct Judgement {
  Rule rule;
  Outcome outcome = Outcome::kPassed;
  // Of a failed rule, at most kMaxFindings; and one more that says how many
  // addresses were not asked.
  std::vector<Finding> findings;
};
inline constexpr std::size_t kMaxFindings = 20;

// One judgement per rule, in their order. A rule over a document that is not
// there fails. A rule with kReachable is not checked unless links were asked,
// nor if it holds where they were and some were left out.
std::vector<Judgement> Judge(const std::vector<Rule>& rules,
                             const Documents& documents,
                             const Circumstances& circumstances);

// The addresses that kReachable tests of `rules` ask about, each once.
std::set<std::string, std::less<>> LinksOf(const std::vector<Rule>& rules,
                                           const Documents& documents);

}  // namespace limpid::mim5

#endif  // LIMPID_COMMON_MIM5_TENDER_H_
