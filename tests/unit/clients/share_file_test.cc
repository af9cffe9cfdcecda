// Guardians' shares in files.

#include "clients/cpp/share_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_replace.h"
#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/crypto/random.h"
#include "common/crypto/slip39.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

namespace slip39 = crypto::slip39;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::StatusIs;

class ShareFileTest : public ::testing::Test {
 protected:
  ShareFileTest() {
    slip39::Splitting splitting;
    splitting.groups = {{2, 3}};
    shares_ = std::move(
        slip39::Split(crypto::RandomSecret(32), splitting).value().front());
  }
  std::filesystem::path File(const std::string& name) const {
    return files_.path() / name;
  }
  static std::string Text(const base::SecretBytes& words) {
    return base::ToText(words.Reveal(base::SecretAccess::Get()));
  }
  static std::string Contents(const std::filesystem::path& file) {
    std::ifstream in(file);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }

  testing::TempDir files_;
  slip39::GroupShares shares_;
};

TEST_F(ShareFileTest, AShareComesBackAsItWas) {
  const auto file = File(ShareFileName({1, 2, 3}));
  EXPECT_EQ(file.filename(), "guardian-1-of-3.txt");
  ASSERT_THAT(WriteNewShareFile(shares_[0], {1, 2, 3}, file), IsOk());
  struct stat facts {};
  ASSERT_EQ(stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600);
  const std::string text = Contents(file);
  EXPECT_THAT(text, HasSubstr("share 1 of 3"));
  EXPECT_THAT(text, HasSubstr("\nwords:\n"));
  const auto words = ReadShareFile(file);
  ASSERT_THAT(words, IsOk());
  const auto share = slip39::FromWords(*words);
  ASSERT_THAT(share, IsOk());
  EXPECT_EQ(slip39::ToWords(*share), shares_[0]);
}

TEST_F(ShareFileTest, IsNeverOverwritten) {
  const auto file = File("share");
  ASSERT_THAT(WriteNewShareFile(shares_[0], {1, 2, 3}, file), IsOk());
  const std::string before = Contents(file);
  EXPECT_THAT(WriteNewShareFile(shares_[1], {2, 2, 3}, file),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Contents(file), before);
}

TEST_F(ShareFileTest, WordsThatWereTypedAreRead) {
  std::ofstream(File("typed")) << "\n  " << Text(shares_[0]) << "\r\n\n";
  const auto words = ReadShareFile(File("typed"));
  ASSERT_THAT(words, IsOk());
  EXPECT_THAT(slip39::FromWords(*words), IsOk());
}

// As editors and mail programs leave it.
TEST_F(ShareFileTest, AFileIsReadWhateverEndsItsLines) {
  const auto file = File("share");
  ASSERT_THAT(WriteNewShareFile(shares_[0], {1, 2, 3}, file), IsOk());
  const std::string text = Contents(file);
  const std::string words = text.substr(text.find("words:\n"));
  const std::vector<std::string> edited = {
      absl::StrReplaceAll(text, {{"\n", "\r\n"}}),
      absl::StrReplaceAll(text, {{"words:\n", "words: \t\n"}}), words,
      absl::StrReplaceAll(words, {{"\n", "\r\n"}})};
  for (const std::string& contents : edited) {
    std::ofstream(File("edited"), std::ios::binary) << contents;
    const auto read = ReadShareFile(File("edited"));
    ASSERT_THAT(read, IsOk());
    const auto share = slip39::FromWords(*read);
    ASSERT_THAT(share, IsOk());
    EXPECT_EQ(slip39::ToWords(*share), shares_[0]);
  }
}

TEST_F(ShareFileTest, WhatIsNoShareIsRefusedWithoutItsWords) {
  EXPECT_THAT(ReadShareFile(File("none")),
              StatusIs(absl::StatusCode::kNotFound));
  std::ofstream(File("empty")) << " \n";
  EXPECT_THAT(ReadShareFile(File("empty")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  std::ofstream(File("cut")) << "limpid guardian share\n\nwords:\n";
  EXPECT_THAT(ReadShareFile(File("cut")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  std::ofstream(File("long")) << std::string(5000, 'a');
  const auto refused = ReadShareFile(File("long"));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(base::ToStd(refused.status().message())),
              Not(HasSubstr("aaa")));
}

}  // namespace
}  // namespace limpid::client
