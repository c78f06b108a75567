import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCertificate } from '../src/protocols/http/certificates.cases.ts';
import { findFreePort } from '../src/system/free-port.ts';
import { delay } from '../src/time/timer.ts';
import { canReadProcesses } from './process-tree.ts';
import { createProcesses, type Processes } from './processes.ts';
import { withServer } from './server.ts';

let processes: Processes;
beforeEach(async () => {
  processes = await createProcesses();
});
afterEach(() => processes.close());

const burnedMs = 400;
/** Uses so much CPU in a grandchild, and holds some memory meanwhile. */
const burn = `const held = Buffer.alloc(50e6, 1);
for (let used = 0; used < ${burnedMs * 1000}; ) {
  for (let i = 0; i < 1e6; i++) held[i]++;
  const { user, system } = process.cpuUsage();
  used = user + system;
}`;
const parent = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(burn)}]);`;

test('CPU and memory are those of all descendants', async () => {
  const { cpuMs, memory } = await processes.finish([process.execPath, '-e', parent], {
    core: undefined,
    sampleMemoryEveryMs: 20,
  });
  expect(cpuMs).toBeGreaterThanOrEqual(burnedMs);
  if (!canReadProcesses) return;
  expect(Math.max(...memory.map((sample) => sample.processes.length))).toBeGreaterThanOrEqual(2);
  const most = Math.max(...memory.flatMap((sample) => sample.processes.map(({ rssBytes }) => rssBytes)));
  expect(most).toBeGreaterThan(50e6);
});

test('a command that ends badly is an error with its output', async () => {
  const failing = [process.execPath, '-e', 'console.log("why it failed"); process.exit(3)'];
  await expect(processes.finish(failing, { core: undefined })).rejects.toThrow(
    /ended with 3:\nwhy it failed/,
  );
  await expect(processes.finish(failing, { core: undefined, okCodes: [3] })).resolves.toMatchObject({
    memory: [],
  });
});

test('folders are gone after closing', async () => {
  const folder = processes.folder();
  expect(existsSync(folder)).toBe(true);
  await processes.close();
  expect(existsSync(folder)).toBe(false);
});

function textOverTls(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { rejectUnauthorized: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
}

test('the server answers the same hundred bytes with and without TLS', async () => {
  await withServer(processes, async ({ url, tlsUrl }) => {
    const plain = await (await fetch(url)).text();
    expect(plain).toHaveLength(100);
    expect(await textOverTls(tlsUrl)).toBe(plain);
  });
});

test('the bare server, for machines without nginx, does so as well', async () => {
  const folder = processes.folder();
  const { cert, key } = makeCertificate({ name: 'bare', hosts: ['127.0.0.1'] });
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key);
  const ports = [await findFreePort(), await findFreePort()];
  const script = fileURLToPath(new URL('./bare-server.mjs', import.meta.url));
  const child = processes.start([process.execPath, script, ...ports.map(String), folder, 'hello'], 0);
  try {
    let answer: string | undefined;
    while (answer === undefined && child.exitCode === null) {
      answer = await textOverTls(`https://127.0.0.1:${ports[1]}`).catch(() => undefined);
      await delay(20);
    }
    expect(answer).toBe('hello');
    expect(await (await fetch(`http://127.0.0.1:${ports[0]}`)).text()).toBe('hello');
  } finally {
    await processes.stop(child);
  }
});

const bench = (...args: string[]) =>
  spawnSync(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('./main.ts', import.meta.url)), ...args],
    {
      encoding: 'utf8',
    },
  );

test('an unknown bench is refused with the nearest name, and help lists them all', () => {
  const unknown = bench('usres');
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain('did you mean users?');
  const help = bench('--help');
  expect(help.status).toBe(0);
  for (const name of ['http', 'tls', 'connections', 'users', 'lag', 'startup', 'memory']) {
    expect(help.stdout).toMatch(new RegExp(`^  ${name} +\\w`, 'm'));
  }
});

test('a whole bench ends with its floors beside the measured figures', () => {
  const { status, stdout, stderr } = bench(
    'memory',
    'tls',
    '--requests',
    '20000',
    '--seconds',
    '1',
    '--rounds',
    '1',
    '--no-save',
  );
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(
    /memory that 20 times as many requests add +at most 20\.0 MB +\S+ MB +(holds|MISSED)/,
  );
  expect(stdout).toMatch(/requests\/s over TLS, of the plain rate +at least 0\.60 x +\S+ x +(holds|MISSED)/);
  expect(stdout).not.toContain('failed');
}, 60_000);
