// Clients of PostgreSQL at pgbench's two loads. Called by benches/sql.ts.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { clientCore, type Processes } from '../processes.ts';

export type Script = 'select' | 'update';

export interface DatabaseFigures {
  /** Selects, or transactions. */
  readonly count: number;
  readonly perSec: number;
  /** Whole-process CPU, start-up included, for one of them. */
  readonly cpuUs: number;
}

export interface DatabaseLoad {
  readonly url: string;
  readonly script: Script;
  readonly seconds: number;
}

export interface DatabaseClient {
  readonly name: string;
  readonly note: string;
  run(load: DatabaseLoad, processes: Processes): Promise<DatabaseFigures>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
export const connections = 8;

function figures(count: number, seconds: number, cpuMs: number): DatabaseFigures {
  if (count === 0) throw new Error('nothing was carried out');
  return { count, perSec: count / seconds, cpuUs: (cpuMs * 1000) / count };
}

const core = clientCore;

export const plimsollSql: DatabaseClient = {
  name: 'plimsoll',
  note: 'one async function and one check each, all built-in metrics',
  async run({ url, script, seconds }, processes) {
    const out = processes.folder();
    const flags = ['--profile', script, '--duration', `${seconds}s`, '--workers', '1', '--formats', 'json'];
    const command = [
      process.execPath,
      join(root, 'bin/plimsoll.js'),
      'run',
      join(root, 'bench/sql.suite.ts'),
    ];
    const { cpuMs } = await processes.finish(
      ['env', `DATABASE_URL=${url}`, ...command, ...flags, '--out', out, '--quiet'],
      // Exit 5: driven flat out, the generator is the bottleneck and the verdict says so.
      { core, okCodes: [0, 5] },
    );
    const text = readFileSync(join(out, 'bench-sql/latest/run.json'), 'utf8');
    const { values } = (JSON.parse(text) as RunRecord).metrics.iterations!;
    return figures('count' in values ? values.count : 0, seconds, cpuMs);
  },
};

export function pgbench(path: string): DatabaseClient {
  return {
    name: 'pgbench',
    note: '-M prepared, one thread',
    async run({ url, script, seconds }, processes) {
      const flags = ['-n', '-M', 'prepared', '-c', String(connections), '-j', '1', '-T', String(seconds)];
      const { output, cpuMs } = await processes.finish(
        [path, ...flags, script === 'select' ? '-S' : '-N', url],
        { core },
      );
      const count = Number(/transactions actually processed: (\d+)/.exec(output)?.[1]);
      return figures(count, seconds, cpuMs);
    },
  };
}

export const pgPackage: DatabaseClient = {
  name: 'pg',
  note: 'the package alone, nothing measured',
  async run({ url, script, seconds }, processes) {
    const file = fileURLToPath(new URL('./pg-loop.mjs', import.meta.url));
    const { output, cpuMs } = await processes.finish([process.execPath, file, url, script, String(seconds)], {
      core,
    });
    return figures((JSON.parse(output) as { count: number }).count, seconds, cpuMs);
  },
};
