// What the command line says of calls that cannot be: each message names what
// is wrong, and the next line what to do. No server is there.

#include "clients/cli/command_line.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cli/demo/story.h"
#include "clients/cpp/person_key.h"
#include "common/base/clock.h"
#include "common/json/json.h"
#include "common/rpc/tls13.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tls.h"

namespace limpid::cli {
namespace {

using Words = std::vector<std::string>;

struct Wrong {
  const char* name = nullptr;
  Words words;
  ExitCode code = ExitCode::kUsage;
  std::string says;
  std::string next;
};

class CommandLine : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    // Variables of whoever runs the tests would answer for what is missing.
    for (const char* name : {"LIMPID_SERVER", "LIMPID_CA", "LIMPID_CERTIFICATE",
                             "LIMPID_KEY", "LIMPID_HOME"}) {
      ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
    }
  }

  ExitCode Run(Words words) {
    out_.str("");
    err_.str("");
    Session session(Terminal(out_, err_, {}), clock_);
    words.insert(words.begin(), {"--home", home()});
    return RunCommandLine(std::move(words), session);
  }
  // Each of them as text, and the same as JSON.
  void ExpectEach(const std::vector<Wrong>& all) {
    for (const Wrong& one : all) {
      SCOPED_TRACE(one.name);
      EXPECT_EQ(Run(one.words), one.code);
      EXPECT_EQ(out_.str(), "");
      const std::string text = err_.str();
      EXPECT_TRUE(text.starts_with("limpid: ")) << text;
      EXPECT_NE(text.find(one.says), std::string::npos) << text;
      const std::size_t next = text.find("\nnext: ");
      ASSERT_NE(next, std::string::npos) << text;
      EXPECT_NE(text.find(one.next, next), std::string::npos) << text;
      ExpectAsJson(one);
    }
  }
  void ExpectAsJson(const Wrong& one) {
    Words words = one.words;
    words.emplace_back("--json");
    EXPECT_EQ(Run(std::move(words)), one.code);
    EXPECT_EQ(err_.str(), "");
    const auto said = json::ParseStrict(out_.str());
    ASSERT_THAT(said, testing::IsOk()) << out_.str();
    const auto error = said->GetObject("error");
    ASSERT_THAT(error, testing::IsOk()) << out_.str();
    EXPECT_NE(error->GetString("code").value_or(""), "");
    EXPECT_NE(error->GetString("message").value_or("").find(one.says),
              std::string::npos)
        << out_.str();
    EXPECT_NE(error->GetString("next").value_or("").find(one.next),
              std::string::npos)
        << out_.str();
  }

  [[nodiscard]] std::string home() const { return directory_.path() / "home"; }
  [[nodiscard]] std::string Absent() const {
    return directory_.path() / "absent";
  }
  [[nodiscard]] std::string Directory() const { return directory_.path(); }
  [[nodiscard]] std::string Saved(const char* name,
                                  std::string_view text) const {
    const std::filesystem::path file = directory_.path() / name;
    std::ofstream(file) << text;
    return file;
  }

