// A service asks for three attributes; Anna grants two, one only as "over 18".

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/demo/world.h"
#include "clients/cli/person_views.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

v1::AgreementContent TicketContent() {
  v1::AgreementContent content;
  auto* const title = content.add_titles();
  title->set_language("en");
  title->set_text("Tickets for films from 18 years");
  content.add_purposes(std::string(demo::kTicketPurpose));
  content.set_legal_basis(v1::LEGAL_BASIS_CONSENT);
  for (const std::string_view attribute : {demo::kName, demo::kEmail}) {
    auto* const line = content.add_lines();
    line->set_attribute(std::string(attribute));
    line->set_necessity(v1::NECESSITY_OPTIONAL);
    line->set_form(v1::FORM_FULL);
  }
  auto* const age = content.add_lines();
  age->set_attribute(std::string(demo::kBirthDate));
  age->set_necessity(v1::NECESSITY_REQUIRED);
  age->set_form(v1::FORM_DERIVED);
  age->mutable_derivation()->set_name("over_n");
  age->mutable_derivation()->set_version(1);
  age->mutable_derivation()->set_parameters_json(R"({"n":18})");
  content.set_retention_days(30);
  content.set_validity_days(365);
  content.set_storage_location("NL");
  auto* const notice = content.add_notices();
  notice->set_language("en");
  notice->set_text(
      "We use your name on the ticket, your e-mail address to send it, and "
      "check that you are 18 or older. You can withdraw at any time.");
  return content;
}

absl::Status MakeAgreement(World& world) {
  v1::CreateAgreementRequest request;
  request.set_service_id(world.film_house_id);
  *request.mutable_content() = TicketContent();
  client::AdminClient admin(*world.administrator);
  LIMPID_ASSIGN_OR_RETURN(const v1::Agreement made,
                          admin.CreateAgreement(request));
  world.ticket.agreement_id = made.agreement_id();
  LIMPID_ASSIGN_OR_RETURN(const v1::Agreement again,
                          admin.CreateAgreement(request));
  world.story.Say(made.agreement_id() + ", version 1");
  return Expect(made.version() == 1 && client::CheckAgreement(made).ok() &&
                    again.hash() == made.hash(),
                "it is version 1 and addressed by its content");
}

absl::Status OverAsk(World& world) {
  v1::CreateAgreementRequest request;
  request.set_service_id(world.film_house_id);
  *request.mutable_content() = TicketContent();
  auto* const line = request.mutable_content()->add_lines();
  line->set_attribute("health.allergy");
  line->set_necessity(v1::NECESSITY_REQUIRED);
  line->set_form(v1::FORM_FULL);
  client::AdminClient admin(*world.administrator);
  const auto made = admin.CreateAgreement(request);
  world.story.Say(std::string(made.status().message()));
  return ExpectCode(made.status(), absl::StatusCode::kFailedPrecondition,
                    "an agreement over the service's ceiling is refused");
}

absl::Status AskForTickets(World& world) {
  client::ServiceClient service(*world.film_house, world.clock);
  LIMPID_ASSIGN_OR_RETURN(const auto made,
                          service.CreateRequest(world.ticket.agreement_id, 1));
  world.ticket.request_code = made.request_code();
  LIMPID_ASSIGN_OR_RETURN(const auto status,
                          service.GetRequestStatus(made.request_code()));
  world.story.Say("the code to show is " + made.request_code());
  return Expect(
      status.state() == v1::RECORD_STATE_DRAFT && status.record_id().empty(),
      "nobody is known to the service yet");
}

absl::Status SeeRequest(World& world) {
  LIMPID_ASSIGN_OR_RETURN(const auto bound, world.anna->consent->BindRequest(
                                                world.ticket.request_code));
  world.ticket.record_id = bound.record().record_id();
  world.story.Say(bound.record().service().organisation() + " asks for:");
  for (const auto& line : bound.agreement().content().lines()) {
    world.story.Say(absl::StrCat("  ", line.attribute(), ", ", FormText(line)));
  }
  const auto stranger =
      world.boris->consent->BindRequest(world.ticket.request_code);
  LIMPID_RETURN_IF_ERROR(ExpectCode(stranger.status(),
                                    absl::StatusCode::kNotFound,
                                    "nobody else can bind the same code"));
  return Expect(bound.agreement().content().lines_size() == 3 &&
                    bound.record().state() == v1::RECORD_STATE_REQUESTED,
                "three attributes are asked for");
}

