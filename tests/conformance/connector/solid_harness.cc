#include "tests/conformance/connector/solid_harness.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/check.h"
#include "common/http/https_client.h"
#include "common/jose/jwk.h"
#include "common/json/json.h"
#include "gtest/gtest.h"

namespace limpid::vault {
namespace {

namespace fs = std::filesystem;

// The server loads six hundred packages.
constexpr absl::Duration kPatience = absl::Minutes(3);
constexpr std::size_t kMostBytes = std::size_t{1} << 20U;

fs::path Program() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables here
  const char* const root = std::getenv("LIMPID_SOURCE_DIR");
  return fs::path(root == nullptr ? "." : root) /
         "tools/solid/node_modules/@solid/community-server/bin/server.js";
}

void WriteText(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::trunc);
  out << text;
  out.close();
  LIMPID_CHECK(out.good());
}

int FreePort() {
  const int one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as it wants
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  LIMPID_CHECK(bind(one, generic, size) == 0 &&
               getsockname(one, generic, &size) == 0);
  close(one);
  return ntohs(address.sin_port);
}

// Starts a program with its output in `log`; it dies with this one.
pid_t Spawn(std::vector<std::string> command, const fs::path& log) {
  std::vector<char*> raw;
  raw.reserve(command.size() + 1);
  for (std::string& argument : command) raw.push_back(argument.data());
  raw.push_back(nullptr);
  const int output =
      open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  LIMPID_CHECK(output >= 0);
  const pid_t child = fork();
  if (child == 0) {
    (void)dup2(output, STDOUT_FILENO);
    (void)dup2(output, STDERR_FILENO);
    execvp(raw.front(), raw.data());
    std::_Exit(127);
  }
  close(output);
  LIMPID_CHECK(child > 0);
  return child;
}

std::unique_ptr<http::HttpsClient> ClientOf(const std::string& url,
                                            const std::string& ca_pem) {
  const auto parts = http::ParseUrl(url);
  LIMPID_CHECK(parts.ok());
  http::HttpsClientOptions options;
  options.host = parts->host;
  options.port = parts->port;
  options.ca_pem = ca_pem;
  return http::HttpsClient::Create(options).value();
}

}  // namespace

