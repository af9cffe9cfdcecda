// Every method of every service, called with nothing, with nonsense in every
// field, with too much of it, and by the wrong caller: a clear refusal each
// time, never a fault, and the server goes on.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "limpid/vault/v1/vault_admin_service.pb.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

namespace pb = google::protobuf;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;
using Code = absl::StatusCode;

constexpr int kMaxDepth = 4;

// What goes into every field of a request.
struct Fill {
  std::string_view name;
  std::string text;
  std::string bytes;
  std::int64_t number;
  int enumerator;
  int repeats;
};

std::vector<Fill> Fills() {
  return {
      {"nonsense", "x", "x", 1, 9999, 1},
      {"foreign ids", "abc_" + std::string(26, 'a'), std::string(16, 'i'), -1,
       1, 1},
      {"long texts", std::string(70'000, 'a'), std::string(70'000, 'b'),
       std::numeric_limits<std::int32_t>::max(), 1, 1},
      {"many of everything", "a", std::string(32, 'c'), 0, 1, 300},
      {"control characters", std::string("\x01\n\x7f\"", 4),
       std::string("\0\xff", 2), 2, -1, 2},
  };
}

void FillMessage(pb::Message& message, const Fill& fill, int depth);

void FillScalar(pb::Message& message, const pb::FieldDescriptor& field,
                const Fill& fill) {
  const pb::Reflection& edit = *message.GetReflection();
  const bool add = field.is_repeated();
  pb::Message* const in = &message;
  const auto unsigned_number = static_cast<std::uint64_t>(fill.number);
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_STRING: {
      const bool raw = field.type() == pb::FieldDescriptor::TYPE_BYTES;
      const std::string& text = raw ? fill.bytes : fill.text;
      add ? edit.AddString(in, &field, text) : edit.SetString(in, &field, text);
      return;
    }
    case pb::FieldDescriptor::CPPTYPE_ENUM:
      add ? edit.AddEnumValue(in, &field, fill.enumerator)
          : edit.SetEnumValue(in, &field, fill.enumerator);
      return;
    case pb::FieldDescriptor::CPPTYPE_INT32:
      edit.SetInt32(in, &field, static_cast<std::int32_t>(fill.number));
      return;
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      edit.SetUInt32(in, &field, static_cast<std::uint32_t>(unsigned_number));
      return;
    case pb::FieldDescriptor::CPPTYPE_INT64:
      edit.SetInt64(in, &field, fill.number);
      return;
    case pb::FieldDescriptor::CPPTYPE_UINT64:
      edit.SetUInt64(in, &field, unsigned_number);
      return;
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      edit.SetBool(in, &field, true);
      return;
    case pb::FieldDescriptor::CPPTYPE_DOUBLE:
    case pb::FieldDescriptor::CPPTYPE_FLOAT:
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      FAIL() << field.full_name() << " has a type this test cannot fill";
  }
}

void FillMessage(pb::Message& message, const Fill& fill, int depth) {
  const pb::Descriptor& type = *message.GetDescriptor();
  const pb::Reflection& edit = *message.GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const pb::FieldDescriptor& field = *type.field(i);
    const int repeats = field.is_repeated() ? fill.repeats : 1;
    for (int n = 0; n < repeats; ++n) {
      if (field.cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) {
        FillScalar(message, field, fill);
      } else if (depth < kMaxDepth) {
        FillMessage(field.is_repeated()
                        ? *edit.AddMessage(&message, &field)
                        : *edit.MutableMessage(&message, &field),
                    fill, depth + 1);
      }
    }
  }
}

void FieldNames(const pb::Descriptor& type, int depth,
                std::set<std::string>& out) {
  for (int i = 0; i < type.oneof_decl_count(); ++i) {
    out.insert(type.oneof_decl(i)->name());
  }
  for (int i = 0; i < type.field_count(); ++i) {
    out.insert(type.field(i)->name());
    if (type.field(i)->message_type() != nullptr && depth < kMaxDepth) {
      FieldNames(*type.field(i)->message_type(), depth + 1, out);
    }
  }
}

bool NamesAField(const pb::Descriptor& type, std::string_view message) {
  std::set<std::string> names;
  FieldNames(type, 0, names);
  return std::ranges::any_of(names, [message](const std::string& name) {
    return message.find(name) != std::string_view::npos;
  });
}

