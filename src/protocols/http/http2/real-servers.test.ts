// The HTTP/2 client against the servers that people run: nginx, Apache httpd, HAProxy, nghttpx and H2O, from Debian's packages, each
// over TLS with ALPN. What is sent is what the server logs, or what the server behind the proxy counts.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findFreePort } from '../../../system/free-port.ts';
import { delay } from '../../../time/timer.ts';
import { atEnd, connect, listen } from '../keeping-client.cases.ts';
import { loopback, trusting } from './servers.cases.ts';

const largeBytes = 12 * 1024 * 1024;

interface Place {
  readonly folder: string;
  readonly port: number;
  /** Of the server behind a proxy. */
  readonly backendPort: number;
}

interface Server {
  readonly name: string;
  readonly programs: readonly string[];
  readonly isProxy: boolean;
  /** Name and text of its configuration. */
  configure(place: Place): string;
  arguments(configFile: string, place: Place): string[];
  /** Whether it takes a large body that nobody wanted. */
  readonly takesUploads: boolean;
}

const servers: readonly Server[] = [
  {
    name: 'nginx',
    programs: ['/usr/sbin/nginx', '/usr/bin/nginx'],
    isProxy: false,
    takesUploads: true,
    // Says goodbye after every 50 requests of a connection.
    configure: ({ folder, port }) => `
      daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
      events {}
      http {
        log_format one "$request_method $uri"; access_log ${folder}/access.log one;
        client_max_body_size 100m; keepalive_requests 50;
        client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
        uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
        server {
          listen 127.0.0.1:${port} ssl http2; ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
          root ${folder}/www;
          location /upload { return 200 "taken"; }
        }
      }`,
    arguments: (configFile, { folder }) => ['-p', folder, '-c', configFile],
  },
  {
    name: 'Apache httpd',
    programs: ['/usr/sbin/apache2'],
    isProxy: false,
    takesUploads: false,
    configure: ({ folder, port }) => `
      ServerName localhost
      ServerRoot ${folder}
      PidFile ${folder}/pid
      DefaultRuntimeDir ${folder}
      ${['mpm_event', 'authz_core', 'ssl', 'http2'].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n      ')}
      Listen 127.0.0.1:${port}
      ErrorLog ${folder}/error.log
      LogFormat "%m %U" one
      CustomLog ${folder}/access.log one
      Protocols h2 http/1.1
      DocumentRoot ${folder}/www
      SSLEngine on
      SSLCertificateFile ${folder}/cert.pem
      SSLCertificateKeyFile ${folder}/key.pem
      <Directory />
        Require all granted
      </Directory>`,
    arguments: (configFile) => ['-X', '-f', configFile],
  },
  {
    name: 'HAProxy',
    programs: ['/usr/sbin/haproxy'],
    isProxy: true,
    takesUploads: true,
    configure: ({ folder, port, backendPort }) => `
      global
        nbthread 1
      defaults
        mode http
        timeout client 30s
        timeout server 30s
        timeout connect 5s
      frontend tls
        bind 127.0.0.1:${port} ssl crt ${folder}/both.pem alpn h2,http/1.1
        default_backend behind
      backend behind
        server one 127.0.0.1:${backendPort}
`,
    arguments: (configFile) => ['-f', configFile, '-db'],
  },
  {
    name: 'nghttpx',
    programs: ['/usr/sbin/nghttpx', '/usr/bin/nghttpx'],
    isProxy: true,
    takesUploads: true,
    configure: ({ folder, port, backendPort }) =>
      [
        `frontend=127.0.0.1,${port}`,
        `backend=127.0.0.1,${backendPort}`,
        `private-key-file=${folder}/key.pem`,
        `certificate-file=${folder}/cert.pem`,
        'errorlog-file=/dev/stderr',
        'log-level=FATAL',
        '',
      ].join('\n'),
    arguments: (configFile) => [`--conf=${configFile}`, '--workers=1', '--single-process'],
  },
  {
    name: 'H2O',
    programs: ['/usr/bin/h2o'],
    isProxy: false,
    takesUploads: false,
    configure: ({ folder, port }) => `
listen:
  host: 127.0.0.1
  port: ${port}
  ssl:
    certificate-file: ${folder}/cert.pem
    key-file: ${folder}/key.pem
    ocsp-update-interval: 0
user: ${userInfo().username}
num-threads: 1
access-log:
  path: ${folder}/access.log
  format: "%m %U"
hosts:
  default:
    paths:
      "/":
        file.dir: ${folder}/www
`,
    arguments: (configFile) => ['-m', 'worker', '-c', configFile],
  },
];

