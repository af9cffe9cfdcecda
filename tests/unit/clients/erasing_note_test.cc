// An account's erasure whose answer was lost: the next look tells, and what
// belonged to the account is set aside then and not before.

#include "clients/cli/erasing_note.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "absl/status/status.h"
#include "clients/cpp/device_file.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/clients/unary_connection.h"

namespace limpid::cli {
namespace {

namespace fs = std::filesystem;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

// Answers GetAccount as it is told.
class FakeServer final : public client::UnaryConnection {
 public:
  absl::Status Call(const client::Method& method,
                    const google::protobuf::MessageLite& /*request*/,
                    google::protobuf::MessageLite& /*response*/) override {
    EXPECT_TRUE(method.path.ends_with("/GetAccount"));
    return account;
  }
  absl::Status account;
};

class ErasingNoteTest : public ::testing::Test {
 protected:
  ErasingNoteTest() {
    session_.options().home = files_.path().string();
    std::ofstream(session_.SeenHeadFile()) << "x";
  }
  [[nodiscard]] bool IsSetAside() const {
    return fs::exists(session_.SeenHeadFile().string() + ".erased");
  }

  testing::TempDir files_;
  testing::FakeClock clock_;
  std::ostringstream out_;
  Session session_{Terminal(out_, out_, {}), clock_};
  FakeServer server_;
  client::PersonKey key_ = client::PersonKey::Generate();
  client::Trust trust_;
  client::PersonClient consent_{server_, key_, trust_, clock_};
};

TEST_F(ErasingNoteTest, SaysWhoseAccountUntilItIsDropped) {
  EXPECT_EQ(NotedErasing(session_).value(), std::nullopt);
  ASSERT_THAT(NoteErasing("per_a", session_), IsOk());
  EXPECT_EQ(NotedErasing(session_).value(), "per_a");
  ASSERT_THAT(DropErasing(session_), IsOk());
  EXPECT_EQ(NotedErasing(session_).value(), std::nullopt);
  EXPECT_THAT(DropErasing(session_), IsOk());
  std::ofstream(session_.ErasingFile()) << "{}";
  const auto broken = NotedErasing(session_);
  EXPECT_THAT(broken,
              StatusSays(absl::StatusCode::kDataLoss, "account-erasing.json"));
  EXPECT_TRUE(client::IsAboutOwnFile(broken.status()));
}

TEST_F(ErasingNoteTest, AKeyThatIsRefusedNowWasErased) {
  ASSERT_THAT(NoteErasing("per_a", session_), IsOk());
  server_.account = absl::UnauthenticatedError("who are you");
  EXPECT_TRUE(ErasureBegan(consent_, session_).value());
  EXPECT_TRUE(IsSetAside());
  EXPECT_EQ(NotedErasing(session_).value(), std::nullopt);
}

TEST_F(ErasingNoteTest, WhereTheAccountIsThereOrNobodyAnswersNothingChanges) {
  ASSERT_THAT(NoteErasing("per_a", session_), IsOk());
  EXPECT_FALSE(ErasureBegan(consent_, session_).value());
  for (const auto code :
       {absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded,
        absl::StatusCode::kDataLoss, absl::StatusCode::kPermissionDenied}) {
    server_.account = absl::Status(code, "?");
    EXPECT_THAT(ErasureBegan(consent_, session_), StatusIs(code));
  }
  EXPECT_FALSE(IsSetAside());
  EXPECT_EQ(NotedErasing(session_).value(), "per_a");
}

TEST_F(ErasingNoteTest, WhatCannotBeSetAsideIsTriedAgain) {
  ASSERT_THAT(NoteErasing("per_a", session_), IsOk());
  fs::create_directories(session_.SeenHeadFile().string() + ".erased/x");
  server_.account = absl::UnauthenticatedError("who are you");
  EXPECT_TRUE(
      client::IsAboutOwnFile(ErasureBegan(consent_, session_).status()));
  EXPECT_EQ(NotedErasing(session_).value(), "per_a");
}

}  // namespace
}  // namespace limpid::cli
