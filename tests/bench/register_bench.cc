// ./dev bench register: how fast a list is imported (planned, signed, published
// and logged), and how fast one registration and a page of them are read,
// against a bare echo on the same listener, in one run. Then 5,000 rows, the
// same again, and what an export of them takes; and search over 10,000
// registrations, or as many as --records says, against a scan. The real Dutch
// list when it is there, else as many invented rows.

#include <cstddef>
#include <ctime>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cpp/register_client.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"
#include "common/rpc/client.h"
#include "common/rpc/lock_order.h"
#include "common/rpc/tls13.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "limpid/algoregister/v1/register_service.grpc.pb.h"
#include "limpid/bench/v1/echo_service.grpc.pb.h"
#include "tests/bench/bench_main.h"
#include "tests/bench/echo_server.h"
#include "tests/bench/load.h"
#include "tests/bench/register_search.h"
#include "tests/bench/report.h"
#include "tests/testing/shared.h"
#include "tests/testing/world/world.h"

namespace limpid::bench {
namespace {

namespace register_v1 = ::limpid::algoregister::v1;

constexpr absl::Duration kWarmUp = absl::Milliseconds(500);
constexpr absl::Duration kDuration = absl::Seconds(3);
constexpr absl::Duration kPatience = absl::Seconds(10);
constexpr int kChannels = 4;
constexpr int kPageSize = 50;
constexpr int kInventedRows = 1460;
constexpr std::size_t kManyRows = 5'000;
constexpr std::size_t kSearched = 10'000;
constexpr char kRealList[] = "data/algoregister/nl/algoritmes-2026-06-09.json";

// A list in the form of the real one, with texts of its usual length.
std::string InventedList() {
  const std::string text(400, 'x');
  std::string out = R"({"algoritmes":[)";
  for (int i = 0; i < kInventedRows; ++i) {
    absl::StrAppend(
        &out, i == 0 ? "" : ",", R"({"doel":")", text, i,
        R"(","geregistreerd":"2026-01-12","id":")", 90'000'000 + i,
        R"(","impactassessment":"Nee","juridische_basis":")", text,
        R"(","organisatie":"Gemeente )", i % 100,
        R"(","status":"in_gebruik","title":"Algoritme )", i,
        R"(","toegevoegd":"2026-01-12","url":"https://register.example/)",
        90'000'000 + i, "\"}");
  }
  return out + "]}";
}

// Processor time of the process so far: client, server and index. Other work on
// the machine distorts it less than the clock.
double ProcessorUs() {
  constexpr double kMicroseconds = 1e6;
  return static_cast<double>(std::clock()) * kMicroseconds / CLOCKS_PER_SEC;
}

template <typename Response>
struct Call {
  grpc::ClientContext context;
  Response response;
};

class Bench {
 public:
  explicit Bench(Arguments arguments)
      : arguments_(std::move(arguments)),
        echoed_(std::make_shared<vault::v1::ReadAttributesResponse>()),
        world_(directory_.path() / "limpid",
               testing::InProcess(WithEcho(echoed_))),
        publisher_(world_.AddPublisher("publisher")),
        service_(world_.AddService("bench", {.attributes = {"person.name"}})) {
    for (int i = 0; i < kChannels; ++i) {
      const auto anonymous = rpc::MakeChannel(world_.anonymous_channel());
      const auto certified = rpc::MakeChannel(service_.channel);
      LIMPID_CHECK(anonymous.ok() && certified.ok());
      reads_.push_back(register_v1::RegisterService::NewStub(*anonymous));
      echoes_.push_back(v1::EchoService::NewStub(*certified));
    }
  }

  absl::Status Run() {
    Report report;
    report.bench = "register";
    report.probes = {ProbeFsync(directory_.path()), ProbeSha256()};
    Import(report);
    for (const int in_flight : {1, 16, 64}) Read(in_flight, report);
    ImportMany(report);
    Export(report);
    const std::vector<std::size_t> sizes = arguments_.records.empty()
                                               ? std::vector{kSearched}
                                               : arguments_.records;
    for (const std::size_t size : sizes)
      AddSearchCases(RealList(), size, report);
    LIMPID_RETURN_IF_ERROR(Finish(report, arguments_));
    return failed_ ? SomeCallsFailed() : absl::OkStatus();
  }

 private:
  static std::string RealList() {
    const auto path = testing::SharedPath(kRealList);
    return path.empty() ? InventedList() : testing::ReadFile(path);
  }

