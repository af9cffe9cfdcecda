// ./dev bench receipt: what verifying a receipt file offline costs, from its
// text to the verdict: strict parse, canonical form, batch signature,
// commitment, checkpoint signature and inclusion.

#include <cstdlib>
#include <exception>
#include <iostream>
#include <vector>

#include "common/base/check.h"
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

absl::Status Run(const Arguments& arguments) {
  Report report{"receipt", {ProbeSha256()}, {Verify()}};
  return Finish(report, arguments);
}

}  // namespace
}  // namespace limpid::bench

int main(int argc, char** argv) {
  try {
    limpid::bench::Arguments arguments;
    absl::Status status = limpid::bench::ParseArguments(argc, argv, arguments);
    if (status.ok()) status = limpid::bench::Run(arguments);
    if (status.ok()) return EXIT_SUCCESS;
    std::cerr << "bench_receipt: " << status.message() << '\n';
  } catch (const std::exception& error) {
    std::cerr << "bench_receipt: " << error.what() << '\n';
  }
  return EXIT_FAILURE;
}
