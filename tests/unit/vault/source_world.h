// A vault with two agencies as sources and no network: what waits, waits as a
// test tells it.

#ifndef LIMPID_TESTS_UNIT_VAULT_SOURCE_WORLD_H_
#define LIMPID_TESTS_UNIT_VAULT_SOURCE_WORLD_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/testing/test_agency.h"
#include "tests/unit/vault/direct_channel.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/connectors/agency_connector.h"
#include "vault/connectors/held_connector.h"
#include "vault/connectors/source_desk.h"
#include "vault/connectors/source_fetcher.h"

namespace limpid::vault {

inline constexpr char kIncome[] = "income.annual";
inline constexpr char kBirthDate[] = "person.birth_date";
inline constexpr char kGender[] = "person.gender";

class SourceWorld : public VaultWorld {
 public:
  // Linked at "tax", or at `source`.
  absl::StatusOr<LinkDone> Link(const PersonCaller& who,
                                const std::string& subject,
                                std::vector<LinkedAttribute> attributes) {
    return LinkAt("tax", who, subject, std::move(attributes));
  }
  absl::StatusOr<LinkDone> LinkAt(const std::string& source,
                                  const PersonCaller& who,
                                  const std::string& subject,
                                  std::vector<LinkedAttribute> attributes) {
    const testing::TestAgency& at = source == "tax" ? agency : pension;
    return sources_desk.Link(
        who, {source,
              at.LinkFor(subject, ExampleIdentity().source.Text(), who.key,
                         clock.Now()),
              std::move(attributes)});
  }
  std::string LinkProofFor(const PersonCaller& who,
                           const std::string& subject) const {
    return agency.LinkFor(subject, ExampleIdentity().source.Text(), who.key,
                          clock.Now());
  }

  // As Read, with sources.
  absl::StatusOr<ReadAnswer> ReadSourced(std::vector<std::string> attributes) {
    std::optional<absl::StatusOr<ReadAnswer>> out;
    sourced.Read(Request(std::move(attributes)),
                 [&](absl::StatusOr<ReadAnswer> answer) {
                   out.emplace(std::move(answer));
                 });
    if (!out.has_value()) return absl::UnknownError("still waiting");
    return *std::move(out);
  }

  // As the thread of timers would.
  void RunTimers() {
    std::vector<std::function<void()>> due;
    for (auto& [at, work] : timers) {
      if (at <= clock.Monotonic()) due.push_back(std::move(work));
    }
    std::erase_if(timers, [&](const auto& one) {
      return one.first <= clock.Monotonic();
    });
    for (const auto& work : due) work();
  }

  testing::TestAgency agency{"https://tax.example/limpid"};
  testing::TestAgency pension{"https://pension.example"};
  DirectChannel tax_channel{agency};
  DirectChannel pension_channel{pension};
  AgencyConnector tax_connector{{agency.issuer(),
                                 ExampleIdentity().source.Text(),
                                 {jose::PublicJwk(agency.key())}},
                                tax_channel,
                                clock};
  AgencyConnector pension_connector{{pension.issuer(),
                                     ExampleIdentity().source.Text(),
                                     {jose::PublicJwk(pension.key())}},
                                    pension_channel,
                                    clock};
  HeldConnector held{person};
  // Run what asks a source here, unless a test holds it back.
  std::function<bool(std::function<void()>)> run_tax =
      [](const std::function<void()>& work) {
        work();
        return true;
      };
  std::vector<std::pair<absl::Duration, std::function<void()>>> timers;
  std::vector<std::string> alarms;
  SourceSet source_set{{
      {"tax",
       "Tax administration",
       {kIncome, kBirthDate, kGender},
       absl::Seconds(1),
       &tax_connector,
       [this](std::function<void()> work) { return run_tax(std::move(work)); }},
      {"pension",
       "Pension fund",
       {kIncome, kGender},
       absl::Seconds(1),
       &pension_connector,
       [](const std::function<void()>& work) {
         work();
         return true;
       }},
      {std::string(kOwnSource),
       "This vault",
       {},
       absl::Seconds(1),
       &held,
       [](const std::function<void()>& work) {
         work();
         return true;
       }},
  }};
  SourceDesk sources_desk{*core, source_set};
  SourceFetcher fetcher{
      source_set, clock,
      [this](absl::Duration at, std::function<void()> work) {
        timers.emplace_back(at, std::move(work));
      },
      [this](std::string_view source) { alarms.emplace_back(source); }};
  Mediator sourced{*core, gate, reader, nullptr, &fetcher};
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_SOURCE_WORLD_H_
