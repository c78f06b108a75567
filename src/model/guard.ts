// What keeps a run away from production: the coordinator decides it, the workers obey it.

/** What the guard goes by; there is none when the run is forced. Survives structured cloning. */
export interface GuardSettings {
  /** `safety.allowedHosts` of the suite, and the hosts that an environment vouches for. */
  readonly allowedHosts: readonly string[];
  /** Why the environment itself looks like production, one clause each: then every host must be allowed. */
  readonly environmentSigns: readonly string[];
}

/** A host that was not contacted. */
export interface Refusal {
  readonly host: string;
  /** 0 for a unix socket. */
  readonly port: number;
  /** One clause. */
  readonly reason: string;
}
