// A vault on disk whose older copies are put back: what was erased stays
// erased, and nothing else is lost by it. Files, not stores: what an operator
// with a backup does.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/base/text.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/hash.h"
#include "common/storage/database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/sqlcipher_pages.h"
#include "tests/integration/vault/erased_fixture.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_fakes.h"
#include "vault/attribute/person_vault.h"
#include "vault/core.h"
#include "vault/keys/aad.h"
#include "vault/store/sql_store.h"

namespace limpid::vault {
namespace {

using ::testing::HasSubstr;

TEST_F(ErasedTest, OlderCopiesOfBothStoresDoNotBringItBack) {
  Stop();
  Backup();
  ASSERT_THAT(Start(), IsOk());
  EraseAllergy();
  Stop();
  PutBack("store.db");
  PutBack("keys.db");
  // Not by accident.
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kDataLoss));
  // On purpose: docs/restore-vault.md.
  ASSERT_THAT(Start(/*accept_older=*/true), IsOk());
  ExpectOnlyTheErasedIsGone();
  EXPECT_EQ(run_->core->keys()
                .Find(run_->core->blinder().OwnerOf(anna_.holder), 0)
                .value()
                ->generation,
            2);
  // The log was not forked, and life goes on.
  ASSERT_THAT(run_->publisher->Tick(), IsOk());
  Put(kAllergy, "[]");
  ASSERT_THAT(run_->publisher->Tick(), IsOk());
  ASSERT_THAT(Start(), IsOk());
  ExpectOnlyTheErasedIsGone();
  EXPECT_EQ(Value(kAllergy, 3), "[]");
}

// What the test above would show without the tombstones: the copies do open.
TEST_F(ErasedTest, WithoutTheFileAnOlderPairBringsItBack) {
  Stop();
  Backup();
  ASSERT_THAT(Start(), IsOk());
  EraseAllergy();
  Stop();
  PutBack("store.db");
  PutBack("keys.db");
  std::filesystem::remove_all(outside());
  std::filesystem::create_directories(outside());
  ASSERT_THAT(Start(/*accept_older=*/true), IsOk());
  EXPECT_THAT(*Value(kAllergy, 1), HasSubstr(kPlanted));
}

// The copies are older than the value: its number comes again, and the new one
// is not taken for it.
TEST_F(ErasedTest, AVersionThatComesAgainIsKept) {
  Stop();
  Backup();
  ASSERT_THAT(Start(), IsOk());
  Put(kLanguage, "\"de\"");
  ASSERT_THAT(run_->desk->EraseVersion(anna_, kLanguage, 2), IsOk());
  ASSERT_THAT(run_->publisher->Tick(), IsOk());
  Stop();
  PutBack("store.db");
  PutBack("keys.db");
  ASSERT_THAT(Start(/*accept_older=*/true), IsOk());
  EXPECT_EQ(Value(kLanguage, 2), std::nullopt);
  Put(kLanguage, "\"fr\"");
  ASSERT_THAT(run_->publisher->Tick(), IsOk());
  ASSERT_THAT(Start(), IsOk());
  ASSERT_THAT(Start(/*accept_older=*/true), IsOk());
  EXPECT_EQ(Value(kLanguage, 2), "\"fr\"");
  EXPECT_THAT(*Value(kAllergy, 1), HasSubstr(kPlanted));
}

TEST_F(ErasedTest, AnOlderStoreOfValuesAloneOpensNothingErasedAndIsRefused) {
  const AttributeRow before = RowOf(kAllergy, 1);
  ASSERT_THAT(Opens(before), IsOk());
  Stop();
  Backup();
  ASSERT_THAT(Start(), IsOk());
  EraseAllergy();
  EXPECT_THAT(Opens(before), StatusIs(absl::StatusCode::kNotFound));
  Stop();
  PutBack("store.db");
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kDataLoss));
  // Accepted, it would lose what is under the destroyed key: it says so.
  EXPECT_THAT(Start(/*accept_older=*/true),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Opens(before), StatusIs(absl::StatusCode::kNotFound));
  // The key store of the same day makes it whole.
  Stop();
  PutBack("keys.db");
  ASSERT_THAT(Start(/*accept_older=*/true), IsOk());
  ExpectOnlyTheErasedIsGone();
}

