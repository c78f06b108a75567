// A whole run over TLS with a client certificate: files beside the suite reach the workers, and no artifact.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCertificate } from '../src/protocols/http/certificates.cases.ts';
import { expectFinished } from './exit-code.ts';
import { figureOf } from './profile-run.ts';
import { readRecord, runCli, temporaryFolder } from './run-cli.ts';

const authority = makeCertificate({ name: 'Test Authority', isAuthority: true });
const own = makeCertificate({ name: 'tester', issuer: authority });
const subjects: unknown[] = [];
const server = https.createServer(
  {
    ...makeCertificate({ name: 'loopback', hosts: ['127.0.0.1'], issuer: authority }),
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: true,
  },
  (request, response) => {
    subjects.push((request.socket as TLSSocket).getPeerCertificate().subject?.CN);
    response.end('ok');
  },
);

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(async () => {
  folder = temporaryFolder();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  folder.dispose();
});

test('a run shows its certificate to the target, and to nobody else', async () => {
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const files = { 'ca.pem': authority.cert, 'cert.pem': own.cert, 'key.pem': own.key };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder.path, name), content);
  const suite = join(folder.path, 'secure.yaml');
  writeFileSync(
    suite,
    `
name: secure
baseUrl: ${url}
http: { tls: { ca: ca.pem, cert: cert.pem, key: key.pem } }
users: { visitor: { tasks: { look: { requests: [{ url: /items/17 }] } } } }
profiles: { smoke: { executor: per-vu-iterations, vus: 4, iterations: 5 } }
`,
  );
  const out = join(folder.path, 'results');
  expectFinished(await runCli(['run', suite, '--out', out]));
  expect(subjects).toEqual(Array.from({ length: 20 }, () => 'tester'));
  const record = readRecord(out, 'secure');
  expect(figureOf(record, 'http_reqs')).toBe(20);
  expect(Object.keys(record.metrics)).toContain(
    'http_reqs{method:GET,name:/items/:id,task:look,user:visitor}',
  );
  expect(record.plan.http.tls).toEqual({ insecureSkipVerify: false, sessionReuse: 'vu' });
  const latest = join(out, 'secure', 'latest');
  for (const name of readdirSync(latest)) {
    expect(readFileSync(join(latest, name), 'utf8'), name).not.toMatch(/PRIVATE KEY|key\.pem/);
  }
});

test('an answer may be there before the write of its request is done with', async () => {
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const files = { 'ca.pem': authority.cert, 'cert.pem': own.cert, 'key.pem': own.key };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder.path, name), content);
  const suite = join(folder.path, 'secure.ts');
  // A write in the turn of `setImmediate` is done with in the next such turn; the answer is read before that.
  writeFileSync(
    suite,
    `
export default {
  name: 'secure',
  baseUrl: '${url}',
  http: { tls: { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem' } },
  users: { visitor: { tasks: { look: { async run({ http }) {
    await http.get('/connect');
    await new Promise((resolve) => setImmediate(resolve));
    const first = http.get('/first');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    await first;
    await http.get('/second');
  } } } } },
  profiles: { smoke: { executor: 'per-vu-iterations', vus: 1, iterations: 5 } },
};
`,
  );
  const out = join(folder.path, 'results');
  const { stderr } = await runCli(['run', suite, '--out', out]);
  const record = readRecord(out, 'secure');
  expect(record.errors, stderr).toEqual([]);
  expect(figureOf(record, 'http_reqs')).toBe(15);
});
