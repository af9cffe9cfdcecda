#include "server/roles/vault_sources.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/jose/jwk.h"
#include "common/rpc/worker_pool.h"
#include "server/adapters/source_channel.h"
#include "server/config.h"
#include "server/listener_files.h"
#include "server/logging.h"
#include "server/source_config.h"
#include "vault/attribute/person_vault.h"
#include "vault/connectors/agency_connector.h"
#include "vault/connectors/held_connector.h"
#include "vault/connectors/solid_connector.h"
#include "vault/connectors/source_link.h"

namespace limpid::server {
namespace {

constexpr std::size_t kMaxPemBytes = 64UL * 1024;
// Questions that wait for a thread, for each thread: more would be too old when
// their turn comes.
constexpr std::size_t kWaitingPerThread = 2;

absl::Status Refused(const SourceConfig& source, std::string_view field,
                     std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("vault.sources_file: source ", source.name, ": ",
                   base::ToAbsl(field), " ", base::ToAbsl(why)));
}

absl::StatusOr<std::string> ReadPem(const std::filesystem::path& path) {
  if (path.empty()) return std::string();
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                          base::ReadFileBytes(path, kMaxPemBytes));
  return base::ToText(bytes);
}

absl::StatusOr<std::string> ReadPrivateKey(const std::filesystem::path& path) {
  if (!path.empty()) {
    LIMPID_RETURN_IF_ERROR(CheckKeptFromOthers("the private key", path));
  }
  return ReadPem(path);
}

// A text on one line.
absl::StatusOr<std::string> ReadSecret(const std::filesystem::path& path) {
  LIMPID_RETURN_IF_ERROR(CheckKeptFromOthers("the secret", path));
  LIMPID_ASSIGN_OR_RETURN(std::string out, ReadPem(path));
  while (!out.empty() && (out.back() == '\n' || out.back() == '\r')) {
    out.pop_back();
  }
  return out;
}

// One source with what it needs. Goes in the reverse order: its threads first.
struct OpenSource {
  std::unique_ptr<StoppableChannel> channel;
  std::unique_ptr<vault::Connector> connector;
  std::unique_ptr<rpc::WorkerPool> threads;
};

absl::StatusOr<std::unique_ptr<StoppableChannel>> OpenChannel(
    const SourceConfig& source) {
  SourceChannelOptions options;
  options.url = source.url;
  LIMPID_ASSIGN_OR_RETURN(options.ca_pem, ReadPem(source.ca));
  LIMPID_ASSIGN_OR_RETURN(options.certificate_pem, ReadPem(source.certificate));
  LIMPID_ASSIGN_OR_RETURN(options.private_key_pem,
                          ReadPrivateKey(source.private_key));
  auto channel = MakeSourceChannel(std::move(options));
  if (channel.ok()) return channel;
  return Refused(source, "url, ca, certificate or private_key:",
                 base::ToStd(channel.status().message()));
}

absl::StatusOr<vault::SourceTrust> TrustOf(const SourceConfig& source,
                                           const vault::Identity& identity) {
  vault::SourceTrust out{source.url, identity.source.Text(), {}};
  for (const std::string& text : source.keys) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                            base::Base64UrlDecode(text));
    LIMPID_ASSIGN_OR_RETURN(const auto key,
                            crypto::Ed25519PublicKey::FromBytes(bytes));
    out.keys.emplace_back(key);
  }
  return out;
}

absl::Status CheckNames(const SourceConfig& source,
                        const vault::VaultCore& core) {
  if (!vault::IsSourceName(source.name) || source.name == vault::kOwnSource) {
    return Refused(source, "name",
                   "is not 1 to 40 lower-case letters, digits and '-', the "
                   "first a letter, other than \"vault\"");
  }
  for (const std::string& attribute : source.attributes) {
    if (core.catalogue().Find(attribute, 0).ok()) continue;
    return Refused(
        source, "attributes",
        absl::StrCat("names ", attribute, ", which the catalogue has not"));
  }
  return absl::OkStatus();
}

