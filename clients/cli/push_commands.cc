// limpid service push set|show|remove, limpid person deliveries, limpid admin
// push-origin and dead-letters: where events go and what became of them.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/id_kind.h"
#include "clients/cli/person_views.h"
#include "clients/cpp/push_client.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

struct None {};
struct OneUrl {
  std::string url;
};
struct OneRecord {
  std::string record;
};
struct OriginOptions {
  std::string service;
  std::string origin;
};
struct LetterOptions {
  std::string service;
  bool retry = false;
};

// "server error", "rejected (invalid key)", or nothing.
std::string FailureText(v1::PushFailure failure, v1::PushRejection rejection) {
  if (failure == v1::PUSH_FAILURE_UNSPECIFIED) return "";
  std::string out = ShortName(v1::PushFailure_Name(failure), "PUSH_FAILURE_");
  if (rejection != v1::PUSH_REJECTION_UNSPECIFIED) {
    absl::StrAppend(
        &out, " (",
        ShortName(v1::PushRejection_Name(rejection), "PUSH_REJECTION_"), ")");
  }
  return out;
}

Report Shown(const v1::PushEndpoint& endpoint) {
  return Report{
      ToJson(endpoint), [endpoint](Terminal& terminal) {
        std::vector<std::pair<std::string, std::string>> facts = {
            {"origin", endpoint.origin().empty() ? "none" : endpoint.origin()},
            {"events go to",
             endpoint.url().empty() ? "nowhere" : endpoint.url()}};
        if (endpoint.failure_count() > 0) {
          facts.emplace_back(
              "failing", FailureText(endpoint.failure(), endpoint.rejection()));
          facts.emplace_back("failures in a row",
                             absl::StrCat(endpoint.failure_count()));
          facts.emplace_back("next attempt",
                             Moment(endpoint.next_attempt_time()));
        }
        facts.emplace_back("dead letters",
                           absl::StrCat(endpoint.dead_letter_count()));
        terminal.Facts(facts);
      }};
}

absl::StatusOr<Report> Set(const OneUrl& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  LIMPID_ASSIGN_OR_RETURN(
      const auto endpoint,
      client::PushClient(*connection).SetEndpoint(options.url));
  return Shown(endpoint);
}

absl::StatusOr<Report> Show(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  LIMPID_ASSIGN_OR_RETURN(const auto endpoint,
                          client::PushClient(*connection).GetEndpoint());
  return Shown(endpoint);
}

absl::StatusOr<Report> Remove(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  LIMPID_RETURN_IF_ERROR(client::PushClient(*connection).RemoveEndpoint());
  return Report{json::Value::Object(), [](Terminal& terminal) {
                  terminal.Line("Nothing is pushed any more; watch instead.");
                }};
}

std::string StateText(const v1::Delivery& delivery) {
  std::string out =
      ShortName(v1::DeliveryState_Name(delivery.state()), "DELIVERY_STATE_");
  if (delivery.has_deliver_time()) {
    absl::StrAppend(&out, " ", Moment(delivery.deliver_time()));
  }
  if (delivery.has_next_attempt_time()) {
    absl::StrAppend(&out, ", again ", Moment(delivery.next_attempt_time()));
  }
  return out;
}

absl::StatusOr<Report> Deliveries(const OneRecord& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const PersonParts parts, session.Person());
  LIMPID_ASSIGN_OR_RETURN(const auto deliveries,
                          client::PushClient(*parts.consent_connection)
                              .ListDeliveries(options.record));
  return Report{
      ToJsonArray(deliveries), [deliveries](Terminal& terminal) {
        std::vector<Row> rows;
        rows.reserve(deliveries.size());
        for (const v1::Delivery& one : deliveries) {
          const bool more = one.attempt_count() > 0;
          rows.push_back({Moment(one.time()), StateName(one.record_state()),
                          StateText(one),
                          more ? absl::StrCat(one.attempt_count()) : "",
                          FailureText(one.failure(), one.rejection())});
        }
        terminal.Table(
            {"when", "became", "service was told", "attempts", "because"},
            rows);
      }};
}

absl::StatusOr<Report> Origin(const OriginOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  LIMPID_ASSIGN_OR_RETURN(const auto endpoint,
                          client::PushClient(*connection)
                              .SetOrigin(options.service, options.origin));
  return Shown(endpoint);
}

absl::StatusOr<Report> Retry(const LetterOptions& options,
                             client::PushClient& client) {
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t count,
                          client.RetryDeadLetters(options.service));
  json::Value out = json::Value::Object();
  out.Set("retried_count", count);
  return Report{std::move(out), [count](Terminal& terminal) {
                  terminal.Facts({{"sent again", absl::StrCat(count)}});
                }};
}

absl::StatusOr<Report> DeadLetters(const LetterOptions& options,
                                   Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::PushClient client(*connection);
  if (options.retry) return Retry(options, client);
  LIMPID_ASSIGN_OR_RETURN(const auto letters,
                          client.ListDeadLetters(options.service));
  return Report{ToJsonArray(letters), [letters](Terminal& terminal) {
                  const std::vector<Row> rows =
                      RowsOf(letters, [](const v1::DeadLetter& one) -> Row {
                        return {one.service_id(), one.organisation(),
                                absl::StrCat(one.attempt_count()),
                                Moment(one.last_attempt_time()),
                                FailureText(one.failure(), one.rejection())};
                      });
                  terminal.Table({"service", "organisation", "attempts",
                                  "last attempt", "because"},
                                 rows);
                }};
}

}  // namespace

void AddServicePushCommands(CLI::App& service, Session& session) {
  CLI::App* const group = service.add_subcommand(
      "push", "Have events sent to you as signed tokens");
  group->require_subcommand(1);
  auto [set, where] = AddCommand<OneUrl>(
      *group, session, "set", "Say where; every later event goes there", Set);
  set->add_option("url", where->url, "https, on your registered origin")
      ->required();
  AddCommand<None>(*group, session, "show", "Show where, and how it does",
                   Show);
  AddCommand<None>(*group, session, "remove", "End it", Remove);
}

void AddPersonDeliveryCommands(CLI::App& person, Session& session) {
  auto [deliveries, which] = AddCommand<OneRecord>(
      person, session, "deliveries",
      "Show whether the service was told of each change", Deliveries);
  deliveries->add_option("record", which->record)
      ->required()
      ->check(OfKind({"rec"}));
}

void AddAdminPushCommands(CLI::App& admin, Session& session) {
  auto [origin, whose] = AddCommand<OriginOptions>(
      admin, session, "push-origin",
      "Register where a service's events may be pushed to", Origin);
  origin->add_option("service", whose->service)
      ->required()
      ->check(OfKind({"svc"}));
  origin->add_option("origin", whose->origin,
                     "https://host[:port]; left out: nowhere");
  auto [letters, which] = AddCommand<LetterOptions>(
      admin, session, "dead-letters",
      "List the events that services did not take", DeadLetters);
  letters->add_option("--service", which->service, "only of this service");
  letters->add_flag("--retry", which->retry, "send them again, once each");
}

}  // namespace limpid::cli
