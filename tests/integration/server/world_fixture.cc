#include "tests/integration/server/world_fixture.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "clients/cpp/register_client.h"
#include "common/crypto/keyring.h"
#include "common/crypto/root_key.h"
#include "common/rpc/tls13.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/require.h"

namespace limpid::testing {
namespace {

namespace v1 = ::limpid::algoregister::v1;

// `more`: further fields, each with a comma before it.
std::string Publish(client::PublisherClient& publisher,
                    v1::RegistrationKind kind, std::string_view title,
                    const std::string& more = "") {
  v1::PrepareVersionRequest request;
  request.set_reason("first registration");
  request.mutable_create()->set_kind(kind);
  const std::string text =
      std::string(R"({"origin":"human","text":")") + std::string(title) + "\"}";
  const std::string field = R"({"state":"given","value":{"en":)" + text + "}}";
  request.mutable_create()->set_content_json(R"({"fields":{"title":)" + field +
                                             R"(,"description":)" + field +
                                             more + "}}");
  const auto published = publisher.Publish(request);
  EXPECT_THAT(published, IsOk());
  return published.ok() ? published->registration_id() : "";
}

}  // namespace

crypto::Ed25519PrivateKey EvidenceKeyOf(
    const std::filesystem::path& directory) {
  const auto config = Require(
      server::LoadConfig(directory / server::layout::kConfig), "config");
  std::shared_ptr<const crypto::RootKey> root =
      Require(crypto::FileRootKey::Open(config.Resolve(config.root_key_file),
                                        [](std::string_view /*warning*/) {}),
              "root key");
  const auto ring =
      Require(crypto::KeyRing::Open(server::KeyRingPath(config, "consent"),
                                    "consent", std::move(root)),
              "key ring");
  return Require(crypto::Ed25519PrivateKey::FromSeed(
                     Require(ring->Get("evidence-seed"), "seed")),
                 "key");
}

void WorldTest::SetUpTestSuite() { rpc::RequireTls13(); }

TrainingTarget WorldTest::RegisterTrainingTarget() {
  const PublisherSide side = world_.AddPublisher("register-desk");
  client::PublisherClient publisher(*side.connection, side.key);
  TrainingTarget out;
  out.dataset_id =
      Publish(publisher, v1::REGISTRATION_KIND_DATASET, "Households");
  out.system_id =
      Publish(publisher, v1::REGISTRATION_KIND_SYSTEM, "Allowance adviser",
              R"(,"dataset_uses":{"state":"given","value":[{"dataset":")" +
                  out.dataset_id + R"(","use":"train"}]})");
  v1::PrepareVersionRequest request;
  request.set_reason("a snapshot to train on");
  request.mutable_add_snapshot()->set_dataset_id(out.dataset_id);
  request.mutable_add_snapshot()->set_name("first");
  v1::PrepareVersionResponse prepared;
  EXPECT_THAT(publisher.Publish(request, &prepared), IsOk());
  out.snapshot_id = prepared.snapshot_id();
  return out;
}

}  // namespace limpid::testing
