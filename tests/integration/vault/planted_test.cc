// Plants values, and looks for them, for their attributes' names and for keys
// in every file and in every column of the opened databases.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cpp/sealing.h"
#include "common/receipt/grant_copy.h"
#include "common/storage/session.h"
#include "gtest/gtest.h"
#include "tests/integration/vault/vault_harness.h"
#include "tests/testing/status_matchers.h"
#include "vault/custody/copy_desk.h"
#include "vault/custody/sealed_vault.h"
#include "vault/custody/slot_desk.h"
#include "vault/store/sql_store.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;

constexpr std::string_view kPlanted = "PLANTED-nut-allergy-PLANTED";
constexpr std::string_view kPlantedSealed = "PLANTED-sealed-PLANTED";

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
  add(harness.values(),
      "SELECT owner, record_key, name_key, copy_id, outer_copy "
      "FROM grant_copy",
      5);
  add(harness.keys(), "SELECT owner, slot_id, key_id, outer_wrap FROM key_slot",
      4);
  add(harness.keys(),
      "SELECT owner, record_key, key_id, outer_wrap FROM copy_key", 4);
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
      {"the record's bytes",
       base::ToText(base::ParseIdText("rec", world.gate.record_text).value())},
      {"the sealed value", std::string(kPlantedSealed)},
      {"the sealed attribute", "person.gender"},
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
  secret("the answers key", world.keks.Named(kAnswersKeyName).value());
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
    Seal(world);
  }

  // What a device keeps here: a slot, a sealed value, and a copy of it.
  void Seal(VaultWorld& world) {
    const client::SealedHome home{ExampleIdentity().operator_name,
                                  ExampleIdentity().source.bytes(),
                                  world.anna.holder.bytes()};
    const client::SealedKey key = client::MakeSealedKey(home);
    sealed_key_ = key.key.Clone();
    const std::string json = "\"" + std::string(kPlantedSealed) + "\"";
    const absl::Time now = world.clock.Now();
    Slot slot;
    slot.name = {SlotKind::kDevice, Counting<16>(9), key.generation};
    slot.key_id = key.id;
    slot.body =
        client::DeviceSlotBody(home, key, slot.name.id,
                               crypto::X25519PrivateKey::Generate().PublicKey(),
                               world.anna_key)
            .value();
    EXPECT_THAT(SlotDesk(*world.core).Add(world.anna, slot), IsOk());
    const auto sealed =
        client::SealValue(home, key, {"person.gender", 1, 1, 0}, {json, now});
    NewSealedValue value;
    value.attribute = "person.gender";
    value.schema_version = 1;
    value.version = 1;
    value.put_time = now;
    value.parts = {base::ToArray<16>(base::AsBytes(sealed.dek_id())).value(),
                   sealed.generation(), base::ToBytes(sealed.label()),
                   base::ToBytes(sealed.wrap()),
                   base::ToBytes(sealed.payload())};
    EXPECT_THAT(SealedVault(*world.core).Put(world.anna, value), IsOk());
    const auto grant_key = crypto::Ed25519PrivateKey::Generate();
    receipt::GrantCopyTerms terms;
    terms.source = ExampleIdentity().source.bytes();
    terms.service_key = crypto::X25519PrivateKey::Generate().PublicKey();
    terms.record = base::ParseIdText("rec", world.gate.record_text).value();
    terms.attribute = value.attribute;
    terms.schema_version = 1;
    terms.version = 1;
    terms.made = now;
    terms.not_after = now + absl::Hours(1);
    terms.grant_key = grant_key.PublicKey();
    const auto copy = receipt::MakeGrantCopy(terms, {json, now}, 0, grant_key);
    EXPECT_THAT(CopyDesk(*world.core, *copies_).Put(world.anna, copy->Encode()),
                IsOk());
  }

  VaultHarness harness_;
  std::unique_ptr<CopyStore> copies_ = NewSqlCopyStore(harness_.values());
  base::SecretBytes sealed_key_;
};

TEST_F(PlantedTest, ColumnsAboutPersonsHoldNothingReadable) {
  const std::string columns = PersonalColumns(harness_);
  ASSERT_GT(columns.size(), 1000);
  std::vector<Needle> needles = NeedlesOf(harness_);
  needles.push_back({"the sealed key", base::ToText(sealed_key_.Reveal(
                                           base::SecretAccess::Get()))});
  for (const Needle& needle : needles) {
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
