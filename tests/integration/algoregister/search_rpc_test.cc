// Search over the wire: gRPC with TLS, the client of the SDK, stores in memory.

#include "algoregister/rpc/search_rpc.h"

#include <cstdint>
#include <functional>
#include <future>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "algoregister/rpc/export_limit.h"
#include "algoregister/search/keeper.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/search_client.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/wire.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/client.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "common/rpc/tls13.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "limpid/algoregister/v1/search_service.grpc.pb.h"
#include "tests/integration/algoregister/gated_store.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tls.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;
constexpr auto kBad = absl::StatusCode::kInvalidArgument;

class SearchRpcTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { rpc::RequireTls13(); }

  void SetUp() override {
    rpc::ServerOptions options;
    options.certificate_pem = tls_.server().certificate_pem;
    options.private_key_pem = tls_.server().private_key_pem;
    options.client_roots_pem = tls_.client_roots_pem();
    auto started = rpc::Server::Start(options, runtime_, {&service_});
    ASSERT_THAT(started, IsOk());
    server_ = *std::move(started);
    connection_ = Connect();
  }
  std::unique_ptr<client::Connection> Connect() {
    rpc::ChannelOptions channel;
    channel.address = "localhost:" + std::to_string(server_->port());
    channel.ca_pem = tls_.server_ca_pem();
    return client::Connect(channel).value();
  }
  client::SearchClient Client() { return client::SearchClient(*connection_); }

  // A deployment of `organisation` in the national list's form.
  static std::string Row(std::string_view id, std::string_view title) {
    return std::string(R"({"doel":"To help.","geregistreerd":"2026-04-07",)") +
           R"("id":")" + std::string(id) +
           R"(","impactassessment":"Onbekend","juridische_basis":"",)" +
           R"("organisatie":"Gemeente Delft","status":"in_gebruik",)" +
           R"("title":")" + std::string(title) +
           R"(","toegevoegd":"2026-05-13","url":"https://example.org/1"})";
  }

  testing::TestTls tls_;
  RegisterHouseOf<GatedStore> house_;
  base::SystemClock clock_;
  rpc::Runtime runtime_{{}, clock_};
  search::IndexKeeper keeper_{house_.store};
  SearchRpc service_{runtime_,
                     rpc::AuthPolicy::Public(),
                     {house_.store, keeper_, house_.log, house_.clock}};
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<client::Connection> connection_;
};

TEST_F(SearchRpcTest, WhatWasPublishedIsFoundAtOnce) {
  v1::SearchRegistrationsRequest request;
  request.set_query("chatbots");
  EXPECT_EQ(Client().Search(request)->total_count(), 0);
  house_.NewSystem("Chatbot");
  const auto found = Client().Search(request);
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->hits_size(), 1);
  EXPECT_EQ(found->hits(0).registration().title(), "Chatbot");
  EXPECT_GT(found->hits(0).score(), 0);
  EXPECT_EQ(found->filter(), "q=chatbots");
  EXPECT_GT(found->facets_size(), 0);
}

