#include "clients/cpp/trust.h"

#include <fstream>
#include <string>

#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

Trust Example() {
  Trust trust;
  trust.server = "localhost:7443";
  trust.ca_pem = "-----BEGIN CERTIFICATE-----\n";
  trust.operator_name = "op.example";
  trust.source_id = "src_x";
  trust.evidence_key.bytes.fill(7);
  trust.log_vkeys = {{"op.example/access", "k1"},
                     {"op.example/register", "k2"}};
  return trust;
}

TEST(Trust, ComesBackFromItsFile) {
  const testing::TempDir dir;
  const auto file = dir.path() / "trust.json";
  ASSERT_THAT(Example().Write(file), IsOk());
  const auto read = Trust::Read(file);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(*read, Example());
}

TEST(Trust, KeepsTheVaultsOwnServer) {
  const testing::TempDir dir;
  const auto file = dir.path() / "trust.json";
  Trust split = Example();
  split.vault_server = "localhost:7543";
  split.vault_ca_pem = "another";
  ASSERT_THAT(split.Write(file), IsOk());
  const auto read = Trust::Read(file);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(*read, split);
}

TEST(Trust, RefusesWhatIsNoTrustFile) {
  const testing::TempDir dir;
  const auto file = dir.path() / "trust.json";
  EXPECT_THAT(Trust::Read(file), StatusIs(absl::StatusCode::kNotFound));
  for (const char* const text : {"", "{}", "[]", R"({"format":"other"})"}) {
    std::ofstream(file) << text;
    EXPECT_THAT(Trust::Read(file),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(CheckUnchanged, RefusesEverySilentChange) {
  EXPECT_THAT(CheckUnchanged(Example(), Example()), IsOk());
  Trust seen = Example();
  seen.log_vkeys.emplace("op.example/vault", "k3");
  EXPECT_THAT(CheckUnchanged(Example(), seen), IsOk());
  const auto refused = [](const Trust& changed, const char* what) {
    EXPECT_THAT(CheckUnchanged(Example(), changed),
                StatusSays(absl::StatusCode::kDataLoss, what));
  };
  seen = Example();
  seen.operator_name = "other.example";
  refused(seen, "name");
  seen = Example();
  seen.source_id = "src_y";
  refused(seen, "data source");
  seen = Example();
  seen.evidence_key.bytes[0] ^= 1;
  refused(seen, "evidence key");
  seen = Example();
  seen.log_vkeys["op.example/access"] = "k9";
  refused(seen, "log key");
  seen = Example();
  seen.log_vkeys.erase("op.example/access");
  refused(seen, "log key");
}

TEST(Trust, FindsTheLogByItsName) {
  EXPECT_THAT(Example().LogPolicy("/nothing"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace limpid::client
