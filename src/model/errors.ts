// Every error a user can meet, and the exit code each one ends the process with.

/** The exit codes of every `plimsoll` command; CI jobs rely on them. */
export const exitCodes = {
  pass: 0,
  fail: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  inconclusive: 5,
  internal: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** One mistake in what the user wrote: where it is, what stands there, and what belongs there. */
export interface Mistake {
  /** Path inside the suite, e.g. `profiles.smoke.duration`. */
  readonly path: string;
  /** What was expected, e.g. `a duration such as "1m30s"`. */
  readonly expected: string;
  /** The value found, printed short; absent when nothing stood there. */
  readonly found?: string;
  /** The nearest valid name, when the mistake looks like a misspelling. */
  readonly suggestion?: string;
}

interface ErrorOptions {
  readonly hint?: string;
  readonly cause?: unknown;
}

/** Base of all errors that Plimsoll raises on purpose: a message for people, a hint, an exit code. */
export class PlimsollError extends Error {
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(exitCode: ExitCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.exitCode = exitCode;
    this.hint = options.hint;
  }
}

/** Bad flags, an unknown suite or profile, or anything else wrong with how a command was called. Exit 2. */
export class UsageError extends PlimsollError {
  constructor(message: string, options?: ErrorOptions) {
    super(exitCodes.usage, message, options);
  }
}

/** A suite that does not fit the schema; carries every mistake found, not only the first. Exit 2. */
export class SuiteError extends PlimsollError {
  readonly mistakes: readonly Mistake[];

  constructor(file: string, mistakes: readonly Mistake[], options?: ErrorOptions) {
    const count = mistakes.length === 1 ? '1 mistake' : `${mistakes.length} mistakes`;
    super(exitCodes.usage, `${file} has ${count}`, options);
    this.mistakes = mistakes;
  }
}

/** The target did not answer, or `setup` failed, so no load was driven. Exit 3. */
export class TargetError extends PlimsollError {
  constructor(message: string, options?: ErrorOptions) {
    super(exitCodes.unreachable, message, options);
  }
}

/** A run refused because it could harm: a target that looks like production, without `--force`. Exit 4. */
export class SafetyError extends PlimsollError {
  constructor(message: string, options?: ErrorOptions) {
    super(exitCodes.refused, message, options);
  }
}

/** Thrown into user code that awaits something when its virtual user is stopped for good. */
export class StoppedError extends Error {
  constructor() {
    super('the virtual user was stopped');
    this.name = 'StoppedError';
  }
}

/** A request that failed on the network, thrown only with `{ throw: true }`. `code` as in `HttpError`. */
export class HttpRequestError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'HttpRequestError';
    this.code = code;
  }
}

/** Reaching this is a defect in Plimsoll: a case of a closed set was not handled. */
export function assertNever(value: never): never {
  throw new PlimsollError(exitCodes.internal, `unhandled case: ${JSON.stringify(value)}`);
}

/** The message of anything thrown, which need not be an `Error`. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
