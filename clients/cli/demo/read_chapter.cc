// The service reads exactly what was granted, and Anna sees it, with proof.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "clients/cli/demo/world.h"
#include "clients/cli/person_views.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::vault::v1;
namespace consent = limpid::consent::v1;

bool Allowed(const v1::AttributeResult* result) {
  return result != nullptr && result->verdict() == v1::VERDICT_ALLOWED;
}

absl::Status ReadAll(World& world) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto read,
      ReadTicket(world, demo::kTicketPurpose,
                 {std::string(demo::kName), std::string(demo::kBirthDate),
                  std::string(demo::kEmail)}));
  world.first_access_id = read.access_id();
  const auto* const name = FindResult(read, demo::kName);
  const auto* const age = FindResult(read, demo::kBirthDate);
  const auto* const email = FindResult(read, demo::kEmail);
  LIMPID_RETURN_IF_ERROR(
      Expect(Allowed(name) && name->value_json() == demo::kNameValue,
             "the name is released in full"));
  LIMPID_RETURN_IF_ERROR(
      Expect(Allowed(age) && age->form() == v1::FORM_DERIVED &&
                 age->value_json() == "true",
             "the date of birth is released only as over 18: true"));
  return Expect(email != nullptr && !Allowed(email) &&
                    email->value_json().empty() &&
                    email->reason() == v1::REASON_NO_CONSENT,
                "the e-mail address is refused for want of consent");
}

absl::Status OtherPurpose(World& world) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto read,
      ReadTicket(world, demo::kForeignPurpose, {std::string(demo::kName)}));
  return Expect(!Allowed(FindResult(read, demo::kName)),
                "another purpose releases nothing");
}

absl::Status OtherService(World& world) {
  client::ServiceClient city(*world.city, world.clock);
  client::ReadRequest request;
  request.record_id = world.ticket.record_id;
  request.purpose_iri = demo::kTicketPurpose;
  request.attributes = {std::string(demo::kName)};
  LIMPID_ASSIGN_OR_RETURN(const auto read, city.Read(request));
  for (const auto& result : read.results()) world.story.Say(Describe(result));
  return Expect(!Allowed(FindResult(read, demo::kName)),
                "another service gets nothing under this record");
}

absl::Status PauseAndResume(World& world) {
  LIMPID_ASSIGN_OR_RETURN(const auto paused,
                          world.anna->consent->Pause(world.ticket.record_id));
  LIMPID_ASSIGN_OR_RETURN(
      const auto refused,
      ReadTicket(world, demo::kTicketPurpose, {std::string(demo::kName)}));
  LIMPID_ASSIGN_OR_RETURN(const auto resumed,
                          world.anna->consent->Resume(world.ticket.record_id));
  LIMPID_ASSIGN_OR_RETURN(
      const auto allowed,
      ReadTicket(world, demo::kTicketPurpose, {std::string(demo::kName)}));
  return Expect(paused.state() == consent::RECORD_STATE_PAUSED &&
                    resumed.state() == consent::RECORD_STATE_GRANTED &&
                    !Allowed(FindResult(refused, demo::kName)) &&
                    Allowed(FindResult(allowed, demo::kName)),
                "reads stop while it is paused and go on afterwards");
}

absl::Status SeeAccess(World& world) {
  LIMPID_ASSIGN_OR_RETURN(const auto entries,
                          world.anna->consent->ListAccesses("", 100));
  const auto found = std::find_if(
      entries.begin(), entries.end(), [&](const consent::AccessEntry& entry) {
        return entry.access_id() == world.first_access_id;
      });
  LIMPID_RETURN_IF_ERROR(
      Expect(found != entries.end(), "Anna sees the access"));
  for (const auto& decision : found->decisions()) {
    world.story.Say(absl::StrCat(
        decision.attribute(), ": ",
        decision.allowed() ? "released" : ReasonText(decision.reason())));
  }
  return Expect(found->organisation() == "Lumen Film House" &&
                    found->decisions_size() == 3,
                "it names the service and all three attributes");
}

absl::StatusOr<client::CheckedReceipt> LoggedReceipt(World& world) {
  constexpr int kTries = 60;
  for (int i = 0; i < kTries; ++i) {
    LIMPID_ASSIGN_OR_RETURN(
        auto receipt, world.anna->consent->GetReceipt(world.first_access_id));
    if (receipt.verified.level == receipt::Level::kLogged) return receipt;
    absl::SleepFor(absl::Milliseconds(500));
  }
  return Expect(false, "the access log takes the entry in within 30 s");
}

absl::Status ProveAccess(World& world) {
  LIMPID_ASSIGN_OR_RETURN(const client::CheckedReceipt receipt,
                          LoggedReceipt(world));
  const auto file = world.directory / "people" / "anna" / "receipt.json";
  LIMPID_RETURN_IF_ERROR(
      base::WriteFileAtomically(file, base::AsBytes(receipt.file_json), 0600));
  world.story.Say("kept as " + file.string());
  return Expect(receipt.verified.body.access == world.first_access_id,
                "the receipt is about this access");
}

absl::StatusOr<receipt::VerifiedReceipt> VerifyOffline(
    const World& world, const std::string& text) {
  LIMPID_ASSIGN_OR_RETURN(const auto parsed, receipt::Receipt::Parse(text));
  LIMPID_ASSIGN_OR_RETURN(const tlog::Policy policy,
                          world.trust.LogPolicy("/access"));
  return receipt::VerifyReceipt(parsed, world.trust.evidence_key, policy);
}

absl::Status VerifyFile(World& world) {
  LIMPID_ASSIGN_OR_RETURN(
      const std::string text,
      ReadTextFile(world.directory / "people" / "anna" / "receipt.json"));
  LIMPID_ASSIGN_OR_RETURN(const auto verified, VerifyOffline(world, text));
  std::string forged = text;
  const std::size_t at = forged.find(demo::kEmail);
  LIMPID_RETURN_IF_ERROR(
      Expect(at != std::string::npos, "the receipt names the e-mail address"));
  forged[at] = 'q';
  LIMPID_RETURN_IF_ERROR(Expect(!VerifyOffline(world, forged).ok(),
                                "a changed receipt does not verify"));
  return Expect(verified.entry.has_value(),
                "the receipt opens to the access entry");
}

}  // namespace

absl::Status TellRead(World& world) {
  Story& story = world.story;
  story.Chapter("The service reads");
  LIMPID_RETURN_IF_ERROR(story.Step("read-exactly",
                                    "The film house asks for all three.",
                                    [&] { return ReadAll(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step("purpose-refused",
                                    "It tries to read for marketing.",
                                    [&] { return OtherPurpose(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step("other-service-refused",
                                    "The city tries to read under that record.",
                                    [&] { return OtherService(world); }));
  return story.Step("pause-resume", "Anna pauses the consent, then resumes it.",
                    [&] { return PauseAndResume(world); });
}

absl::Status TellProof(World& world) {
  Story& story = world.story;
  story.Chapter("Anna looks who used her data");
  LIMPID_RETURN_IF_ERROR(
      story.Step("access-seen", "Anna sees the access, with what was refused.",
                 [&] { return SeeAccess(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step(
      "access-logged",
      "After the tick the access stands in the public log; her device verifies "
      "the proof and keeps the receipt.",
      [&] { return ProveAccess(world); }));
  return story.Step(
      "receipt-offline",
      "The receipt verifies without any server, and no longer when one letter "
      "is changed.",
      [&] { return VerifyFile(world); });
}

}  // namespace limpid::cli
