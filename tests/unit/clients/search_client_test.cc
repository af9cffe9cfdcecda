// A feed whose pages end before they have what was asked for.

#include "clients/cpp/search_client.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/clients/unary_connection.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;
using testing::IsOk;
using testing::StatusIs;

// Has `total` entries and gives at most `most` on a page, as for large
// versions.
class FakeFeed final : public UnaryConnection {
 public:
  absl::Status Call(const Method& /*method*/,
                    const google::protobuf::MessageLite& request,
                    google::protobuf::MessageLite& response) override {
    const auto& asked = dynamic_cast<const v1::GetFeedRequest&>(request);
    auto& page = dynamic_cast<v1::GetFeedResponse&>(response);
    sizes.push_back(asked.page_size());
    int at = asked.page_token().empty() ? 0 : std::stoi(asked.page_token());
    const int end = std::min({at + most, at + asked.page_size(), total});
    for (; at < end; ++at) page.add_entries()->set_leaf_index(at);
    if (stuck || at < total) page.set_next_page_token(std::to_string(at));
    page.set_filter("canonical " + asked.filter());
    return absl::OkStatus();
  }
  int total = 7;
  int most = 2;
  bool stuck = false;
  std::vector<int> sizes;
};

TEST(Changes, AreAsManyAsWereAskedFor) {
  FakeFeed server;
  const auto feed = SearchClient(server).Changes("kind=system", 5);
  ASSERT_THAT(feed, IsOk());
  ASSERT_EQ(feed->entries_size(), 5);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(feed->entries(i).leaf_index(), i);
  EXPECT_EQ(feed->next_page_token(), "5");
  EXPECT_EQ(feed->filter(), "canonical kind=system");
  EXPECT_EQ(server.sizes, std::vector({5, 3, 1}));
}

TEST(Changes, AreAllWhenThereAreNoMore) {
  FakeFeed server;
  const auto feed = SearchClient(server).Changes("", 50);
  ASSERT_THAT(feed, IsOk());
  EXPECT_EQ(feed->entries_size(), 7);
  EXPECT_TRUE(feed->next_page_token().empty());
}

TEST(Changes, EndWhenTheServerDoesNot) {
  FakeFeed server;
  server.stuck = true;
  EXPECT_THAT(SearchClient(server).Changes("", 50),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::client
