// limpid mim5: write the answers of a register as documents, and hold those of
// a vendor against the rules of a tender.

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/mim5_reader.h"
#include "clients/cpp/mim5_client.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"
#include "common/mim5/document.h"
#include "common/mim5/tender.h"

namespace limpid::cli {
namespace {

struct ExportOptions {
  std::string organisation;
  std::string system;
  std::string deployment;
  std::string output;
};
struct CheckOptions {
  std::string target;
  std::string rules_file;
  bool links = false;
};

constexpr mode_t kReadable = 0644;

absl::StatusOr<Report> Export(const ExportOptions& options, Session& session) {
  const std::string subject =
      options.organisation + options.system + options.deployment;
  if (subject.empty()) {
    return WrongUsage(absl::InvalidArgumentError(
        "give --organisation, --system or --deployment"));
  }
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::Mim5Client client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const mim5::Documents documents,
                          client.Documents(subject));
  const std::filesystem::path folder(options.output);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  json::Value files = json::Value::Array();
  std::vector<Row> rows;
  for (const auto& [document, value] : documents) {
    const std::filesystem::path file = folder / mim5::FileOf(document);
    LIMPID_RETURN_IF_ERROR(
        WriteTextFile(file, json::Canonical(value), kReadable));
    files.Append(file.string());
    rows.push_back({file.string(), mim5::SchemaNameOf(document)});
  }
  json::Value out = json::Value::Object();
  out.Set("files", std::move(files));
  return Report{std::move(out), [rows](Terminal& terminal) {
                  terminal.Table({"file", "schema"}, rows);
                }};
}

std::string NameOf(mim5::Outcome outcome) {
  switch (outcome) {
    case mim5::Outcome::kPassed:
      return "passed";
    case mim5::Outcome::kFailed:
      return "failed";
    case mim5::Outcome::kNotChecked:
      return "not checked";
  }
  return "";
}

// "certifications.json/certifications/0/state".
std::string PlaceOf(const mim5::Judgement& judgement,
                    const mim5::Finding& finding) {
  return Clean(mim5::FileOf(judgement.rule.document) + finding.at);
}

// What the index, and with it every document that counts, is about.
json::Value SubjectOf(const Mim5Reading& reading) {
  const json::Value* const subject =
      reading.documents.at(mim5::Document::kIndex).Find("subject");
  return subject == nullptr ? json::Value::Object() : *subject;
}

json::Value ToJson(const Mim5Reading& reading,
                   const std::vector<mim5::Judgement>& judgements) {
  json::Value unread = json::Value::Array();
  for (const UnreadDocument& one : reading.unread) {
    json::Value entry = json::Value::Object();
    entry.Set("document", mim5::NameOf(one.document));
    entry.Set("fault", one.fault);
    unread.Append(std::move(entry));
  }
  json::Value rules = json::Value::Array();
  for (const mim5::Judgement& one : judgements) {
    json::Value entry = json::Value::Object();
    entry.Set("id", one.rule.id);
    entry.Set("title", one.rule.title);
    entry.Set("outcome", NameOf(one.outcome));
    json::Value findings = json::Value::Array();
    for (const mim5::Finding& finding : one.findings) {
      json::Value found = json::Value::Object();
      found.Set("at", PlaceOf(one, finding));
      found.Set("fault", finding.fault);
      findings.Append(std::move(found));
    }
    entry.Set("findings", std::move(findings));
    rules.Append(std::move(entry));
  }
  json::Value out = json::Value::Object();
  out.Set("subject", SubjectOf(reading));
  out.Set("unread", std::move(unread));
  out.Set("rules", std::move(rules));
  return out;
}

void Show(const Mim5Reading& reading,
          const std::vector<mim5::Judgement>& judgements, Terminal& terminal) {
  const json::Value subject = SubjectOf(reading);
  const auto said = [&subject](std::string_view key) {
    return Clean(subject.GetString(key).value_or(""));
  };
  terminal.Facts({{"subject", absl::StrCat(said("kind"), " ", said("id"))},
                  {"name", said("name")}});
  for (const UnreadDocument& one : reading.unread) {
    terminal.Line(absl::StrCat(mim5::FileOf(one.document),
                               " does not count: ", Clean(one.fault)));
  }
  std::vector<Row> rows;
  for (const mim5::Judgement& one : judgements) {
    rows.push_back({NameOf(one.outcome), one.rule.id, Clean(one.rule.title)});
    for (const mim5::Finding& finding : one.findings) {
      rows.push_back({"", PlaceOf(one, finding), finding.fault});
    }
  }
  terminal.Table({"result", "rule", "asks"}, rows);
}

// A check that left addresses out is no yes.
absl::Status OutcomeOf(const Mim5Reading& reading,
                       const std::vector<mim5::Judgement>& judgements,
                       std::size_t unasked) {
  int failed = 0;
  for (const mim5::Judgement& one : judgements) {
    if (one.outcome == mim5::Outcome::kFailed) ++failed;
  }
  if (failed == 0 && reading.unread.empty() && unasked == 0) {
    return absl::OkStatus();
  }
  std::string said =
      absl::StrCat(failed, " of ", judgements.size(), " rules fail, ",
                   reading.unread.size(), " documents do not count");
  if (unasked > 0) {
    absl::StrAppend(&said, ", ", unasked, " addresses were not asked: at most ",
                    kMaxLinksAsked, " are, the others are yours to look at");
  }
  return absl::FailedPreconditionError(said);
}

absl::StatusOr<Report> Check(const CheckOptions& options, Session& session) {
  std::vector<mim5::Rule> rules = mim5::DefaultRules();
  if (!options.rules_file.empty()) {
    LIMPID_ASSIGN_OR_RETURN(const std::string text,
                            ReadTextFile(options.rules_file));
    LIMPID_ASSIGN_OR_RETURN(rules, mim5::ReadRules(text));
  }
  std::string ca_pem;
  // The CA that was named is trusted; without any the system's are.
  if (const auto channel = session.Channel(); channel.ok()) {
    ca_pem = channel->ca_pem;
  }
  LIMPID_ASSIGN_OR_RETURN(const Mim5Reading reading,
                          ReadMim5From(options.target, ca_pem));
  mim5::Circumstances circumstances;
  circumstances.today =
      absl::ToCivilDay(session.clock().Now(), absl::UTCTimeZone());
  circumstances.links_asked = options.links;
  if (options.links) {
    AskedLinks asked = AskLinks(mim5::LinksOf(rules, reading.documents));
    circumstances.answered = std::move(asked.answered);
    circumstances.unasked = std::move(asked.unasked);
  }
  const std::vector<mim5::Judgement> judgements =
      mim5::Judge(rules, reading.documents, circumstances);
  return Report{ToJson(reading, judgements),
                [reading, judgements](Terminal& terminal) {
                  Show(reading, judgements, terminal);
                },
                OutcomeOf(reading, judgements, circumstances.unasked.size())};
}

}  // namespace

void AddMim5Commands(CLI::App& app, Session& session) {
  CLI::App* const group =
      app.add_subcommand("mim5", "Answers to the three questions of OASC MIM5");
  group->require_subcommand(1);
  auto [write, of] = AddCommand<ExportOptions>(
      *group, session, "export", "Write a register's answers as files", Export);
  auto* const organisation =
      write->add_option("--organisation", of->organisation, "org_... id");
  auto* const system = write->add_option("--system", of->system, "sys_... id")
                           ->excludes(organisation);
  write->add_option("--deployment", of->deployment, "dep_... id")
      ->excludes(organisation)
      ->excludes(system);
  write->add_option("-o,--output", of->output, "folder to write to")
      ->required();
  auto [check, what] = AddCommand<CheckOptions>(
      *group, session, "check",
      "Hold the answers of a vendor against the rules of a tender", Check);
  check->add_option("target", what->target, "https address or file of an index")
      ->required();
  check->add_option("--rules", what->rules_file,
                    "rules of your own: docs/formats/mim5.md");
  check->add_flag("--links", what->links,
                  "ask the addresses of certificates whether they answer");
}

}  // namespace limpid::cli
