// Where a worker reads rows by their numbers: a file, the list of the suite, or a generator. Made by row-sources.ts.

import type { Row } from '../model/feeder.ts';

export interface RowSource {
  /** `null`: without end. */
  readonly rows: number | null;
  /** Row `index`, from 0 and below `rows`. Throws a `DataFault` when it cannot be had. */
  read(index: number): Row;
  close(): void;
}

/** A row that cannot be read or made while the load goes on. */
export class DataFault extends Error {
  constructor(feeder: string, message: string) {
    super(`data.${feeder}: ${message}`);
    this.name = 'DataFault';
  }
}
