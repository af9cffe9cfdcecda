// The files of a person's device: what two commands at once leave, and how a
// broken one is told.

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "clients/cli/failure.h"
#include "clients/cpp/device_file.h"
#include "clients/cpp/device_home.h"
#include "clients/cpp/grant_book.h"
#include "clients/cpp/head_keeper.h"
#include "clients/cpp/person_key.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/json/json.h"
#include "common/receipt/batch.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

namespace fs = std::filesystem;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
const absl::Time kTime = absl::FromUnixMillis(1'767'225'600'000);

class GrantBookTest : public ::testing::Test {
 protected:
  receipt::SignedStatement Signed(const std::string& record,
                                  absl::Time time = kTime) {
    receipt::Statement statement;
    statement.record = record;
    statement.service = base::FormatIdText("svc", base::RandomIdBytes());
    statement.lines = {{"person.name", receipt::Form::kFull, "", ""}};
    statement.operator_name = "op.example";
    statement.agreement = base::FormatIdText("agr", base::RandomIdBytes());
    statement.from = time;
    statement.until = time + absl::Hours(1);
    statement.time = time;
    statement.revision = 1;
    return receipt::SignStatement(statement, person_.key());
  }
  static std::string NewRecord() {
    return base::FormatIdText("rec", base::RandomIdBytes());
  }
  [[nodiscard]] crypto::Ed25519PublicKey Person() const {
    return person_.key().PublicKey();
  }

  PersonKey person_ = PersonKey::Generate();
  testing::TempDir files_;
  fs::path directory_ = files_.path() / "grants";
  GrantBook book_{directory_};
};

TEST_F(GrantBookTest, ASentGrantIsKeptApartUntilItsAnswerIsKnown) {
  const std::string record = NewRecord();
  ASSERT_THAT(book_.NoteSent(Signed(record)), IsOk());
  EXPECT_TRUE(book_.All(Person())->empty());
  ASSERT_EQ(book_.Sent(Person())->size(), 1U);
  ASSERT_THAT(book_.KeepSent(record, kTime), IsOk());
  ASSERT_EQ(book_.All(Person())->size(), 1U);
  EXPECT_EQ(book_.All(Person())->front().record, record);
  EXPECT_TRUE(book_.Sent(Person())->empty());
  EXPECT_THAT(book_.KeepSent(record, kTime), IsOk());
}

TEST_F(GrantBookTest, ARefusedRepeatTakesNoneOfThoseBeforeIt) {
  const std::string record = NewRecord();
  const auto first = Signed(record);
  const auto second = Signed(record, kTime + absl::Hours(1));
  const auto third = Signed(record, kTime + absl::Hours(2));
  for (const auto& one : {first, second, third}) {
    ASSERT_THAT(book_.NoteSent(one), IsOk());
  }
  ASSERT_EQ(book_.Sent(Person())->size(), 3U);
  EXPECT_EQ(book_.SentOf(record, Person())->front().canonical_json,
            third.canonical_json);
  ASSERT_THAT(book_.DropRefused(third), IsOk());
  ASSERT_EQ(book_.Sent(Person())->size(), 2U);
  EXPECT_EQ(book_.Sent(Person())->front().time, kTime + absl::Hours(1));
  // The one of the record's validity took effect; the others never can.
  ASSERT_THAT(book_.KeepSent(record, kTime), IsOk());
  EXPECT_EQ(book_.All(Person())->front().time, kTime);
  EXPECT_TRUE(book_.Sent(Person())->empty());
  EXPECT_THAT(book_.DropRefused(second), IsOk());
}

TEST_F(GrantBookTest, OfThoseSentWithoutAnAnswerSoManyAreRemembered) {
  const std::string record = NewRecord();
  for (std::size_t i = 0; i <= GrantBook::kMaxSent; ++i) {
    ASSERT_THAT(book_.NoteSent(
                    Signed(record, kTime + absl::Hours(static_cast<int>(i)))),
                IsOk());
  }
  const auto sent = book_.Sent(Person());
  ASSERT_EQ(sent->size(), GrantBook::kMaxSent);
  EXPECT_EQ(sent->back().time, kTime + absl::Hours(1));
}

TEST_F(GrantBookTest, WhatWasSentIsReadAsEarlierVersionsWroteIt) {
  const std::string record = NewRecord();
  const auto grant = Signed(record);
  json::Value old = json::Value::Object();
  old.Set("statement", grant.canonical_json);
  old.Set("signature", base::Base64UrlEncode(grant.signature));
  fs::create_directories(directory_);
  std::ofstream(directory_ / (record + ".sent")) << json::Pretty(old);
  ASSERT_EQ(book_.Sent(Person())->size(), 1U);
  ASSERT_THAT(book_.NoteSent(Signed(record, kTime + absl::Hours(1))), IsOk());
  EXPECT_EQ(book_.Sent(Person())->size(), 2U);
  // One of the earlier ones that is none breaks the file.
  old.Set("earlier", json::Value::Array().Append(json::Value::Object()));
  std::ofstream(directory_ / (record + ".sent")) << json::Pretty(old);
  EXPECT_THAT(book_.Sent(Person()), StatusSays(kDataLoss, record));
  EXPECT_THAT(book_.NoteSent(grant), StatusSays(kDataLoss, record));
}

