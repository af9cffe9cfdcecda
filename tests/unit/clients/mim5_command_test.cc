// limpid mim5 check over files: what it says and with which code it ends.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "clients/cli/command_line.h"
#include "clients/cli/session.h"
#include "common/json/json.h"
#include "common/mim5/document.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/shared.h"
#include "tests/unit/mim5/sample.h"

namespace limpid::cli {
namespace {

using mim5::Document;

class Mim5Command : public ::testing::Test {
 protected:
  ExitCode Check(const mim5::Documents& documents, const json::Value& index,
                 bool json = false) {
    out_.str("");
    Write("index.json", index);
    for (const auto& [document, value] : documents) {
      Write(mim5::FileOf(document), value);
    }
    Session session(Terminal(out_, out_, {}), clock_);
    session.options().json = json;
    return RunCommandLine(
        {"mim5", "check", (folder_.path() / "index.json").string()}, session);
  }
  static json::Value IndexOf(const mim5::Documents& documents) {
    return mim5::MakeIndex(documents.at(Document::kAdm),
                           documents.at(Document::kAlgorithms),
                           documents.at(Document::kCertifications));
  }
  [[nodiscard]] bool Says(std::string_view text) const {
    return out_.str().find(text) != std::string::npos;
  }

  std::ostringstream out_;

 private:
  void Write(const std::string& name, const json::Value& value) {
    std::ofstream(folder_.path() / name) << json::Canonical(value);
  }

  testing::TempDir folder_;
  testing::FakeClock clock_{
      absl::FromCivil(absl::CivilDay(2026, 11, 30), absl::UTCTimeZone())};
};

TEST_F(Mim5Command, SaysWhatAGoodVendorsAnswersAreAbout) {
  const mim5::Documents good = mim5::GoodVendor();
  EXPECT_EQ(Check(good, IndexOf(good)), ExitCode::kOk) << out_.str();
  EXPECT_TRUE(Says("system adviser-3")) << out_.str();
  EXPECT_TRUE(Says("Adviser")) << out_.str();
  EXPECT_EQ(Check(good, IndexOf(good), /*json=*/true), ExitCode::kOk);
  EXPECT_TRUE(Says("\"subject\"")) << out_.str();
}

// The index is about the vendor's own, the certificates are a competitor's.
TEST_F(Mim5Command, AnothersCertificatesAreNoPass) {
  mim5::Documents mixed = mim5::GoodVendor();
  json::Value& other = mixed[Document::kCertifications];
  other = mim5::With(other, "/subject/id", json::Value("adviser-4"));
  const json::Value index =
      mim5::With(IndexOf(mixed), "/subject/id", json::Value("adviser-3"));
  EXPECT_NE(Check(mixed, index), ExitCode::kOk);
  EXPECT_TRUE(Says("it is about something else")) << out_.str();
}

// What was cut off may be what was blocked.
TEST_F(Mim5Command, AListThatIsCutOffOrEmptyIsNoPass) {
  for (const std::string_view at : {"/complete", "/validations"}) {
    mim5::Documents cut = mim5::GoodVendor();
    json::Value& answer = cut[Document::kCertifications];
    answer =
        mim5::With(answer, at, mim5::Json(at == "/complete" ? "false" : "[]"));
    EXPECT_NE(Check(cut, IndexOf(cut)), ExitCode::kOk) << at;
  }
}

}  // namespace
}  // namespace limpid::cli
