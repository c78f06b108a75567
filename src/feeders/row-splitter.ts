// What the splitters of data files have in common: bytes in, places of rows out. csv-splitter.ts, json-splitter.ts and
// line-splitter.ts make one for each format.

/** Told of each row: where it begins and ends in the stream, its line (from 1), and how many fields it has (CSV only). */
export type OnRow = (start: number, end: number, line: number, fieldCount: number) => void;

export interface RowSplitter {
  /** Takes in the next bytes of the stream. Throws a `RowFault`. */
  push(bytes: Uint8Array): void;
  /** The stream is over. Throws a `RowFault`. */
  end(): void;
  /** Of the next byte, from 1. */
  readonly line: number;
}

/** What is wrong with the text of a data file, and where. */
export class RowFault extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.name = 'RowFault';
    this.line = line;
  }
}

export const lineFeed = 0x0a;
export const carriageReturn = 0x0d;
