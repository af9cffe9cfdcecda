// This vault as a source: rows in memory.

#ifndef LIMPID_TESTS_CONFORMANCE_CONNECTOR_HELD_HARNESS_H_
#define LIMPID_TESTS_CONFORMANCE_CONNECTOR_HELD_HARNESS_H_

#include <string>

#include "tests/conformance/connector/connector_harness.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/connectors/held_connector.h"

namespace limpid::vault {

class HeldHarness final : public ConnectorHarness {
 public:
  Connector& connector() override { return connector_; }
  const PersonCaller& anna() override { return world_.anna; }
  const PersonCaller& bela() override { return world_.bela; }
  std::string ProofOf(const PersonCaller& /*who*/) override { return ""; }
  std::string WorthlessProof() override { return "I am Anna"; }
  void Hold(const PersonCaller& who, const std::string& attribute,
            const std::string& value_json) override {
    world_.Put(who, attribute, value_json);
  }
  void Forget(const PersonCaller& who, const std::string& attribute) override {
    for (std::uint64_t version = 1;
         world_.desk.EraseVersion(who, attribute, version).ok(); ++version) {
    }
  }
  [[nodiscard]] bool IsRemote() const override { return false; }

 private:
  VaultWorld world_;
  HeldConnector connector_{world_.person};
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_CONNECTOR_HELD_HARNESS_H_
