// What a reference target system is given and gives back. Implemented in targets/, used by the commands.

export interface TargetOptions {
  /** Address to listen on; 127.0.0.1 when absent. */
  readonly host?: string;
  /** 0 picks a free port, and so does leaving it out. */
  readonly port?: number;
  /** Port for a target that is a database and nothing more, when the user chose one; a free one when absent. */
  readonly databasePort?: number;
  /** PostgreSQL to use in place of one started for this target; `DATABASE_URL` of `env` when absent. */
  readonly databaseUrl?: string;
  /** Where the target's knobs are read; `process.env` when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Progress and trouble, one line each. */
  readonly onLog?: (line: string) => void;
}

/** URLs of what a target is made of, with passwords: for whoever watches it. */
export interface TargetParts {
  readonly postgres?: string;
  readonly redis?: string;
}

export interface RunningTarget {
  /** Without a slash at the end, e.g. `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Of targets that are more than one database. */
  readonly parts?: TargetParts;
  /**
   * Variables that a suite reads to reach the target beside its URL and `parts`, which come as `DATABASE_URL` and
   * `REDIS_URL`: addresses of upstreams, keys that it accepts.
   */
  readonly env?: Readonly<Record<string, string>>;
  /** Lines that say what runs: the database and its version, the cache, the rate limit, the rows. */
  describe(): string[];
  /** Lets requests in flight finish, then ends everything it started. Calling it again changes nothing. */
  stop(): Promise<void>;
}

/** What `targets/<name>/target.ts` exports as `startTarget`. */
export type StartTarget = (options: TargetOptions) => Promise<RunningTarget>;