class Sources final : public VaultSources {
 public:
  Sources(const Environment& environment, vault::VaultCore& core,
          const vault::ActPublisher& publisher)
      : environment_(environment), persons_(core, publisher), own_(persons_) {}
  ~Sources() override { Stop(); }
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  absl::Status Open(vault::VaultCore& core) {
    std::vector<vault::Source> sources;
    const Config& config = environment_.config;
    if (!config.vault_sources_file.empty()) {
      LIMPID_ASSIGN_OR_RETURN(
          const auto listed,
          LoadSources(config.Resolve(config.vault_sources_file)));
      for (const SourceConfig& one : listed) {
        LIMPID_RETURN_IF_ERROR(CheckNames(one, core));
        LIMPID_ASSIGN_OR_RETURN(vault::Source source, OpenOne(one, core));
        sources.push_back(std::move(source));
      }
    }
    sources.push_back(Own());
    set_.emplace(std::move(sources));
    fetcher_.emplace(
        *set_, environment_.clock,
        [this](absl::Duration at, std::function<void()> work) {
          environment_.runtime.RunAt(at, std::move(work));
        },
        [this](std::string_view source) {
          environment_.log.Write(
              Severity::kError,
              "a source answered what it was not asked, or a value that the "
              "catalogue does not have; nothing of it was used",
              {{"source", std::string(source)}});
        });
    return absl::OkStatus();
  }

  [[nodiscard]] const vault::SourceSet& set() const override { return *set_; }
  vault::SourceFetcher& fetcher() override { return *fetcher_; }
  void Stop() override {
    for (const OpenSource& one : open_) one.channel->Stop();
    for (const OpenSource& one : open_) one.threads->Stop();
  }

 private:
  absl::StatusOr<vault::Source> OpenOne(const SourceConfig& config,
                                        const vault::VaultCore& core) {
    OpenSource open;
    LIMPID_ASSIGN_OR_RETURN(open.channel, OpenChannel(config));
    LIMPID_ASSIGN_OR_RETURN(open.connector,
                            OpenConnector(config, core, *open.channel));
    open.threads = std::make_unique<rpc::WorkerPool>(
        static_cast<int>(config.at_once),
        static_cast<std::size_t>(config.at_once) * kWaitingPerThread);
    vault::Source out{config.name,
                      config.title,
                      config.attributes,
                      config.time_limit,
                      open.connector.get(),
                      RunnerOf(*open.threads),
                      static_cast<std::size_t>(config.at_once)};
    open_.push_back(std::move(open));
    return out;
  }

  absl::StatusOr<std::unique_ptr<vault::Connector>> OpenConnector(
      const SourceConfig& config, const vault::VaultCore& core,
      vault::SourceChannel& channel) const {
    if (config.kind == kSolidSource) {
      LIMPID_ASSIGN_OR_RETURN(const std::string secret,
                              ReadSecret(config.client_secret));
      return std::make_unique<vault::SolidConnector>(
          vault::SolidAccount{config.url, core.identity().source.Text(),
                              config.client_id,
                              base::SecretBytes::Copy(base::AsBytes(secret))},
          channel, environment_.clock);
    }
    auto trust = TrustOf(config, core.identity());
    if (!trust.ok()) {
      return Refused(config, "keys", "has one that is no public key");
    }
    return std::make_unique<vault::AgencyConnector>(*std::move(trust), channel,
                                                    environment_.clock);
  }

  static vault::Source::Executor RunnerOf(rpc::WorkerPool& threads) {
    return [&threads](std::function<void()> work) {
      return threads.Run(std::move(work));
    };
  }

  vault::Source Own() {
    return {std::string(vault::kOwnSource),
            environment_.config.vault_name,
            {},
            SourceConfig::kMostTime,
            &own_,
            [this](std::function<void()> work) {
              return environment_.runtime.Run(std::move(work));
            },
            SourceConfig::kMostAtOnce};
  }

  const Environment& environment_;
  vault::PersonVault persons_;
  vault::HeldConnector own_;
  std::vector<OpenSource> open_;
  std::optional<vault::SourceSet> set_;
  std::optional<vault::SourceFetcher> fetcher_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<VaultSources>> OpenVaultSources(
    const Environment& environment, vault::VaultCore& core,
    const vault::ActPublisher& publisher) {
  auto out = std::make_unique<Sources>(environment, core, publisher);
  LIMPID_RETURN_IF_ERROR(out->Open(core));
  return out;
}

}  // namespace limpid::server
