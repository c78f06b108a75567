// Names that nobody has, certificates that do not hold, connections closed at the wrong moment, and a target that is
// down for a while: told before the load where that is possible, else counted and named in the record.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate } from '../src/protocols/http/certificates.cases.ts';
import { expectExit } from './exit-code.ts';
import { type OddServer, startOddServer } from './odd-server.ts';
import { figureOf } from './profile-run.ts';
import { temporaryFolder } from './run-cli.ts';
import { attempt, errorCount, expectWholeRecord, survive } from './survival-run.ts';

const suite = 'survival-network';
const timeout = 60_000;
let server: OddServer;
beforeAll(async () => {
  server = await startOddServer();
});
afterAll(() => server.close());

describe.concurrent('a certificate that does not hold', () => {
  const authority = makeCertificate({ name: 'Test Authority', isAuthority: true });
  const past = { validFrom: new Date('2020-01-01'), validTo: new Date('2021-01-01') };
  const issued = { hosts: ['127.0.0.1'], issuer: authority };
  const certificates = {
    expired: makeCertificate({ name: 'old', ...issued, ...past }),
    'self-signed': makeCertificate({ name: 'self', hosts: ['127.0.0.1'] }),
    'wrong-host': makeCertificate({ name: 'other', ...issued, hosts: ['other.example'] }),
  } as const;
  type Kind = keyof typeof certificates;
  const env = { CA: authority.cert };
  const received = new Map<Kind, number>();
  const servers = new Map<Kind, https.Server>();
  const urlOf = (kind: Kind): string =>
    `https://127.0.0.1:${(servers.get(kind)!.address() as AddressInfo).port}`;

  beforeAll(async () => {
    for (const kind of Object.keys(certificates) as Kind[]) {
      const made = https.createServer(certificates[kind], (_request, response) => {
        received.set(kind, (received.get(kind) ?? 0) + 1);
        response.end('ok');
      });
      servers.set(kind, made);
      await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    }
  });
  afterAll(() => {
    for (const made of servers.values()) {
      made.closeAllConnections();
      made.close();
    }
  });

  const hints = {
    expired: /hint: renew it/,
    'self-signed': /http\.tls\.ca/,
    'wrong-host': /http\.tls\.servername/,
  };
  test.each(Object.keys(certificates) as Kind[])(
    '%s: exit 3 before the load, and what to do',
    { timeout },
    async (kind) => {
      const { code, stderr } = await attempt(suite, 'visit', { url: urlOf(kind), env });
      expect(code, stderr).toBe(3);
      expect(stderr).toMatch(/https:\/\/127\.0\.0\.1:\d+ cannot be used: its certificate /);
      expect(stderr).toMatch(hints[kind]);
      expect(stderr).toMatch(/http\.tls\.insecureSkipVerify/);
      if (kind !== 'expired') expect(received.get(kind)).toBeUndefined();
    },
  );

  test('is named when it is met in the middle of a run, and accepted when told to', { timeout }, async () => {
    const url = urlOf('expired');
    const met = await survive(suite, 'wander', { url: server.url, env: { ...env, ELSEWHERE: `${url}/` } });
    expect(met.record.errors).toMatchObject([
      { code: 'tls_certificate_expired', count: 4, source: 'request' },
    ]);
    expect(met.record.errors[0]!.message).toMatch(
      /has expired; renew it, or set http\.tls\.insecureSkipVerify/,
    );
    expect(figureOf(met.record, 'http_reqs')).toBe(4);
    expect(received.get('expired')).toBeUndefined();
    expectExit(met, 1);
    expectWholeRecord(met);

    const accepted = await survive(suite, 'visit-anyway', { url, env });
    expect(accepted.record.errors).toEqual([]);
    expect(received.get('expired')).toBe(4);
    expectExit(accepted, 0);
  });
});

describe.concurrent('a name that nobody has', () => {
  const nowhere = 'http://no-such-host.invalid';

  test('as the target: exit 3, and what to check', { timeout }, async () => {
    const { code, stderr } = await attempt(suite, 'visit', { url: nowhere });
    expect(code).toBe(3);
    expect(stderr).toMatch(/nothing can be reached at http:\/\/no-such-host\.invalid: .*host name/);
    expect(stderr).toMatch(/hint: check .*look/s);
  });

  test('in the middle of a run: each request fails once, by its name', { timeout }, async () => {
    const result = await survive(suite, 'wander', { url: server.url, env: { ELSEWHERE: `${nowhere}/` } });
    // A machine without a name server cannot tell that the name does not exist.
    expect(result.record.errors).toMatchObject([
      { code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/), count: 4 },
    ]);
    expect(result.record.errors[0]!.message).toContain('no-such-host.invalid');
    expect(result.stdout).toMatch(/The name of the host/);
    expectExit(result, 1);
    expectWholeRecord(result);
  });
});

