// A free TCP port, for servers that cannot pick one themselves. Called by the parts that start such servers.

import { createServer } from 'node:net';
import { messageOf, UsageError } from '../model/errors.ts';

/**
 * A port of `host` that nobody listened on a moment ago. Another process may take it before you do:
 * be ready to try again with a new one.
 */
export function findFreePort(host = '127.0.0.1'): Promise<number> {
  return tryPort(0, host);
}

/** Throws a `UsageError` when nobody can listen on the port, for it is taken or not ours to take. */
export async function assertFreePort(port: number, host = '127.0.0.1'): Promise<void> {
  try {
    await tryPort(port, host);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') {
      throw new UsageError(`cannot listen on ${host} port ${port}: ${messageOf(error)}`);
    }
    throw new UsageError(`port ${port} of ${host} is taken by another process`, {
      hint: 'choose another one, or leave it out to have a free one',
    });
  }
}

function tryPort(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('the listening socket has no port'));
      });
    });
  });
}
