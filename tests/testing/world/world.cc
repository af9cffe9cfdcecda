#include "tests/testing/world/world.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "common/crypto/x509.h"
#include "tests/testing/world/require.h"

namespace limpid::testing {
namespace {

void FillContent(const AgreementPlan& plan,
                 consent::v1::AgreementContent& content) {
  auto* const title = content.add_titles();
  title->set_language("en");
  title->set_text("Parking permit");
  content.add_purposes(plan.purpose);
  content.set_legal_basis(plan.basis);
  for (const std::string& attribute : plan.attributes) {
    auto* const line = content.add_lines();
    line->set_attribute(attribute);
    line->set_necessity(consent::v1::NECESSITY_OPTIONAL);
    line->set_form(consent::v1::FORM_FULL);
    line->add_operations("https://w3id.org/dpv#Use");
  }
  for (const std::string& attribute : plan.counted) {
    auto* const line = content.add_lines();
    line->set_attribute(attribute);
    line->set_necessity(consent::v1::NECESSITY_OPTIONAL);
    line->set_form(consent::v1::FORM_AGGREGATE);
    line->add_operations("https://w3id.org/dpv#Use");
  }
  if (plan.over_18 || plan.signed_over_18) {
    auto* const line = content.add_lines();
    line->set_attribute("person.birth_date");
    line->set_necessity(consent::v1::NECESSITY_OPTIONAL);
    line->set_form(plan.signed_over_18 ? consent::v1::FORM_ATTESTED
                                       : consent::v1::FORM_DERIVED);
    line->mutable_derivation()->set_name("over_n");
    line->mutable_derivation()->set_version(1);
    line->mutable_derivation()->set_parameters_json(R"({"n":18})");
    line->add_operations("https://w3id.org/dpv#Use");
  }
  content.set_retention_days(30);
  content.set_storage_location("NL");
  content.set_validity_days(365);
  content.set_use_count_max(plan.use_count_max);
  auto* const notice = content.add_notices();
  notice->set_language("en");
  notice->set_text("We use your data to decide on your parking permit.");
  content.set_ai_training(plan.ai_training);
  for (const std::string& id : plan.system_ids) content.add_system_ids(id);
}

}  // namespace

Person::Person(const rpc::ChannelOptions& channel, const client::Trust& trust,
               const base::Clock& clock,
               const std::optional<rpc::ChannelOptions>& vault_channel,
               client::PersonKey key)
    : key_(std::make_unique<client::PersonKey>(std::move(key))) {
  rpc::ChannelOptions consent = channel;
  consent.tokens = client::PersonTokens(*key_, trust.operator_name, clock);
  consent_connection_ = Require(client::Connect(consent), "connect");
  consent_ = std::make_unique<client::PersonClient>(*consent_connection_, *key_,
                                                    trust, clock);
  (void)Require(consent_->CreateAccount(), "create account");
  tokens_ = std::make_unique<client::SourceTokens>(*consent_connection_, *key_,
                                                   trust.source_id, clock);
  rpc::ChannelOptions vault = vault_channel.value_or(channel);
  vault.tokens = [tokens = tokens_.get()](std::string_view method) {
    return tokens->For(method);
  };
  vault_connection_ = Require(client::Connect(vault), "connect");
  vault_ = std::make_unique<client::VaultClient>(*vault_connection_);
}

void SetPace(server::Config& config, LogPace pace) {
  constexpr std::int64_t kSteadySeconds = 5;
  config.log_publish_when_pending = pace == LogPace::kAtOnce;
  config.log_interval_seconds = kSteadySeconds;
}

void World::Provision(LogPace pace) {
  namespace layout = server::layout;
  if (std::filesystem::exists(directory_ / layout::kConfig)) {
    init_.config_file = directory_ / layout::kConfig;
    init_.server_ca = directory_ / (std::string(layout::kServerCa) + ".pem");
    const std::string admin(layout::kAdmin);
    init_.administrator = {directory_ / (admin + ".pem"),
                           directory_ / (admin + ".key")};
    return;
  }
  server::InitOptions options;
  options.directory = directory_;
  options.config = server::DefaultConfig();
  options.config.operator_name = "test.example";
  options.config.roles = {"consent", "vault", "register"};
  // Fixed, so that clients find a restarted server again.
  options.config.grpc_address = FreeAddress();
  options.config.https_address = "127.0.0.1:0";
  SetPace(options.config, pace);
  options.config.logging_level = "warn";
  // Clients that nobody waits on keep their connections until then.
  options.config.limits_drain_seconds = 1;
  options.now = clock_.Now();
  init_ = Require(
      server::InitDirectory(options, [](std::string_view /*warning*/) {}),
      "init");
}

World::World(std::filesystem::path directory, std::unique_ptr<Host> host,
             LogPace pace)
    : directory_(std::move(directory)), host_(std::move(host)) {
  Provision(pace);
  ca_pem_ = ReadText(init_.server_ca);
  StartServer();
  const auto anonymous =
      Require(client::Connect(anonymous_channel()), "connect");
  trust_ = Require(client::AskForTrust(*anonymous), "first contact");
  trust_.server = address_;
  trust_.ca_pem = ca_pem_;
  admin_connection_ = Require(client::Connect(admin_channel()), "connect");
  admin_ = std::make_unique<client::AdminClient>(*admin_connection_);
}

World::~World() { host_->Stop(); }

void World::StartServer() {
  address_ = Require(host_->Start(init_.config_file), "start");
}

absl::Status World::TryStart() {
  return host_->Start(init_.config_file).status();
}

void World::Restart() {
  host_->Stop();
  StartServer();
}

rpc::ChannelOptions World::anonymous_channel() const {
  rpc::ChannelOptions options;
  options.address = address_;
  options.ca_pem = ca_pem_;
  options.server_name = "localhost";
  return options;
}

rpc::ChannelOptions World::admin_channel() const {
  rpc::ChannelOptions options = anonymous_channel();
  options.certificate_pem = ReadText(init_.administrator.certificate);
  options.private_key_pem = ReadText(init_.administrator.private_key);
  return options;
}

rpc::ChannelOptions World::CertifiedChannel(std::string_view name) const {
  const server::CredentialFiles files =
      Require(server::IssueClient(directory_, server::layout::kClientCa, name,
                                  directory_ / "clients" / name, clock_.Now()),
              "certificate");
  rpc::ChannelOptions options = anonymous_channel();
  options.certificate_pem = ReadText(files.certificate);
  options.private_key_pem = ReadText(files.private_key);
  return options;
}

PublisherSide World::AddPublisher(const std::string& name) {
  PublisherSide out;
  out.channel = CertifiedChannel(name);
  algoregister::v1::Publisher publisher;
  publisher.set_name(name);
  publisher.set_importer(true);
  publisher.add_certificate_thumbprints(base::ToText(Require(
      crypto::SpkiThumbprint(out.channel.certificate_pem), "thumbprint")));
  publisher.add_signing_public_keys(base::ToText(out.key.PublicKey().bytes));
  (void)Require(admin_->CreatePublisher(publisher), "publisher");
  out.connection = Require(client::Connect(out.channel), "connect");
  return out;
}

ServiceSide World::AddService(std::string_view name,
                              const AgreementPlan& plan) {
  ServiceSide out;
  out.channel = CertifiedChannel(name);

  consent::v1::CreateServiceRequest request;
  request.set_organisation(std::string(name));
  request.set_contact("privacy@service.example");
  request.set_data_protection_officer("dpo@service.example");
  request.set_jurisdiction("NL");
  const base::Digest32 thumbprint = Require(
      crypto::SpkiThumbprint(out.channel.certificate_pem), "thumbprint");
  request.add_spki_thumbprints(base::ToText(thumbprint));
  request.add_ceiling_purposes(plan.purpose);
  for (const std::string& attribute : plan.attributes) {
    request.add_ceiling_attributes(attribute);
  }
  for (const std::string& attribute : plan.counted) {
    request.add_ceiling_attributes(attribute);
  }
  if (plan.over_18 || plan.signed_over_18) {
    request.add_ceiling_attributes("person.birth_date");
  }
  request.add_legal_bases(plan.basis);
  out.id = Require(admin_->CreateService(request), "service").service_id();
  out.connection = Require(client::Connect(out.channel), "connect");
  out.client = std::make_unique<client::ServiceClient>(*out.connection, clock_);
  return out;
}

consent::v1::CreateAgreementRequest World::AgreementRequest(
    const ServiceSide& service, const AgreementPlan& plan) {
  consent::v1::CreateAgreementRequest request;
  request.set_service_id(service.id);
  FillContent(plan, *request.mutable_content());
  return request;
}

std::string World::AddAgreement(const ServiceSide& service,
                                const AgreementPlan& plan) {
  return Require(admin_->CreateAgreement(AgreementRequest(service, plan)),
                 "agreement")
      .agreement_id();
}

std::unique_ptr<Person> World::AddPerson() {
  return std::make_unique<Person>(anonymous_channel(), trust_, clock_);
}

std::string World::Grant(ServiceSide& service, const std::string& agreement,
                         Person& person) {
  const std::string code =
      Require(service.client->CreateRequest(agreement, 1), "request")
          .request_code();
  const auto bound = Require(person.consent().BindRequest(code), "bind");
  client::GrantChoice choice;
  for (const auto& line : bound.agreement().content().lines()) {
    choice.attributes.push_back(line.attribute());
  }
  std::string record = bound.record().record_id();
  (void)Require(person.consent().Grant(record, choice), "grant");
  return record;
}

}  // namespace limpid::testing
