#include "common/crypto/keyring.h"

#include <sys/stat.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/secret.h"
#include "common/crypto/root_key.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/crypto/failing_sync.h"

namespace limpid::crypto {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::ReadFile;
using ::limpid::testing::StatusIs;
using ::limpid::testing::StatusSays;

class KeyRingTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path() const {
    return dir_.path() / "keyring";
  }
  [[nodiscard]] std::filesystem::path root_path(
      std::string_view name = "root.key") const {
    return dir_.path() / name;
  }
  std::shared_ptr<const RootKey> Root(std::string_view name = "root.key") {
    const std::filesystem::path file = root_path(name);
    if (!std::filesystem::exists(file)) {
      EXPECT_THAT(FileRootKey::CreateFile(file), IsOk());
    }
    auto root = FileRootKey::Open(file, [this](std::string_view warning) {
      warnings_.emplace_back(warning);
    });
    EXPECT_THAT(root, IsOk());
    return *std::move(root);
  }
  std::unique_ptr<KeyRing> Make() {
    auto ring = KeyRing::Create(path(), "vault", Root());
    EXPECT_THAT(ring, IsOk());
    return *std::move(ring);
  }
  absl::StatusOr<std::unique_ptr<KeyRing>> Open() {
    return KeyRing::Open(path(), "vault", Root());
  }
  void Replace(const std::string& text) {
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << text;
  }

  limpid::testing::TempDir dir_;
  std::vector<std::string> warnings_;
};

TEST_F(KeyRingTest, KeepsItsKeysOverAReopen) {
  const auto ring = Make();
  const auto store = ring->GetOrCreate("store-db", 48);
  const auto seed = ring->GetOrCreate("log-seed", 32);
  ASSERT_THAT(store, IsOk());
  ASSERT_THAT(seed, IsOk());
  EXPECT_EQ(ring->GetOrCreate("store-db", 48).value(), *store);
  EXPECT_EQ(ring->AddEpoch().value(), 2U);
  const auto later = ring->GetOrCreate("later", 96);
  ASSERT_THAT(later, IsOk());
  const auto again = Open();
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ((*again)->Get("store-db").value(), *store);
  EXPECT_EQ((*again)->Get("log-seed").value(), *seed);
  EXPECT_EQ((*again)->Get("later").value(), *later);
  EXPECT_EQ((*again)->current_epoch(), 2U);
  for (const std::uint32_t epoch : {1U, 2U}) {
    EXPECT_EQ((*again)->Kek(epoch).value().key, ring->Kek(epoch).value().key);
    EXPECT_EQ((*again)->Kek(epoch).value().id, ring->Kek(epoch).value().id);
  }
  EXPECT_FALSE(ring->Kek(1).value().key == ring->Kek(2).value().key);
}

