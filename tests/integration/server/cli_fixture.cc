#include "tests/integration/server/cli_fixture.h"

#include <fstream>
#include <utility>

#include "absl/strings/str_replace.h"
#include "clients/cli/command_line.h"
#include "clients/cli/first_contact.h"
#include "tests/testing/status_matchers.h"

namespace limpid::testing {

void CliTest::SetUp() {
  cli::Session session = SessionOf("phone");
  auto trust = cli::PinTrust(session, {});
  ASSERT_THAT(trust, IsOk());
  auto key = client::PersonKey::Generate();
  ASSERT_THAT(key.WriteNew(session.KeyFile()), IsOk());
  const auto parts =
      cli::OpenPerson(std::move(key), *std::move(trust), world_.clock());
  ASSERT_THAT(parts, IsOk());
  ASSERT_THAT(parts->consent->CreateAccount(), IsOk());
  std::filesystem::create_directories(Home("laptop"));
  for (const char* file : {"key.json", "trust.json"}) {
    std::filesystem::copy_file(Home("phone") / file, Home("laptop") / file);
  }
}

std::string CliTest::Saved(const char* name, const std::string& text) {
  const auto file = directory_.path() / name;
  std::ofstream(file) << text;
  return file.string();
}

cli::Session CliTest::SessionOf(const std::string& device) {
  cli::Session session{cli::Terminal(out_, out_, {}), world_.clock()};
  session.options().server = absl::StrReplaceAll(
      world_.anonymous_channel().address, {{"127.0.0.1", "localhost"}});
  session.options().ca_file = Saved("ca.pem", world_.trust().ca_pem);
  session.options().home = Home(device).string();
  return session;
}

cli::ExitCode CliTest::Run(const std::string& device,
                           std::vector<std::string> words) {
  words.insert(words.begin(), "person");
  return RunWhole(device, std::move(words));
}

cli::ExitCode CliTest::RunWhole(const std::string& device,
                                std::vector<std::string> words) {
  out_.str("");
  cli::Session session = SessionOf(device);
  return cli::RunCommandLine(std::move(words), session);
}

cli::ExitCode CliTest::RunAdmin(std::vector<std::string> words) {
  out_.str("");
  cli::Session session = SessionOf("admin");
  const rpc::ChannelOptions admin = world_.admin_channel();
  session.options().certificate_file =
      Saved("admin.pem", admin.certificate_pem);
  session.options().key_file = Saved("admin.key", admin.private_key_pem);
  words.insert(words.begin(), "admin");
  return cli::RunCommandLine(std::move(words), session);
}

std::string CliTest::WordWith(const std::string& prefix) const {
  const std::string text = out();
  const std::size_t begin = text.find(prefix);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_first_of(" \t\n.", begin) - begin);
}

}  // namespace limpid::testing
