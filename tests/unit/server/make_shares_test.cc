#include "server/provision/make_shares.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/crypto/keyring.h"
#include "gtest/gtest.h"
#include "server/config.h"
#include "server/config_fields.h"
#include "server/provision/move_root_key.h"
#include "server/provision/provision.h"
#include "server/root_key_source.h"
#include "server/share_set.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::server {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::ReadFile;
using ::limpid::testing::StatusIs;
using ::limpid::testing::StatusSays;
using ::limpid::testing::TempDir;

constexpr auto kBad = absl::StatusCode::kInvalidArgument;
constexpr auto kState = absl::StatusCode::kFailedPrecondition;

void Ignore(std::string_view /*warning*/) {}

class MakeSharesTest : public ::testing::Test {
 protected:
  WantedShares Wanted(std::string_view name = "shares") {
    return {.threshold = 2,
            .count = 3,
            .directory = dir_.path() / name,
            .holders = {}};
  }
  InitOptions Fresh() {
    InitOptions options;
    options.directory = home();
    options.config = DefaultConfig();
    options.config.operator_name = "city.example";
    options.config.roles = {"consent", "vault", "register"};
    options.now = absl::FromUnixSeconds(1'767'225'600);
    return options;
  }
  [[nodiscard]] std::filesystem::path home() const { return dir_.path() / "h"; }
  // Whether the rings of all roles hang on the key of these shares.
  void ExpectRingsOpen(const ShareSet& set,
                       const std::vector<std::filesystem::path>& files) {
    const auto config = LoadConfig(home() / "limpid.toml");
    ASSERT_THAT(config, IsOk());
    const auto root = OpenShareFiles(set, files);
    ASSERT_THAT(root, IsOk());
    for (const std::string& role : config->roles) {
      EXPECT_THAT(
          crypto::KeyRing::Open(KeyRingPath(*config, role), role, *root),
          IsOk())
          << role;
    }
  }
  // What move-root-key tells the operator to write.
  void Use(const RootKeyMoved& moved) {
    const std::filesystem::path file = home() / "limpid.toml";
    std::string text = ReadFile(file);
    const std::size_t begin = text.find("[root_key]");
    const std::size_t end = text.find("\n[", begin);
    std::string section;
    for (const std::string& line : moved.settings) section += line + "\n";
    text.replace(begin, end - begin, section);
    std::ofstream(file, std::ios::binary) << text;
  }
  RootKeyMove MoveTo(std::string_view name) {
    RootKeyMove move;
    move.config_file = home() / "limpid.toml";
    move.shares = Wanted(name);
    return move;
  }

  TempDir dir_;
};

TEST_F(MakeSharesTest, WritesAFileForEachThatItsOwnerAloneReads) {
  WantedShares wanted = Wanted();
  wanted.holders = {"Ana", "Bo", "Cy"};
  const auto made = MakeShares(wanted, "city.example", std::nullopt);
  ASSERT_THAT(made, IsOk());
  ASSERT_EQ(made->files.size(), 3U);
  EXPECT_EQ(made->files[1].filename(), "root-key-share-2-of-3.txt");
  for (const auto& file : made->files) {
    struct stat info {};
    ASSERT_EQ(::stat(file.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U) << file;
  }
  const std::string page = ReadFile(made->files[1]);
  for (const std::string& part :
       {std::string("For:    Bo\n"), std::string("Server: city.example\n"),
        "Share:  2 of 3 of set " + std::to_string(made->set.id) +
            "; 2 are needed\n",
        std::string("limpid admin unseal"), std::string("\nwords:\n")}) {
    EXPECT_NE(page.find(part), std::string::npos) << part << page;
  }
}

TEST_F(MakeSharesTest, AnyTwoOpenAndOneTwiceOrThreeDoNot) {
  const auto made = MakeShares(Wanted(), "city.example", std::nullopt);
  ASSERT_THAT(made, IsOk());
  const auto& files = made->files;
  for (const auto& pair :
       {std::vector{files[0], files[1]}, std::vector{files[2], files[0]},
        std::vector{files[1], files[2]}}) {
    const auto root = OpenShareFiles(made->set, pair);
    ASSERT_THAT(root, IsOk());
    EXPECT_EQ((*root)->id(), made->root->id());
  }
  EXPECT_THAT(OpenShareFiles(made->set, {files[0], files[0]}),
              StatusSays(kBad, "was named before"));
  EXPECT_THAT(OpenShareFiles(made->set, {files[0]}),
              StatusSays(kBad, "exactly 2 shares"));
  EXPECT_THAT(OpenShareFiles(made->set, files),
              StatusSays(kBad, "exactly 2 shares"));
  const auto other = MakeShares(Wanted("other"), "city.example", made->set.id);
  ASSERT_THAT(other, IsOk());
  EXPECT_NE(other->set.id, made->set.id);
  EXPECT_THAT(OpenShareFiles(made->set, {files[0], other->files[1]}),
              StatusSays(kBad, "the share is of set"));
}

TEST_F(MakeSharesTest, NeverOverwritesAndLeavesNoPartOfASet) {
  WantedShares wanted = Wanted();
  std::filesystem::create_directory(wanted.directory);
  const auto taken = wanted.directory / "root-key-share-3-of-3.txt";
  std::ofstream(taken) << "somebody's";
  EXPECT_THAT(MakeShares(wanted, "city.example", std::nullopt),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(ReadFile(taken), "somebody's");
  EXPECT_FALSE(
      std::filesystem::exists(wanted.directory / "root-key-share-1-of-3.txt"));
}

TEST_F(MakeSharesTest, ReadsCountsAndRefusesOthers) {
  WantedShares wanted;
  for (const std::string_view good : {"1/1", "2/2", "2/3", "16/16"}) {
    EXPECT_THAT(ParseShareCounts(good, wanted), IsOk()) << good;
  }
  EXPECT_EQ(wanted.threshold, 16);
  for (const std::string_view bad :
       {"", "3", "2/", "/3", "0/0", "1/2", "3/2", "2/17", "17/17", "-2/3",
        "2/3/4", "258/3", "a/b"}) {
    EXPECT_THAT(ParseShareCounts(bad, wanted), StatusIs(kBad)) << bad;
  }
  WantedShares named = Wanted();
  named.holders = {"Ana", "Bo"};
  EXPECT_THAT(MakeShares(named, "city.example", std::nullopt),
              StatusSays(kBad, "3 shares and 2 holders"));
  named.holders = {"Ana", "Bo", "Cy\nwords:"};
  EXPECT_THAT(MakeShares(named, "city.example", std::nullopt), StatusIs(kBad));
}

TEST_F(MakeSharesTest, AnInstallationHasACommitmentAndNoKey) {
  InitOptions options = Fresh();
  options.shares = Wanted();
  const auto made = InitDirectory(options, Ignore);
  ASSERT_THAT(made, IsOk());
  ASSERT_EQ(made->share_files.size(), 3U);
  const auto config = LoadConfig(made->config_file);
  ASSERT_THAT(config, IsOk());
  EXPECT_TRUE(UsesShares(*config));
  EXPECT_EQ(ShareSetOf(*config).commitment, made->share_set->commitment);
  EXPECT_FALSE(std::filesystem::exists(home() / "root.key"));
  EXPECT_THAT(OpenRootKey(*config, Ignore),
              StatusSays(kState, "is split in shares"));
  ExpectRingsOpen(*made->share_set,
                  {made->share_files[2], made->share_files[1]});
}

TEST_F(MakeSharesTest, AFailedInitLeavesNoShares) {
  InitOptions options = Fresh();
  options.shares = Wanted();
  options.dns_names = {"not a name"};
  options.ip_addresses = {"not an address"};
  ASSERT_FALSE(InitDirectory(options, Ignore).ok());
  EXPECT_TRUE(!std::filesystem::exists(options.shares->directory) ||
              std::filesystem::is_empty(options.shares->directory));
}

TEST_F(MakeSharesTest, AKeyMovesFromItsFileAndToNewShares) {
  ASSERT_THAT(InitDirectory(Fresh(), Ignore), IsOk());
  const auto moved = MoveRootKey(MoveTo("first"), Ignore);
  ASSERT_THAT(moved, IsOk());
  EXPECT_EQ(moved->now.size(), 3U);
  EXPECT_EQ(moved->old_file, home() / "root.key");
  Use(*moved);
  const auto first = LoadConfig(home() / "limpid.toml");
  ASSERT_THAT(first, IsOk());
  ExpectRingsOpen(ShareSetOf(*first),
                  {moved->share_files[0], moved->share_files[2]});

  RootKeyMove again = MoveTo("second");
  EXPECT_THAT(MoveRootKey(again, Ignore), StatusSays(kBad, "exactly 2 shares"));
  again.present_shares = {moved->share_files[1], moved->share_files[0]};
  const auto refreshed = MoveRootKey(again, Ignore);
  ASSERT_THAT(refreshed, IsOk());
  EXPECT_TRUE(refreshed->old_file.empty());
  Use(*refreshed);
  const auto second = LoadConfig(home() / "limpid.toml");
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(ShareSetOf(*second).commitment, ShareSetOf(*first).commitment);
  EXPECT_NE(ShareSetOf(*second).id, ShareSetOf(*first).id);
  ExpectRingsOpen(ShareSetOf(*second),
                  {refreshed->share_files[1], refreshed->share_files[2]});
}

// As after a kill between the rings.
TEST_F(MakeSharesTest, ABrokenMoveGoesOnWithTheSharesThatItMade) {
  ASSERT_THAT(InitDirectory(Fresh(), Ignore), IsOk());
  const auto ring = home() / "data/register/keyring";
  const std::string before = ReadFile(ring);
  const RootKeyMove move = MoveTo("first");
  const auto once = MoveRootKey(move, Ignore);
  ASSERT_THAT(once, IsOk());
  std::ofstream(ring, std::ios::binary) << before;
  const auto twice = MoveRootKey(move, Ignore);
  ASSERT_THAT(twice, IsOk());
  EXPECT_EQ(twice->now, std::vector<std::string>{"register"});
  EXPECT_EQ(twice->before.size(), 2U);
  EXPECT_EQ(twice->settings, once->settings);
  Use(*twice);
  const auto config = LoadConfig(home() / "limpid.toml");
  ASSERT_THAT(config, IsOk());
  ExpectRingsOpen(ShareSetOf(*config),
                  {twice->share_files[0], twice->share_files[1]});
}

TEST_F(MakeSharesTest, AMoveMakesNoNewSharesBesideOthers) {
  ASSERT_THAT(InitDirectory(Fresh(), Ignore), IsOk());
  const RootKeyMove move = MoveTo("first");
  const auto moved = MoveRootKey(move, Ignore);
  ASSERT_THAT(moved, IsOk());
  const std::string second = ReadFile(moved->share_files[1]);
  std::filesystem::remove(moved->share_files[1]);
  EXPECT_THAT(MoveRootKey(move, Ignore),
              StatusSays(kState, "not all 3 of one set"));
  // Another one in its place, which could be read alone.
  std::filesystem::copy_file(moved->share_files[0], moved->share_files[1]);
  EXPECT_THAT(MoveRootKey(move, Ignore),
              StatusSays(kState, "not all 3 of one set"));
  std::ofstream(moved->share_files[1], std::ios::binary) << second;
  EXPECT_THAT(MoveRootKey(move, Ignore), IsOk());
  Use(*moved);
  RootKeyMove same = MoveTo("first");
  same.present_shares = {moved->share_files[0], moved->share_files[1]};
  EXPECT_THAT(MoveRootKey(same, Ignore),
              StatusSays(kState, "has the present shares"));
}

TEST_F(MakeSharesTest, AMoveGoesToOnePlace) {
  ASSERT_THAT(InitDirectory(Fresh(), Ignore), IsOk());
  RootKeyMove move = MoveTo("first");
  move.module = "libtoken.so";
  EXPECT_THAT(MoveRootKey(move, Ignore), StatusSays(kBad, "not both"));
  move.module.clear();
  move.present_shares = {"x"};
  EXPECT_THAT(MoveRootKey(move, Ignore), StatusSays(kBad, "is in a file"));
  move.present_shares.clear();
  move.shares.reset();
  EXPECT_THAT(MoveRootKey(move, Ignore), StatusSays(kBad, "name what"));
  EXPECT_FALSE(std::filesystem::exists(dir_.path() / "first"));
}

}  // namespace
}  // namespace limpid::server
