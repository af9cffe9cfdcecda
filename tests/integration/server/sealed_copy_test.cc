// A sealed value that one service may have: from the device, which believes the
// register log and what the person signed, through a server that cannot open
// it, to the service.

#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "clients/cli/session.h"
#include "clients/cli/sharing.h"
#include "clients/cpp/copy_client.h"
#include "clients/cpp/grant_book.h"
#include "clients/cpp/sealed_client.h"
#include "clients/cpp/service_key_client.h"
#include "common/base/id.h"
#include "common/receipt/grant_copy.h"
#include "gtest/gtest.h"
#include "limpid/algoregister/v1/key_directory_service.pb.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/service_key_chain.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/require.h"

namespace limpid {
namespace {

namespace v1 = limpid::vault::v1;
using testing::IsOk;
using testing::SeededKey;
using testing::StatusIs;

constexpr char kName[] = "person.name";
constexpr char kBirthDate[] = "person.birth_date";
constexpr char kNameValue[] = R"({"family":"Jansen","given":"Ada"})";
constexpr char kOtherName[] = R"({"family":"Jansen","given":"Eva"})";
constexpr client::Method kListKeys = {
    "/limpid.algoregister.v1.KeyDirectoryService/ListServiceKeys", true};
constexpr client::Method kPublish = {
    "/limpid.algoregister.v1.KeyPublishingService/PublishServiceKey"};

class SealedCopyTest : public testing::WorldTest {
 protected:
  void SetUp() override {
    plan_.attributes = {kName};
    plan_.over_18 = true;
    cinema_ = world_.AddService("cinema", plan_);
    agreement_ = world_.AddAgreement(cinema_, plan_);
    ASSERT_THAT(sealed_.Put(kName, kNameValue), IsOk());
    ASSERT_THAT(sealed_.Put(kBirthDate, R"("1990-02-28")"), IsOk());
  }

  // Puts an encryption key of the service into the register log, as two
  // administrators and a day would.
  void PublishKey() {
    algoregister::v1::ListServiceKeysRequest list;
    list.set_service_id(cinema_.id);
    algoregister::v1::ListServiceKeysResponse keys;
    for (int i = 0; i < 400 && keys.keys_size() == 0; ++i) {
      // The sender does not wait for anybody.
      absl::SleepFor(absl::Milliseconds(25));
      const auto found =
          client::Invoke<algoregister::v1::ListServiceKeysResponse>(
              *anonymous_, kListKeys, list);
      if (found.ok()) keys = *found;
    }
    ASSERT_EQ(keys.keys_size(), 1);
    testing::ServiceKeyChainOf chain(
        base::ParseIdText("svc", cinema_.id).value(),
        testing::EvidenceKeyOf(world_.directory()));
    chain.Adopt(base::ToBytes(base::AsBytes(keys.keys(0).entry())));
    const auto admin =
        testing::Require(client::Connect(world_.admin_channel()), "connect");
    for (const base::Bytes& entry :
         {chain.Sign(SeededKey(7)),
          chain.Encrypt(service_key_.PublicKey().bytes, SeededKey(7))}) {
      algoregister::v1::PublishServiceKeyRequest publish;
      publish.set_entry(base::ToText(entry));
      ASSERT_THAT(client::Invoke<algoregister::v1::PublishServiceKeyResponse>(
                      *admin, kPublish, publish),
                  IsOk());
    }
  }

  // Anna grants both lines on this device, which keeps what she signed.
  void Grant() {
    const auto request = cinema_.client->CreateRequest(agreement_, 1);
    ASSERT_THAT(request, IsOk());
    const auto bound = anna_->consent().BindRequest(request->request_code());
    ASSERT_THAT(bound, IsOk());
    record_ = bound->record().record_id();
    ASSERT_THAT(anna_->consent().Grant(record_, {{kName, kBirthDate}, "", {}},
                                       &grants_),
                IsOk());
  }
  v1::AttributeResult Read(const std::string& attribute = kName) {
    const auto read =
        cinema_.client->Read({record_, plan_.purpose, {attribute}, "", ""});
    EXPECT_THAT(read, IsOk());
    return read.ok() ? read->results(0) : v1::AttributeResult();
  }
  absl::StatusOr<client::OpenedCopy> Open(const v1::AttributeResult& result) {
    return client::OpenSealedCopy(result, record_, service_key_,
                                  world_.clock().Now());
  }

