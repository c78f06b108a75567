// A run goes nowhere near what looks like production: the first contact ends it with exit code 4, before a byte is sent.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { test as baseTest, expect } from 'vitest';
import { expectExit } from './exit-code.ts';
import { type CliResult, readRecord, runCli, temporaryFolder } from './run-cli.ts';

const suite = fileURLToPath(new URL('./fixtures/safety.suite.ts', import.meta.url));

/** A server of the test's own, what it has seen, and a folder for results. */
interface Place {
  readonly local: string;
  readonly port: number;
  readonly seen: string[];
  readonly folder: string;
}

const test = baseTest.extend<{ place: Place }>({
  place: async ({ task: _ }, use) => {
    const seen: string[] = [];
    const server = http.createServer((request, response) => {
      seen.push(`${request.headers.host}${request.url}`);
      if (request.url === '/away') response.writeHead(302, { location: 'http://www.shop.example.com/' });
      response.end('ok');
    });
    const folder = temporaryFolder();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await use({ local: `http://127.0.0.1:${port}`, port, seen, folder: folder.path });
    server.closeAllConnections();
    server.close();
    folder.dispose();
  },
});

function run(
  { seen, folder, local }: Place,
  profile: string,
  env: NodeJS.ProcessEnv = {},
  ...flags: string[]
): Promise<CliResult> {
  seen.length = 0;
  const args = ['run', suite, '--profile', profile, '--out', folder, '--workers', '2', ...flags];
  return runCli(args, { env: { LOCAL: local, ...env } });
}

const waysOn = /safety\.allowedHosts.*--force/;

test.concurrent.for([
  ['absolute', 'shop.example.com:80'],
  ['redirected', 'www.shop.example.com:80'],
  ['socket', 'shop.example.com:80'],
  ['stream', 'shop.example.com:80'],
] as const)('%s: the run ends with exit code 4 and a record', async ([profile, authority], { place }) => {
  const { code, stderr, stdout } = await run(place, profile);
  expect(code).toBe(4);
  const host = authority.replace(':80', '');
  expect(stderr).toContain(
    `refused to contact ${authority}, which looks like production: ${host} is a public host`,
  );
  expect(stderr).toMatch(waysOn);
  expect(place.seen.length).toBeGreaterThan(2);
  expect(place.seen.every((one) => one.startsWith('127.0.0.1'))).toBe(true);
  const record = readRecord(place.folder, 'safety');
  expect(record.refusal).toEqual({ host, port: 80, reason: `${host} is a public host` });
  expect(record.verdict.status).toBe('inconclusive');
  expect(record.verdict.reasons[0]).toBe(
    `The run was ended for safety before ${authority} was contacted, which looks like production: ${host} is a public host.`,
  );
  expect(record.errors.some((error) => error.code === 'refused_for_safety')).toBe(true);
  expect(stdout).toContain('ended for safety');
  // Long before its 20 s are over.
  expect(Date.parse(record.endedAt) - Date.parse(record.startedAt)).toBeLessThan(12_000);
});

test.concurrent('a setup that goes there ends the run before any load', async ({ place }) => {
  const { code, stderr } = await run(place, 'short', { IN_SETUP: '1' });
  expect(code).toBe(4);
  expect(stderr).toMatch(/refused to contact shop\.example\.com:80/);
  expect(place.seen).toEqual([]);
});

test.concurrent.for([
  ['written', 'refused to load http://shop.example.com'],
  ['watching', 'refused to read https://shop.example.com/health (monitor shop)'],
] as const)('%s: what the suite names is refused before the run', async ([profile, message], { place }) => {
  const { code, stderr } = await run(place, profile);
  expect(code).toBe(4);
  expect(stderr).toContain(message);
  expect(stderr).toMatch(waysOn);
  expect(place.seen).toEqual([]);
});

test.concurrent('hosts that are allowed, and those that are given an address of this machine, are contacted', async ({
  place,
}) => {
  const { port } = place;
  const HOSTS = JSON.stringify({ 'api-prod.example.com': `127.0.0.1:${port}` });
  const env = { HOSTS, ELSEWHERE: 'api-prod.example.com' };
  expect((await run(place, 'short', env)).code).toBe(4);
  const allowed = await run(place, 'short', { ...env, ALLOWED: 'API-PROD.example.com.:80' });
  expectExit({ ...allowed, record: readRecord(place.folder, 'safety') }, 0);
  expect(place.seen).toContain('api-prod.example.com/x');
  expect((await run(place, 'short', { ...env, ALLOWED: '*.example.com:8080' })).code).toBe(4);
  const forced = await run(place, 'short', env, '--force');
  expectExit({ ...forced, record: readRecord(place.folder, 'safety') }, 0);
  expect(place.seen).toContain('api-prod.example.com/x');
});

test.concurrent('an environment that is called production is refused, and one that is marked so', async ({
  place,
}) => {
  const called = await run(place, 'short', {}, '--env', 'prod-eu');
  expect(called.code).toBe(4);
  expect(called.stderr).toContain('the environment is called prod-eu');
  const marked = await run(place, 'short', { ALLOWED: '127.0.0.1' }, '--env', 'mine');
  expect(marked.code).toBe(4);
  expect(marked.stderr).toContain('the environment mine is marked as production');
  expect(place.seen).toEqual([]);
});

test.concurrent('a search for capacity ends with its step', async ({ place }) => {
  const flags = ['--from', '5', '--to', '20', '--unit', 'rate', '--step-duration', '3s', '--workers', '1'];
  const args = ['capacity', suite, '--profile', 'absolute', '--out', place.folder, ...flags];
  const { code, stderr } = await runCli(args, { env: { LOCAL: place.local } });
  expect(code).toBe(4);
  expect(stderr).toContain('refused to contact shop.example.com:80');
  const record = readRecord(place.folder, 'safety');
  expect(record.refusal?.host).toBe('shop.example.com');
  expect(record.plan.search?.steps).toHaveLength(1);
  expect(record.verdict.status).not.toBe('pass');
});

test.concurrent('a teardown that goes there is told as well', async ({ place }) => {
  const { code, stderr } = await run(place, 'calm', { IN_TEARDOWN: '1' });
  expect(code).toBe(4);
  expect(stderr).toMatch(/refused to contact shop\.example\.com:80/);
  expect(readRecord(place.folder, 'safety').verdict.status).not.toBe('pass');
});

test.concurrent('a dry run shows what would be refused', async ({ place }) => {
  const { code, stdout } = await run(place, 'watching', {}, '--dry-run', '--base-url', place.local);
  expect(code).toBe(0);
  expect(stdout).toContain(`${place.local} (target): may be contacted`);
  expect(stdout).toContain(
    'https://shop.example.com/health (monitor shop): refused: shop.example.com is a public host',
  );
  const inspected = await runCli(['inspect', suite, '--profile', 'written'], { env: { LOCAL: place.local } });
  expect(inspected.stdout).toContain('http://shop.example.com (requests): refused');
});
