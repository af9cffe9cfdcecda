#include "common/http/log_paths.h"

#include <string>

#include "gtest/gtest.h"

namespace limpid::http {
namespace {

TEST(MatchLogPath, KnowsTheFilesOfALog) {
  for (const char* const path :
       {"checkpoint", "tile/0/000", "tile/63/000", "tile/0/x001/234",
        "tile/1/x001/x234/067", "tile/0/000.p/1", "tile/0/x001/234.p/255",
        "tile/entries/000", "tile/entries/x001/234.p/8"}) {
    const auto file = MatchLogPath(path);
    ASSERT_TRUE(file.has_value()) << path;
    EXPECT_EQ(file->path, path);
  }
  EXPECT_TRUE(MatchLogPath("content/" + std::string(64, 'a')).has_value());
}

TEST(MatchLogPath, OnlyTheCheckpointChanges) {
  EXPECT_EQ(MatchLogPath("checkpoint")->cache_control, "public, max-age=5");
  EXPECT_EQ(MatchLogPath("checkpoint")->content_type,
            "text/plain; charset=utf-8");
  EXPECT_NE(MatchLogPath("tile/0/000")->cache_control.find("immutable"),
            std::string_view::npos);
}

TEST(MatchLogPath, NothingElseExists) {
  for (const char* const path :
       {"",
        "/",
        ".",
        "..",
        "../checkpoint",
        "checkpoint/",
        "checkpoint.tmp",
        "Checkpoint",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/64/000",
        "tile/00/000",
        "tile/-1/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/..",
        "tile/0/../../x",
        "tile/0/x001",
        "tile/0/001/234",
        "tile/0/000.p",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/.p/1",
        "tile/0/x001.p/234.p/1",
        "tile//000",
        "tile/0/%2e%2e",
        "tile/entries/",
        "tile/data/000",
        "content/",
        "content/abc",
        "content/..",
        "checkpoint?x",
        "tile/0/000?x",
        "tile/0/x001/x001/x001/x001/x001/x001/x001/x001/x001/x001/001"}) {
    EXPECT_FALSE(MatchLogPath(path).has_value()) << path;
  }
  EXPECT_FALSE(MatchLogPath("content/" + std::string(63, 'a')).has_value());
  EXPECT_FALSE(MatchLogPath("content/" + std::string(64, 'A')).has_value());
  EXPECT_FALSE(MatchLogPath(std::string("checkpoint\0", 11)).has_value());
}

}  // namespace
}  // namespace limpid::http