  testing::TempDir directory_;
  base::SystemClock clock_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(CommandLine, SaysWhichWordsItDoesNotTake) {
  ExpectEach({
      {.name = "nothing",
       .words = {},
       .says = "subcommand",
       .next = "limpid --help lists"},
      {.name = "unknown group",
       .words = {"persn"},
       .says = "there is no command \"persn\"",
       .next = "limpid --help lists"},
      {.name = "unknown command",
       .words = {"person", "grnat"},
       .says = "there is no command \"grnat\"",
       .next = "limpid person --help lists"},
      {.name = "missing argument",
       .words = {"person", "grant"},
       .says = "record",
       .next = "limpid person grant --help"},
      {.name = "unknown flag",
       .words = {"person", "records", "--al"},
       .says = "--al",
       .next = "limpid person records --help"},
      {.name = "misspelt flag that is required",
       .words = {"service", "read", "r", "-a", "n", "--porpose", "p"},
       .says = "has no option \"--porpose\"",
       .next = "limpid service read --help"},
      {.name = "no number",
       .words = {"person", "grant", "r", "--days", "many"},
       .says = "--days",
       .next = "limpid person grant --help"},
      {.name = "out of range",
       .words = {"up", "--port", "0"},
       .says = "--port",
       .next = "limpid up --help"},
      {.name = "no UTF-8",
       .words = {"person", "\xff"},
       .says = "UTF-8",
       .next = "UTF-8"},
  });
}

// An id of another kind, pasted by mistake: what it is, and who prints others.
TEST_F(CommandLine, SaysWhichIdItTakes) {
  const std::string tail = "_aaaaaaaaaaaaaaaaaaaaaaaaae";
  ExpectEach({
      {.name = "a receipt of a service",
       .words = {"person", "receipt", "svc" + tail},
       .says = "is a service; this takes an access (acc_...) or a record "
               "(rec_...) or a receipt (rcp_...), as limpid person accesses",
       .next = "limpid person receipt --help"},
      {.name = "a record that is an access",
       .words = {"person", "show", "acc" + tail},
       .says = "is an access; this takes a record (rec_...), as limpid person "
               "records or limpid service status prints it",
       .next = "limpid person show --help"},
      {.name = "an agreement that is a record",
       .words = {"service", "request", "rec" + tail},
       .says = "is a record; this takes an agreement (agr_...)",
       .next = "limpid service request --help"},
      {.name = "a registration that is a ticket",
       .words = {"register", "get", "tkt" + tail},
       .says = "is a ticket; this takes a registration, as limpid register "
               "list prints it",
       .next = "limpid register get --help"},
      {.name = "a key slot that is a system",
       .words = {"person", "device", "remove", "sys" + tail},
       .says = "this takes a key slot (slt_...), as limpid person device list",
       .next = "limpid person device remove --help"},
  });
  // What it takes, and what is no id at all, is not refused for its kind.
  for (const char* id : {"rcp_aaaaaaaaaaaaaaaaaaaaaaaaae", "x", "x_y"}) {
    EXPECT_EQ(Run({"person", "receipt", id}), ExitCode::kFailed) << id;
    EXPECT_NE(err_.str().find("limpid person init"), std::string::npos);
  }
}

TEST_F(CommandLine, SaysWhichFileItCannotUse) {
  const std::string open = Saved("open.json", "{}");
  ASSERT_EQ(::chmod(open.c_str(), 0644), 0);
  const std::string closed = Saved("closed.json", "{}");
  ASSERT_EQ(::chmod(closed.c_str(), 0600), 0);
  const std::string keys = directory_.path() / "keys";
  ASSERT_TRUE(std::filesystem::create_directory(keys));
  ASSERT_EQ(::chmod(keys.c_str(), 0700), 0);
  const auto import = [](const std::string& key) {
    return Words{"register", "import",        "file", "--reason",
                 "r",        "--signing-key", key};
  };
  ExpectEach({
      {.name = "absent",
       .words = {"register", "evidence", "table", Absent(), "-o", Absent()},
       .code = ExitCode::kStateBroken,
       .says = Absent() + ": no such file",
       .next = "see that the name is right"},
      {.name = "a directory",
       .words = {"register", "evidence", "table", Directory(), "-o", Absent()},
       .code = ExitCode::kStateBroken,
       .says = Directory() + ": it is a directory",
       .next = "name a file in that directory"},
      {.name = "key absent",
       .words = import(Absent()),
       .code = ExitCode::kStateBroken,
       .says = Absent() + ": no such file",
       .next = "limpid register keygen"},
      {.name = "key is a directory",
       .words = import(keys),
       .code = ExitCode::kStateBroken,
       .says = keys + ": it is a directory",
       .next = "see that a file is there"},
      {.name = "key that others may read",
       .words = import(open),
       .code = ExitCode::kStateBroken,
       .says = "chmod 600 " + open,
       .next = "do that, and make the key anew"},
      {.name = "key of another kind",
       .words = import(closed),
       .code = ExitCode::kStateBroken,
       .says = closed + " is not a person's key file",
       .next = "docs/formats/device-files.md"},
      {.name = "new key where there is something",
       .words = {"register", "keygen", closed},
       .code = ExitCode::kStateBroken,
       .says = "a key is never overwritten",
       .next = "name a file that is not there yet"},
      {.name = "new key where there is no directory",
       .words = {"register", "keygen", Absent() + "/key.json"},
       .code = ExitCode::kStateBroken,
       .says = Absent() + "/key.json",
       .next = "see that the directory is there"},
  });
}

TEST_F(CommandLine, SaysWhichFileItMayNotRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const std::string hidden = Saved("hidden", "{}");
  ASSERT_EQ(::chmod(hidden.c_str(), 0), 0);
  ExpectEach(
      {{.name = "no permission",
        .words = {"register", "evidence", "table", hidden, "-o", Absent()},
        .code = ExitCode::kStateBroken,
        .says = hidden + ": permission denied",
        .next = "that you may read it"}});
}

TEST_F(CommandLine, SaysWhyItReachesNoServer) {
  rpc::RequireTls13();
  const testing::TestTls tls;
  const std::string ca = Saved("ca.pem", tls.server_ca_pem());
  const std::string one =
      Saved("one.pem", tls.IssueService("a").certificate_pem);
  const std::string other =
      Saved("b.key", tls.IssueService("b").private_key_pem);
  const auto as_admin = [&](Words words) {
    words.insert(words.end(), {"--server", "localhost:1", "--ca", ca});
    return words;
  };
  const Words list = {"admin", "list-services"};
  Words mixed = as_admin(list);
  mixed.insert(mixed.end(), {"--certificate", one, "--key", other});
  ExpectEach({
      {.name = "no server",
       .words = {"register", "log"},
       .says = "no server was named",
       .next = "--server HOST:PORT"},
      {.name = "no port",
       .words = {"register", "log", "--server", "localhost"},
       .says = "HOST:PORT",
       .next = "LIMPID_SERVER"},
      {.name = "closed port",
       .words = as_admin({"register", "log"}),
       .code = ExitCode::kCannotConnect,
       .next = "check --server and --ca"},
      {.name = "no certificate",
       .words = as_admin(list),
       .says = "needs a client certificate",
       .next = "limpid admin issue-certificate"},
      {.name = "a certificate with another's key",
       .words = mixed,
       .code = ExitCode::kStateBroken,
       .says = "not that of this private key",
       .next = "made together"},
      {.name = "no account",
       .words = {"person", "records"},
       .code = ExitCode::kFailed,
       .says = "no account on this device",
       .next = "limpid person init"},
      {.name = "no such kind",
       .words = {"register", "publish", Saved("f.json", "{}"), "--reason", "r",
                 "--signing-key", Absent(), "--kind", "sytem"},
       .says = "--kind",
       .next = "limpid register list --help"},
  });
}

// "limpid person grant" and the rest of a quotation, as text names commands.
struct Quoted {
  std::string group;
  std::string command;
  std::string rest;
};

std::vector<Quoted> CommandsIn(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::stringstream read;
  read << stream.rdbuf();
  // Sentences go over several literals.
  const std::string text =
      std::regex_replace(read.str(), std::regex("\"[ \n]+\""), "");
  const std::regex named(
      "limpid (register|person|service|admin|mim5|receipt|answer) "
      "([a-z][a-z0-9-]*)([^`\"]{0,200})");
  std::vector<Quoted> out;
  for (std::sregex_iterator at(text.begin(), text.end(), named), end; at != end;
       ++at) {
    out.push_back({(*at)[1], (*at)[2], (*at)[3]});
  }
  return out;
}

// What messages and the README tell people to call can be called.
TEST_F(CommandLine, NamesOnlyCommandsThatThereAre) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread
  const char* const root = std::getenv("LIMPID_SOURCE_DIR");
  if (root == nullptr) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  std::map<std::string, std::string> help;
  const auto help_of = [&](const Quoted& of) -> const std::string& {
    std::string& text = help[of.group + " " + of.command];
    if (text.empty()) {
      EXPECT_EQ(Run({of.group, of.command, "--help"}), ExitCode::kOk);
      text = out_.str();
      EXPECT_NE(text.find("Usage: limpid " + of.group + " " + of.command + " "),
                std::string::npos)
          << "there is no limpid " << of.group << " " << of.command;
    }
    return text;
  };
  const std::filesystem::path source(root);
  for (const auto& one :
       std::filesystem::directory_iterator(source / "clients/cli")) {
    if (one.path().extension() != ".cc") continue;
    SCOPED_TRACE(one.path().filename());
    for (const Quoted& of : CommandsIn(one.path())) help_of(of);
  }
  // In the README with their flags.
  const std::regex flag("--[a-z-]+");
  for (const Quoted& of : CommandsIn(source / "README.md")) {
    const std::string& text = help_of(of);
    // Only what stands in the same line or quotation.
    const std::string rest = of.rest.substr(0, of.rest.find("\n\n"));
    for (std::sregex_iterator at(rest.begin(), rest.end(), flag), end;
         at != end; ++at) {
      EXPECT_NE(text.find(at->str()), std::string::npos)
          << of.group << " " << of.command << " " << at->str();
    }
  }
  EXPECT_GT(help.size(), 40U);
}

TEST_F(CommandLine, HelpAndVersionAreTextAndNoFailure) {
  EXPECT_EQ(Run({"person", "grant", "--help", "--json"}), ExitCode::kOk);
  EXPECT_NE(out_.str().find("--attribute"), std::string::npos);
  EXPECT_EQ(Run({"--version"}), ExitCode::kOk);
  EXPECT_TRUE(out_.str().starts_with("limpid ")) << out_.str();
}

// What `limpid up --json` prints before its result.
TEST(Story, TellsALineOfJsonForEachStep) {
  std::ostringstream out;
  Terminal terminal(out, out, {});
  Story story(terminal, Telling::kJson);
  story.Chapter("A chapter");
  EXPECT_THAT(story.Step("first", "Somebody does it.",
                         [&] {
                           story.Say("something");
                           return absl::OkStatus();
                         }),
              testing::IsOk());
  EXPECT_FALSE(
      story.Step("second", "", [] { return absl::InternalError("x"); }).ok());
  EXPECT_EQ(out.str(),
            "{\"ok\":true,\"step\":\"first\"}\n"
            "{\"ok\":false,\"step\":\"second\"}\n");
  EXPECT_EQ(story.step_count(), 1);
}

}  // namespace
}  // namespace limpid::cli
