// A server comes up, and an administrator registers who will speak to it.

#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/demo/world.h"
#include "common/base/status_macros.h"
#include "common/crypto/x509.h"
#include "grpc/health/v1/health.pb.h"

namespace limpid::cli {
namespace {

namespace consent = limpid::consent::v1;

constexpr client::Method kHealth = {"/grpc.health.v1.Health/Check", true};
constexpr absl::Duration kStartPatience = absl::Seconds(60);

absl::Status Init(World& world) {
  server::InitOptions options;
  options.directory = world.directory / "server";
  options.config = server::DefaultConfig();
  options.config.roles = {"consent", "vault", "register"};
  options.config.operator_name = "demo.limpid.example";
  options.config.grpc_address = absl::StrCat("127.0.0.1:", world.ports.grpc);
  options.config.https_address = absl::StrCat("127.0.0.1:", world.ports.https);
  options.config.log_public_url =
      absl::StrCat("https://localhost:", world.ports.https);
  options.config.log_publish_when_pending = true;
  options.now = world.clock.Now();
  LIMPID_ASSIGN_OR_RETURN(
      world.init,
      server::InitDirectory(options, [](std::string_view /*warning*/) {}));
  world.story.Say("Keys, certificates and configuration are in " +
                  options.directory.string());
  return Expect(std::filesystem::exists(world.init.config_file),
                "the configuration was written");
}

absl::Status StartServer(World& world) {
  LIMPID_ASSIGN_OR_RETURN(
      world.server,
      ServerProcess::Start(world.limpidd, world.init.config_file,
                           world.directory / "limpidd.log", kStartPatience));
  world.trust.server = absl::StrCat("localhost:", world.ports.grpc);
  LIMPID_ASSIGN_OR_RETURN(world.trust.ca_pem,
                          ReadTextFile(world.init.server_ca));
  LIMPID_ASSIGN_OR_RETURN(world.anonymous, ConnectAs(world, {}));
  world.story.Say("It listens on " + world.trust.server);
  return absl::OkStatus();
}

absl::Status CheckHealth(World& world) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto health,
      client::Invoke<grpc::health::v1::HealthCheckResponse>(
          *world.anonymous, kHealth, grpc::health::v1::HealthCheckRequest()));
  return Expect(
      health.status() == grpc::health::v1::HealthCheckResponse::SERVING,
      "the server says SERVING");
}

absl::Status Pin(World& world) {
  LIMPID_ASSIGN_OR_RETURN(client::Trust seen,
                          client::AskForTrust(*world.anonymous));
  seen.server = world.trust.server;
  seen.ca_pem = world.trust.ca_pem;
  world.trust = std::move(seen);
  for (const auto& [origin, vkey] : world.trust.log_vkeys) {
    world.story.Say("log " + origin);
  }
  LIMPID_RETURN_IF_ERROR(
      Expect(world.trust.operator_name == "demo.limpid.example",
             "the operator has the configured name"));
  return Expect(world.trust.log_vkeys.size() == 3,
                "consent, vault and register each have a log of their own");
}

absl::StatusOr<std::unique_ptr<client::Connection>> Issue(
    World& world, std::string_view name, std::string_view authority) {
  LIMPID_ASSIGN_OR_RETURN(
      const server::CredentialFiles files,
      server::IssueClient(world.init.config_file.parent_path(), authority, name,
                          ClientFile(world, name), world.clock.Now()));
  return ConnectAs(world, files);
}

absl::Status IssueCertificates(World& world) {
  LIMPID_ASSIGN_OR_RETURN(world.administrator,
                          ConnectAs(world, world.init.administrator));
  LIMPID_ASSIGN_OR_RETURN(
      world.film_house, Issue(world, "film-house", server::layout::kClientCa));
  LIMPID_ASSIGN_OR_RETURN(world.city,
                          Issue(world, "city", server::layout::kClientCa));
  LIMPID_ASSIGN_OR_RETURN(world.publisher,
                          Issue(world, "publisher", server::layout::kClientCa));
  return absl::OkStatus();
}

absl::StatusOr<std::string> Register(World& world, std::string_view name,
                                     std::string_view organisation,
                                     std::string_view purpose,
                                     std::vector<std::string> attributes) {
  consent::CreateServiceRequest request;
  request.set_organisation(std::string(organisation));
  request.set_contact("privacy@" + std::string(name) + ".example");
  request.set_jurisdiction("NL");
  LIMPID_ASSIGN_OR_RETURN(
      const std::string pem,
      ReadTextFile(ClientFile(world, name).string() + ".pem"));
  LIMPID_ASSIGN_OR_RETURN(const base::Digest32 pin,
                          crypto::SpkiThumbprint(pem));
  request.add_spki_thumbprints(base::ToText(pin));
  request.add_ceiling_purposes(std::string(purpose));
  for (std::string& attribute : attributes) {
    request.add_ceiling_attributes(std::move(attribute));
  }
  request.add_legal_bases(consent::LEGAL_BASIS_CONSENT);
  client::AdminClient admin(*world.administrator);
  LIMPID_ASSIGN_OR_RETURN(const consent::Service service,
                          admin.CreateService(request));
  world.story.Say(service.organisation() + " is " + service.service_id());
  return service.service_id();
}

absl::Status RegisterServices(World& world) {
  LIMPID_ASSIGN_OR_RETURN(
      world.film_house_id,
      Register(world, "film-house", "Lumen Film House", demo::kTicketPurpose,
               {std::string(demo::kName), std::string(demo::kBirthDate),
                std::string(demo::kEmail)}));
  LIMPID_ASSIGN_OR_RETURN(
      world.city_id,
      Register(world, "city", "City of Voorbeeld", demo::kTrainingPurpose,
               {std::string(demo::kHousehold)}));
  client::AdminClient admin(*world.administrator);
  LIMPID_ASSIGN_OR_RETURN(const auto services, admin.ListServices());
  return Expect(services.size() == 2, "the server lists both services");
}

absl::Status RefuseStrangers(World& world) {
  client::AdminClient nobody(*world.anonymous);
  LIMPID_RETURN_IF_ERROR(ExpectCode(nobody.ListServices().status(),
                                    absl::StatusCode::kUnauthenticated,
                                    "a caller without certificate is refused"));
  client::AdminClient service(*world.film_house);
  return ExpectCode(service.ListServices().status(),
                    absl::StatusCode::kPermissionDenied,
                    "a service may not act as administrator");
}

}  // namespace

absl::Status TellStart(World& world) {
  Story& story = world.story;
  story.Chapter("A server comes up");
  LIMPID_RETURN_IF_ERROR(
      story.Step("init", "An administrator makes keys and certificates.",
                 [&] { return Init(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step(
      "start", "The server starts: consent, vault and register in one process.",
      [&] { return StartServer(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step("health",
                                    "Anyone asks whether it serves; it does.",
                                    [&] { return CheckHealth(world); }));
  LIMPID_RETURN_IF_ERROR(
      story.Step("pin", "A client pins the operator's name, keys and logs.",
                 [&] { return Pin(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step(
      "certificates",
      "The administrator issues certificates to two services and a publisher.",
      [&] { return IssueCertificates(world); }));
  LIMPID_RETURN_IF_ERROR(story.Step(
      "services",
      "The administrator registers both services, each with a ceiling of "
      "purposes and attributes.",
      [&] { return RegisterServices(world); }));
  return story.Step(
      "strangers-refused",
      "Somebody without a certificate, and a service, try to administer; both "
      "are refused.",
      [&] { return RefuseStrangers(world); });
}

}  // namespace limpid::cli