  testing::AgreementPlan plan_;
  testing::ServiceSide cinema_;
  std::string agreement_;
  std::string record_;
  crypto::X25519PrivateKey service_key_ = crypto::X25519PrivateKey::Generate();
  std::unique_ptr<client::Connection> anonymous_ =
      testing::Require(client::Connect(world_.anonymous_channel()), "connect");
  std::unique_ptr<testing::Person> anna_ = world_.AddPerson();
  client::DeviceHome device_{directory_.path() / "device-key.json",
                             directory_.path() / "sealed-key.json"};
  client::GrantBook grants_{directory_.path() / "grants"};
  client::SealedClient sealed_{anna_->vault_connection(), anna_->key(), device_,
                               world_.trust(), world_.clock()};
  client::ServiceKeyClient keys_{*anonymous_, world_.trust().evidence_key,
                                 *world_.trust().LogPolicy("/register")};
  client::CopyClient copies_{
      {anna_->vault_connection(), anna_->consent(), anna_->vault(), sealed_,
       keys_, anna_->key(), grants_, world_.clock()},
      world_.trust().source_id};
};

TEST_F(SealedCopyTest, TheServiceOpensWhatTheServerCannot) {
  PublishKey();
  Grant();
  EXPECT_EQ(Read().reason(), v1::REASON_SEALED);
  const auto shared = copies_.ShareAll();
  ASSERT_THAT(shared, IsOk());
  ASSERT_EQ(shared->size(), 2U);
  EXPECT_EQ((*shared)[0].attribute, kName);
  EXPECT_THAT((*shared)[0].outcome, IsOk());
  // Derived: the device makes no answers, and the server cannot.
  EXPECT_THAT((*shared)[1].outcome,
              StatusIs(absl::StatusCode::kFailedPrecondition));
  const v1::AttributeResult result = Read();
  EXPECT_EQ(result.verdict(), v1::VERDICT_ALLOWED);
  EXPECT_EQ(result.form(), v1::FORM_FULL);
  EXPECT_EQ(result.value_json(), "");
  EXPECT_EQ(result.SerializeAsString().find("Jansen"), std::string::npos);
  const auto opened = Open(result);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->value_json, kNameValue);
  EXPECT_EQ(Read(kBirthDate).reason(), v1::REASON_SEALED);
  // After a restart, from the files.
  world_.Restart();
  // A read is not sent twice: the connection is found dead by something else.
  ASSERT_THAT(cinema_.client->ListAgreements(), IsOk());
  EXPECT_THAT(Open(Read()), IsOk());
}

TEST_F(SealedCopyTest, ALaterPutIsCopiedAnewUnderTheSameGrantKey) {
  PublishKey();
  Grant();
  ASSERT_THAT(copies_.ShareAll(), IsOk());
  const auto first = Open(Read());
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(sealed_.Put(kName, kOtherName), IsOk());
  EXPECT_EQ(Read().reason(), v1::REASON_SEALED) << "the old value went out";
  ASSERT_THAT(copies_.ShareAll(kName), IsOk());
  const v1::AttributeResult again = Read();
  const auto second = client::OpenSealedCopy(
      again, record_, service_key_, world_.clock().Now(), first->grant_key);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->value_json, kOtherName);
  // Signed by another key it is not believed.
  EXPECT_THAT(
      client::OpenSealedCopy(again, record_, service_key_, world_.clock().Now(),
                             SeededKey(1).PublicKey()),
      StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(SealedCopyTest, AWithdrawalKillsWhatWasNotDelivered) {
  PublishKey();
  Grant();
  ASSERT_THAT(copies_.ShareAll(), IsOk());
  ASSERT_THAT(anna_->consent().Withdraw(record_), IsOk());
  EXPECT_EQ(Read().reason(), v1::REASON_WITHDRAWN);
  EXPECT_EQ(Read().sealed_copy(), "");
  EXPECT_EQ(copies_.Forget(record_).value(), 1);
  EXPECT_EQ(copies_.Forget(record_).value(), 0);
  EXPECT_TRUE(grants_.All(anna_->key().key().PublicKey())->empty());
}

TEST_F(SealedCopyTest, AWithdrawalOnADeviceThatNeverSealedTakesThemToo) {
  PublishKey();
  Grant();
  ASSERT_THAT(copies_.ShareAll(), IsOk());
  // Her key and the pinned facts, and nothing else.
  std::ostringstream out;
  cli::Session session{cli::Terminal(out, out, {}), world_.clock()};
  const auto home = directory_.path() / "laptop";
  std::filesystem::create_directories(home);
  session.options().home = home.string();
  client::Trust trust = world_.trust();
  trust.server = absl::StrReplaceAll(world_.anonymous_channel().address,
                                     {{"127.0.0.1", "localhost"}});
  ASSERT_THAT(trust.Write(session.TrustFile()), IsOk());
  ASSERT_THAT(anna_->key().WriteNew(session.KeyFile()), IsOk());
  EXPECT_THAT(cli::AfterWithdrawal(record_, session), IsOk());
  EXPECT_EQ(copies_.Forget(record_).value(), 0) << "it was done already";
  EXPECT_FALSE(std::filesystem::exists(session.DeviceKeyFile()));
}

TEST_F(SealedCopyTest, ARecordThatEndedElsewhereIsForgottenAtTheNextVisit) {
  PublishKey();
  Grant();
  ASSERT_THAT(copies_.ShareAll(), IsOk());
  ASSERT_THAT(anna_->consent().Withdraw(record_), IsOk());
  const auto shared = copies_.ShareAll();
  ASSERT_THAT(shared, IsOk());
  EXPECT_TRUE(shared->empty());
  EXPECT_EQ(copies_.Forget(record_).value(), 0) << "the visit had done it";
}

TEST_F(SealedCopyTest, WithoutAKeyInTheLogNothingIsCopied) {
  Grant();
  const auto shared = copies_.ShareAll();
  ASSERT_THAT(shared, IsOk());
  ASSERT_EQ(shared->size(), 2U);
  EXPECT_FALSE((*shared)[0].outcome.ok());
  EXPECT_EQ(Read().reason(), v1::REASON_SEALED);
  PublishKey();
  ASSERT_THAT(copies_.ShareAll(), IsOk());
  EXPECT_THAT(Open(Read()), IsOk());
}

TEST_F(SealedCopyTest, TheServerCannotMakeAGrantThatSheDidNotSign) {
  PublishKey();
  Grant();
  // A record that the server says is granted, and this device knows nothing of.
  ASSERT_THAT(grants_.Drop(record_), IsOk());
  EXPECT_TRUE(copies_.ShareAll()->empty());
  EXPECT_EQ(Read().reason(), v1::REASON_SEALED);
  // And one that somebody else signed.
  receipt::Statement forged;
  forged.record = record_;
  forged.service = cinema_.id;
  forged.lines = {{kName, receipt::Form::kFull, "", ""}};
  forged.operator_name = "test.example";
  forged.agreement = agreement_;
  forged.from = world_.clock().Now();
  forged.until = world_.clock().Now() + absl::Hours(1);
  forged.time = world_.clock().Now();
  forged.revision = 1;
  ASSERT_THAT(grants_.Keep(receipt::SignStatement(forged, SeededKey(1))),
              IsOk());
  EXPECT_THAT(copies_.ShareAll(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(Read().reason(), v1::REASON_SEALED);
}

TEST_F(SealedCopyTest, AServiceTakesOnlyTheCopyItAskedFor) {
  PublishKey();
  Grant();
  ASSERT_THAT(copies_.ShareAll(), IsOk());
  const v1::AttributeResult good = Read();
  const absl::Time now = world_.clock().Now();
  const auto open_as = [&](const v1::AttributeResult& result,
                           const std::string& record, absl::Time when) {
    return client::OpenSealedCopy(result, record, service_key_, when).status();
  };
  EXPECT_THAT(open_as(good, record_, now), IsOk());
  constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
  EXPECT_THAT(
      open_as(good, base::FormatIdText("rec", base::RandomIdBytes()), now),
      StatusIs(kDataLoss));
  EXPECT_THAT(open_as(good, record_, now + absl::Hours(24 * 366)),
              StatusIs(kDataLoss));
  v1::AttributeResult other = good;
  other.set_attribute(kBirthDate);
  EXPECT_THAT(open_as(other, record_, now), StatusIs(kDataLoss));
  other = good;
  other.set_version(2);
  EXPECT_THAT(open_as(other, record_, now), StatusIs(kDataLoss));
  other = good;
  other.set_form(v1::FORM_PSEUDONYMOUS);
  EXPECT_THAT(open_as(other, record_, now), StatusIs(kDataLoss));
  other = good;
  other.mutable_sealed_copy()->back() ^= 1;
  EXPECT_THAT(open_as(other, record_, now), StatusIs(kDataLoss));
  other.clear_sealed_copy();
  EXPECT_THAT(open_as(other, record_, now),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(client::OpenSealedCopy(good, record_,
                                     crypto::X25519PrivateKey::Generate(), now),
              StatusIs(kDataLoss));
}

}  // namespace
}  // namespace limpid
