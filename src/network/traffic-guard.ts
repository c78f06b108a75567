// Keeps a run away from what looks like production: asked by the dialer before every connection. Made in each worker and
// in the coordinator from the same settings.

import { SafetyError } from '../model/errors.ts';
import type { GuardSettings, Refusal } from '../model/guard.ts';
import { isPublicAddress } from './address-ranges.ts';
import { type AllowedHost, isAllowed, parseAllowedHost } from './allowed-hosts.ts';
import { authorityOf, type Destination } from './destination.ts';
import type { Guard } from './dialer.ts';
import { addressFamily, canonicalHost } from './host-name.ts';
import type { Address } from './name-lookup.ts';
import { isTestName, productionSign, productionWordSign } from './production-sign.ts';

/** Code of requests that failed because the guard let nobody through. */
const refusedCode = 'refused_for_safety';

/** What is remembered of hosts: loads with thousands of them must not hold them all. */
const maxJudged = 10_000;

/** The error of a connection that was not made. */
export class RefusedError extends SafetyError {
  readonly code = refusedCode;
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    const { host, port, reason } = refusal;
    const where = port === 0 ? host : authorityOf(host, port);
    super(`refused to contact ${where}, which looks like production: ${reason}`, {
      hint: `if you are sure, list ${host} in the suite's safety.allowedHosts, or add --force`,
    });
    this.refusal = refusal;
  }
}

/** What a host was found to be; told from its name, and kept. */
interface Judgement {
  readonly reason: string | undefined;
  readonly isVouched: boolean;
}

export class TrafficGuard implements Guard {
  /** The first refusal, once there is one. */
  first: RefusedError | undefined;
  readonly #settings: GuardSettings;
  readonly #allowed: readonly AllowedHost[];
  readonly #onRefused: (refusal: Refusal) => void;
  readonly #judged = new Map<string, Judgement>();
  readonly #publicAddresses = new Map<string, boolean>();

  constructor(settings: GuardSettings, onRefused: (refusal: Refusal) => void = () => {}) {
    this.#settings = settings;
    this.#allowed = settings.allowedHosts.map(parseAllowedHost).filter((entry) => entry !== undefined);
    this.#onRefused = onRefused;
  }

  refuseName(destination: Destination): RefusedError | undefined {
    const { reason } = this.#judgementOf(destination);
    return reason === undefined ? undefined : this.#refuse(destination, reason);
  }

  refuseAddresses(destination: Destination, addresses: readonly Address[]): RefusedError | undefined {
    const { place } = destination;
    if (place.path !== undefined || this.#judgementOf(destination).isVouched) return undefined;
    for (const { address } of addresses) {
      if (this.#isPublic(address) && !isAllowed(canonicalHost(address), place.port, this.#allowed)) {
        const host = canonicalHost(place.host);
        return this.#refuse(destination, `${host} is at ${canonicalHost(address)}, a public address`);
      }
    }
    return undefined;
  }

  #judgementOf(destination: Destination): Judgement {
    const { name, port, place } = destination;
    const key = `${name} ${port} ${place.path ?? place.host}`;
    let judgement = this.#judged.get(key);
    if (judgement === undefined) {
      judgement = { reason: this.#signOf(destination), isVouched: this.#isVouched(destination) };
      if (this.#judged.size >= maxJudged) this.#judged.clear();
      this.#judged.set(key, judgement);
    }
    return judgement;
  }

  /** Need its addresses not be judged? */
  #isVouched(destination: Destination): boolean {
    const { place, byProxy } = destination;
    // A proxy looks the name up by itself; its own address says nothing.
    if (byProxy || place.path !== undefined) return true;
    const host = canonicalHost(place.host);
    // What is an address already was judged as one; a test system may well be on the internet.
    return addressFamily(host) !== 0 || isTestName(host) || this.#isAllowed(destination);
  }

  #isPublic(address: string): boolean {
    let known = this.#publicAddresses.get(address);
    if (known === undefined) {
      known = isPublicAddress(canonicalHost(address));
      if (this.#publicAddresses.size >= maxJudged) this.#publicAddresses.clear();
      this.#publicAddresses.set(address, known);
    }
    return known;
  }

  /** Of the host itself, or of what was given in its place. */
  #isAllowed({ name, port, place }: Destination): boolean {
    return (
      isAllowed(canonicalHost(name), port, this.#allowed) ||
      (place.path === undefined && isAllowed(canonicalHost(place.host), place.port, this.#allowed))
    );
  }

  #signOf(destination: Destination): string | undefined {
    const { name, place, byProxy } = destination;
    const { environmentSigns } = this.#settings;
    if (this.#isAllowed(destination)) return undefined;
    const isElsewhere =
      place.path === undefined && !byProxy && canonicalHost(place.host) !== canonicalHost(name);
    const signs = [
      ...environmentSigns,
      place.path !== undefined
        ? undefined
        : isElsewhere
          ? (productionWordSign(name) ?? (isTestName(name) ? undefined : productionSign(place.host)))
          : productionSign(name),
    ].filter((sign) => sign !== undefined);
    return signs.length === 0 ? undefined : signs.join('; ');
  }

  #refuse({ name, port }: Destination, reason: string): RefusedError {
    const error = new RefusedError({ host: name, port, reason });
    this.first ??= error;
    this.#onRefused(error.refusal);
    return error;
  }
}
