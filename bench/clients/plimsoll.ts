// Plimsoll itself, run as a user runs it: the built command line in processes of its own.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import type { Finished, FinishOptions, Processes } from '../processes.ts';
import { type Client, figures } from './client.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const suiteFile = join(root, 'bench/hello.suite.ts');
/** What starts the built command line. */
export const plimsollCommand: readonly string[] = [process.execPath, join(root, 'bin/plimsoll.js')];

export interface PlimsollRun extends Finished {
  readonly record: RunRecord;
  readonly requests: number;
  readonly failed: number;
  /** CPU time of the workers, from their first instruction on. */
  readonly workerCpuMs: number;
}

/** One `plimsoll run` of the bench suite, with its record. */
export async function runPlimsoll(
  flags: readonly string[],
  options: Omit<FinishOptions, 'okCodes'>,
  processes: Processes,
): Promise<PlimsollRun> {
  const out = processes.folder();
  // Exit 5: driven flat out, the generator is the bottleneck and the verdict says so.
  const finished = await processes.finish(
    [...plimsollCommand, 'run', suiteFile, ...flags, '--out', out, '--quiet'],
    { ...options, okCodes: [0, 5] },
  );
  const record = JSON.parse(readFileSync(join(out, 'bench/latest/run.json'), 'utf8')) as RunRecord;
  const workerCpuMs = record.generator.workers.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  if (finished.cpuMs < workerCpuMs) {
    throw new Error(
      `all processes used ${finished.cpuMs} ms of CPU, but the workers alone ${workerCpuMs} ms`,
    );
  }
  return { ...finished, record, workerCpuMs, ...requestsOf(record) };
}

function requestsOf({ metrics }: RunRecord): { readonly requests: number; readonly failed: number } {
  const made = metrics.http_reqs?.values;
  const failed = metrics.http_req_failed?.values;
  if (made === undefined || !('count' in made)) throw new Error('the record has no request count');
  // Those cut off at the end are in `http_reqs` alone.
  return { requests: made.count, failed: failed !== undefined && 'passes' in failed ? failed.passes : 0 };
}

function driving(profile: string, note: string): Client {
  return {
    name: 'plimsoll',
    note,
    async run({ url, connections, seconds, core }, processes) {
      const load = ['--profile', profile, '--users', String(connections), '--duration', `${seconds}s`];
      const flags = [...load, '--base-url', url, '--workers', '1', '--formats', 'json'];
      const { requests, failed, cpuMs, workerCpuMs } = await runPlimsoll(flags, { core }, processes);
      return {
        ...figures(requests, seconds, cpuMs, failed),
        workerCpuUsPerRequest: (workerCpuMs * 1000) / requests,
      };
    },
  };
}

export const plimsoll = driving(
  'hello',
  'one async function and one check per request, all built-in metrics',
);

/** The same in batches of fifty. */
export const plimsollInBatches = driving('batches', 'one async function per 50 requests, a check of each');
