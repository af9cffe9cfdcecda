// The worked examples of docs/formats/log-leaf.md and log-files.md, byte for
// byte, made by our code and found in the pages.

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/tlog/leaf.h"
#include "common/tlog/tile.h"
#include "common/tlog/tree.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/tlog/log_fixture.h"

namespace limpid::tlog {
namespace {

using testing::IsOk;

std::vector<base::Bytes> ExampleLeaves() {
  std::vector<base::Bytes> leaves;
  for (const std::uint8_t byte : base::Bytes{0xA1, 0xB2, 0xC3}) {
    Digest32 commitment{};
    commitment.fill(byte);
    leaves.push_back(CommitmentLeaf(LeafKind::kAccess, commitment));
  }
  return leaves;
}

std::string Page(const char* name) {
  return testing::ReadFile(
      std::filesystem::path(std::getenv("LIMPID_SOURCE_DIR")) / "docs/formats" /
      name);
}

// `bytes` in lines of `width` bytes, as the pages print them.
std::string HexLines(const base::Bytes& bytes, std::size_t width) {
  std::string lines;
  for (std::size_t i = 0; i < bytes.size(); i += width) {
    lines += base::HexEncode(base::ByteView(bytes).subspan(i, width)) + "\n";
  }
  return lines;
}

TEST(LogFormats, TheLeafPageTellsTheTruth) {
  const std::string page = Page("log-leaf.md");
  const base::Bytes leaf = ExampleLeaves()[0];
  EXPECT_NE(page.find("leaf: " + base::HexEncode(leaf) + "\n"),
            std::string::npos);
  EXPECT_NE(page.find("hash: " + base::HexEncode(LeafHash(leaf)) + "\n"),
            std::string::npos);
}

TEST(LogFormats, TheFilesPageTellsTheTruth) {
  const std::string page = Page("log-files.md");
  LogPlace place;
  ASSERT_THAT(place.Reopen(), IsOk());
  ASSERT_THAT(place.log().Append(ExampleLeaves()), IsOk());
  EXPECT_NE(page.find("vkey: " + place.log().Vkey() + "\n"), std::string::npos);
  EXPECT_NE(page.find("checkpoint:\n" + place.log().SignedCheckpoint()),
            std::string::npos);
  const auto served = [&](const char* path) {
    return base::ToBytes(testing::ReadFile(place.log_dir() / path));
  };
  EXPECT_NE(page.find("000.p/3:\n" +
                      HexLines(served("tile/entries/000.p/3"), 2 + 33)),
            std::string::npos);
  EXPECT_NE(page.find("000.p/3:\n" + HexLines(served("tile/0/000.p/3"), 32)),
            std::string::npos);
}

TEST(LogFormats, TheHeadIsTextAsThePageSays) {
  LogPlace place;
  ASSERT_THAT(place.Reopen(), IsOk());
  const FileIdentity identity =
      PosixFileSystem().Identify(place.head_dir() / "head").value();
  EXPECT_EQ(testing::ReadFile(place.head_dir() / "head"),
            "limpid-log-head@v1\nfile " + std::to_string(identity.inode) + " " +
                std::to_string(identity.born_ns) +
                "\nsigned 2026-01-01T00:00:00.000Z\n\n" +
                place.log().SignedCheckpoint());
}

}  // namespace
}  // namespace limpid::tlog
