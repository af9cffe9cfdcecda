// What the command line says of calls that cannot be: each message names what
// is wrong, and the next line what to do. No server is there.

#include "clients/cli/command_line.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cli/demo/story.h"
#include "clients/cpp/person_key.h"
#include "common/base/clock.h"
#include "common/json/json.h"
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
