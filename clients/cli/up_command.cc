// limpid up: start a server with demo data, play the main job, keep serving.

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/demo/register_sample.h"
#include "clients/cli/demo/world.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"
#include "common/rpc/server.h"

namespace limpid::cli {
namespace {

struct UpOptions {
  bool check = false;
  std::string keep;
  std::string shared;
  std::string limpidd;
  int port = 7443;
};

constexpr std::size_t kMaxRegisterBytes = std::size_t{24} << 20U;
constexpr const char* kBefore =
    "data/algoregister/nl/algoritmes-2026-06-09.json";
constexpr const char* kAfter =
    "data/algoregister/nl/algoritmes-2026-06-30.json";

// The demo's directory, removed when it goes unless it is to be kept.
class Directory {
 public:
  static absl::StatusOr<std::unique_ptr<Directory>> Make(
      const std::string& keep) {
    auto out = std::unique_ptr<Directory>(new Directory);
    std::error_code error;
    if (keep.empty()) {
      std::string name =
          (std::filesystem::temp_directory_path() / "limpid-up-XXXXXX")
              .string();
      if (mkdtemp(name.data()) == nullptr) {
        return absl::UnavailableError("cannot make a temporary directory");
      }
      out->path_ = name;
      out->remove_ = true;
      return out;
    }
    out->path_ = std::filesystem::absolute(keep);
    if (std::filesystem::exists(out->path_, error) &&
        !std::filesystem::is_empty(out->path_, error)) {
      return WithNext(absl::FailedPreconditionError(
                          absl::StrCat(out->path_.string(), " is not empty")),
                      "name a directory that does not exist yet");
    }
    std::filesystem::create_directories(out->path_, error);
    if (error) return absl::UnavailableError("cannot make " + keep);
    return out;
  }
  ~Directory() {
    std::error_code ignored;
    if (remove_) std::filesystem::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] bool kept() const { return !remove_; }

 private:
  Directory() = default;
  std::filesystem::path path_;
  bool remove_ = false;
};

std::filesystem::path ServerBinary(const UpOptions& options) {
  if (!options.limpidd.empty()) return options.limpidd;
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored)
             .parent_path() /
         "limpidd";
}

absl::StatusOr<Ports> ChoosePorts(const UpOptions& options) {
  if (options.check) return FreePorts();
  for (const int port : {options.port, options.port + 1}) {
    if (PortIsTaken(port)) {
      return WithNext(
          absl::FailedPreconditionError(absl::StrCat(
              "port ", port, " is taken, perhaps by another limpid up")),
          "stop it with Ctrl-C where it runs, or choose other ports with "
          "--port N (N and N + 1 are used)");
    }
  }
  return Ports{options.port, options.port + 1};
}

// The real registers when they are there, else the samples.
absl::Status LoadRegisters(const UpOptions& options, World& world) {
  const std::filesystem::path shared(options.shared);
  std::error_code ignored;
  if (options.shared.empty() ||
      !std::filesystem::exists(shared / kBefore, ignored) ||
      !std::filesystem::exists(shared / kAfter, ignored)) {
    world.register_before = kRegisterSample;
    world.register_after = kRegisterSampleLater;
    world.register_source = "a small invented register (5 entries)";
    return absl::OkStatus();
  }
  LIMPID_ASSIGN_OR_RETURN(world.register_before,
                          ReadTextFile(shared / kBefore, kMaxRegisterBytes));
  LIMPID_ASSIGN_OR_RETURN(world.register_after,
                          ReadTextFile(shared / kAfter, kMaxRegisterBytes));
  world.register_source =
      "the Dutch algorithm register as published on 9 June 2026";
  return absl::OkStatus();
}

absl::Status Tell(World& world) {
  for (const auto chapter :
       {TellStart, TellRegister, TellPerson, TellRequest, TellRead, TellProof,
        TellTraining, TellWithdraw, TellAudit, TellRestart}) {
    LIMPID_RETURN_IF_ERROR(chapter(world));
  }
  return absl::OkStatus();
}

std::string RegisterVkey(const World& world) {
  for (const auto& [origin, key] : world.trust.log_vkeys) {
    if (origin.ends_with("/register")) return key;
  }
  return {};
}

std::string PersonHome(const Directory& directory) {
  return (directory.path() / "people" / "anna").string();
}

std::string LogsUrl(const World& world) {
  return absl::StrCat("https://localhost:", world.ports.https);
}

// The same facts as below on one line, while it serves.
json::Value ServingJson(const World& world, const Directory& directory) {
  json::Value serving = json::Value::Object();
  serving.Set("server", world.trust.server);
  serving.Set("ca", world.init.server_ca.string());
  serving.Set("home", PersonHome(directory));
  serving.Set("logs", LogsUrl(world));
  serving.Set("register_vkey", RegisterVkey(world));
  serving.Set("commands", ServerBinary({}).parent_path().string());
  serving.Set("data", directory.path().string());
  serving.Set("kept", directory.kept());
  json::Value out = json::Value::Object();
  out.Set("serving", std::move(serving));
  return out;
}

void ShowWhatToTry(const World& world, const Directory& directory,
                   Terminal& terminal) {
  terminal.Line("");
  terminal.Heading("It is serving. Try, in another terminal:");
  terminal.Line("  export LIMPID_SERVER=" + world.trust.server);
  terminal.Line("  export LIMPID_CA=" + world.init.server_ca.string());
  terminal.Line("  export LIMPID_HOME=" + PersonHome(directory));
  terminal.Line("  limpid person accesses");
  terminal.Line("  limpid person systems");
  terminal.Line("  limpid person explain " + world.training.record_id +
                " --purpose " + std::string(demo::kTrainingPurpose) + " -a " +
                std::string(demo::kHousehold));
  terminal.Line("  limpid register list --kind deployment");
  terminal.Line("  limpid register get " + world.system_id);
  terminal.Line(absl::StrCat("  limpid audit ", LogsUrl(world),
                             "/register --vkey ", RegisterVkey(world)));
  terminal.Line("");
  terminal.Facts(
      {{"gRPC", world.trust.server},
       {"logs", absl::StrCat(LogsUrl(world), "/register /access /vault")},
       {"commands", ServerBinary({}).parent_path().string()},
       {"data", directory.path().string() +
                    (directory.kept() ? " (kept)"
                                      : " (removed at the end; --keep DIR "
                                        "keeps them)")}});
  terminal.Line("Stop it with Ctrl-C.");
}

// Until Ctrl-C, or until the server ends by itself.
absl::Status ServeUntilStopped(World& world) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  const timespec look{1, 0};
  while (world.server.Running()) {
    if (sigtimedwait(&signals, nullptr, &look) > 0) {
      if (world.story.telling() != Telling::kJson) {
        world.story.terminal().Line("Stopping.");
      }
      return world.server.Stop();
    }
  }
  return absl::InternalError("the server ended by itself; see limpidd.log");
}

