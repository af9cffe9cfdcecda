// A vault that gives an export without an end.

#include "clients/cpp/portability_client.h"

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "limpid/vault/v1/portability_service.pb.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/clients/unary_connection.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;
using testing::IsOk;
using testing::StatusIs;

// Gives `pages` pages of `lines` lines; without a number it never ends.
class EndlessVault final : public UnaryConnection {
 public:
  absl::Status Call(const Method& /*method*/,
                    const google::protobuf::MessageLite& /*request*/,
                    google::protobuf::MessageLite& response) override {
    auto& out = dynamic_cast<v1::ExportVaultResponse&>(response);
    ++calls;
    for (std::size_t i = 0; i < lines; ++i) out.add_lines(line);
    if (calls != pages) out.set_next_page_token("more");
    return absl::OkStatus();
  }
  std::string line;
  std::size_t lines = 0;
  int pages = 0;
  int calls = 0;
};

absl::Status Export(EndlessVault& vault) {
  return PortabilityClient(vault)
      .Export({"op.example", "src_ucq2fi5euwtkpkfjvkv2zlnov4",
               absl::FromUnixSeconds(1'767'225'600)})
      .status();
}

std::string Line(std::size_t bytes) {
  constexpr std::size_t kAround = 8;
  return absl::StrCat(R"({"l":")", std::string(bytes - kAround, 'x'), "\"}");
}

TEST(PortabilityClient, NothingIsABundleToo) {
  EndlessVault vault;
  vault.pages = 1;
  EXPECT_THAT(Export(vault), IsOk());
}

TEST(PortabilityClient, PagesWithoutLinesEndAtTheFirst) {
  EndlessVault vault;
  EXPECT_THAT(Export(vault), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(vault.calls, 1);
}

TEST(PortabilityClient, EmptyLinesEndAtTheFirst) {
  EndlessVault vault;
  vault.lines = 256;
  EXPECT_THAT(Export(vault), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(vault.calls, 1);
}

TEST(PortabilityClient, PagesOfOneShortLineEnd) {
  EndlessVault vault;
  vault.lines = 1;
  vault.line = Line(64);
  EXPECT_THAT(Export(vault), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(vault.calls, 65'536);
}

TEST(PortabilityClient, LongLinesEndWhereABundleDoes) {
  EndlessVault vault;
  vault.lines = 2;
  vault.line = Line(std::size_t{512} << 10U);
  EXPECT_THAT(Export(vault), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_LE(vault.calls, 257);
}

}  // namespace
}  // namespace limpid::client
