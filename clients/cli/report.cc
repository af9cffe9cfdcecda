#include "clients/cli/report.h"

#include <algorithm>
#include <cctype>

#include "common/base/check.h"
#include "common/json/json.h"
#include "google/protobuf/util/json_util.h"

namespace limpid::cli {

namespace {

// Lists of a national register are longer than a request.
constexpr json::ParseLimits kLimits = {std::size_t{256} << 20U, 64, 20'000'000};

}  // namespace

json::Value ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = false;
  std::string text;
  const auto printed =
      google::protobuf::util::MessageToJsonString(message, &text, options);
  if (!printed.ok()) return {};
  auto value = json::ParseStrict(text, kLimits);
  return value.ok() ? *std::move(value) : json::Value();
}

absl::Status FromJson(std::string_view text,
                      google::protobuf::Message& message) {
  if (auto strict = json::ParseStrict(text, kLimits); !strict.ok()) {
    return strict.status();
  }
  const auto read = google::protobuf::util::JsonStringToMessage(
      std::string(text), &message, google::protobuf::util::JsonParseOptions());
  if (read.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string(read.message()));
}

std::string Moment(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, absl::UTCTimeZone());
}

std::string Moment(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return {};
  return Moment(absl::FromUnixSeconds(time.seconds()));
}

std::string ShortName(std::string_view name, std::string_view prefix) {
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  std::string out(name);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return out;
}

}  // namespace limpid::cli
