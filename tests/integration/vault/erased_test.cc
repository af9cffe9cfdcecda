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
#include "common/tlog/head_store.h"
#include "common/tlog/log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/sqlcipher_pages.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_fakes.h"
#include "vault/attribute/person_vault.h"
#include "vault/core.h"
#include "vault/erasure/eraser.h"
#include "vault/erasure/erasure_desk.h"
#include "vault/erasure/tombstone_file.h"
#include "vault/keys/aad.h"
#include "vault/log/catch_up.h"
#include "vault/log/publisher.h"
#include "vault/log/vault_log.h"
#include "vault/store/sql_store.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::testing::HasSubstr;

constexpr char kAllergy[] = "health.allergy";
constexpr char kLanguage[] = "person.language";
constexpr char kPlanted[] = "PLANTED-nut-allergy-PLANTED";

base::SecretBytes DatabaseKey() {
  return base::SecretBytes::Copy(Counting<storage::kRawKeyBytes>(1));
}

// What is open while the server runs.
struct Running {
  std::unique_ptr<storage::Database> values_file;
  std::unique_ptr<storage::Database> keys_file;
  std::unique_ptr<tlog::HeadStore> head;
  std::unique_ptr<tlog::Log> tree;
  std::unique_ptr<KeyStore> keys;
  std::unique_ptr<VaultStore> values;
  std::unique_ptr<CopyStore> copies;
  std::unique_ptr<TlogVaultLog> log;
  std::unique_ptr<VaultCore> core;
  std::unique_ptr<ActPublisher> publisher;
  std::unique_ptr<TombstoneFile> tombstones;
  std::unique_ptr<Eraser> eraser;
  std::unique_ptr<PersonVault> person;
  std::unique_ptr<ErasureDesk> desk;
};

class ErasedTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(data());
    std::filesystem::create_directories(outside());
    ASSERT_THAT(Start(), IsOk());
    Put(kAllergy, R"([{"substance":")" + std::string(kPlanted) + "\"}]");
    Put(kAllergy, "[]");
    Put(kLanguage, "\"nl\"");
    ASSERT_THAT(run_->publisher->Tick(), IsOk());
  }

  [[nodiscard]] std::filesystem::path data() const {
    return folder_.path() / "data";
  }
  [[nodiscard]] std::filesystem::path outside() const {
    return folder_.path() / "outside";
  }

  // As the vault's role does it. `killed`: as soon as the log has been told of
  // the older store.
  absl::Status Start(bool accept_older = false, bool killed = false) {
    Stop();
    run_ = std::make_unique<Running>();
    run_->values_file = OpenDatabase("store.db", VaultStoreMigrations());
    run_->keys_file = OpenDatabase("keys.db", KeyStoreMigrations());
    run_->head = tlog::FileHeadStore::Open(data() / "head").value();
    run_->tree =
        tlog::Log::OpenOrCreate({data() / "log", "vault.example/vault",
                                 *run_->head, log_key_.Clone(), clock_})
            .value();
    run_->keys = NewSqlKeyStore(*run_->keys_file);
    run_->values = NewSqlVaultStore(*run_->values_file);
    run_->copies = NewSqlCopyStore(*run_->values_file);
    run_->log = std::make_unique<TlogVaultLog>(*run_->tree);
    run_->core = VaultCore::Open(
                     {ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305, 16},
                     {keks_, *run_->keys, *run_->values, clock_})
                     .value();
    run_->publisher = std::make_unique<ActPublisher>(*run_->values, *run_->log);
    run_->person = std::make_unique<PersonVault>(*run_->core, *run_->publisher);
    run_->tombstones = OpenTombstoneFile(outside() / "vault", CountingKey(3),
                                         run_->core->blinder())
                           .value();
    run_->eraser = Eraser::Open(*run_->core, *run_->tombstones, *run_->copies,
                                {30, 7, 14, 30})
                       .value();
    run_->desk = std::make_unique<ErasureDesk>(*run_->core, *run_->eraser,
                                               *run_->publisher);
    if (accept_older) {
      const absl::Status fit = run_->eraser->AcceptOlderValues();
      if (!fit.ok()) return fit;
      const auto lost =
          CatchUp(*run_->values, *run_->log, run_->core->acts(), clock_.Now());
      if (!lost.ok()) return lost.status();
      if (killed) return absl::OkStatus();
    }
    absl::Status together = run_->publisher->CheckStore();
    if (!together.ok()) return together;
    return run_->eraser->Recover().status();
  }
  void Stop() { run_.reset(); }

  // While it is stopped.
  void Backup() {
    std::filesystem::copy(data(), folder_.path() / "backup",
                          std::filesystem::copy_options::recursive);
  }
  void PutBack(const std::string& name) {
    for (const char* const suffix : {"", "-wal", "-shm"}) {
      const std::string file = name + suffix;
      std::filesystem::remove(data() / file);
      const auto copy = folder_.path() / "backup" / file;
      if (!std::filesystem::exists(copy)) continue;
      std::filesystem::copy_file(copy, data() / file);
    }
  }

  void Put(std::string_view attribute, std::string_view json) {
    NewValue value;
    value.attribute = attribute;
    value.value_json = json;
    value.request_id = crypto::RandomArray<16>();
    ASSERT_THAT(run_->person->Put(anna_, value), IsOk());
  }
  std::optional<std::string> Value(std::string_view attribute,
                                   std::uint64_t version) {
    const auto got = run_->person->Get(anna_, attribute, version);
    if (absl::IsNotFound(got.status())) return std::nullopt;
    return got.ok() ? got->value.value_json
                    : std::string(base::ToStd(got.status().message()));
  }
  void EraseAllergy() {
    ASSERT_THAT(run_->desk->EraseVersion(anna_, kAllergy, 1), IsOk());
    ASSERT_THAT(run_->publisher->Tick(), IsOk());
  }
  absl::Status EraseAnna() {
    const absl::Time now = clock_.Now();
    return run_->desk
        ->ErasePerson(anna_,
                      {now, base::ToBytes(anna_key_.Sign(PersonErasureStatement(
                                ExampleIdentity().source, now)))})
        .status();
  }
  void ExpectOnlyTheErasedIsGone() {
    EXPECT_EQ(Value(kAllergy, 1), std::nullopt);
    EXPECT_EQ(Value(kAllergy, 2), "[]");
    EXPECT_EQ(Value(kLanguage, 1), "\"nl\"");
  }
  AttributeRow RowOf(std::string_view attribute, std::uint64_t version) {
    const Owner owner = run_->core->blinder().OwnerOf(anna_.holder);
    return **run_->values->Find(
        owner, run_->core->blinder().NameKeyOf(anna_.holder, attribute),
        version);
  }
  // The value of the erased row as an older copy has it, by whatever keys the
  // running server has.
  absl::Status Opens(AttributeRow row) {
    const auto key = run_->core->keys().Find(row.owner, row.generation);
    if (!key.ok()) return key.status();
    return run_->core->codec().OpenValue(**key, row, kAllergy).status();
  }

  limpid::testing::TempDir folder_;
  testing::FakeClock clock_;
  FakeKeks keks_;
  crypto::Ed25519PrivateKey log_key_ = crypto::Ed25519PrivateKey::Generate();
  crypto::Ed25519PrivateKey anna_key_ = crypto::Ed25519PrivateKey::Generate();
  PersonCaller anna_{HolderId::Random(), anna_key_.PublicKey()};
  std::unique_ptr<Running> run_;

 private:
  [[nodiscard]] std::unique_ptr<storage::Database> OpenDatabase(
      const std::string& name,
      std::vector<storage::Migration> migrations) const {
    storage::Options options;
    options.path = data() / name;
    options.key = DatabaseKey();
    options.migrations = std::move(migrations);
    const bool exists = std::filesystem::exists(options.path);
    auto opened = exists ? storage::Database::Open(std::move(options))
                         : storage::Database::Create(std::move(options));
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  }
};

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

TEST_F(ErasedTest, AnOlderKeyStoreAloneIsRefusedUntilTheNewestIsBack) {
  Stop();
  Backup();
  ASSERT_THAT(Start(), IsOk());
  EraseAllergy();
  Stop();
  std::filesystem::copy_file(data() / "keys.db", folder_.path() / "newest");
  PutBack("keys.db");
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kFailedPrecondition));
  Stop();
  std::filesystem::copy_file(folder_.path() / "newest", data() / "keys.db",
                             std::filesystem::copy_options::overwrite_existing);
  for (const char* const file : {"keys.db-wal", "keys.db-shm"}) {
    std::filesystem::remove(data() / file);
  }
  ASSERT_THAT(Start(), IsOk());
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
