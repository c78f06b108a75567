// Clients of Redis at redis-benchmark's GET and SET. Called by benches/redis.ts.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { clientCore, type Processes } from '../processes.ts';

export type RedisCommand = 'get' | 'set';

export interface RedisFigures {
  readonly count: number;
  readonly perSec: number;
  /** Whole-process CPU, start-up included, for one command. */
  readonly cpuUs: number;
  /** Of the process that drives the load alone, where the client says so. */
  readonly workerCpuUs?: number;
}

interface RedisLoad {
  readonly url: string;
  readonly command: RedisCommand;
  readonly seconds: number;
}

export interface RedisBenchClient {
  readonly name: string;
  readonly note: string;
  run(load: RedisLoad, processes: Processes): Promise<RedisFigures>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
export const connections = 8;
const core = clientCore;

function figures(count: number, perSec: number, cpuMs: number): RedisFigures {
  if (!(count > 0)) throw new Error('nothing was carried out');
  return { count, perSec, cpuUs: (cpuMs * 1000) / count };
}

export const plimsollRedis: RedisBenchClient = {
  name: 'plimsoll',
  note: 'one async function and one check each, all built-in metrics',
  async run({ url, command, seconds }, processes) {
    const out = processes.folder();
    const flags = ['--profile', command, '--duration', `${seconds}s`, '--workers', '1', '--formats', 'json'];
    const run = [process.execPath, join(root, 'bin/plimsoll.js'), 'run', join(root, 'bench/redis.suite.ts')];
    const { cpuMs } = await processes.finish(
      ['env', `REDIS_URL=${url}`, ...run, ...flags, '--out', out, '--quiet'],
      // Exit 5: driven flat out, the generator is the bottleneck and the verdict says so.
      { core, okCodes: [0, 5] },
    );
    const text = readFileSync(join(out, 'bench-redis/latest/run.json'), 'utf8');
    const { metrics, generator } = JSON.parse(text) as RunRecord;
    const made = metrics.redis_ops?.values;
    const count = made !== undefined && 'count' in made ? made.count : 0;
    const workerCpuMs = generator.workers.reduce((sum, worker) => sum + worker.cpuMs, 0);
    return { ...figures(count, count / seconds, cpuMs), workerCpuUs: (workerCpuMs * 1000) / count };
  },
};

/** It takes a number of commands, not a time: about as many as the first look says fit in. */
export function redisBenchmark(path: string): RedisBenchClient {
  const run = async ({ url, command }: RedisLoad, count: number, processes: Processes) => {
    const { hostname, port } = new URL(url);
    const where = ['-h', hostname, '-p', port, '-c', String(connections), '-P', '1'];
    const what = ['-t', command, '-d', '3', '-r', '100000', '-n', String(count), '--csv'];
    const { output, cpuMs } = await processes.finish([path, ...where, ...what], { core });
    const perSec = Number(new RegExp(`^"${command}","([\\d.]+)"`, 'im').exec(output)?.[1]);
    if (!(perSec > 0)) throw new Error(`nothing to read in what redis-benchmark says:\n${output}`);
    return figures(count, perSec, cpuMs);
  };
  return {
    name: 'redis-benchmark',
    note: '-P 1, one thread; written in C',
    async run(load, processes) {
      const look = await run(load, 5000, processes);
      return run(load, Math.max(5000, Math.round(look.perSec * load.seconds)), processes);
    },
  };
}

export const libraryAlone: RedisBenchClient = {
  name: 'ioredis',
  note: 'the package alone, nothing measured',
  async run({ url, command, seconds }, processes) {
    const file = fileURLToPath(new URL('./redis-loop.mjs', import.meta.url));
    const { output, cpuMs } = await processes.finish(
      [process.execPath, file, url, command, String(seconds), String(connections)],
      { core },
    );
    const { count } = JSON.parse(output) as { count: number };
    return figures(count, count / seconds, cpuMs);
  },
};
