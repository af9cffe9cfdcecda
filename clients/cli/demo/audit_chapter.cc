// Anyone recomputes the logs; a changed copy is found out. Then the server is
// killed and started again, and nothing acknowledged is lost.

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/demo/world.h"
#include "clients/cli/https_fetcher.h"
#include "common/base/status_macros.h"
#include "common/tlog/auditor.h"

namespace limpid::cli {
namespace {

constexpr absl::Duration kStartPatience = absl::Seconds(60);

absl::StatusOr<tlog::AuditReport> AuditServed(World& world,
                                              std::string_view name) {
  LIMPID_ASSIGN_OR_RETURN(const tlog::Policy policy,
                          world.trust.LogPolicy("/" + std::string(name)));
  LIMPID_ASSIGN_OR_RETURN(
      const auto fetcher,
      HttpsFetcher::Create(absl::StrCat("https://localhost:", world.ports.https,
                                        "/", std::string(name)),
                           world.trust.ca_pem));
  tlog::AuditOptions options{policy};
  options.state_file =
      world.directory / absl::StrCat("audited-", std::string(name));
  const tlog::AuditReport report = tlog::Audit(*fetcher, options);
  world.story.Say(absl::StrCat(report.origin, ": ", report.entry_count,
                               " entries recomputed ", report.message));
  return report;
}

absl::Status AuditLogs(World& world) {
  LIMPID_ASSIGN_OR_RETURN(const auto algorithms,
                          AuditServed(world, "register"));
  LIMPID_RETURN_IF_ERROR(Expect(
      algorithms.outcome == tlog::AuditOutcome::kPassed &&
          static_cast<std::int64_t>(algorithms.size) > world.import_count,
      "the register log passes"));
  for (const std::string_view name : {"access", "vault"}) {
    LIMPID_ASSIGN_OR_RETURN(const auto report, AuditServed(world, name));
    LIMPID_RETURN_IF_ERROR(
        Expect(report.outcome == tlog::AuditOutcome::kPassed,
               absl::StrCat("the ", std::string(name), " log passes")));
  }
  return absl::OkStatus();
}

// Flips one bit in the middle of the largest bundle of entries: smaller ones
// may be left from a smaller tree, where no checkpoint reaches them any more.
absl::Status Damage(const std::filesystem::path& log) {
  std::filesystem::path victim;
  std::uintmax_t largest = 0;
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(log / "tile/entries")) {
    if (file.is_regular_file() && file.file_size() > largest) {
      largest = file.file_size();
      victim = file.path();
    }
  }
  LIMPID_RETURN_IF_ERROR(Expect(!victim.empty(), "the copy has entries"));
  std::fstream stream(victim, std::ios::in | std::ios::out | std::ios::binary);
  const auto middle =
      static_cast<std::streamoff>(std::filesystem::file_size(victim) / 2);
  stream.seekg(middle);
  const int byte = stream.get();
  stream.seekp(middle);
  stream.put(static_cast<char>(byte ^ 1));
  return Expect(stream.good(), "the copy can be changed");
}

absl::Status AuditCopy(World& world) {
  const auto copy = world.directory / "tampered-copy";
  std::error_code error;
  std::filesystem::remove_all(copy, error);
  std::filesystem::copy(
      world.init.config_file.parent_path() / "data/register/log", copy,
      std::filesystem::copy_options::recursive, error);
  LIMPID_RETURN_IF_ERROR(Expect(!error, "the log can be copied"));
  LIMPID_ASSIGN_OR_RETURN(const tlog::Policy policy,
                          world.trust.LogPolicy("/register"));
  tlog::DirectoryFetcher fetcher(copy);
  const tlog::AuditOptions options{policy};
  LIMPID_RETURN_IF_ERROR(Expect(
      tlog::Audit(fetcher, options).outcome == tlog::AuditOutcome::kPassed,
      "the honest copy passes"));
  LIMPID_RETURN_IF_ERROR(Damage(copy));
  const tlog::AuditReport report = tlog::Audit(fetcher, options);
  world.story.Say(absl::StrCat(report.message, " (", report.where, ")"));
  std::filesystem::remove_all(copy, error);
  return Expect(report.outcome == tlog::AuditOutcome::kLogLied,
                "the changed copy fails");
}

absl::Status KillAndStart(World& world) {
  LIMPID_ASSIGN_OR_RETURN(const auto before,
                          world.anna->consent->ListAccesses("", 1000));
  world.server.Kill();
  LIMPID_ASSIGN_OR_RETURN(
      world.server,
      ServerProcess::Start(world.limpidd, world.init.config_file,
                           world.directory / "limpidd.log", kStartPatience));
  LIMPID_ASSIGN_OR_RETURN(client::Trust seen,
                          client::AskForTrust(*world.anonymous));
  LIMPID_RETURN_IF_ERROR(client::CheckUnchanged(world.trust, seen));
  LIMPID_ASSIGN_OR_RETURN(const auto after,
                          world.anna->consent->ListAccesses("", 1000));
  LIMPID_ASSIGN_OR_RETURN(const auto value,
                          world.anna->vault->Get(demo::kName, 0));
  return Expect(
      after.size() == before.size() && value.value_json() == demo::kNameValue,
      "accesses and attributes are all there");
}

absl::Status StillWithdrawn(World& world) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto read,
      ReadTicket(world, demo::kTicketPurpose, {std::string(demo::kName)}));
  const auto* const name = FindResult(read, demo::kName);
  LIMPID_RETURN_IF_ERROR(
      Expect(name != nullptr && name->verdict() != vault::v1::VERDICT_ALLOWED,
             "what was withdrawn stays withdrawn"));
  LIMPID_ASSIGN_OR_RETURN(const auto algorithms,
                          AuditServed(world, "register"));
  return Expect(algorithms.outcome == tlog::AuditOutcome::kPassed &&
                    algorithms.previous_size.has_value(),
                "the log extends what the auditor saw before the restart");
}

