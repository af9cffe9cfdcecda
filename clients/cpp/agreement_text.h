// The canonical text of an agreement, made again from what a person is shown.
// The hash she signs covers the text alone; only what gives the same text may
// stand on her screen. docs/formats/consent-record-chain.md

#ifndef LIMPID_CLIENTS_CPP_AGREEMENT_TEXT_H_
#define LIMPID_CLIENTS_CPP_AGREEMENT_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "limpid/consent/v1/agreement.pb.h"

namespace limpid::client {

// The text for the id, version, service and content of `agreement`; its
// `canonical_json` and `hash` are not looked at, notices stand by their own
// hash. A member that this client does not know is not in it, so an agreement
// with one never compares equal.
//
// Errors:
//   kDataLoss  a legal basis, necessity or form that this client cannot read.
absl::StatusOr<std::string> AgreementText(
    const consent::v1::Agreement& agreement);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_AGREEMENT_TEXT_H_
