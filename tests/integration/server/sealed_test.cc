// Sealed values through a whole server over TLS: what a device seals comes back
// to her devices alone, and every other way is refused with a reason.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/sealed_client.h"
#include "common/base/text.h"
#include "common/crypto/random.h"
#include "gtest/gtest.h"
#include "limpid/vault/v1/sealed_vault_service.pb.h"
#include "tests/integration/server/cli_fixture.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/require.h"

namespace limpid {
namespace {

namespace v1 = limpid::vault::v1;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr char kName[] = "person.name";
constexpr char kBirthDate[] = "person.birth_date";
constexpr char kNameValue[] = R"({"family":"Jansen","given":"Ada"})";
constexpr char kBirthValue[] = R"("1990-02-28")";

#define LIMPID_SEALED "/limpid.vault.v1.SealedVaultService/"
constexpr client::Method kList = {LIMPID_SEALED "ListKeySlots", true};
constexpr client::Method kAdd = {LIMPID_SEALED "AddKeySlot", true};
constexpr client::Method kDelete = {LIMPID_SEALED "DeleteKeySlot"};
constexpr client::Method kPlace = {LIMPID_SEALED "GetSealingPlace", true};
constexpr client::Method kPut = {LIMPID_SEALED "PutSealedAttribute", true};
#undef LIMPID_SEALED

class SealedWorldTest : public testing::WorldTest {
 protected:
  SealedWorldTest()
      : device_(directory_.path() / "device-key.json",
                directory_.path() / "sealed-key.json"),
        anna_(world_.AddPerson()),
        sealed_(anna_->vault_connection(), anna_->key(), device_,
                world_.trust(), world_.clock()) {}

  std::string Opened(const char* attribute, std::uint64_t version = 0) {
    const auto got = anna_->vault().Get(attribute, version);
    EXPECT_THAT(got, IsOk());
    if (!got.ok()) return "";
    EXPECT_EQ(got->value_json(), "");
    const auto opened = sealed_.Open(attribute, *got);
    EXPECT_THAT(opened, IsOk());
    return opened.ok() ? opened->value_json : "";
  }