class BadInputTest : public testing::WorldTest {
 protected:
  void SetUp() override {
    plan_.attributes = {"household.size"};
    service_ = world_.AddService("service", plan_);
    agreement_ = world_.AddAgreement(service_, plan_);
    anna_ = world_.AddPerson();
    publisher_ = world_.AddPublisher("publisher");
    anonymous_ = Connected(world_.anonymous_channel());
    rpc::ChannelOptions person = world_.anonymous_channel();
    person.tokens = client::PersonTokens(
        anna_->key(), world_.trust().operator_name, world_.clock());
    person_ = Connected(person);
    tokens_ = std::make_unique<client::SourceTokens>(
        *person_, anna_->key(), world_.trust().source_id, world_.clock());
    rpc::ChannelOptions vault = world_.anonymous_channel();
    vault.tokens = [this](std::string_view method) {
      return tokens_->For(method);
    };
    person_at_vault_ = Connected(vault);
    admin_ = Connected(world_.admin_channel());
  }
  static std::unique_ptr<client::Connection> Connected(
      const rpc::ChannelOptions& channel) {
    auto connection = client::Connect(channel);
    EXPECT_THAT(connection, IsOk());
    return *std::move(connection);
  }

  // Who may call which service.
  std::map<std::string, client::Connection*> Callers() {
    return {
        {"limpid.identity.v1.IdentityService", anonymous_.get()},
        {"limpid.consent.v1.EvidenceKeyService", anonymous_.get()},
        {"limpid.algoregister.v1.RegisterService", anonymous_.get()},
        {"limpid.algoregister.v1.SearchService", anonymous_.get()},
        {"limpid.algoregister.v1.Mim5Service", anonymous_.get()},
        {"limpid.algoregister.v1.ConsentFactsService", anonymous_.get()},
        {"limpid.algoregister.v1.EvidenceService", anonymous_.get()},
        {"limpid.consent.v1.AccountService", person_.get()},
        {"limpid.consent.v1.PersonConsentService", person_.get()},
        {"limpid.consent.v1.RecordActService", person_.get()},
        {"limpid.consent.v1.MoveService", person_.get()},
        {"limpid.vault.v1.PersonVaultService", person_at_vault_.get()},
        {"limpid.vault.v1.SealedVaultService", person_at_vault_.get()},
        {"limpid.consent.v1.ServiceConsentService", service_.connection.get()},
        {"limpid.consent.v1.RequestSyntaxService", service_.connection.get()},
        {"limpid.vault.v1.VaultService", service_.connection.get()},
        {"limpid.vault.v1.AnswerKeyService", anonymous_.get()},
        {"limpid.vault.v1.StatisticsService", service_.connection.get()},
        {"limpid.algoregister.v1.PublishService", publisher_.connection.get()},
        {"limpid.consent.v1.ConsentAdminService", admin_.get()},
        {"limpid.consent.v1.ReconcileService", admin_.get()},
        {"limpid.vault.v1.VaultAdminService", admin_.get()},
        {"limpid.vault.v1.ReleaseTrailService", admin_.get()},
        {"limpid.vault.v1.ErasureService", person_at_vault_.get()},
        {"limpid.vault.v1.PortabilityService", person_at_vault_.get()},
        {"limpid.vault.v1.RecoveryService", person_at_vault_.get()},
        {"limpid.vault.v1.HoldAdminService", admin_.get()},
        {"limpid.vault.v1.KeyAdminService", admin_.get()},
        {"limpid.algoregister.v1.RegisterAdminService", admin_.get()},
        {"limpid.algoregister.v1.RegisterErasureService", admin_.get()},
        {"limpid.algoregister.v1.RegisterInsightService", anonymous_.get()},
        {"limpid.algoregister.v1.RestrictedReaderAdminService", admin_.get()},
    };
  }

  static absl::Status Call(client::Connection& connection,
                           const pb::MethodDescriptor& method,
                           const pb::Message& request) {
    const std::unique_ptr<pb::Message> response(
        pb::MessageFactory::generated_factory()
            ->GetPrototype(method.output_type())
            ->New());
    const std::string path =
        absl::StrCat("/", method.service()->full_name(), "/", method.name());
    const client::Method call = {path, false, absl::Seconds(10)};
    if (!method.server_streaming()) {
      return connection.Call(call, request, *response);
    }
    return connection.Stream(call, request, *response, [] { return false; });
  }

