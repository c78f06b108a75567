// A workflow of the adapter: several steps one after the other, of which most wait for a provider. Called by api.ts.

import type { Query } from '../../src/target-kit/database.ts';
import { monotonicMs } from '../../src/time/clock.ts';
import type { ProviderName } from './provider-server.ts';
import type { Operation, Providers } from './providers.ts';
import { writeRunBegin, writeRunEnd } from './records.ts';

interface Step {
  readonly name: string;
  readonly provider: ProviderName;
  run(providers: Providers): Promise<string>;
}

function step<Name extends ProviderName>(name: string, provider: Name, operation: Operation<Name>): Step {
  return { name, provider, run: (providers) => providers.ask(provider, operation) };
}

const steps: readonly Step[] = [
  step('find the contact', 'crm', 'search'),
  step('enrich the contact', 'crm', 'enrich'),
  step('update the contact', 'crm', 'create'),
  step('look for open tickets', 'helpdesk', 'search'),
  step('open a ticket', 'helpdesk', 'create'),
];

export interface WorkflowRun {
  readonly run: number;
  readonly status: 'succeeded';
  readonly durationMs: number;
  readonly steps: readonly {
    readonly name: string;
    readonly provider: ProviderName;
    readonly durationMs: number;
  }[];
}

/**
 * Does every step, and writes beginning and end of the run down. `inTransaction` is asked for a transaction of the tenant each
 * time. Throws what a provider throws; the run has failed then.
 */
export async function executeWorkflow(options: {
  readonly workflow: number;
  readonly testRun: string | null;
  readonly providers: Providers;
  readonly inTransaction: <Result>(work: (query: Query) => Promise<Result>) => Promise<Result>;
}): Promise<WorkflowRun> {
  const { workflow, testRun, providers, inTransaction } = options;
  const startedAtMs = monotonicMs();
  const run = await inTransaction((query) => writeRunBegin(query, workflow, testRun));
  const end = (status: 'succeeded' | 'failed') =>
    inTransaction((query) => writeRunEnd(query, run, status, monotonicMs() - startedAtMs));
  const done: { name: string; provider: ProviderName; durationMs: number }[] = [];
  try {
    for (const { name, provider, run: work } of steps) {
      const stepAtMs = monotonicMs();
      await work(providers);
      done.push({ name, provider, durationMs: rounded(monotonicMs() - stepAtMs) });
    }
  } catch (error) {
    await end('failed');
    throw error;
  }
  await end('succeeded');
  return { run, status: 'succeeded', durationMs: rounded(monotonicMs() - startedAtMs), steps: done };
}

function rounded(ms: number): number {
  return Number(ms.toFixed(2));
}
