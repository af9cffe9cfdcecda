// limpid service aggregate: today's figure over many persons.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/id_kind.h"
#include "clients/cli/named_value.h"
#include "clients/cpp/service_client.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace vault = limpid::vault::v1;

constexpr std::string_view kStatistics =
    "https://w3id.org/dpv#ProvideOfficialStatistics";

struct AggregateOptions {
  std::string agreement;
  std::string attribute;
  std::string purpose = std::string(kStatistics);
  vault::StatisticFunction function = vault::STATISTIC_FUNCTION_COUNT;
};

const std::map<std::string, vault::StatisticFunction>& Functions() {
  static const std::map<std::string, vault::StatisticFunction> functions = {
      {"count", vault::STATISTIC_FUNCTION_COUNT},
      {"sum", vault::STATISTIC_FUNCTION_SUM},
      {"mean", vault::STATISTIC_FUNCTION_MEAN},
      {"histogram", vault::STATISTIC_FUNCTION_HISTOGRAM}};
  return functions;
}

// "-1.250"
std::string Thousandths(std::int64_t value) {
  const std::int64_t size = value < 0 ? -value : value;
  return absl::StrCat(value < 0 ? "-" : "", size / 1'000, ".",
                      absl::Dec(size % 1'000, absl::kZeroPad3));
}

json::Value AnswerJson(const vault::AggregateResponse& answer,
                       vault::StatisticFunction function) {
  json::Value out = ToJson(answer);
  out.Remove("cells");
  if (function != vault::STATISTIC_FUNCTION_HISTOGRAM) return out;
  json::Value cells = json::Value::Array();
  for (const vault::StatisticCell& cell : answer.cells()) {
    json::Value one = ToJson(cell);
    one.Remove("value_json");
    if (auto value = json::ParseStrict(cell.value_json()); value.ok()) {
      one.Set("value", *std::move(value));
    }
    cells.Append(std::move(one));
  }
  out.Set("cells", std::move(cells));
  return out;
}

void Show(const vault::AggregateResponse& answer,
          vault::StatisticFunction function, Terminal& terminal) {
  if (!answer.published()) {
    terminal.Line("Too few to show anything; it is the answer of the day.");
    return;
  }
  if (function == vault::STATISTIC_FUNCTION_HISTOGRAM) {
    std::vector<Row> rows;
    for (const vault::StatisticCell& cell : answer.cells()) {
      rows.push_back({cell.value_json(), cell.shown()
                                             ? absl::StrCat(cell.count())
                                             : "too few to show"});
    }
    terminal.Table({"value", "persons"}, rows);
  } else {
    terminal.Facts({{"persons", absl::StrCat(answer.count())}});
  }
  if (function == vault::STATISTIC_FUNCTION_SUM) {
    terminal.Facts({{"sum", absl::StrCat(answer.sum())}});
  } else if (function == vault::STATISTIC_FUNCTION_MEAN) {
    terminal.Facts({{"mean", Thousandths(answer.mean_milli())}});
  }
  terminal.Line(absl::StrCat("With noise: each count is off by ",
                             answer.count_noise_scale(),
                             " or so. Asking again today gives the same."));
}

absl::StatusOr<Report> Aggregate(const AggregateOptions& options,
                                 Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::ServiceClient service(*connection, session.clock());
  vault::AggregateRequest request;
  request.set_agreement_id(options.agreement);
  request.set_purpose_iri(options.purpose);
  request.set_attribute(options.attribute);
  request.set_function(options.function);
  LIMPID_ASSIGN_OR_RETURN(const auto answer, service.Aggregate(request));
  return Report{AnswerJson(answer, options.function),
                [answer, function = options.function](Terminal& terminal) {
                  Show(answer, function, terminal);
                }};
}

}  // namespace

void AddAggregateCommand(CLI::App& service, Session& session) {
  auto [command, options] = AddCommand<AggregateOptions>(
      service, session, "aggregate",
      "Count an attribute over everybody who agreed to be counted", Aggregate);
  command->add_option("agreement", options->agreement)
      ->required()
      ->check(OfKind({"agr"}));
  command->add_option("--attribute,-a", options->attribute)->required();
  command->add_option("--purpose", options->purpose,
                      "DPV IRI; official statistics when left out");
  command
      ->add_option("--function,-f", options->function,
                   "count, sum, mean or histogram")
      ->transform(NamedValue(Functions()));
}

}  // namespace limpid::cli
