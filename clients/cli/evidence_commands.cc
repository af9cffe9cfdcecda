// limpid register evidence, compare-results, plot, aia: what evaluations claim,
// recomputed by the register or, from a file, without one.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "algoregister/evidence/bundle.h"
#include "algoregister/evidence/compare.h"
#include "algoregister/evidence/erasure_note.h"
#include "algoregister/evidence/merge.h"
#include "algoregister/evidence/metrics.h"
#include "algoregister/evidence/plot.h"
#include "algoregister/evidence/report_json.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/evidence_checks.h"
#include "clients/cli/id_kind.h"
#include "clients/cpp/evidence_client.h"
#include "clients/cpp/wire_time.h"
#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::algoregister::v1;
namespace evidence = limpid::algoregister::evidence;

struct WhichOptions {
  std::string id;
  std::string bundle;
  std::int64_t version = 0;
};
struct FileOptions {
  std::string file;
  std::string output;
};
struct CompareOptions {
  std::string left;
  std::string right;
};
struct PlotOptions {
  std::string id;
  std::string bundle;
  std::int64_t version = 0;
  std::string metric = "selection_rate";
  std::string attribute;
  std::string output;
};
struct None {};

constexpr mode_t kReadable = 0644;

std::string Text(double value) { return absl::StrFormat("%.12g", value); }

// With the decimals that it says it was rounded to: they widen what passes.
std::string ClaimedText(double value, std::optional<int> decimals) {
  return decimals ? absl::StrCat(Text(value), " (", *decimals, " decimals)")
                  : Text(value);
}

std::string MarkText(v1::EvidenceMark mark) {
  return ShortName(v1::EvidenceMark_Name(mark), "EVIDENCE_MARK_");
}

Row ClaimRow(const v1::CheckedClaim& claim) {
  std::string mark = MarkText(claim.mark());
  if (claim.interval_mark() != v1::EVIDENCE_MARK_UNSPECIFIED) {
    absl::StrAppend(&mark, ", interval ", MarkText(claim.interval_mark()));
  }
  return {Clean(claim.metric_id()),
          Clean(claim.attribute()),
          Clean(claim.group()),
          ClaimedText(claim.claimed(), claim.has_decimals()
                                           ? std::optional(claim.decimals())
                                           : std::nullopt),
          claim.has_recomputed() ? Text(claim.recomputed()) : "",
          std::move(mark),
          Clean(claim.reason())};
}

const std::vector<std::string>& ClaimHeader() {
  static const auto& header = *new std::vector<std::string>{
      "metric", "by", "group", "claimed", "recomputed", "mark", "why"};
  return header;
}

void ShowEvidence(const v1::GetEvidenceResponse& of, Terminal& terminal) {
  terminal.Facts(
      {{"claims recomputed", absl::StrCat(of.marks().recomputed())},
       {"claims that differ", absl::StrCat(of.marks().differs())},
       {"claims not checkable", absl::StrCat(of.marks().not_checkable())},
       {"compared with",
        ShortName(v1::EvidenceSource_Name(of.source()), "EVIDENCE_SOURCE_")},
       {"disclosure", of.disclosure()},
       {"bundle", of.bundle_digest()},
       {"remark", Clean(of.remark())},
       {"bundle erased",
        of.has_erasure() ? Moment(of.erasure().erase_time()) : ""}});
  if (of.counts_differ()) {
    terminal.Line("The registration's counts are not those of its bundle.");
  }
  if (of.settings_differ()) {
    terminal.Line("The registration's settings are not those of its bundle.");
  }
  terminal.Table(ClaimHeader(), RowsOf(of.claims(), ClaimRow));
}

absl::StatusOr<Report> Show(const WhichOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::EvidenceClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto found,
                          client.Get(options.id, options.version));
  return Report{ToJson(found),
                [found](Terminal& terminal) { ShowEvidence(found, terminal); }};
}

Row MetricRow(const v1::MetricValue& one) {
  std::string interval;
  if (one.has_interval()) {
    interval = absl::StrCat(Text(one.interval().low()), " to ",
                            Text(one.interval().high()));
  }
  std::string parity;
  if (one.has_parity()) parity = one.parity() ? "parity" : "no parity";
  return {
      one.metric_id(),     Clean(one.attribute()),
      Clean(one.group()),  one.has_value() ? Text(one.value()) : "undefined",
      std::move(interval), std::move(parity)};
}

