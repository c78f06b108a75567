// Lets Node's own HTTP client, which monitors and outputs use, have its sockets from our dialer.

import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import tls from 'node:tls';
import { directTo } from './destination.ts';
import type { Dialer } from './dialer.ts';
import { namesOf } from './tls-names.ts';

type Give = (error: Error | null, socket?: net.Socket) => void;

/** What Node asks for a connection with, and a signal of ours that ends the dialing. */
interface Wanted {
  readonly host?: string | null;
  readonly port?: number | string | null;
  readonly dialing?: AbortSignal;
}

function connect(dialer: Dialer, secure: boolean, wanted: Wanted, give: Give): undefined {
  const host = (wanted.host ?? 'localhost').replace(/^\[|\]$/g, '');
  const open = (options: net.NetConnectOpts): net.Socket =>
    tls.connect({ ...namesOf(host), ALPNProtocols: ['http/1.1'], ...options });
  const options = secure ? { open } : {};
  dialer.connect(directTo(host, Number(wanted.port)), options, wanted.dialing).then(
    (socket) => give(null, socket),
    (error: Error) => give(error),
  );
}

/** Options of one request on a connection of its own. Once `signal` aborts, none is made any more. */
export function ownConnection(dialer: Dialer, url: URL, signal: AbortSignal): http.RequestOptions {
  const secure = url.protocol === 'https:';
  return {
    defaultPort: secure ? 443 : 80,
    createConnection: (wanted, give) =>
      connect(
        dialer,
        secure,
        { host: wanted.host ?? null, port: wanted.port ?? null, dialing: signal },
        give as Give,
      ),
  };
}

/** Ends the dialing of one request that has an agent of `createAgent`. */
export function dialingUntil(signal: AbortSignal): http.RequestOptions {
  return { dialing: signal } as http.RequestOptions;
}

/** An agent whose connections are dialed. */
export function createAgent(dialer: Dialer, secure: boolean, options: http.AgentOptions): http.Agent {
  const agent = secure ? new https.Agent(options) : new http.Agent(options);
  const dialed = (wanted: Wanted, give: Give): undefined => connect(dialer, secure, wanted, give);
  return Object.assign(agent, { createConnection: dialed });
}