interface Running {
  readonly url: string;
  /** Requests that it, or the server behind it, has seen, once no more are written down. */
  seen(expected: number): Promise<number>;
}

/** Starts a server with files to serve, until the test ends. */
async function start(server: Server): Promise<Running> {
  const program = server.programs.find((path) => existsSync(path));
  if (program === undefined) throw new Error(`${server.name} is not installed: see .ci/run for the packages`);
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-http2-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const www = join(folder, 'www');
  mkdirSync(www);
  writeFileSync(join(www, 'small.txt'), 'ok');
  writeFileSync(join(www, 'large.bin'), Buffer.alloc(largeBytes, 'l'));
  writeFileSync(join(folder, 'cert.pem'), loopback.cert);
  writeFileSync(join(folder, 'key.pem'), loopback.key);
  writeFileSync(join(folder, 'both.pem'), `${loopback.cert}\n${loopback.key}`);
  let behindCount = 0;
  const backendPort = server.isProxy ? await listen(backend(www, () => behindCount++)) : 0;
  const place = { folder, port: await findFreePort(), backendPort };
  const configFile = join(folder, 'server.conf');
  writeFileSync(configFile, server.configure(place));
  const child = spawn(program, server.arguments(configFile, place), { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-2000);
  });
  atEnd(() => ended(child));
  for (let i = 0; !(await answers(place.port)); i++) {
    if (child.exitCode !== null || i > 200) throw new Error(`${server.name} does not start: ${said}`);
    await delay(25);
  }
  const count = (): number => {
    if (server.isProxy) return behindCount;
    const file = join(folder, 'access.log');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
  };
  return {
    url: `https://127.0.0.1:${place.port}`,
    async seen(expected) {
      // Logs are written a little late.
      for (let i = 0; i < 100 && count() < expected; i++) await delay(25);
      await delay(50);
      return count();
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

/** What a static server does, for the proxies. */
function backend(www: string, saw: () => void): http.Server {
  return http.createServer((request, response) => {
    saw();
    let received = 0;
    request.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    request.on('end', () => {
      const path = join(www, request.url!);
      if (request.method === 'POST') response.end(`taken ${received}`);
      else if (!existsSync(path)) response.writeHead(404).end('not here');
      else response.end(readFileSync(path));
    });
  });
}

describe.each(servers)('$name', (server) => {
  test('answers as it does to any other client, and sees what was sent', { timeout: 30_000 }, async () => {
    const { url, seen } = await start(server);
    const client = connect(url, { version: '2', timeoutMs: 15_000 }, trusting);
    const first = await client.http.get('/small.txt');
    expect(first.error).toBeNull();
    expect(first.body).toBe('ok');
    expect(client.meter.requests({ proto: 'HTTP/2.0', status: '200' })).toBe(1);
    const head = await client.http.head('/small.txt');
    expect([head.status, head.body, head.error]).toEqual([200, '', null]);
    expect((await client.http.get('/nowhere', { expect: 404 })).status).toBe(404);

    // More than the windows of stream and connection hold at the start.
    const large = await client.http.get('/large.bin', { responseType: 'buffer' });
    expect(large.error).toBeNull();
    expect(large.body).toHaveLength(largeBytes);

    // More at once than the server allows, and, of nginx, more than it takes on one connection.
    const many = await client.http.batch(Array.from({ length: 300 }, () => '/small.txt'));
    expect(many.filter(({ body, error }) => body !== 'ok' || error !== null)).toEqual([]);
    let expected = 304;

    if (server.takesUploads) {
      const sent = await client.http.post('/upload', { body: Buffer.alloc(2_000_000, 'u') });
      expect([sent.status, sent.error]).toEqual([200, null]);
      if (server.isProxy) expect(sent.body).toBe('taken 2000000');
      expected++;
    }
    expect(client.failures).toEqual([]);
    expect(client.meter.requests()).toBe(expected);
    expect(await seen(expected)).toBe(expected);
  });
});
