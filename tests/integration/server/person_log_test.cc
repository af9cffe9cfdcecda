// A person's log over the wire: filters, signed heads, and what a device that
// kept one can tell.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/duty_client.h"
#include "clients/cpp/embargo_client.h"
#include "clients/cpp/erasure_client.h"
#include "clients/cpp/head_keeper.h"
#include "clients/cpp/log_client.h"
#include "google/protobuf/empty.pb.h"
#include "gtest/gtest.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr char kName[] = "person.name";

class PersonLogTest : public testing::WorldTest {
 protected:
  void SetUp() override {
    plan_.attributes = {kName};
    cinema_ = world_.AddService("cinema", plan_);
    library_ = world_.AddService("library", plan_);
    anna_ = world_.AddPerson();
    ASSERT_THAT(anna_->vault().Put(kName, R"({"family":"J","given":"A"})"),
                IsOk());
    record_ = Granted(cinema_);
    (void)Granted(library_);
  }

  std::string Granted(testing::ServiceSide& service) {
    const auto agreement = world_.admin().CreateAgreement(
        testing::World::AgreementRequest(service, plan_));
    EXPECT_THAT(agreement, IsOk());
    const auto request =
        service.client->CreateRequest(agreement->agreement_id(), 1);
    EXPECT_THAT(request, IsOk());
    const auto bound = anna_->consent().BindRequest(request->request_code());
    EXPECT_THAT(bound, IsOk());
    std::string record = bound->record().record_id();
    EXPECT_THAT(anna_->consent().Grant(record, {{kName}, "", {}}), IsOk());
    return record;
  }
  void Read() {
    EXPECT_THAT(cinema_.client->Read({record_, plan_.purpose, {kName}, "", ""}),
                IsOk());
  }
  crypto::Ed25519PublicKey OwnKey() { return anna_->key().key().PublicKey(); }
  client::LogClient Log() {
    return {anna_->consent_connection(), world_.trust()};
  }

  testing::AgreementPlan plan_;
  testing::ServiceSide cinema_;
  testing::ServiceSide library_;
  std::unique_ptr<testing::Person> anna_;
  std::string record_;
};

TEST_F(PersonLogTest, ADeviceFollowsItsLogFromCheckToCheck) {
  const auto first = Log().Check(nullptr, OwnKey());
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(first->continues, IsOk());
  EXPECT_EQ(first->new_entries, first->head.sequence);
  EXPECT_GE(first->head.sequence, 4U);
  for (int i = 0; i < 3; ++i) Read();
  const auto second = Log().Check(&first->head, OwnKey());
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT(second->continues, IsOk());
  // What became of the reads is entered seconds later, maybe in between.
  EXPECT_GE(second->new_entries, 3U);
  const auto third = Log().Check(&second->head, OwnKey());
  ASSERT_THAT(third, IsOk());
  EXPECT_THAT(third->continues, IsOk());
  EXPECT_LE(third->new_entries, 1U);
}

TEST_F(PersonLogTest, ADeviceThatSawAnotherHistorySaysSo) {
  const auto first = Log().Check(nullptr, OwnKey());
  ASSERT_THAT(first, IsOk());
  Read();
  receipt::LogHead other = first->head;
  other.commitment[0] ^= 1U;
  const auto forked = Log().Check(&other, OwnKey());
  ASSERT_THAT(forked, IsOk());
  EXPECT_THAT(forked->continues, StatusIs(absl::StatusCode::kDataLoss));
  receipt::LogHead longer = first->head;
  longer.sequence += 100;
  const auto cut = Log().Check(&longer, OwnKey());
  ASSERT_THAT(cut, IsOk());
  EXPECT_THAT(cut->continues, StatusIs(absl::StatusCode::kDataLoss));
}

// Changes entries on their way from an honest server.
class LyingConnection final : public client::Connection {
 public:
  using Lie = std::function<void(consent::v1::AccessEntry&)>;
  LyingConnection(client::Connection& honest, Lie lie)
      : honest_(honest), lie_(std::move(lie)) {}
  absl::Status Call(const client::Method& method,
                    const google::protobuf::MessageLite& request,
                    google::protobuf::MessageLite& response) override {
    const absl::Status status = honest_.Call(method, request, response);
    auto* const page =
        dynamic_cast<consent::v1::ListAccessesResponse*>(&response);
    if (page == nullptr) return status;
    for (auto& entry : *page->mutable_entries()) lie_(entry);
    return status;
  }
  absl::Status Stream(const client::Method& /*method*/,
                      const google::protobuf::MessageLite& /*request*/,
                      google::protobuf::MessageLite& /*message*/,
                      absl::FunctionRef<bool()> /*each*/) override {
    return absl::UnimplementedError("no stream");
  }