// Names of files that hold one of the planted values, without quotes.
std::string Leaks(const std::filesystem::path& directory) {
  std::string found;
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(directory)) {
    if (!file.is_regular_file()) continue;
    std::ifstream in(file.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)),
                           std::istreambuf_iterator<char>());
    for (const std::string_view value :
         {"Proefpersoon-Quist", "1987-03-14", "anna.quist@"}) {
      if (text.find(value) != std::string::npos) {
        found += file.path().string() + " ";
        break;
      }
    }
  }
  return found;
}

absl::Status NothingLeaks(World& world) {
  std::string found = Leaks(world.init.config_file.parent_path());
  std::ifstream log(world.directory / "limpidd.log", std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(log)),
                         std::istreambuf_iterator<char>());
  if (text.find("Proefpersoon-Quist") != std::string::npos) found += "log";
  return Expect(found.empty(),
                "no file of the server holds a value in clear: " + found);
}

}  // namespace

absl::Status TellAudit(World& world) {
  Story& story = world.story;
  story.Chapter("Anyone audits");
  LIMPID_RETURN_IF_ERROR(story.Step(
      "audit",
      "An auditor fetches the three logs over HTTPS and recomputes them.",
      [&] { return AuditLogs(world); }));
  return story.Step(
      "audit-tampered",
      "One bit of a copy of the register log is changed; the audit fails.",
      [&] { return AuditCopy(world); });
}

absl::Status TellRestart(World& world) {
  Story& story = world.story;
  story.Chapter("The power fails");
  LIMPID_RETURN_IF_ERROR(story.Step(
      "restart",
      "The server is killed and started again; nothing acknowledged is lost.",
      [&] { return KillAndStart(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step("restart-withdrawn",
                                    "What Anna withdrew stays withdrawn.",
                                    [&] { return StillWithdrawn(world); }));
  return story.Step(
      "nothing-in-clear",
      "Her name, date of birth and e-mail address are looked for in every file "
      "of the server, log lines included; they are nowhere.",
      [&] { return NothingLeaks(world); });
}

}  // namespace limpid::cli