absl::StatusOr<Report> RecomputeThere(const WhichOptions& options,
                                      Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::EvidenceClient client(*connection);
  v1::RecomputeEvaluationRequest request;
  request.set_registration_id(options.id);
  request.set_version(options.version);
  LIMPID_ASSIGN_OR_RETURN(const auto all, client.Recompute(request));
  return Report{ToJson(all),
                [all](Terminal& terminal) {
                  ShowEvidence(all.evidence(), terminal);
                  terminal.Table(
                      {"metric", "by", "group", "value", "interval", "parity"},
                      RowsOf(all.metrics(), MetricRow));
                },
                CheckMarks(all.evidence().marks().differs(),
                           {.counts = all.evidence().counts_differ(),
                            .settings = all.evidence().settings_differ(),
                            .unreadable = all.evidence().unreadable()})};
}

Row OfflineRow(const evidence::CheckedClaim& one) {
  return {
      Clean(one.claim.metric),
      Clean(one.claim.attribute),
      Clean(one.claim.group),
      ClaimedText(one.claim.value, one.claim.decimals),
      one.recomputed.value ? Text(*one.recomputed.value) : "",
      absl::StrCat(base::ToAbsl(evidence::MarkName(one.mark)),
                   one.interval_mark ? ", interval " : "",
                   one.interval_mark
                       ? base::ToAbsl(evidence::MarkName(*one.interval_mark))
                       : ""),
      Clean(one.reason)};
}

absl::StatusOr<std::string> ReadBundleFile(const std::string& file) {
  return ReadTextFile(file, evidence::kMaxBundleBytes);
}

// A file that says of a bundle that it was erased: neither verified nor forged.
Report ErasedReport(const evidence::ErasureNote& note) {
  return Report{
      evidence::ToJson(note),
      [note](Terminal& terminal) {
        terminal.Facts({{"erased", note.digest},
                        {"time", note.time},
                        {"ground", Clean(note.ground)},
                        {"by", Clean(note.role)}});
      },
      WithNext(absl::FailedPreconditionError(
                   "the bundle was erased; there is nothing to recompute"),
               "this is the register's word and proves nothing: ask it with "
               "limpid register evidence fetch")};
}

absl::StatusOr<Report> RecomputeHere(const std::string& file) {
  LIMPID_ASSIGN_OR_RETURN(const std::string bytes, ReadBundleFile(file));
  if (const auto note = evidence::ReadErasureNote(bytes)) {
    return ErasedReport(*note);
  }
  LIMPID_ASSIGN_OR_RETURN(const evidence::Bundle bundle,
                          evidence::ParseBundle(bytes));
  const auto checked = evidence::CheckBundle(bundle);
  const std::string digest =
      evidence::DigestText(crypto::Sha256(base::AsBytes(bytes)));
  const evidence::MarkCounts marks = evidence::CountMarks(checked);
  return Report{
      evidence::BundleReport(bundle, digest, checked),
      [checked, digest, marks](Terminal& terminal) {
        terminal.Facts(
            {{"bundle", digest},
             {"claims recomputed", absl::StrCat(marks.recomputed)},
             {"claims that differ", absl::StrCat(marks.differs)},
             {"claims not checkable", absl::StrCat(marks.not_checkable)}});
        terminal.Table(ClaimHeader(), RowsOf(checked, OfflineRow));
      },
      CheckMarks(static_cast<std::int64_t>(marks.differs), {})};
}

absl::StatusOr<Report> Recompute(const WhichOptions& options,
                                 Session& session) {
  LIMPID_RETURN_IF_ERROR(CheckOneSource(options.id, options.bundle));
  return options.bundle.empty() ? RecomputeThere(options, session)
                                : RecomputeHere(options.bundle);
}

absl::StatusOr<Report> Written(const std::string& output,
                               const std::string& bytes) {
  LIMPID_RETURN_IF_ERROR(WriteTextFile(output, bytes, kReadable));
  json::Value out = json::Value::Object();
  out.Set("file", output);
  out.Set("bytes", bytes.size());
  return Report{
      std::move(out), [output, size = bytes.size()](Terminal& terminal) {
        terminal.Line(absl::StrCat("Wrote ", size, " bytes to ", output, "."));
      }};
}

absl::StatusOr<Report> Table(const FileOptions& options, Session& /*session*/) {
  LIMPID_ASSIGN_OR_RETURN(const std::string bytes,
                          ReadBundleFile(options.file));
  LIMPID_ASSIGN_OR_RETURN(const std::string table,
                          evidence::TableOfRows(bytes));
  return Written(options.output, table);
}