 private:
  client::Connection& honest_;
  const Lie lie_;
};

TEST_F(PersonLogTest, AServerThatShowsAnotherContentIsFound) {
  Read();
  const auto honest = Log().Check(nullptr, OwnKey());
  ASSERT_THAT(honest, IsOk());
  // Of every kind that this log has.
  EXPECT_EQ(honest->true_entries, honest->head.sequence);
  EXPECT_TRUE(honest->altered.empty());
  EXPECT_TRUE(honest->unchecked.empty());
  LyingConnection renames(anna_->consent_connection(),
                          [](consent::v1::AccessEntry& entry) {
                            if (entry.sequence() == 2)
                              entry.set_purpose("https://example.org/p");
                          });
  const auto lied =
      client::LogClient(renames, world_.trust()).Check(nullptr, OwnKey());
  ASSERT_THAT(lied, IsOk());
  EXPECT_THAT(lied->continues, IsOk());
  EXPECT_EQ(lied->altered, std::vector<std::uint64_t>{2});
  EXPECT_THAT(client::LogClient(renames, world_.trust()).List({}, 100),
              StatusIs(absl::StatusCode::kDataLoss));
  LyingConnection hides(anna_->consent_connection(),
                        [](consent::v1::AccessEntry& entry) {
                          if (entry.sequence() == 2) entry.clear_opening();
                        });
  const auto hidden =
      client::LogClient(hides, world_.trust()).Check(nullptr, OwnKey());
  ASSERT_THAT(hidden, IsOk());
  EXPECT_EQ(hidden->unchecked, std::vector<std::uint64_t>{2});
  EXPECT_TRUE(hidden->altered.empty());
}

TEST_F(PersonLogTest, ContentsAreGivenOnlyWhenAskedFor) {
  consent::v1::ListAccessesRequest request;
  for (const bool asked : {false, true}) {
    request.set_with_content(asked);
    const auto page = client::Invoke<consent::v1::ListAccessesResponse>(
        anna_->consent_connection(),
        {"/limpid.consent.v1.PersonConsentService/ListAccesses", true},
        request);
    ASSERT_THAT(page, IsOk());
    ASSERT_GT(page->entries_size(), 0);
    for (const auto& entry : page->entries()) {
      EXPECT_EQ(!entry.opening().empty(), asked);
      EXPECT_EQ(!entry.content().empty(), asked);
    }
  }
}

// Who has no embargo is shown what others are shown before the date.
TEST_F(PersonLogTest, AYoungLogSaysNothingOfEmbargoes) {
  Read();
  client::EmbargoClient embargo(anna_->consent_connection(), world_.trust());
  const auto check = embargo.Check(nullptr, OwnKey(), world_.clock().Now());
  ASSERT_THAT(check, IsOk());
  EXPECT_THAT(check->log.continues, IsOk());
  EXPECT_TRUE(check->told.empty());
  EXPECT_TRUE(check->findings.alarms.empty());
  EXPECT_GE(check->findings.closed_count, 5U);
  EXPECT_EQ(check->findings.complete_count, 0U);
  // A year later none of it may be closed.
  const auto later = embargo.Check(
      nullptr, OwnKey(), world_.clock().Now() + absl::Hours(24 * 368));
  ASSERT_THAT(later, IsOk());
  EXPECT_EQ(later->findings.alarms.size(), later->log.head.sequence);
}

TEST_F(PersonLogTest, NoAgreementHasAnEmbargoThatTheServiceWasNotGiven) {
  auto request = testing::World::AgreementRequest(cinema_, plan_);
  request.mutable_content()->set_embargo_days(30);
  EXPECT_THAT(world_.admin().CreateAgreement(request),
              testing::StatusSays(absl::StatusCode::kInvalidArgument,
                                  "content.embargo_days"));
}

