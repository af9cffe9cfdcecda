// The people and machines of the main job, and what each of them knows. All of
// it goes through the same client library that anybody would use.

#ifndef LIMPID_CLIENTS_CLI_DEMO_WORLD_H_
#define LIMPID_CLIENTS_CLI_DEMO_WORLD_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/demo/server_process.h"
#include "clients/cli/demo/story.h"
#include "clients/cli/session.h"
#include "clients/cpp/admin_client.h"
#include "clients/cpp/register_client.h"
#include "clients/cpp/service_client.h"
#include "server/provision/provision.h"

namespace limpid::cli {

// What a service asks for with one agreement, and what became of it.
struct Asked {
  std::string agreement_id;
  std::string request_code;
  std::string record_id;
};

struct World {
  const base::Clock& clock;
  Story story;
  // Everything the server and its clients write.
  std::filesystem::path directory;
  std::filesystem::path limpidd;
  // Registers to import, the older one first: their text.
  std::string register_before;
  std::string register_after;
  std::string register_source;
  Ports ports;

  server::InitResult init;
  ServerProcess server;
  client::Trust trust;
  std::unique_ptr<client::Connection> anonymous;
  std::unique_ptr<client::Connection> administrator;
  // The film house asks Anna; the city asks her too, for another thing.
  std::unique_ptr<client::Connection> film_house;
  std::unique_ptr<client::Connection> city;
  std::unique_ptr<client::Connection> publisher;
  std::unique_ptr<client::PersonKey> publisher_key;
  std::optional<PersonParts> anna;
  std::optional<PersonParts> boris;

  std::string film_house_id;
  std::string city_id;
  Asked ticket;
  Asked training;
  std::string system_id;
  std::string dataset_id;
  std::string snapshot_id;
  std::string first_access_id;
  std::string watch_cursor;
  std::int64_t import_count = 0;
};

namespace demo {

inline constexpr std::string_view kTicketPurpose =
    "https://w3id.org/dpv#RequestedServiceProvision";
inline constexpr std::string_view kTrainingPurpose =
    "https://w3id.org/dpv#ImprovePublicServices";
inline constexpr std::string_view kForeignPurpose =
    "https://w3id.org/dpv#DirectMarketing";
inline constexpr std::string_view kName = "person.name";
inline constexpr std::string_view kBirthDate = "person.birth_date";
inline constexpr std::string_view kEmail = "person.email";
inline constexpr std::string_view kHousehold = "household.size";
// Odd on purpose: the last chapter looks for them where they must not be.
inline constexpr std::string_view kNameValue =
    R"({"family":"Proefpersoon-Quist","given":"Anna"})";
inline constexpr std::string_view kBirthDateValue = "\"1987-03-14\"";
inline constexpr std::string_view kEmailValue =
    "\"anna.quist@voorbeeld.example\"";

}  // namespace demo

// The chapters, in order. Errors: the first false step.
absl::Status TellStart(World& world);
absl::Status TellRegister(World& world);
absl::Status TellPerson(World& world);
absl::Status TellRequest(World& world);
absl::Status TellRead(World& world);
absl::Status TellProof(World& world);
absl::Status TellTraining(World& world);
absl::Status TellWithdraw(World& world);
absl::Status TellAudit(World& world);
absl::Status TellRestart(World& world);

// The fact behind one line of a read.
const vault::v1::AttributeResult* FindResult(
    const vault::v1::ReadAttributesResponse& response,
    std::string_view attribute);
// A read by the film house under its ticket agreement.
absl::StatusOr<vault::v1::ReadAttributesResponse> ReadTicket(
    World& world, std::string_view purpose,
    std::vector<std::string> attributes);
// "name, date of birth" with verdicts, for the tale.
std::string Describe(const vault::v1::AttributeResult& result);
// Files with certificate and key below the demo's directory.
std::filesystem::path ClientFile(const World& world, std::string_view name);
absl::StatusOr<std::unique_ptr<client::Connection>> ConnectAs(
    const World& world, const server::CredentialFiles& files);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_DEMO_WORLD_H_
