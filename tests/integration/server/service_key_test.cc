// Keys of services over the wire: from a change of a service into the register
// log and back to a device that believes nobody, in one server and in two.

#include "common/receipt/service_key.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "clients/cli/command_line.h"
#include "clients/cli/failure.h"
#include "clients/cli/session.h"
#include "clients/cpp/governance_client.h"
#include "clients/cpp/service_client.h"
#include "clients/cpp/service_key_client.h"
#include "clients/cpp/service_key_file.h"
#include "common/base/detached.h"
#include "common/base/mutex.h"
#include "common/base/text.h"
#include "common/crypto/x509.h"
#include "consent/ids.h"
#include "consent/propagation/watch_hub.h"
#include "gtest/gtest.h"
#include "limpid/algoregister/v1/key_directory_service.pb.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/service_key_chain.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/require.h"

namespace limpid {
namespace {

namespace algoregister = limpid::algoregister::v1;
using receipt::ServiceKeyKind;
using testing::IsOk;
using testing::SeededKey;
using testing::StatusIs;
using testing::StatusSays;

constexpr client::Method kPublish = {
    "/limpid.algoregister.v1.KeyPublishingService/PublishServiceKey"};

// Reads again until the service has `count` entries in the log: the sender does
// not wait for anybody.
client::CheckedServiceKeys WaitForKeys(client::ServiceKeyClient& reader,
                                       const std::string& service,
                                       std::size_t count) {
  for (int i = 0; i < 400; ++i) {
    auto keys = reader.Read(service);
    if (keys.ok() && keys->leaf_indexes.size() >= count) return *keys;
    EXPECT_TRUE(keys.ok() || absl::IsNotFound(keys.status()) ||
                absl::IsUnavailable(keys.status()))
        << keys.status();
    absl::SleepFor(absl::Milliseconds(25));
  }
  ADD_FAILURE() << "the keys never came";
  return {};
}

class ServiceKeyTest : public testing::WorldTest {
 protected:
  void SetUp() override { plan_.attributes = {"person.name"}; }

  std::unique_ptr<client::Connection> Connected(
      const rpc::ChannelOptions& channel) {
    return testing::Require(client::Connect(channel), "connect");
  }
  client::ServiceKeyClient Reader() {
    return {*anonymous_, world_.trust().evidence_key,
            *world_.trust().LogPolicy("/register")};
  }
  // A service of two certificates.
  absl::StatusOr<consent::v1::Service> AddCity(const std::string& first,
                                               const std::string& second) {
    consent::v1::CreateServiceRequest request;
    request.set_organisation("city");
    request.set_contact("privacy@service.example");
    request.add_spki_thumbprints(first);
    request.add_spki_thumbprints(second);
    request.add_ceiling_purposes(plan_.purpose);
    request.add_ceiling_attributes("person.name");
    request.add_legal_bases(consent::v1::LEGAL_BASIS_CONSENT);
    return world_.admin().CreateService(request);
  }
  // The change that takes every other certificate from it.
  static consent::v1::ProposeServiceChangeRequest LeftWith(
      const consent::v1::Service& service, const std::string& key) {
    consent::v1::ProposeServiceChangeRequest change;
    change.set_service_id(service.service_id());
    change.set_reason("stolen");
    consent::v1::ServiceLimits& limits = *change.mutable_limits();
    limits.add_spki_thumbprints(key);
    *limits.mutable_ceiling_purposes() = service.ceiling_purposes();
    *limits.mutable_ceiling_attributes() = service.ceiling_attributes();
    *limits.mutable_legal_bases() = service.legal_bases();
    return change;
  }
  absl::StatusOr<std::int64_t> Publish(const rpc::ChannelOptions& channel,
                                       const base::Bytes& entry) {
    const auto connection = Connected(channel);
    algoregister::PublishServiceKeyRequest request;
    request.set_entry(base::ToText(entry));
    const auto response =
        client::Invoke<algoregister::PublishServiceKeyResponse>(
            *connection, kPublish, request);
    if (!response.ok()) return response.status();
    return response->leaf_index();
  }
  // Runs the command line as an administrator; what it prints goes to `out_`.
  cli::ExitCode Run(std::vector<std::string> words,
                    const std::string& certificate = "clients/admin") {
    out_.str("");
    cli::Session session{cli::Terminal(out_, out_, {}), world_.clock()};
    session.options().server = absl::StrReplaceAll(
        world_.anonymous_channel().address, {{"127.0.0.1", "localhost"}});
    const auto at = [this](const std::string& file) {
      return (world_.directory() / file).string();
    };
    session.options().ca_file = at("ca/server-ca.pem");
    session.options().certificate_file = at(certificate + ".pem");
    session.options().key_file = at(certificate + ".key");
    session.options().home = at("nobody");
    return cli::RunCommandLine(std::move(words), session);
  }
  std::string Vkey() {
    return world_.trust().log_vkeys.at("test.example/register");
  }
  cli::ExitCode Audit(const std::filesystem::path& log) {
    return Run({"audit", log.string(), "--vkey", Vkey()});
  }
  std::filesystem::path CopyOfLog() {
    const auto copy = directory_.path() / "copy";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(world_.directory() / "data/register/log", copy,
                          std::filesystem::copy_options::recursive);
    return copy;
  }

