#include "server/config.h"

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "server/config_fields.h"
#include "server/key_operator.h"
#include "server/remote_source.h"
#include "tests/testing/status_matchers.h"

namespace limpid::server {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::limpid::testing::StatusSays;

// The least that a file must have, on lines 1 to 3, and then `rest`.
absl::StatusOr<Config> Parse(const std::string& rest) {
  return ParseConfig(
      "data_directory = \"data\"\nroles = [\"register\"]\noperator = "
      "\"city.example\"\n" +
          rest,
      "/etc/limpid/limpid.toml");
}

TEST(Config, TakesDefaultsForWhatIsNotThere) {
  const auto config = Parse("");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->grpc_address, "127.0.0.1:7443");
  EXPECT_EQ(config->log_interval_seconds, 60);
  EXPECT_TRUE(config->storage_check_pages);
  EXPECT_TRUE(config->HasRole("register"));
  EXPECT_FALSE(config->HasRole("consent"));
}

TEST(Config, ResolvesPathsFromTheFolderOfTheFile) {
  const auto config = Parse("");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->Resolve("tls/a.pem"), "/etc/limpid/tls/a.pem");
  EXPECT_EQ(config->Resolve("../b"), "/etc/b");
  EXPECT_EQ(config->Resolve("/c"), "/c");
}

TEST(Config, WritesAFileThatReadsBackTheSame) {
  auto config = Parse(
      "[listen]\ngrpc = \"[::1]:1\"\nhttps = \"\"\n[logging]\nlevel = "
      "\"warn\"\n[limits]\nworkers = 3\n");
  ASSERT_THAT(config, IsOk());
  config->stop_ledger_directory = R"(a "quoted" \ path)";
  const std::string text = WriteConfig(*config);
  const auto again = ParseConfig(text, "/etc/limpid/limpid.toml");
  ASSERT_THAT(again, IsOk()) << text;
  EXPECT_EQ(WriteConfig(*again), text);
  EXPECT_EQ(again->limits_workers, 3);
  EXPECT_EQ(again->stop_ledger_directory, config->stop_ledger_directory);
  for (const Field& field : Fields()) {
    EXPECT_NE(text.find("\n" + std::string(field.name) + " = "),
              std::string::npos)
        << field.name;
    EXPECT_FALSE(field.comment.empty());
  }
}

TEST(Config, NamesTheUnknownKeyAndItsLine) {
  EXPECT_THAT(Parse("surprise = 1\n"),
              StatusSays(absl::StatusCode::kInvalidArgument,
                         "limpid.toml:4: the key 'surprise' is unknown"));
  EXPECT_THAT(Parse("[tls]\ncertificate = \"a\"\ncertifcate = \"a\"\n"),
              StatusSays(absl::StatusCode::kInvalidArgument,
                         "limpid.toml:6: the key 'tls.certifcate' is unknown"));
  EXPECT_THAT(Parse("[other]\n"), StatusSays(absl::StatusCode::kInvalidArgument,
                                             "the key 'other' is unknown"));
}

TEST(Config, NamesTheMissingKey) {
  EXPECT_THAT(ParseConfig("", "x.toml"),
              StatusSays(absl::StatusCode::kInvalidArgument,
                         "data_directory is missing"));
  EXPECT_THAT(
      ParseConfig("data_directory = \"d\"\nroles = [\"register\"]", "x.toml"),
      StatusSays(absl::StatusCode::kInvalidArgument, "operator is missing"));
}

