// A run with a secret in every place that can hold one: none may show in what the run prints, writes or sends.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectFinished } from './exit-code.ts';
import { type CliResult, runCli, startCli, temporaryFolder } from './run-cli.ts';

const timeout = 120_000;
const suite = fileURLToPath(new URL('fixtures/canaries.suite.ts', import.meta.url));
const folder = temporaryFolder();
/** Begins every secret. */
const canary = `kanari${createHash('sha256').update(folder.path).digest('hex').slice(0, 10)}`;
const seen = { requests: 0, sent: [] as string[] };
let target: Server;
let receiver: Server;
let env: NodeJS.ProcessEnv;

function answer(request: IncomingMessage): { status: number; body: string } {
  switch (new URL(request.url!, 'http://x').pathname) {
    case '/login':
      return { status: 200, body: JSON.stringify({ accessToken: `${canary}-session` }) };
    case '/fails':
      return { status: 500, body: JSON.stringify({ error: 'no', clientSecret: `${canary}-answer` }) };
    case '/page':
      return { status: 200, body: `<pre>{&quot;password&quot;:&quot;${canary}-escaped&quot;}</pre>` };
    default:
      return { status: 200, body: 'ok' };
  }
}

beforeAll(async () => {
  target = createServer((request, response) => {
    seen.requests++;
    const { status, body } = answer(request);
    response.writeHead(status, { 'set-cookie': `visit=${canary}-cookie; Path=/` });
    response.end(body);
  });
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')));
    request.on('end', () => {
      seen.sent.push(body);
      // Some receivers repeat what they were given.
      response.writeHead(body.length % 3 === 0 ? 400 : 204).end();
    });
  });
  for (const server of [target, receiver]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  env = {
    PORT: String((target.address() as AddressInfo).port),
    RECEIVER: String((receiver.address() as AddressInfo).port),
    CANARY: canary,
    API_TOKEN: `${canary}-token`,
    SHOP_LOGIN: `${canary}-login`,
  };
}, timeout);
afterAll(() => {
  for (const server of [target, receiver]) {
    server.close();
    server.closeAllConnections();
  }
  folder.dispose();
});

/** Places whose secrets show, with what stands around them. */
function leaks(text: string): string[] {
  return [...text.matchAll(new RegExp(`.{0,60}${canary}[\\w-]*.{0,20}`, 'g'))].map(([found]) => found);
}

function expectClean({ stdout, stderr }: CliResult): void {
  expect(leaks(stdout)).toEqual([]);
  expect(leaks(stderr)).toEqual([]);
  // What a server or a suite says cannot steer the terminal.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  expect(`${stdout}${stderr}`).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
}

function filesIn(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}

describe('a run', () => {
  let result: CliResult;
  beforeAll(async () => {
    const out = join(folder.path, 'run');
    const more = [
      '--export',
      join(folder.path, 'export.json'),
      '--send',
      `json=${join(folder.path, 'points.jsonl')}`,
    ];
    result = await runCli(['run', suite, '--out', out, '--tag', `apiKey=${canary}-flag`, ...more], { env });
  }, timeout);

  test('drives its load, and ends in a record', () => {
    expectFinished(result, 1);
    expect(seen.requests).toBeGreaterThan(50);
  });

  test('prints no secret', () => expectClean(result));

  test('writes none', () => {
    const files = filesIn(folder.path);
    expect(files.map((file) => file.split('/').at(-1))).toEqual(
      expect.arrayContaining([
        'run.json',
        'report.html',
        'junit.xml',
        'run.log',
        'export.json',
        'points.jsonl',
      ]),
    );
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      expect(leaks(text), file).toEqual([]);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
      expect(/[\x00-\x08\x0b\x0c\x0e-\x1f]/.exec(text)?.[0], file).toBe(undefined);
    }
  });

  test('sends none', () => {
    expect(seen.sent.length).toBeGreaterThan(2);
    expect(seen.sent.flatMap(leaks)).toEqual([]);
  });

  test('tells all the same what happened', () => {
    const [recordFile] = filesIn(join(folder.path, 'run')).filter((file) => file.endsWith('run.json'));
    const text = readFileSync(recordFile!, 'utf8');
    for (const part of ['refused ***', 'has ***', 'group of ***', 'Found ***']) expect(text).toContain(part);
  });
});

test(
  'the journal of a killed run holds none, nor what is recovered from it',
  async () => {
    const out = join(folder.path, 'killed');
    const running = startCli(['run', suite, '--out', out], { env });
    await running.saw(/printed/);
    await wait(1500);
    running.child.kill('SIGKILL');
    await running.done;
    const [journal] = filesIn(out).filter((file) => file.endsWith('run.journal'));
    const text = readFileSync(journal!, 'utf8');
    expect(text).toContain('/fails');
    expect(leaks(text)).toEqual([]);
    const result = await runCli(['report', join(out, 'canaries', 'latest')]);
    expect(result.code, result.stderr).toBe(0);
    expectClean(result);
    for (const file of filesIn(out)) expect(leaks(readFileSync(file, 'utf8')), file).toEqual([]);
  },
  timeout,
);

describe('without load', () => {
  test.each([
    ['inspect', ['inspect', suite, '--json'], 0, {}],
    ['inspect as text', ['inspect', suite], 0, {}],
    ['a dry run', ['run', suite, '--dry-run'], 0, {}],
    ['a failing setup', ['run', suite], 3, { MISTAKE: 'setup' }],
    ['a mistake in the suite', ['run', suite], 2, { MISTAKE: 'timeout' }],
    ['a wrong --base-url', ['run', suite, '--base-url', 'ftp://u:CANARY-flag@h/'], 2, {}],
    [
      'an unreachable --base-url',
      ['run', suite, '--base-url', 'http://u:CANARY-flag@127.0.0.1:1/?token=CANARY-q'],
      3,
      {},
    ],
    ['a wrong --send', ['run', suite, '--send', 'influx=ftp://u:CANARY-send@h/'], 2, {}],
    ['an unreachable database', ['run', suite], 3, { SQL_URL: 'postgres://u:CANARY@more@127.0.0.1:1/db' }],
    ['an unreadable database URL', ['run', suite], 2, { SQL_URL: 'postgres://u:CANARY/more@[::bad/db' }],
    ['an unreachable Redis', ['run', suite], 3, { REDIS_URL: 'redis://u:CANARY-redis@127.0.0.1:1/0' }],
    [
      'a monitor',
      ['monitor', '--http', 'http://127.0.0.1:1/?key=CANARY-monitor', '--duration', '1s'],
      undefined,
      {},
    ],
  ] as const)(
    '%s shows no secret',
    async (_what, args, code, more) => {
      const own = JSON.parse(JSON.stringify(more).replaceAll('CANARY', canary)) as NodeJS.ProcessEnv;
      const given = args.map((argument) => argument.replaceAll('CANARY', canary));
      const result = await runCli(given, { env: { ...env, ...own }, cwd: folder.path });
      expectClean(result);
      if (code !== undefined) expect(result.code, result.stderr).toBe(code);
    },
    timeout,
  );
});
