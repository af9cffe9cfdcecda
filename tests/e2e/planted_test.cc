// Plants values and keys, lets everything happen to them, errors, debug log
// and a crash included, and looks for them in every byte that was written and
// in every decrypted page of every database.

#include <sys/resource.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_replace.h"
#include "common/base/id.h"
#include "common/base/text.h"
#include "common/crypto/keyring.h"
#include "common/crypto/root_key.h"
#include "gtest/gtest.h"
#include "tests/e2e/shipped_world.h"
#include "tests/e2e/sqlcipher_pages.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

using testing::IsOk;
using testing::ReadFile;

constexpr char kName[] = "person.name";
constexpr char kEmail[] = "person.email";
constexpr char kAllergy[] = "health.allergy";
constexpr char kFamily[] = "Zwaluwenburgplanted";
constexpr char kAddress[] = "planted.q7x@example.org";
constexpr char kSubstance[] = "plantedpeanutprotein";
constexpr char kBadValue[] = "plantedbadvalue8842";

struct Needle {
  std::string what;
  std::string bytes;
};

// `bytes` as they are and in every text form they could be written in.
void AddForms(const std::string& what, const std::string& bytes,
              std::vector<Needle>& out) {
  out.push_back({what, bytes});
  const std::string hex = base::HexEncode(base::AsBytes(bytes));
  out.push_back({what + " in hex", hex});
  std::string upper = hex;
  std::transform(
      upper.begin(), upper.end(), upper.begin(),
      [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  out.push_back({what + " in upper hex", upper});
  // Wherever in a longer text the bytes stand, one of three shifts shows. The
  // first and last letters depend on what is beside them.
  constexpr std::size_t kEdge = 4;
  for (std::size_t shift = 0; shift < 3; ++shift) {
    const std::string shifted = bytes.substr(shift);
    std::string url = base::Base64UrlEncode(base::AsBytes(shifted));
    url.resize(url.size() - kEdge);
    out.push_back({what + " in base64url", url});
    out.push_back({what + " in base64",
                   absl::StrReplaceAll(url, {{"-", "+"}, {"_", "/"}})});
  }
}

std::string Raw(const base::SecretBytes& secret) {
  return base::ToText(secret.Reveal(base::SecretAccess::Get()));
}

// The second line of a PEM file: the first begins alike in all of them.
std::string PemBody(const std::string& pem) {
  const std::size_t begin = pem.find('\n', pem.find('\n') + 1) + 1;
  return pem.substr(begin, 48);
}

class PlantedTest : public testing::ShippedWorldTest {
 protected:
  void SetUp() override {
    // A core would fall here, if the server let itself be dumped.
    const rlimit core{RLIM_INFINITY, RLIM_INFINITY};
    (void)setrlimit(RLIMIT_CORE, &core);
    LogEverything();
    plan_.attributes = {kName, kEmail};
    service_ = world_.AddService("service", plan_);
    agreement_ = world_.AddAgreement(service_, plan_);
    anna_ = world_.AddPerson();
  }

  // Starts the server anew with the most talkative log.
  void LogEverything() {
    const auto file = world_.directory() / "limpid.toml";
    const std::string quiet = ReadFile(file);
    const std::string loud =
        absl::StrReplaceAll(quiet, {{"level = \"warn\"", "level = \"debug\""}});
    ASSERT_NE(quiet, loud);
    std::ofstream(file, std::ios::binary) << loud;
    const auto here = std::filesystem::current_path();
    std::filesystem::current_path(directory_.path());
    world_.Restart();
    std::filesystem::current_path(here);
  }

  void LiveALife() {
    ASSERT_THAT(
        anna_->vault().Put(kName, std::string(R"({"given":"Ada","family":")") +
                                      kFamily + "\"}"),
        IsOk());
    ASSERT_THAT(anna_->vault().Put(kEmail, '"' + std::string(kAddress) + '"'),
                IsOk());
    ASSERT_THAT(anna_->vault().Put(kAllergy, std::string(R"([{"substance":")") +
                                                 kSubstance + "\"}]"),
                IsOk());
    record_ = world_.Grant(service_, agreement_, *anna_);
    const auto read = Read(record_, plan_.purpose, {kName, kEmail});
    ASSERT_THAT(read, IsOk());
    ASSERT_NE(read->results(0).value_json().find(kFamily), std::string::npos);
    const std::string second = world_.Grant(service_, agreement_, *anna_);
    ASSERT_THAT(anna_->consent().Withdraw(second), IsOk());
    ASSERT_THAT(anna_->vault().Erase(kAllergy, 1), IsOk());
  }
  absl::StatusOr<vault::v1::ReadAttributesResponse> Read(
      const std::string& record, const std::string& purpose,
      const std::vector<std::string>& attributes) {
    return service_.client->Read({record, purpose, attributes, "", ""});
  }

  static std::string IdBytes(std::string_view prefix, const std::string& text) {
    const auto bytes = base::ParseIdText(prefix, text);
    EXPECT_THAT(bytes, IsOk()) << text;
    return bytes.ok() ? base::ToText(*bytes) : text;
  }
  // As the vault knows her: the subject of a source token.
  std::string HolderId() {
    rpc::ChannelOptions channel = world_.anonymous_channel();
    channel.tokens = client::PersonTokens(
        anna_->key(), world_.trust().operator_name, world_.clock());
    const auto connection = client::Connect(channel);
    consent::v1::IssueSourceTokenRequest request;
    request.set_source_id(world_.trust().source_id);
    consent::v1::IssueSourceTokenResponse response;
    EXPECT_THAT(
        (*connection)
            ->Call({"/limpid.consent.v1.AccountService/IssueSourceToken"},
                   request, response),
        IsOk());
    const std::string& token = response.token();
    const std::size_t begin = token.find('.') + 1;
    const auto payload =
        base::Base64UrlDecode(token.substr(begin, token.rfind('.') - begin));
    EXPECT_THAT(payload, IsOk());
    const std::string text = base::ToText(*payload);
    return text.substr(text.find("hld_"), 30);
  }

  // Fails in many ways with planted values in the requests; what was said.
  std::string ProvokeErrors() {
    std::string said;
    const auto hear = [&said](const absl::Status& status) {
      EXPECT_FALSE(status.ok());
      said += std::string(status.message()) + '\n';
    };
    const std::string bad = '"' + std::string(kBadValue) + '"';
    client::VaultClient& vault = anna_->vault();
    hear(vault.Put("household.size", bad).status());
    hear(vault.Put(kName, R"({"family":)" + bad + R"(,"surplus":)" + bad + "}")
             .status());
    hear(vault.Put(kEmail, bad).status());
    hear(vault.Put(kEmail, bad + kFamily).status());
    hear(vault.Put("no.such.attribute", bad).status());
    hear(vault.Get(kName, 99).status());
    // Refused as an answer, not as an error.
    EXPECT_THAT(Read(kBadValue, plan_.purpose, {kName}), IsOk());
    EXPECT_THAT(Read(record_, kBadValue, {kName}), IsOk());
    hear(Read(record_, plan_.purpose, {kBadValue, kBadValue}).status());
    hear(anna_->consent().BindRequest(kBadValue).status());
    hear(anna_->consent().GetRecord(kBadValue).status());
    hear(anna_->consent().Grant(record_, {{kName}, "", {}}).status());
    rpc::ChannelOptions wrong = world_.anonymous_channel();
    wrong.tokens = [](std::string_view) -> absl::StatusOr<rpc::CallTokens> {
      return rpc::CallTokens{kBadValue, kBadValue};
    };
    const auto connection = client::Connect(wrong);
    EXPECT_THAT(connection, IsOk());
    for (const char* const method :
         {"/limpid.consent.v1.AccountService/GetAccount",
          "/limpid.vault.v1.PersonVaultService/ListAttributes",
          "/limpid.vault.v1.VaultService/ReadAttributes"}) {
      consent::v1::GetAccountRequest request;
      consent::v1::GetAccountResponse response;
      hear((*connection)->Call({method}, request, response));
    }
    return said;
  }

  // Values and keys; nothing of them may be found anywhere.
  std::vector<Needle> Secrets() {
    std::vector<Needle> out;
    for (const char* const value : {kFamily, kAddress, kSubstance, kBadValue}) {
      AddForms(value, value, out);
    }
    AddForms("the person's seed", Raw(anna_->key().key().Seed()), out);
    AddForms("the service's key", PemBody(service_.channel.private_key_pem),
             out);
    for (const auto& [role, ring] : Rings()) {
      for (const std::string_view name :
           {"store-db", "keys-db", "log-seed", "evidence-seed", "token-seed",
            "consent-root", "stop-ledger", "vault-erasure",
            "vault-tombstones"}) {
        const auto key = ring->Get(name);
        if (!key.ok()) continue;
        AddForms(role + " " + std::string(name), Raw(*key).substr(0, 32), out);
      }
      const auto kek = ring->Kek(ring->current_epoch());
      EXPECT_THAT(kek, IsOk());
      AddForms(role + " KEK", Raw(kek->key), out);
    }
    EXPECT_GT(out.size(), 100U);
    return out;
  }
  // Needed to open the databases; the server is stopped.
  std::map<std::string, std::unique_ptr<crypto::KeyRing>> Rings() {
    auto root = crypto::FileRootKey::Open(world_.directory() / "root.key",
                                          [](std::string_view) {});
    EXPECT_THAT(root, IsOk());
    const std::shared_ptr<const crypto::RootKey> shared(*std::move(root));
    std::map<std::string, std::unique_ptr<crypto::KeyRing>> out;
    for (const std::string role : {"consent", "vault", "register"}) {
      auto ring =
          crypto::KeyRing::Open(data() / role / "keyring", role, shared);
      EXPECT_THAT(ring, IsOk());
      out[role] = *std::move(ring);
    }
    return out;
  }
  // Every decrypted page of every database, by its file.
  std::map<std::string, std::vector<std::string>> Pages() {
    std::map<std::string, std::vector<std::string>> out;
    for (const auto& [role, ring] : Rings()) {
      for (const std::string name : {"store", "keys"}) {
        const auto file = data() / role / (name + ".db");
        if (!std::filesystem::exists(file)) continue;
        const auto key = ring->Get(name + "-db");
        EXPECT_THAT(key, IsOk());
        auto& pages = out[file.string()];
        pages = testing::DecryptPages(file, *key);
        // The key and the reading are right.
        EXPECT_TRUE(std::any_of(pages.begin(), pages.end(),
                                [](const std::string& page) {
                                  return page.find("CREATE TABLE") !=
                                         std::string::npos;
                                }))
            << file;
      }
    }
    EXPECT_EQ(out.size(), 5U);
    return out;
  }

  static void ExpectAbsent(std::string_view text, const std::string& where,
                           const std::vector<Needle>& needles) {
    for (const Needle& needle : needles) {
      EXPECT_EQ(text.find(needle.bytes), std::string_view::npos)
          << needle.what << " stands in " << where;
    }
  }

  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::string agreement_;
  std::unique_ptr<testing::Person> anna_;
  std::string record_;
};

TEST_F(PlantedTest, NothingPlantedIsFoundAnywhere) {
  LiveALife();
  const std::string said = ProvokeErrors();
  world_.Kill(SIGABRT);
  const std::vector<Needle> secrets = Secrets();
  ExpectAbsent(said, "an error message", secrets);

  // Everything but what belongs to others: the clients' keys, the CAs and the
  // root key file.
  int files = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(directory_.path())) {
    const std::string path = entry.path().string();
    if (!entry.is_regular_file() ||
        path.find("/clients/") != std::string::npos ||
        path.find("/ca/") != std::string::npos) {
      continue;
    }
    EXPECT_FALSE(entry.path().filename().string().starts_with("core"))
        << "a crash left a core";
    ++files;
    ExpectAbsent(ReadFile(entry.path()), path, secrets);
  }
  EXPECT_GT(files, 15);
  EXPECT_GT(ReadFile(server_log()).size(), 100U) << "the log said nothing";

  for (const auto& [file, pages] : Pages()) {
    for (const std::string& page : pages) ExpectAbsent(page, file, secrets);
  }
}

TEST_F(PlantedTest, NoPageSaysWhoSomebodyIsOrWhatTheyKeep) {
  LiveALife();
  const auto account = anna_->consent().GetAccount();
  ASSERT_THAT(account, IsOk());
  const std::string person = IdBytes("per", account->person_id());
  const std::string holder = IdBytes("hld", HolderId());
  const std::string record = IdBytes("rec", record_);
  world_.Stop();

  std::vector<Needle> identity;
  AddForms("the person's key",
           base::ToText(anna_->key().key().PublicKey().bytes), identity);
  AddForms("the person's key id", anna_->key().Thumbprint(), identity);
  const std::vector<Needle> names = {{"an attribute's name", kName},
                                     {"an attribute's name", kEmail},
                                     {"an attribute's name", kAllergy}};
  bool person_seen = false;
  for (const auto& [file, pages] : Pages()) {
    const bool vault = file.find("/vault/") != std::string::npos;
    for (const std::string& page : pages) {
      ExpectAbsent(page, file, identity);
      // One role never has the other's id.
      ExpectAbsent(page, file,
                   {{"the other role's id", vault ? person : holder}});
      const bool about_anna = page.find(person) != std::string::npos ||
                              page.find(holder) != std::string::npos ||
                              page.find(record) != std::string::npos;
      person_seen = person_seen || about_anna;
      if (about_anna) ExpectAbsent(page, file, names);
    }
  }
  EXPECT_TRUE(person_seen) << "the search finds nothing at all";
  identity.push_back({"the person's id", person});
  identity.push_back({"the holder's id", holder});
  identity.insert(identity.end(), names.begin(), names.end());
  for (const std::string role : {"consent", "vault", "register"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(data() / role / "log")) {
      if (!entry.is_regular_file()) continue;
      ExpectAbsent(ReadFile(entry.path()), entry.path().string(), identity);
    }
  }
}

}  // namespace
}  // namespace limpid
