// Plants values, and looks for them, for their attributes' names and for keys
// in every file and in every column of the opened databases.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "common/storage/session.h"
#include "gtest/gtest.h"
#include "tests/integration/vault/vault_harness.h"
#include "tests/testing/status_matchers.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;

constexpr std::string_view kPlanted = "PLANTED-nut-allergy-PLANTED";

struct Needle {
  std::string what;
  std::string bytes;
};

bool Contains(std::string_view haystack, const Needle& needle) {
  return std::search(haystack.begin(), haystack.end(), needle.bytes.begin(),
                     needle.bytes.end()) != haystack.end();
}

// Every column of every row about a person, unlocked.
std::string PersonalColumns(VaultHarness& harness) {
  std::string out;
  const auto add = [&](storage::Database& database, std::string_view sql,
                       int columns) {
    const absl::Status status = database.Read([&](storage::Session& session) {
      return session.Query(sql, {}, [&](const storage::Row& row) {
        for (int i = 0; i < columns; ++i) {
          out += base::AsText(row.Blob(i));
          out += '|';
        }
        return absl::OkStatus();
      });
    });
    EXPECT_THAT(status, IsOk());
  };
  add(harness.values(),
      "SELECT owner, id, name_key, request_key, label, wrap, payload "
      "FROM attribute",
      7);
  add(harness.values(),
      "SELECT owner, name_key, commitment, head, disclosure FROM act", 5);
  add(harness.keys(), "SELECT owner, slot_id, key_id, outer_wrap FROM key_slot",
      4);
  return out;
}

std::vector<Needle> NeedlesOf(VaultHarness& harness) {
  VaultWorld& world = harness.world();
  const Owner owner = world.core->blinder().OwnerOf(world.anna.holder);
  const auto person_key = world.core->keys().Find(owner, 0).value();
  std::vector<Needle> needles = {
      {"the value", std::string(kPlanted)},
      {"the attribute", "health.allergy"},
      {"the record", world.gate.record_text},
  };
  const auto secret = [&](const std::string& what,
                          const base::SecretBytes& key) {
    needles.push_back(
        {what, base::ToText(key.Reveal(base::SecretAccess::Get()))});
  };
  secret("the person key", person_key->key);
  secret("the KEK", world.keks.Kek(5).value());
  secret("the index key", world.keks.Named(kIndexKeyName).value());
  secret("the acts key", world.keks.Named(kActsKeyName).value());
  return needles;
}

class PlantedTest : public ::testing::Test {
 protected:
  PlantedTest() {
    VaultWorld& world = harness_.world();
    world.Put(world.anna, "health.allergy",
              R"([{"substance":")" + std::string(kPlanted) + "\"}]");
    world.Put(world.anna, "health.allergy", "[]");
    world.gate.Grant("health.allergy");
    EXPECT_THAT(world.Read({"health.allergy"}), IsOk());
  }

  VaultHarness harness_;
};

TEST_F(PlantedTest, ColumnsAboutPersonsHoldNothingReadable) {
  const std::string columns = PersonalColumns(harness_);
  ASSERT_GT(columns.size(), 1000);
  for (const Needle& needle : NeedlesOf(harness_)) {
    EXPECT_FALSE(Contains(columns, needle)) << needle.what;
  }
  // The search can find: the holder's random id is there.
  EXPECT_TRUE(Contains(
      columns, {"id", base::ToText(harness_.world().anna.holder.bytes())}));
}

TEST_F(PlantedTest, FilesHoldNothingReadable) {
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           harness_.folder().path())) {
    if (!entry.is_regular_file()) continue;
    ++files;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    auto needles = NeedlesOf(harness_);
    needles.push_back(
        {"the holder", base::ToText(harness_.world().anna.holder.bytes())});
    for (const Needle& needle : needles) {
      EXPECT_FALSE(Contains(bytes, needle)) << needle.what << entry.path();
    }
  }
  EXPECT_GE(files, 2);
}

TEST_F(PlantedTest, ErasedCiphertextLeavesTheColumns) {
  VaultWorld& world = harness_.world();
  const Owner owner = world.core->blinder().OwnerOf(world.anna.holder);
  const NameKey name =
      world.core->blinder().NameKeyOf(world.anna.holder, "health.allergy");
  const AttributeRow row = *world.store->Find(owner, name, 1).value();
  const std::vector<Needle> needles = {{"wrap", base::ToText(row.wrap)},
                                       {"payload", base::ToText(row.payload)}};
  for (const Needle& needle : needles) {
    EXPECT_TRUE(Contains(PersonalColumns(harness_), needle)) << needle.what;
  }
  ASSERT_THAT(world.desk.EraseVersion(world.anna, "health.allergy", 1), IsOk());
  for (const Needle& needle : needles) {
    EXPECT_FALSE(Contains(PersonalColumns(harness_), needle)) << needle.what;
  }
}

}  // namespace
}  // namespace limpid::vault