TEST_F(GrantBookTest, SetAsideNothingCountsAndNothingIsLost) {
  EXPECT_THAT(book_.SetAside(), IsOk());
  const std::string record = NewRecord();
  ASSERT_THAT(book_.Keep(Signed(record)), IsOk());
  ASSERT_THAT(book_.NoteSent(Signed(record)), IsOk());
  std::ofstream(directory_ / (NewRecord() + ".json")) << "broken";
  ASSERT_THAT(book_.SetAside(), IsOk());
  EXPECT_TRUE(book_.All(Person())->empty());
  EXPECT_TRUE(book_.Sent(Person())->empty());
  EXPECT_TRUE(fs::exists(directory_ / (record + ".json.erased")));
  EXPECT_TRUE(fs::exists(directory_ / (record + ".sent.erased")));
}

TEST_F(GrantBookTest, ARefusedOneLeavesNothingAndTakesNothingAway) {
  const std::string record = NewRecord();
  ASSERT_THAT(book_.NoteSent(Signed(record)), IsOk());
  ASSERT_THAT(book_.DropSent(record), IsOk());
  EXPECT_TRUE(book_.All(Person())->empty());
  EXPECT_TRUE(book_.Sent(Person())->empty());
  // An earlier grant of the record stays.
  ASSERT_THAT(book_.Keep(Signed(record)), IsOk());
  ASSERT_THAT(book_.NoteSent(Signed(record, kTime + absl::Hours(1))), IsOk());
  ASSERT_THAT(book_.DropSent(record), IsOk());
  ASSERT_EQ(book_.All(Person())->size(), 1U);
  EXPECT_EQ(book_.All(Person())->front().time, kTime);
}

TEST_F(GrantBookTest, AnEarlierOneDoesNotReplaceALater) {
  const std::string record = NewRecord();
  ASSERT_THAT(book_.Keep(Signed(record, kTime + absl::Hours(1))), IsOk());
  ASSERT_THAT(book_.Keep(Signed(record, kTime)), IsOk());
  EXPECT_EQ(book_.All(Person())->front().time, kTime + absl::Hours(1));
}

TEST_F(GrantBookTest, DropAndClearTakeBothKinds) {
  const std::string record = NewRecord();
  EXPECT_THAT(book_.Drop(record), IsOk());
  EXPECT_THAT(book_.Clear(), IsOk());
  EXPECT_FALSE(fs::exists(directory_)) << "nothing was kept, nothing is made";
  ASSERT_THAT(book_.Keep(Signed(record)), IsOk());
  ASSERT_THAT(book_.NoteSent(Signed(record)), IsOk());
  ASSERT_THAT(book_.Drop(record), IsOk());
  EXPECT_TRUE(book_.All(Person())->empty());
  EXPECT_TRUE(book_.Sent(Person())->empty());
  ASSERT_THAT(book_.Keep(Signed(NewRecord())), IsOk());
  std::ofstream(directory_ / (NewRecord() + ".json")) << "broken";
  ASSERT_THAT(book_.Clear(), IsOk());
  EXPECT_TRUE(book_.All(Person())->empty());
}

TEST_F(GrantBookTest, ABrokenFileIsNamed) {
  const std::string record = NewRecord();
  ASSERT_THAT(book_.Keep(Signed(record)), IsOk());
  // Of somebody else.
  EXPECT_THAT(book_.All(PersonKey::Generate().key().PublicKey()),
              StatusSays(kDataLoss, record));
  // Under another record's name.
  fs::copy_file(directory_ / (record + ".json"),
                directory_ / (NewRecord() + ".json"));
  EXPECT_THAT(book_.All(Person()), StatusIs(kDataLoss));
  ASSERT_THAT(book_.Clear(), IsOk());
  std::ofstream(directory_ / (record + ".json")) << "{}";
  const auto all = book_.All(Person());
  EXPECT_THAT(all, StatusSays(kDataLoss, record));
  EXPECT_EQ(cli::ExitCodeOf(all.status()), cli::ExitCode::kStateBroken);
}