  client::DeviceHome device_;
  std::unique_ptr<testing::Person> anna_;
  client::SealedClient sealed_;
};

TEST_F(SealedWorldTest, HerDeviceOpensItAfterARestartToo) {
  ASSERT_THAT(sealed_.Put(kBirthDate, kBirthValue), IsOk());
  EXPECT_EQ(Opened(kBirthDate), kBirthValue);
  ASSERT_THAT(sealed_.Put(kBirthDate, R"("1990-02-27")"), IsOk());
  world_.Restart();
  EXPECT_EQ(Opened(kBirthDate), R"("1990-02-27")");
  EXPECT_EQ(Opened(kBirthDate, 1), kBirthValue);
  const auto list = anna_->vault().List();
  ASSERT_THAT(list, IsOk());
  ASSERT_EQ(list->size(), 1U);
  EXPECT_EQ(list->front().attribute(), kBirthDate);
  EXPECT_EQ(list->front().custody(), v1::CUSTODY_SEALED);
  ASSERT_THAT(anna_->vault().Erase(kBirthDate, 2), IsOk());
  EXPECT_EQ(Opened(kBirthDate), kBirthValue);
}

TEST_F(SealedWorldTest, AServiceIsRefusedWithTheReasonAndThePersonSeesIt) {
  testing::AgreementPlan plan;
  plan.attributes = {kName};
  plan.over_18 = true;
  testing::ServiceSide cinema = world_.AddService("cinema", plan);
  const std::string agreement = world_.AddAgreement(cinema, plan);
  ASSERT_THAT(anna_->vault().Put(kName, kNameValue), IsOk());
  ASSERT_THAT(sealed_.Put(kBirthDate, kBirthValue), IsOk());
  const std::string record = world_.Grant(cinema, agreement, *anna_);
  const auto read =
      cinema.client->Read({record, plan.purpose, {kName, kBirthDate}, "", ""});
  ASSERT_THAT(read, IsOk());
  ASSERT_EQ(read->results_size(), 2);
  EXPECT_EQ(read->results(0).value_json(), kNameValue);
  EXPECT_EQ(read->results(1).verdict(), v1::VERDICT_REFUSED);
  EXPECT_EQ(read->results(1).reason(), v1::REASON_SEALED);
  EXPECT_EQ(read->results(1).value_json(), "");
  const auto entries = anna_->consent().ListAccesses(record, 10);
  ASSERT_THAT(entries, IsOk());
  EXPECT_TRUE(
      std::any_of(entries->begin(), entries->end(), [&](const auto& entry) {
        return entry.access_id() == read->access_id();
      }));
}

TEST_F(SealedWorldTest, AnAssistedPutAfterItIsRefusedUnlessMeant) {
  ASSERT_THAT(sealed_.Put(kBirthDate, kBirthValue), IsOk());
  EXPECT_THAT(anna_->vault().Put(kBirthDate, kBirthValue),
              StatusSays(absl::StatusCode::kFailedPrecondition, "sealed"));
  ASSERT_THAT(anna_->vault().Put(kBirthDate, kBirthValue, std::nullopt,
                                 /*replace_sealed=*/true),
              IsOk());
  EXPECT_EQ(anna_->vault().Get(kBirthDate, 0)->value_json(), kBirthValue);
}

TEST_F(SealedWorldTest, OnlyThePersonHerselfIsHeard) {
  ASSERT_THAT(sealed_.Put(kBirthDate, kBirthValue), IsOk());
  testing::AgreementPlan plan;
  plan.attributes = {kName};
  const testing::ServiceSide cinema = world_.AddService("cinema", plan);
  const auto anonymous =
      testing::Require(client::Connect(world_.anonymous_channel()), "connect");
  const v1::ListKeySlotsRequest list;
  for (client::Connection* other : {cinema.connection.get(), anonymous.get()}) {
    EXPECT_FALSE(
        client::Invoke<v1::ListKeySlotsResponse>(*other, kList, list).ok());
    EXPECT_FALSE(client::Invoke<v1::PutSealedAttributeResponse>(
                     *other, kPut, v1::PutSealedAttributeRequest())
                     .ok());
  }
  const auto bela = world_.AddPerson();
  const auto hers = client::Invoke<v1::ListKeySlotsResponse>(
      bela->vault_connection(), kList, list);
  ASSERT_THAT(hers, IsOk());
  EXPECT_EQ(hers->slots_size(), 0);
  const auto annas = client::Invoke<v1::ListKeySlotsResponse>(
      anna_->vault_connection(), kList, list);
  ASSERT_THAT(annas, IsOk());
  ASSERT_EQ(annas->slots_size(), 1);
  EXPECT_NE(annas->holder_id(), hers->holder_id());
  // Anna's slot in Bela's hands: it is not signed by Bela.
  v1::AddKeySlotRequest add;
  *add.mutable_slot() = annas->slots(0);
  EXPECT_THAT(client::Invoke<v1::AddKeySlotResponse>(bela->vault_connection(),
                                                     kAdd, add),
              StatusSays(absl::StatusCode::kInvalidArgument, "slot.body"));
  v1::DeleteKeySlotRequest remove;
  remove.set_kind(v1::SLOT_KIND_DEVICE);
  remove.set_slot_id(annas->slots(0).slot_id());
  remove.set_generation(1);
  EXPECT_THAT(client::Invoke<v1::DeleteKeySlotResponse>(
                  bela->vault_connection(), kDelete, remove),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(client::Invoke<v1::DeleteKeySlotResponse>(
                  anna_->vault_connection(), kDelete, remove),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(SealedWorldTest, MalformedRequestsNameTheField) {
  client::Connection& vault = anna_->vault_connection();
  const auto add_says = [&](const std::string& field,
                            const std::function<void(v1::KeySlot&)>& change) {
    v1::AddKeySlotRequest request;
    v1::KeySlot& slot = *request.mutable_slot();
    slot.set_kind(v1::SLOT_KIND_DEVICE);
    slot.set_slot_id(std::string(16, 's'));
    slot.set_key_id(std::string(16, 'k'));
    slot.set_generation(1);
    slot.set_body("body");
    change(slot);
    EXPECT_THAT(client::Invoke<v1::AddKeySlotResponse>(vault, kAdd, request),
                StatusSays(absl::StatusCode::kInvalidArgument, field));
  };
  add_says("slot.kind", [](v1::KeySlot& s) { s.clear_kind(); });
  add_says("slot.kind",
           [](v1::KeySlot& s) { s.set_kind(v1::SLOT_KIND_SERVER); });
  add_says("slot.slot_id", [](v1::KeySlot& s) { s.set_slot_id("short"); });
  add_says("slot.slot_id",
           [](v1::KeySlot& s) { s.set_slot_id(std::string(16, '\0')); });
  add_says("slot.key_id", [](v1::KeySlot& s) { s.clear_key_id(); });
  add_says("slot.generation", [](v1::KeySlot& s) { s.clear_generation(); });
  add_says("slot.body", [](v1::KeySlot& s) { s.clear_body(); });
  add_says("slot.body",
           [](v1::KeySlot& s) { s.set_body(std::string(513, 'b')); });
  add_says("slot.body", [](v1::KeySlot& /*s*/) {});

  ASSERT_THAT(sealed_.Put(kName, kNameValue), IsOk());
  v1::GetSealingPlaceRequest where;
  EXPECT_THAT(client::Invoke<v1::GetSealingPlaceResponse>(vault, kPlace, where),
              StatusSays(absl::StatusCode::kInvalidArgument, "attribute"));
  const auto put_says =
      [&](const std::string& field,
          const std::function<void(v1::PutSealedAttributeRequest&)>& change) {
        v1::PutSealedAttributeRequest request;
        request.set_attribute(kBirthDate);
        request.set_schema_version(1);
        request.set_version(1);
        request.set_request_id(std::string(16, 'r'));
        request.mutable_put_time()->set_seconds(
            absl::ToUnixSeconds(world_.clock().Now()));
        request.mutable_sealed()->set_dek_id(std::string(16, 'd'));
        request.mutable_sealed()->set_generation(1);
        change(request);
        EXPECT_THAT(client::Invoke<v1::PutSealedAttributeResponse>(vault, kPut,
                                                                   request),
                    StatusSays(absl::StatusCode::kInvalidArgument, field));
      };
  using Put = v1::PutSealedAttributeRequest;
  put_says("attribute", [](Put& put) { put.clear_attribute(); });
  put_says("request_id", [](Put& put) { put.set_request_id("x"); });
  put_says("put_time", [](Put& put) { put.clear_put_time(); });
  put_says("put_time", [](Put& put) { put.mutable_put_time()->set_nanos(1); });
  put_says("sealed.dek_id", [](Put& put) { put.clear_sealed(); });
  put_says("sealed.generation",
           [](Put& put) { put.mutable_sealed()->clear_generation(); });
  put_says("sealed.label", [](Put& /*put*/) {});
}

// The command line of two devices that hold one account.
class SealedCliTest : public testing::CliTest {
 protected:
  // The id in the line of `device list` that ends in `remark`.
  std::string SlotOfLine(const std::string& remark) const {
    std::istringstream lines(out());
    for (std::string line; std::getline(lines, line);) {
      const bool has = line.find("this device") != std::string::npos;
      if (line.find("slt_") == std::string::npos) continue;
      if (has == !remark.empty()) {
        return line.substr(line.find("slt_"), 30);
      }
    }
    return "";
  }
};

TEST_F(SealedCliTest, SealsSaysWhatItLosesAndOpens) {
  ASSERT_EQ(Run("phone", {"put", kBirthDate, "1990-02-28"}),
            cli::ExitCode::kOk);
  ASSERT_EQ(Run("phone", {"put", kBirthDate, "1990-02-28", "--sealed"}),
            cli::ExitCode::kOk);
  EXPECT_TRUE(Said("Sealed person.birth_date, version 2."));
  EXPECT_TRUE(Said("nothing is derived from it"));
  EXPECT_TRUE(Said("nobody can rescue it"));
  EXPECT_TRUE(Said("stay readable to the server until you erase them"));
  ASSERT_EQ(Run("phone", {"get", kBirthDate}), cli::ExitCode::kOk);
  EXPECT_EQ(FirstLine(), "\"1990-02-28\"");
  ASSERT_EQ(Run("phone", {"list"}), cli::ExitCode::kOk);
  EXPECT_TRUE(Said("sealed"));
  EXPECT_EQ(Run("phone", {"put", kBirthDate, "1990-02-27"}),
            cli::ExitCode::kFailed);
  EXPECT_TRUE(Said("--assisted"));
  EXPECT_EQ(Run("phone", {"put", kBirthDate, "1990-02-27", "--assisted"}),
            cli::ExitCode::kOk);
  // Both at once is a mistake of the command line.
  EXPECT_EQ(Run("phone", {"put", kBirthDate, "1", "--sealed", "--assisted"}),
            cli::ExitCode::kUsage);
}

TEST_F(SealedCliTest, TakesAnAttributeWithItsHistoryOutOfTheServersHands) {
  ASSERT_EQ(Run("phone", {"put", kBirthDate, "1990-02-26"}),
            cli::ExitCode::kOk);
  ASSERT_EQ(Run("phone", {"put", kBirthDate, "1990-02-27"}),
            cli::ExitCode::kOk);
  ASSERT_EQ(Run("phone", {"put", kBirthDate, "1990-02-28"}),
            cli::ExitCode::kOk);
  ASSERT_EQ(Run("phone", {"erase", kBirthDate, "2"}), cli::ExitCode::kOk);
  ASSERT_EQ(Run("phone", {"seal", kBirthDate}), cli::ExitCode::kOk);
  EXPECT_TRUE(Said("Sealed 2 version(s)"));
  EXPECT_TRUE(Said("Backups of the server from before hold them"));
  ASSERT_EQ(Run("phone", {"get", kBirthDate}), cli::ExitCode::kOk);
  EXPECT_EQ(FirstLine(), "\"1990-02-28\"");
  ASSERT_EQ(Run("phone", {"get", kBirthDate, "--version", "4"}),
            cli::ExitCode::kOk);
  EXPECT_EQ(FirstLine(), "\"1990-02-26\"");
  for (const char* version : {"1", "2", "3"}) {
    EXPECT_EQ(Run("phone", {"get", kBirthDate, "--version", version}),
              cli::ExitCode::kFailed);
  }
  ASSERT_EQ(Run("phone", {"seal", kBirthDate}), cli::ExitCode::kOk);
  EXPECT_TRUE(Said("Nothing of it is in the server's hands"));
  ASSERT_EQ(Run("phone", {"get", kBirthDate}), cli::ExitCode::kOk);
  EXPECT_EQ(FirstLine(), "\"1990-02-28\"");
}

TEST_F(SealedCliTest, ASecondDeviceComesInByItsCodeAndGoes) {
  ASSERT_EQ(Run("phone", {"put", kBirthDate, "1990-02-28", "--sealed"}),
            cli::ExitCode::kOk);
  EXPECT_EQ(Run("laptop", {"get", kBirthDate}), cli::ExitCode::kFailed);
  EXPECT_TRUE(Said("limpid person device code"));
  ASSERT_EQ(Run("laptop", {"device", "code"}), cli::ExitCode::kOk);
  const std::string code = FirstLine();
  EXPECT_EQ(code.substr(0, 4), "dev_");
  EXPECT_EQ(Run("phone", {"device", "add", code + "a"}), cli::ExitCode::kUsage);
  ASSERT_EQ(Run("phone", {"device", "add", code}), cli::ExitCode::kOk);
  ASSERT_EQ(Run("laptop", {"get", kBirthDate}), cli::ExitCode::kOk);
  EXPECT_EQ(FirstLine(), "\"1990-02-28\"");
  ASSERT_EQ(Run("phone", {"device", "list"}), cli::ExitCode::kOk);
  const std::string laptop = SlotOfLine("");
  const std::string phone = SlotOfLine("this device");
  ASSERT_FALSE(laptop.empty() || phone.empty()) << out();
  ASSERT_EQ(Run("phone", {"device", "remove", laptop}), cli::ExitCode::kOk);
  EXPECT_TRUE(Said("it may have kept the key"));
  EXPECT_EQ(Run("laptop", {"get", kBirthDate}), cli::ExitCode::kFailed);
  EXPECT_EQ(Run("phone", {"device", "remove", laptop}), cli::ExitCode::kFailed);
  EXPECT_EQ(Run("phone", {"device", "remove", phone}), cli::ExitCode::kFailed);
  EXPECT_TRUE(Said("last way"));
}

}  // namespace
}  // namespace limpid
