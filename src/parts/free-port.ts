// A free TCP port, for servers that cannot pick one themselves. Called by the parts that start such servers.

import { createServer } from 'node:net';

/**
 * A port of `host` that nobody listened on a moment ago. Another process may take it before you do:
 * be ready to try again with a new one.
 */
export function findFreePort(host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('the listening socket has no port'));
      });
    });
  });
}
