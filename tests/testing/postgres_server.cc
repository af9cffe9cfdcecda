#include "tests/testing/postgres_server.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/text.h"
#include "common/storage/database.h"
#include "common/storage/postgres.h"
#include "gtest/gtest.h"
#include "libpq-fe.h"

namespace limpid::testing {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

constexpr int kLeastVersion = 15;
constexpr int kNewestTried = 19;
constexpr std::chrono::seconds kPatience(60);

// The folder of the server's programs, or empty.
fs::path Binaries() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables here
  const char* named = std::getenv("LIMPID_POSTGRES_BIN");
  if (named != nullptr) return named;
  for (int version = kLeastVersion; version <= kNewestTried; ++version) {
    fs::path folder =
        fs::path("/usr/lib/postgresql") / std::to_string(version) / "bin";
    if (fs::exists(folder / "postgres") && fs::exists(folder / "initdb")) {
      return folder;
    }
  }
  return {};
}

// Whom the server runs as: itself refuses root.
const passwd* ServerUser() {
  if (::geteuid() != 0) return nullptr;
  // NOLINTBEGIN(concurrency-mt-unsafe): before there are threads
  const passwd* user = ::getpwnam("postgres");
  return user != nullptr ? user : ::getpwnam("nobody");
  // NOLINTEND(concurrency-mt-unsafe)
}

// In front of a command: become that user, and die with the test program.
Arguments Prefix() {
  Arguments out = {"setpriv", "--pdeathsig", "QUIT"};
  if (const passwd* user = ServerUser(); user != nullptr) {
    out.push_back(absl::StrCat("--reuid=", user->pw_uid));
    out.push_back(absl::StrCat("--regid=", user->pw_gid));
    out.emplace_back("--clear-groups");
  }
  return out;
}

// Starts a program with its output in `log`.
pid_t Spawn(Arguments command, const fs::path& log) {
  std::vector<char*> raw;
  raw.reserve(command.size() + 1);
  for (std::string& argument : command) raw.push_back(argument.data());
  raw.push_back(nullptr);
  const int output =
      ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  LIMPID_CHECK(output >= 0);
  const pid_t child = ::fork();
  if (child == 0) {
    (void)::dup2(output, STDOUT_FILENO);
    (void)::dup2(output, STDERR_FILENO);
    // The test's own directory may be closed to that user.
    if (::chdir("/") != 0) std::_Exit(127);
    ::execvp(raw.front(), raw.data());
    std::_Exit(127);
  }
  ::close(output);
  LIMPID_CHECK(child > 0);
  return child;
}

void PrintLog(const fs::path& log) {
  std::ifstream in(log);
  const std::string text((std::istreambuf_iterator<char>(in)),
                         std::istreambuf_iterator<char>());
  GTEST_LOG_(ERROR) << "the PostgreSQL server's log:\n" << text;
}

}  // namespace

std::string PostgresServer::WhyAbsent() {
  return Binaries().empty()
             ? "PostgreSQL 15 is not installed (apt: postgresql-15)"
             : "";
}

PostgresServer& PostgresServer::Shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() {
  std::string name = (fs::temp_directory_path() / "limpid-pg-XXXXXX").string();
  LIMPID_CHECK(::mkdtemp(name.data()) != nullptr);
  directory_ = name;
  Own(directory_);
  Initialise();
  Start();
  Run(absl::StrCat("CREATE ROLE limpid LOGIN PASSWORD '", kPassword, "'"));
  // A database of its own would be 300 files to sync.
  Run("ALTER DATABASE postgres OWNER TO limpid");
}

