#include "algoregister/mim5/answers.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "algoregister/mim5/certification_index.h"
#include "algoregister/mim5/scope.h"
#include "algoregister/mim5/stated.h"
#include "algoregister/registration/content.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"
#include "common/mim5/document.h"
#include "common/receipt/registration.h"

namespace limpid::algoregister {
namespace {

using json::Value;

// Lowest first.
constexpr auto kLevels =
    std::to_array<std::string_view>({"none", "support", "partly", "full"});

Value SubjectOf(const RegistrationId& id, const std::string& title) {
  Value out = Value::Object();
  out.Set("kind", receipt::RegistrationKindName(id.kind));
  out.Set("id", id.Text());
  out.Set("name", title);
  return out;
}

Value SubjectOf(const Known& known) { return SubjectOf(known.id, known.title); }

// The first of these fields that is given, as texts by language. A text without
// a language is in "und".
Value TextsOf(const Value& content,
              std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const Value* const value = GivenValue(content, name);
    if (value == nullptr) continue;
    if (value->is_object()) return *value;
    if (!value->is_string()) continue;
    Value one = Value::Object();
    one.Set("origin", "human");
    one.Set("text", value->string());
    Value out = Value::Object();
    out.Set("und", std::move(one));
    return out;
  }
  return Value::Object();
}

// A given text in `out`, when there is one.
void SetText(Value& out, std::string_view key, const Value& content,
             std::string_view field) {
  const Value* const value = GivenValue(content, field);
  if (value != nullptr && value->is_string()) out.Set(key, value->string());
}

// What the deployment says, or else its system.
std::string CodeOf(const Known& one, const Known* system,
                   std::string_view field) {
  std::string code = StatedCode(one.content, field);
  if (code == kNotStated && system != nullptr) {
    code = StatedCode(system->content, field);
  }
  return code;
}

std::string UsesOf(std::string_view level) {
  if (level == kNotStated) return std::string(kNotStated);
  return level == kLevels.front() ? "no" : "yes";
}

std::string RiskOf(const Known& one, const Known* system) {
  return RiskOfUse(one.content, system == nullptr ? nullptr : &system->content);
}

// Of deployments alone: others have a status in words, if any.
std::string StatusOf(const Known& one) {
  return one.id.kind == RegistrationKind::kDeployment
             ? StatedCode(one.content, "status")
             : std::string(kNotStated);
}

Value DecisionOf(const Known& one, const Known* system) {
  const std::string level = CodeOf(one, system, "decision_level");
  Value out = Value::Object();
  out.Set("about", SubjectOf(one));
  out.Set("uses_automated_decision_making", UsesOf(level));
  out.Set("level", level);
  out.Set("decides_about_persons",
          CodeOf(one, system, "decides_about_persons"));
  out.Set("status", StatusOf(one));
  out.Set("risk", RiskOf(one, system));
  out.Set("version", one.version);
  return out;
}

// A list of an answer, which ends when it is long enough.
class Listing {
 public:
  // False when there is no more room.
  bool Add(Value entry) {
    bytes_ += json::Canonical(entry).size();
    if (list_.size() == kMaxAnswerEntries || bytes_ > kMaxListedBytes) {
      complete_ = false;
      return false;
    }
    list_.Append(std::move(entry));
    return true;
  }
  [[nodiscard]] const Value& list() const { return list_; }
  [[nodiscard]] bool complete() const { return complete_; }

