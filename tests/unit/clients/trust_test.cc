#include "clients/cpp/trust.h"

#include <fstream>
#include <string>

#include "common/tlog/note.h"
#include "gtest/gtest.h"
#include "limpid/identity/v1/identity_service.pb.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/clients/unary_connection.h"

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

// Says what a vault's server says of itself.
class FakeVault final : public UnaryConnection {
 public:
  absl::Status Call(const Method& /*method*/,
                    const google::protobuf::MessageLite& /*request*/,
                    google::protobuf::MessageLite& response) override {
    return response.ParseFromString(facts.SerializeAsString())
               ? absl::OkStatus()
               : absl::InternalError("no answer");
  }
  void AddLog(const std::string& origin, const std::string& vkey) {
    auto& log = *facts.add_logs();
    log.set_origin(origin);
    log.set_vkey(vkey);
  }
  identity::v1::GetOperatorResponse facts;
};

TEST(AddVault, PinsTheVaultsLogAndNoOther) {
  FakeVault server;
  server.facts.set_operator_("op.example");
  server.facts.set_source_id("src_v");
  server.AddLog("a.evil/access", "e1");
  server.AddLog("op.example/mirror/access", "e2");
  server.AddLog("op.example/register", "e3");
  server.AddLog("op.example/vault", "k3");
  Trust trust = Example();
  trust.source_id.clear();
  trust.log_vkeys.erase("op.example/register");
  ASSERT_THAT(AddVault(server, trust), IsOk());
  EXPECT_EQ(trust.source_id, "src_v");
  EXPECT_EQ(trust.log_vkeys.size(), 2U);
  EXPECT_EQ(trust.log_vkeys["op.example/access"], "k1");
  EXPECT_EQ(trust.log_vkeys["op.example/vault"], "k3");
  // Another key for what consent's server named.
  trust.source_id.clear();
  trust.log_vkeys["op.example/vault"] = "k4";
  EXPECT_THAT(AddVault(server, trust), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(Trust, TakesALogByItsWholeOrigin) {
  const auto vkey = [](const std::string& origin) {
    const auto key = crypto::Ed25519PrivateKey::Generate();
    return tlog::NoteVerifier::Create(origin, tlog::NoteAlgorithm::kEd25519,
                                      key.PublicKey())
        ->Vkey();
  };
  Trust trust = Example();
  trust.log_vkeys.clear();
  // First by the alphabet, and with the same end.
  trust.log_vkeys["a.evil/access"] = vkey("a.evil/access");
  EXPECT_THAT(trust.LogPolicy("/access"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  trust.log_vkeys["op.example/access"] = vkey("op.example/access");
  const auto policy = trust.LogPolicy("/access");
  ASSERT_THAT(policy, IsOk());
  ASSERT_EQ(policy->logs().size(), 1U);
  EXPECT_EQ(policy->logs().front().verifier.name(), "op.example/access");
}

TEST(Trust, FindsTheLogByItsName) {
  EXPECT_THAT(Example().LogPolicy("/nothing"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace limpid::client
