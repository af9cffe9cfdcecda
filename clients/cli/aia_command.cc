// limpid register aia: Canada's Algorithmic Impact Assessment, offline. The
// questionnaire is a file of its authors; none is shipped.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "algoregister/evidence/aia.h"
#include "algoregister/evidence/report_json.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace evidence = limpid::algoregister::evidence;

struct AiaOptions {
  std::string answers;
  std::string questionnaire;
  std::string language = "en";
};

absl::StatusOr<json::Value> ReadJsonFile(const std::string& file) {
  LIMPID_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(file));
  auto parsed = json::ParseStrict(text);
  if (parsed.ok()) return parsed;
  return absl::InvalidArgumentError(
      absl::StrCat(file, ": ", parsed.status().message()));
}

// What people read, in both languages.
struct Words {
  std::string score;
  std::string mitigation;
  std::string reduced;
  std::string level;
  std::string unanswered;
  std::string yes;
  std::string no;
  std::string page;
  std::string of;
};

Words WordsIn(evidence::AiaLanguage language) {
  if (language == evidence::AiaLanguage::kFrench) {
    return {"score brut",
            "score d'atténuation",
            "réduit de 15 %",
            "niveau d'incidence",
            "sans réponse",
            "oui",
            "non",
            "page",
            "maximum"};
  }
  return {"raw score",
          "mitigation score",
          "reduced by 15 %",
          "impact level",
          "unanswered",
          "yes",
          "no",
          "page",
          "maximum"};
}

void ShowScore(const evidence::AiaScore& score, evidence::AiaLanguage language,
               Terminal& terminal) {
  const Words words = WordsIn(language);
  terminal.Facts(
      {{words.level, evidence::AiaLevelText(score.level, language)},
       {"score", absl::StrCat(score.total, " / ", score.raw_maximum)},
       {words.score, absl::StrCat(score.raw, " / ", score.raw_maximum)},
       {words.mitigation,
        absl::StrCat(
            score.mitigation, " / ",
            static_cast<double>(score.mitigation_maximum_doubled) / 2)},
       {words.reduced, score.reduced ? words.yes : words.no},
       {words.unanswered, absl::StrCat(score.unanswered_count)}});
  terminal.Table(
      {words.page, "score", words.of},
      RowsOf(score.sections, [](const evidence::AiaSection& one) -> Row {
        return {Clean(one.title.empty() ? one.name : one.title),
                absl::StrCat(one.score), absl::StrCat(one.maximum)};
      }));
}

absl::StatusOr<Report> ScoreAnswers(const AiaOptions& options,
                                    Session& /*session*/) {
  LIMPID_ASSIGN_OR_RETURN(const json::Value questionnaire,
                          ReadJsonFile(options.questionnaire));
  LIMPID_ASSIGN_OR_RETURN(const json::Value answers,
                          ReadJsonFile(options.answers));
  const evidence::AiaLanguage language = options.language == "fr"
                                             ? evidence::AiaLanguage::kFrench
                                             : evidence::AiaLanguage::kEnglish;
  LIMPID_ASSIGN_OR_RETURN(const evidence::AiaScore score,
                          evidence::ScoreAia(questionnaire, answers, language));
  return Report{evidence::ToJson(score, language),
                [score, language](Terminal& terminal) {
                  ShowScore(score, language, terminal);
                }};
}

}  // namespace

void AddAiaCommand(CLI::App& group, Session& session) {
  CLI::App* const aia =
      group.add_subcommand("aia", "Canada's Algorithmic Impact Assessment");
  aia->require_subcommand(1);
  auto [score, options] = AddCommand<AiaOptions>(
      *aia, session, "score", "Score answers, offline", ScoreAnswers);
  score->add_option("answers", options->answers, "JSON of the published tool")
      ->required();
  score
      ->add_option("--questionnaire", options->questionnaire,
                   "survey file of its authors, with weights")
      ->required();
  score->add_option("--language", options->language, "en or fr")
      ->check(CLI::IsMember({"en", "fr"}));
}

}  // namespace limpid::cli
