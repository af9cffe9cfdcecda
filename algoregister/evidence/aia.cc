#include "algoregister/evidence/aia.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::algoregister::evidence {
namespace {

using base::ToAbsl;
using json::Value;

enum class Kind { kUnscored, kRaw, kMitigation };

struct Question {
  std::string name;
  Kind kind = Kind::kUnscored;
  bool many = false;
  std::vector<std::string> choices;
  std::size_t section = 0;
};

struct Questionnaire {
  std::vector<AiaSection> sections;
  // Of each section: it applies where `first` was answered with `second`;
  // always if empty.
  std::vector<std::pair<std::string, std::string>> conditions;
  std::vector<Question> scored;
  // Every question, scored or not.
  std::map<std::string, std::size_t, std::less<>> sections_of;
};

// Panels are in pages, and nothing has panels in panels in panels.
constexpr int kMaxNesting = 8;
// A weight is one digit in the published file.
constexpr std::int64_t kMaxWeight = 1'000;

absl::Status Broken(std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("questionnaire: ", ToAbsl(reason)));
}

absl::Status Wrong(std::string_view question, std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("answers: ", ToAbsl(question), ": ", ToAbsl(reason)));
}

// The suffix decides; nothing for a name without one.
std::optional<Kind> KindOfName(std::string_view name) {
  if (name.ends_with("-RS")) return Kind::kRaw;
  if (name.ends_with("-MS")) return Kind::kMitigation;
  if (name.ends_with("-NS")) return Kind::kUnscored;
  return std::nullopt;
}

// What follows the last hyphen; 0 if that is no number.
std::int64_t WeightOf(std::string_view answer) {
  const std::size_t hyphen = answer.rfind('-');
  if (hyphen == std::string_view::npos) return 0;
  std::int64_t out = 0;
  const bool number = absl::SimpleAtoi(ToAbsl(answer.substr(hyphen + 1)), &out);
  return number && out >= 0 && out <= kMaxWeight ? out : 0;
}

std::int64_t MaximumOf(const Question& question) {
  std::int64_t sum = 0;
  std::int64_t largest = 0;
  for (const std::string& choice : question.choices) {
    sum += WeightOf(choice);
    largest = std::max(largest, WeightOf(choice));
  }
  return question.many ? sum : largest;
}

std::string TextIn(const Value* text, AiaLanguage language) {
  if (text == nullptr) return {};
  if (text->is_string()) return text->string();
  const Value* const chosen =
      text->Find(language == AiaLanguage::kFrench ? "fr" : "default");
  const Value* const fallback = text->Find("default");
  if (chosen != nullptr && chosen->is_string()) return chosen->string();
  return fallback != nullptr && fallback->is_string() ? fallback->string()
                                                      : std::string();
}

// `{question} = "answer"`, the one form that pages of the questionnaire use.
absl::StatusOr<std::pair<std::string, std::string>> ReadCondition(
    const Value* condition) {
  std::pair<std::string, std::string> out;
  if (condition == nullptr) return out;
  constexpr std::string_view kMiddle = "} = \"";
  const std::string text =
      condition->is_string() ? condition->string() : std::string();
  const std::size_t middle = text.find(kMiddle);
  if (!text.starts_with("{") || !text.ends_with("\"") ||
      middle == std::string::npos || text.size() <= middle + kMiddle.size()) {
    return Broken("a page has a condition of a form that is not known");
  }
  const std::size_t value = middle + kMiddle.size();
  out.first = text.substr(1, middle - 1);
  out.second = text.substr(value, text.size() - 1 - value);
  return out;
}

class Loader {
 public:
  explicit Loader(AiaLanguage language) : language_(language) {}

