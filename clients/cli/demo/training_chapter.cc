// Data for training an AI system: only with an agreement that says so, and the
// person can ask which registered systems it was.

#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/demo/world.h"
#include "clients/cpp/system_use.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::consent::v1;

bool Allowed(const vault::v1::ReadAttributesResponse& read,
             std::string_view attribute) {
  const auto* const result = FindResult(read, attribute);
  return result != nullptr && result->verdict() == vault::v1::VERDICT_ALLOWED;
}

v1::AgreementContent TrainingContent(const World& world) {
  v1::AgreementContent content;
  auto* const title = content.add_titles();
  title->set_language("en");
  title->set_text("Improve the energy allowance adviser");
  content.add_purposes(std::string(demo::kTrainingPurpose));
  content.set_legal_basis(v1::LEGAL_BASIS_CONSENT);
  auto* const line = content.add_lines();
  line->set_attribute(std::string(demo::kHousehold));
  line->set_necessity(v1::NECESSITY_REQUIRED);
  line->set_form(v1::FORM_FULL);
  content.set_retention_days(90);
  content.set_validity_days(180);
  auto* const notice = content.add_notices();
  notice->set_language("en");
  notice->set_text(
      "We use the size of your household to train the energy allowance "
      "adviser, a registered system.");
  content.add_system_ids(world.system_id);
  content.set_ai_training(true);
  return content;
}

absl::Status AgreeToTraining(World& world) {
  v1::CreateAgreementRequest request;
  request.set_service_id(world.city_id);
  *request.mutable_content() = TrainingContent(world);
  client::AdminClient admin(*world.administrator);
  LIMPID_ASSIGN_OR_RETURN(const auto made, admin.CreateAgreement(request));
  client::ServiceClient city(*world.city, world.clock);
  LIMPID_ASSIGN_OR_RETURN(const auto asked,
                          city.CreateRequest(made.agreement_id(), 1));
  LIMPID_ASSIGN_OR_RETURN(
      const auto bound, world.anna->consent->BindRequest(asked.request_code()));
  world.training.record_id = bound.record().record_id();
  client::GrantChoice choice;
  choice.attributes = {std::string(demo::kHousehold)};
  LIMPID_RETURN_IF_ERROR(
      world.anna->consent->Grant(world.training.record_id, choice).status());
  return Expect(bound.agreement().content().ai_training(),
                "Anna was told that it trains an AI system");
}

absl::StatusOr<vault::v1::ReadAttributesResponse> ReadForTraining(
    World& world, client::Connection& service, const std::string& record,
    std::string_view purpose, std::string_view attribute) {
  client::ServiceClient client(service, world.clock);
  client::ReadRequest request;
  request.record_id = record;
  request.purpose_iri = purpose;
  request.attributes = {std::string(attribute)};
  request.system_id = world.system_id;
  request.snapshot_id = world.snapshot_id;
  LIMPID_ASSIGN_OR_RETURN(auto read, client.Read(request));
  for (const auto& result : read.results()) world.story.Say(Describe(result));
  return read;
}

absl::Status Train(World& world) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto read,
      ReadForTraining(world, *world.city, world.training.record_id,
                      demo::kTrainingPurpose, demo::kHousehold));
  return Expect(Allowed(read, demo::kHousehold),
                "the agreed training read is released");
}

absl::Status TrainWithoutAgreement(World& world) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto read,
      ReadForTraining(world, *world.film_house, world.ticket.record_id,
                      demo::kTicketPurpose, demo::kName));
  return Expect(!Allowed(read, demo::kName),
                "what was granted for tickets is not released for training");
}

absl::Status AskWhichSystems(World& world) {
  LIMPID_ASSIGN_OR_RETURN(const auto accesses,
                          world.anna->consent->ListAccesses("", 1000));
  LIMPID_ASSIGN_OR_RETURN(const tlog::Policy policy,
                          world.trust.LogPolicy("/register"));
  client::RegisterClient algorithms(*world.anonymous);
  LIMPID_ASSIGN_OR_RETURN(const auto uses,
                          client::JoinSystemUse(accesses, algorithms, policy));
  LIMPID_RETURN_IF_ERROR(
      Expect(uses.size() == 1, "one system is named, and only that one"));
  const client::SystemUse& use = uses.front();
  world.story.Say(absl::StrCat("\"", use.title, "\": ", Joined(use.attributes),
                               ", released to ", Joined(use.organisations)));
  return Expect(use.system_id == world.system_id &&
                    use.snapshot_id == world.snapshot_id &&
                    use.system.has_value() &&
                    use.title == "Energy allowance adviser",
                "it is the registered system, and its registration verified");
}

}  // namespace

absl::Status TellTraining(World& world) {
  Story& story = world.story;
  story.Chapter("Training an AI system");
  LIMPID_RETURN_IF_ERROR(story.Step(
      "training-grant",
      "The city asks to train a registered system with the household size; "
      "Anna grants it.",
      [&] { return AgreeToTraining(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step(
      "training-read", "The city reads, naming the system and the snapshot.",
      [&] { return Train(world); }));
  LIMPID_RETURN_IF_ERROR(
      story.Step("training-refused",
                 "The film house tries to train on what it got for tickets.",
                 [&] { return TrainWithoutAgreement(world); }));
  return story.Step("which-systems",
                    "Anna asks for which registered systems her data was "
                    "released.",
                    [&] { return AskWhichSystems(world); });
}

}  // namespace limpid::cli
