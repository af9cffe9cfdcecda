// limpid admin: register services, agreements, publishers and attributes.

#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/id_kind.h"
#include "clients/cli/reconcile_command.h"
#include "clients/cpp/admin_client.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::cli {
namespace {

struct None {};
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
        const std::vector<Row> rows =
            RowsOf(services, [](const auto& one) -> Row {
              return {one.service_id(), one.organisation(), one.contact(),
                      Moment(one.create_time())};
            });
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
  agreement->add_option("service", text->service)
      ->required()
      ->check(OfKind({"svc"}));
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
  revoke->add_option("record", what->record)
      ->required()
      ->check(OfKind({"rec"}));
  revoke->add_option("--reason", what->reason)->required();
}

}  // namespace

void AddAdminCommands(CLI::App& app, Session& session) {
  CLI::App* const group =
      app.add_subcommand("admin", "Set up and administer a server");
  group->require_subcommand(1);
  AddSetUpCommands(*group, session);
  AddRootKeyCommand(*group, session);
  AddUnsealCommands(*group, session);
  AddConfirmClockCommand(*group, session);
  AddRegistryCommands(*group, session);
  AddGovernanceCommands(*group, session);
  AddAdminDutyCommands(*group, session);
  AddAdminPushCommands(*group, session);
  AddAdminServiceKeyCommands(*group, session);
  AddAdminDelegationCommands(*group, session);
  AddHoldCommands(*group, session);
  AddKeyEpochCommands(*group, session);
  AddResealCommand(*group, session);
  AddReconcileCommand(*group, session);
  AddEraseFieldCommand(*group, session);
  AddEraseEvidenceCommand(*group, session);
  AddReaderCommands(*group, session);
}

}  // namespace limpid::cli
