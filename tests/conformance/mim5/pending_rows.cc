// The mechanical rows of MIM5 that wait for a case or for another part of
// Limpid, each with what it waits for.

#include "tests/conformance/mim5/rows.h"

namespace {

using limpid::mim5::kMims2022;
using limpid::mim5::kVersion9;
using limpid::mim5::kWorkingGroup;

LIMPID_MIM5_PENDING(SourceAndModel, "L:TT-1", kMims2022,
                    "code and model with digest, or a reasoned restriction",
                    "a case over references and digests of models");
LIMPID_MIM5_PENDING(Learnings, "L:TT-2", kMims2022,
                    "the learnings leave in an open format and come back",
                    "a case over a document profile of models");
LIMPID_MIM5_PENDING(IndividualExplanation, "L:TE-1", kMims2022,
                    "a decision is explained to the person it is about",
                    "decision notices that a program can recompute");
LIMPID_MIM5_PENDING(Audiences, "L:TE-2", kMims2022,
                    "three audiences see nested views, gaps with reasons",
                    "the restricted tier");
LIMPID_MIM5_PENDING(Fairness, "L:F-1", kMims2022,
                    "fairness is recomputed from counts",
                    "a case over evaluations with counts per group");
LIMPID_MIM5_PENDING(RequiredByRisk, "L:GEN-1", kMims2022,
                    "more is required the graver it is",
                    "a case over the rules of the profiles");
LIMPID_MIM5_PENDING(JsonLd, "L:API-1...3 JSON-LD", kMims2022,
                    "the answers as JSON-LD over HTTP, equal to gRPC",
                    "the HTTP faces with /.well-known/mim5");
LIMPID_MIM5_PENDING(CompareWithAKnownSystem, "L:API-4", kMims2022,
                    "two result sets over the same cases are compared",
                    "a case over the comparison of evaluations");
LIMPID_MIM5_PENDING(AlgorithmRegisters, "L:API-5", kMims2022,
                    "exports in the field sets of other registers",
                    "a case over the national profiles");
LIMPID_MIM5_PENDING(TrainingData, "2024 angle 1", kWorkingGroup,
                    "training data with origin and consent, counts withdrawn",
                    "facts about consent in the register");
LIMPID_MIM5_PENDING(UnderstandableUse, "2024 angle 2", kWorkingGroup,
                    "a readable summary in each language, and how to object",
                    "a case over summaries and their readability");
LIMPID_MIM5_PENDING(ModelMetadata, "MIM8.C3.R3.1-R3.4", kVersion9,
                    "standard model metadata, documented calls, bias methods",
                    "a case over models");

}  // namespace