TEST(Config, RefusesWrongTypesAndValuesOutOfRange) {
  for (const std::string_view rest :
       {"[limits]\nworkers = \"3\"", "[limits]\nworkers = 3.0",
        "[limits]\nworkers = 0", "[limits]\nworkers = 1025",
        "[logs]\npublish_when_pending = 1", "[listen]\ngrpc = 7443",
        "[listen]\ngrpc = \"\"", "[listen]\ngrpc = \"host\"",
        "[listen]\ngrpc = \"host:65536\"", "[listen]\ngrpc = \":1\"",
        "[logging]\nformat = \"xml\"", "[logging]\nlevel = \"loud\"",
        "listen = 3", "not toml at all"}) {
    EXPECT_THAT(Parse(std::string(rest)),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << rest;
  }
  EXPECT_THAT(Parse("[limits]\nworkers = 1"), IsOk());
  EXPECT_THAT(Parse("[limits]\nworkers = 1024"), IsOk());
}

// A configuration whose root key is in shares.
Config WithShares() {
  Config config = DefaultConfig();
  config.operator_name = "a.example";
  config.roles = {"register"};
  config.root_key_kind = "shares";
  config.root_key_file = "";
  config.root_key_share_set = 9066;
  config.root_key_share_threshold = 2;
  config.root_key_share_count = 3;
  config.root_key_share_commitment = std::string(64, 'a');
  return config;
}

TEST(Config, SharesNeedTheirNumbersAndNoOtherKey) {
  constexpr auto kBad = absl::StatusCode::kInvalidArgument;
  ASSERT_THAT(CheckConfig(WithShares()), IsOk());
  const auto changed = [](auto change) {
    Config config = WithShares();
    change(config);
    return CheckConfig(config);
  };
  EXPECT_THAT(changed([](Config& c) { c.root_key_file = "root.key"; }),
              StatusSays(kBad, "set file = \"\""));
  EXPECT_THAT(changed([](Config& c) { c.root_key_module = "token.so"; }),
              StatusSays(kBad, "module = \"\""));
  EXPECT_THAT(changed([](Config& c) { c.root_key_share_threshold = 0; }),
              StatusSays(kBad, "share_threshold"));
  EXPECT_THAT(changed([](Config& c) { c.root_key_share_threshold = 4; }),
              StatusSays(kBad, "share_threshold"));
  // Copies of one share are no shares.
  EXPECT_THAT(changed([](Config& c) { c.root_key_share_threshold = 1; }),
              StatusSays(kBad, "share_threshold"));
  for (const std::size_t size : {0U, 62U, 66U}) {
    EXPECT_THAT(changed([size](Config& c) {
                  c.root_key_share_commitment = std::string(size, 'a');
                }),
                StatusSays(kBad, "share_commitment"));
  }
  EXPECT_THAT(changed([](Config& c) {
                c.root_key_share_threshold = 1;
                c.root_key_share_count = 1;
              }),
              IsOk());
}

TEST(Config, TheKindOfTheRootKeyFitsWhatIsNamed) {
  constexpr auto kBad = absl::StatusCode::kInvalidArgument;
  Config config = WithShares();
  config.root_key_kind = "";
  config.root_key_file = "root.key";
  EXPECT_THAT(CheckConfig(config), StatusSays(kBad, "is not shares"));
  config.root_key_kind = "shared";
  EXPECT_THAT(CheckConfig(config), StatusSays(kBad, "file, token or shares"));
  config = DefaultConfig();
  config.operator_name = "a.example";
  config.roles = {"register"};
  for (const std::string_view kind : {"", "file"}) {
    config.root_key_kind = kind;
    EXPECT_EQ(RootKeyKind(config), kRootKeyFile);
    EXPECT_THAT(CheckConfig(config), IsOk());
  }
  config.root_key_kind = "token";
  config.root_key_file = "";
  EXPECT_THAT(CheckConfig(config), StatusSays(kBad, "root_key.module"));
  config.root_key_module = "token.so";
  config.root_key_token = "t";
  config.root_key_pin_file = "pin";
  for (const std::string_view kind : {"", "token"}) {
    config.root_key_kind = kind;
    EXPECT_EQ(RootKeyKind(config), kRootKeyToken);
    EXPECT_THAT(CheckConfig(config), IsOk());
  }
  config.root_key_kind = "file";
  EXPECT_THAT(CheckConfig(config), StatusSays(kBad, "though a module"));
}

absl::StatusOr<Config> WithRoles(const std::string& roles) {
  return ParseConfig(
      "data_directory = \"d\"\noperator = \"a.example\"\nroles "
      "= " +
          roles + "\n[vault]\nsource_id = \"src_" + std::string(26, 'a') + "\"",
      "x.toml");
}

TEST(Config, AVaultAloneNeedsAllOfConsentsSide) {
  Config config = DefaultConfig();
  config.operator_name = "a.example";
  config.roles = {"vault"};
  config.vault_source_id = "src_" + std::string(26, 'a');
  config.vault_consent_address = "consent.example:7443";
  config.vault_consent_ca = "ca.pem";
  config.vault_consent_certificate = "vault.pem";
  config.vault_consent_private_key = "vault.key";
  config.vault_consent_evidence_key = "e";
  EXPECT_THAT(CheckConfig(config),
              StatusSays(absl::StatusCode::kInvalidArgument,
                         "vault.consent_token_key: is missing"));
  config.vault_consent_token_key = std::string(43, 'A');
  EXPECT_THAT(CheckConfig(config),
              StatusSays(absl::StatusCode::kInvalidArgument,
                         "vault.consent_evidence_key: is not 32 bytes"));
  config.vault_consent_evidence_key = std::string(43, 'A');
  EXPECT_THAT(CheckConfig(config), IsOk());
  config.vault_consent_address = "consent.example";
  EXPECT_THAT(CheckConfig(config),
              StatusSays(absl::StatusCode::kInvalidArgument,
                         "vault.consent_address: is not host:port"));
  config.vault_consent_address = "consent.example:7443";
  config.roles = {"consent", "vault"};
  EXPECT_THAT(CheckConfig(config),
              StatusSays(absl::StatusCode::kInvalidArgument,
                         "is for a vault without consent"));
}

TEST(Config, AKeyAgentIsForAVaultWithoutConsent) {
  constexpr auto kBad = absl::StatusCode::kInvalidArgument;
  Config config = DefaultConfig();
  config.operator_name = "a.example";
  config.roles = {"vault"};
  config.vault_source_id = "src_" + std::string(26, 'a');
  config.vault_consent_address = "consent.example:7443";
  config.vault_consent_ca = "ca.pem";
  config.vault_consent_certificate = "vault.pem";
  config.vault_consent_private_key = "vault.key";
  config.vault_consent_evidence_key = std::string(43, 'A');
  config.vault_consent_token_key = std::string(43, 'A');
  config.vault_key_agent = "socket";
  EXPECT_THAT(CheckConfig(config),
              StatusSays(kBad, "vault.key_agent_key: is missing"));
  config.vault_key_agent_key = std::string(42, 'a');
  EXPECT_THAT(CheckConfig(config),
              StatusSays(kBad, "vault.key_agent_key: is not 32 bytes"));
  config.vault_key_agent_key = std::string(43, 'A');
  EXPECT_THAT(CheckConfig(config), IsOk());
  config.vault_key_agent.clear();
  EXPECT_THAT(CheckConfig(config),
              StatusSays(kBad, "vault.key_agent: is missing"));
  config.vault_key_agent = "socket";
  config.roles = {"consent", "vault"};
  config.vault_consent_address.clear();
  EXPECT_THAT(CheckConfig(config),
              StatusSays(kBad, "vault.key_agent: is for a vault without"));
}

TEST(Config, AFarRegisterNeedsAllOfConsentsSide) {
  constexpr auto kBad = absl::StatusCode::kInvalidArgument;
  Config config = DefaultConfig();
  config.operator_name = "a.example";
  config.roles = {"consent"};
  EXPECT_THAT(CheckConfig(config), IsOk());
  config.consent_register_address = "register.example:7443";
  config.consent_register_ca = "ca.pem";
  config.consent_register_certificate = "consent.pem";
  EXPECT_THAT(CheckConfig(config),
              StatusSays(kBad, "consent.register_private_key: is missing"));
  config.consent_register_private_key = "consent.key";
  EXPECT_THAT(CheckConfig(config), IsOk());
  config.consent_register_address = "register.example";
  EXPECT_THAT(CheckConfig(config), StatusSays(kBad, "is not host:port"));
  config.consent_register_address = "register.example:7443";
  config.roles = {"consent", "register"};
  EXPECT_THAT(CheckConfig(config),
              StatusSays(kBad, "is for consent without the register"));
}

TEST(KeyOperator, IsACertificateAndAnEvidenceKey) {
  const std::string certificate(64, 'b');
  const std::string key(42, 'A');
  const auto read = ParseKeyOperator(certificate + " " + key + "A");
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->certificate[31], 0xbb);
  EXPECT_EQ(read->key.size(), 32U);
  for (const std::string& wrong :
       {std::string(), certificate, certificate + " ", certificate + " " + key,
        certificate + "  " + key + "A", certificate.substr(2) + " " + key + "A",
        std::string(64, '0') + " " + key + "A"}) {
    EXPECT_THAT(ParseKeyOperator(wrong),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << wrong;
  }
}

TEST(RemoteSource, IsIdKeyAddressAndName) {
  const std::string id = "src_" + std::string(26, 'a');
  const std::string key(64, 'b');
  const auto source =
      ParseRemoteSource(id + " " + key + " v.example:7443 Vault of the city");
  ASSERT_THAT(source, IsOk());
  EXPECT_EQ(source->id, id);
  EXPECT_EQ(source->key[31], 0xbb);
  EXPECT_EQ(source->address, "v.example:7443");
  EXPECT_EQ(source->name, "Vault of the city");
  const auto refused = [](const std::string& text, std::string_view why) {
    EXPECT_THAT(ParseRemoteSource(text),
                StatusSays(absl::StatusCode::kInvalidArgument, why));
  };
  refused("", "begins with no id");
  refused("svc_" + std::string(26, 'a'), "begins with no id");
  refused(id, "64 hex digits");
  refused(id + " " + std::string(63, 'b') + " v:1 n", "64 hex digits");
  refused(id + " " + key + " v.example n", "host:port");
  refused(id + " " + key + " v:1", "no name");
}

TEST(Config, AcceptsTheFormsThatRunAndRefusesTheOthers) {
  EXPECT_THAT(WithRoles("[\"consent\", \"vault\", \"register\"]"), IsOk());
  EXPECT_THAT(WithRoles("[\"consent\"]"), IsOk());
  EXPECT_THAT(WithRoles("[\"register\"]"), IsOk());
  EXPECT_THAT(
      WithRoles("[\"vault\", \"register\"]"),
      StatusSays(absl::StatusCode::kInvalidArgument,
                 "a vault needs the consent role in the same process, or "
                 "vault.consent_address"));
  EXPECT_THAT(WithRoles("[]"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(WithRoles("[\"Register\"]"),
              StatusSays(absl::StatusCode::kInvalidArgument, "is no role"));
  EXPECT_THAT(WithRoles("[\"register\", \"register\"]"),
              StatusSays(absl::StatusCode::kInvalidArgument, "twice"));
  EXPECT_THAT(WithRoles("[1]"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(Config, AVaultNeedsASourceId) {
  const std::string head =
      "data_directory = \"d\"\noperator = \"a.example\"\nroles = "
      "[\"consent\", \"vault\"]\n";
  for (const std::string_view rest : {"", "[vault]\nsource_id = \"src_1\""}) {
    EXPECT_THAT(
        ParseConfig(head + std::string(rest), "x.toml"),
        StatusSays(absl::StatusCode::kInvalidArgument, "vault.source_id"));
  }
}

TEST(Config, RefusesAnOperatorThatIsNoHostName) {
  for (const std::string_view name : {"City.example", "a b", "a/b", "ä"}) {
    EXPECT_THAT(
        ParseConfig("data_directory = \"d\"\nroles = [\"register\"]\noperator "
                    "= \"" +
                        std::string(name) + "\"",
                    "x.toml"),
        StatusSays(absl::StatusCode::kInvalidArgument, "operator"))
        << name;
  }
}

}  // namespace
}  // namespace limpid::server
