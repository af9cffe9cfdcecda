// Fields of an evaluation: a test of a model or of a deployment, with its
// counts per group, so that anybody recomputes what it claims. What claims are
// compared with is docs/formats/evidence-bundle.md.

#include <array>
#include <span>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::fields {
namespace {

constexpr auto kIndependence = std::to_array<Code>({
    {"self", "by who makes or uses it"},
    {"same_body", "by another unit of the same body"},
    {"contracted", "by a third party that was paid for it"},
    {"independent", "by a third party that was not"},
    {"supervisor", "by an authority that supervises"},
});

constexpr auto kFavourable = std::to_array<Code>({
    {"negative", "the negative prediction is good for the person"},
    {"positive", "the positive prediction is good for the person"},
});

constexpr auto kDisclosure = std::to_array<Code>({
    {"rows", "every case, without identifiers"},
    {"sealed", "sealed: an auditor is given it"},
    {"table", "counts per group"},
});

constexpr MemberSpec NameOf(std::string_view name, std::string_view label,
                            bool required) {
  return {.name = name,
          .label = label,
          .type = FieldType::kPlain,
          .max_bytes = kNameBytes,
          .required = required};
}

constexpr MemberSpec NumberOf(std::string_view name, std::string_view label,
                              bool required) {
  return {.name = name,
          .label = label,
          .type = FieldType::kNumber,
          .required = required};
}

constexpr auto kReferenceMembers = std::to_array<MemberSpec>({
    NameOf("attribute", "Attribute", /*required=*/true),
    NameOf("group", "Group", /*required=*/true),
});

constexpr auto kGroupMembers = std::to_array<MemberSpec>({
    NameOf("attribute", "Attribute", /*required=*/true),
    NameOf("group", "Group", /*required=*/true),
    NumberOf("n", "Cases", /*required=*/true),
    NumberOf("tp", "True positives", /*required=*/true),
    NumberOf("fp", "False positives", /*required=*/true),
    NumberOf("fn", "False negatives", /*required=*/true),
    NumberOf("tn", "True negatives", /*required=*/true),
    NumberOf("overridden", "Overridden by a person", /*required=*/false),
});

constexpr auto kClaimMembers = std::to_array<MemberSpec>({
    NameOf("metric", "Metric", /*required=*/true),
    NameOf("attribute", "Attribute", /*required=*/false),
    NameOf("group", "Group", /*required=*/false),
    NumberOf("value", "Value", /*required=*/true),
    NumberOf("ci_low", "Lower end of the interval", /*required=*/false),
    NumberOf("ci_high", "Upper end of the interval", /*required=*/false),
    NumberOf("decimals", "Rounded to decimals", /*required=*/false),
});

constexpr auto kNotTestedMembers = std::to_array<MemberSpec>({
    NameOf("ground", "Protected ground", /*required=*/true),
    {.name = "reason",
     .label = "Why it was not tested",
     .type = FieldType::kText,
     .max_bytes = kProseBytes,
     .required = true},
});

constexpr auto kRows = std::to_array<FieldSpec>({
    Naming("title", "Title", FieldType::kText, kTitleBytes),
    Prose("description", "Description", Chapter::kFairness),
    Reference("organisation", "Organisation", Chapter::kAccountability,
              RegistrationKind::kOrganisation),
    Reference("deployment", "Deployment", Chapter::kFairness,
              RegistrationKind::kDeployment),
    Reference("model", "Model", Chapter::kFairness, RegistrationKind::kModel),
    Listing(),
    Reference("datasets", "Datasets", Chapter::kFairness,
              RegistrationKind::kDataset, FieldType::kReferences),
    Plain("date", "Date", Chapter::kFairness, FieldType::kDate),
    Plain("evaluator", "Evaluator", Chapter::kAccountability, FieldType::kPlain,
          kNameBytes),
    Coded("independence", "Independence of the evaluator",
          Chapter::kAccountability, kIndependence),
    Prose("task", "What was evaluated", Chapter::kFairness),
    Plain("positive_label", "Positive class", Chapter::kFairness,
          FieldType::kPlain, kNameBytes),
    Coded("favourable", "Favourable class", Chapter::kFairness, kFavourable),
    Records("reference_groups", "Reference groups", Chapter::kFairness,
            kReferenceMembers),
    Records("groups", "Counts per group", Chapter::kFairness, kGroupMembers),
    Records("claims", "Claims", Chapter::kFairness, kClaimMembers),
    Plain("confidence_level", "Confidence level", Chapter::kFairness,
          FieldType::kNumber),
    Plain("ci_method", "Method of the intervals", Chapter::kFairness,
          FieldType::kPlain, kNameBytes),
    Plain("small_group_size", "Groups below this are merged",
          Chapter::kFairness, FieldType::kNumber),
    Plain("parity_tau", "Bound of parity", Chapter::kFairness,
          FieldType::kNumber),
    Coded("disclosure", "Disclosure of the evidence", Chapter::kFairness,
          kDisclosure),
    Plain("bundle", "Evidence bundle", Chapter::kFairness, FieldType::kDigest),
    Plain("code_image", "Code that was run", Chapter::kTechnicalTransparency,
          FieldType::kDigest),
    Prose("noise", "Noise that was added", Chapter::kFairness),
    Records("not_tested", "Grounds that were not tested", Chapter::kFairness,
            kNotTestedMembers),
    Prose("remaining_difference", "Why a difference remains",
          Chapter::kFairness),
    Reference("supersedes", "Replaces", Chapter::kAccountability,
              RegistrationKind::kEvaluation),
});

}  // namespace

std::span<const FieldSpec> Evaluation() { return kRows; }

}  // namespace limpid::algoregister::fields
