import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { SuiteError } from '../model/errors.ts';
import type { HttpDefinition } from '../model/http-settings.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { httpSettings, readHttpSecrets } from './http-settings.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const suiteFile = path.join(folder, 'suite.ts');

const { privateKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' },
});

function suiteWith(http: HttpDefinition, ofProfile: HttpDefinition = {}): SuiteDefinition {
  return {
    name: 'shop',
    users: { buyer: { tasks: { look: { run: () => {} } } } },
    http,
    profiles: { smoke: { executor: 'constant-vus', vus: 1, duration: '1s', http: ofProfile } },
  };
}

function read(http: HttpDefinition) {
  return readHttpSecrets(suiteWith(http), 'smoke', suiteFile);
}

async function mistakeOf(http: HttpDefinition): Promise<string> {
  const error = (await read(http).catch((thrown: unknown) => thrown)) as SuiteError;
  return error.mistakes.map(({ path: at, expected, found }) => `${at}: ${expected} / ${found}`).join();
}

test('a profile goes before its suite, key by key', () => {
  const suite = suiteWith(
    { timeout: '5s', redirects: 3, headers: { a: '1', b: '1' }, tls: { servername: 's', ciphers: 'c' } },
    { redirects: 0, headers: { b: '2' }, tls: { servername: 't' } },
  );
  expect(httpSettings(suite, 'smoke')).toEqual({
    timeout: '5s',
    redirects: 0,
    headers: { a: '1', b: '2' },
    tls: { servername: 't', ciphers: 'c' },
  });
});

test('keys are PEM text or files beside the suite, with a passphrase', async () => {
  writeFileSync(path.join(folder, 'key.pem'), privateKey);
  const tls = { key: privateKey, passphrase: 'open sesame' };
  expect(await read({ tls: { key: 'key.pem', passphrase: 'open sesame' } })).toEqual({ tls });
  expect(await read({ tls })).toEqual({ tls });
  expect(await read({ timeout: 5000 })).toEqual({});
});

test('what cannot be read or does not fit is a mistake with its place', async () => {
  writeFileSync(path.join(folder, 'note.txt'), 'hello');
  expect(await mistakeOf({ tls: { ca: 'none.pem' } })).toMatch(/^http\.tls\.ca: PEM text.*ENOENT/);
  expect(await mistakeOf({ tls: { cert: 'note.txt' } })).toMatch(/^http\.tls\.cert: .*which is not PEM/);
  const wrong = await mistakeOf({ tls: { key: privateKey, passphrase: 'wrong' } });
  expect(wrong).toMatch(/^http\.tls: certificates and a key that fit together/);
  expect(wrong).not.toContain('PRIVATE');
});

test('proxies come from the suite, or from the environment when it says so', async () => {
  const env = { HTTP_PROXY: 'http://a:1', https_proxy: 'http://b:2', NO_PROXY: 'localhost, .internal' };
  const readWith = (http: HttpDefinition) => readHttpSecrets(suiteWith(http), 'smoke', suiteFile, env);
  expect(await readWith({})).toEqual({});
  expect(await readWith({ proxyFromEnvironment: true })).toEqual({
    proxies: { http: 'http://a:1', https: 'http://b:2', except: ['localhost', '.internal'] },
  });
  const own = 'http://u:p@c:3';
  expect(await readWith({ proxy: own, proxyFromEnvironment: true })).toEqual({
    proxies: { http: own, https: own },
  });
});
