// Asks whether what the load needs listens where it is to go, before any load is driven. Opens and closes one
// connection, with TLS where the target has it, and sends no request, so that the target's own counts stay exact.

import net from 'node:net';
import tls from 'node:tls';
import { messageOf, TargetError } from '../model/errors.ts';
import type { HttpSecrets } from '../model/http-secrets.ts';
import type { HttpPlan } from '../model/http-settings.ts';
import { cancelTimer, startTimer } from '../time/timer.ts';
import { Routes } from './http/route.ts';
import { type Origin, TargetResolver } from './http/target.ts';
import { explainTlsError, TlsSettings } from './http/tls-settings.ts';

const connectLimitMs = 5000;

/** Throws a `TargetError` (exit 3) that says what failed and what to try, when no connection can be made. */
export async function assertReachable(
  baseUrl: string,
  plan: Pick<HttpPlan, 'socketPath' | 'hosts' | 'tls'> = {},
  secrets: HttpSecrets = {},
): Promise<void> {
  const { origin } = new TargetResolver(baseUrl, 'path', new Routes(plan, secrets)).resolve('/');
  const { route } = origin;
  const options =
    route.socketPath === null ? { host: route.host, port: route.port } : { path: route.socketPath };
  // What lies behind a proxy is for the requests to find out.
  const withTls = origin.secure && route.tunnel === null;
  const socket = withTls
    ? tls.connect({ ...options, ...tlsOptions(origin, new TlsSettings(plan.tls, secrets.tls)) })
    : net.connect(options);
  try {
    await opened(socket, withTls ? 'secureConnect' : 'connect');
  } catch (thrown) {
    const { reason, hint } = troubleOf(thrown, baseUrl, origin);
    throw new TargetError(reason, { hint, cause: thrown });
  } finally {
    socket.destroy();
  }
}

function tlsOptions({ hostname }: Origin, settings: TlsSettings): tls.ConnectionOptions {
  const servername = settings.servername ?? (net.isIP(hostname) === 0 ? hostname : undefined);
  return { ...settings.options, ...(servername !== undefined && { servername }) };
}

function opened(socket: net.Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = startTimer(
      () => reject(new Error(`no answer within ${connectLimitMs / 1000} s`)),
      connectLimitMs,
    );
    socket.once(event, () => resolve());
    socket.once('error', reject);
    socket.once('close', () => {
      cancelTimer(limit);
      reject(new Error('it closed the connection'));
    });
  });
}

const startHint =
  'start the target first, or name another one with --base-url; the shipped ones start with "plimsoll target <name>"';

function troubleOf(thrown: unknown, baseUrl: string, origin: Origin): { reason: string; hint: string } {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  const unreached = `nothing can be reached at ${baseUrl}`;
  switch (code) {
    case 'ECONNREFUSED':
      return {
        reason: `${unreached}: the connection was refused, so nothing listens there`,
        hint: startHint,
      };
    case 'ENOTFOUND':
      return {
        reason: `${unreached}: the host name is not known`,
        hint: 'check its spelling, and that this machine can look it up; http.hosts gives a name an address',
      };
    case 'EAI_AGAIN':
      return {
        reason: `${unreached}: the look-up of the host name failed`,
        hint: "check the name, and this machine's name server; http.hosts gives a name an address",
      };
    default:
      break;
  }
  // A name with several addresses fails with one error per address and no message of its own.
  if (thrown instanceof AggregateError && thrown.errors.length > 0) {
    return troubleOf(thrown.errors[0], baseUrl, origin);
  }
  const explained =
    origin.secure && thrown instanceof Error ? explainTlsError(thrown, origin.hostHeader) : undefined;
  if (explained !== undefined)
    return { reason: `${baseUrl} cannot be used: ${explained.cause}`, hint: explained.hint };
  return { reason: `${unreached}: ${messageOf(thrown)}`, hint: startHint };
}
