#include "consent/agreement/consent_form.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/receipt/permit.h"
#include "consent/record/state.h"

namespace limpid::consent {
namespace {

using json::Value;

Value TextList(const std::vector<std::string>& texts) {
  Value out = Value::Array();
  for (const std::string& text : texts) out.Append(text);
  return out;
}

bool IsChosen(const Revision* record, std::size_t line) {
  return record != nullptr &&
         std::binary_search(record->lines.begin(), record->lines.end(),
                            static_cast<std::uint16_t>(line));
}

// What the person's answer to a line is now.
std::string_view AnswerOf(const FormFacts& facts, std::size_t line) {
  if (facts.record == nullptr) return "open";
  const RecordState state = EffectiveState(*facts.record, facts.now);
  if (AwaitsAnswer(state)) return "open";
  if (!IsChosen(facts.record, line)) return "not_given";
  return IsInForce(state) ? "given" : "ended";
}

Value LineValue(const FormFacts& facts, std::size_t at) {
  const AgreementLine& line = facts.agreement.content.lines[at];
  return Value::Object(
      {{"attribute", Value(line.attribute)},
       {"form", Value(receipt::FormName(line.form))},
       {"derivation", Value(line.derivation)},
       {"parameters", Value(line.parameters)},
       {"necessity",
        Value(line.necessity == Necessity::kRequired ? "required"
                                                     : "optional")},
       {"answer", Value(AnswerOf(facts, at))}});
}

// The operations that any line names, in order of appearance; "" first when a
// line names none.
std::vector<std::string> OperationsOf(const AgreementContent& content) {
  std::vector<std::string> out;
  std::set<std::string_view> seen;
  for (const AgreementLine& line : content.lines) {
    if (line.operations.empty() && seen.insert("").second) {
      out.insert(out.begin(), "");
    }
    for (const std::string& operation : line.operations) {
      if (seen.insert(operation).second) out.push_back(operation);
    }
  }
  return out;
}

Value PartValue(const FormFacts& facts, const std::string& operation) {
  const auto& lines = facts.agreement.content.lines;
  Value shown = Value::Array();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& named = lines[i].operations;
    const bool belongs =
        operation.empty()
            ? named.empty()
            : std::find(named.begin(), named.end(), operation) != named.end();
    if (belongs) shown.Append(LineValue(facts, i));
  }
  return Value::Object(
      {{"operation", Value(operation)}, {"lines", std::move(shown)}});
}

Value ModulesValue(const FormFacts& facts) {
  Value out = Value::Array();
  const auto operations = OperationsOf(facts.agreement.content);
  for (const std::string& purpose : facts.agreement.content.purposes) {
    Value parts = Value::Array();
    for (const std::string& operation : operations) {
      parts.Append(PartValue(facts, operation));
    }
    out.Append(Value::Object(
        {{"purpose", Value(purpose)}, {"parts", std::move(parts)}}));
  }
  return out;
}

Value ServiceValue(const Service& service) {
  return Value::Object(
      {{"id", Value(service.id.Text())},
       {"organisation", Value(service.organisation)},
       {"contact", Value(service.contact)},
       {"data_protection_officer", Value(service.data_protection_officer)},
       {"jurisdiction", Value(service.jurisdiction)}});
}

Value AgreementValue(const FormFacts& facts) {
  const Agreement& agreement = facts.agreement;
  const LocalizedText& title =
      PickText(agreement.content.titles, facts.language);
  return Value::Object(
      {{"id", Value(agreement.id.Text())},
       {"version", Value(agreement.version)},
       {"hash", Value(base::Base64UrlEncode(agreement.hash))},
       {"title", Value(title.text)},
       {"legal_basis", Value(LegalBasisName(agreement.content.basis))}});
}

Value ConditionsValue(const AgreementContent& content) {
  Value systems = Value::Array();
  for (const SystemId& system : content.systems) systems.Append(system.Text());
  Value out =
      Value::Object({{"recipients", TextList(content.recipients)},
                     {"retention_days", Value(content.retention_days)},
                     {"storage_location", Value(content.storage_location)},
                     {"validity_days", Value(content.validity_days)},
                     {"use_count_max", Value(content.use_count_max)},
                     {"systems", std::move(systems)},
                     {"ai_training", Value(content.ai_training)}});
  if (!content.data_range.open()) {
    out.Set("data_range",
            Value::Object({{"from", Value(content.data_range.from)},
                           {"to", Value(content.data_range.to)}}));
  }
  if (content.embargo_days != 0) out.Set("embargo_days", content.embargo_days);
  return out;
}

Value RecordValue(const Revision& record, absl::Time now) {
  const bool granted = record.from != absl::UnixEpoch();
  return Value::Object(
      {{"id", Value(record.record.Text())},
       {"state", Value(StateName(EffectiveState(record, now)))},
       {"revision", Value(record.number)},
       {"time", Value(base::TimeText(record.time))},
       {"from", Value(granted ? base::TimeText(record.from) : "")},
       {"until", Value(granted ? base::TimeText(record.until) : "")}});
}

Value WithdrawalValue(const FormFacts& facts) {
  const bool consent =
      facts.agreement.content.basis == receipt::LegalBasis::kConsent;
  const bool possible = facts.record == nullptr ||
                        IsInForce(EffectiveState(*facts.record, facts.now));
  return Value::Object(
      {{"right", Value(consent ? "withdraw" : "object")},
       {"possible_now", Value(possible)},
       {"signature_needed", Value(false)},
       {"operator", Value(facts.operator_name)},
       {"contact", Value(facts.service.contact)},
       {"effect",
        Value("Nothing more is released from the moment of the withdrawal. "
              "What was released before stays lawful.")}});
}

// --- Rendering ---

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// Control characters would let a text draw over the form on a terminal.
std::string Printable(std::string_view text, bool lines) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool kept = (byte >= 0x20 && byte != 0x7f) || (lines && c == '\n');
    out += kept ? c : ' ';
  }
  return out;
}

