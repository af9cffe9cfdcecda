// The server under test: one that the suite starts by itself, or any running
// one. LIMPID_MIM5_ADDRESS ("host:port") and LIMPID_MIM5_DIRECTORY (what
// `limpid admin init` made for it) name the latter; it gets a publisher and
// registrations of the suite's own.

#ifndef LIMPID_TESTS_CONFORMANCE_MIM5_TARGET_H_
#define LIMPID_TESTS_CONFORMANCE_MIM5_TARGET_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/mim5_client.h"
#include "clients/cpp/register_client.h"
#include "common/json/value.h"
#include "gtest/gtest.h"
#include "tests/testing/world/world.h"

namespace limpid::mim5 {

namespace v1 = limpid::algoregister::v1;

// The one server of the program, started or found at first use.
testing::World& Server();

// A publisher, and somebody without a name who reads.
class Mim5 : public ::testing::Test {
 protected:
  Mim5();

  // {"aliases": [], "fields": {...}} with a title; the other fields are codes
  // or texts that are the same in every language.
  static json::Value Content(std::string_view title);
  static void Set(json::Value& content, std::string_view field,
                  json::Value value);
  static void SetText(json::Value& content, std::string_view field,
                      std::string_view text);

  absl::StatusOr<v1::PublishVersionResponse> TryPublish(
      v1::RegistrationKind kind, const json::Value& content);
  // The id of what was published.
  std::string Publish(v1::RegistrationKind kind, const json::Value& content);
  absl::StatusOr<v1::PublishVersionResponse> TryUpdate(
      const std::string& id, const json::Value& content);
  // Keeps a field back: that it is there, the ground and the `audience` are
  // public; its value is for the audience alone. Without one, nobody has it.
  static void Restrict(json::Value& content, std::string_view field,
                       const std::vector<std::string>& audience,
                       json::Value value);
  // What the newest version says to everybody.
  json::Value Public(const std::string& id);

  testing::PublisherSide publisher_;
  std::unique_ptr<client::Connection> anonymous_;
  client::Mim5Client answers_;
  // The whole file.
  absl::Status Exported(std::string_view profile, std::string& file) {
    return register_
        .Export(profile,
                [&](std::string_view piece) {
                  file += piece;
                  return absl::OkStatus();
                })
        .status();
  }

  client::RegisterClient register_;
};

}  // namespace limpid::mim5

#endif  // LIMPID_TESTS_CONFORMANCE_MIM5_TARGET_H_
