// An agency behind real TLS 1.3 with both sides' certificates.

#ifndef LIMPID_TESTS_CONFORMANCE_CONNECTOR_AGENCY_HARNESS_H_
#define LIMPID_TESTS_CONFORMANCE_CONNECTOR_AGENCY_HARNESS_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/check.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "server/adapters/source_channel.h"
#include "tests/conformance/connector/connector_harness.h"
#include "tests/testing/https_receiver.h"
#include "tests/testing/test_agency.h"
#include "tests/testing/tls.h"
#include "tests/unit/vault/vault_fakes.h"
#include "vault/connectors/agency_connector.h"

namespace limpid::vault {

class AgencyHarness final : public ConnectorHarness {
 public:
  static constexpr char kPath[] = "/limpid";

  AgencyHarness()
      : receiver_(std::make_unique<testing::HttpsReceiver>(
            tls_.server(),
            [this](const testing::ReceivedRequest& request) {
              return Reply(request);
            },
            0, tls_.client_ca_pem())),
        url_(absl::StrCat("https://localhost:", receiver_->port(), kPath)),
        agency_(std::make_unique<testing::TestAgency>(url_)) {
    auto channel = server::MakeSourceChannel(Options());
    LIMPID_CHECK(channel.ok());
    channel_ = *std::move(channel);
    connector_ = std::make_unique<AgencyConnector>(
        SourceTrust{url_,
                    ExampleIdentity().source.Text(),
                    {jose::PublicJwk(agency_->key())}},
        *channel_, clock_);
  }
  // Its threads ask the agency until it is gone.
  ~AgencyHarness() override { receiver_.reset(); }
  AgencyHarness(const AgencyHarness&) = delete;
  AgencyHarness& operator=(const AgencyHarness&) = delete;

  Connector& connector() override { return *connector_; }
  const PersonCaller& anna() override { return anna_; }
  const PersonCaller& bela() override { return bela_; }
  std::string ProofOf(const PersonCaller& who) override {
    return agency_->LinkFor(SubjectOf(who), ExampleIdentity().source.Text(),
                            who.key, absl::Now());
  }
  std::string WorthlessProof() override { return "no link"; }
  void Hold(const PersonCaller& who, const std::string& attribute,
            const std::string& value_json) override {
    agency_->Hold(SubjectOf(who), attribute, value_json);
  }
  void Forget(const PersonCaller& who, const std::string& attribute) override {
    agency_->Forget(SubjectOf(who), attribute);
  }
  void Stop() override { receiver_.reset(); }
  void Hang() override {
    const base::MutexLock lock(mutex_);
    delay_ = absl::Seconds(30);
  }

  // For tests of this kind alone.
  testing::TestAgency& agency() { return *agency_; }
  [[nodiscard]] const testing::TestTls& tls() const { return tls_; }
  [[nodiscard]] server::SourceChannelOptions Options() const {
    const testing::TestCertificate vault = tls_.IssueService("vault");
    return {url_, tls_.server_ca_pem(), vault.certificate_pem,
            vault.private_key_pem};
  }
  std::unique_ptr<AgencyConnector> ConnectorOver(SourceChannel& channel) {
    return std::make_unique<AgencyConnector>(
        SourceTrust{url_,
                    ExampleIdentity().source.Text(),
                    {jose::PublicJwk(agency_->key())}},
        channel, clock_);
  }
  // Lines added to the head of every answer.
  void AddHeaders(std::string lines) {
    const base::MutexLock lock(mutex_);
    headers_ = std::move(lines);
  }
  [[nodiscard]] const testing::HttpsReceiver& receiver() const {
    return *receiver_;
  }

  static std::string SubjectOf(const PersonCaller& who) {
    return "subject-" + who.holder.Text().substr(4, 8);
  }

 private:
  testing::Reply Reply(const testing::ReceivedRequest& request) {
    testing::Reply out;
    std::string headers;
    {
      const base::MutexLock lock(mutex_);
      out.delay = delay_;
      headers = headers_;
    }
    // "POST /limpid/attribute HTTP/1.1"
    const std::size_t begin = std::string("POST ").size() + sizeof(kPath) - 1;
    const std::string path =
        request.line.substr(begin, request.line.find(' ', begin) - begin);
    testing::AgencyReply reply = agency_->Answer(path, request.body);
    out.status = reply.status;
    out.body = std::move(reply.body);
    out.headers =
        absl::StrCat("Content-Type: ", reply.content_type, "\r\n", headers);
    return out;
  }

  const base::SystemClock clock_;
  base::Mutex mutex_;
  absl::Duration delay_ ABSL_GUARDED_BY(mutex_);
  std::string headers_ ABSL_GUARDED_BY(mutex_);
  testing::TestTls tls_;
  std::unique_ptr<testing::HttpsReceiver> receiver_;
  const std::string url_;
  const std::unique_ptr<testing::TestAgency> agency_;
  std::unique_ptr<server::StoppableChannel> channel_;
  std::unique_ptr<AgencyConnector> connector_;
  const PersonCaller anna_{HolderId(Counting<16>(1)),
                           crypto::Ed25519PrivateKey::Generate().PublicKey()};
  const PersonCaller bela_{HolderId(Counting<16>(0x51)),
                           crypto::Ed25519PrivateKey::Generate().PublicKey()};
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_CONNECTOR_AGENCY_HARNESS_H_