TEST_F(KeyRingTest, ADestroyedEpochTakesNoKeyOfTheRingWithIt) {
  const auto ring = Make();
  const auto store = ring->GetOrCreate("store-db", 48);
  ASSERT_THAT(store, IsOk());
  EXPECT_THAT(ring->DestroyEpoch(1),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(ring->DestroyEpoch(2), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_EQ(ring->AddEpoch().value(), 2U);
  const auto doomed = ring->Kek(1);
  const std::string before = ReadFile(path());
  ASSERT_THAT(ring->DestroyEpoch(1), IsOk());
  EXPECT_EQ(ring->epochs(), std::vector<std::uint32_t>{2});
  const auto again = Open();
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ((*again)->epochs(), std::vector<std::uint32_t>{2});
  EXPECT_THAT((*again)->Kek(1), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT((*again)->DestroyEpoch(1), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ((*again)->Get("store-db").value(), *store);
  EXPECT_EQ((*again)->AddEpoch().value(), 3U);
  // Who kept the file kept the key.
  Replace(before);
  EXPECT_EQ(Open().value()->Kek(1).value().key, doomed->key);
}

TEST_F(KeyRingTest, WhatCannotBeStoredIsNotDestroyed) {
  const auto ring = Make();
  const auto store = ring->GetOrCreate("store-db", 48);
  ASSERT_EQ(ring->AddEpoch().value(), 2U);
  const std::string before = ReadFile(path());
  std::filesystem::remove(path());
  std::filesystem::create_directory(path());
  EXPECT_FALSE(ring->DestroyEpoch(1).ok());
  EXPECT_EQ(ring->epochs(), (std::vector<std::uint32_t>{1, 2}));
  std::filesystem::remove(path());
  Replace(before);
  ASSERT_THAT(ring->GetOrCreate("later", 32), IsOk());
  const auto again = Open();
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT((*again)->Kek(1), IsOk());
  EXPECT_EQ((*again)->Get("store-db").value(), *store);
}

// The rename went well, and then the directory did not sync.
TEST_F(KeyRingTest, GoesOnWithWhatTheFileSaysAfterAFailedSync) {
  const auto ring = Make();
  ASSERT_EQ(ring->AddEpoch().value(), 2U);
  {
    const testing::FailingDirectorySync failing;
    EXPECT_FALSE(ring->DestroyEpoch(1).ok());
  }
  EXPECT_EQ(ring->epochs(), std::vector<std::uint32_t>{2});
  EXPECT_EQ(Open().value()->epochs(), ring->epochs());
  const auto other = Root("other.key");
  {
    const testing::FailingDirectorySync failing;
    EXPECT_FALSE(ring->ChangeRoot(other).ok());
  }
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition));
  // Under the new root: what is stored next does not take the ring back.
  ASSERT_THAT(ring->GetOrCreate("later", 32), IsOk());
  const auto moved = KeyRing::Open(path(), "vault", other);
  ASSERT_THAT(moved, IsOk());
  EXPECT_EQ((*moved)->Get("later").value(), ring->Get("later").value());
}

TEST_F(KeyRingTest, UsesNothingThatAFailedSyncMayLose) {
  const auto ring = Make();
  {
    const testing::FailingDirectorySync failing;
    EXPECT_FALSE(ring->AddEpoch().ok());
    EXPECT_FALSE(ring->GetOrCreate("store-db", 48).ok());
  }
  EXPECT_EQ(ring->current_epoch(), 1U);
  EXPECT_THAT(ring->Get("store-db"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(ring->AddEpoch().value(), 2U);
  EXPECT_EQ(Open().value()->Kek(2).value().key, ring->Kek(2).value().key);
}

TEST_F(KeyRingTest, RefusesNamesAndSizesOutOfRange) {
  const auto ring = Make();
  for (const std::string_view name : {"", "Store", "a b", "a\n", "a.b"}) {
    EXPECT_THAT(ring->GetOrCreate(name, 32),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(ring->GetOrCreate(std::string(64, 'a'), 32), IsOk());
  EXPECT_THAT(ring->GetOrCreate(std::string(65, 'a'), 32),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ring->GetOrCreate("a", 31),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ring->GetOrCreate("a", 97),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ring->GetOrCreate("a", 32), IsOk());
  EXPECT_THAT(ring->GetOrCreate("a", 48),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(ring->Get("b"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(ring->Kek(2), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(KeyRingTest, AWrongRootKeyIsOneSentence) {
  Make();
  EXPECT_THAT(KeyRing::Open(path(), "vault", Root("other.key")),
              StatusSays(absl::StatusCode::kFailedPrecondition,
                         "was made with another root key"));
}

TEST_F(KeyRingTest, RefusesAnotherRoleANewerVersionAndASecondCreate) {
  Make();
  EXPECT_THAT(KeyRing::Open(path(), "consent", Root()),
              StatusSays(absl::StatusCode::kFailedPrecondition, "role"));
  EXPECT_THAT(KeyRing::Create(path(), "vault", Root()),
              StatusIs(absl::StatusCode::kAlreadyExists));
  std::string text = ReadFile(path());
  text.replace(text.find("v1"), 2, "v2");
  Replace(text);
  EXPECT_THAT(Open(), StatusSays(absl::StatusCode::kFailedPrecondition,
                                 "newer version"));
}

TEST_F(KeyRingTest, EveryChangedByteIsRefused) {
  const auto ring = Make();
  ASSERT_THAT(ring->GetOrCreate("store-db", 48), IsOk());
  const std::string good = ReadFile(path());
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    Replace(bad);
    EXPECT_FALSE(Open().ok()) << "byte " << at;
  }
  for (std::size_t size = 0; size < good.size(); size += 13) {
    Replace(good.substr(0, size));
    EXPECT_FALSE(Open().ok()) << "cut to " << size;
  }
  Replace(good + "\n");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss));
  Replace(good);
  EXPECT_THAT(Open(), IsOk());
}

// The lines of the file, for moving them about.
std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at + 1));
    at = end + 1;
  }
  return lines;
}

TEST_F(KeyRingTest, ARemovedOrRenamedOrSwappedKeyIsRefused) {
  const auto ring = Make();
  ASSERT_THAT(ring->GetOrCreate("aaaa", 48), IsOk());
  ASSERT_THAT(ring->GetOrCreate("bbbb", 48), IsOk());
  const std::vector<std::string> good = Lines(ReadFile(path()));
  // limpid-keyring, role, root, kek, key aaaa, key bbbb, mac.
  ASSERT_EQ(good.size(), 7U);
  const auto joined = [](const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line;
    return text;
  };
  std::vector<std::string> bad = good;
  bad.erase(bad.begin() + 4);
  Replace(joined(bad));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss));
  bad = good;
  std::swap(bad[4], bad[5]);
  Replace(joined(bad));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss));
  bad = good;
  bad[4].replace(4, 4, "bbbb");
  bad[5].replace(4, 4, "aaaa");
  std::swap(bad[4], bad[5]);
  Replace(joined(bad));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(KeyRingTest, AnUnwritableFileMakesNoKey) {
  const auto ring = Make();
  std::filesystem::create_directory(path().string() + ".tmp");
  EXPECT_FALSE(ring->GetOrCreate("store-db", 48).ok());
  EXPECT_THAT(ring->Get("store-db"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(KeyRingTest, OpensTheWorkedExampleOfTheFormatPage) {
  const char* source = std::getenv("LIMPID_SOURCE_DIR");
  if (source == nullptr) GTEST_SKIP() << "LIMPID_SOURCE_DIR is not set";
  const std::string page =
      ReadFile(std::filesystem::path(source) / "docs/formats/keyring.md");
  const std::size_t begin = page.find("limpid-keyring v1\nrole");
  ASSERT_NE(begin, std::string::npos);
  Replace(page.substr(begin, page.find("```", begin) - begin));
  base::Bytes key(32);
  for (std::size_t at = 0; at < key.size(); ++at) {
    key[at] = static_cast<std::uint8_t>(at);
  }
  ASSERT_THAT(
      base::WriteFileAtomically(
          root_path(),
          base::ToBytes("limpid-root-key v1 " + base::HexEncode(key) + "\n"),
          0600),
      IsOk());
  const auto ring = Open();
  ASSERT_THAT(ring, IsOk());
  EXPECT_EQ((*ring)->current_epoch(), 1U);
  const auto store = (*ring)->Get("store-db");
  ASSERT_THAT(store, IsOk());
  const std::string hex =
      base::HexEncode(store->Reveal(base::SecretAccess::Get()));
  EXPECT_NE(page.find(hex), std::string::npos) << hex;
}

TEST_F(KeyRingTest, TheRootKeyFileIsPrivateAndWarnsLoudly) {
  Root();
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_NE(warnings_[0].find("development"), std::string::npos);
  const auto open = [this] {
    return FileRootKey::Open(root_path(), [](std::string_view) {});
  };
  for (const mode_t mode : {0640U, 0604U, 0620U, 0601U}) {
    ASSERT_EQ(::chmod(root_path().c_str(), mode), 0);
    EXPECT_THAT(open(),
                StatusSays(absl::StatusCode::kFailedPrecondition, "chmod 600"));
  }
  ASSERT_EQ(::chmod(root_path().c_str(), 0400), 0);
  EXPECT_THAT(open(), IsOk());
  EXPECT_THAT(FileRootKey::CreateFile(root_path()),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(FileRootKey::Open(root_path("absent"), [](std::string_view) {}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(KeyRingTest, RefusesADamagedRootKeyFile) {
  for (const std::string_view text :
       {"", "limpid-root-key v1 00\n", "limpid-root-key v1 zz",
        "limpid-root-key v2 "
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"}) {
    ASSERT_THAT(
        base::WriteFileAtomically(root_path(), base::AsBytes(text), 0600),
        IsOk());
    EXPECT_THAT(FileRootKey::Open(root_path(), [](std::string_view) {}),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

}  // namespace
}  // namespace limpid::crypto
