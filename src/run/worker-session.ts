// A worker's side of a run over any channel of messages: joins suite, engine, protocols and meter, and answers the
// coordinator. src/worker.ts gives it the channel of a process.

import { ErrorLog } from '../engine/error-log.ts';
import type { FromWorker, LogLevel, ToWorker, WorkerStage } from '../engine/messages.ts';
import { RunClock } from '../engine/run-clock.ts';
import { runSetup, runTeardown } from '../engine/run-hooks.ts';
import { describeThrown } from '../engine/thrown.ts';
import type { WorkerDeps } from '../engine/worker-deps.ts';
import { WorkerFeeders } from '../engine/worker-feeders.ts';
import { createWorkerRun, type WorkerRun } from '../engine/worker-run.ts';
import { isArrivalRate } from '../executors/of-plan.ts';
import { openRowSources } from '../feeders/row-sources.ts';
import { knownSecrets } from '../masking/known-secrets.ts';
import { learnSuite } from '../masking/learn-suite.ts';
import { maskData, maskText } from '../masking/mask.ts';
import { maskWindow } from '../masking/mask-window.ts';
import { createMeter, mostSeries } from '../meter/meter.ts';
import type { Logger } from '../model/context.ts';
import { StoppedError } from '../model/errors.ts';
import type { GuardSettings } from '../model/guard.ts';
import { type MetricDefinition, type SeriesDefinition, seriesKey, type Tags } from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import type { Finding } from '../model/verdict.ts';
import { TrafficGuard } from '../network/traffic-guard.ts';
import { openProtocols } from '../protocols/open-protocols.ts';
import { formatFigure } from '../text/format-figure.ts';
import { machineMs } from '../time/clock.ts';
import { startTimer } from '../time/timer.ts';
import { importBundle } from './import-bundle.ts';
import { rehearseTelling } from './rehearse-telling.ts';

/** What carries a session's messages, and the process it is in. */
export interface WorkerHost {
  /** Hands a message on to the coordinator; `onSent` once it is on its way. Drops it when nobody listens any more. */
  send(message: FromWorker, onSent?: () => void): void;
  /** The variables that user code sees; the suite's are set in it. */
  readonly env: NodeJS.ProcessEnv;
  /** Path of a folder that does not exist yet: it is there while the suite is imported. */
  readonly folder: string;
  /** All is told, and nothing is open any more. */
  ended(): void;
  /** The process is not to be trusted any more. */
  abandon(): void;
}

export interface WorkerSession {
  /** Tells the coordinator that messages are received from now on. */
  begin(): void;
  receive(message: ToWorker): void;
  /** What user code throws where no virtual user is there to catch it. */
  rejected(thrown: unknown): void;
  uncaught(thrown: unknown): void;
}

interface Prepared {
  readonly plan: Plan;
  readonly suite: SuiteDefinition;
  readonly worker: number;
  readonly deps: WorkerDeps & { readonly meter: ReturnType<typeof createMeter> };
}

type Message<Kind extends ToWorker['kind']> = Extract<ToWorker, { kind: Kind }>;

/** One object for all: error groups are told apart by the identity of their tags. */
const noTags: Tags = {};

export function createWorkerSession(host: WorkerHost): WorkerSession {
  const { send } = host;
  const log = createLogger(send);
  let prepared: Prepared | undefined;
  let run: WorkerRun | undefined;
  let stage: WorkerStage = 'prepare';

  function fail(thrown: unknown): void {
    const { message, stack } = describeThrown(thrown);
    send({ kind: 'failed', stage, message: maskText(message), stack: maskText(stack) });
  }

  function start({ atMachineMs, data, controls, resume }: Message<'start'>): void {
    const { plan, suite, worker, deps } = prepared!;
    stage = 'run';
    deps.data = data;
    deps.clock.startAt(atMachineMs);
    run = createWorkerRun({
      plan,
      suite,
      worker,
      deps,
      resume,
      onWindow: (message) =>
        send({ ...message, window: maskWindow(message.window), errors: maskData(message.errors) }),
      onFinished: () => send({ kind: 'finished' }),
    });
    for (const control of controls) run.control(control);
    if (resume !== undefined) send({ kind: 'resumed', atMs: run.fromMs });
    startTimer(() => run!.start(), Math.max(0, atMachineMs - machineMs()));
  }

  async function exit(): Promise<void> {
    for (const session of prepared?.deps.hookSessions ?? []) session.close();
    await prepared?.deps.protocols.close();
    prepared?.deps.feeders.close();
    const totals = run?.close() ?? { cpuMs: 0, peakMemoryBytes: 0 };
    send({ kind: 'bye', ...totals }, host.ended);
  }

  async function handle(message: ToWorker): Promise<void> {
    switch (message.kind) {
      case 'prepare':
        prepared = await prepare(message, host, log);
        send({ kind: 'prepared' });
        break;
      case 'clock':
        send({ kind: 'clock', sentMs: message.sentMs, machineMs: machineMs() });
        break;
      case 'setup': {
        stage = 'setup';
        const { suite, plan, deps } = prepared!;
        send({ kind: 'setup-done', data: await runSetup(suite, plan, deps) });
        break;
      }
      case 'start':
        start(message);
        break;
      case 'stop':
        run?.stop(message.mode, message.graceMs);
        break;
      case 'control':
        run?.control(message.control);
        break;
      case 'rows':
        prepared?.deps.feeders.receive(message.feeder, message.ranges, message.ended);
        break;
      case 'recall-rows': {
        const { feeder } = message;
        send({ kind: 'return-rows', feeder, ranges: prepared?.deps.feeders.giveBack(feeder) ?? [] });
        break;
      }
      case 'end-scenario':
        run?.endScenario(message.scenario);
        break;
      case 'teardown': {
        stage = 'teardown';
        const { suite, plan, deps } = prepared!;
        await runTeardown(suite, plan, deps);
        send({ kind: 'teardown-done' });
        break;
      }
      case 'exit':
        await exit();
        break;
    }
  }

  /** Counts and tells an exception that no virtual user was there to catch. */
  function report(thrown: unknown, code: string): void {
    if (prepared === undefined) {
      log.error(describeThrown(thrown).stack);
      return;
    }
    const { errors, clock } = prepared.deps;
    const stack = errors.addException(thrown, noTags, clock.now(), code);
    if (stack !== undefined) log.warn(`${code.replace('_', ' ')}: ${stack}`);
  }

  return {
    begin() {
      send({ kind: 'booted' });
      rehearseTelling();
    },
    receive(message) {
      handle(message).catch(fail);
    },
    rejected(thrown) {
      if (!(thrown instanceof StoppedError)) report(thrown, 'unhandled_rejection');
    },
    // Whatever user code left in a bad state cannot be trusted with more load: what was measured is saved, and
    // the worker is lost.
    uncaught(thrown) {
      if (stage === 'run' || stage === 'teardown') {
        report(thrown, 'uncaught_exception');
        run?.close();
      } else {
        fail(thrown);
      }
      const message = 'an exception that nothing caught ends this worker';
      send({ kind: 'log', level: 'error', message }, host.abandon);
    },
  };
}

