// What a command has to say: once for machines, once for people.

#ifndef LIMPID_CLIENTS_CLI_REPORT_H_
#define LIMPID_CLIENTS_CLI_REPORT_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cli/terminal.h"
#include "common/json/value.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"

namespace limpid::cli {

struct Report {
  json::Value json;
  std::function<void(Terminal&)> show;
  // How the command ends after it has shown what it found: what was found may
  // be the failure.
  absl::Status outcome;
};

// One row of a table for each of `items`; `to_row` is (const Item&) -> Row.
template <typename Items, typename ToRow>
std::vector<Row> RowsOf(const Items& items, ToRow to_row) {
  std::vector<Row> out;
  out.reserve(static_cast<std::size_t>(items.size()));
  for (const auto& item : items) out.push_back(to_row(item));
  return out;
}

// A message as JSON, with its proto field names. Bytes are base64.
json::Value ToJson(const google::protobuf::Message& message);
// Reads JSON (proto field names or their JSON names) into `message`.
//
// Errors:
//   kInvalidArgument  unknown field, wrong type or not JSON; the message says
//                     where.
absl::Status FromJson(std::string_view text,
                      google::protobuf::Message& message);

// An array of messages.
template <typename Messages>
json::Value ToJsonArray(const Messages& messages) {
  json::Value array = json::Value::Array();
  for (const auto& message : messages) array.Append(ToJson(message));
  return array;
}

// "2026-11-20 11:00:00" in UTC; empty for the zero time.
std::string Moment(absl::Time time);
std::string Moment(const google::protobuf::Timestamp& time);
// The name of an enum value without its prefix, in lower case: "granted".
std::string ShortName(std::string_view name, std::string_view prefix);
// "a, b, c".
template <typename Texts>
std::string Joined(const Texts& texts) {
  std::string out;
  for (const auto& text : texts) {
    if (!out.empty()) out += ", ";
    out += text;
  }
  return out;
}

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_REPORT_H_
