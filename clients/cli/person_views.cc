#include "clients/cli/person_views.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/receipt/permit.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

std::string FormName(v1::Form form) {
  return ShortName(v1::Form_Name(form), "FORM_");
}

// What a name alone does not tell.
std::string_view MeaningOf(v1::Form form) {
  return form == v1::FORM_ATTESTED ? receipt::kAttestedMeaning
                                   : std::string_view();
}

std::string Outcome(const v1::AttributeDecision& decision) {
  if (decision.allowed()) {
    return absl::StrCat(decision.attribute(), " (", FormName(decision.form()),
                        decision.form() == v1::FORM_ATTESTED ? ", " : "",
                        base::ToAbsl(MeaningOf(decision.form())), ")");
  }
  return absl::StrCat(decision.attribute(),
                      " refused: ", ReasonText(decision.reason()));
}

// Which data may be read at all, by the days they are about.
std::string DaysText(const v1::AgreementContent& content) {
  if (!content.has_data_range()) return "of any day";
  const std::string& from = content.data_range().from_date();
  const std::string& to = content.data_range().to_date();
  std::string days = absl::StrCat(from, " to ", to);
  if (to.empty()) days = absl::StrCat("the days from ", from, " on");
  if (from.empty()) days = absl::StrCat("the days until ", to);
  return absl::StrCat("only about ", days, ", and facts of no day");
}

// "read", "granted", "withdrawn", …
std::string ActName(const v1::AccessEntry& entry) {
  const v1::AccessKind kind = entry.kind();
  if (entry.has_erasure()) return "erased";
  if (entry.missing()) return "MISSING";
  if (kind == v1::ACCESS_KIND_RELEASE_DECIDED) return "read";
  if (kind == v1::ACCESS_KIND_DENIALS_COUNTED) return "asked again";
  if (kind == v1::ACCESS_KIND_COUNTED) return "counted in a statistic";
  if (kind == v1::ACCESS_KIND_ACCESS_COMPLETED) return "completed";
  if (kind == v1::ACCESS_KIND_PROCESSING_NOTIFIED) return "told you";
  if (kind == v1::ACCESS_KIND_EMBARGO_ENDED) return "embargo ended";
  return ShortName(v1::AccessKind_Name(kind), "ACCESS_KIND_");
}

std::string OutcomeText(v1::AccessOutcome outcome) {
  if (outcome == v1::ACCESS_OUTCOME_UNSPECIFIED) return "-";
  // Not to be overlooked among the others.
  if (outcome == v1::ACCESS_OUTCOME_UNFINISHED) return "UNFINISHED";
  return ShortName(v1::AccessOutcome_Name(outcome), "ACCESS_OUTCOME_");
}

// "entry 4: released, entry 6: failed"
std::string CompletionsText(const v1::AccessEntry& entry) {
  std::vector<std::string> out;
  for (const auto& one : entry.completions()) {
    out.push_back(absl::StrCat("entry ", one.sequence(), ": ",
                               OutcomeText(one.outcome())));
  }
  return Joined(out);
}

// A read shows what became of each attribute; an act on the record only what
// it allows, because nothing was asked for.
std::string Outcomes(const v1::AccessEntry& entry) {
  if (entry.has_erasure()) {
    return absl::StrCat("erased at your request on ",
                        Moment(entry.erasure().time()), ", entry ",
                        entry.erasure().told_in_sequence());
  }
  if (entry.missing()) return "does not open, and you did not ask for that";
  if (entry.erased_sequence() > 0) {
    return absl::StrCat("what entry ", entry.erased_sequence(), " said");
  }
  if (entry.completions_size() > 0) return CompletionsText(entry);
  const bool read = entry.kind() == v1::ACCESS_KIND_RELEASE_DECIDED ||
                    entry.kind() == v1::ACCESS_KIND_DENIALS_COUNTED;
  std::vector<std::string> outcomes;
  if (entry.denial_count() > 0) {
    outcomes.push_back(absl::StrCat(entry.denial_count(), " times"));
  }
  for (const auto& decision : entry.decisions()) {
    if (read || decision.allowed()) outcomes.push_back(Outcome(decision));
  }
  return Joined(outcomes);
}

