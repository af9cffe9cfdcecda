#include "common/crypto/token_root_key.h"

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/keyring.h"
#include "common/crypto/random.h"
#include "common/crypto/root_key.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/soft_token.h"
#include "tests/testing/status_matchers.h"

namespace limpid::crypto {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::SoftToken;
using ::limpid::testing::StatusIs;
using ::limpid::testing::StatusSays;
using ::limpid::testing::TempDir;
using Code = absl::StatusCode;

const base::ByteView kAad = base::AsBytes("what it is for");

class TokenRootKeyTest : public ::testing::Test {
 protected:
  TokenPlace Place() {
    return {.module = SoftToken::Module(),
            .token = std::string(SoftToken::kLabel),
            .key = "limpid-root",
            .pin_file = token_.PinFile(std::string(SoftToken::kPin) + "\n")};
  }
  TokenPlace WithPin(std::string_view text) {
    TokenPlace place = Place();
    place.pin_file = token_.PinFile(text);
    return place;
  }
  std::unique_ptr<TokenRootKey> Made() {
    EXPECT_THAT(TokenRootKey::CreateKey(Place()), IsOk());
    auto opened = TokenRootKey::Open(Place());
    EXPECT_THAT(opened, IsOk());
    return opened.ok() ? *std::move(opened) : nullptr;
  }

