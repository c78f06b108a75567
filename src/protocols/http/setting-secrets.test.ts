import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type SuiteError, UsageError } from '../../model/errors.ts';
import type { HttpDefinition } from '../../model/http-settings.ts';
import type { SuiteDefinition } from '../../model/suite.ts';
import { profileSettings, readProtocolSecrets } from '../../suite/protocol-settings.ts';

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

async function readHttpSecrets(definition: SuiteDefinition, profile: string, env: NodeJS.ProcessEnv = {}) {
  return (await readProtocolSecrets({ definition, file: suiteFile, env }, profile)).http;
}

function read(http: HttpDefinition) {
  return readHttpSecrets(suiteWith(http), 'smoke');
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
  expect(profileSettings(suite, 'smoke').http).toEqual({
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

test('settings of TLS that cannot be are mistakes before the run', async () => {
  expect(await mistakeOf({ tls: { ciphers: 'NONSENSE' } })).toMatch(
    /^http\.tls\.ciphers: ciphers that OpenSSL knows, such as .*"DEFAULT@SECLEVEL=0"/,
  );
  expect(await mistakeOf({ tls: { minVersion: 'tls1.3', maxVersion: 'tls1.2' } })).toMatch(
    /^http\.tls\.minVersion: at most maxVersion, which is "tls1\.2"/,
  );
  const fine: HttpDefinition = {
    tls: {
      minVersion: 'tls1.0',
      maxVersion: 'tls1.0',
      ciphers: 'DEFAULT@SECLEVEL=0',
      legacyRenegotiation: true,
    },
  };
  expect(await readHttpSecrets(suiteWith(fine), 'smoke')).toEqual({});
});

test('proxies come from the suite, or from the environment when it says so', async () => {
  const env = { HTTP_PROXY: 'http://a:1', https_proxy: 'http://b:2', NO_PROXY: 'localhost, .internal' };
  const readWith = (http: HttpDefinition) => readHttpSecrets(suiteWith(http), 'smoke', env);
  expect(await readWith({})).toEqual({});
  expect(await readWith({ proxyFromEnvironment: true })).toEqual({
    proxies: { http: 'http://a:1', https: 'http://b:2', except: ['localhost', '.internal'] },
  });
  const own = 'http://u:p@c:3';
  expect(await readWith({ proxy: own, proxyFromEnvironment: true })).toEqual({
    proxies: { http: own, https: own },
  });
});

test('proxies of the environment are read as curl reads them', async () => {
  const own = (env: NodeJS.ProcessEnv) => readProxies(env);
  expect(await own({ HTTP_PROXY: '127.0.0.1:3128' })).toEqual({ http: '127.0.0.1:3128', except: [] });
  expect(await own({ ALL_PROXY: 'proxy:1', https_proxy: 'other:2' })).toEqual({
    http: 'proxy:1',
    https: 'other:2',
    except: [],
  });
  expect(await own({ all_proxy: 'a:1', ALL_PROXY: 'b:1' })).toMatchObject({ http: 'a:1', https: 'a:1' });
  // Set to nothing is not set.
  expect(
    await own({ http_proxy: '', HTTP_PROXY: 'p:1', https_proxy: ' ', no_proxy: '', NO_PROXY: 'x, .y z' }),
  ).toEqual({
    http: 'p:1',
    except: ['x', '.y', 'z'],
  });
});

test('a proxy of the environment that cannot be used is named by its variable, without its password', async () => {
  const trouble = async (env: NodeJS.ProcessEnv): Promise<UsageError> => {
    const thrown: unknown = await readProxies(env).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(UsageError);
    expect((thrown as UsageError).message).not.toContain('secret');
    return thrown as UsageError;
  };
  expect((await trouble({ https_proxy: 'socks5h://u:secret@p:1080' })).message).toMatch(
    /^the environment variable https_proxy must be the URL of an HTTP proxy .*: SOCKS proxies \(socks5h:\/\/\) are not supported$/,
  );
  expect((await trouble({ ALL_PROXY: 'https://u:secret@p' })).message).toContain('ALL_PROXY');
  expect((await trouble({ HTTP_PROXY: 'http://u:secret/1@p' })).message).toContain('%2F');
});

function readProxies(env: NodeJS.ProcessEnv) {
  const suite = {
    name: 's',
    users: {},
    profiles: {},
    http: { proxyFromEnvironment: true },
  } as SuiteDefinition;
  return readHttpSecrets(suite, 'p', env).then(({ proxies }) => proxies);
}
