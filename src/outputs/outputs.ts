// All outputs of a run as one, each on its own: what one does or throws never reaches another, or the run.

import { maskText } from '../masking/mask.ts';
import type { AlertTransition } from '../model/alert.ts';
import { assertNever, messageOf, UsageError } from '../model/errors.ts';
import type { MetricWindow } from '../model/metric.ts';
import type { MonitorSample } from '../model/monitor.ts';
import type { OutputDefinition, OutputTally } from '../model/output.ts';
import { cancelTimer, startTimer, type Timer } from '../time/timer.ts';
import { createInfluxOutput } from './influx.ts';
import { createJsonOutput } from './json.ts';
import type { Output, OutputRun } from './output.ts';
import { createPrometheusOutput } from './prometheus.ts';
import { createRemoteWriteOutput } from './remote-write.ts';
import { createWebhookOutput } from './webhook.ts';

export interface OutputHub {
  window(window: MetricWindow): void;
  sample(sample: MonitorSample): void;
  alert(transition: AlertTransition): void;
  /** Closes all at once, within `graceMs`. One tally per definition, in their order. Never rejects; call it once. */
  close(graceMs: number): Promise<OutputTally[]>;
}

/** An output may end its last steps this much later than its grace; then it is left behind. */
const closingSlackMs = 250;

/**
 * Makes the outputs of a run. Throws a `UsageError` for a definition that no output can be made of; a receiver that is
 * not there is no such mistake. `secrets` are values that no tally may show.
 */
export async function createOutputs(
  definitions: readonly OutputDefinition[],
  run: OutputRun,
  secrets: readonly string[] = [],
): Promise<OutputHub> {
  const guarded: GuardedOutput[] = [];
  try {
    for (const definition of definitions) {
      guarded.push(new GuardedOutput(definition, await create(definition, run)));
    }
  } catch (thrown) {
    // Those made so far hold ports and files.
    await Promise.all(guarded.map((output) => output.close(0)));
    if (!(thrown instanceof UsageError)) throw thrown;
    const hint = thrown.hint === undefined ? {} : { hint: thrown.hint };
    throw new UsageError(maskText(thrown.message, secrets), hint);
  }
  return {
    window: (window) => {
      for (const output of guarded) output.pass('window', window);
    },
    sample: (sample) => {
      for (const output of guarded) output.pass('sample', sample);
    },
    alert: (transition) => {
      for (const output of guarded) output.pass('alert', transition);
    },
    async close(graceMs) {
      const tallies = await Promise.all(guarded.map((output) => output.close(graceMs)));
      return tallies.map((tally) => masked(tally, secrets));
    },
  };
}

async function create(definition: OutputDefinition, run: OutputRun): Promise<Output> {
  switch (definition.kind) {
    case 'prometheus':
      return createPrometheusOutput(definition, run);
    case 'prometheus-remote-write':
      return createRemoteWriteOutput(definition, run);
    case 'otlp': {
      // Brings OpenTelemetry's packages with it.
      const { createOtlpOutput } = await import('./otlp.ts');
      return createOtlpOutput(definition, run);
    }
    case 'influx':
      return createInfluxOutput(definition, run);
    case 'json':
      return createJsonOutput(definition, run);
    case 'webhook':
      return createWebhookOutput(definition, run);
    default:
      return assertNever(definition);
  }
}

/** Outputs do not throw. If one does all the same, it is counted and the run goes on. */
class GuardedOutput {
  readonly #definition: OutputDefinition;
  readonly #output: Output;
  #failures = 0;
  #lastError: string | undefined;

  constructor(definition: OutputDefinition, output: Output) {
    this.#definition = definition;
    this.#output = output;
  }

  pass<Call extends 'window' | 'sample' | 'alert'>(call: Call, value: Parameters<Output[Call]>[0]): void {
    try {
      (this.#output[call] as (value: Parameters<Output[Call]>[0]) => void)(value);
    } catch (thrown) {
      this.#failures++;
      this.#lastError = messageOf(thrown);
    }
  }

  async close(graceMs: number): Promise<OutputTally> {
    const { kind } = this.#definition;
    let timer: Timer | undefined;
    const late = new Promise<OutputTally>((resolve) => {
      const tally = { kind, to: kind, sent: 0, lost: 0, failures: 1, lastError: 'did not end in time' };
      timer = startTimer(() => resolve(tally), graceMs + closingSlackMs);
    });
    const closed = this.#output
      .close(graceMs)
      .catch((thrown) => ({ kind, to: kind, sent: 0, lost: 0, failures: 1, lastError: messageOf(thrown) }));
    const tally = await Promise.race([closed, late]);
    cancelTimer(timer);
    return {
      ...tally,
      failures: tally.failures + this.#failures,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    };
  }
}

function masked(tally: OutputTally, secrets: readonly string[]): OutputTally {
  const { lastError } = tally;
  return {
    ...tally,
    to: maskText(tally.to, secrets),
    ...(lastError === undefined ? {} : { lastError: maskText(lastError, secrets) }),
  };
}
