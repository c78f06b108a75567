// Which sockets listen on a TCP port of this machine, from /proc/net/tcp and tcp6. Called by find.ts.

import { closeSync, openSync, readSync } from 'node:fs';

/** TCP_LISTEN of the kernel's include/net/tcp_states.h. */
const listening = '0A';

/**
 * Inode of the socket in a line of /proc/net/tcp when it listens on `port`; `null` when it listens elsewhere;
 * `undefined` when it does not listen.
 */
export function parseListener(line: string, port: number): string | null | undefined {
  // sl local_address rem_address st queues timer retransmits uid timeout inode ...; addresses end in a port in hex.
  const fields = line.trim().split(/ +/);
  if (fields[3] !== listening) return undefined;
  const [local = '', inode = ''] = [fields[1], fields[9]];
  return Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16) === port ? inode : null;
}

/** Systems that only look like Linux, such as gVisor, may mix the lines: there, small tables are read as a whole. */
const connectionsRead = 200;

/**
 * What descriptors of sockets that listen on `port` lead to, IPv4 and IPv6: `socket:[4711]`. The kernel lists those that
 * listen before all others, and makes the text while it is read: reading ends soon after, whatever the number of connections.
 */
export function findListeners(root: string, port: number): Set<string> {
  const found = new Set<string>();
  for (const table of ['tcp', 'tcp6']) {
    let connections = 0;
    for (const line of linesOf(`${root}/proc/net/${table}`)) {
      const inode = parseListener(line, port);
      if (inode === undefined && ++connections > connectionsRead) break;
      if (typeof inode === 'string') found.add(`socket:[${inode}]`);
    }
  }
  return found;
}

/** Lines of a file without the first one, no more read than asked for. Nothing where there is no such file. */
function* linesOf(file: string): Generator<string> {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return;
  }
  try {
    const buffer = Buffer.allocUnsafe(16 * 1024);
    let rest = '';
    let heading = true;
    for (;;) {
      const length = readSync(descriptor, buffer, 0, buffer.length, null);
      const lines = (rest + buffer.toString('latin1', 0, length)).split('\n');
      rest = length > 0 ? (lines.pop() ?? '') : '';
      for (const line of lines) {
        if (!heading && line !== '') yield line;
        heading = false;
      }
      if (length === 0) return;
    }
  } finally {
    closeSync(descriptor);
  }
}
