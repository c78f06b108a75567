// Feeders: named sources of rows that users of a suite take their test data from. As a suite writes them, as the plan has
// them, and what became of their rows.

/**
 * `circular`: in order, one course for all users, from the first again after the last. `unique`: in order, each row once
 * in a run. `random`: drawn for each user, with repetition. `sequential`: each user goes through all rows by itself.
 */
export type FeederPolicy = 'circular' | 'unique' | 'random' | 'sequential';

/** What happens when no row is left: begin again, end the user that asked, end its scenario, or end and fail the run. */
export type FeederEnd = 'wrap' | 'stop-user' | 'end-scenario' | 'fail';

/** How long a user keeps a row: for one iteration, for its life, or until it asks again. */
export type FeederSpan = 'iteration' | 'user' | 'call';

/** One row: values by column. Those of CSV files are texts. */
// biome-ignore lint/suspicious/noExplicitAny: a column holds whatever the file or the suite says
export type Row = Readonly<Record<string, any>>;

/** What a generating function is told: the number of the row, from 1, and random numbers that belong to this row. */
export interface RowPlace {
  readonly row: number;
  random(): number;
}

/** A generated column: a text with `${row}` or `${row:000}`, a number from a range, one of a list, or a constant. */
export type ColumnDefinition =
  | string
  | number
  | boolean
  | { readonly between: readonly [number, number]; readonly decimals?: number }
  | { readonly oneOf: readonly (string | number | boolean)[] };

/** Exactly one of `file`, `rows` and `generate` says where the rows come from. */
export interface FeederDefinition {
  /** A path beside the suite file. */
  readonly file?: string;
  /** That of the file's ending when absent: `.csv`, `.json`, `.jsonl` or `.ndjson`. */
  readonly format?: FileFormat;
  /** CSV only: the character between two fields; `,` when absent. */
  readonly delimiter?: string;
  /** CSV only: the names of the columns of a file without a header line. */
  readonly columns?: readonly string[];
  readonly rows?: readonly Row[];
  /** Rows are made when they are taken, the same for the same seed. */
  readonly generate?: ((place: RowPlace) => Row) | Readonly<Record<string, ColumnDefinition>>;
  /** `generate` only: the number of rows; without end when absent. */
  readonly count?: number;
  /** `circular` when absent. */
  readonly policy?: FeederPolicy;
  /** `iteration` when absent. */
  readonly per?: FeederSpan;
  /** `stop-user` for `unique`, otherwise `wrap`, when absent. */
  readonly atEnd?: FeederEnd;
  /** Columns whose values no output or artifact may show. */
  readonly secrets?: readonly string[];
}

export type FileFormat = 'csv' | 'json' | 'jsonl';

/** A feeder in a plan. */
export interface FeederPlan {
  readonly name: string;
  readonly source: FileFormat | 'rows' | 'generated';
  /** As the suite has it; files only. */
  readonly file?: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256?: string;
  /** `null`: without end. */
  readonly rows: number | null;
  /** Empty when a function of the suite makes the rows. */
  readonly columns: readonly string[];
  readonly policy: FeederPolicy;
  readonly per: FeederSpan;
  readonly atEnd: FeederEnd;
  /** Columns whose values are masked. */
  readonly masked: readonly string[];
}

/** Numbers of rows `from` <= n < `to`, from 0; beyond the last row of a circular feeder they go on with the first. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** A data file as a worker reads it: where it lies, what it must be, and where its rows are. Survives structured cloning. */
export interface DataFile {
  readonly feeder: string;
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly format: FileFormat;
  /** One byte; CSV only. */
  readonly delimiter: number;
  /** CSV only. */
  readonly columns: readonly string[];
  readonly rows: number;
  /** Of each block of whole rows, ascending: the number of its first row and where that begins. */
  readonly blocks: { readonly rows: Float64Array; readonly offsets: Float64Array };
}

/** What one worker process, or the whole run, has done with the rows of a feeder. */
export interface FeederUse {
  readonly name: string;
  /** Rows handed to users. */
  readonly given: number;
  /** How often the first row followed the last. */
  readonly wraps: number;
  /** How often a user asked and no row was left. */
  readonly refused: number;
  /** Users that ended for want of a row. */
  readonly usersEnded: number;
  /** Run time at which the first user asked in vain; `null` when none did. */
  readonly endedAtMs: number | null;
}

/** A feeder in the record of a run. */
export interface FeederRecord extends FeederUse {
  /** `null`: without end. */
  readonly rows: number | null;
  /** Rows that went down with a lost worker: nobody knows whether they were used, and they are not given again. */
  readonly lost: number;
}