  absl::StatusOr<Questionnaire> Load(const Value& questionnaire) {
    const Value* const pages = questionnaire.Find("pages");
    if (pages == nullptr || !pages->is_array()) return Broken("has no pages");
    for (const Value& page : pages->elements()) {
      LIMPID_ASSIGN_OR_RETURN(auto condition,
                              ReadCondition(page.Find("visibleIf")));
      out_.conditions.push_back(std::move(condition));
      out_.sections.push_back(
          {.name = page.GetString("name").value_or(std::string()),
           .title = TextIn(page.Find("title"), language_)});
      LIMPID_RETURN_IF_ERROR(Elements(page, Kind::kUnscored, 0));
    }
    if (out_.scored.empty()) return Broken("has no scored question");
    return std::move(out_);
  }

 private:
  absl::Status Elements(const Value& parent, Kind inherited, int depth) {
    if (depth > kMaxNesting) return Broken("is nested too deeply");
    const Value* const elements = parent.Find("elements");
    if (elements == nullptr || !elements->is_array()) return absl::OkStatus();
    for (const Value& element : elements->elements()) {
      const auto name = element.GetString("name");
      const auto type = element.GetString("type");
      if (!name.ok() || !type.ok()) {
        return Broken("an element lacks a name or a type");
      }
      // Without a suffix of its own a question is of its panel's kind, and a
      // panel of none.
      const std::optional<Kind> own = KindOfName(*name);
      if (*type == "panel") {
        LIMPID_RETURN_IF_ERROR(
            Elements(element, own.value_or(Kind::kUnscored), depth + 1));
        continue;
      }
      LIMPID_RETURN_IF_ERROR(
          Add(element, *name, *type, own.value_or(inherited)));
    }
    return absl::OkStatus();
  }

  absl::Status Add(const Value& element, const std::string& name,
                   std::string_view type, Kind kind) {
    const std::size_t section = out_.sections.size() - 1;
    if (type == "html") return absl::OkStatus();
    if (!out_.sections_of.emplace(name, section).second) {
      return Broken("a question comes twice");
    }
    const bool choice =
        type == "radiogroup" || type == "checkbox" || type == "dropdown";
    if (!choice || kind == Kind::kUnscored) return absl::OkStatus();
    Question question{.name = name,
                      .kind = kind,
                      .many = type == "checkbox",
                      .section = section};
    const Value* const choices = element.Find("choices");
    if (choices == nullptr || !choices->is_array()) {
      return Broken("a question has no choices");
    }
    for (const Value& one : choices->elements()) {
      auto value = one.is_string() ? absl::StatusOr<std::string>(one.string())
                                   : one.GetString("value");
      if (!value.ok()) return Broken("a choice has no value");
      question.choices.push_back(*std::move(value));
    }
    out_.scored.push_back(std::move(question));
    return absl::OkStatus();
  }

  AiaLanguage language_;
  Questionnaire out_;
};

absl::StatusOr<std::int64_t> ScoreAnswer(const Question& question,
                                         const Value& answer) {
  std::vector<std::string> chosen;
  if (answer.is_string()) chosen.push_back(answer.string());
  if (answer.is_array()) {
    for (const Value& one : answer.elements()) {
      if (!one.is_string()) return Wrong(question.name, "must be texts");
      chosen.push_back(one.string());
    }
  }
  if (!answer.is_string() && !(answer.is_array() && question.many)) {
    return Wrong(question.name, "must be one of its choices");
  }
  std::sort(chosen.begin(), chosen.end());
  if (std::adjacent_find(chosen.begin(), chosen.end()) != chosen.end()) {
    return Wrong(question.name, "has a choice twice");
  }
  std::int64_t out = 0;
  for (const std::string& one : chosen) {
    const auto& choices = question.choices;
    if (std::find(choices.begin(), choices.end(), one) == choices.end()) {
      return Wrong(question.name, "has an answer that is none of its choices");
    }
    out += WeightOf(one);
  }
  return out;
}

bool Applies(const Questionnaire& of, std::size_t section,
             const Value& answers) {
  const auto& [question, value] = of.conditions[section];
  if (question.empty()) return true;
  const Value* const answer = answers.Find(question);
  return answer != nullptr && *answer == Value(value);
}