absl::Status ReadTooEarly(World& world) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto read,
      ReadTicket(world, demo::kTicketPurpose,
                 {std::string(demo::kName), std::string(demo::kBirthDate)}));
  return Expect(std::none_of(read.results().begin(), read.results().end(),
                             [](const auto& result) {
                               return result.verdict() ==
                                      vault::v1::VERDICT_ALLOWED;
                             }),
                "a request alone releases nothing");
}

absl::Status KeepPrivate(World& world) {
  const auto other = world.boris->consent->GetRecord(world.ticket.record_id);
  const auto act = world.boris->consent->Withdraw(world.ticket.record_id);
  LIMPID_RETURN_IF_ERROR(ExpectCode(other.status(), absl::StatusCode::kNotFound,
                                    "another person's record is not found"));
  return ExpectCode(act.status(), absl::StatusCode::kNotFound,
                    "another person cannot withdraw it");
}

absl::Status Grant(World& world) {
  client::GrantChoice choice;
  choice.attributes = {std::string(demo::kName), std::string(demo::kBirthDate)};
  LIMPID_ASSIGN_OR_RETURN(
      const client::CheckedReceipt receipt,
      world.anna->consent->Grant(world.ticket.record_id, choice));
  world.story.Say("granted: name in full, date of birth only as over 18");
  world.story.Say("not granted: e-mail address");
  world.story.Say("receipt " + receipt.verified.body.id + " verified");
  return Expect(receipt.verified.body.record == world.ticket.record_id,
                "the receipt is about this record");
}

absl::Status HearOfGrant(World& world) {
  client::ServiceClient service(*world.film_house, world.clock);
  LIMPID_ASSIGN_OR_RETURN(const auto status,
                          service.GetRequestStatus(world.ticket.request_code));
  world.story.Say("granted to it: " + Joined(status.attributes()));
  LIMPID_RETURN_IF_ERROR(
      Expect(status.state() == v1::RECORD_STATE_GRANTED &&
                 status.record_id() == world.ticket.record_id &&
                 status.attributes_size() == 2,
             "the service sees the record and the two attributes"));
  bool granted = false;
  LIMPID_RETURN_IF_ERROR(service.Watch(
      "", absl::Seconds(20), [&](const v1::WatchResponse& message) {
        world.watch_cursor = message.cursor();
        granted = message.event().state() == v1::RECORD_STATE_GRANTED;
        return !granted;
      }));
  return Expect(granted, "Watch tells the service of the grant");
}

}  // namespace

absl::Status TellRequest(World& world) {
  Story& story = world.story;
  story.Chapter("A service asks");
  LIMPID_RETURN_IF_ERROR(story.Step(
      "agreement",
      "The administrator enters what the film house wants to ask: name, e-mail "
      "address, and whether somebody is over 18.",
      [&] { return MakeAgreement(world); }));
  LIMPID_RETURN_IF_ERROR(
      story.Step("over-asking-refused",
                 "An agreement that asks for allergies too is refused.",
                 [&] { return OverAsk(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step(
      "request", "The film house makes a request code and shows it to Anna.",
      [&] { return AskForTickets(world); }));
  LIMPID_RETURN_IF_ERROR(
      story.Step("bind", "Anna brings the code in and sees who asks for what.",
                 [&] { return SeeRequest(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step(
      "no-read-before-grant", "The film house reads at once; it gets nothing.",
      [&] { return ReadTooEarly(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step(
      "others-not-found", "Boris tries Anna's record; for him there is none.",
      [&] { return KeepPrivate(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step("grant",
                                    "Anna signs a grant of two of the three.",
                                    [&] { return Grant(world); }));
  return story.Step("grant-heard", "The film house hears of the grant.",
                    [&] { return HearOfGrant(world); });
}

}  // namespace limpid::cli