  static std::unique_ptr<pb::Message> NewRequest(
      const pb::MethodDescriptor& method) {
    return std::unique_ptr<pb::Message>(pb::MessageFactory::generated_factory()
                                            ->GetPrototype(method.input_type())
                                            ->New());
  }

  // Calls `visit` for each method with the connection that may call it.
  void ForEachMethod(const std::function<void(const pb::MethodDescriptor&,
                                              client::Connection&)>& visit) {
    int count = 0;
    for (const auto& [name, connection] : Callers()) {
      const pb::ServiceDescriptor* const service =
          pb::DescriptorPool::generated_pool()->FindServiceByName(name);
      ASSERT_NE(service, nullptr) << name;
      for (int i = 0; i < service->method_count(); ++i) {
        SCOPED_TRACE(service->method(i)->full_name());
        visit(*service->method(i), *connection);
        ++count;
      }
    }
    EXPECT_GT(count, 40) << "methods were not visited";
  }

  // A small number or a time, which is all that a fill puts into one, may be
  // what the method is for.
  static bool CanBeNonsense(const pb::Descriptor& request) {
    for (int i = 0; i < request.field_count(); ++i) {
      const pb::FieldDescriptor& field = *request.field(i);
      const auto type = field.cpp_type();
      if (type == pb::FieldDescriptor::CPPTYPE_STRING ||
          type == pb::FieldDescriptor::CPPTYPE_ENUM ||
          (type == pb::FieldDescriptor::CPPTYPE_MESSAGE &&
           field.message_type()->full_name() != "google.protobuf.Timestamp")) {
        return true;
      }
    }
    return false;
  }

  // A refusal that a caller can act on.
  static void ExpectClear(const absl::Status& status,
                          const pb::MethodDescriptor& method) {
    static const std::set<Code> kClear = {
        Code::kOk,
        Code::kInvalidArgument,
        Code::kNotFound,
        Code::kAlreadyExists,
        Code::kFailedPrecondition,
        Code::kPermissionDenied,
        Code::kResourceExhausted,
    };
    EXPECT_TRUE(kClear.contains(status.code())) << status;
    if (status.code() != Code::kInvalidArgument) return;
    EXPECT_TRUE(
        NamesAField(*method.input_type(), base::ToStd(status.message())))
        << status;
    EXPECT_LT(status.message().size(), 512U);
  }

  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::string agreement_;
  std::unique_ptr<testing::Person> anna_;
  testing::PublisherSide publisher_;
  std::unique_ptr<client::Connection> anonymous_;
  std::unique_ptr<client::Connection> person_;
  std::unique_ptr<client::SourceTokens> tokens_;
  std::unique_ptr<client::Connection> person_at_vault_;
  std::unique_ptr<client::Connection> admin_;
};

TEST_F(BadInputTest, AnEmptyRequestIsAnsweredOrRefusedByField) {
  ForEachMethod([](const pb::MethodDescriptor& method,
                   client::Connection& connection) {
    // Waits for events; the fill "nonsense" gives it a cursor.
    if (method.name() == "Watch") return;
    const absl::Status status = Call(connection, method, *NewRequest(method));
    ExpectClear(status, method);
    const bool only_asks = method.name().starts_with("Get") ||
                           method.name().starts_with("List") ||
                           method.name().starts_with("Search") ||
                           method.name().starts_with("Export");
    if (!only_asks) {
      EXPECT_FALSE(status.ok()) << "nothing was asked and it was done";
    }
  });
}

TEST_F(BadInputTest, NonsenseInEveryFieldIsRefusedClearly) {
  for (const Fill& fill : Fills()) {
    SCOPED_TRACE(std::string(fill.name));
    ForEachMethod([&](const pb::MethodDescriptor& method,
                      client::Connection& connection) {
      const auto request = NewRequest(method);
      FillMessage(*request, fill, 0);
      const absl::Status status = Call(connection, method, *request);
      // Thirty-two bytes may be a key, but never the caller's.
      if (method.name() != "CreateAccount" ||
          !absl::IsUnauthenticated(status)) {
        ExpectClear(status, method);
      }
      if (CanBeNonsense(*method.input_type())) {
        EXPECT_FALSE(status.ok());
      }
    });
  }
  EXPECT_THAT(anna_->consent().GetAccount(), IsOk());
}

