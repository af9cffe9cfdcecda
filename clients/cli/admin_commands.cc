// limpid admin: make a server's directory, issue certificates, register
// services, agreements, publishers and attributes.

#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cpp/admin_client.h"
#include "common/base/status_macros.h"
#include "common/crypto/x509.h"
#include "common/json/json.h"
#include "server/provision/provision.h"

namespace limpid::cli {
namespace {

struct None {};
struct InitOptions {
  std::string directory;
  std::string operator_name = "localhost";
  std::string grpc_address = "127.0.0.1:7443";
  std::string https_address = "127.0.0.1:7444";
  std::vector<std::string> roles = {"consent", "vault", "register"};
  std::vector<std::string> dns_names;
};
struct IssueOptions {
  std::string directory;
  std::string name;
  std::string out;
  bool administrator = false;
};
struct OneFile {
  std::string file;
};
struct PublisherOptions {
  std::string name;
  bool importer = false;
  std::vector<std::string> certificates;
  std::vector<std::string> public_keys;
};
struct ServiceOptions {
  std::string file;
  std::vector<std::string> certificates;
};
struct AgreementOptions {
  std::string service;
  std::string agreement;
  std::string file;
  std::optional<std::uint32_t> grace_days;
};
struct RevokeOptions {
  std::string record;
  std::string reason;
};

absl::StatusOr<Report> Init(const InitOptions& options, Session& session) {
  server::InitOptions init;
  init.directory = options.directory;
  init.config = server::DefaultConfig();
  init.config.operator_name = options.operator_name;
  init.config.grpc_address = options.grpc_address;
  init.config.https_address = options.https_address;
  init.config.roles = options.roles;
  for (const std::string& name : options.dns_names) {
    init.dns_names.push_back(name);
  }
  init.now = session.clock().Now();
  Terminal& terminal = session.terminal();
  LIMPID_ASSIGN_OR_RETURN(
      const server::InitResult made,
      server::InitDirectory(init, [&terminal](std::string_view warning) {
        terminal.Error("warning: " + std::string(warning));
      }));
  json::Value out = json::Value::Object();
  out.Set("config", made.config_file.string());
  out.Set("server_ca", made.server_ca.string());
  out.Set("certificate", made.administrator.certificate.string());
  out.Set("key", made.administrator.private_key.string());
  return Report{std::move(out), [made](Terminal& shown) {
                  shown.Line("Ready. Start the server with:");
                  shown.Line("  limpidd --config " + made.config_file.string());
                  shown.Line("and administer it with:");
                  shown.Line("  export LIMPID_CA=" + made.server_ca.string());
                  shown.Line("  export LIMPID_CERTIFICATE=" +
                             made.administrator.certificate.string());
                  shown.Line("  export LIMPID_KEY=" +
                             made.administrator.private_key.string());
                }};
}

absl::StatusOr<std::string> ThumbprintOf(const std::string& file) {
  LIMPID_ASSIGN_OR_RETURN(const std::string pem, ReadTextFile(file));
  LIMPID_ASSIGN_OR_RETURN(const base::Digest32 digest,
                          crypto::SpkiThumbprint(pem));
  return base::ToText(digest);
}

absl::StatusOr<Report> Issue(const IssueOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(
      const server::CredentialFiles files,
      server::IssueClient(options.directory,
                          options.administrator ? server::layout::kAdminCa
                                                : server::layout::kClientCa,
                          options.name, options.out, session.clock().Now()));
  LIMPID_ASSIGN_OR_RETURN(const std::string thumbprint,
                          ThumbprintOf(files.certificate.string()));
  const std::string hex = base::HexEncode(base::AsBytes(thumbprint));
  json::Value out = json::Value::Object();
  out.Set("certificate", files.certificate.string());
  out.Set("key", files.private_key.string());
  out.Set("spki_sha256", hex);
  return Report{std::move(out), [files, hex](Terminal& terminal) {
                  terminal.Facts({{"certificate", files.certificate.string()},
                                  {"key", files.private_key.string()},
                                  {"public key SHA-256", hex}});
                }};
}

absl::StatusOr<Report> AddService(const ServiceOptions& options,
                                  Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(options.file));
  consent::v1::CreateServiceRequest request;
  LIMPID_RETURN_IF_ERROR(FromJson(text, request));
  for (const std::string& file : options.certificates) {
    LIMPID_ASSIGN_OR_RETURN(*request.add_spki_thumbprints(),
                            ThumbprintOf(file));
  }
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::AdminClient admin(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto service, admin.CreateService(request));
  return Report{ToJson(service), [service](Terminal& terminal) {
                  terminal.Facts({{"service", service.service_id()},
                                  {"organisation", service.organisation()}});
                }};
}

absl::StatusOr<Report> ListServices(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::AdminClient admin(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto services, admin.ListServices());
  return Report{
      ToJsonArray(services), [services](Terminal& terminal) {
        std::vector<Row> rows;
        rows.reserve(services.size());
        for (const auto& one : services) {
          rows.push_back({one.service_id(), one.organisation(), one.contact(),
                          Moment(one.create_time())});
        }
        terminal.Table({"service", "organisation", "contact", "since"}, rows);
      }};
}

absl::StatusOr<Report> AddAgreement(const AgreementOptions& options,
                                    Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(options.file));
  consent::v1::CreateAgreementRequest request;
  request.set_service_id(options.service);
  request.set_agreement_id(options.agreement);
  if (options.grace_days) {
    request.set_reconsent_grace_days(*options.grace_days);
  }
  LIMPID_RETURN_IF_ERROR(FromJson(text, *request.mutable_content()));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::AdminClient admin(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto agreement, admin.CreateAgreement(request));
  return Report{
      ToJson(agreement), [agreement](Terminal& terminal) {
        terminal.Facts({{"agreement", agreement.agreement_id()},
                        {"version", absl::StrCat(agreement.version())}});
      }};
}