TEST_F(PersonLogTest, FiltersByServicePurposeAndTime) {
  Read();
  const auto count = [&](const consent::v1::ListAccessesRequest& request) {
    const auto entries = Log().List(request, 1'000);
    EXPECT_THAT(entries, IsOk());
    return entries.ok() ? entries->size() : 0;
  };
  consent::v1::ListAccessesRequest all;
  consent::v1::ListAccessesRequest cinema;
  cinema.set_service_id(cinema_.id);
  consent::v1::ListAccessesRequest library;
  library.set_service_id(library_.id);
  EXPECT_GT(count(cinema), count(library));
  EXPECT_EQ(count(cinema) + count(library), count(all));
  consent::v1::ListAccessesRequest future;
  future.mutable_from_time()->set_seconds(
      absl::ToUnixSeconds(world_.clock().Now()) + 3'600);
  EXPECT_EQ(count(future), 0U);
}

TEST_F(PersonLogTest, BadFiltersNameTheirField) {
  const auto refused = [&](const consent::v1::ListAccessesRequest& request) {
    const auto entries = Log().List(request, 10);
    EXPECT_THAT(entries, StatusIs(absl::StatusCode::kInvalidArgument));
    return std::string(entries.status().message());
  };
  consent::v1::ListAccessesRequest request;
  request.set_service_id("cinema");
  EXPECT_NE(refused(request).find("service_id"), std::string::npos);
  request.Clear();
  request.set_purpose("https://example.org/nothing");
  EXPECT_NE(refused(request).find("purpose"), std::string::npos);
  request.Clear();
  request.mutable_from_time()->set_seconds(-1);
  EXPECT_NE(refused(request).find("from_time"), std::string::npos);
}

TEST_F(PersonLogTest, RefusedReadsOfOneMinuteAreOneEntry) {
  EXPECT_THAT(anna_->consent().Withdraw(record_), IsOk());
  const auto before = Log().Check(nullptr, OwnKey());
  ASSERT_THAT(before, IsOk());
  for (int i = 0; i < 20; ++i) Read();
  const auto after = Log().Check(&before->head, OwnKey());
  ASSERT_THAT(after, IsOk());
  EXPECT_THAT(after->continues, IsOk());
  EXPECT_EQ(after->new_entries, 1U);
}

TEST_F(PersonLogTest, AnErasedEntryIsTheOnlyOneThatMayBeEmpty) {
  Read();
  const auto before = Log().Check(nullptr, OwnKey());
  ASSERT_THAT(before, IsOk());
  EXPECT_TRUE(before->erased.empty());
  const auto entries = Log().List({}, 100);
  ASSERT_THAT(entries, IsOk());
  const consent::v1::AccessEntry& read = entries->front();
  ASSERT_EQ(read.kind(), consent::v1::ACCESS_KIND_RELEASE_DECIDED);
  const auto account = anna_->consent().GetAccount();
  ASSERT_THAT(account, IsOk());
  client::ErasureClient erasures(anna_->consent_connection(), anna_->key(),
                                 world_.trust(), world_.clock());
  const auto erased = erasures.Erase(account->person_id(), read);
  ASSERT_THAT(erased, IsOk());
  EXPECT_EQ(erased->sequence(), read.sequence());

  const auto after = Log().Check(&before->head, OwnKey());
  ASSERT_THAT(after, IsOk());
  EXPECT_THAT(after->continues, IsOk());
  EXPECT_EQ(after->erased, std::vector<std::uint64_t>{read.sequence()});
  EXPECT_TRUE(after->lost.empty());
  // Somebody else's key did not ask for it.
  const auto stranger =
      Log().Check(nullptr, client::PersonKey::Generate().key().PublicKey());
  ASSERT_THAT(stranger, IsOk());
  EXPECT_EQ(stranger->lost, std::vector<std::uint64_t>{read.sequence()});

  const auto listed = Log().List({}, 100);
  ASSERT_THAT(listed, IsOk());
  EXPECT_EQ((*listed)[0].kind(), consent::v1::ACCESS_KIND_ENTRY_ERASED);
  EXPECT_EQ((*listed)[0].erased_sequence(), read.sequence());
  consent::v1::AccessEntry shown = (*listed)[1];
  EXPECT_EQ(shown.decisions_size(), 0);
  EXPECT_TRUE(shown.access_id().empty());
  EXPECT_EQ(shown.leaf(), read.leaf());
  EXPECT_EQ(client::ContentOf(shown, OwnKey()), client::EntryContent::kErased);
  // Every way in which an empty entry is not hers.
  shown.mutable_erasure()->mutable_signature()->back() ^= 1;
  EXPECT_EQ(client::ContentOf(shown, OwnKey()), client::EntryContent::kLost);
  shown = (*listed)[1];
  shown.set_sequence(shown.sequence() + 1);
  EXPECT_EQ(client::ContentOf(shown, OwnKey()), client::EntryContent::kLost);
  shown = (*listed)[1];
  shown.clear_erasure();
  EXPECT_EQ(client::ContentOf(shown, OwnKey()), client::EntryContent::kLost);
}

// It stays withdrawn, and a device is told that nothing proves it any more.
TEST_F(PersonLogTest, AWithdrawalWithoutItsReceiptIsSaidSo) {
  ASSERT_THAT(anna_->consent().Withdraw(record_), IsOk());
  EXPECT_THAT(anna_->consent().Withdraw(record_), IsOk());
  const auto entries = Log().List({}, 1);
  ASSERT_THAT(entries, IsOk());
  // Nothing is erased while the service has to delete.
  const auto service = client::Connect(cinema_.channel);
  ASSERT_THAT(service, IsOk());
  client::DutyClient duties(**service);
  const auto open = duties.ListOwn(/*include_answered=*/false);
  ASSERT_THAT(open, IsOk());
  for (const consent::v1::DeletionDuty& one : *open) {
    ASSERT_THAT(duties.Acknowledge(one.duty_id()), IsOk());
  }
  const auto account = anna_->consent().GetAccount();
  ASSERT_THAT(account, IsOk());
  client::ErasureClient erasures(anna_->consent_connection(), anna_->key(),
                                 world_.trust(), world_.clock());
  ASSERT_THAT(erasures.Erase(account->person_id(), entries->front()), IsOk());
  const auto again = anna_->consent().Withdraw(record_);
  EXPECT_THAT(again, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_NE(again.status().message().find("is withdrawn"), std::string::npos);
}

// Whatever she calls, and whatever comes of it.
TEST_F(PersonLogTest, EveryAnswerCarriesTheEndOfTheLog) {
  rpc::ChannelOptions channel = world_.anonymous_channel();
  channel.tokens = client::PersonTokens(
      anna_->key(), world_.trust().operator_name, world_.clock());
  const auto newest = Log().Check(nullptr, OwnKey());
  ASSERT_THAT(newest, IsOk());
  for (const char* const method :
       {"AccountService/GetAccount", "AccountService/ListSources",
        "PersonConsentService/ListRequests", "PersonConsentService/ListRecords",
        "PersonConsentService/GetRecord", "PersonConsentService/ListAccesses",
        "PersonConsentService/GetReceipt", "RecordActService/DeferRecord",
        "StandingPermissionService/ListStandingPermissions",
        "DelegationService/ListDelegations",
        "PersonDeliveryService/ListDeliveries",
        "AccessErasureService/EraseAccess"}) {
    std::shared_ptr<client::HeadKeeper> heads =
        *client::HeadKeeper::Open({}, world_.trust().evidence_key);
    const auto connection = client::Connect(channel, heads);
    ASSERT_THAT(connection, IsOk());
    const std::string path = std::string("/limpid.consent.v1.") + method;
    google::protobuf::Empty request;
    google::protobuf::Empty response;
    // Some are refused: the request says nothing.
    (void)(*connection)->Call({path}, request, response);
    ASSERT_TRUE(heads->kept()) << method;
    EXPECT_EQ(heads->kept()->sequence, newest->head.sequence) << method;
    EXPECT_EQ(heads->kept()->commitment, newest->head.commitment) << method;
  }
}

TEST_F(PersonLogTest, ACheckGoesThroughWhatWasSeenBetween) {
  const auto first = Log().Check(nullptr, OwnKey());
  ASSERT_THAT(first, IsOk());
  Read();
  const auto between = Log().Check(nullptr, OwnKey());
  ASSERT_THAT(between, IsOk());
  Read();
  const auto whole = Log().Check(&first->head, OwnKey(), &between->head);
  ASSERT_THAT(whole, IsOk());
  EXPECT_THAT(whole->continues, IsOk());
  receipt::LogHead other = between->head;
  other.commitment[3] ^= 1U;
  const auto taken_back = Log().Check(&first->head, OwnKey(), &other);
  ASSERT_THAT(taken_back, IsOk());
  EXPECT_THAT(taken_back->continues, StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid
