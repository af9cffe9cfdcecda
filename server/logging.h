// Lines on standard error for the operator, as text or JSON, without personal
// data, ids or keys: a call site names an event and adds fields it has chosen.

#ifndef LIMPID_SERVER_LOGGING_H_
#define LIMPID_SERVER_LOGGING_H_

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "server/config.h"

namespace limpid::server {

enum class Severity { kDebug, kInfo, kWarn, kError };

struct LogField {
  std::string_view name;
  std::string value;
};

// Thread-safe.
class Logger {
 public:
  // `config` has been checked.
  explicit Logger(const Config& config);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  // Text: "<time> <severity> <event> name=value ..."; JSON: one object with
  // "time", "severity", "event" and the fields as strings.
  void Write(Severity severity, std::string_view event,
             std::initializer_list<LogField> fields = {});

 private:
  struct Sink;
  bool json_;
  std::unique_ptr<Sink> sink_;
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_LOGGING_H_
