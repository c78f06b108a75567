// The server under the benchmark: nginx when it is on PATH, else a bare one of our own; plain HTTP/1.1 on one
// port, the same over TLS on another, and HTTP/2 over TLS on a third, which nginx alone has.

import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCertificate } from '../src/protocols/http/certificates.cases.ts';
import { findFreePort } from '../src/system/free-port.ts';
import { delay } from '../src/time/timer.ts';
import { cpuMsOf } from './process-tree.ts';
import { onPath, type Processes, serverCore } from './processes.ts';

export interface BenchServer {
  readonly url: string;
  readonly tlsUrl: string;
  /** HTTP/2 over TLS; `undefined` without nginx. */
  readonly http2Url: string | undefined;
  readonly name: string;
  /** CPU time that it has used so far. */
  cpuMs(): number;
}

const answer = `${'Plimsoll answers a hundred bytes. '.repeat(3).slice(0, 99)}\n`;

/** Starts a server on its core, passes it to `use`, and stops it however that ends. */
export async function withServer<T>(
  processes: Processes,
  use: (server: BenchServer) => Promise<T>,
): Promise<T> {
  const port = await findFreePort();
  const tlsPort = await findFreePort();
  const http2Port = await findFreePort();
  const folder = processes.folder();
  const { cert, key } = makeCertificate({ name: 'plimsoll bench', hosts: ['127.0.0.1', 'localhost'] });
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
  const nginx = onPath('nginx') ?? onPath('/usr/sbin/nginx');
  const bareServer = fileURLToPath(new URL('./bare-server.mjs', import.meta.url));
  let command = [process.execPath, bareServer, String(port), String(tlsPort), folder, answer];
  if (nginx !== undefined) {
    writeFileSync(join(folder, 'nginx.conf'), nginxConfiguration(folder, { port, tlsPort, http2Port }));
    command = [nginx, '-p', folder, '-c', join(folder, 'nginx.conf')];
  }
  const child = processes.start(command, serverCore);
  try {
    for (const each of [port, tlsPort, ...(nginx === undefined ? [] : [http2Port])])
      await waitForPort(each, child);
    return await use({
      url: `http://127.0.0.1:${port}`,
      tlsUrl: `https://127.0.0.1:${tlsPort}`,
      http2Url: nginx === undefined ? undefined : `https://127.0.0.1:${http2Port}`,
      name: nginx === undefined ? 'bare node server' : 'nginx',
      cpuMs: () => cpuMsOf(child.pid!),
    });
  } finally {
    await processes.stop(child);
  }
}

interface Ports {
  readonly port: number;
  readonly tlsPort: number;
  readonly http2Port: number;
}

// The second port has no `http2`: every client speaks HTTP/1.1 over TLS as well.
function nginxConfiguration(folder: string, { port, tlsPort, http2Port }: Ports): string {
  const overTls = (port: number, protocol: string): string => `
  server {
    listen 127.0.0.1:${port} ssl ${protocol} backlog=4096;
    ssl_certificate ${folder}/cert.pem;
    ssl_certificate_key ${folder}/key.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
    ${place}
  }`;
  const place = `location / { default_type text/plain; return 200 "${answer.trim()}\\n"; }`;
  return `
worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 20000; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    ${place}
  }
  ${overTls(tlsPort, '')}
  ${overTls(http2Port, 'http2')}
}
`;
}

async function waitForPort(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null) throw new Error(`the server ended at once with code ${child.exitCode}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (open) return;
    await delay(50);
  }
  throw new Error(`nothing listens on port ${port} after five seconds`);
}
