import crypto from 'node:crypto';
import { expect, test } from 'vitest';
import { answerDigest, readDigestChallenge } from './digest.ts';
import { connect, serve } from './keeping-client.cases.ts';

const account = { username: 'Mufasa', password: 'Circle of Life', challenged: false };

/** Parameters of a header, without their quotes. */
function parameters(header: string): Record<string, string> {
  return Object.fromEntries(
    [...header.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map(([, name, quoted, token]) => [
      name!,
      quoted ?? token!,
    ]),
  );
}

/** What RFC 7616 section 3.4.1 asks for, computed anew. */
function expectedResponse(given: Record<string, string>, hashName: string, method: string): string {
  const hash = (text: string): string => crypto.createHash(hashName).update(text).digest('hex');
  const a1 = hash(`${given.username}:${given.realm}:${account.password}`);
  const a2 = hash(`${method}:${given.uri}`);
  return hash(`${a1}:${given.nonce}:${given.nc}:${given.cnonce}:${given.qop}:${a2}`);
}

test('a challenge without qop is answered as RFC 2069 has it', () => {
  const nonce = 'dcd98b7102dd2f0e8b11d0f600bfb0c093';
  const challenge = readDigestChallenge(
    `www-authenticate: Digest realm="testrealm@host.com", nonce="${nonce}"\r\n`,
  )!;
  const answer = answerDigest(
    challenge,
    { ...account, password: 'Circle Of Life' },
    'GET',
    '/dir/index.html',
  );
  // HA1 and HA2 of the example in RFC 2617 section 3.5, joined without count and client nonce.
  const text = `939e7578ed9e3c518a452acee763bce9:${nonce}:39aff3a2bab6126f332b942af96d3366`;
  expect(parameters(answer).response).toBe(crypto.createHash('md5').update(text).digest('hex'));
});

test('the first algorithm that is known is taken, among other schemes', () => {
  const header =
    'WWW-Authenticate: Basic realm="a, Digest b", Digest realm="r", nonce="n0", algorithm=SHA3-256, qop="auth"\r\n' +
    'WWW-Authenticate: Digest realm="r", qop="auth-int,auth", algorithm=SHA-256, nonce="n1", opaque="o\\"p"\r\n' +
    'WWW-Authenticate: Digest realm="r", qop="auth", algorithm=MD5, nonce="n2"\r\n';
  expect(readDigestChallenge(header)).toMatchObject({ nonce: 'n1', hash: 'sha256', opaque: 'o"p' });
  expect(readDigestChallenge('WWW-Authenticate: Basic realm="x"\r\n')).toBeUndefined();
});

test.each([
  ['MD5', 'md5'],
  ['SHA-256', 'sha256'],
  ['SHA-512-256', 'sha512-256'],
])('%s opens the door, and the next request needs no challenge', async (algorithm, hashName) => {
  const seen: string[] = [];
  const base = await serve((request, response) => {
    const { authorization } = request.headers;
    const given = parameters(authorization ?? '');
    const count = Number.parseInt(given.nc ?? '0', 16);
    const right =
      given.uri === request.url &&
      given.nonce === 'abc' &&
      given.response === expectedResponse(given, hashName, request.method!);
    seen.push(authorization === undefined ? 'none' : right ? `count ${count}` : 'wrong');
    if (right) return void response.end('inside');
    response.setHeader(
      'www-authenticate',
      `Digest realm="house", qop="auth", algorithm=${algorithm}, nonce="abc"`,
    );
    response.writeHead(401).end();
  });
  const client = connect(base);
  const auth = { username: account.username, password: account.password, scheme: 'digest' } as const;
  expect((await client.http.get('/a?b=1', { auth })).body).toBe('inside');
  expect((await client.http.post('/c', { auth, json: {} })).body).toBe('inside');
  expect(seen).toEqual(['none', 'count 1', 'count 2']);
  expect(client.meter.requests()).toBe(3);
  // The challenge was to be expected.
  expect(client.meter.requests({ status: '401', expected_response: 'true' })).toBe(1);
  expect(client.failures).toEqual([]);
});

test('wrong credentials are refused once, not for ever', async () => {
  let count = 0;
  const base = await serve((_request, response) => {
    count++;
    response.setHeader('www-authenticate', `Digest realm="r", qop="auth", nonce="n${count}"`);
    response.writeHead(401).end('no');
  });
  const client = connect(base);
  const response = await client.http.get('/', { auth: { username: 'u', password: 'p', scheme: 'digest' } });
  expect(response).toMatchObject({ status: 401, body: 'no' });
  expect(count).toBe(2);
  expect(client.failures).toEqual(['http_401']);
});

test('users, passwords and realms beyond ASCII are octets of UTF-8 (RFC 7616 section 4)', async () => {
  const octets = (text: string): string => Buffer.from(text).toString('latin1');
  const seen: string[] = [];
  const base = await serve((request, response) => {
    const { authorization } = request.headers;
    if (authorization === undefined) {
      const challenge = `Digest realm="${octets('Größe')}", nonce="n", qop="auth", charset=UTF-8`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
      return;
    }
    seen.push(authorization);
    const given = parameters(authorization);
    const hash = (text: string): string => crypto.createHash('md5').update(text).digest('hex');
    const right = hash(`${hash('jürgen…:Größe:päss…')}:n:${given.nc}:${given.cnonce}:auth:${hash('GET:/')}`);
    response.writeHead(given.response === right ? 200 : 403).end();
  });
  const auth = { username: 'jürgen…', password: 'päss…', scheme: 'digest' } as const;
  expect((await connect(base).http.get('/', { auth })).status).toBe(200);
  expect(parameters(seen[0]!).username).toBe(octets('jürgen…'));
});

test.each(['constructor', '__proto__', 'constructor-sess'])(
  'an algorithm called %s is one that nobody knows: the 401 is the answer',
  async (algorithm) => {
    const base = await serve((_request, response) => {
      response.setHeader(
        'www-authenticate',
        `Digest realm="r", nonce="n", qop="auth", algorithm=${algorithm}`,
      );
      response.writeHead(401).end();
    });
    const client = connect(base);
    const auth = { username: 'u', password: 'p', scheme: 'digest' } as const;
    expect((await client.http.get('/', { auth })).status).toBe(401);
    expect(client.failures).toEqual(['http_401']);
  },
);
