// The clients that are compared, each doing the same: keep-alive connections, GET, as fast as answers come.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { onPath, timed } from './commands.ts';

export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly core: number;
}

export interface Figures {
  readonly requestsPerSec: number;
  /** Whole-process CPU, start-up included, per request made. */
  readonly cpuUsPerRequest: number;
}

export interface Client {
  readonly name: string;
  /** What it does per request beyond sending it. */
  readonly note: string;
  run(load: Load): Figures;
}

const root = fileURLToPath(new URL('..', import.meta.url));

function figures(requests: number, seconds: number, cpuMs: number): Figures {
  return { requestsPerSec: requests / seconds, cpuUsPerRequest: (cpuMs * 1000) / requests };
}

const plimsoll: Client = {
  name: 'plimsoll',
  note: 'one async function and one check per request, all built-in metrics',
  run({ url, connections, seconds, core }) {
    const out = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'));
    try {
      // Exit 5: driven flat out, the generator is the bottleneck and the verdict says so.
      const { cpuMs } = timed(
        [
          process.execPath,
          join(root, 'bin/plimsoll.js'),
          'run',
          join(root, 'bench/hello.suite.ts'),
          ...['--users', String(connections), '--duration', `${seconds}s`, '--base-url', url],
          ...['--workers', '1', '--out', out, '--formats', 'json', '--quiet'],
        ],
        core,
        [0, 5],
      );
      const record = JSON.parse(readFileSync(join(out, 'bench/latest/run.json'), 'utf8')) as RunRecord;
      const { values } = record.metrics.http_reqs!;
      if (!('count' in values)) throw new Error('the record has no request count');
      return figures(values.count, seconds, cpuMs);
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  },
};

const autocannon: Client = {
  name: 'autocannon',
  note: 'no user code',
  run({ url, connections, seconds, core }) {
    const script = createRequire(import.meta.url).resolve('autocannon/autocannon.js');
    const { stdout, cpuMs } = timed(
      [process.execPath, script, '-c', String(connections), '-d', String(seconds), '--json', url],
      core,
    );
    const report = JSON.parse(stdout.slice(stdout.indexOf('{'), stdout.lastIndexOf('}') + 1)) as {
      requests: { total: number };
      duration: number;
    };
    return figures(report.requests.total, report.duration, cpuMs);
  },
};

const wrk: Client = {
  name: 'wrk',
  note: 'C, no scripting in use',
  run({ url, connections, seconds, core }) {
    const { stdout, cpuMs } = timed(['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, url], core);
    const [, requests, took] = /(\d+) requests in ([\d.]+)s/.exec(stdout)!;
    return figures(Number(requests), Number(took), cpuMs);
  },
};

const k6: Client = {
  name: 'k6',
  note: 'http.get and one check',
  run({ url, connections, seconds, core }) {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'));
    try {
      const script = join(folder, 'hello.js');
      writeFileSync(
        script,
        `import http from 'k6/http';
import { check } from 'k6';
export const options = { vus: ${connections}, duration: '${seconds}s' };
export default () => { check(http.get('${url}/'), { 'is 200': (r) => r.status === 200 }); };
`,
      );
      const summary = join(folder, 'summary.json');
      const { cpuMs } = timed(['k6', 'run', '--quiet', '--summary-export', summary, script], core);
      const report = JSON.parse(readFileSync(summary, 'utf8')) as {
        metrics: { http_reqs: { count: number } };
      };
      return figures(report.metrics.http_reqs.count, seconds, cpuMs);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Plimsoll and autocannon always; wrk and k6 where they are installed. */
export function availableClients(): Client[] {
  return [plimsoll, autocannon, ...[wrk, k6].filter(({ name }) => onPath(name) !== undefined)];
}
