#include "tests/conformance/mim5/target.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/one_server.h"

namespace limpid::mim5 {
namespace {

using json::Value;

Value Given(Value value) {
  return Value::Object(
      {{"state", Value("given")}, {"value", std::move(value)}});
}

}  // namespace

testing::World& Server() {
  static testing::OneServer& server = testing::OneServer::For("MIM5");
  return server.Get();
}

// A server that runs already has publishers of earlier runs.
Mim5::Mim5()
    : publisher_(Server().AddPublisher(
          "mim5-" + base::HexEncode(crypto::RandomArray<8>()))),
      anonymous_(client::Connect(Server().anonymous_channel()).value()),
      answers_(*anonymous_),
      register_(*anonymous_) {}

Value Mim5::Content(std::string_view title) {
  Value out =
      Value::Object({{"aliases", Value::Array()}, {"fields", Value::Object()}});
  SetText(out, "title", title);
  return out;
}

void Mim5::Set(Value& content, std::string_view field, Value value) {
  Value fields = *content.Find("fields");
  fields.Set(field, Given(std::move(value)));
  content.Set("fields", std::move(fields));
}

void Mim5::SetText(Value& content, std::string_view field,
                   std::string_view text) {
  const Value one =
      Value::Object({{"origin", Value("human")}, {"text", Value(text)}});
  Set(content, field, Value::Object({{"en", one}}));
}

absl::StatusOr<v1::PublishVersionResponse> Mim5::TryPublish(
    v1::RegistrationKind kind, const Value& content) {
  v1::PrepareVersionRequest request;
  request.set_reason("a case of MIM5");
  request.mutable_create()->set_kind(kind);
  request.mutable_create()->set_content_json(json::Canonical(content));
  return client::PublisherClient(*publisher_.connection, publisher_.key)
      .Publish(request);
}

std::string Mim5::Publish(v1::RegistrationKind kind, const Value& content) {
  const auto published = TryPublish(kind, content);
  EXPECT_THAT(published, testing::IsOk());
  return published.ok() ? published->registration_id() : "";
}

absl::StatusOr<v1::PublishVersionResponse> Mim5::TryUpdate(
    const std::string& id, const Value& content) {
  v1::PrepareVersionRequest request;
  request.set_reason("a case of MIM5");
  request.mutable_update()->set_registration_id(id);
  request.mutable_update()->set_content_json(json::Canonical(content));
  return client::PublisherClient(*publisher_.connection, publisher_.key)
      .Publish(request);
}

void Mim5::Restrict(Value& content, std::string_view field,
                    const std::vector<std::string>& audience, Value value) {
  Value stub = Value::Object({{"state", Value("withheld")},
                              {"ground", Value("how fraud is found")},
                              {"authority", Value("the executive")},
                              {"review", Value("2099-01-31")}});
  if (!audience.empty()) {
    Value list = Value::Array();
    for (const std::string& one : audience) list.Append(Value(one));
    stub.Set("audience", std::move(list));
    const Value* const before = content.Find("restricted");
    Value restricted = before == nullptr ? Value::Object() : *before;
    restricted.Set(field, Given(std::move(value)));
    content.Set("restricted", std::move(restricted));
  }
  Value fields = *content.Find("fields");
  fields.Set(field, std::move(stub));
  content.Set("fields", std::move(fields));
}

Value Mim5::Public(const std::string& id) {
  const auto got = register_.Get(id, 0);
  EXPECT_THAT(got, testing::IsOk());
  if (!got.ok()) return Value::Object();
  const auto content = json::ParseStrict(got->version().content_json());
  EXPECT_THAT(content, testing::IsOk());
  return content.ok() ? *content : Value::Object();
}

}  // namespace limpid::mim5
