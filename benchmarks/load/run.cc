#include "benchmarks/load/run.h"

#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmarks/load/clock.h"
#include "benchmarks/load/core_watch.h"
#include "benchmarks/load/disturbances.h"
#include "benchmarks/load/worker.h"

namespace damselfly::load {
namespace {

constexpr int kFillPipeline = 64;
constexpr char kFillCommand[] = "SET __key__ __data__";
constexpr int64_t kTick_ns = 50'000'000;
// An open loop begins this much later: its threads have to be there by then.
constexpr int64_t kHeadStart_ns = kSecond_ns / 50;

// The timer slack that lets a thread wake up when it asked to.
constexpr unsigned long kTimerSlack_ns = 1;

class Run {
 public:
  Run(const Options& options, std::atomic<bool>* stop_asked)
      : options_(options), stop_asked_(stop_asked), values_(options.value_bytes, options.seed) {}

  absl::StatusOr<Results> Do();

 private:
  absl::Status MakeTemplates();
  // Runs `work` for each worker on a thread of its own, `tick` on this one meanwhile: at once, and
  // then each time as many nanoseconds later as it says. The first failure makes the other workers
  // stop too.
  absl::Status InParallel(const std::function<absl::Status(Worker*)>& work,
                          const std::function<int64_t()>& tick);
  absl::Status Fill();
  absl::Status Load();
  absl::Status RunPhase(const Phase& phase, Results* results);
  absl::Status StartWatches();
  void PrepareThread(int share);
  // Requests that have been answered in all phases.
  int64_t Answered() const;
  void ShowProgress(const char* what, int64_t begin_ns);
  absl::Status WriteSamples() const;

  const Options options_;
  std::atomic<bool>* const stop_asked_;
  const Values values_;
  std::vector<RequestTemplate> templates_;
  std::vector<RequestTemplate> fill_template_;
  std::unique_ptr<Verifier> verifier_;
  std::vector<std::unique_ptr<Worker>> workers_;
  CoreWatches watches_;
  std::unique_ptr<Results> results_;
  int64_t shown_ns_ = 0;
  int64_t shown_operations_ = 0;
};

absl::Status Run::MakeTemplates() {
  for (const WeightedCommand& command : options_.commands) {
    absl::StatusOr<RequestTemplate> made = RequestTemplate::Parse(command.text, options_, &values_);
    if (!made.ok()) return made.status();
    templates_.push_back(*std::move(made));
  }
  absl::StatusOr<RequestTemplate> fill = RequestTemplate::Parse(kFillCommand, options_, &values_);
  if (!fill.ok()) return fill.status();
  fill_template_.push_back(*std::move(fill));
  return absl::OkStatus();
}

absl::StatusOr<Results> Run::Do() {
  absl::Status status = MakeTemplates();
  if (!status.ok()) return status;
  if (options_.verify) verifier_ = std::make_unique<Verifier>(&values_, options_.keys);
  for (int i = 0; i < options_.threads; ++i)
    workers_.push_back(std::make_unique<Worker>(options_, i, stop_asked_, verifier_.get()));
  status = InParallel([](Worker* worker) { return worker->Connect(); }, [] { return kTick_ns; });
  if (status.ok() && options_.fill) status = Fill();
  if (status.ok() && !options_.fill_only) status = Load();
  if (status.ok() && !options_.samples.empty()) status = WriteSamples();
  if (!status.ok()) return status;
  return std::move(*results_);
}

void Run::PrepareThread(int share) {
  prctl(PR_SET_TIMERSLACK, kTimerSlack_ns);
  if (!options_.cpus.empty()) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(options_.cpus[static_cast<size_t>(share) % options_.cpus.size()], &cores);
    if (sched_setaffinity(0, sizeof(cores), &cores) != 0)
      std::fprintf(stderr, "load: --cpus: %s\n", std::strerror(errno));
  }
  if (options_.realtime) {
    sched_param precedence{};
    precedence.sched_priority = 1;
    if (sched_setscheduler(0, SCHED_FIFO, &precedence) != 0)
      std::fprintf(stderr, "load: --realtime: %s\n", std::strerror(errno));
  }
}

absl::Status Run::InParallel(const std::function<absl::Status(Worker*)>& work,
                             const std::function<int64_t()>& tick) {
  std::mutex mutex;
  std::condition_variable changed;
  size_t running = workers_.size();
  absl::Status first_failure;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < workers_.size(); ++i) {
    threads.emplace_back([&, i] {
      PrepareThread(static_cast<int>(i));
      absl::Status status = work(workers_[i].get());
      std::lock_guard<std::mutex> lock(mutex);
      if (!status.ok()) {
        if (first_failure.ok()) first_failure = status;
        stop_asked_->store(true);
      }
      --running;
      changed.notify_one();
    });
  }
  {
    std::unique_lock<std::mutex> lock(mutex);
    while (running > 0) {
      lock.unlock();
      const std::chrono::nanoseconds wait(tick());
      lock.lock();
      if (running > 0) changed.wait_for(lock, wait);
    }
  }
  for (std::thread& thread : threads) thread.join();
  return first_failure;
}