test.concurrent('connections that close just when they are used again cost no request', {
  timeout,
}, async () => {
  const result = await survive(suite, 'reuse', { url: server.url });
  expect(result.record.errors).toEqual([]);
  expect(figureOf(result.record, 'http_reqs')).toBe(120);
  expect(server.byPath.get('/reuse')).toBe(120);
  expectExit(result, 0);
  expectWholeRecord(result);
});

describe.concurrent('a target that is killed and started again', () => {
  const folder = temporaryFolder();
  const running = new Set<ChildProcess>();
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
    folder.dispose();
  });

  async function start(port: number, file: string): Promise<{ child: ChildProcess; port: number }> {
    const script = fileURLToPath(new URL('./fixtures/counted-server.mjs', import.meta.url));
    const child = spawn(process.execPath, [script, String(port), file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    return { child, port: Number(line.toString()) };
  }
  const received = (file: string): number => readFileSync(file, 'utf8').length;

  test('the run goes on, and shows the outage', { timeout }, async () => {
    const [before, after] = [join(folder.path, 'before'), join(folder.path, 'after')];
    const first = await start(0, before);
    const run = survive(suite, 'outage', { url: `http://127.0.0.1:${first.port}` });
    while (received(before) < 100) await wait(20);
    first.child.kill('SIGKILL');
    const downAt = performance.now();
    await once(first.child, 'exit');
    await wait(2000);
    await start(first.port, after);
    const downMs = performance.now() - downAt;
    const result = await run;
    const { record } = result;

    const requests = figureOf(record, 'http_reqs');
    const refused = errorCount(record, 'ECONNREFUSED');
    const cut =
      errorCount(record, 'ECONNRESET') +
      errorCount(record, 'connection_closed') +
      errorCount(record, 'EPIPE');
    const aborted = errorCount(record, 'aborted');
    const answered = figureOf(record, 'http_req_failed', 'fails');
    expect(requests).toBe(answered + refused + cut + aborted);
    expect(refused).toBeGreaterThan(0);
    // Each of the four users had at most one request on its way when the target died, seen by it or not.
    expect(cut).toBeLessThanOrEqual(4);
    const seen = received(before) + received(after);
    // Those on their way were sent again, to a target that was not there any more.
    const resent = record.metrics.http_req_resent?.values;
    const resentCount = resent !== undefined && 'count' in resent ? resent.count : 0;
    expect(resentCount).toBeLessThanOrEqual(4);
    expect(seen).toBeLessThanOrEqual(requests - refused + resentCount);
    expect(seen).toBeGreaterThanOrEqual(answered + aborted);
    expect(received(after)).toBeGreaterThan(0);
    // The timeline has seconds before the outage without failures, some of nothing else, and some after it.
    const failedRatios = record.timeline.map(({ metrics }) => {
      const values = metrics.http_req_failed;
      return values !== undefined && 'passes' in values ? values.passes / (values.passes + values.fails) : 0;
    });
    const [from, to] = [
      failedRatios.findIndex((ratio) => ratio > 0),
      failedRatios.findLastIndex((ratio) => ratio > 0),
    ];
    expect(failedRatios.slice(from, to + 1), JSON.stringify(failedRatios)).toContain(1);
    expect(to - from).toBeGreaterThanOrEqual(1);
    expect(to).toBeLessThan(failedRatios.length - 1);
    expect(result.stdout).toMatch(/ECONNREFUSED: Nothing listened/);
    // The outage has an end, which lies at most an interval off what the clock said.
    const [outage, ...others] = record.findings.filter(({ kind }) => kind === 'outage');
    expect(others).toEqual([]);
    expect(outage?.title).toMatch(/^Outage at \d+m?s: recovered after \ds$/);
    expect(figureOf(record, 'recovery_time')).toBe(1);
    expect(figureOf(record, 'recovery_time', 'max')).toBeGreaterThanOrEqual(1000);
    expect(figureOf(record, 'recovery_time', 'max')).toBeLessThanOrEqual(downMs + 2000);
    expect(result.stdout).toMatch(/Outages {2}1\n/);
    expectExit(result, 0);
    expectWholeRecord(result);
  });
});
