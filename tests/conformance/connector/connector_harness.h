// A source of any kind with two persons, Anna and Bela, as the suite sees it.

#ifndef LIMPID_TESTS_CONFORMANCE_CONNECTOR_CONNECTOR_HARNESS_H_
#define LIMPID_TESTS_CONFORMANCE_CONNECTOR_CONNECTOR_HARNESS_H_

#include <functional>
#include <memory>
#include <string>

#include "vault/connectors/connector.h"

namespace limpid::vault {

class ConnectorHarness {
 public:
  virtual ~ConnectorHarness() = default;
  ConnectorHarness(const ConnectorHarness&) = delete;
  ConnectorHarness& operator=(const ConnectorHarness&) = delete;

  virtual Connector& connector() = 0;
  virtual const PersonCaller& anna() = 0;
  virtual const PersonCaller& bela() = 0;
  // What a person brings to be linked: made for `who`, as the source makes it.
  virtual std::string ProofOf(const PersonCaller& who) = 0;
  // One that shows nothing.
  virtual std::string WorthlessProof() = 0;

  // At the source.
  virtual void Hold(const PersonCaller& who, const std::string& attribute,
                    const std::string& value_json) = 0;
  virtual void Forget(const PersonCaller& who,
                      const std::string& attribute) = 0;

  // Of sources that are elsewhere. From then on nobody answers: the connection
  // is refused, or is taken and nothing comes.
  [[nodiscard]] virtual bool IsRemote() const { return true; }
  virtual void Stop() {}
  virtual void Hang() {}

 protected:
  ConnectorHarness() = default;
};

// One kind of source under a name for the test output.
struct KindOfSource {
  std::string name;
  std::function<std::unique_ptr<ConnectorHarness>()> make;
  // Why it cannot be here; empty when it can.
  std::string absent;
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_CONNECTOR_CONNECTOR_HARNESS_H_
