// Reading a vendor's documents: what an index may lead to, and what does not
// count.

#include "clients/cli/mim5_reader.h"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/mim5/sample.h"

namespace limpid::cli {
namespace {

using mim5::Document;
using testing::IsOk;
using testing::StatusIs;

// A vendor's folder in memory.
class Mim5Reader : public ::testing::Test {
 protected:
  Mim5Reader() {
    const mim5::Documents good = mim5::GoodVendor();
    index_ =
        mim5::MakeIndex(good.at(Document::kAdm), good.at(Document::kAlgorithms),
                        good.at(Document::kCertifications));
    for (const auto& [document, value] : good) {
      files_[mim5::FileOf(document)] = json::Pretty(value);
    }
  }
  absl::StatusOr<Mim5Reading> Read() {
    return ReadMim5(
        json::Canonical(index_),
        [this](std::string_view reference,
               std::size_t max_bytes) -> absl::StatusOr<std::string> {
          asked_.emplace_back(reference);
          const auto found = files_.find(std::string(reference));
          if (found == files_.end()) return absl::NotFoundError("not there");
          if (found->second.size() > max_bytes) {
            return absl::ResourceExhaustedError("too long");
          }
          return found->second;
        });
  }

  json::Value index_;
  std::map<std::string, std::string> files_;
  std::vector<std::string> asked_;
};

TEST_F(Mim5Reader, ReadsAllThatAnIndexLeadsTo) {
  const auto reading = Read();
  ASSERT_THAT(reading, IsOk());
  EXPECT_TRUE(reading->unread.empty());
  EXPECT_EQ(reading->documents.size(), 4U);
}

TEST_F(Mim5Reader, AnIndexLeadsNowhereElse) {
  for (const std::string_view href :
       {"https://other.example/adm.json", "//other.example/adm.json",
        "/etc/passwd", "../adm.json", "a/../../adm.json", "adm.json?x=1",
        "adm.json#x", "a%2e%2e/adm.json", "a\\adm.json", "adm .json"}) {
    index_ = mim5::With(index_, "/automated_decision_making/href",
                        json::Value(href));
    asked_.clear();
    const auto reading = Read();
    ASSERT_THAT(reading, IsOk());
    EXPECT_EQ(reading->unread.size(), 1U) << href;
    EXPECT_EQ(asked_.size(), 2U) << href;
  }
  EXPECT_FALSE(IsBeside(""));
  EXPECT_TRUE(IsBeside("mim5/adm.json"));
}

TEST_F(Mim5Reader, WhatIsMissingDamagedOrAnotherDoesNotCount) {
  files_.erase("adm.json");
  files_["algorithms.json"] = "{";
  files_["certifications.json"] = json::Canonical(
      mim5::With(*json::ParseStrict(files_["certifications.json"]),
                 "/certifications/0/state", json::Value("suspended")));
  const auto reading = Read();
  ASSERT_THAT(reading, IsOk());
  ASSERT_EQ(reading->unread.size(), 3U);
  EXPECT_NE(reading->unread[2].fault.find("digest"), std::string::npos);
  EXPECT_EQ(reading->documents.size(), 1U);
}

// A competitor's certificates, with a digest that is right.
TEST_F(Mim5Reader, AnAnswerAboutAnotherDoesNotCount) {
  for (const std::string_view part : {"/kind", "/id", "/name"}) {
    const mim5::Documents good = mim5::GoodVendor();
    const std::string_view put = part == "/kind" ? "deployment" : "other";
    const json::Value other =
        mim5::With(good.at(Document::kCertifications),
                   "/subject" + std::string(part), json::Value(put));
    files_["certifications.json"] = json::Canonical(other);
    index_ = mim5::With(index_, "/certifications/digest",
                        json::Value(mim5::DigestOf(other)));
    const auto reading = Read();
    ASSERT_THAT(reading, IsOk());
    ASSERT_EQ(reading->unread.size(), 1U) << part;
    EXPECT_EQ(reading->unread[0].document, Document::kCertifications);
    EXPECT_EQ(reading->unread[0].fault, "it is about something else");
  }
}

TEST_F(Mim5Reader, AnotherSchemaThanTheIndexSaysDoesNotCount) {
  index_ = mim5::With(index_, "/algorithms/schema",
                      json::Value("limpid-mim5-algorithms/2"));
  EXPECT_EQ(Read()->unread.size(), 1U);
  index_.Set("schema", "other/1");
  EXPECT_THAT(Read(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(Mim5Reader, ReadsFilesAndNoOtherSchemes) {
  const testing::TempDir folder;
  files_["index.json"] = json::Canonical(index_);
  for (const auto& [name, text] : files_) {
    std::ofstream(folder.path() / name) << text;
  }
  const auto reading =
      ReadMim5From((folder.path() / "index.json").string(), "");
  ASSERT_THAT(reading, IsOk());
  EXPECT_TRUE(reading->unread.empty());
  for (const std::string target :
       {"http://example.org/index.json", "ftp://example.org/index.json",
        "file:///index.json"}) {
    EXPECT_THAT(ReadMim5From(target, ""),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << target;
  }
  EXPECT_THAT(ReadMim5From((folder.path() / "none.json").string(), ""),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(Mim5Links, AddressesInsideTheOwnNetworkAreNotAsked) {
  EXPECT_TRUE(
      AskLinks({"https://127.0.0.1/", "https://localhost/", "https://10.0.0.1/",
                "http://example.org/", "https://[::1]/", "not an address"})
          .answered.empty());
}

TEST(Mim5Links, BeyondAHundredTheyAreNamedAsNotAsked) {
  std::set<std::string, std::less<>> links;
  for (std::size_t i = 0; i < kMaxLinksAsked; ++i) {
    links.insert(absl::StrCat("no address ", i));
  }
  EXPECT_TRUE(AskLinks(links).unasked.empty());
  links.insert({"the last", "the very last"});
  const AskedLinks asked = AskLinks(links);
  EXPECT_TRUE(asked.answered.empty());
  EXPECT_EQ(asked.unasked,
            (std::set<std::string, std::less<>>{"the last", "the very last"}));
}

}  // namespace
}  // namespace limpid::cli