PostgresServer::~PostgresServer() {
  StopAtOnce();
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

void PostgresServer::Own(const fs::path& path) {
  const passwd* user = ServerUser();
  if (user == nullptr) return;
  LIMPID_CHECK(::chown(path.c_str(), user->pw_uid, user->pw_gid) == 0);
}

void PostgresServer::Initialise() const {
  Arguments command = Prefix();
  for (const std::string& argument :
       {(Binaries() / "initdb").string(), std::string("--no-sync"),
        std::string("--data-checksums"), std::string("--auth=trust"),
        std::string("--username=admin"), std::string("--encoding=UTF8"),
        std::string("--locale=C"),
        absl::StrCat("--pgdata=", (directory_ / "data").string())}) {
    command.push_back(argument);
  }
  int result = -1;
  LIMPID_CHECK(::waitpid(Spawn(command, directory_ / "log"), &result, 0) > 0);
  if (result != 0) PrintLog(directory_ / "log");
  LIMPID_CHECK(result == 0);
  std::ofstream(directory_ / "data" / "pg_hba.conf")
      << "local all admin trust\nlocal all limpid scram-sha-256\n";
  // In the file and not on the command line, so that Set can change them.
  std::ofstream(directory_ / "data" / "postgresql.conf", std::ios::app)
      << "listen_addresses = ''\nunix_socket_directories = '"
      << directory_.string()
      << "'\nfsync = on\nshared_buffers = 32MB\nmax_connections = 100\n"
      << "recovery_init_sync_method = syncfs\n";
}

void PostgresServer::Start() {
  Arguments command = Prefix();
  command.push_back((Binaries() / "postgres").string());
  command.push_back("-D");
  command.push_back((directory_ / "data").string());
  server_ = Spawn(command, directory_ / "log");
  const auto end = std::chrono::steady_clock::now() + kPatience;
  const std::string administrator = Administrator();
  while (PQping(administrator.c_str()) != PQPING_OK) {
    if (std::chrono::steady_clock::now() > end ||
        ::waitpid(server_, nullptr, WNOHANG) != 0) {
      PrintLog(directory_ / "log");
      LIMPID_CHECK(false);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void PostgresServer::StopAtOnce() {
  if (server_ <= 0) return;
  (void)::kill(server_, SIGQUIT);
  (void)::waitpid(server_, nullptr, 0);
  server_ = -1;
}

std::string PostgresServer::ConnectionOf(std::string_view role) const {
  return absl::StrCat("host=", directory_.string(),
                      " user=", base::ToAbsl(role));
}

std::string PostgresServer::Connection() const {
  return absl::StrCat(ConnectionOf("limpid"),
                      " dbname=postgres password=", kPassword);
}

std::string PostgresServer::Administrator() const {
  return absl::StrCat(ConnectionOf("admin"), " dbname=postgres");
}

std::string PostgresServer::Ask(const std::string& sql) const {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(
      PQconnectdb(Administrator().c_str()), &PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(
      PQexec(connection.get(), sql.c_str()), &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
      << sql << ": " << PQerrorMessage(connection.get());
  if (PQntuples(result.get()) < 1) return {};
  return PQgetvalue(result.get(), 0, 0);
}

void PostgresServer::Run(const std::string& sql) const { (void)Ask(sql); }

void PostgresServer::Set(std::string_view name, std::string_view value) const {
  Run(absl::StrCat("ALTER SYSTEM SET ", base::ToAbsl(name), " = '",
                   base::ToAbsl(value), "'"));
  Run("SELECT pg_reload_conf()");
  const std::string found = absl::StrCat("SHOW ", base::ToAbsl(name));
  // The server reads its file in its own time.
  while (Ask(found) != value && !::testing::Test::HasFailure()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

std::string PostgresServer::NewSchema() {
  return absl::StrCat("t", ++schemas_);
}

storage::PostgresOptions PostgresHome::Options(
    std::vector<storage::Migration> migrations) const {
  storage::PostgresOptions options;
  options.connection = PostgresServer::Shared().Connection();
  options.schema = schema_;
  options.migrations = std::move(migrations);
  return options;
}

std::unique_ptr<storage::Database> PostgresHome::Create(
    std::vector<storage::Migration> migrations) const {
  return storage::CreatePostgres(Options(std::move(migrations))).value();
}

std::unique_ptr<storage::Database> PostgresHome::Open(
    std::vector<storage::Migration> migrations) const {
  return storage::OpenPostgres(Options(std::move(migrations))).value();
}

}  // namespace limpid::testing