  std::ostringstream out_;
  testing::AgreementPlan plan_;
  std::unique_ptr<client::Connection> anonymous_ =
      Connected(world_.anonymous_channel());
};

TEST_F(ServiceKeyTest, ARegisteredServicesCertificateIsInTheLog) {
  const testing::ServiceSide city = world_.AddService("city", plan_);
  auto reader = Reader();
  const auto keys = WaitForKeys(reader, city.id, 1);
  const auto thumbprint =
      crypto::SpkiThumbprint(city.channel.certificate_pem).value();
  EXPECT_THAT(keys.keys.CheckUsable(ServiceKeyKind::kCertificate, thumbprint,
                                    world_.clock().Now()),
              IsOk());
  EXPECT_THAT(reader.CurrentEncryptionKey(city.id, world_.clock().Now()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  // Another operator's key, or another log's, makes it worthless.
  client::ServiceKeyClient doubting(*anonymous_, SeededKey(1).PublicKey(),
                                    *world_.trust().LogPolicy("/register"));
  EXPECT_THAT(doubting.Read(city.id), StatusIs(absl::StatusCode::kDataLoss));
  client::ServiceKeyClient elsewhere(*anonymous_, world_.trust().evidence_key,
                                     *world_.trust().LogPolicy("/access"));
  EXPECT_THAT(elsewhere.Read(city.id), StatusIs(absl::StatusCode::kDataLoss));
  world_.Restart();
  EXPECT_EQ(WaitForKeys(reader, city.id, 1).leaf_indexes, keys.leaf_indexes);
}

TEST_F(ServiceKeyTest, ARemovedCertificateIsRetiredInTheLog) {
  const std::string first(32, 'a');
  const std::string second(32, 'b');
  const auto city = AddCity(first, second);
  ASSERT_THAT(city, IsOk());
  const auto admin = Connected(world_.admin_channel());
  client::GovernanceClient governance(*admin);
  ASSERT_THAT(governance.ProposeServiceChange(LeftWith(*city, second)), IsOk());
  auto reader = Reader();
  const auto keys = WaitForKeys(reader, city->service_id(), 3);
  const auto usable = [&](const std::string& key) {
    return keys.keys.CheckUsable(ServiceKeyKind::kCertificate,
                                 base::ToArray<32>(base::AsBytes(key)).value(),
                                 world_.clock().Now() + absl::Seconds(1));
  };
  EXPECT_THAT(usable(first),
              StatusSays(absl::StatusCode::kFailedPrecondition, "retired"));
  EXPECT_THAT(usable(second), IsOk());
  auto state = governance.GetServiceKeys(city->service_id());
  // The sender notes what is in the log after it is there.
  for (int i = 0; i < 400 && state.ok() && state->logged_count() < 3; ++i) {
    absl::SleepFor(absl::Milliseconds(25));
    state = governance.GetServiceKeys(city->service_id());
  }
  ASSERT_THAT(state, IsOk());
  EXPECT_EQ(state->entries_size(), 3);
  EXPECT_EQ(state->logged_count(), 3U);
  EXPECT_EQ(state->failure(), consent::v1::SERVICE_KEY_FAILURE_UNSPECIFIED);
}

// A stolen certificate hears no more from the moment it is removed, and no
// service listens without bound.
TEST_F(ServiceKeyTest, StreamsAreEightAndEndWithTheirKey) {
  // A certificate of the services' authority, and a second key to be left.
  const rpc::ChannelOptions channel = world_.AddPublisher("city").channel;
  const std::string second(32, 'b');
  const auto city = AddCity(
      base::ToText(crypto::SpkiThumbprint(channel.certificate_pem).value()),
      second);
  ASSERT_THAT(city, IsOk());
  const auto connected = Connected(channel);
  client::ServiceClient service(*connected, world_.clock());
  std::vector<std::thread> streams;
  base::Mutex mutex;
  std::vector<absl::Status> ended;
  std::atomic<std::size_t> hears = 0;
  for (std::size_t i = 0; i < consent::kMaxWatchStreams; ++i) {
    streams.emplace_back([&] {
      bool first = true;
      const auto connection = Connected(channel);
      const absl::Status status =
          client::ServiceClient(*connection, world_.clock())
              .Watch("", absl::Seconds(40),
                     [&](const consent::v1::WatchResponse&) {
                       if (std::exchange(first, false)) ++hears;
                       return true;
                     });
      const base::MutexLock lock(mutex);
      ended.push_back(base::Detached(status));
    });
  }
  for (int i = 0; i < 400 && hears < consent::kMaxWatchStreams; ++i) {
    absl::SleepFor(absl::Milliseconds(25));
  }
  EXPECT_EQ(hears, consent::kMaxWatchStreams);
  const auto any = [](const consent::v1::WatchResponse&) { return false; };
  EXPECT_THAT(service.Watch("", absl::Seconds(5), any),
              StatusSays(absl::StatusCode::kResourceExhausted, "8 streams"));
  const auto admin = Connected(world_.admin_channel());
  const absl::Time removed = absl::Now();
  EXPECT_THAT(client::GovernanceClient(*admin).ProposeServiceChange(
                  LeftWith(*city, second)),
              IsOk());
  for (std::thread& stream : streams) stream.join();
  EXPECT_LT(absl::Now() - removed, absl::Seconds(10));
  for (const absl::Status& status : ended) {
    EXPECT_THAT(status, StatusSays(absl::StatusCode::kPermissionDenied,
                                   "no longer your service's"));
  }
  EXPECT_THAT(service.Watch("", absl::Seconds(5), any),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(ServiceKeyTest, OnlyWhatTheOperatorSignedIsTakenAndFromWhomItMay) {
  const auto id = consent::ServiceId::Random();
  testing::ServiceKeyChainOf chain(id.bytes(),
                                   testing::EvidenceKeyOf(world_.directory()));
  const base::Bytes entry = chain.Sign(SeededKey(7));
  const testing::ServiceSide city = world_.AddService("city", plan_);
  EXPECT_THAT(Publish(world_.anonymous_channel(), entry),
              StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(Publish(city.channel, entry),
              StatusIs(absl::StatusCode::kPermissionDenied));
  testing::ServiceKeyChainOf forged(id.bytes(), SeededKey(1));
  EXPECT_THAT(Publish(world_.admin_channel(), forged.Sign(SeededKey(7))),
              StatusIs(absl::StatusCode::kInvalidArgument));
  const auto index = Publish(world_.admin_channel(), entry);
  ASSERT_THAT(index, IsOk());
  EXPECT_EQ(*Publish(world_.admin_channel(), entry), *index);
  chain.Sign(SeededKey(8));
  EXPECT_THAT(Publish(world_.admin_channel(), chain.Sign(SeededKey(9))),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ServiceKeyTest, ADeviceEncryptsToTheKeyThatTheLogShows) {
  const auto id = consent::ServiceId::Random();
  testing::ServiceKeyChainOf chain(id.bytes(),
                                   testing::EvidenceKeyOf(world_.directory()));
  const auto secret = crypto::X25519PrivateKey::Generate();
  const rpc::ChannelOptions admin = world_.admin_channel();
  ASSERT_THAT(Publish(admin, chain.Sign(SeededKey(7))), IsOk());
  ASSERT_THAT(
      Publish(admin, chain.Encrypt(secret.PublicKey().bytes, SeededKey(7))),
      IsOk());
  auto reader = Reader();
  const absl::Time now = world_.clock().Now();
  const auto key = reader.CurrentEncryptionKey(id.Text(), now);
  ASSERT_THAT(key, IsOk());
  const auto sealed = key->Seal(base::AsBytes("for the service alone"));
  ASSERT_THAT(sealed, IsOk());
  EXPECT_THAT(secret.Open(*sealed), IsOk());
  // Before it began nobody may use it.
  EXPECT_THAT(reader.CurrentEncryptionKey(id.Text(), absl::UnixEpoch()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  // Without the signing key that proved it, it is worth nothing.
  ASSERT_THAT(Publish(admin, chain.Retire(ServiceKeyKind::kSigning,
                                          SeededKey(7).PublicKey().bytes)),
              IsOk());
  EXPECT_THAT(reader.CurrentEncryptionKey(id.Text(), now),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ServiceKeyTest, AnAuditAcceptsTheLogAndNoticesOneByte) {
  const testing::ServiceSide city = world_.AddService("city", plan_);
  auto reader = Reader();
  (void)WaitForKeys(reader, city.id, 1);
  (void)RegisterTrainingTarget();
  (void)WaitForKeys(reader, world_.AddService("court", plan_).id, 1);
  const auto log = CopyOfLog();
  EXPECT_EQ(Audit(log), cli::ExitCode::kOk);
  // One byte of the key, in the bundle that holds its entry.
  const auto thumbprint =
      crypto::SpkiThumbprint(city.channel.certificate_pem).value();
  int damaged = 0;
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(log / "tile/entries")) {
    if (!file.is_regular_file()) continue;
    std::string text = testing::ReadFile(file.path());
    const std::size_t at = text.find(base::ToText(thumbprint));
    if (at == std::string::npos) continue;
    text[at] = static_cast<char>(text[at] ^ 1);
    std::ofstream(file.path(), std::ios::binary) << text;
    ++damaged;
  }
  ASSERT_GE(damaged, 1);
  EXPECT_EQ(Audit(log), cli::ExitCode::kVerificationFailed);
}

TEST_F(ServiceKeyTest, TheCommandLineMakesProposesAndReadsKeys) {
  const testing::ServiceSide city = world_.AddService("city", plan_);
  const std::string signing = (directory_.path() / "signing").string();
  const std::string encryption = (directory_.path() / "encryption").string();
  ASSERT_EQ(Run({"service", "key-new", city.id, signing, "--kind", "signing"}),
            cli::ExitCode::kOk);
  ASSERT_EQ(Run({"service", "key-new", city.id, encryption, "--kind",
                 "encryption", "--signing-key", signing}),
            cli::ExitCode::kOk);
  EXPECT_THAT(client::ReadEncryptionKey(encryption), IsOk());
  EXPECT_EQ(Run({"service", "key-new", city.id, signing, "--kind", "signing"}),
            cli::ExitCode::kStateBroken);
  ASSERT_EQ(Run({"admin", "service-key", "add", city.id, signing + ".pub",
                 "--reason", "first key"}),
            cli::ExitCode::kOk);
  EXPECT_NE(out_.str().find("proposed"), std::string::npos) << out_.str();
  // An encryption key waits for the signing key that proves it.
  EXPECT_EQ(Run({"admin", "service-key", "add", city.id, encryption + ".pub",
                 "--reason", "too early"}),
            cli::ExitCode::kFailed);
  auto reader = Reader();
  const auto keys = WaitForKeys(reader, city.id, 1);
  const std::string evidence =
      base::Base64UrlEncode(world_.trust().evidence_key.bytes);
  ASSERT_EQ(Run({"service", "keys", city.id, "--evidence-key", evidence,
                 "--vkey", Vkey()}),
            cli::ExitCode::kOk);
  EXPECT_NE(out_.str().find("certificate"), std::string::npos) << out_.str();
  EXPECT_EQ(Run({"service", "keys", city.id}), cli::ExitCode::kUsage);
  const std::string wrong =
      base::Base64UrlEncode(SeededKey(1).PublicKey().bytes);
  EXPECT_EQ(Run({"service", "keys", city.id, "--evidence-key", wrong, "--vkey",
                 Vkey()}),
            cli::ExitCode::kVerificationFailed);
  EXPECT_EQ(Run({"admin", "service-key", "show", city.id}), cli::ExitCode::kOk);
  // Its last certificate stays.
  const std::string last = base::Base64UrlEncode(keys.keys.keys()[0].bytes);
  EXPECT_EQ(Run({"admin", "service-key", "remove", city.id, last, "--reason",
                 "stolen"}),
            cli::ExitCode::kFailed);
}

}  // namespace
}  // namespace limpid