TEST_F(SearchRpcTest, PagesAndFiltersAndSimilarOnes) {
  std::string rows;
  for (int i = 0; i < 7; ++i) {
    rows += (i == 0 ? "" : ",") + Row(std::to_string(i), "Scanauto");
  }
  house_.Import(R"({"algoritmes":[)" + rows + "]}");
  v1::SearchRegistrationsRequest request;
  request.set_filter("kind=deployment");
  request.set_query("delft");
  request.set_page_size(3);
  std::set<std::string> seen;
  do {
    const auto page = Client().Search(request);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(page->total_count(), 7);
    for (const auto& hit : page->hits()) {
      EXPECT_EQ(hit.registration().organisation_title(), "Gemeente Delft");
      seen.insert(hit.registration().registration_id());
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(seen.size(), 7U);
  EXPECT_EQ(Client().Similar(*seen.begin(), 5)->registrations_size(), 5);
}

TEST_F(SearchRpcTest, FeedsPageBackToTheFirstVersion) {
  std::set<std::string> published;
  for (int i = 0; i < 5; ++i) {
    published.insert(
        "urn:limpid:" + house_.NewSystem("Chatbot").registration.Text() + ":1");
  }
  v1::GetFeedRequest request;
  request.set_filter("q=chatbot&kind=system");
  request.set_page_size(2);
  request.set_format(v1::FEED_FORMAT_ATOM);
  std::set<std::string> seen;
  int pages = 0;
  do {
    const auto page = Client().Feed(request);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(page->media_type(), "application/atom+xml");
    for (const auto& entry : page->entries()) {
      EXPECT_TRUE(seen.insert(entry.entry_id()).second);
      EXPECT_NE(page->file().find(entry.entry_id()), std::string::npos);
    }
    EXPECT_EQ(page->filter(), "kind=system&q=chatbot");
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(seen, published);
  EXPECT_EQ(pages, 3);
  request.clear_page_token();
  request.set_format(v1::FEED_FORMAT_JSON);
  EXPECT_TRUE(json::ParseStrict(Client().Feed(request)->file()).ok());
  request.set_format(v1::FEED_FORMAT_UNSPECIFIED);
  EXPECT_TRUE(Client().Feed(request)->file().empty());
}

// An entry reads two contents, and anybody may ask for a hundred entries.
TEST_F(SearchRpcTest, APageOfLargeVersionsIsShortAndNoneIsLeftOut) {
  constexpr int kVersions = 24;
  json::Value texts = json::Value::Object();
  for (char second = 'a'; second < 'm'; ++second) {
    texts.Set(
        std::string{'a', second},
        json::Value::Object({{"origin", json::Value("human")},
                             {"text", json::Value(std::string(19'000, 'x'))}}));
  }
  json::Value content = SystemRequest("Router");
  SetField(content, "methods", Given(std::move(texts)));
  const Author author = house_.By(house_.publisher);
  auto version = house_.Publish(
      *house_.target.PrepareNew(author, RegistrationKind::kSystem, content));
  for (int i = 1; i < kVersions && version.ok(); ++i) {
    version = house_.Publish(
        *house_.target.PrepareUpdate(author, version->registration, content));
  }
  ASSERT_THAT(version, IsOk());
  v1::GetFeedRequest request;
  request.set_page_size(100);
  std::set<std::int64_t> seen;
  int pages = 0;
  do {
    const auto page = Client().Feed(request);
    ASSERT_THAT(page, IsOk());
    // Four megabytes, and the entry that went beyond.
    EXPECT_LE(page->entries_size(), 11);
    for (const auto& entry : page->entries()) {
      EXPECT_TRUE(seen.insert(entry.version()).second);
    }
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(seen.size(), kVersions);
}

TEST_F(SearchRpcTest, OneAddressHoldsItsShareOfTheFeeds) {
  house_.NewSystem("Chatbot");
  house_.store.Close();
  std::vector<std::future<absl::Status>> open;
  for (int i = 0; i < ExportLimit::kMostPerClient; ++i) {
    open.push_back(std::async(std::launch::async, [this] {
      const auto connection = Connect();
      return client::SearchClient(*connection)
          .Feed(v1::GetFeedRequest())
          .status();
    }));
  }
  house_.store.AwaitWaiting(ExportLimit::kMostPerClient);
  EXPECT_THAT(Client().Feed(v1::GetFeedRequest()),
              StatusSays(absl::StatusCode::kResourceExhausted, "try later"));
  house_.store.Open();
  for (std::future<absl::Status>& one : open) EXPECT_THAT(one.get(), IsOk());
  EXPECT_THAT(Client().Feed(v1::GetFeedRequest()), IsOk());
}

TEST_F(SearchRpcTest, ReportsNameBodiesFieldsAndWhatIsLate) {
  house_.Import(R"({"algoritmes":[)" + Row("1", "Scanauto") + "]}");
  const auto report = Client().Completeness("", false);
  ASSERT_THAT(report, IsOk());
  ASSERT_EQ(report->bodies_size(), 1);
  EXPECT_EQ(report->bodies(0).title(), "Gemeente Delft");
  EXPECT_EQ(report->bodies(0).registration_count(), 1);
  const auto& counts = report->counts();
  EXPECT_EQ(counts.expected(), counts.given() + counts.missing() +
                                   counts.not_applicable() +
                                   counts.in_progress() + counts.withheld());
  EXPECT_GT(counts.missing(), 0);
  EXPECT_GT(report->fields_size(), 3);
  EXPECT_EQ(Client().Completeness("", true)->bodies_size(), 0);
  json::Value content = SystemRequest("Late");
  SetField(content, "methods",
           json::ParseStrict(R"({"state":"in_progress","due":"2000-01-31"})")
               .value());
  ASSERT_THAT(
      house_.Publish(*house_.target.PrepareNew(
          house_.By(house_.publisher), RegistrationKind::kSystem, content)),
      IsOk());
  const auto overdue = Client().Overdue("");
  ASSERT_THAT(overdue, IsOk());
  ASSERT_EQ(overdue->fields_size(), 1);
  EXPECT_EQ(overdue->fields(0).due_date(), "2000-01-31");
  EXPECT_EQ(overdue->fields(0).field(), "methods");
}

// Of the body that is asked about, and of no other.
TEST_F(SearchRpcTest, ReportsAreOfOneBodyWhereOneIsAskedAbout) {
  house_.Import(R"({"algoritmes":[)" + Row("1", "Scanauto") + "]}");
  json::Value body = NewContent(RegistrationKind::kOrganisation);
  SetField(body, "name", Given(json::Value("City of Examples")));
  body.Remove("kind");
  const auto other = house_.Publish(*house_.target.PrepareNew(
      house_.By(house_.publisher), RegistrationKind::kOrganisation, body));
  ASSERT_THAT(other, IsOk());
  json::Value content = NewContent(RegistrationKind::kDeployment);
  SetField(content, "title", GivenText("en", "Late"));
  SetField(content, "organisation",
           Given(json::Value(other->registration.Text())));
  SetField(content, "goal",
           json::ParseStrict(R"({"state":"withheld","ground":"security",)"
                             R"("authority":"court","review":"2000-01-31"})")
               .value());
  content.Remove("kind");
  ASSERT_THAT(
      house_.Publish(*house_.target.PrepareNew(
          house_.By(house_.publisher), RegistrationKind::kDeployment, content)),
      IsOk());
  const std::string id = other->registration.Text();
  const auto late = Client().Overdue(id);
  ASSERT_THAT(late, IsOk());
  ASSERT_EQ(late->fields_size(), 1);
  EXPECT_TRUE(late->fields(0).withheld());
  EXPECT_EQ(late->fields(0).organisation_title(), "City of Examples");
  const auto report = Client().Completeness(id, false);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->registration_count(), 1);
  std::string delft;
  const auto both = Client().Completeness("", false);
  ASSERT_THAT(both, IsOk());
  for (const v1::BodyCompleteness& one : both->bodies()) {
    if (one.organisation_id() != id) delft = one.organisation_id();
  }
  ASSERT_FALSE(delft.empty());
  EXPECT_EQ(Client().Overdue(delft)->total_count(), 0);
  // The fields of all of them stand on the first page alone.
  rpc::ChannelOptions channel;
  channel.address = "localhost:" + std::to_string(server_->port());
  channel.ca_pem = tls_.server_ca_pem();
  v1::SearchService::Stub stub(rpc::MakeChannel(channel).value());
  v1::GetCompletenessRequest request;
  request.set_page_size(1);
  for (const bool first : {true, false}) {
    v1::GetCompletenessResponse page;
    grpc::ClientContext context;
    rpc::SetDeadline(context, absl::Seconds(60));
    ASSERT_TRUE(stub.GetCompleteness(&context, request, &page).ok());
    EXPECT_EQ(page.bodies_size(), 1);
    EXPECT_EQ(page.fields().empty(), !first);
    request.set_page_token(page.next_page_token());
  }
  EXPECT_EQ(request.page_token(), "");
}

TEST_F(SearchRpcTest, OneAddressHoldsItsShareOfTheReports) {
  house_.NewSystem("Chatbot");
  house_.store.Close();
  std::vector<std::future<absl::Status>> open;
  for (int i = 0; i < ExportLimit::kMostPerClient; ++i) {
    open.push_back(std::async(std::launch::async, [this, i] {
      const auto connection = Connect();
      client::SearchClient client(*connection);
      return i == 0 ? client.Overdue("").status()
                    : client.Completeness("", false).status();
    }));
  }
  house_.store.AwaitWaiting(ExportLimit::kMostPerClient);
  const auto refused =
      StatusSays(absl::StatusCode::kResourceExhausted, "try later");
  EXPECT_THAT(Client().Completeness("", false), refused);
  EXPECT_THAT(Client().Overdue(""), refused);
  house_.store.Open();
  for (std::future<absl::Status>& one : open) EXPECT_THAT(one.get(), IsOk());
  EXPECT_THAT(Client().Completeness("", false), IsOk());
}

// Each looks at the log once when it is made.
TEST_F(SearchRpcTest, ReportsAndFeedsThatAnErasureOvertookAreMadeAgain) {
  house_.target.Tell({.erased = [this](const RegistrationId& id) {
    return keeper_.Refresh(id);
  }});
  using Ask = std::function<absl::Status(client::SearchClient&)>;
  const std::vector<Ask> calls = {
      [](client::SearchClient& by) { return by.Overdue("").status(); },
      [](client::SearchClient& by) {
        return by.Completeness("", false).status();
      },
      [](client::SearchClient& by) {
        return by.Feed(v1::GetFeedRequest()).status();
      }};
  for (const Ask& ask : calls) {
    const Version one = house_.NewSystem("A. Person of Note");
    const int before = house_.store.looks();
    house_.store.Close();
    std::future<absl::Status> open = std::async(std::launch::async, [&] {
      const auto connection = Connect();
      client::SearchClient client(*connection);
      return ask(client);
    });
    house_.store.AwaitWaiting(1);
    EXPECT_THAT(house_.target.EraseField({.registration = one.registration,
                                          .number = 1,
                                          .pointer = "/fields/title",
                                          .ground = "a court's order"},
                                         /*check_only=*/false),
                IsOk());
    house_.store.Open();
    EXPECT_THAT(open.get(), IsOk());
    EXPECT_EQ(house_.store.looks(), before + 2);
  }
}

TEST_F(SearchRpcTest, RefusesWhatIsMalformed) {
  v1::SearchRegistrationsRequest request;
  request.set_query(std::string(10'000, 'x'));
  EXPECT_THAT(Client().Search(request), StatusSays(kBad, "query"));
  request.set_query("a");
  request.set_filter("q=b");
  EXPECT_THAT(Client().Search(request), StatusSays(kBad, "query"));
  request.set_filter("colour=red");
  EXPECT_THAT(Client().Search(request), StatusSays(kBad, "filter"));
  request.set_filter("");
  request.set_page_token("x");
  EXPECT_THAT(Client().Search(request), StatusSays(kBad, "page_token"));
  // Each page costs a sort of what comes before it.
  base::ByteWriter far("limpid-search-page/1");
  request.set_page_token(base::ToText(far.U64(10'001).bytes()));
  EXPECT_THAT(Client().Search(request), StatusSays(kBad, "page_token"));
  v1::GetFeedRequest feed;
  feed.set_format(static_cast<v1::FeedFormat>(9));
  EXPECT_THAT(Client().Feed(feed), StatusSays(kBad, "format"));
  request.clear_page_token();
  request.set_page_size(-1);
  EXPECT_THAT(Client().Search(request), StatusSays(kBad, "page_size"));
  EXPECT_THAT(Client().Similar("x", 1), StatusIs(kBad));
  EXPECT_THAT(Client().Similar(
                  RegistrationId::Random(RegistrationKind::kSystem).Text(), 1),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Client().Overdue("dep_x"), StatusIs(kBad));
}

}  // namespace
}  // namespace limpid::algoregister
