// limpid register restricted, limpid admin add-reader, list-readers,
// remove-reader: parts of registrations for some readers alone.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/id_kind.h"
#include "clients/cpp/restricted_client.h"
#include "common/base/status_macros.h"

namespace limpid::cli {
namespace {

namespace v1 = limpid::algoregister::v1;

struct None {};
struct ReadOptions {
  std::string id;
  std::int64_t version = 0;
};
struct ReaderOptions {
  std::string name;
  std::vector<std::string> audiences;
  std::vector<std::string> certificates;
};
struct OneReader {
  std::string reader;
};

absl::StatusOr<Report> Read(const ReadOptions& options, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::RestrictedClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto parts,
                          client.Get(options.id, options.version));
  return Report{ToJson(parts), [parts](Terminal& terminal) {
                  const std::vector<Row> rows =
                      RowsOf(parts.disclosures(),
                             [](const v1::FieldDisclosure& one) -> Row {
                               return {one.pointer(), one.value_json()};
                             });
                  terminal.Table({"part", "value"}, rows);
                  terminal.Line(absl::StrCat(
                      "Each is in the signed leaf of version ", parts.version(),
                      "; ", parts.closed_count(), " parts are for others."));
                }};
}

absl::StatusOr<Report> AddReader(const ReaderOptions& options,
                                 Session& session) {
  v1::RestrictedReader reader;
  reader.set_name(options.name);
  for (const std::string& audience : options.audiences) {
    reader.add_audiences(audience);
  }
  for (const std::string& file : options.certificates) {
    LIMPID_ASSIGN_OR_RETURN(*reader.add_certificate_thumbprints(),
                            ThumbprintOf(file));
  }
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::RestrictedClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto made, client.CreateReader(reader));
  return Report{
      ToJson(made), [made](Terminal& terminal) {
        terminal.Facts({{"reader", made.reader_id()}, {"name", made.name()}});
      }};
}

absl::StatusOr<Report> ListReaders(const None& /*options*/, Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::RestrictedClient client(*connection);
  LIMPID_ASSIGN_OR_RETURN(const auto all, client.ListReaders());
  return Report{
      ToJson(all), [all](Terminal& terminal) {
        const std::vector<Row> rows =
            RowsOf(all.readers(), [](const v1::RestrictedReader& one) -> Row {
              return {one.reader_id(), one.name(), Joined(one.audiences()),
                      absl::StrCat(one.read_count()),
                      one.removed() ? "removed" : ""};
            });
        terminal.Table({"reader", "name", "audiences", "reads", ""}, rows);
      }};
}

absl::StatusOr<Report> RemoveReader(const OneReader& options,
                                    Session& session) {
  LIMPID_ASSIGN_OR_RETURN(const auto connection, session.WithCertificate());
  client::RestrictedClient client(*connection);
  LIMPID_RETURN_IF_ERROR(client.RemoveReader(options.reader));
  json::Value out = json::Value::Object();
  out.Set("removed", options.reader);
  return Report{std::move(out), [](Terminal& terminal) {
                  terminal.Line("Removed; it reads nothing restricted now.");
                }};
}

}  // namespace

void AddRestrictedCommand(CLI::App& group, Session& session) {
  auto [read, which] = AddCommand<ReadOptions>(
      group, session, "restricted",
      "Read the parts that are for you, and verify them", Read);
  read->add_option("id", which->id)->required()->check(RegistrationId());
  read->add_option("--version", which->version, "an older version");
}

void AddReaderCommands(CLI::App& admin, Session& session) {
  auto [add, who] = AddCommand<ReaderOptions>(
      admin, session, "add-reader", "Register a reader of restricted parts",
      AddReader);
  add->add_option("name", who->name)->required();
  add->add_option("--audience", who->audiences,
                  "auditor, court, legislature or regulator")
      ->required();
  add->add_option("--pin", who->certificates,
                  "PEM certificate it will call with")
      ->required();
  AddCommand<None>(admin, session, "list-readers",
                   "List the readers of restricted parts", ListReaders);
  auto [remove, one] =
      AddCommand<OneReader>(admin, session, "remove-reader",
                            "Take the right from a reader", RemoveReader);
  remove->add_option("reader", one->reader)->required()->check(OfKind({"rdr"}));
}

}  // namespace limpid::cli
