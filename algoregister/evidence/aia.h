// Scores Canada's Algorithmic Impact Assessment as its authors publish it: the
// questionnaire is data, answers carry their weight in their name ("item1-3").
// Pure. Source: Directive on Automated Decision-Making, Appendix B; weights and
// rounding as canada-ca/aia-eia-js computes them.

#ifndef LIMPID_ALGOREGISTER_EVIDENCE_AIA_H_
#define LIMPID_ALGOREGISTER_EVIDENCE_AIA_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json/value.h"

namespace limpid::algoregister::evidence {

// One page of the questionnaire that has scored questions.
struct AiaSection {
  std::string name;
  // In the language asked for.
  std::string title;
  bool mitigates = false;
  std::int64_t score = 0;
  std::int64_t maximum = 0;
};

struct AiaScore {
  std::int64_t raw = 0;
  std::int64_t raw_maximum = 0;
  std::int64_t mitigation = 0;
  // Attainable in one phase. Design and implementation have the same questions,
  // of which only one set is asked: half of what the questionnaire holds,
  // doubled here so that it stays whole.
  std::int64_t mitigation_maximum_doubled = 0;
  // Mitigation reached 80 % of what is attainable: the raw score counts 15 %
  // less, rounded to the nearest, halves up.
  bool reduced = false;
  std::int64_t total = 0;
  // 1 to 4: up to 25, 50, 75 and 100 % of the raw maximum.
  int level = 1;
  // Scored questions of pages that apply without an answer.
  std::int64_t unanswered_count = 0;
  std::vector<AiaSection> sections;
};

enum class AiaLanguage { kEnglish, kFrench };

// `answers` is an object of question to answer (a text or a list of texts),
// perhaps inside a member "data", as the published tool saves it.
//
// Errors:
//   kInvalidArgument  "questionnaire: reason", or "answers: <question>:
//   reason":
//                     no such question, an answer that is no choice of it, or
//                     one of a page that does not apply to the phase.
absl::StatusOr<AiaScore> ScoreAia(const json::Value& questionnaire,
                                  const json::Value& answers,
                                  AiaLanguage language);

// "Level II (moderate impact)", "Niveau II (incidence modérée)".
std::string AiaLevelText(int level, AiaLanguage language);

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_ALGOREGISTER_EVIDENCE_AIA_H_