Telling TellingOf(const UpOptions& options, bool as_json) {
  if (as_json) return Telling::kJson;
  return options.check ? Telling::kLines : Telling::kTale;
}

// The last line, and where it serves when it goes on.
void TellEnd(const UpOptions& options, World& world,
             const Directory& directory) {
  Terminal& terminal = world.story.terminal();
  const bool as_json = world.story.telling() == Telling::kJson;
  if (!as_json) {
    terminal.Line(
        absl::StrCat("main job: ", world.story.step_count(), " steps ok"));
  }
  if (options.check) return;
  if (as_json) {
    terminal.Line(json::Canonical(ServingJson(world, directory)));
  } else {
    ShowWhatToTry(world, directory, terminal);
  }
}

absl::StatusOr<Report> Up(const UpOptions& options, Session& session) {
  // Before gRPC starts a thread, so that Ctrl-C comes here and nowhere else.
  rpc::BlockTerminationSignals();
  LIMPID_ASSIGN_OR_RETURN(const Ports ports, ChoosePorts(options));
  LIMPID_ASSIGN_OR_RETURN(const auto directory, Directory::Make(options.keep));
  World world{.clock = session.clock(),
              .story = Story(session.terminal(),
                             TellingOf(options, session.options().json))};
  world.directory = directory->path();
  world.limpidd = ServerBinary(options);
  world.ports = ports;
  std::error_code ignored;
  std::filesystem::create_directories(world.directory / "clients", ignored);
  LIMPID_RETURN_IF_ERROR(LoadRegisters(options, world));
  if (absl::Status told = Tell(world); !told.ok()) {
    return WithNext(
        std::move(told),
        directory->kept()
            ? "look into " + (world.directory / "limpidd.log").string()
            : "run it again with --keep DIR and look into "
              "DIR/limpidd.log");
  }
  TellEnd(options, world, *directory);
  json::Value out = json::Value::Object();
  out.Set("steps", world.story.step_count());
  LIMPID_RETURN_IF_ERROR(options.check ? world.server.Stop()
                                       : ServeUntilStopped(world));
  return Report{std::move(out), nullptr};
}

}  // namespace

void AddUpCommand(CLI::App& app, Session& session) {
  auto [up, options] = AddCommand<UpOptions>(
      app, session, "up",
      "Start a server with demo data and play the main job on it", Up);
  up->add_flag("--check", options->check,
               "on free ports, one line per step, then stop");
  up->add_option("--keep", options->keep, "keep everything in this directory");
  up->add_option("--shared", options->shared, "folder with the real registers");
  up->add_option("--limpidd", options->limpidd, "the server's binary");
  up->add_option("--port", options->port, "port of gRPC; HTTPS is the next")
      ->check(CLI::Range(1, 65534));
}

}  // namespace limpid::cli