  SoftToken token_;
};

TEST_F(TokenRootKeyTest, WhatItWrapsOpensAfterAReopen) {
  const base::SecretBytes secret = RandomSecret(32);
  base::Bytes wrapped;
  KeyId id{};
  {
    const auto root = Made();
    ASSERT_NE(root, nullptr);
    id = root->id();
    auto got = root->Wrap(secret, kAad);
    ASSERT_THAT(got, IsOk());
    wrapped = *std::move(got);
    EXPECT_EQ(wrapped.size(), 1U + 12 + 32 + 16);
  }
  const auto root = TokenRootKey::Open(Place());
  ASSERT_THAT(root, IsOk());
  EXPECT_EQ((*root)->id(), id);
  const auto back = (*root)->Unwrap(wrapped, kAad);
  ASSERT_THAT(back, IsOk());
  EXPECT_TRUE(*back == secret);
}

TEST_F(TokenRootKeyTest, EveryFlippedBitAndOtherDataAreRefused) {
  const auto root = Made();
  ASSERT_NE(root, nullptr);
  const auto wrapped = root->Wrap(RandomSecret(32), kAad);
  ASSERT_THAT(wrapped, IsOk());
  for (std::size_t bit = 0; bit < wrapped->size() * 8; ++bit) {
    base::Bytes bad = *wrapped;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_THAT(root->Unwrap(bad, kAad), StatusIs(Code::kDataLoss)) << bit;
  }
  for (std::size_t size = 0; size < wrapped->size(); ++size) {
    EXPECT_THAT(root->Unwrap(base::ByteView(*wrapped).first(size), kAad),
                StatusIs(Code::kDataLoss));
  }
  EXPECT_THAT(root->Unwrap(*wrapped, base::AsBytes("another use")),
              StatusIs(Code::kDataLoss));
  EXPECT_THAT(root->Unwrap(*wrapped, kAad), IsOk());
}

TEST_F(TokenRootKeyTest, TwoKeysHaveTwoIdsAndDoNotOpenEachOther) {
  base::Bytes wrapped;
  KeyId id{};
  {
    const auto first = Made();
    ASSERT_NE(first, nullptr);
    id = first->id();
    wrapped = *first->Wrap(RandomSecret(32), kAad);
  }
  TokenPlace other = Place();
  other.key = "another";
  ASSERT_THAT(TokenRootKey::CreateKey(other), IsOk());
  const auto second = TokenRootKey::Open(other);
  ASSERT_THAT(second, IsOk());
  EXPECT_NE((*second)->id(), id);
  EXPECT_THAT((*second)->Unwrap(wrapped, kAad), StatusIs(Code::kDataLoss));
}

TEST_F(TokenRootKeyTest, AKeyRingHangsOnIt) {
  const TempDir dir;
  const auto ring_file = dir.path() / "keyring";
  base::SecretBytes named;
  {
    const std::shared_ptr<const RootKey> root = Made();
    ASSERT_NE(root, nullptr);
    auto ring = KeyRing::Create(ring_file, "vault", root);
    ASSERT_THAT(ring, IsOk());
    named = *(*ring)->GetOrCreate("store-db", 48);
    ASSERT_THAT((*ring)->AddEpoch(), IsOk());
  }
  auto root = TokenRootKey::Open(Place());
  ASSERT_THAT(root, IsOk());
  const std::shared_ptr<const RootKey> shared(*std::move(root));
  const auto ring = KeyRing::Open(ring_file, "vault", shared);
  ASSERT_THAT(ring, IsOk());
  EXPECT_TRUE(*(*ring)->Get("store-db") == named);
  EXPECT_EQ((*ring)->current_epoch(), 2U);
}

TEST_F(TokenRootKeyTest, AKeyRingOfAFileDoesNotOpenWithIt) {
  const TempDir dir;
  const auto file = dir.path() / "root.key";
  ASSERT_THAT(FileRootKey::CreateFile(file), IsOk());
  auto plain = FileRootKey::Open(file, [](std::string_view) {});
  ASSERT_THAT(plain, IsOk());
  ASSERT_THAT(
      KeyRing::Create(dir.path() / "keyring", "vault", *std::move(plain)),
      IsOk());
  EXPECT_THAT(KeyRing::Open(dir.path() / "keyring", "vault", Made()),
              StatusSays(Code::kFailedPrecondition, "another root key"));
}

TEST_F(TokenRootKeyTest, AKeyRingMovesFromAFileToIt) {
  const TempDir dir;
  const auto ring_file = dir.path() / "keyring";
  ASSERT_THAT(FileRootKey::CreateFile(dir.path() / "root.key"), IsOk());
  auto plain =
      FileRootKey::Open(dir.path() / "root.key", [](std::string_view) {});
  ASSERT_THAT(plain, IsOk());
  const std::shared_ptr<const RootKey> file(*std::move(plain));
  const std::shared_ptr<const RootKey> token = Made();
  base::SecretBytes named;
  {
    const auto ring = KeyRing::Create(ring_file, "vault", file);
    ASSERT_THAT(ring, IsOk());
    named = *(*ring)->GetOrCreate("store-db", 48);
    ASSERT_THAT((*ring)->AddEpoch(), IsOk());
    ASSERT_THAT((*ring)->ChangeRoot(token), IsOk());
    // It goes on under the new one.
    ASSERT_THAT((*ring)->AddEpoch(), IsOk());
  }
  EXPECT_THAT(KeyRing::Open(ring_file, "vault", file),
              StatusSays(Code::kFailedPrecondition, "another root key"));
  const auto ring = KeyRing::Open(ring_file, "vault", token);
  ASSERT_THAT(ring, IsOk());
  EXPECT_TRUE(*(*ring)->Get("store-db") == named);
  EXPECT_EQ((*ring)->current_epoch(), 3U);
}

TEST_F(TokenRootKeyTest, ARingThatCannotMoveStaysWhereItIs) {
  const TempDir dir;
  const auto ring_file = dir.path() / "ring" / "keyring";
  std::filesystem::create_directory(dir.path() / "ring");
  ASSERT_THAT(FileRootKey::CreateFile(dir.path() / "root.key"), IsOk());
  auto plain =
      FileRootKey::Open(dir.path() / "root.key", [](std::string_view) {});
  ASSERT_THAT(plain, IsOk());
  const std::shared_ptr<const RootKey> file(*std::move(plain));
  const auto ring = KeyRing::Create(ring_file, "vault", file);
  ASSERT_THAT(ring, IsOk());
  const auto away = dir.path() / "away";
  std::filesystem::rename(dir.path() / "ring", away);
  EXPECT_FALSE((*ring)->ChangeRoot(Made()).ok());
  std::filesystem::rename(away, dir.path() / "ring");
  ASSERT_THAT((*ring)->GetOrCreate("later", 32), IsOk());
  EXPECT_THAT(KeyRing::Open(ring_file, "vault", file), IsOk());
}

TEST_F(TokenRootKeyTest, ThreadsShareIt) {
  const auto root = Made();
  ASSERT_NE(root, nullptr);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&root] {
      const base::SecretBytes secret = RandomSecret(32);
      for (int round = 0; round < 50; ++round) {
        const auto wrapped = root->Wrap(secret, kAad);
        ASSERT_THAT(wrapped, IsOk());
        EXPECT_TRUE(*root->Unwrap(*wrapped, kAad) == secret);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(TokenRootKeyTest, AWrongPinIsOneSentenceWithoutThePin) {
  ASSERT_NE(Made(), nullptr);
  const auto got = TokenRootKey::Open(WithPin("open barley"));
  EXPECT_THAT(got,
              StatusSays(Code::kPermissionDenied,
                         "the token 'limpid-test' does not take this PIN"));
  EXPECT_EQ(got.status().message().find("barley"), std::string::npos);
  EXPECT_THAT(TokenRootKey::CreateKey(WithPin("open barley")),
              StatusIs(Code::kPermissionDenied));
  EXPECT_THAT(TokenRootKey::Open(Place()), IsOk());
}

TEST_F(TokenRootKeyTest, AMissingModuleTokenOrKeyIsNamed) {
  TokenPlace place = Place();
  EXPECT_THAT(TokenRootKey::Open(place),
              StatusSays(Code::kNotFound, "no key labelled 'limpid-root'"));
  place.token = "nobody";
  EXPECT_THAT(TokenRootKey::Open(place),
              StatusSays(Code::kNotFound, "the token 'nobody' is missing"));
  place.module = "/nonexistent/module.so";
  EXPECT_THAT(TokenRootKey::Open(place),
              StatusSays(Code::kNotFound, "cannot be loaded"));
  place.module = "libsodium.so.23";
  EXPECT_THAT(TokenRootKey::Open(place),
              StatusSays(Code::kNotFound, "is no PKCS#11 module"));
  place.pin_file = "/nonexistent/pin";
  EXPECT_THAT(TokenRootKey::Open(place),
              StatusSays(Code::kNotFound, "the PIN file"));
}

TEST_F(TokenRootKeyTest, ALabelThatIsThereTwiceIsRefused) {
  ASSERT_NE(Made(), nullptr);
  EXPECT_THAT(TokenRootKey::CreateKey(Place()), StatusIs(Code::kAlreadyExists));
  token_.ImportKey("limpid-root");
  EXPECT_THAT(TokenRootKey::Open(Place()),
              StatusSays(Code::kFailedPrecondition, "two keys"));
  token_.AddToken(SoftToken::kLabel);
  EXPECT_THAT(TokenRootKey::Open(Place()),
              StatusSays(Code::kFailedPrecondition, "there twice"));
}

TEST_F(TokenRootKeyTest, AKeyThatWasOutsideIsRefused) {
  token_.ImportKey("limpid-root");
  EXPECT_THAT(TokenRootKey::Open(Place()),
              StatusSays(Code::kFailedPrecondition, "or once could"));
}

TEST_F(TokenRootKeyTest, APinFileThatOthersReadOrThatIsNotOneLineIsRefused) {
  TokenPlace open = Place();
  std::filesystem::permissions(open.pin_file,
                               std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  EXPECT_THAT(TokenRootKey::Open(open),
              StatusSays(Code::kFailedPrecondition, "may be read by others"));
  for (const std::string_view text : {"", "\n", "one\ntwo\n"}) {
    EXPECT_THAT(TokenRootKey::Open(WithPin(text)),
                StatusSays(Code::kFailedPrecondition, "is not one line"));
  }
}

TEST_F(TokenRootKeyTest, LabelsOutOfRangeAreRefused) {
  TokenPlace place = Place();
  place.token = "";
  EXPECT_THAT(TokenRootKey::Open(place), StatusIs(Code::kInvalidArgument));
  place.token = std::string(33, 't');
  EXPECT_THAT(TokenRootKey::Open(place), StatusIs(Code::kInvalidArgument));
  place = Place();
  place.key = "";
  EXPECT_THAT(TokenRootKey::CreateKey(place), StatusIs(Code::kInvalidArgument));
  place.key = std::string(65, 'k');
  EXPECT_THAT(TokenRootKey::CreateKey(place), StatusIs(Code::kInvalidArgument));
}

TEST_F(TokenRootKeyTest, OneAtATimePerProcess) {
  const auto first = Made();
  ASSERT_NE(first, nullptr);
  EXPECT_THAT(TokenRootKey::Open(Place()),
              StatusSays(Code::kFailedPrecondition, "in use by this process"));
  EXPECT_THAT(first->Wrap(RandomSecret(32), kAad), IsOk());
}

// States that SoftHSM does not have. The fake aborts when a login is tried
// that its flags forbid.
struct Sick {
  std::string_view state;
  Code code;
  std::string_view says;
};

class SickTokenTest : public ::testing::TestWithParam<Sick> {};

TEST_P(SickTokenTest, IsOneSentence) {
  const SoftToken files;
  const std::string state(GetParam().state);
  ::setenv("LIMPID_FAKE_TOKEN", state.c_str(), /*overwrite=*/1);
  const TokenPlace place{.module = LIMPID_FAKE_TOKEN_MODULE,
                         .token = "fake",
                         .key = "limpid-root",
                         .pin_file = files.PinFile("1234")};
  for (const absl::Status& got :
       {TokenRootKey::Open(place).status(), TokenRootKey::CreateKey(place)}) {
    EXPECT_EQ(got.code(), GetParam().code);
    EXPECT_NE(got.message().find(std::string(GetParam().says)),
              std::string::npos)
        << got.message();
  }
}

// A token that says the same of foreign bytes and when it fails.
class VagueTokenTest : public ::testing::Test {
 protected:
  static void Set(const std::string& state) {
    ::setenv("LIMPID_FAKE_TOKEN", state.c_str(), /*overwrite=*/1);
  }
  void SetUp() override {
    Set("says little");
    auto opened = TokenRootKey::Open({.module = LIMPID_FAKE_TOKEN_MODULE,
                                      .token = "fake",
                                      .key = "limpid-root",
                                      .pin_file = files_.PinFile("1234")});
    ASSERT_THAT(opened, IsOk());
    root_ = *std::move(opened);
    ASSERT_THAT(KeyRing::Create(Ring(), "vault", root_), IsOk());
  }
  [[nodiscard]] std::filesystem::path Ring() const {
    return dir_.path() / "keyring";
  }
  absl::Status Reopened() {
    return KeyRing::Open(Ring(), "vault", root_).status();
  }

  const SoftToken files_;
  const TempDir dir_;
  std::shared_ptr<const RootKey> root_;
};

TEST_F(VagueTokenTest, ForeignBytesAreDamageWhileTheKeyWorks) {
  EXPECT_THAT(Reopened(), IsOk());
  auto wrapped = root_->Wrap(RandomSecret(32), kAad);
  ASSERT_THAT(wrapped, IsOk());
  wrapped->back() ^= 1;
  EXPECT_THAT(root_->Unwrap(*wrapped, kAad), StatusIs(Code::kDataLoss));
}

TEST_F(VagueTokenTest, AKeyThatFailsIsNoDamage) {
  Set("fails to decrypt");
  EXPECT_THAT(Reopened(), StatusSays(Code::kUnavailable, "does not answer"));
  Set("forgets its key");
  EXPECT_THAT(Reopened(), StatusSays(Code::kUnavailable, "does not answer"));
  Set("says little");
  EXPECT_THAT(Reopened(), IsOk());
}

INSTANTIATE_TEST_SUITE_P(
    States, SickTokenTest,
    ::testing::Values(
        Sick{"locked", Code::kFailedPrecondition, "is locked after too many"},
        Sick{"locks now", Code::kFailedPrecondition,
             "is locked after too many"},
        Sick{"final try", Code::kFailedPrecondition, "one more try"},
        Sick{"no PIN", Code::kFailedPrecondition, "has no PIN"},
        Sick{"twice", Code::kFailedPrecondition, "there twice"},
        Sick{"in use", Code::kFailedPrecondition, "in use by this process"},
        Sick{"removed", Code::kUnavailable, "does not answer"},
        Sick{"silent later", Code::kUnavailable, "does not answer"},
        Sick{"does not start", Code::kUnavailable, "does not answer"}));

}  // namespace
}  // namespace limpid::crypto