absl::Status Run::RunPhase(const Phase& phase, Results* results) {
  const bool reads_figures = options_.server_pid != 0 && phase.is_counted;
  absl::Status figures_status;
  int64_t answered_before = 0;
  const auto read_figures = [&](absl::optional<ProcessFigures>* out) {
    absl::StatusOr<ProcessFigures> figures = ReadProcessFigures(options_.server_pid);
    if (figures.ok()) {
      *out = *figures;
    } else {
      figures_status = figures.status();
    }
    return Answered();
  };
  // Before the load begins, unless a warm-up comes first.
  if (reads_figures && phase.count_from_ns <= phase.begin_ns)
    answered_before = read_figures(&results->server_before);
  if (!figures_status.ok()) return figures_status;
  const bool watches = phase.is_counted && options_.watches_cores();
  absl::Status watch_status = watches ? StartWatches() : absl::OkStatus();
  if (!watch_status.ok()) return watch_status;
  shown_ns_ = Now_ns();
  shown_operations_ = 0;
  const char* const what = phase.plan.supply != nullptr ? "filling" : "load";
  absl::Status status = InParallel([&phase](Worker* worker) { return worker->Run(phase); },
                                   [&] {
                                     ShowProgress(what, phase.begin_ns);
                                     if (!reads_figures || results->server_before) return kTick_ns;
                                     const int64_t left_ns = phase.count_from_ns - Now_ns();
                                     if (left_ns > 0) return std::min(left_ns, kTick_ns);
                                     answered_before = read_figures(&results->server_before);
                                     return kTick_ns;
                                   });
  if (options_.progress && isatty(STDERR_FILENO) == 1) std::fprintf(stderr, "\r\033[K");
  if (reads_figures)
    results->server_operations = read_figures(&results->server_after) - answered_before;
  Disturbances disturbances = watches_.Stop();
  if (status.ok()) status = figures_status;
  if (!status.ok()) return status;
  results->threads = options_.threads;
  for (const std::unique_ptr<Worker>& worker : workers_)
    results->statistics.Add(worker->statistics());
  for (const RequestTemplate& one : *phase.plan.templates) results->commands.push_back(one.text());
  if (results->statistics.last_reply_ns > 0) {
    results->duration_s =
        static_cast<double>(results->statistics.last_reply_ns - phase.count_from_ns) / 1e9;
  }
  if (watches) results->TakeDisturbances(std::move(disturbances));
  return absl::OkStatus();
}

absl::Status Run::StartWatches() {
  for (int core : options_.cpus) watches_.Add(core, getpid());
  for (int core : options_.server_cpus) watches_.Add(core, options_.server_pid);
  return watches_.Start();
}