std::string SolidServer::WhyAbsent() {
  if (!fs::exists(Program())) {
    return "the Community Solid Server is not here: npm ci --ignore-scripts "
           "--prefix tools/solid";
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before there are threads
  return std::system("command -v node >/dev/null") == 0 ? ""
                                                        : "node is not here";
}

SolidServer& SolidServer::Shared() {
  static SolidServer server;
  return server;
}

SolidServer::SolidServer()
    : port_(FreePort()), url_(absl::StrCat("https://localhost:", port_)) {
  WriteText(directory_.path() / "ca.pem", tls_.server_ca_pem());
  WriteText(directory_.path() / "server.pem", tls_.server().certificate_pem);
  WriteText(directory_.path() / "server.key", tls_.server().private_key_pem);
  fs::create_directories(data());
  Start();
  MakeAccount();
}

SolidServer::~SolidServer() { Kill(); }

void SolidServer::Start() {
  const fs::path& here = directory_.path();
  child_ =
      Spawn({"setpriv", "--pdeathsig", "KILL", "env",
             // The server reads WebIDs over its own TLS.
             absl::StrCat("NODE_EXTRA_CA_CERTS=", (here / "ca.pem").string()),
             "node", Program().string(), "-p", absl::StrCat(port_), "-b",
             url_ + "/", "-c", "@css:config/https-file-cli.json", "-f",
             data().string(), "--httpsKey", (here / "server.key").string(),
             "--httpsCert", (here / "server.pem").string(), "-l", "error"},
            here / "log");
  WaitUntilUp();
}

void SolidServer::WaitUntilUp() {
  const absl::Time until = absl::Now() + kPatience;
  while (absl::Now() < until) {
    if (ClientOf(url_, ca_pem())->Get("/", kMostBytes).ok()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  ADD_FAILURE() << "the Solid server does not answer:\n"
                << testing::ReadFile(directory_.path() / "log");
}

void SolidServer::EnsureUp() {
  if (child_ == 0) Start();
  if (frozen_) (void)kill(child_, SIGCONT);
  frozen_ = false;
}

void SolidServer::Kill() {
  if (child_ == 0) return;
  (void)kill(child_, SIGKILL);
  (void)waitpid(child_, nullptr, 0);
  child_ = 0;
  frozen_ = false;
}

void SolidServer::Freeze() {
  (void)kill(child_, SIGSTOP);
  frozen_ = true;
}

// As its page does: an account with a way to log in, without which it gets
// nothing more, a pod with a WebID, credentials for it.
void SolidServer::MakeAccount() {
  const auto client = ClientOf(url_, ca_pem());
  std::string token;
  const auto call = [&](const std::string& address, bool post,
                        const json::Value& body) {
    http::HttpRequest request;
    request.post = post;
    request.path = address.substr(url_.size());
    if (!token.empty()) {
      request.headers = {{"Authorization", "CSS-Account-Token " + token}};
    }
    request.content_type = "application/json";
    request.body = json::Canonical(body);
    request.max_bytes = kMostBytes;
    const auto response = client->Send(request);
    LIMPID_CHECK(response.ok());
    const auto answer = json::ParseStrict(response->body);
    LIMPID_CHECK(answer.ok());
    return *answer;
  };
  const json::Value nothing = json::Value::Object();
  token = call(url_ + "/.account/account/", true, nothing)
              .GetString("authorization")
              .value();
  const json::Value all =
      call(url_ + "/.account/", false, nothing).GetObject("controls").value();
  const json::Value controls = all.GetObject("account").value();
  json::Value login = json::Value::Object();
  login.Set("email", "vault@example.org");
  login.Set("password", "of a test alone");
  (void)call(all.GetObject("password").value().GetString("create").value(),
             true, login);
  json::Value pod = json::Value::Object();
  pod.Set("name", "vault");
  web_id_ = call(controls.GetString("pod").value(), true, pod)
                .GetString("webId")
                .value();
  json::Value credentials = json::Value::Object();
  credentials.Set("name", "vault");
  credentials.Set("webId", web_id_);
  const json::Value made =
      call(controls.GetString("clientCredentials").value(), true, credentials);
  client_id_ = made.GetString("id").value();
  client_secret_ = made.GetString("secret").value();
}

namespace {

int NextNumber() {
  static int number = 0;
  return ++number;
}

}  // namespace

SolidHarness::SolidHarness() : number_(NextNumber()) {
  SolidServer& pods = SolidServer::Shared();
  pods.EnsureUp();
  auto channel = server::MakeSourceChannel({pods.url(), pods.ca_pem(), "", ""});
  LIMPID_CHECK(channel.ok());
  channel_ = *std::move(channel);
  connector_ = std::make_unique<SolidConnector>(
      SolidAccount{
          pods.url(), ExampleIdentity().source.Text(), pods.client_id(),
          base::SecretBytes::Copy(base::AsBytes(pods.client_secret()))},
      *channel_, clock_);
  MakePod(anna_);
  MakePod(bela_);
}

SolidHarness::~SolidHarness() { SolidServer::Shared().EnsureUp(); }

std::string SolidHarness::PodOf(const PersonCaller& who) const {
  return absl::StrCat(who.holder == anna_.holder ? "anna-" : "bela-", number_);
}

fs::path SolidHarness::FolderOf(const PersonCaller& who) const {
  return SolidServer::Shared().data() / PodOf(who) / "limpid";
}

void SolidHarness::Write(const PersonCaller& who, const std::string& name,
                         const std::string& text) {
  WriteText(FolderOf(who) / name, text);
}

void SolidHarness::MakePod(const PersonCaller& who) {
  Write(who, ".acl",
        absl::StrCat("@prefix acl: <http://www.w3.org/ns/auth/acl#>.\n"
                     "<#vault> a acl:Authorization; acl:agent <",
                     SolidServer::Shared().web_id(),
                     ">; acl:accessTo <./>; acl:default <./>; "
                     "acl:mode acl:Read.\n"));
  json::Value link = json::Value::Object();
  link.Set("audience", ExampleIdentity().source.Text());
  link.Set("device", jose::PublicJwk(who.key).Thumbprint());
  Write(who, "link.json", json::Canonical(link));
}

void SolidHarness::ShutOut(const PersonCaller& who) {
  Write(who, ".acl", "@prefix acl: <http://www.w3.org/ns/auth/acl#>.\n");
}

std::string SolidHarness::ProofOf(const PersonCaller& who) {
  return absl::StrCat(SolidServer::Shared().url(), "/", PodOf(who), "/");
}

std::string SolidHarness::WorthlessProof() {
  // Somebody else's pod, which this vault may read.
  return ProofOf(bela_);
}

void SolidHarness::Hold(const PersonCaller& who, const std::string& attribute,
                        const std::string& value_json) {
  Write(who, attribute + ".json",
        absl::StrCat("{\"as_of\": 1700000000, \"value\": ", value_json, "}"));
}

void SolidHarness::Forget(const PersonCaller& who,
                          const std::string& attribute) {
  fs::remove(FolderOf(who) / (attribute + ".json"));
}

}  // namespace limpid::vault