 private:
  Value list_ = Value::Array();
  std::size_t bytes_ = 0;
  bool complete_ = true;
};

Value AnswerOf(mim5::Document document, const Known& subject, absl::Time now) {
  Value out = Value::Object();
  out.Set("schema", mim5::SchemaNameOf(document));
  out.Set("subject", SubjectOf(subject));
  out.Set("generated", base::TimeText(now));
  return out;
}

// The highest level, and whether any is used.
void Summarise(const Value& decisions, Value& out) {
  std::string level(kNotStated);
  bool all_stated = decisions.size() > 0;
  for (const Value& one : decisions.elements()) {
    const std::string stated = *one.GetString("level");
    const auto rank = [](std::string_view code) {
      return std::find(kLevels.begin(), kLevels.end(), code) - kLevels.begin();
    };
    if (stated == kNotStated) {
      all_stated = false;
    } else if (level == kNotStated || rank(stated) > rank(level)) {
      level = stated;
    }
  }
  std::string uses = UsesOf(level);
  // That nothing decides is said only when it is said of everything.
  if (uses == "no" && !all_stated) uses = kNotStated;
  out.Set("uses_automated_decision_making", uses);
  out.Set("level", uses == kNotStated ? std::string(kNotStated) : level);
}

// {"id", "title", "use"} for each use of a dataset.
absl::StatusOr<Value> DataOf(const Value& content, Reading& reading) {
  Value out = Value::Array();
  const Value* const uses = GivenValue(content, "dataset_uses");
  if (uses == nullptr || !uses->is_array()) return out;
  for (const Value& use : uses->elements()) {
    LIMPID_ASSIGN_OR_RETURN(const std::string text, use.GetString("dataset"));
    LIMPID_ASSIGN_OR_RETURN(const std::string code, use.GetString("use"));
    LIMPID_ASSIGN_OR_RETURN(const RegistrationId id,
                            RegistrationId::Parse(text));
    LIMPID_ASSIGN_OR_RETURN(std::string title, reading.ListedTitle(id));
    Value one = Value::Object();
    one.Set("id", text);
    one.Set("title", std::move(title));
    one.Set("use", code);
    out.Append(std::move(one));
  }
  return out;
}

absl::StatusOr<Value> AlgorithmOf(const Known& one, Reading& reading) {
  Value out = Value::Object();
  out.Set("about", SubjectOf(one));
  out.Set("purpose", TextsOf(one.content, {"intended_purpose", "goal",
                                           "description", "summary"}));
  out.Set("how_it_works", TextsOf(one.content, {"methods", "operating_logic"}));
  out.Set("learning", StatedCode(one.content, "learning"));
  LIMPID_ASSIGN_OR_RETURN(Value data, DataOf(one.content, reading));
  out.Set("data", std::move(data));
  LIMPID_ASSIGN_OR_RETURN(const auto provider,
                          reading.NameOf(one.content, "provider"));
  if (provider) out.Set("provider", SubjectOf(provider->id, provider->title));
  out.Set("version", one.version);
  return out;
}

Value LinkOf(const Value& content) {
  Value out = Value::Object();
  SetText(out, "url", content, "link");
  SetText(out, "digest", content, "document_digest");
  SetText(out, "checked_on", content, "link_checked_on");
  const std::string state = StatedCode(content, "link_state");
  out.Set("state", state == kNotStated ? "not_checked" : state);
  return out;
}

absl::StatusOr<Value> CertificationOf(const Known& one, const Known& about,
                                      absl::CivilDay today, Reading& reading) {
  const Value& content = one.content;
  Value out = Value::Object();
  out.Set("id", one.id.Text());
  out.Set("title", one.title);
  out.Set("about", SubjectOf(about));
  SetText(out, "certifier", content, "certifier");
  LIMPID_ASSIGN_OR_RETURN(const auto body,
                          reading.NameOf(content, "organisation"));
  if (body) out.Set("certifier", body->title);
  SetText(out, "scheme", content, "scheme");
  out.Set("scope", TextsOf(content, {"scope"}));
  out.Set("result", StatedCode(content, "result"));
  SetText(out, "certificate_number", content, "certificate_number");
  SetText(out, "issued_on", content, "issued_on");
  SetText(out, "expires_on", content, "expires_on");
  out.Set("state", CertificationState(content, today));
  if (GivenValue(content, "link") != nullptr) out.Set("link", LinkOf(content));
  SetText(out, "registry", content, "registry");
  out.Set("independent", StatedCode(content, "independent"));
  out.Set("version", one.version);
  return out;
}

Value ValidationOf(const Known& one, const Known* system, bool refused) {
  const std::string status = StatusOf(one);
  const std::string risk = RiskOf(one, system);
  Value out = Value::Object();
  out.Set("about", SubjectOf(one));
  out.Set("status", status);
  out.Set("risk", risk);
  out.Set("independent_validation",
          refused ? std::string("refused")
                  : CodeOf(one, system, "independent_validation"));
  out.Set("blocked", refused && Weighs(risk) && status == "in_use");
  Value accepted = TextsOf(one.content, {"refused_validation_accepted"});
  if (accepted.size() > 0) out.Set("accepted_because", std::move(accepted));
  return out;
}

bool IsAbout(const Value& content, const RegistrationId& subject) {
  const std::string id = subject.Text();
  return StatedCode(content, "system") == id ||
         StatedCode(content, "deployment") == id;
}

// Until there is no more room.
absl::Status AddCertifications(const std::vector<const Known*>& subjects,
                               const Certificates& index, absl::CivilDay today,
                               Reading& reading, Listing& out) {
  for (const Known* const about : subjects) {
    for (const Certificate& certificate : index.About(about->id)) {
      LIMPID_ASSIGN_OR_RETURN(const Known one,
                              reading.Once(certificate.registration));
      // What it is about was erased since it was indexed.
      if (!IsAbout(one.content, about->id)) continue;
      LIMPID_ASSIGN_OR_RETURN(Value entry,
                              CertificationOf(one, *about, today, reading));
      if (!out.Add(std::move(entry))) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Value> Mim5Answers::AutomatedDecisionMaking(
    const RegistrationId& subject) const {
  Reading reading(store_);
  LIMPID_ASSIGN_OR_RETURN(const Scope scope,
                          ScopeOf(subject, kMaxAnswerEntries, reading));
  Listing decisions;
  for (const Known* const one : scope.deployments) {
    LIMPID_ASSIGN_OR_RETURN(const Known* const system,
                            reading.Named(one->content, "system"));
    if (!decisions.Add(DecisionOf(*one, system))) break;
  }
  for (const Known* const one : scope.systems) {
    // A deployment has spoken for the system it uses.
    if (subject.kind == RegistrationKind::kDeployment) break;
    if (!decisions.Add(DecisionOf(*one, nullptr))) break;
  }
  Value out = AnswerOf(mim5::Document::kAdm, *scope.subject, clock_.Now());
  Summarise(decisions.list(), out);
  out.Set("decisions", decisions.list());
  out.Set("complete", scope.complete && decisions.complete());
  return out;
}

absl::StatusOr<Value> Mim5Answers::Algorithms(
    const RegistrationId& subject) const {
  Reading reading(store_);
  LIMPID_ASSIGN_OR_RETURN(const Scope scope,
                          ScopeOf(subject, kMaxAnswerEntries, reading));
  Listing algorithms;
  for (const Known* const one : scope.systems) {
    LIMPID_ASSIGN_OR_RETURN(Value entry, AlgorithmOf(*one, reading));
    if (!algorithms.Add(std::move(entry))) break;
  }
  for (const Known* const one : scope.deployments) {
    LIMPID_ASSIGN_OR_RETURN(const Known* const system,
                            reading.Named(one->content, "system"));
    // What names no system describes its algorithm itself.
    if (system != nullptr) continue;
    LIMPID_ASSIGN_OR_RETURN(Value entry, AlgorithmOf(*one, reading));
    if (!algorithms.Add(std::move(entry))) break;
  }
  Value out =
      AnswerOf(mim5::Document::kAlgorithms, *scope.subject, clock_.Now());
  out.Set("algorithms", algorithms.list());
  out.Set("complete", scope.complete && algorithms.complete());
  return out;
}

absl::StatusOr<Value> Mim5Answers::Certifications(
    const RegistrationId& subject) const {
  Reading reading(store_);
  LIMPID_ASSIGN_OR_RETURN(const Scope scope,
                          ScopeOf(subject, kMaxAnswerEntries, reading));
  LIMPID_ASSIGN_OR_RETURN(const auto index, index_.Newest());
  const absl::Time now = clock_.Now();
  const absl::CivilDay today = absl::ToCivilDay(now, absl::UTCTimeZone());
  std::vector<const Known*> all = scope.deployments;
  all.insert(all.end(), scope.systems.begin(), scope.systems.end());
  Listing certifications;
  LIMPID_RETURN_IF_ERROR(
      AddCertifications(all, *index, today, reading, certifications));
  // Of all of them, those that the list has no room for too.
  const auto refuses = [&index](const Known& one) {
    return RefusesValidation(one.content) || index->Refuse(one.id);
  };
  Listing validations;
  for (const Known* const one : all) {
    const Known* system = nullptr;
    if (one->id.kind == RegistrationKind::kDeployment) {
      LIMPID_ASSIGN_OR_RETURN(system, reading.Named(one->content, "system"));
    }
    const bool by_system = system != nullptr && refuses(*system);
    if (!validations.Add(
            ValidationOf(*one, system, refuses(*one) || by_system))) {
      break;
    }
  }
  Value out = AnswerOf(mim5::Document::kCertifications, *scope.subject, now);
  out.Set("certifications", certifications.list());
  out.Set("validations", validations.list());
  out.Set("complete", scope.complete && certifications.complete() &&
                          validations.complete());
  return out;
}

}  // namespace limpid::algoregister
