#include "server/logging.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/text.h"
#include "server/config.h"

namespace limpid::server {
namespace {

spdlog::level::level_enum LevelOf(Severity severity) {
  switch (severity) {
    case Severity::kDebug:
      return spdlog::level::debug;
    case Severity::kInfo:
      return spdlog::level::info;
    case Severity::kWarn:
      return spdlog::level::warn;
    case Severity::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

spdlog::level::level_enum LevelOf(std::string_view name) {
  if (name == "debug") return spdlog::level::debug;
  if (name == "warn") return spdlog::level::warn;
  return name == "error" ? spdlog::level::err : spdlog::level::info;
}

// Control characters could forge a line or move a terminal's cursor.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < ' ') {
      absl::StrAppendFormat(
          &out, "\\u%04x",
          static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  return out;
}

std::string JsonBody(std::string_view event,
                     std::initializer_list<LogField> fields) {
  std::string out = absl::StrCat(R"("event":")", Escaped(event), "\"");
  for (const LogField& field : fields) {
    absl::StrAppend(&out, ",\"", base::ToAbsl(field.name), "\":\"",
                    Escaped(field.value), "\"");
  }
  return out;
}

std::string TextBody(std::string_view event,
                     std::initializer_list<LogField> fields) {
  std::string out = Escaped(event);
  for (const LogField& field : fields) {
    const bool spaced = field.value.find(' ') != std::string::npos;
    const char* quote = spaced ? "\"" : "";
    absl::StrAppend(&out, " ", base::ToAbsl(field.name), "=", quote,
                    Escaped(field.value), quote);
  }
  return out;
}

}  // namespace

struct Logger::Sink {
  spdlog::logger logger{"limpidd",
                        std::make_shared<spdlog::sinks::stderr_sink_mt>()};
};

Logger::Logger(const Config& config)
    : json_(config.logging_format == "json"), sink_(std::make_unique<Sink>()) {
  sink_->logger.set_level(LevelOf(config.logging_level));
  sink_->logger.flush_on(spdlog::level::debug);
  sink_->logger.set_pattern(
      json_ ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","severity":"%l",%v})"
            : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
      spdlog::pattern_time_type::utc);
}

Logger::~Logger() = default;

void Logger::Write(Severity severity, std::string_view event,
                   std::initializer_list<LogField> fields) {
  const auto level = LevelOf(severity);
  if (!sink_->logger.should_log(level)) return;
  sink_->logger.log(level,
                    json_ ? JsonBody(event, fields) : TextBody(event, fields));
}

}  // namespace limpid::server
