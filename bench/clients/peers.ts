// The clients that Plimsoll is compared with, each doing the same: keep-alive connections, GET, as fast as answers
// come. All but autocannon take part only where they are installed.

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { onPath } from '../processes.ts';
import { type Client, figures, on } from './client.ts';

/**
 * With its defaults, as its users run it, and these are its best on one core: `--workers 1` and 2, a longer `-L`
 * and no progress bar made no difference beyond the noise. `--json` changes only how it prints. Pipelining would
 * be another load, since no user sends a request before the last one was answered.
 */
export const autocannon: Client = {
  name: 'autocannon',
  note: 'no user code',
  async run({ url, connections, seconds, core }, processes) {
    const script = createRequire(import.meta.url).resolve('autocannon/autocannon.js');
    const { output, cpuMs } = await processes.finish(
      [process.execPath, script, '-c', String(connections), '-d', String(seconds), '--json', url],
      on(core),
    );
    const report = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1)) as {
      requests: { total: number };
      duration: number;
      errors: number;
      non2xx: number;
    };
    return figures(report.requests.total, report.duration, cpuMs, report.errors + report.non2xx);
  },
};

export const wrk: Client = {
  name: 'wrk',
  note: 'no user code; written in C',
  async run({ url, connections, seconds, core }, processes) {
    const { output, cpuMs } = await processes.finish(
      ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, url],
      on(core),
    );
    const requests = numberIn(output, /(\d+) requests in/);
    const perSec = numberIn(output, /Requests\/sec:\s+([\d.]+)/);
    const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output) ?? [];
    const failed = errors.slice(1).reduce((sum, count) => sum + Number(count), 0);
    const otherStatus = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0);
    return figures(requests, requests / perSec, cpuMs, failed + otherStatus);
  },
};

/** h2load with so many streams at once on each connection, or over HTTP/1.1. */
export function h2load(streams: number | 'HTTP/1.1'): Client {
  const protocol = streams === 'HTTP/1.1' ? ['--h1'] : ['-m', String(streams)];
  return {
    name: 'h2load',
    note: 'no user code; written in C',
    async run({ url, connections, seconds, core }, processes) {
      const { output, cpuMs } = await processes.finish(
        ['h2load', '-t1', `-c${connections}`, ...protocol, '-D', String(seconds), url],
        on(core),
      );
      const requests = numberIn(output, /requests: \d+ total, \d+ started, (\d+) done/);
      const perSec = numberIn(output, /finished in [^,]+, ([\d.]+) req\/s/);
      const answered = numberIn(output, /status codes: (\d+) 2xx/);
      return figures(requests, requests / perSec, cpuMs, requests - answered);
    },
  };
}

const hey: Client = {
  name: 'hey',
  note: 'no user code; written in Go',
  async run({ url, connections, seconds, core }, processes) {
    const { output, cpuMs } = await processes.finish(
      ['hey', '-z', `${seconds}s`, '-c', String(connections), '-cpus', '1', url],
      on(core),
    );
    const statuses = [...output.matchAll(/^\s*\[(\d+)\]\s+(\d+) responses$/gm)];
    const count = (wanted: (status: string) => boolean): number =>
      statuses.reduce((sum, [, status, responses]) => sum + (wanted(status!) ? Number(responses) : 0), 0);
    const perSec = numberIn(output, /Requests\/sec:\s+([\d.]+)/);
    const requests = count(() => true);
    return figures(
      requests,
      requests / perSec,
      cpuMs,
      count((status) => status !== '200'),
    );
  },
};

const k6: Client = {
  name: 'k6',
  note: 'http.get and one check',
  async run({ url, connections, seconds, core }, processes) {
    const folder = processes.folder();
    const script = join(folder, 'hello.js');
    writeFileSync(script, k6Script(url, `{ vus: ${connections}, duration: '${seconds}s' }`));
    const { requests, failed, cpuMs } = await runK6(script, folder, (command) =>
      processes.finish(command, on(core)),
    );
    return figures(requests, seconds, cpuMs, failed);
  },
};

/** A k6 script that does what the bench suite does: one GET, one check, and think time if any. */
export function k6Script(url: string, options: string, thinkTimeSeconds = 0): string {
  return `import http from 'k6/http';
import { check, sleep } from 'k6';
export const options = Object.assign({ insecureSkipTLSVerify: true }, ${options});
export default () => {
  check(http.get('${url}/'), { 'is 200': (r) => r.status === 200 });
  ${thinkTimeSeconds > 0 ? `sleep(${thinkTimeSeconds});` : ''}
};
`;
}

/** Runs a k6 script by `finish` and adds the requests that k6 counted to what it resolves with. */
export async function runK6<F>(
  script: string,
  folder: string,
  finish: (command: readonly string[]) => Promise<F>,
): Promise<F & { readonly requests: number; readonly failed: number }> {
  const summary = join(folder, 'summary.json');
  const finished = await finish(['k6', 'run', '--quiet', '--summary-export', summary, script]);
  const { metrics } = JSON.parse(readFileSync(summary, 'utf8')) as {
    metrics: { http_reqs: { count: number }; http_req_failed: { passes: number } };
  };
  return { ...finished, requests: metrics.http_reqs.count, failed: metrics.http_req_failed.passes };
}

function numberIn(output: string, pattern: RegExp): number {
  const found = pattern.exec(output);
  if (found === null) throw new Error(`nothing like ${pattern} in:\n${output}`);
  return Number(found[1]);
}

/** Those of `clients` that can run here. */
export function available(clients: readonly Client[]): Client[] {
  return clients.filter((client) => client === autocannon || onPath(client.name) !== undefined);
}

export const everyPeer: readonly Client[] = [wrk, autocannon, hey, k6];
