// The server under the benchmark: nginx when it is on PATH, else a bare one of our own, pinned to a core.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '../src/parts/free-port.ts';
import { onPath, pinned } from './commands.ts';

export interface BenchServer {
  readonly url: string;
  readonly name: string;
  stop(): Promise<void>;
}

const answer = `${'Plimsoll answers a hundred bytes. '.repeat(3).slice(0, 99)}\n`;

export async function startServer(core: number): Promise<BenchServer> {
  const port = await findFreePort();
  const nginx = onPath('nginx') ?? onPath('/usr/sbin/nginx');
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'));
  let command: string[];
  if (nginx === undefined) {
    command = [
      process.execPath,
      fileURLToPath(new URL('./bare-server.mjs', import.meta.url)),
      String(port),
      answer,
    ];
  } else {
    writeFileSync(join(folder, 'nginx.conf'), nginxConfiguration(folder, port));
    command = [nginx, '-p', folder, '-c', join(folder, 'nginx.conf')];
  }
  const [file, ...args] = pinned(command, core);
  const child = spawn(file!, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await waitForPort(port, child);
  return {
    url: `http://127.0.0.1:${port}`,
    name: nginx === undefined ? 'bare node server' : 'nginx',
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function nginxConfiguration(folder: string, port: number): string {
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
    location / { default_type text/plain; return 200 "${answer.trim()}\\n"; }
  }
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
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port} after five seconds`);
}
