// What suites, plans and runs need of a protocol's settings before the engine begins: how a suite writes them, what a plan
// holds of them, what of them is secret, where they lead, and whether anybody answers there. Each folder with settings has
// a `settings.ts`; settings-registry.ts lists them. Workers read none of it.

import type { Destination } from '../network/destination.ts';
import type { Guard } from '../network/dialer.ts';
import type * as schemaParts from '../store/schema-parts.ts';
import type * as schemaFields from '../suite/schema-fields.ts';
import type { ShapeOf } from '../suite/schema-fields.ts';
import { formatCount } from '../text/format-figure.ts';

/** The words that schemas are made of. They are handed in, so that reading the settings of a protocol loads no zod. */
export type SchemaWords = typeof schemaFields;

/** The words that the schema of records is made of, handed in for the same reason. */
export type RecordWords = typeof schemaParts;

/** Settings as a suite writes them, as a plan holds them, and what of them no record may hold. */
export interface ProtocolSettings<Written = object, Planned = object, Secrets = object> {
  /** Their key in suites, profiles, plans and secrets: the name of the protocol. */
  readonly name: string;
  /** The schema of each key that a suite may write. */
  shape(words: SchemaWords): ShapeOf<Written>;
  /** What mistakes show where something else stands: `Redis settings such as { ... }`. */
  readonly example: string;
  /** What holds for a profile; `undefined` where neither the suite nor the profile has such settings. */
  merge(suite: Written | undefined, profile: Written | undefined): Written | undefined;
  /** Every plan has such settings, if only the defaults. */
  readonly everywhere?: true;
  /** The server of suites that talk to one beside the target at their base URL. */
  readonly server?: ServerSettings<Planned>;
  /** Numbers in place of texts, defaults filled in, no secrets. Throws a `UsageError` for what cannot be used. */
  plan(settings: Written): Planned;
  /** The schema of each key of the plan, as records of runs hold it. */
  recorded(words: RecordWords): ShapeOf<Planned>;
  /** Throws a `SuiteError` when a file cannot be read or does not fit, a `UsageError` for a variable. Absent: no secrets. */
  readSecrets?(settings: Written, from: SecretSource): Promise<Secrets>;
  /**
   * Asks whether the load will be let in, before it is driven. Throws a `TargetError` (exit 3) or `SafetyError` (exit 4)
   * when it will not.
   */
  check?(plan: Planned, secrets: Secrets, how: CheckOptions): Promise<Checked<Secrets>>;
}

/** A server with a URL of its own. Environments may name it, as suites and profiles do. */
export interface ServerSettings<Planned = object> {
  /** In the lines of `inspect` and of what a run contacts: `database`. */
  readonly label: string;
  /** In sentences: `Redis server`. */
  readonly noun: string;
  /** The environment variable that names it where no settings do. */
  readonly variable: string;
  /** Of its URLs, each with its colon. */
  readonly schemes: readonly string[];
  /** Where a URL of these schemes leads; one that the schema accepts. */
  destinationOf(url: string): Destination;
  /** How it is used, for behind its URL: `a connection per VU`. */
  describe(plan: Planned): string;
}

/** Where secrets are read from: paths are relative to the suite's file. */
export interface SecretSource {
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface CheckOptions {
  readonly baseUrl: string | undefined;
  /** The run goes on where only the suite's own rules are against it. */
  readonly force: boolean;
  /** Asked before every connection. */
  readonly guard: Guard | undefined;
}

/** What was found beside an answer. */
export interface Checked<Secrets> {
  /** What the workers are to know, beside what was read. */
  readonly found?: Partial<Secrets>;
  /** For the log of the run, one sentence. */
  readonly message?: string;
}

/** How virtual users share connections, in words. */
export function connectionsText(connections: 'per-vu' | { readonly pool: number }): string {
  return connections === 'per-vu'
    ? 'a connection per VU'
    : `a pool of ${formatCount(connections.pool, 'connection')}`;
}

/** The suite's settings with the profile's over them. */
export function keyByKey<Written extends object>(
  suite: Written | undefined,
  profile: Written | undefined,
): Written | undefined {
  return suite === undefined && profile === undefined ? undefined : ({ ...suite, ...profile } as Written);
}