absl::Status Run::Fill() {
  KeySupply supply(options_.keys);
  Phase phase;
  phase.plan.templates = &fill_template_;
  phase.plan.weights = {1};
  phase.plan.values = &values_;
  phase.plan.values_are_of_keys = options_.verify;
  phase.plan.supply = &supply;
  phase.pipeline = kFillPipeline;
  phase.begin_ns = phase.count_from_ns = Now_ns();
  phase.send_until_ns = std::numeric_limits<int64_t>::max();
  phase.is_counted = options_.fill_only;
  phase.errors_end_it = true;
  results_ = std::make_unique<Results>(fill_template_.size());
  results_->mode = "fill";
  absl::Status status = RunPhase(phase, results_.get());
  if (status.ok() && stop_asked_->load()) return absl::CancelledError("stopped while filling");
  return status;
}

absl::Status Run::Load() {
  RequestBudget budget(options_.requests);
  Phase phase;
  phase.plan.templates = &templates_;
  for (const WeightedCommand& command : options_.commands)
    phase.plan.weights.push_back(command.weight);
  phase.plan.values = &values_;
  phase.plan.values_are_of_keys = options_.verify;
  phase.pipeline = options_.pipeline;
  phase.rate = options_.rate;
  phase.budget = &budget;
  phase.begin_ns = Now_ns() + (options_.rate > 0 ? kHeadStart_ns : 0);
  phase.count_from_ns = phase.begin_ns + options_.warmup_ns;
  phase.send_until_ns = options_.duration_ns == 0 ? std::numeric_limits<int64_t>::max()
                                                  : phase.count_from_ns + options_.duration_ns;
  results_ = std::make_unique<Results>(templates_.size());
  results_->mode = options_.rate > 0 ? "open" : "closed";
  absl::Status status = RunPhase(phase, results_.get());
  if (status.ok() && verifier_ != nullptr) {
    results_->differences = verifier_->differences();
    results_->difference_texts = verifier_->texts();
  }
  return status;
}

int64_t Run::Answered() const {
  int64_t answered = 0;
  for (const std::unique_ptr<Worker>& worker : workers_)
    answered += worker->progress().answered.load(std::memory_order_relaxed);
  return answered;
}

void Run::ShowProgress(const char* what, int64_t begin_ns) {
  const int64_t now = Now_ns();
  if (!options_.progress || now - shown_ns_ < kSecond_ns) return;
  int64_t operations = 0, errors = 0, redirections = 0;
  for (const std::unique_ptr<Worker>& worker : workers_) {
    const Progress& progress = worker->progress();
    operations += progress.operations.load(std::memory_order_relaxed);
    errors += progress.errors.load(std::memory_order_relaxed);
    redirections += progress.redirections.load(std::memory_order_relaxed);
  }
  const double seconds = static_cast<double>(now - shown_ns_) / 1e9;
  const bool is_terminal = isatty(STDERR_FILENO) == 1;
  std::fprintf(
      stderr, "%s%s %.0f s: %lld operations, %.0f a second, %lld errors, %lld redirections%s",
      is_terminal ? "\r\033[K" : "", what, static_cast<double>(now - begin_ns) / 1e9,
      static_cast<long long>(operations),
      static_cast<double>(operations - shown_operations_) / seconds, static_cast<long long>(errors),
      static_cast<long long>(redirections), is_terminal ? "" : "\n");
  std::fflush(stderr);
  shown_ns_ = now;
  shown_operations_ = operations;
}

absl::Status Run::WriteSamples() const {
  FILE* const file = std::fopen(options_.samples.c_str(), "wb");
  bool is_good = file != nullptr;
  if (is_good) {
    for (const ReplyTimes& reply : results_->statistics.replies) {
      const double sample[] = {static_cast<double>(reply.start_ns) / 1e9,
                               static_cast<double>(reply.end_ns - reply.start_ns) / 1e9};
      for (int64_t i = 0; i < reply.count && is_good; ++i)
        is_good = std::fwrite(sample, sizeof(sample), 1, file) == 1;
    }
    is_good = std::fclose(file) == 0 && is_good;
  }
  if (is_good) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("--samples=", options_.samples, ": ", std::strerror(errno)));
}

}  // namespace

absl::StatusOr<Results> RunLoad(const Options& options, std::atomic<bool>* stop_asked) {
  return Run(options, stop_asked).Do();
}

}  // namespace damselfly::load