function createLogger(send: WorkerHost['send']): Logger {
  const at =
    (level: LogLevel) =>
    (message: string): void =>
      send({ kind: 'log', level, message: maskText(String(message)) });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** The first host that is not contacted is told: it ends the run. */
function guardOf(settings: GuardSettings, send: WorkerHost['send']): TrafficGuard {
  let told = false;
  return new TrafficGuard(settings, (refusal) => {
    if (!told) send({ kind: 'refused', refusal });
    told = true;
  });
}

/**
 * Tells when more than the user that asked is to end; in the open model users are interchangeable, and it is the scenario
 * that ends in place of one.
 */
function dataEndTeller(plan: Plan, send: WorkerHost['send']): WorkerDeps['onDataEnded'] {
  const told = new Set<string>();
  return (feeder, scenario) => {
    const { atEnd } = plan.data!.find(({ name }) => name === feeder)!;
    const { executor } = plan.scenarios.find(({ name }) => name === scenario)!;
    const pair = `${feeder} ${scenario}`;
    if ((atEnd === 'stop-user' && !isArrivalRate(executor)) || told.has(pair)) return;
    told.add(pair);
    send({ kind: 'data-ended', feeder, scenario });
  };
}

/** Half of the series there may be are a warning in time; all of them are told as well. */
function seriesWarning(count: number, example: SeriesDefinition): string {
  const what = `this worker keeps ${formatFigure(count, 'count')} series of metrics apart, such as ${seriesKey(example.metric, example.tags)}`;
  const remedy = 'give requests a "name", and tags few values';
  return count < mostSeries
    ? `${what}: half of the limit; beyond the limit new names and tags are counted as "(other)"; ${remedy}`
    : `${what}: new names and tags are counted as "(other)" from now on; ${remedy}`;
}

/** Loads the suite and opens what its plan needs, before any user exists. */
async function prepare(message: Message<'prepare'>, host: WorkerHost, log: Logger): Promise<Prepared> {
  const { plan, worker } = message;
  const { env, send } = host;
  Object.assign(env, message.env);
  const suite = await importBundle(message.bundle, host.folder);
  // Texts are masked before they leave: only this process knows the cookies and credentials of its users.
  learnSuite(suite, env);
  knownSecrets.learnSettings({ plan, secrets: message.secrets });
  const clock = new RunClock();
  const errors = new ErrorLog();
  const meter = createMeter(message.sender, {
    mostSeries,
    onFilling: (count, example) => log.warn(seriesWarning(count, example)),
  });
  for (const [name, definition] of Object.entries(plan.metrics)) {
    meter.define(name, definition as MetricDefinition);
  }
  const guard = message.guard === null ? undefined : guardOf(message.guard, send);
  const protocols = await openProtocols({
    plan,
    secrets: message.secrets,
    userAgent: message.userAgent,
    guard,
    worker,
    onFailure(tags, code, text, atMs) {
      errors.add('request', code, text, tags, atMs === undefined ? clock.now() : clock.fromProcessMs(atMs));
    },
    onWarning: log.warn,
  });
  const feeders = new WorkerFeeders({
    plans: plan.data ?? [],
    sources: openRowSources(plan.data ?? [], suite.data ?? {}, message.dataFiles, plan.seed),
    ask: (feeder, count) => send({ kind: 'ask-rows', feeder, count }),
    now: () => clock.now(),
  });
  const warned = new Set<string>();
  const deps = {
    meter,
    protocols,
    feeders,
    onDataEnded: dataEndTeller(plan, send),
    onFinding: (finding: Finding) => send({ kind: 'finding', finding: maskData(finding) }),
    errors,
    clock,
    log,
    env,
    hookSessions: new Set<{ close(): void }>(),
    data: undefined as unknown,
    onOverflow(what: string, example: string) {
      if (warned.has(what)) return;
      warned.add(what);
      log.warn(
        `more than 500 different ${what} in one task, such as ${example}: further ones are counted as "(other)"; give such requests a "name"`,
      );
    },
  };
  return { plan, suite, worker, deps };
}
