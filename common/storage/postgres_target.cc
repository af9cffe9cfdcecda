#include "common/storage/postgres_target.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "common/base/status_macros.h"
#include "common/storage/postgres.h"
#include "libpq-fe.h"

namespace limpid::storage {
namespace {

using Parameters = std::map<std::string, std::string>;

// What an operator need not say. Dead peers are noticed within a minute, as a
// lost connection, instead of hanging a caller for hours.
constexpr std::array<std::pair<const char*, const char*>, 8> kDefaults = {{
    {"application_name", "limpid"},
    {"connect_timeout", "10"},
    {"keepalives_idle", "20"},
    {"keepalives_interval", "10"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "50000"},
    {"gssencmode", "disable"},
    {"ssl_min_protocol_version", "TLSv1.3"},
}};

absl::Status CheckSchema(std::string_view schema) {
  const auto fits = [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '_';
  };
  if (schema.empty() || schema.size() > kMaxSchemaBytes ||
      !absl::ascii_islower(static_cast<unsigned char>(schema.front())) ||
      !std::all_of(schema.begin(), schema.end(), fits) ||
      schema.substr(0, 3) == "pg_") {
    return absl::InvalidArgumentError(
        "schema: lower-case letters, digits and '_', a letter first, at most "
        "48, not \"pg_...\"");
  }
  return absl::OkStatus();
}

absl::StatusOr<Parameters> Parse(const std::string& connection) {
  // The parser's message may quote the string, password and all.
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(connection.c_str(), &message), &PQconninfoFree);
  PQfreemem(message);
  if (options == nullptr) {
    return absl::InvalidArgumentError(
        "connection: not a PostgreSQL connection string");
  }
  Parameters parameters;
  for (const PQconninfoOption* option = options.get();
       option->keyword != nullptr; option = std::next(option)) {
    if (option->val != nullptr) {
      parameters.emplace(option->keyword, option->val);
    }
  }
  return parameters;
}

// Whether every host of a list is a directory with a socket in it.
bool IsLocal(std::string_view hosts) {
  for (;;) {
    const std::size_t comma = hosts.find(',');
    const std::string_view host = hosts.substr(0, comma);
    if (host.empty() || (host.front() != '/' && host.front() != '@')) {
      return false;
    }
    if (comma == std::string_view::npos) return true;
    hosts.remove_prefix(comma + 1);
  }
}

}  // namespace

absl::StatusOr<PostgresTarget> ParsePostgresTarget(
    const std::string& connection, std::string_view schema) {
  LIMPID_RETURN_IF_ERROR(CheckSchema(schema));
  PostgresTarget target;
  target.schema = schema;
  LIMPID_ASSIGN_OR_RETURN(target.parameters, Parse(connection));
  Parameters& parameters = target.parameters;
  const auto host = parameters.find("host");
  if (host == parameters.end()) {
    return absl::InvalidArgumentError("connection: names no host");
  }
  if (!IsLocal(host->second) || parameters.contains("hostaddr")) {
    // libpq's own default falls back to plain text.
    const std::string& mode =
        parameters.try_emplace("sslmode", "verify-full").first->second;
    if (mode != "verify-full" && mode != "verify-ca") {
      return absl::InvalidArgumentError(
          "connection: sslmode must be verify-full or verify-ca for a server "
          "on a network");
    }
  }
  for (const auto& [name, value] : kDefaults) {
    parameters.try_emplace(name, value);
  }
  parameters.insert_or_assign("client_encoding", "UTF8");
  return target;
}

}  // namespace limpid::storage
