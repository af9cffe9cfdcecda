// ./dev bench receipt: what verifying a receipt file offline costs, from its
// text to the verdict: strict parse, canonical form, batch signature,
// commitment, checkpoint signature and inclusion.

#include <vector>

#include "common/base/check.h"
#include "tests/bench/bench_main.h"
#include "tests/bench/report.h"
#include "tests/integration/receipt/sample.h"

namespace limpid::bench {
namespace {

constexpr int kRounds = 5'000;

Case Verify() {
  const receipt::Sample sample;
  const std::string file = sample.Logged().ToFile();
  std::vector<absl::Duration> each;
  each.reserve(kRounds);
  for (int i = 0; i < kRounds; ++i) {
    each.push_back(Measure([&] {
      const auto parsed = receipt::Receipt::Parse(file);
      LIMPID_CHECK(parsed.ok() && sample.Verify(*parsed).ok());
    }));
  }
  return {"verify",
          {{"file_bytes", static_cast<double>(file.size())},
           {"receipt_verify_us", PercentileUs(each, 50)},
           {"p99_us", PercentileUs(each, 99)}}};
}

absl::Status Run(Arguments& arguments) {
  Report report{"receipt", {ProbeSha256()}, {Verify()}};
  return Finish(report, arguments);
}

}  // namespace
}  // namespace limpid::bench

int main(int argc, char** argv) {
  return limpid::bench::Main(argc, argv, limpid::bench::Run);
}
