// Asks whether what the load needs listens where it is to go, before any load is driven. Opens and closes one
// connection, with TLS where the target has it, and sends no request, so that the target's own counts stay exact.

import type net from 'node:net';
import tls from 'node:tls';
import { messageOf, PlimsollError, TargetError } from '../../model/errors.ts';
import type { HttpSecrets } from '../../model/http-secrets.ts';
import type { HttpPlan } from '../../model/http-settings.ts';
import { Dialer, type Guard } from '../../network/dialer.ts';
import { createLookup, systemLookup } from '../../network/name-lookup.ts';
import { explainTlsError } from '../../network/tls-failures.ts';
import { namesOf } from '../../network/tls-names.ts';
import { TlsSettings } from '../../network/tls-settings.ts';
import { cancelTimer, startTimer } from '../../time/timer.ts';
import { destinationOf, namingProxy } from './dial.ts';
import { Routes } from './route.ts';
import { type Origin, TargetResolver } from './target.ts';

const connectLimitMs = 5000;

/** Throws a `TargetError` (exit 3) that says what failed and what to try, when no connection can be made. */
export async function assertReachable(
  baseUrl: string,
  plan: Pick<HttpPlan, 'socketPath' | 'hosts' | 'tls' | 'dns'> = {},
  secrets: HttpSecrets = {},
  guard?: Guard,
): Promise<void> {
  const { origin } = new TargetResolver(baseUrl, 'path', new Routes(plan, secrets)).resolve('/');
  const lookup = plan.dns === undefined ? systemLookup : createLookup(plan.dns);
  const limit = new AbortController();
  const timer = startTimer(() => limit.abort(), connectLimitMs);
  let socket: net.Socket | undefined;
  try {
    // What lies behind a proxy is for the requests to find out.
    const secure = origin.secure && origin.route.tunnel === null;
    const settings = secure ? new TlsSettings(plan.tls, secrets.tls) : undefined;
    const open = settings && ((options: net.NetConnectOpts) => openTls(origin, settings, options));
    const dialer = new Dialer({ lookup, guard });
    socket = await dialer.connect(destinationOf(origin), open === undefined ? {} : { open }, limit.signal);
    if (secure) await secured(socket, limit.signal);
  } catch (thrown) {
    if (thrown instanceof PlimsollError) throw thrown;
    const told = limit.signal.aborted ? new Error(`no answer within ${connectLimitMs / 1000} s`) : thrown;
    const { reason, hint } = viaProxy(origin)
      ? troubleOfProxy(told, origin)
      : troubleOf(told, baseUrl, origin);
    throw new TargetError(reason, { hint, cause: thrown });
  } finally {
    cancelTimer(timer);
    socket?.destroy();
  }
}

function openTls({ hostname }: Origin, settings: TlsSettings, options: net.NetConnectOpts): tls.TLSSocket {
  return tls.connect({ ...settings.options, ...namesOf(settings.servername ?? hostname), ...options });
}

function secured(socket: net.Socket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('it closed the connection')));
    signal.addEventListener('abort', () => socket.destroy());
  });
}

function viaProxy({ route }: Origin): boolean {
  return route.tunnel !== null || route.absoluteForm;
}

function troubleOfProxy(thrown: unknown, origin: Origin): { reason: string; hint: string } {
  const named = namingProxy(thrown as NodeJS.ErrnoException, origin);
  return {
    reason: messageOf(named),
    hint: 'check http.proxy, or HTTP_PROXY and HTTPS_PROXY where the suite has http.proxyFromEnvironment; NO_PROXY excepts hosts',
  };
}

const startHint =
  'start the target first, or name another one with --base-url; the shipped ones start with "plimsoll target <name>", or for one run with --with-target';

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
  const explained =
    origin.secure && thrown instanceof Error ? explainTlsError(thrown, origin.hostHeader) : undefined;
  if (explained !== undefined) {
    const what = explained.code.startsWith('tls_') ? `${baseUrl} cannot be used` : unreached;
    return { reason: `${what}: ${explained.cause}`, hint: explained.hint };
  }
  return { reason: `${unreached}: ${messageOf(thrown)}`, hint: startHint };
}