// Attributes of which the receipt says that they leave signed.
std::string AttestedOf(const receipt::ReceiptBody& body) {
  constexpr auto kAttested =
      static_cast<std::uint8_t>(receipt::Form::kAttested);
  std::vector<std::string> names;
  for (const receipt::AccessLine& line : body.lines) {
    if (line.form == kAttested) names.push_back(line.attribute);
  }
  if (names.empty()) return "none";
  return absl::StrCat(Joined(names), "; ",
                      base::ToAbsl(receipt::kAttestedMeaning));
}

}  // namespace

std::string StateName(v1::RecordState state) {
  return ShortName(v1::RecordState_Name(state), "RECORD_STATE_");
}

std::string ReasonText(v1::Reason reason) {
  return ShortName(v1::Reason_Name(reason), "REASON_");
}

std::string FormText(const v1::AgreementLine& line) {
  if (line.form() == v1::FORM_FULL) return "in full";
  const bool attested = line.form() == v1::FORM_ATTESTED;
  if (!attested && line.form() != v1::FORM_DERIVED) {
    return FormName(line.form());
  }
  return absl::StrCat("only as ", line.derivation().name(), " ",
                      line.derivation().parameters_json(), attested ? ", " : "",
                      base::ToAbsl(MeaningOf(line.form())));
}

void ShowRequest(const v1::Record& record, const v1::Agreement& agreement,
                 Terminal& terminal) {
  const v1::AgreementContent& content = agreement.content();
  terminal.Heading(content.titles_size() > 0 ? Clean(content.titles(0).text())
                                             : agreement.agreement_id());
  terminal.Facts(
      {{"record", record.record_id()},
       {"state", StateName(record.state())},
       {"agreement", agreement.agreement_id()},
       {"its version", absl::StrCat(agreement.version())},
       {"asked by", record.service().organisation()},
       {"contact", record.service().contact()},
       {"purpose", Joined(content.purposes())},
       {"data", DaysText(content)},
       {"kept", absl::StrCat(content.retention_days(), " days")},
       {"stored in", content.storage_location()},
       {"others who get it", Joined(content.recipients())},
       {"trains an AI system", content.ai_training() ? "yes" : "no"},
       {"you are told of a read",
        content.embargo_days() == 0
            ? "at once"
            : absl::StrCat("up to ", content.embargo_days(), " days later")},
       {"systems", Joined(content.system_ids())},
       {"granted", Joined(record.attributes())},
       {"until", Moment(record.until_time())}});
  const std::vector<Row> rows =
      RowsOf(content.lines(), [](const v1::AgreementLine& line) -> Row {
        return {line.attribute(), FormText(line),
                line.necessity() == v1::NECESSITY_REQUIRED ? "required"
                                                           : "your choice"};
      });
  terminal.Table({"attribute", "form", "needed"}, rows);
  if (content.notices_size() > 0) {
    terminal.Line(Clean(content.notices(0).text()));
  }
}

void ShowRecords(const std::vector<v1::Record>& records, Terminal& terminal) {
  const std::vector<Row> rows =
      RowsOf(records, [](const v1::Record& record) -> Row {
        return {record.record_id(), StateName(record.state()),
                record.service().organisation(), Joined(record.attributes()),
                Moment(record.until_time())};
      });
  terminal.Table({"record", "state", "service", "granted", "until"}, rows);
}

void ShowRevisions(const v1::GetRecordResponse& record, Terminal& terminal) {
  const std::vector<Row> rows =
      RowsOf(record.revisions(), [](const v1::RecordRevision& revision) -> Row {
        return {absl::StrCat(revision.revision()), StateName(revision.state()),
                Moment(revision.time())};
      });
  terminal.Table({"revision", "state", "time"}, rows);
}

