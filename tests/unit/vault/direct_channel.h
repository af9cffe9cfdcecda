// A channel to a TestAgency without a network, which fails as a test tells it.

#ifndef LIMPID_TESTS_UNIT_VAULT_DIRECT_CHANNEL_H_
#define LIMPID_TESTS_UNIT_VAULT_DIRECT_CHANNEL_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "tests/testing/test_agency.h"
#include "vault/connectors/source_channel.h"

namespace limpid::vault {

class DirectChannel final : public SourceChannel {
 public:
  explicit DirectChannel(testing::TestAgency& agency) : agency_(agency) {}

  absl::StatusOr<SourceReply> Ask(const SourceRequest& request) override {
    if (before) before(request);
    if (!error.ok()) return error;
    testing::AgencyReply reply = agency_.Answer(request.path, request.body);
    if (reply.body.size() > request.max_bytes) reply.body.clear();
    return SourceReply{reply.status, std::move(reply.content_type),
                       std::move(reply.body)};
  }

  // May wait.
  std::function<void(const SourceRequest&)> before;
  absl::Status error;

 private:
  testing::TestAgency& agency_;
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_DIRECT_CHANNEL_H_