// Writes what stays of an erased bundle in its place.
absl::StatusOr<Report> FetchErasure(const FileOptions& options,
                                    client::EvidenceClient& client) {
  LIMPID_ASSIGN_OR_RETURN(const v1::EvidenceErasure erasure,
                          client.GetErasure(options.file));
  const evidence::ErasureNote note = {
      .digest = erasure.digest(),
      .time = base::TimeText(client::TimeOf(erasure.erase_time())),
      .ground = erasure.ground(),
      .role = ShortName(v1::ErasureRole_Name(erasure.role()), "ERASURE_ROLE_")};
  LIMPID_RETURN_IF_ERROR(WriteTextFile(
      options.output, json::Canonical(evidence::ToJson(note)), kReadable));
  return ErasedReport(note);
}

absl::StatusOr<Report> Fetch(const FileOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::EvidenceClient client(*connection);
  const auto bytes = client.GetBundle(options.file);
  if (absl::IsFailedPrecondition(bytes.status())) {
    return FetchErasure(options, client);
  }
  LIMPID_RETURN_IF_ERROR(bytes.status());
  return Written(options.output, *bytes);
}

absl::StatusOr<Report> Upload(const FileOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const std::string bytes,
                          ReadBundleFile(options.file));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::EvidenceClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto uploaded, client.Upload(bytes));
  return Report{ToJson(uploaded), [uploaded](Terminal& terminal) {
                  terminal.Facts({{"bundle", uploaded.digest()},
                                  {"disclosure", uploaded.disclosure()}});
                  terminal.Table(ClaimHeader(),
                                 RowsOf(uploaded.claims(), ClaimRow));
                }};
}

absl::StatusOr<Report> Metrics(const None& /*options*/, Session& /*session*/) {
  json::Value list = json::Value::Array();
  std::vector<Row> rows;
  for (const evidence::MetricSpec& metric : evidence::Metrics()) {
    const auto text = [](std::string_view view) { return std::string(view); };
    json::Value one = json::Value::Object();
    one.Set("metric", metric.id);
    one.Set("formula", metric.formula);
    one.Set("scope", evidence::ScopeName(metric.scope));
    one.Set("direction", evidence::DirectionName(metric.direction));
    one.Set("sign", metric.sign);
    one.Set("fairlearn", metric.fairlearn);
    one.Set("aif360", metric.aif360);
    one.Set("aequitas", metric.aequitas);
    list.Append(std::move(one));
    rows.push_back({text(metric.id), text(metric.formula), text(metric.sign)});
  }
  return Report{std::move(list), [rows](Terminal& terminal) {
                  terminal.Table({"metric", "formula", "sign"}, rows);
                }};
}

absl::StatusOr<Report> CompareResults(const CompareOptions& options,
                                      Session& /*session*/) {
  LIMPID_ASSIGN_OR_RETURN(
      const std::string left,
      ReadTextFile(options.left, evidence::kMaxResultSetBytes));
  LIMPID_ASSIGN_OR_RETURN(
      const std::string right,
      ReadTextFile(options.right, evidence::kMaxResultSetBytes));
  LIMPID_ASSIGN_OR_RETURN(const evidence::Comparison compared,
                          evidence::Compare(left, right));
  return Report{
      evidence::ToJson(compared), [compared](Terminal& terminal) {
        const std::vector<Row> rows = RowsOf(
            compared.agreements, [](const evidence::Agreement& one) -> Row {
              return {one.attribute.empty() ? "all" : Clean(one.attribute),
                      Clean(one.group),
                      absl::StrCat(one.n),
                      absl::StrCat(one.agreed),
                      absl::StrFormat("%.4f", one.rate),
                      absl::StrFormat("%.4f to %.4f", one.interval.low,
                                      one.interval.high),
                      one.kappa ? absl::StrFormat("%.4f", *one.kappa) : ""};
            });
        terminal.Table(
            {"by", "group", "cases", "agree", "rate", "interval", "kappa"},
            rows);
      }};
}

absl::StatusOr<std::string> DrawHere(const PlotOptions& options) {
  LIMPID_ASSIGN_OR_RETURN(const std::string bytes,
                          ReadBundleFile(options.bundle));
  LIMPID_ASSIGN_OR_RETURN(const evidence::Bundle bundle,
                          evidence::ParseBundle(bytes));
  const evidence::MetricSpec* const metric =
      evidence::FindMetric(options.metric);
  if (metric == nullptr) {
    return absl::InvalidArgumentError("--metric: unknown");
  }
  return evidence::PlotMetric(evidence::Published(bundle.evidence), *metric,
                              options.attribute);
}

