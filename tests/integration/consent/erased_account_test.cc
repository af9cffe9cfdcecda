// What becomes of an erased person's bytes in the files, and of her when older
// files come back.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/account_erasure.h"
#include "common/storage/database.h"
#include "consent/consent_state.h"
#include "consent/identity/account_erasure_desk.h"
#include "consent/ledger/account_erasing.h"
#include "gtest/gtest.h"
#include "tests/conformance/consent/backends.h"
#include "tests/e2e/sqlcipher_pages.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::Citizen;
using testing::World;

class ErasedAccountFiles : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    record_ = world_.Granted(ann_).revision.record;
    ASSERT_TRUE(testing::Released(world_.Read(record_)));
  }

  absl::StatusOr<BegunErasure> Erase() {
    receipt::AccountErasureRequest terms;
    terms.give_up_duties = true;
    terms.operator_name = "limpid.example";
    terms.person = ann_.id.Text();
    terms.time = world_.clock().Now();
    return AccountErasureDesk(world_.consent())
        .Erase(ann_.id, receipt::SignAccountErasure(terms, ann_.key));
  }
  void WithdrawAndErase() {
    ASSERT_THAT(world_.consent().Withdraw(ann_.id, record_), IsOk());
    const auto erased = Erase();
    ASSERT_THAT(erased, IsOk());
    EXPECT_TRUE(erased->finished);
  }
  // Ends of sealed payloads, which stand in no other row.
  std::vector<std::string> Payloads() {
    std::vector<std::string> out;
    const std::uint16_t shard =
        world_.consent().state().blinder.ShardOf(ann_.id);
    for (unsigned kind = 0; kind < 256; ++kind) {
      const auto rows =
          stores_.ledger().ListKind(shard, ann_.id, static_cast<RowKind>(kind));
      EXPECT_THAT(rows, IsOk());
      for (const PersonalRow& row : *rows) {
        if (row.payload.size() < 40 || IsStub(row)) continue;
        out.push_back(base::ToText(base::ByteView(row.payload).last(40)));
        if (row.lookup && row.key.kind == RowKind::kAccountKey) {
          out.push_back(base::ToText(*row.lookup));
        }
      }
    }
    return out;
  }
  // How many of the texts stand in decrypted pages of the closed file, free
  // pages and slack included.
  std::size_t Standing(const char* file,
                       const std::vector<std::string>& texts) {
    base::SecretBytes key(storage::kRawKeyBytes);
    std::uint8_t next = 1;
    for (std::uint8_t& byte : key.RevealMutable(base::SecretAccess::Get())) {
      byte = next++;
    }
    const auto pages =
        limpid::testing::DecryptPages(stores_.directory() / file, key);
    EXPECT_FALSE(pages.empty());
    return static_cast<std::size_t>(
        std::count_if(texts.begin(), texts.end(), [&](const std::string& text) {
          return std::any_of(pages.begin(), pages.end(),
                             [&](const std::string& page) {
                               return page.find(text) != std::string::npos;
                             });
        }));
  }
  // Closes the files, runs `look`, and starts again.
  template <typename Look>
  void AtRest(Look look) {
    world_.Stop();
    stores_.Close();
    look();
    stores_.Reopen();
    world_.Restart();
  }
  void ExpectGone() {
    for (int i = 0; i < 10; ++i) world_.consent().RunDue();
    EXPECT_TRUE(Payloads().empty());
    EXPECT_FALSE(stores_.keys().Get(ann_.id)->has_value());
    EXPECT_FALSE(stores_.keys().GetLogKey(ann_.id)->has_value());
    EXPECT_FALSE(testing::Released(world_.Read(record_)));
    EXPECT_THAT(world_.consent().FindKey(KeyIdOf(ann_.key.PublicKey())),
                StatusIs(absl::StatusCode::kNotFound));
  }

  // With and without the redo tail in front of the tables.
  testing::SqlStores stores_{GetParam()};
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(1);
  RecordId record_;
};

TEST_P(ErasedAccountFiles, NoByteOfHersStaysInTheFiles) {
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, record_), IsOk());
  const std::vector<std::string> payloads = Payloads();
  ASSERT_GT(payloads.size(), 8U);
  std::vector<std::string> wraps;
  for (const auto& key :
       {stores_.keys().Get(ann_.id), stores_.keys().GetLogKey(ann_.id)}) {
    ASSERT_THAT(key, IsOk());
    wraps.push_back(base::ToText(base::ByteView((*key)->wrap).last(40)));
  }
  AtRest([&] {
    EXPECT_EQ(Standing("store.db", payloads), payloads.size());
    EXPECT_EQ(Standing("keys.db", wraps), 2U);
  });
  ASSERT_THAT(Erase(), IsOk());
  AtRest([&] {
    EXPECT_EQ(Standing("store.db", payloads), 0U);
    EXPECT_EQ(Standing("keys.db", wraps), 0U);
  });
  ExpectGone();
}

TEST_P(ErasedAccountFiles, OlderFilesDoNotBringHerBack) {
  world_.Stop();
  stores_.Backup();
  stores_.BackupKeys();
  world_.Restart();
  WithdrawAndErase();
  ExpectGone();
  for (const bool keys_too : {false, true}) {
    world_.Stop();
    stores_.PutBack();
    if (keys_too) stores_.PutBackKeys();
    ASSERT_THAT(world_.TryStart(), IsOk());
    EXPECT_FALSE(testing::Released(world_.Read(record_)));
    ExpectGone();
  }
  world_.Stop();
  stores_.PutBackKeys();
  ASSERT_THAT(world_.TryStart(), IsOk());
  ExpectGone();
}

INSTANTIATE_TEST_SUITE_P(Stores, ErasedAccountFiles, ::testing::Bool(),
                         [](const auto& which) {
                           return which.param ? "Tailed" : "SqlCipher";
                         });

}  // namespace
}  // namespace limpid::consent