// Receives the form piece by piece, so that text and HTML show the same.
class Page {
 public:
  virtual ~Page() = default;
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;
  virtual void Title(std::string_view text) = 0;
  virtual void Heading(std::string_view text) = 0;
  virtual void Fact(std::string_view name, std::string_view text) = 0;
  virtual void Block(std::string_view text) = 0;
  virtual void Choice(std::string_view answer, std::string_view text) = 0;

 protected:
  Page() = default;
};

std::string_view MarkOf(std::string_view answer) {
  if (answer == "open") return "[ ] yes  [ ] no ";
  if (answer == "given") return "[x] yes  [ ] no ";
  if (answer == "ended") return "[x] ended        ";
  return "[ ] yes  [x] no ";
}

class TextPage final : public Page {
 public:
  void Title(std::string_view text) override {
    out_ += Printable(text, false) + "\n" + std::string(72, '=') + "\n";
  }
  void Heading(std::string_view text) override {
    out_ += "\n" + Printable(text, false) + "\n" + std::string(72, '-') + "\n";
  }
  void Fact(std::string_view name, std::string_view text) override {
    out_ += Printable(name, false) + ": " + Printable(text, false) + "\n";
  }
  void Block(std::string_view text) override {
    out_ += Printable(text, true) + "\n";
  }
  void Choice(std::string_view answer, std::string_view text) override {
    out_ += std::string(MarkOf(answer)) + " " + Printable(text, false) + "\n";
  }
  [[nodiscard]] std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

class HtmlPage final : public Page {
 public:
  void Title(std::string_view text) override {
    out_ +=
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta http-equiv=\"Content-Security-Policy\" "
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        "<title>" +
        Escaped(text) +
        "</title><style>body{font:1rem sans-serif;max-width:45rem;"
        "margin:2rem auto}pre{white-space:pre-wrap}</style></head>\n"
        "<body><h1>" +
        Escaped(text) + "</h1>\n";
  }
  void Heading(std::string_view text) override {
    out_ += "<h2>" + Escaped(text) + "</h2>\n";
  }
  void Fact(std::string_view name, std::string_view text) override {
    out_ += "<p><b>" + Escaped(name) + ":</b> " + Escaped(text) + "</p>\n";
  }
  void Block(std::string_view text) override {
    out_ += "<pre>" + Escaped(text) + "</pre>\n";
  }
  void Choice(std::string_view answer, std::string_view text) override {
    out_ += "<p><code>" + Escaped(MarkOf(answer)) + "</code> " + Escaped(text) +
            "</p>\n";
  }
  [[nodiscard]] std::string Take() {
    out_ += "</body></html>\n";
    return std::move(out_);
  }

