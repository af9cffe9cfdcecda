// The mechanical rows of MIM5 that wait for a case or for another part of
// Limpid, each with what it waits for.

#include "tests/conformance/mim5/rows.h"

namespace {

using limpid::mim5::kMims2022;
using limpid::mim5::kVersion9;
using limpid::mim5::kWorkingGroup;

LIMPID_MIM5_PENDING(JsonLd, "L:API-1...3 JSON-LD", kMims2022,
                    "the answers as JSON-LD over HTTP, equal to gRPC",
                    "the HTTP faces with /.well-known/mim5");
LIMPID_MIM5_PENDING(TrainingData, "2024 angle 1", kWorkingGroup,
                    "training data with origin and consent, counts withdrawn",
                    "the call that answers how many consents were withdrawn");
LIMPID_MIM5_PENDING(UnderstandableUse, "2024 angle 2", kWorkingGroup,
                    "a readable summary in each language, and how to object",
                    "a score of how readable a summary is");
LIMPID_MIM5_PENDING(DelegatedAccess, "MIM8.C3.R3.4", kVersion9,
                    "a model reads data with a request ticket",
                    "the HTTP faces of MIM4, where tickets are");

}  // namespace