absl::StatusOr<Report> AddPublisher(const PublisherOptions& options,
                                    Session& session) {
  algoregister::v1::Publisher publisher;
  publisher.set_name(options.name);
  publisher.set_importer(options.importer);
  for (const std::string& file : options.certificates) {
    LIMPID_ASSIGN_OR_RETURN(*publisher.add_certificate_thumbprints(),
                            ThumbprintOf(file));
  }
  for (const std::string& key : options.public_keys) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes, base::Base64Decode(key));
    publisher.add_signing_public_keys(base::ToText(bytes));
  }
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::AdminClient admin(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto made, admin.CreatePublisher(publisher));
  return Report{ToJson(made), [made](Terminal& terminal) {
                  terminal.Facts({{"publisher", made.publisher_id()},
                                  {"name", made.name()}});
                }};
}

absl::StatusOr<Report> AddAttribute(const OneFile& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(options.file));
  LIMPID_ASSIGN_OR_RETURN(json::Value value, json::ParseStrict(text));
  // A schema is written as JSON here and travels as its text.
  const json::Value* const schema = value.Find("schema");
  vault::v1::AttributeDefinition definition;
  if (schema != nullptr) {
    definition.set_schema_json(json::Canonical(*schema));
    value.Remove("schema");
  }
  LIMPID_RETURN_IF_ERROR(FromJson(json::Canonical(value), definition));
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::AdminClient admin(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto made,
                          admin.CreateAttributeDefinition(definition));
  return Report{ToJson(made), [made](Terminal& terminal) {
                  terminal.Facts({{"attribute", made.id()},
                                  {"schema version",
                                   absl::StrCat(made.schema_version())}});
                }};
}

absl::StatusOr<Report> Revoke(const RevokeOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::AdminClient admin(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto revoked,
                          admin.RevokeRecord(options.record, options.reason));
  return Report{ToJson(revoked), [](Terminal& terminal) {
                  terminal.Line("Revoked; the person sees the reason.");
                }};
}

void AddSetUpCommands(CLI::App& group, Session& session) {
  auto [init, how] = AddCommand<InitOptions>(
      group, session, "init",
      "Make keys, certificates and a configuration in an empty directory",
      Init);
  init->add_option("directory", how->directory)->required();
  init->add_option("--operator", how->operator_name, "name of the operator");
  init->add_option("--grpc-address", how->grpc_address);
  init->add_option("--https-address", how->https_address);
  init->add_option("--role", how->roles,
                   "roles to serve; by default consent, vault and register");
  init->add_option("--dns", how->dns_names, "further names of the server");
  auto [issue, whom] = AddCommand<IssueOptions>(
      group, session, "issue-certificate",
      "Issue a client certificate by the CA that init made", Issue);
  issue->add_option("directory", whom->directory, "where init made things")
      ->required();
  issue->add_option("name", whom->name)->required();
  issue->add_option("--out", whom->out, "files are named OUT.pem and OUT.key")
      ->required();
  issue->add_flag("--administrator", whom->administrator);
}

void AddRegistryCommands(CLI::App& group, Session& session) {
  auto [service, facts] =
      AddCommand<ServiceOptions>(group, session, "add-service",
                                 "Register a data using service", AddService);
  service
      ->add_option("file", facts->file,
                   "JSON of consent.v1.CreateServiceRequest")
      ->required();
  service->add_option("--pin", facts->certificates,
                      "PEM certificate it will call with");
  AddCommand<None>(group, session, "list-services", "List the services",
                   ListServices);
  auto [agreement, text] = AddCommand<AgreementOptions>(
      group, session, "add-agreement", "Make an agreement, or its next version",
      AddAgreement);
  agreement->add_option("service", text->service)->required();
  agreement
      ->add_option("file", text->file, "JSON of consent.v1.AgreementContent")
      ->required();
  agreement->add_option("--agreement", text->agreement,
                        "make the next version of this one");
  agreement->add_option("--grace-days", text->grace_days,
                        "days until earlier consents release nothing, when it "
                        "asks for more; by default 30");
  auto [publisher, who] = AddCommand<PublisherOptions>(
      group, session, "add-publisher", "Register a publisher", AddPublisher);
  publisher->add_option("name", who->name)->required();
  publisher->add_flag("--importer", who->importer, "may import registers");
  publisher
      ->add_option("--pin", who->certificates,
                   "PEM certificate it will call with")
      ->required();
  publisher
      ->add_option("--public-key", who->public_keys,
                   "base64, as register keygen printed it")
      ->required();
  auto [attribute, definition] =
      AddCommand<OneFile>(group, session, "add-attribute",
                          "Add an attribute to the catalogue", AddAttribute);
  attribute
      ->add_option("file", definition->file,
                   R"(JSON of vault.v1.AttributeDefinition, "schema" )"
                   "being the JSON Schema")
      ->required();
  auto [revoke, what] = AddCommand<RevokeOptions>(
      group, session, "revoke", "Revoke a consent, with a reason", Revoke);
  revoke->add_option("record", what->record)->required();
  revoke->add_option("--reason", what->reason)->required();
}

}  // namespace

void AddAdminCommands(CLI::App& app, Session& session) {
  CLI::App* const group =
      app.add_subcommand("admin", "Set up and administer a server");
  group->require_subcommand(1);
  AddSetUpCommands(*group, session);
  AddRegistryCommands(*group, session);
  AddGovernanceCommands(*group, session);
  AddAdminDutyCommands(*group, session);
  AddAdminDelegationCommands(*group, session);
}

}  // namespace limpid::cli