absl::StatusOr<Report> Plot(const PlotOptions& options, Session& session) {
  LIMPID_RETURN_IF_ERROR(CheckOneSource(options.id, options.bundle));
  if (!options.bundle.empty()) {
    LIMPID_ASSIGN_OR_RETURN(const std::string svg, DrawHere(options));
    return Written(options.output, svg);
  }
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.Anonymous());
  client::EvidenceClient client(*connection);
  v1::GetEvidencePlotRequest request;
  request.set_registration_id(options.id);
  request.set_version(options.version);
  request.set_metric_id(options.metric);
  request.set_attribute(options.attribute);
  LIMPID_ASSIGN_OR_RETURN(const std::string svg, client.Plot(request));
  return Written(options.output, svg);
}

void AddEvidence(CLI::App& group, Session& session) {
  CLI::App* const evidence_group = group.add_subcommand(
      "evidence", "Evidence of evaluations, and what it says of their claims");
  evidence_group->require_subcommand(1);
  auto [show, shown] = AddCommand<WhichOptions>(
      *evidence_group, session, "show", "Show the marks of every claim", Show);
  show->add_option("id", shown->id)->required()->check(RegistrationId());
  show->add_option("--version", shown->version, "an older version");
  auto [recompute, which] = AddCommand<WhichOptions>(
      *evidence_group, session, "recompute",
      "Recompute everything; fails if a claim differs", Recompute);
  recompute->add_option("id", which->id, "evaluation, asked of the register")
      ->check(RegistrationId());
  recompute->add_option("--version", which->version, "an older version");
  recompute->add_option("--bundle", which->bundle,
                        "bundle file instead; asks no server");
  auto [table, from] = AddCommand<FileOptions>(
      *evidence_group, session, "table",
      "Count the rows of a bundle and merge small groups", Table);
  table->add_option("file", from->file, "bundle of rows")->required();
  table->add_option("-o,--output", from->output)->required();
  auto [upload, file] =
      AddCommand<FileOptions>(*evidence_group, session, "upload",
                              "Bring a bundle to the register", Upload);
  upload->add_option("file", file->file)->required();
  auto [fetch, what] = AddCommand<FileOptions>(
      *evidence_group, session, "fetch",
      "Get a bundle by its digest, or what stays of an erased one", Fetch);
  fetch->add_option("digest", what->file, "sha256:...")->required();
  fetch->add_option("-o,--output", what->output)->required();
  AddCommand<None>(*evidence_group, session, "metrics",
                   "Say what each metric means", Metrics);
}

}  // namespace

absl::Status CheckOneSource(std::string_view id, std::string_view bundle) {
  if (id.empty() != bundle.empty()) return absl::OkStatus();
  return WrongUsage(absl::InvalidArgumentError(
      "give the id of an evaluation or --bundle with a file"));
}

absl::Status CheckMarks(std::int64_t differs, const Differences& differences) {
  if (differs > 0) {
    return WithNext(
        absl::DataLossError(absl::StrCat(
            differs, differs == 1 ? " claim differs" : " claims differ",
            " from the evidence")),
        "compare the formulas: limpid register evidence metrics");
  }
  if (differences.counts) {
    return WithNext(
        absl::DataLossError("the registration's counts are not its bundle's"),
        "");
  }
  if (differences.settings) {
    return WithNext(
        absl::DataLossError("the registration's settings are not its bundle's"),
        "the remark names them; metrics are computed with the bundle's");
  }
  if (differences.unreadable) {
    return WithNext(
        absl::DataLossError(
            "counts or claims of the registration cannot be read"),
        "the remark says where; ask its publisher for another version");
  }
  return absl::OkStatus();
}

void AddEvidenceCommands(CLI::App& group, Session& session) {
  AddEvidence(group, session);
  auto [compare, sets] = AddCommand<CompareOptions>(
      group, session, "compare-results",
      "Compare two result sets over the same cases, offline", CompareResults);
  compare->add_option("left", sets->left, "CSV: case, result, groups")
      ->required();
  compare->add_option("right", sets->right)->required();
  auto [plot, drawn] = AddCommand<PlotOptions>(
      group, session, "plot", "Draw a metric by group as SVG", Plot);
  plot->add_option("id", drawn->id, "evaluation, asked of the register")
      ->check(RegistrationId());
  plot->add_option("--version", drawn->version, "an older version");
  plot->add_option("--bundle", drawn->bundle,
                   "bundle file instead; asks no server");
  plot->add_option("--metric", drawn->metric, "of single groups");
  plot->add_option("--by", drawn->attribute, "what divides the cases");
  plot->add_option("-o,--output", drawn->output)->required();
}

}  // namespace limpid::cli
