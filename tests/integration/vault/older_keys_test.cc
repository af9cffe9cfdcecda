// An older keys.db beside a newer store.db: refused while anything that it
// lacks would be lost, and never answered as if there were nothing.

#include <filesystem>

#include "absl/status/status.h"
#include "common/base/text.h"
#include "common/crypto/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/vault/erased_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid::vault {
namespace {

using ::testing::HasSubstr;

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

// The same when nobody erased anything, and somebody came.
TEST_F(ErasedTest,
       AKeyStoreFromBeforeAPersonCameIsRefusedUntilTheNewestIsBack) {
  Stop();
  Backup();
  ASSERT_THAT(Start(), IsOk());
  const PersonCaller bela{HolderId::Random(), anna_key_.PublicKey()};
  NewValue value;
  value.attribute = kLanguage;
  value.value_json = "\"fr\"";
  ASSERT_THAT(run_->person->Put(bela, value), IsOk());
  ASSERT_THAT(run_->publisher->Tick(), IsOk());
  Stop();
  std::filesystem::copy_file(data() / "keys.db", folder_.path() / "newest");
  PutBack("keys.db");
  const absl::Status refused = Start();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(base::ToStd(refused.message()),
              HasSubstr("docs/restore-vault.md"));
  // Whoever gets past that, as with persons who came earlier than the newest,
  // is told no lie and loses nothing.
  const auto lost = StatusIs(absl::StatusCode::kDataLoss);
  EXPECT_THAT(run_->person->Get(bela, kLanguage, 0), lost);
  EXPECT_THAT(run_->person->List(bela), lost);
  value.request_id = crypto::RandomArray<16>();
  EXPECT_THAT(run_->person->Put(bela, value), lost);
  EXPECT_EQ(Value(kLanguage, 1), "\"nl\"");
  EXPECT_TRUE(
      run_->keys
          ->List(run_->core->blinder().OwnerOf(bela.holder), Custody::kAssisted)
          ->empty());
  Stop();
  std::filesystem::copy_file(folder_.path() / "newest", data() / "keys.db",
                             std::filesystem::copy_options::overwrite_existing);
  for (const char* const file : {"keys.db-wal", "keys.db-shm"}) {
    std::filesystem::remove(data() / file);
  }
  ASSERT_THAT(Start(), IsOk());
  EXPECT_EQ(run_->person->Get(bela, kLanguage, 0)->value.value_json, "\"fr\"");
}

// Who was erased since has no key, and that is no fault.
TEST_F(ErasedTest, APersonWhoCameAndWasErasedDoesNotKeepTheStoresApart) {
  ASSERT_THAT(EraseAnna(), IsOk());
  ASSERT_THAT(run_->publisher->Tick(), IsOk());
  EXPECT_THAT(Start(), IsOk());
}

}  // namespace
}  // namespace limpid::vault
