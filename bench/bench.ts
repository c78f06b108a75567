// What a bench is: a name, a sentence, and a function that measures. main.ts runs them, show.ts prints them.

import type { Column } from '../src/report/text/text-table.ts';
import type { Floor } from './floors.ts';
import type { Processes } from './processes.ts';

/** As the command line says, or as the bench wants it by itself. */
export interface Settings {
  /** Times that everything is measured; figures are medians of them. */
  readonly rounds: number;
  /** Length of the load of each client in each round. */
  readonly seconds: number;
  /** Virtual users of the bench `users`. */
  readonly users: number;
  /** Requests of the longer run of the bench `memory`. */
  readonly requests: number;
}

export interface Work {
  readonly settings: Settings;
  readonly processes: Processes;
  /** Tells how it goes, a line at a time. */
  say(line: string): void;
}

export interface Findings {
  /** What ran where and how long, in a sentence. */
  readonly setup: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  readonly floors: readonly Floor[];
  /** What a reader must know to read the figures; one sentence each. */
  readonly notes: readonly string[];
  /** Every figure of every round, to be kept as JSON. */
  readonly data: unknown;
}

export interface Bench {
  readonly name: string;
  /** What it shows, in a few words. */
  readonly shows: string;
  readonly rounds: number;
  /** `undefined` where the length of the load is not a matter of seconds. */
  readonly seconds: number | undefined;
  /** Throws a `CannotMeasure` where the machine lacks what it takes. */
  run(work: Work): Promise<Findings>;
}

/** Not a defect: this machine lacks something that a bench cannot do without. */
export class CannotMeasure extends Error {}

/** `medians of 3 rounds of 10 s`, `one round of 10 s`. */
export function roundsOf({ rounds, seconds }: Pick<Settings, 'rounds' | 'seconds'>): string {
  return rounds === 1 ? `one round of ${seconds} s` : `medians of ${rounds} rounds of ${seconds} s`;
}

export const left = (title: string): Column => ({ title, align: 'left' });
export const right = (title: string): Column => ({ title, align: 'right' });