 private:
  std::string out_;
};

// A text or number below `pointer`; empty when there is none.
std::string At(const Value& value, std::string_view pointer) {
  const Value* const found = value.FindPointer(pointer);
  if (found == nullptr) return "";
  if (found->is_string()) return found->string();
  if (found->is_integer()) return std::to_string(found->integer());
  if (found->is_bool()) return found->boolean() ? "yes" : "no";
  std::string out;
  for (const Value& one : found->elements()) {
    if (!out.empty()) out += ", ";
    out += one.string();
  }
  return out;
}

void ShowFact(const Value& form, std::string_view name,
              std::string_view pointer, Page& page) {
  const std::string text = At(form, pointer);
  page.Fact(name, text.empty() ? "-" : text);
}

void ShowModules(const Value& form, Page& page) {
  for (const Value& module : form.Find("modules")->elements()) {
    page.Heading("Purpose " + At(module, "/purpose"));
    for (const Value& part : module.Find("parts")->elements()) {
      const std::string operation = At(part, "/operation");
      page.Fact("Operation",
                operation.empty() ? "what the purpose needs" : operation);
      for (const Value& line : part.Find("lines")->elements()) {
        std::string text = At(line, "/attribute") + ", " + At(line, "/form") +
                           ", " + At(line, "/necessity");
        const std::string derivation = At(line, "/derivation");
        if (!derivation.empty()) {
          text += ", " + derivation + " " + At(line, "/parameters");
        }
        if (At(line, "/form") == receipt::FormName(receipt::Form::kAttested)) {
          text += ", " + std::string(receipt::kAttestedMeaning);
        }
        page.Choice(At(line, "/answer"), text);
      }
    }
  }
}

void ShowWithdrawal(const Value& form, Page& page) {
  page.Heading("Withdrawal");
  ShowFact(form, "Your right", "/withdrawal/right", page);
  ShowFact(form, "Possible now", "/withdrawal/possible_now", page);
  ShowFact(form, "Operator", "/withdrawal/operator", page);
  ShowFact(form, "Or write to", "/withdrawal/contact", page);
  page.Block(At(form, "/withdrawal/effect"));
  page.Fact("Record", form.Find("record") == nullptr
                          ? "__________________________________"
                          : At(form, "/record/id"));
  page.Block(
      "[ ] I withdraw all of this consent.\n\n"
      "Date ______________   Signature (not needed) "
      "______________");
}

void Show(const Value& form, Page& page) {
  page.Title("Consent form: " + At(form, "/agreement/title"));
  ShowFact(form, "Asked by", "/service/organisation", page);
  ShowFact(form, "Contact", "/service/contact", page);
  ShowFact(form, "Data protection officer", "/service/data_protection_officer",
           page);
  ShowFact(form, "Agreement", "/agreement/id", page);
  ShowFact(form, "Version", "/agreement/version", page);
  ShowFact(form, "SHA-256", "/agreement/hash", page);
  ShowFact(form, "Legal basis", "/agreement/legal_basis", page);
  if (form.Find("record") != nullptr) {
    ShowFact(form, "Record", "/record/id", page);
    ShowFact(form, "State", "/record/state", page);
    ShowFact(form, "From", "/record/from", page);
    ShowFact(form, "Until", "/record/until", page);
  }
  page.Heading("Notice (" + At(form, "/notice/language") + ")");
  page.Block(At(form, "/notice/text"));
  ShowModules(form, page);
  page.Heading("Conditions");
  ShowFact(form, "Further recipients", "/conditions/recipients", page);
  ShowFact(form, "Kept for days", "/conditions/retention_days", page);
  ShowFact(form, "Kept where", "/conditions/storage_location", page);
  ShowFact(form, "Valid for days at most", "/conditions/validity_days", page);
  ShowFact(form, "Reads at most (0: no limit)", "/conditions/use_count_max",
           page);
  page.Fact("Data about the days",
            RangeText({At(form, "/conditions/data_range/from"),
                       At(form, "/conditions/data_range/to")}));
  ShowFact(form, "Registered systems", "/conditions/systems", page);
  ShowFact(form, "Trains a model", "/conditions/ai_training", page);
  if (form.FindPointer("/conditions/embargo_days") != nullptr) {
    ShowFact(form, "You are told of an access after days at most",
             "/conditions/embargo_days", page);
  }
  ShowWithdrawal(form, page);
}

}  // namespace

const LocalizedText& PickText(const std::vector<LocalizedText>& texts,
                              std::string_view language) {
  for (const std::string_view wanted :
       {language, language.substr(0, language.find('-'))}) {
    for (const LocalizedText& text : texts) {
      if (text.language == wanted) return text;
    }
  }
  return texts.front();
}

json::Value MakeForm(const FormFacts& facts) {
  const AgreementContent& content = facts.agreement.content;
  const LocalizedText& notice = PickText(content.notices, facts.language);
  Value out = Value::Object(
      {{"form", Value("limpid-consent-form/1")},
       {"operator", Value(facts.operator_name)},
       {"service", ServiceValue(facts.service)},
       {"agreement", AgreementValue(facts)},
       {"notice", Value::Object({{"language", Value(notice.language)},
                                 {"text", Value(notice.text)},
                                 {"hash", Value(base::Base64UrlEncode(
                                              NoticeHash(notice.text)))}})},
       {"modules", ModulesValue(facts)},
       {"conditions", ConditionsValue(content)},
       {"withdrawal", WithdrawalValue(facts)}});
  if (facts.record != nullptr) {
    out.Set("record", RecordValue(*facts.record, facts.now));
  }
  return out;
}

std::string FormText(const json::Value& form) {
  TextPage page;
  Show(form, page);
  return page.Take();
}

std::string FormHtml(const json::Value& form) {
  HtmlPage page;
  Show(form, page);
  return page.Take();
}

}  // namespace limpid::consent
