import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readRecord, runCli, temporaryFolder } from './run-cli.ts';
import { runWatched } from './watched-run.ts';

vi.setConfig({ testTimeout: 60_000 });

const names = ['constructor', 'toString', 'valueOf', 'hasOwnProperty'];
const page = names.map((name) => `# TYPE ${name} gauge\n${name}{constructor="${name}"} 3\n`).join('');
const health = JSON.stringify(Object.fromEntries(names.map((name) => [name, { depth: 5 }])));
const server = http.createServer((request, response) => {
  response.end(request.url === '/metrics' ? page : request.url === '/health' ? health : 'hello');
});
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

it('a suite whose names are those of every object runs, and its record and reports have them all', async () => {
  const folder = temporaryFolder();
  try {
    const formats = 'json,html,csv,md,junit,executive';
    const run = await runWatched('hostile-names', 'constructor', {
      ...{ url, outDir: folder.path, env: { PAGES_URL: url } },
      args: ['--formats', formats],
    });
    const { record } = run;
    expect(run.stderr).not.toMatch(/internal error|native code/i);
    // A word of its own: histograms are written in base64, where any three letters may follow one another.
    expect(`${run.stdout}${JSON.stringify(run.files)}`).not.toMatch(/native code|\[object|\bNaN\b/);
    for (const name of names) {
      expect(record.metrics[name]).toMatchObject({ type: 'counter', metric: name });
      expect(record.monitors.constructor).toMatchObject({ figures: { [name]: { type: 'gauge' } } });
      expect(Object.hasOwn(record.monitors.toString!, 'series')).toBe(true);
      expect(record.metrics[`monitor_constructor_${name}`]).toMatchObject({ values: { max: 5, min: 5 } });
      expect(record.metrics[`monitor_toString_${name}`]).toMatchObject({ values: { max: 3, min: 3 } });
    }
    expect(record.metrics).not.toHaveProperty('monitor_toString_isPrototypeOf');
    const outcomes = Object.values(record.metrics).flatMap(({ thresholds }) =>
      Object.values(thresholds ?? {}),
    );
    expect(outcomes.map(({ ok }) => ok)).toEqual(outcomes.map(() => true));
    expect(outcomes.length).toBe(6);
    expect(record.checks.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  } finally {
    folder.dispose();
  }
});

it('a suite whose names are __proto__ runs, and its record has them all', async () => {
  const folder = temporaryFolder();
  try {
    const file = fileURLToPath(new URL('./fixtures/proto.suite.yaml', import.meta.url));
    const flags = [
      '--base-url',
      url,
      '--profile',
      '__proto__',
      '--formats',
      'json,html,csv,md,junit,executive',
    ];
    const { stdout, stderr } = await runCli(['run', file, ...flags, '--out', folder.path]);
    expect(`${stdout}${stderr}`).not.toMatch(/internal error|native code|\[object/);
    const record = readRecord(folder.path, 'proto');
    const names = ['__proto__', 'http_reqs{task:__proto__}', 'checks{check:__proto__}'];
    for (const name of names) expect(Object.keys(record.metrics)).toContain(name);
    const entries = new Map(Object.entries(record.metrics));
    for (const name of names) {
      for (const { ok } of Object.values(entries.get(name)!.thresholds!)) expect(ok).toBe(true);
    }
    expect(record.checks).toMatchObject([{ name: '__proto__', fails: 0, tags: { user: '__proto__' } }]);
    expect(Object.entries(record.plan.tags)).toEqual([['__proto__', 'a']]);
  } finally {
    folder.dispose();
  }
});
