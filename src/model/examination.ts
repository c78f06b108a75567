// What `plimsoll doctor` has looked at: a line for each thing, with what to do about it.

import type { ExitCode } from './errors.ts';

export interface Examined {
  /** What was looked at, in a few words. */
  readonly subject: string;
  /** `bad`: a run cannot work. `caution`: it may be limited. `open`: it cannot be told. */
  readonly status: 'good' | 'caution' | 'bad' | 'open';
  /** What was found, without a full stop. */
  readonly finding: string;
  /** What to do; absent where nothing is to be done. */
  readonly remedy?: string;
  /** Of what is bad: what a run ends with. */
  readonly exitCode?: ExitCode;
}
