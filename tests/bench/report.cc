#include "tests/bench/report.h"

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <span>
#include <string_view>
#include <system_error>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"

namespace limpid::bench {
namespace {

constexpr int kFsyncRounds = 100;
constexpr std::size_t kFsyncBytes = 4'096;
constexpr int kHashRounds = 500'000;
// A tree node: one prefix byte and two digests.
constexpr std::size_t kHashBytes = 65;
// Figures are kept to a thousandth: more digits are noise.
constexpr double kPrecision = 1'000;

json::Value Number(double value) {
  const auto number =
      json::Value::FromDouble(std::round(value * kPrecision) / kPrecision);
  return number.ok() ? *number : json::Value();
}

json::Value ToJson(const Report& report) {
  json::Value probes = json::Value::Object();
  for (const Figure& probe : report.probes) {
    probes.Set(probe.name, Number(probe.value));
  }
  json::Value cases = json::Value::Array();
  for (const Case& c : report.cases) {
    json::Value row = json::Value::Object();
    row.Set("name", c.name);
    for (const Figure& figure : c.figures) {
      row.Set(figure.name, Number(figure.value));
    }
    cases.Append(std::move(row));
  }
  return json::Value::Object({{"bench", json::Value(report.bench)},
                              {"machine", json::Value(Machine())},
                              {"probes", std::move(probes)},
                              {"cases", std::move(cases)}});
}

void PrintFigures(const std::vector<Figure>& figures) {
  for (const Figure& figure : figures) {
    std::cout << absl::StrFormat("  %s %.6g", figure.name, figure.value);
  }
  std::cout << '\n';
}

std::string ProcessorModel() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown processor";
}

// Adds "N,N,..." to `out`; false when one is no count or 0.
bool AddCounts(absl::string_view text, std::vector<std::size_t>& out) {
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    std::size_t count = 0;
    if (!absl::SimpleAtoi(part, &count) || count == 0) return false;
    out.push_back(count);
  }
  return true;
}

}  // namespace

absl::Status ParseArguments(int argc, char** argv, Arguments& arguments) {
  const std::span<char*> given(argv, static_cast<std::size_t>(argc));
  absl::Status usage = absl::InvalidArgumentError(
      "want: [--json FILE] [--dir DIRECTORY] [--records N,N,...] "
      "[--in-flight N,N,...] [--only BEGINNING-OF-A-CASE]");
  arguments.directory = std::filesystem::temp_directory_path();
  for (std::size_t i = 1; i < given.size(); i += 2) {
    const std::string_view name(given[i]);
    if (i + 1 == given.size()) return usage;
    const char* const value = given[i + 1];
    if (name == "--json") {
      arguments.json = value;
    } else if (name == "--dir") {
      arguments.directory = value;
    } else if (name == "--only") {
      arguments.only = value;
    } else if (name == "--records" || name == "--in-flight") {
      auto& counts =
          name == "--records" ? arguments.records : arguments.in_flight;
      if (!AddCounts(value, counts)) return usage;
    } else {
      return usage;
    }
  }
  return absl::OkStatus();
}

std::string Machine() {
  utsname name{};
  LIMPID_CHECK(::uname(&name) == 0);
  const auto text = [](const auto& field) { return std::string(&field[0]); };
  return absl::StrCat(std::thread::hardware_concurrency(), " x ",
                      ProcessorModel(), ", ", text(name.sysname), " ",
                      text(name.release));
}

Figure ProbeFsync(const std::filesystem::path& directory) {
  const std::filesystem::path file =
      directory / absl::StrCat("limpid-probe-", ::getpid());
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open(2) has no other
  // form
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  LIMPID_CHECK(fd >= 0);
  const base::Bytes block(kFsyncBytes, 1);
  const absl::Duration elapsed = Measure([&] {
    for (int i = 0; i < kFsyncRounds; ++i) {
      LIMPID_CHECK(::write(fd, block.data(), block.size()) ==
                   static_cast<ssize_t>(block.size()));
      LIMPID_CHECK(::fsync(fd) == 0);
    }
  });
  ::close(fd);
  std::filesystem::remove(file);
  return {"fsync_us", absl::ToDoubleMicroseconds(elapsed) / kFsyncRounds};
}

Figure ProbeSha256() {
  base::ByteArray<kHashBytes> input{};
  const absl::Duration elapsed = Measure([&] {
    for (int i = 0; i < kHashRounds; ++i) {
      // Each input depends on the output before, so none can be left out.
      const base::Digest32 digest = crypto::Sha256(input);
      std::copy(digest.begin(), digest.end(), input.begin());
    }
  });
  return {"sha256_per_s", PerSecond(kHashRounds, elapsed)};
}

double PercentileUs(std::vector<absl::Duration>& values, double percent) {
  constexpr double kWhole = 100;
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double rank =
      std::ceil(percent / kWhole * static_cast<double>(values.size())) - 1;
  const auto index = static_cast<std::size_t>(std::max(rank, 0.0));
  return absl::ToDoubleMicroseconds(values[std::min(index, values.size() - 1)]);
}

double PerSecond(double count, absl::Duration elapsed) {
  return count / absl::ToDoubleSeconds(elapsed);
}

absl::Duration Elapsed() { return base::SystemClock().Monotonic(); }

absl::Status Finish(const Report& report, const Arguments& arguments) {
  std::cout << report.bench << " on " << Machine() << "\nprobes";
  PrintFigures(report.probes);
  for (const Case& c : report.cases) {
    std::cout << absl::StrFormat("%-20s", c.name);
    PrintFigures(c.figures);
  }
  if (arguments.json.empty()) return absl::OkStatus();
  std::ofstream file(arguments.json, std::ios::binary);
  file << json::Pretty(ToJson(report)) << '\n';
  file.close();
  if (file) return absl::OkStatus();
  return absl::InternalError("the JSON file cannot be written");
}

}  // namespace limpid::bench