TEST_F(GrantBookTest, ADirectoryThatCannotBeReadIsNotAnEmptyOne) {
  // A file in its place: what even root cannot list.
  std::ofstream(directory_.string()) << "";
  const auto all = book_.All(Person());
  EXPECT_THAT(all, StatusSays(absl::StatusCode::kUnavailable, "grants"));
  EXPECT_EQ(cli::ExitCodeOf(all.status()), cli::ExitCode::kStateBroken);
  EXPECT_THAT(book_.Sent(Person()), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(GrantBookTest, ManyAtOnceLoseNothing) {
  std::vector<std::thread> threads;
  constexpr std::size_t kThreads = 8;
  std::vector<receipt::SignedStatement> grants;
  for (std::size_t i = 0; i < kThreads; ++i) {
    grants.push_back(Signed(NewRecord()));
  }
  threads.reserve(kThreads);
  for (const auto& grant : grants) {
    threads.emplace_back([&] { ASSERT_THAT(book_.Keep(grant), IsOk()); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(book_.All(Person())->size(), kThreads);
}

SealedPin PinOf(std::uint8_t number) {
  SealedPin pin;
  pin.generation = 1;
  pin.key_id[0] = number;
  return pin;
}

class DeviceHomeTest : public ::testing::Test {
 protected:
  testing::TempDir files_;
  DeviceHome home_{files_.path() / "device-key.json",
                   files_.path() / "sealed-key.json"};
};

TEST_F(DeviceHomeTest, AKeyThatIsGoneIsNotMadeAnewWhereSomethingWasSealed) {
  ASSERT_THAT(home_.Key(), IsOk());
  ASSERT_THAT(home_.Pin(PinOf(1)), IsOk());
  fs::remove(files_.path() / "device-key.json");
  const auto key = home_.Key();
  EXPECT_THAT(key, StatusSays(kDataLoss, "device-key.json is gone"));
  EXPECT_THAT(key, StatusSays(kDataLoss, "limpid person device add"));
  EXPECT_EQ(cli::ExitCodeOf(key.status()), cli::ExitCode::kStateBroken);
  EXPECT_FALSE(fs::exists(files_.path() / "device-key.json"));
  EXPECT_EQ(home_.KeyIfAny()->has_value(), false);
  // As the sentence says.
  fs::remove(home_.pin_file());
  EXPECT_THAT(home_.Key(), IsOk());
}

TEST_F(DeviceHomeTest, AnotherPinIsNotTakenInItsPlace) {
  ASSERT_THAT(home_.Pin(PinOf(1)), IsOk());
  ASSERT_THAT(home_.Pin(PinOf(1)), IsOk());
  EXPECT_THAT(home_.Pin(PinOf(2)), StatusIs(kDataLoss));
  EXPECT_EQ(home_.Pinned().value(), PinOf(1));
}

TEST_F(DeviceHomeTest, OfManyAtOnceOneMakesTheKeyAndOnePins) {
  constexpr std::size_t kThreads = 8;
  std::vector<std::string> keys(kThreads);
  std::vector<int> pinned(kThreads);
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const auto key = home_.Key();
      if (key.ok()) keys[i] = base::ToText(key->PublicKey().bytes);
      pinned[i] = home_.Pin(PinOf(static_cast<std::uint8_t>(i))).ok() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string made = base::ToText(home_.Key()->PublicKey().bytes);
  int pins = 0;
  for (std::size_t i = 0; i < kThreads; ++i) {
    EXPECT_EQ(keys[i], made);
    pins += pinned[i];
  }
  EXPECT_EQ(pins, 1);
}

TEST_F(DeviceHomeTest, BrokenFilesAreOurOwn) {
  std::ofstream(files_.path() / "device-key.json") << "{}";
  chmod((files_.path() / "device-key.json").c_str(), 0600);
  std::ofstream(home_.pin_file()) << "{}";
  for (const absl::Status& status :
       {home_.Key().status(), home_.Pinned().status()}) {
    EXPECT_EQ(cli::ExitCodeOf(status), cli::ExitCode::kStateBroken) << status;
    EXPECT_NE(status.message().find(files_.path().string()),
              absl::string_view::npos);
  }
  chmod((files_.path() / "device-key.json").c_str(), 0644);
  EXPECT_EQ(cli::ExitCodeOf(home_.Key().status()), cli::ExitCode::kStateBroken);
}

TEST_F(DeviceHomeTest, ForgettingTakesBothFiles) {
  ASSERT_THAT(home_.Key(), IsOk());
  ASSERT_THAT(home_.Pin(PinOf(1)), IsOk());
  ASSERT_THAT(home_.Forget(), IsOk());
  EXPECT_EQ(home_.KeyIfAny()->has_value(), false);
  EXPECT_EQ(home_.Pinned().value(), std::nullopt);
  EXPECT_THAT(home_.Forget(), IsOk());
}

TEST_F(DeviceHomeTest, IsReadyWhereAKeyAndAPinCouldBeKept) {
  ASSERT_THAT(home_.Ready(), IsOk());
  EXPECT_TRUE(home_.KeyIfAny()->has_value());
  EXPECT_EQ(home_.Pinned().value(), std::nullopt);
  for (const auto& file : fs::directory_iterator(files_.path())) {
    EXPECT_NE(file.path().extension(), ".tmp");
  }
  // What even root cannot replace.
  fs::create_directories(files_.path() / "sealed-key.json.tmp" / "x");
  const absl::Status unready = home_.Ready();
  EXPECT_TRUE(IsAboutOwnFile(unready)) << unready;
  EXPECT_EQ(cli::ExitCodeOf(unready), cli::ExitCode::kStateBroken);
  const DeviceHome nowhere(files_.path() / "device-key.json" / "key",
                           files_.path() / "device-key.json" / "pin");
  EXPECT_TRUE(IsAboutOwnFile(nowhere.Ready()));
}

TEST_F(DeviceHomeTest, ForgettingThatBreaksOffStillKnowsWhose) {
  ASSERT_THAT(home_.Key(), IsOk());
  ASSERT_THAT(home_.Pin(PinOf(1)), IsOk());
  // A directory that is not empty in its place: it cannot be removed.
  fs::remove(files_.path() / "device-key.json");
  fs::create_directories(files_.path() / "device-key.json" / "x");
  EXPECT_FALSE(home_.Forget().ok());
  EXPECT_EQ(home_.Pinned().value(), PinOf(1));
}

TEST(DeviceLock, ThatIsHeldIsNoServersSilence) {
  const testing::TempDir files;
  const fs::path file = files.path() / "moving.json";
  const auto held = LockBeside(file);
  ASSERT_THAT(held, IsOk());
  const auto second = LockBeside(file, absl::Milliseconds(20));
  EXPECT_THAT(second,
              StatusSays(absl::StatusCode::kUnavailable, "moving.json.lock"));
  EXPECT_TRUE(IsLockHeld(second.status()));
  EXPECT_EQ(cli::ExitCodeOf(second.status()), cli::ExitCode::kFailed);
  EXPECT_NE(cli::NextStep(second.status()).find("another command"),
            std::string::npos);
  // That cannot be made is the disk's, and nobody holds it.
  const auto none = LockBeside(files.path() / "none" / "moving.json");
  EXPECT_FALSE(IsLockHeld(none.status()));
  EXPECT_EQ(cli::ExitCodeOf(none.status()), cli::ExitCode::kStateBroken);
}

TEST(DeviceDirectories, AreMadeForTheirOwnerAndAFileIsNone) {
  const testing::TempDir files;
  const fs::path inner = files.path() / "a" / "b";
  ASSERT_THAT(MakeDirectories(inner), IsOk());
  ASSERT_THAT(MakeDirectories(inner / ""), IsOk());
  EXPECT_EQ(fs::status(inner).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(inner.parent_path()).permissions(),
            fs::perms::owner_all);
  std::ofstream(inner / "file") << "x";
  const absl::Status failed = MakeDirectories(inner / "file" / "c");
  EXPECT_THAT(failed, StatusSays(absl::StatusCode::kUnavailable, "file"));
  EXPECT_TRUE(IsAboutOwnFile(failed));
}

TEST(HeadFile, OfTwoAtOnceTheNewerStays) {
  const testing::TempDir files;
  const fs::path file = files.path() / "log-head";
  const auto evidence = crypto::Ed25519PrivateKey::Generate();
  const auto signed_head = [&](std::uint64_t sequence) {
    receipt::LogHead head;
    head.operator_name = "op.example";
    head.sequence = sequence;
    head.time = kTime;
    const std::vector<base::Bytes> items = {head.Encode()};
    const auto proofs = receipt::SignBatch(receipt::BatchKind::kReceipts, 1,
                                           kTime, items, evidence);
    return receipt::SignedHead(items.front(), proofs.front());
  };
  const crypto::Ed25519PublicKey key = evidence.PublicKey();
  EXPECT_EQ(ReadHeadFile(file, key).value(), std::nullopt);
  ASSERT_THAT(KeepNewerHead(file, signed_head(5), key), IsOk());
  ASSERT_THAT(KeepNewerHead(file, signed_head(4), key), IsOk());
  EXPECT_EQ(ReadHeadFile(file, key).value()->sequence, 5U);
  ASSERT_THAT(KeepNewerHead(file, signed_head(6), key), IsOk());
  EXPECT_EQ(ReadHeadFile(file, key).value()->sequence, 6U);
  std::ofstream(file) << "x";
  const auto broken = ReadHeadFile(file, key);
  EXPECT_THAT(broken, StatusSays(kDataLoss, "log-head"));
  EXPECT_EQ(cli::ExitCodeOf(broken.status()), cli::ExitCode::kStateBroken);
}

}  // namespace
}  // namespace limpid::client