TEST_F(ErasedTest, AnErasedPersonStaysErased) {
  Stop();
  Backup();
  ASSERT_THAT(Start(), IsOk());
  ASSERT_THAT(EraseAnna(), IsOk());
  ASSERT_THAT(run_->publisher->Tick(), IsOk());
  Stop();
  PutBack("store.db");
  PutBack("keys.db");
  ASSERT_THAT(Start(/*accept_older=*/true), IsOk());
  EXPECT_TRUE(run_->person->List(anna_)->empty());
  EXPECT_TRUE(run_->keys
                  ->List(run_->core->blinder().OwnerOf(anna_.holder),
                         Custody::kAssisted)
                  ->empty());
  NewValue value;
  value.attribute = kLanguage;
  value.value_json = "\"nl\"";
  EXPECT_THAT(run_->person->Put(anna_, value),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

// The next start takes the store for the newest: what it must erase again, it
// has to know from the one before.
TEST_F(ErasedTest, AKillWhileAnOlderStoreIsAcceptedBringsNobodyBack) {
  Stop();
  Backup();
  ASSERT_THAT(Start(), IsOk());
  ASSERT_THAT(EraseAnna(), IsOk());
  ASSERT_THAT(run_->publisher->Tick(), IsOk());
  Stop();
  PutBack("store.db");
  ASSERT_THAT(Start(/*accept_older=*/true, /*killed=*/true), IsOk());
  const Owner owner = run_->core->blinder().OwnerOf(anna_.holder);
  ASSERT_FALSE(run_->values->ListNewest(owner)->empty());
  ASSERT_THAT(Start(), IsOk());
  EXPECT_TRUE(run_->values->ListNewest(owner)->empty());
}

struct Needle {
  std::string what;
  std::string bytes;
};

std::string Raw(const base::SecretBytes& secret) {
  return base::ToText(secret.Reveal(base::SecretAccess::Get()));
}

// The value's own key, opened by hand.
std::string DekOf(const AttributeRow& row, const PersonKey& key) {
  Aad aad;
  aad.kind = AadKind::kDekWrap;
  aad.suite = SuiteByte(row.wrap);
  aad.operator_name = ExampleIdentity().operator_name;
  aad.holder = row.owner.id;
  aad.attribute = kAllergy;
  aad.schema_version = row.schema_version;
  aad.value_version = row.version;
  aad.key_id = row.id;
  aad.generation = row.generation;
  aad.custody = row.custody;
  const auto dek = crypto::OpenSecret(key.key, key.id, aad.Encode(), row.wrap);
  EXPECT_THAT(dek, IsOk());
  return Raw(*dek);
}

// Every byte of every file below the server's directory and outside of it, and
// every decrypted page of both databases, free pages, slack and write-ahead
// logs included.
class ScannedErasure : public ErasedTest {
 protected:
  // Where a needle stands; the server is stopped.
  std::vector<std::string> Finds(const std::vector<Needle>& needles) {
    std::vector<std::string> out;
    int files = 0;
    const auto look = [&](std::string_view bytes, const std::string& where) {
      for (const Needle& needle : needles) {
        if (bytes.find(needle.bytes) != std::string_view::npos) {
          out.push_back(needle.what + " in " + where);
        }
      }
    };
    for (const auto& root : {data(), outside()}) {
      for (const auto& entry :
           std::filesystem::recursive_directory_iterator(root)) {
        if (!entry.is_regular_file()) continue;
        ++files;
        std::ifstream file(entry.path(), std::ios::binary);
        look(std::string((std::istreambuf_iterator<char>(file)), {}),
             entry.path().filename().string());
      }
    }
    EXPECT_GE(files, 5);
    for (const char* const name : {"store.db", "keys.db"}) {
      const auto pages =
          limpid::testing::DecryptPages(data() / name, DatabaseKey());
      EXPECT_FALSE(pages.empty());
      for (const std::string& page : pages) look(page, name);
    }
    return out;
  }
};

TEST_F(ScannedErasure, NoByteOfAnErasedValueOrItsKeysStaysAnywhere) {
  const Owner owner = run_->core->blinder().OwnerOf(anna_.holder);
  const AttributeRow row = RowOf(kAllergy, 1);
  const auto old_key = run_->core->keys().Find(owner, 0).value();
  const SlotRow slot = run_->keys->List(owner, Custody::kAssisted)->front();
  const std::vector<Needle> always_absent = {
      {"the value", kPlanted},
      {"the person key", Raw(old_key->key)},
      {"the value's key", DekOf(row, *old_key)}};
  const std::vector<Needle> erased = {
      // The ends: the beginnings are suite, nonce and commitment alike.
      {"the ciphertext", base::ToText(base::ByteView(row.payload).last(48))},
      {"the wrap", base::ToText(base::ByteView(row.wrap).last(40))},
      {"the slot", base::ToText(base::ByteView(slot.outer).last(40))}};
  Stop();
  EXPECT_TRUE(Finds(always_absent).empty());
  // The search can find what is there.
  EXPECT_GE(Finds(erased).size(), 3);
  ASSERT_THAT(Start(), IsOk());
  EraseAllergy();
  // Also while the files are open, as a thief of the running machine's disk
  // has them.
  EXPECT_EQ(Finds(erased), std::vector<std::string>());
  Stop();
  EXPECT_EQ(Finds(erased), std::vector<std::string>());
  EXPECT_TRUE(Finds(always_absent).empty());
  ASSERT_THAT(Start(), IsOk());
  ExpectOnlyTheErasedIsGone();
}

TEST_F(ScannedErasure, NothingOfAnErasedPersonStaysBesideHerTombstone) {
  const Owner owner = run_->core->blinder().OwnerOf(anna_.holder);
  std::vector<Needle> erased;
  for (const auto& [attribute, version] :
       std::vector<std::pair<std::string, std::uint64_t>>{
           {kAllergy, 1}, {kAllergy, 2}, {kLanguage, 1}}) {
    const AttributeRow row = RowOf(attribute, version);
    erased.push_back(
        {"a ciphertext", base::ToText(base::ByteView(row.payload).last(48))});
    erased.push_back(
        {"a wrap", base::ToText(base::ByteView(row.wrap).last(40))});
    erased.push_back(
        {"a label", base::ToText(base::ByteView(row.label).last(40))});
    erased.push_back({"a name", base::ToText(row.name_key)});
  }
  erased.push_back(
      {"the slot",
       base::ToText(
           base::ByteView(
               run_->keys->List(owner, Custody::kAssisted)->front().outer)
               .last(40))});
  const auto acts = run_->values->ActsFrom(1, 1000);
  ASSERT_THAT(acts, IsOk());
  for (const ActRow& act : *acts) {
    if (act.owner != owner) continue;
    erased.push_back(
        {"a disclosure",
         base::ToText(base::ByteView(act.sealed_disclosure).last(48))});
  }
  Stop();
  EXPECT_GE(Finds(erased).size(), erased.size());
  ASSERT_THAT(Start(), IsOk());
  ASSERT_THAT(EraseAnna(), IsOk());
  EXPECT_EQ(Finds(erased), std::vector<std::string>());
  Stop();
  EXPECT_EQ(Finds(erased), std::vector<std::string>());
}

}  // namespace
}  // namespace limpid::vault
