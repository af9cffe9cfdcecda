#include "algoregister/mim5/answers.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "algoregister/mim5/scope.h"
#include "algoregister/mim5/stated.h"
#include "algoregister/registration/content.h"
#include "algoregister/version/version.h"
#include "common/base/mutex.h"
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

Value SubjectOf(const Known& known) {
  Value out = Value::Object();
  out.Set("kind", receipt::RegistrationKindName(known.id.kind));
  out.Set("id", known.id.Text());
  out.Set("name", known.title);
  return out;
}

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
    LIMPID_ASSIGN_OR_RETURN(const Known* const dataset, reading.Of(id));
    Value one = Value::Object();
    one.Set("id", text);
    one.Set("title", dataset->title);
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
  LIMPID_ASSIGN_OR_RETURN(const Known* const provider,
                          reading.Named(one.content, "provider"));
  if (provider != nullptr) out.Set("provider", SubjectOf(*provider));
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
  LIMPID_ASSIGN_OR_RETURN(const Known* const body,
                          reading.Named(content, "organisation"));
  if (body != nullptr) out.Set("certifier", body->title);
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
  LIMPID_ASSIGN_OR_RETURN(const auto index, Index());
  const absl::Time now = clock_.Now();
  const absl::CivilDay today = absl::ToCivilDay(now, absl::UTCTimeZone());
  std::vector<const Known*> all = scope.deployments;
  all.insert(all.end(), scope.systems.begin(), scope.systems.end());
  Listing certifications;
  std::map<RegistrationId, bool> refused;
  for (const Known* const about : all) {
    refused[about->id] = RefusesValidation(about->content);
    const auto found = index->find(about->id);
    if (found == index->end()) continue;
    for (const RegistrationId& id : found->second) {
      LIMPID_ASSIGN_OR_RETURN(const Known* const one, reading.Of(id));
      LIMPID_ASSIGN_OR_RETURN(Value entry,
                              CertificationOf(*one, *about, today, reading));
      if (StatedCode(one->content, "result") == "validation_refused" &&
          StatedCode(one->content, "state") != "withdrawn") {
        refused[about->id] = true;
      }
      certifications.Add(std::move(entry));
    }
  }
  Listing validations;
  for (const Known* const one : all) {
    const Known* system = nullptr;
    if (one->id.kind == RegistrationKind::kDeployment) {
      LIMPID_ASSIGN_OR_RETURN(system, reading.Named(one->content, "system"));
    }
    const bool by_system = system != nullptr && refused[system->id];
    validations.Add(ValidationOf(*one, system, refused[one->id] || by_system));
  }
  Value out = AnswerOf(mim5::Document::kCertifications, *scope.subject, now);
  out.Set("certifications", certifications.list());
  out.Set("validations", validations.list());
  out.Set("complete", scope.complete && certifications.complete() &&
                          validations.complete());
  return out;
}

absl::StatusOr<std::shared_ptr<const Mim5Answers::CertificationsOf>>
Mim5Answers::Index() const {
  constexpr std::size_t kPage = 500;
  const base::MutexLock lock(mutex_);
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t size, store_.LoggedSize());
  if (index_ != nullptr && indexed_size_ == size) return index_;
  auto made = std::make_shared<CertificationsOf>();
  ListFilter filter;
  filter.kind = RegistrationKind::kCertification;
  std::optional<ListCursor> after;
  while (true) {
    LIMPID_ASSIGN_OR_RETURN(const std::vector<Head> heads,
                            store_.List(filter, after, kPage));
    for (const Head& head : heads) {
      LIMPID_ASSIGN_OR_RETURN(const Version version,
                              store_.Get(head.registration, 0));
      const Value content = ContentOf(version);
      for (const std::string_view field : {"system", "deployment"}) {
        const Value* const about = GivenValue(content, field);
        if (about == nullptr || !about->is_string()) continue;
        const auto id = RegistrationId::Parse(about->string());
        if (id.ok()) (*made)[*id].push_back(head.registration);
      }
    }
    if (heads.size() < kPage) break;
    after = ListCursor{.title_key = FoldTitle(heads.back().title),
                       .registration = heads.back().registration};
  }
  index_ = std::move(made);
  indexed_size_ = size;
  return index_;
}

}  // namespace limpid::algoregister
