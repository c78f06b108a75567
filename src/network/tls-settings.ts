// TLS of one worker: the context that all its connections share. What a failed handshake means: tls-failures.ts.

import tls from 'node:tls';
import type { HttpSecrets } from '../model/http-secrets.ts';
import type { TlsPlan } from '../model/http-settings.ts';
import { contextOptions } from './tls-context.ts';

/** TLS sessions by origin, to shorten the next handshake. */
export type TlsSessions = Map<string, Buffer>;

export class TlsSettings {
  readonly sessionReuse: TlsPlan['sessionReuse'];
  /** The one store of sessions when all connections share them. */
  readonly shared: TlsSessions = new Map();
  readonly #plan: TlsPlan;
  readonly #secrets: NonNullable<HttpSecrets['tls']>;
  #options: tls.ConnectionOptions | undefined;

  constructor(plan: TlsPlan | undefined, secrets: HttpSecrets['tls']) {
    this.#plan = plan ?? { insecureSkipVerify: false, sessionReuse: 'vu' };
    this.#secrets = secrets ?? {};
    this.sessionReuse = this.#plan.sessionReuse;
  }

  /** Name for SNI and for the check of the certificate, when it is not the URL's host. */
  get servername(): string | undefined {
    return this.#plan.servername;
  }

  /** Made on first use: a context costs milliseconds, and plain HTTP needs none. */
  get options(): tls.ConnectionOptions {
    this.#options ??= {
      secureContext: this.#createContext(),
      rejectUnauthorized: !this.#plan.insecureSkipVerify,
    };
    return this.#options;
  }

  #createContext(): tls.SecureContext {
    return tls.createSecureContext(contextOptions(this.#plan, this.#secrets));
  }
}

/** `TLSv1.3` as the tag `tls_version` has it: `tls1.3`. */
export function tlsVersionTag(socket: tls.TLSSocket): string {
  const version = socket.getProtocol() ?? '';
  return version === 'TLSv1' ? 'tls1.0' : version.replace('TLSv', 'tls');
}