TEST_F(BadInputTest, NobodyIsServedAsSomebodyElse) {
  const auto callers = Callers();
  ForEachMethod([&](const pb::MethodDescriptor& method,
                    client::Connection& rightful) {
    if (&rightful == anonymous_.get()) return;
    // The key in the request is what makes the caller known.
    if (method.name() == "CreateAccount") return;
    for (const auto& [name, connection] : callers) {
      if (connection == &rightful) continue;
      // The vault leaves to consent which certificates are services'.
      if ((method.name() == "ReadAttributes" || method.name() == "Aggregate") &&
          connection == publisher_.connection.get()) {
        continue;
      }
      const absl::Status status =
          Call(*connection, method, *NewRequest(method));
      EXPECT_TRUE(status.code() == Code::kUnauthenticated ||
                  status.code() == Code::kPermissionDenied)
          << name << "'s caller: " << status;
    }
  });
}

TEST_F(BadInputTest, AHugeMessageIsRefused) {
  consent::v1::CreateRequestRequest request;
  consent::v1::CreateRequestResponse response;
  const client::Method method = {
      "/limpid.consent.v1.ServiceConsentService/CreateRequest"};
  const std::string large((4U << 20U) + 1, 'x');
  EXPECT_THAT(anna_->vault().Put("household.size", large),
              StatusSays(Code::kInvalidArgument, "value_json"));
  request.set_agreement_id(large);
  EXPECT_THAT(service_.connection->Call(method, request, response),
              StatusSays(Code::kInvalidArgument, "agreement_id"));
  // More than the listener takes, which is what an import needs.
  request.set_agreement_id(std::string(std::size_t{33} << 20U, 'x'));
  EXPECT_THAT(service_.connection->Call(method, request, response),
              StatusIs(Code::kResourceExhausted));
  EXPECT_THAT(anna_->vault().Put("household.size", "3"), IsOk());
}

TEST_F(BadInputTest, ValuesNameThePointerThatBreaksTheirSchema) {
  client::VaultClient& vault = anna_->vault();
  EXPECT_THAT(vault.Put("household.size", "\"three\""),
              StatusSays(Code::kInvalidArgument, "value_json"));
  EXPECT_THAT(vault.Put("person.name", R"({"family":7,"given":"Ada"})"),
              StatusSays(Code::kInvalidArgument, "/family"));
  EXPECT_THAT(vault.Put("person.name", R"({"given":"a","given":"b"})"),
              StatusSays(Code::kInvalidArgument, "value_json"));
  EXPECT_THAT(vault.Put("household.size", "{"),
              StatusSays(Code::kInvalidArgument, "value_json"));
  EXPECT_THAT(vault.Put("household.size", std::string(300'000, '1')),
              StatusSays(Code::kInvalidArgument, "value_json"));
  EXPECT_THAT(vault.Put("no.such", "1"), StatusIs(Code::kNotFound));
  EXPECT_THAT(vault.Get("household.size", 9), StatusIs(Code::kNotFound));
}

TEST_F(BadInputTest, AgreementsNameThePathOfWhatIsWrong) {
  const auto refused = [&](std::string_view path, const auto& damage) {
    SCOPED_TRACE(std::string(path));
    consent::v1::CreateAgreementRequest request =
        testing::World::AgreementRequest(service_, plan_);
    damage(*request.mutable_content());
    EXPECT_THAT(world_.admin().CreateAgreement(request),
                StatusSays(Code::kInvalidArgument, std::string(path)));
  };
  using Content = consent::v1::AgreementContent;
  refused("content.titles", [](Content& c) { c.clear_titles(); });
  refused("content.legal_basis", [](Content& c) {
    c.set_legal_basis(static_cast<consent::v1::LegalBasis>(77));
  });
  refused("content.purposes[0]",
          [](Content& c) { c.set_purposes(0, "https://example.org/no"); });
  refused("content.lines[0].form", [](Content& c) {
    c.mutable_lines(0)->set_form(static_cast<consent::v1::Form>(77));
  });
  refused("content.lines[0].necessity",
          [](Content& c) { c.mutable_lines(0)->clear_necessity(); });
  refused("content.lines[1]",
          [](Content& c) { *c.add_lines() = Content(c).lines(0); });
  refused("content.lines[0].attribute",
          [](Content& c) { c.mutable_lines(0)->set_attribute("Bad Name"); });
  refused("content.notices", [](Content& c) { c.clear_notices(); });
  refused("content.validity_days", [](Content& c) { c.clear_validity_days(); });
  refused("content.system_ids", [](Content& c) { c.set_ai_training(true); });
}

}  // namespace
}  // namespace limpid