void ShowAccesses(const std::vector<v1::AccessEntry>& entries,
                  Terminal& terminal) {
  const std::vector<Row> rows =
      RowsOf(entries, [](const v1::AccessEntry& entry) -> Row {
        return {
            absl::StrCat(entry.sequence()),
            Moment(entry.time()),
            entry.organisation(),
            ActName(entry),
            Outcomes(entry),
            OutcomeText(entry.outcome()),
            entry.has_training() ? entry.training().system_id() : "-",
            ShortName(v1::ReceiptStage_Name(entry.stage()), "RECEIPT_STAGE_"),
            entry.access_id()};
      });
  terminal.Table({"entry", "time", "service", "act", "what", "outcome",
                  "trains", "proof", "access"},
                 rows);
}

std::string CutTo(std::size_t limit, std::vector<v1::AccessEntry>& entries) {
  if (entries.size() <= limit) return {};
  entries.resize(limit);
  return absl::StrCat("There are more than these ", limit,
                      ", older ones; --limit shows more.");
}

void ShowExplanation(const v1::ExplainDecisionResponse& explained,
                     Terminal& terminal) {
  const std::vector<Row> rows = RowsOf(
      explained.decisions(), [](const v1::ExplainedDecision& one) -> Row {
        return {Outcome(one.decision()), one.rule()};
      });
  terminal.Table({"decision", "because"}, rows);
}

Report ReceiptReport(const client::CheckedReceipt& receipt,
                     std::string_view sentence) {
  json::Value out = json::Value::Object();
  const std::string level(receipt::LevelName(receipt.verified.level));
  out.Set("verified", true);
  out.Set("level", level);
  if (auto file = json::ParseStrict(receipt.file_json); file.ok()) {
    out.Set("file", *std::move(file));
  }
  const receipt::ReceiptBody body = receipt.verified.body;
  return Report{std::move(out), [body, level, said = std::string(sentence)](
                                    Terminal& terminal) {
                  terminal.Line(said);
                  terminal.Facts({{"receipt", body.id},
                                  {"record", body.record},
                                  {"access", body.access},
                                  {"time", Moment(body.time)},
                                  {"signed answers", AttestedOf(body)},
                                  {"proof", level},
                                  {"in the log by", Moment(body.log_by)}});
                }};
}

Report SystemsReport(const std::vector<client::SystemUse>& uses) {
  json::Value list = json::Value::Array();
  for (const client::SystemUse& use : uses) {
    json::Value row = json::Value::Object();
    row.Set("system_id", use.system_id);
    row.Set("snapshot_id", use.snapshot_id);
    row.Set("registered", use.system.has_value());
    row.Set("title", use.title);
    json::Value attributes = json::Value::Array();
    for (const std::string& name : use.attributes) attributes.Append(name);
    row.Set("attributes", std::move(attributes));
    json::Value accesses = json::Value::Array();
    for (const std::string& id : use.access_ids) accesses.Append(id);
    row.Set("accesses", std::move(accesses));
    list.Append(std::move(row));
  }
  return Report{
      std::move(list), [uses](Terminal& terminal) {
        const std::vector<Row> rows =
            RowsOf(uses, [](const client::SystemUse& use) -> Row {
              return {use.system.has_value()
                          ? use.title
                          : use.system_id + " (not in the register)",
                      use.snapshot_id, Joined(use.attributes),
                      Joined(use.organisations), Moment(use.last)};
            });
        terminal.Table(
            {"system", "snapshot", "attributes", "released to", "last time"},
            rows);
        if (!rows.empty()) {
          terminal.Line(
              "Released for the training of these systems; what was done with "
              "it afterwards cannot be seen from here.");
        }
      }};
}

}  // namespace limpid::cli