  // Rows of the list with other ids and titles, until there are enough.
  static std::string ManyRows() {
    const auto list =
        json::ParseStrict(RealList(), {.max_bytes = std::size_t{16} << 20U});
    LIMPID_CHECK(list.ok());
    const auto rows = list->Find("algoritmes")->elements();
    json::Value out = json::Value::Array();
    for (std::size_t i = 0; i < kManyRows; ++i) {
      json::Value row = rows[i % rows.size()];
      row.Set("id", absl::StrCat(50'000'000 + i));
      row.Set("title", absl::StrCat(row.GetString("title").value(), " ", i));
      out.Append(std::move(row));
    }
    return json::Canonical(
        json::Value::Object({{"algoritmes", std::move(out)}}));
  }

  // The time of a publisher who is told every row, signs what is new, and waits
  // until it is in the log; against signing and verifying as many alone.
  void ImportMany(Report& report) {
    const std::string list = ManyRows();
    client::PublisherClient publisher(*publisher_.connection, publisher_.key);
    const absl::Duration naive = Measure([this] {
      for (std::size_t i = 0; i < kManyRows; ++i) {
        const std::string body = absl::StrCat("row ", i);
        const auto signature = publisher_.key.Sign(base::AsBytes(body));
        LIMPID_CHECK(
            publisher_.key.PublicKey().Verify(base::AsBytes(body), signature));
      }
    });
    for (const char* const name : {"import-5000", "import-5000-again"}) {
      const double before = ProcessorUs();
      const absl::Duration elapsed = Measure([&] {
        const auto result =
            publisher.Import("nl-list", list, "benchmark",
                             /*commit=*/true, [](auto, auto) {});
        LIMPID_CHECK(result.ok());
        failed_ = failed_ || !result->failures.empty();
      });
      report.cases.push_back(
          {name,
           {{"rows_per_s", PerSecond(kManyRows, elapsed)},
            {"total_us", absl::ToDoubleMicroseconds(elapsed)},
            {"processor_us", ProcessorUs() - before},
            {"sign_and_verify_us", absl::ToDoubleMicroseconds(naive)},
            {"ratio_naive", absl::FDivDuration(elapsed, naive)}}});
    }
  }

  // The server is in this process: its memory and the file that the client
  // keeps are in one figure.
  void Export(Report& report) {
    client::RegisterClient client(*publisher_.connection);
    ResetPeakMemory();
    const double before = MemoryKib();
    std::size_t bytes = 0;
    const absl::Duration elapsed = Measure([&] {
      const auto exported =
          client.Export("nl-list", [&](std::string_view piece) {
            bytes += piece.size();
            return absl::OkStatus();
          });
      LIMPID_CHECK(exported.ok());
    });
    const double peak = PeakMemoryKib() - before;
    const double file_kib = static_cast<double>(bytes) / 1'024;
    report.cases.push_back({"export",
                            {{"total_us", absl::ToDoubleMicroseconds(elapsed)},
                             {"file_kib", file_kib},
                             {"peak_kib", peak},
                             {"ratio_peak", peak / file_kib}}});
  }

  void Import(Report& report) {
    const std::string list = RealList();
    client::PublisherClient publisher(*publisher_.connection, publisher_.key);
    for (const char* const name : {"import", "import-again"}) {
      client::ImportReport imported;
      const absl::Duration elapsed = Measure([&] {
        auto result = publisher.Import("nl-list", list, "benchmark",
                                       /*commit=*/true, [](auto, auto) {});
        if (!result.ok()) std::cerr << result.status() << '\n';
        LIMPID_CHECK(result.ok());
        imported = *std::move(result);
      });
      const auto rows = static_cast<double>(imported.rows.size());
      report.cases.push_back(
          {name,
           {{"rows", rows},
            {"published",
             static_cast<double>(imported.committed.committed_row_count())},
            {"rows_per_s", PerSecond(rows, elapsed)}}});
      failed_ = failed_ || !imported.failures.empty() || rows == 0;
    }
    register_v1::ListRegistrationsRequest request;
    request.set_kind(register_v1::REGISTRATION_KIND_DEPLOYMENT);
    request.set_page_size(kPageSize);
    grpc::ClientContext context;
    rpc::SetDeadline(context, kPatience);
    register_v1::ListRegistrationsResponse page;
    LIMPID_CHECK(
        reads_.front()->ListRegistrations(&context, request, &page).ok());
    for (const auto& one : page.registrations()) {
      ids_.push_back(one.registration_id());
    }
    LIMPID_CHECK(!ids_.empty());
  }

