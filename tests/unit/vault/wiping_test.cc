// Export and import leave no text of a value behind. A program of its own,
// because of the heap.

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/secret.h"
#include "common/crypto/hash.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/base/watched_heap.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/custody/slot_desk.h"
#include "vault/portability/bundle_line.h"
#include "vault/portability/exporter.h"
#include "vault/portability/importer.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::testing::Each;
using ::testing::Field;

constexpr std::string_view kName = "person.name";
constexpr std::string_view kValue =
    R"({"family":"Jansen of the long street","given":"Anna"})";
// Of the text alone: the parser's tree, which is not wiped, has keys and values
// apart.
constexpr std::string_view kSecret = R"("family":"Jansen of the long street")";

// How often `work` gave the secret back to the heap.
template <typename Work>
int Left(Work work) {
  testing::WatchHeap(kSecret);
  work();
  return testing::UnwatchHeap();
}

class WipingTest : public ::testing::Test {
 protected:
  WipingTest() {
    world_.Put(world_.anna, kName, kValue);
    auto page = exporter_.Page(world_.anna, {});
    EXPECT_THAT(page, IsOk());
    line_ = page->lines.back();
  }

  // With a value much longer than what stands before it and than the secret, so
  // that whatever grows has to move.
  CarriedVersion LongVersion() const {
    auto item = ParseBundleLine(line_).value();
    auto& out = std::get<CarriedVersion>(item);
    out.value_json = absl::StrCat("{", std::string(kSecret), ",\"given\":\"",
                                  std::string(5'000, 'a'), "\"}");
    return std::move(out);
  }

  // How much an import for `who` leaves, each result of which is `outcome`.
  int Import(const PersonCaller& who, const std::vector<ImportLine>& lines,
             ImportOutcome outcome) {
    return Left([&] {
      const auto answer = importer_.Import(who, {}, lines);
      ASSERT_THAT(answer, IsOk());
      EXPECT_THAT(answer->results,
                  Each(Field(&ImportResult::outcome, outcome)));
    });
  }

  VaultWorld world_;
  SlotDesk slots_{*world_.core};
  Exporter exporter_{*world_.core, slots_};
  Importer importer_{*world_.core, slots_};
  // Anna's.
  std::string line_;
};

TEST_F(WipingTest, TheLookFindsWhatIsLeft) {
  EXPECT_EQ(Left([&] { const std::string copy = line_; }), 1);
}

TEST_F(WipingTest, ALineIsWrittenInOnePlace) {
  const CarriedVersion version = LongVersion();
  EXPECT_EQ(Left([&] {
              std::string line = VersionLine(version);
              EXPECT_GT(line.size(), version.value_json.size());
              base::Wipe(line);
            }),
            0);
}

TEST_F(WipingTest, ALineIsReadInOnePlace) {
  const std::string line = VersionLine(LongVersion());
  EXPECT_EQ(Left([&] { EXPECT_THAT(ParseBundleLine(line), IsOk()); }), 0);
  const std::string other = absl::StrCat(line, " ");
  EXPECT_EQ(Left([&] { EXPECT_FALSE(ParseBundleLine(other).ok()); }), 0);
}

TEST_F(WipingTest, AnExportLeavesNothing) {
  EXPECT_EQ(Left([&] { EXPECT_THAT(exporter_.Page(world_.anna, {}), IsOk()); }),
            0);
}

TEST_F(WipingTest, AnImportLeavesNothingWhateverItSays) {
  const std::vector<ImportLine> lines = {{line_, {}}};
  EXPECT_EQ(Import(world_.bela, lines, ImportOutcome::kCreated), 0);
  EXPECT_EQ(Import(world_.bela, lines, ImportOutcome::kUnchanged), 0);
  // Before the transaction, and in it.
  const std::string other = absl::StrCat(line_, " ");
  EXPECT_EQ(Import(world_.bela, {{other, {}}}, ImportOutcome::kRefused), 0);
  EXPECT_EQ(Import({HolderId::Random(), world_.bela.key},
                   {{line_, crypto::Sha256(base::AsBytes(line_))}},
                   ImportOutcome::kRefused),
            0);
}

// One that fails as a whole.
TEST_F(WipingTest, AFailedImportLeavesNothing) {
  world_.keks.destroyed = world_.keks.epoch;
  const PersonCaller other{HolderId::Random(), world_.bela.key};
  const std::vector<ImportLine> lines = {{line_, {}}};
  EXPECT_EQ(
      Left([&] {
        const auto core = VaultCore::Open(
            {ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305, 0},
            {world_.keks, *world_.keys, *world_.store, world_.clock});
        ASSERT_THAT(core, IsOk());
        SlotDesk slots(**core);
        EXPECT_FALSE(Importer(**core, slots).Import(other, {}, lines).ok());
      }),
      0);
}

}  // namespace
}  // namespace limpid::vault
