// Addresses of certificates, asked over TLS: which of them answer.

#include <functional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "clients/cli/mim5_reader.h"
#include "gtest/gtest.h"
#include "tests/testing/https_receiver.h"
#include "tests/testing/tls.h"

namespace limpid::cli {
namespace {

// "/404" has that status, and a page longer than what is read of one.
testing::Reply Answer(const testing::ReceivedRequest& request) {
  constexpr std::size_t kPath = 5;
  return {.status = std::stoi(request.line.substr(kPath)),
          .body = std::string(100'000, 'x')};
}

TEST(Mim5Links, OfALongPageTheStatusCounts) {
  const testing::TestTls tls;
  const testing::HttpsReceiver server(tls.server(), Answer);
  const auto link = [&server](int status) {
    return absl::StrCat("https://localhost:", server.port(), "/", status);
  };
  const AskedLinks asked =
      AskLinks({link(200), link(301), link(404), link(500)},
               {.private_addresses = true, .ca_pem = tls.server_ca_pem()});
  EXPECT_EQ(asked.answered,
            (std::set<std::string, std::less<>>{link(200), link(301)}));
  EXPECT_TRUE(asked.unasked.empty());
}

}  // namespace
}  // namespace limpid::cli
