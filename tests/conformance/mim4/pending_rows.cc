// The rows of MIM4 that wait for another part of Limpid, each with the part.

#include "tests/conformance/mim4/rows.h"

namespace {

using limpid::mim4::kConnectivity;
using limpid::mim4::kMims2022;

LIMPID_MIM4_PENDING(ChooseAndMoveOperator, "2022.1", kMims2022,
                    "a person's whole account moves to another operator",
                    "a case over two operators; export_test carries a vault");
LIMPID_MIM4_PENDING(ManyChannels, "2022.2", kMims2022,
                    "the same result through every channel", "the HTTP faces");
LIMPID_MIM4_PENDING(Security, "2022.12", kMims2022,
                    "TLS 1.3 only, nothing readable at rest, keys rotate",
                    "rotation; the rest is shown from inside the server by "
                    "rpc_integration_test and shipped_test");
LIMPID_MIM4_PENDING(Roaming, "2022.8", kMims2022,
                    "grants of another operator are honoured",
                    "the trust list and the HTTP faces");
LIMPID_MIM4_PENDING(OpenDiscoverableInterface, "2022.11", kMims2022,
                    "machine-readable descriptions of interface and sources",
                    "/openapi.json and the catalogue record of the HTTP faces");
LIMPID_MIM4_PENDING(PodsSpacesAndDataAtSource, "2022.13", kMims2022,
                    "the same consent works for any kind of source",
                    "a case of its own; connector_conformance_test holds "
                    "three kinds of source to one contract");
LIMPID_MIM4_PENDING(OperatorsAreAddedAtRunTime, "A.VI/VII", kConnectivity,
                    "a source serves a second operator, both logs separable",
                    "the HTTP faces of MIM4");
LIMPID_MIM4_PENDING(TrustList, "L:CS-08…12", kConnectivity,
                    "the trust list is signed, fresh and read-only",
                    "the HTTP faces of MIM4");
LIMPID_MIM4_PENDING(RequestTicket, "L:CS-13/14", kConnectivity,
                    "every member of a request ticket is checked",
                    "the HTTP faces of MIM4");
LIMPID_MIM4_PENDING(Introspection, "L:CS-15/16", kConnectivity,
                    "connectors introspect, with four elements in the answer",
                    "the HTTP faces of MIM4");
LIMPID_MIM4_PENDING(WellKnownDocuments, "L:CS-21/22", kConnectivity,
                    "both well-known documents validate",
                    "the HTTP faces of MIM4");

}  // namespace