absl::Status CheckNames(const Questionnaire& of, const Value& answers) {
  constexpr std::string_view kComment = "-Comment";
  for (const json::Member& member : answers.members()) {
    std::string_view name = member.key;
    if (name.ends_with(kComment)) name.remove_suffix(kComment.size());
    const auto found = of.sections_of.find(name);
    if (found == of.sections_of.end()) {
      return Wrong(member.key, "no question of the questionnaire");
    }
    if (!Applies(of, found->second, answers)) {
      return Wrong(member.key, "is of a page that does not apply");
    }
  }
  return absl::OkStatus();
}

// From the sums: what the score comes to.
void Conclude(AiaScore& out) {
  // 80 % of half of the maximum, in whole numbers.
  constexpr std::int64_t kTen = 10;
  constexpr std::int64_t kFour = 4;
  out.reduced = kTen * out.mitigation >= kFour * out.mitigation_maximum_doubled;
  constexpr std::int64_t kKeptPercent = 85;
  constexpr std::int64_t kHundred = 100;
  out.total = out.reduced ? (kKeptPercent * out.raw + kHundred / 2) / kHundred
                          : out.raw;
  out.level = 1;
  for (const std::int64_t quarter : {1, 2, 3}) {
    if (kFour * out.total > quarter * out.raw_maximum) ++out.level;
  }
}

}  // namespace

absl::StatusOr<AiaScore> ScoreAia(const Value& questionnaire,
                                  const Value& answers, AiaLanguage language) {
  const Value* const data = answers.Find("data");
  const Value& given = data != nullptr && data->is_object() ? *data : answers;
  if (!given.is_object()) {
    return absl::InvalidArgumentError("answers: must be an object");
  }
  LIMPID_ASSIGN_OR_RETURN(Questionnaire loaded,
                          Loader(language).Load(questionnaire));
  LIMPID_RETURN_IF_ERROR(CheckNames(loaded, given));
  AiaScore out;
  for (const Question& question : loaded.scored) {
    const bool mitigates = question.kind == Kind::kMitigation;
    AiaSection& section = loaded.sections[question.section];
    const std::int64_t maximum = MaximumOf(question);
    section.mitigates = mitigates;
    section.maximum += maximum;
    (mitigates ? out.mitigation_maximum_doubled : out.raw_maximum) += maximum;
    const Value* const answer = given.Find(question.name);
    if (answer == nullptr) {
      if (Applies(loaded, question.section, given)) ++out.unanswered_count;
      continue;
    }
    LIMPID_ASSIGN_OR_RETURN(const std::int64_t score,
                            ScoreAnswer(question, *answer));
    section.score += score;
    (mitigates ? out.mitigation : out.raw) += score;
  }
  for (std::size_t at = 0; at < loaded.sections.size(); ++at) {
    if (loaded.sections[at].maximum > 0 && Applies(loaded, at, given)) {
      out.sections.push_back(std::move(loaded.sections[at]));
    }
  }
  Conclude(out);
  return out;
}

std::string AiaLevelText(int level, AiaLanguage language) {
  constexpr std::array<std::string_view, 4> kEnglish = {
      "Level I (little to no impact)", "Level II (moderate impact)",
      "Level III (high impact)", "Level IV (very high impact)"};
  constexpr std::array<std::string_view, 4> kFrench = {
      "Niveau I (incidence nulle ou faible)", "Niveau II (incidence modérée)",
      "Niveau III (incidence élevée)", "Niveau IV (incidence très élevée)"};
  const auto at = static_cast<std::size_t>(std::clamp(level, 1, 4) - 1);
  return std::string(language == AiaLanguage::kFrench ? kFrench.at(at)
                                                      : kEnglish.at(at));
}

}  // namespace limpid::algoregister::evidence
