// SPDX-License-Identifier: Apache-2.0
// The only C++ of the project: Google Benchmark behind bench/harness.h.
#include "bench/harness.h"

#include <benchmark/benchmark.h>
#include <ctime>
#include <vector>

namespace
{

bool any_failed = false;

// The callers keep their own figures: nothing is printed here.
class Silent : public benchmark::BenchmarkReporter
{
  public:
    bool ReportContext(const Context &) override
    {
        return true;
    }
    void ReportRuns(const std::vector<Run> &runs) override
    {
        for (const Run &run : runs)
            any_failed = any_failed || run.error_occurred;
    }
};

} // namespace

void bench_add(const char *name, bench_pass pass, void *user)
{
    benchmark::RegisterBenchmark(name,
                                 [pass, user](benchmark::State &state) {
                                     for (auto _ : state) {
                                         double s = pass(user);
                                         if (s < 0)
                                             state.SkipWithError("its work or its check failed");
                                         else
                                             state.SetIterationTime(s);
                                     }
                                 })
        ->Iterations(1)
        ->UseManualTime();
}

bool bench_run(uint32_t passes)
{
    std::string repetitions = "--benchmark_repetitions=" + std::to_string(passes);
    char program[] = "bench";
    char interleave[] = "--benchmark_enable_random_interleaving=true";
    char *arguments[] = {program, interleave, repetitions.data(), nullptr};
    int count = 3;
    Silent silent;
    benchmark::Initialize(&count, arguments);
    size_t ran = benchmark::RunSpecifiedBenchmarks(&silent);
    return ran > 0 && !any_failed;
}

double bench_cpu_s(void)
{
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}