  void Read(int in_flight, Report& report) {
    const LoadResult echo = RunLoad(in_flight, kWarmUp, kDuration, Echo());
    const LoadResult get = RunLoad(in_flight, kWarmUp, kDuration, Get());
    const LoadResult list = RunLoad(in_flight, kWarmUp, kDuration, List());
    failed_ = failed_ || echo.failures + get.failures + list.failures > 0;
    if (in_flight == 64) {
      report.probes.push_back({"echo_rps", echo.per_second});
    }
    AddCase("get", in_flight, get, echo, report);
    AddCase("list-50", in_flight, list, echo, report);
  }

  static void AddCase(const char* name, int in_flight, const LoadResult& read,
                      const LoadResult& echo, Report& report) {
    report.cases.push_back({absl::StrCat(name, "/", in_flight),
                            {{"in_flight", static_cast<double>(in_flight)},
                             {"rps", read.per_second},
                             {"p50_us", read.p50_us},
                             {"p99_us", read.p99_us},
                             {"echo_rps", echo.per_second},
                             {"echo_p50_us", echo.p50_us},
                             {"echo_p99_us", echo.p99_us},
                             {"ratio_rps", read.per_second / echo.per_second},
                             {"ratio_p99", read.p99_us / echo.p99_us}}});
  }

  template <typename Stubs>
  static auto& StubOf(const Stubs& stubs, int slot) {
    return *stubs[static_cast<std::size_t>(slot) % stubs.size()];
  }
  // Shared by the call and its completion, whichever ends last.
  template <typename Response>
  static std::shared_ptr<Call<Response>> NewCall() {
    auto call = std::make_shared<Call<Response>>();
    rpc::SetDeadline(call->context, kPatience);
    return call;
  }

  StartCall Get() {
    return [this](int slot, std::function<void(bool)> done) {
      auto call = NewCall<register_v1::GetRegistrationResponse>();
      auto* const raw = call.get();
      auto request = std::make_shared<register_v1::GetRegistrationRequest>();
      request->set_registration_id(
          ids_[static_cast<std::size_t>(slot) % ids_.size()]);
      StubOf(reads_, slot)
          .async()
          ->GetRegistration(
              &raw->context, request.get(), &raw->response,
              [call, request, done = std::move(done)](const auto& status) {
                done(status.ok() && call->response.has_version());
              });
    };
  }

  StartCall List() {
    return [this](int slot, std::function<void(bool)> done) {
      auto call = NewCall<register_v1::ListRegistrationsResponse>();
      auto* const raw = call.get();
      auto request = std::make_shared<register_v1::ListRegistrationsRequest>();
      request->set_kind(register_v1::REGISTRATION_KIND_DEPLOYMENT);
      request->set_page_size(kPageSize);
      StubOf(reads_, slot)
          .async()
          ->ListRegistrations(
              &raw->context, request.get(), &raw->response,
              [call, request, done = std::move(done)](const auto& status) {
                done(status.ok() && call->response.registrations_size() > 0);
              });
    };
  }

  StartCall Echo() {
    return [this](int slot, std::function<void(bool)> done) {
      auto call = NewCall<vault::v1::ReadAttributesResponse>();
      auto* const raw = call.get();
      auto request = std::make_shared<vault::v1::ReadAttributesRequest>();
      StubOf(echoes_, slot)
          .async()
          ->Echo(&raw->context, request.get(), &raw->response,
                 [call, request, done = std::move(done)](const auto& status) {
                   done(status.ok());
                 });
    };
  }

  const Arguments arguments_;
  const testing::TempDir directory_;
  const EchoAnswer echoed_;
  testing::World world_;
  const testing::PublisherSide publisher_;
  const testing::ServiceSide service_;
  std::vector<std::unique_ptr<register_v1::RegisterService::Stub>> reads_;
  std::vector<std::unique_ptr<v1::EchoService::Stub>> echoes_;
  std::vector<std::string> ids_;
  bool failed_ = false;
};

absl::Status Run(Arguments& arguments) {
  rpc::RequireTls13();
  rpc::SkipLockOrderChecks();
  return Bench(arguments).Run();
}

}  // namespace
}  // namespace limpid::bench

int main(int argc, char** argv) {
  return limpid::bench::Main(argc, argv, limpid::bench::Run);
}
