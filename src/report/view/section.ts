// What every report is made of: sections of facts, tables, charts and notes. view/ makes them from a record once; text/,
// markdown/ and html/ draw any of them, and each format alone decides about alignment, colour and escaping.

import type { FigureUnit } from '../format-values.ts';

/**
 * How much room a format has: a terminal of 100 columns, a document that is read beside others (a comment under a pull
 * request), or a page of its own. What names no rooms is shown in all of them.
 */
export type Room = 'terminal' | 'document' | 'page';

/** How something went. `open`: nobody knows. `none`: there is nothing to judge. */
export type Status = 'good' | 'caution' | 'bad' | 'open' | 'none';

export interface InRooms {
  readonly rooms?: readonly Room[];
}

export interface TextCell {
  readonly kind: 'text';
  readonly text: string;
  /** `code` is of a language, `name` was given by the suite or the target: what a format does with either is its own. */
  readonly look?: 'code' | 'name';
  /** Stands before the text and matters less: the method of an endpoint. */
  readonly prefix?: string;
  readonly status?: Status;
  /** Stands below the text. */
  readonly remark?: string;
}

export interface FigureCell {
  readonly kind: 'figure';
  /** What rows are sorted by; `null` where nothing was measured. */
  readonly value: number | null;
  readonly unit: FigureUnit | 'duration';
  /** In place of the value with its unit: `< 300 ms`. */
  readonly text?: string;
  readonly status?: Status;
}

export interface StatusCell {
  readonly kind: 'status';
  readonly status: Status;
  /** The same in a word: `held`. */
  readonly text: string;
}

/** Several texts, each with or without a status. */
export interface ListCell {
  readonly kind: 'list';
  readonly items: readonly { readonly text: string; readonly status?: Status }[];
}

export type Cell = TextCell | FigureCell | StatusCell | ListCell;

export interface Column extends InRooms {
  readonly title: string;
  /** `state` is a mark where there is little room; `detail` may stand below its row. */
  readonly kind: 'text' | 'figure' | 'state' | 'detail';
  /** Most characters in a terminal. */
  readonly width?: number;
  /** Less important than the others. */
  readonly isQuiet?: true;
  /** Rows with the same text follow each other, so a terminal prints it once. */
  readonly isOnce?: true;
  /** Nobody sorts by it, as where its figures have different units. */
  readonly isFixed?: true;
}

export interface Row extends InRooms {
  /** One for each column. */
  readonly cells: readonly Cell[];
  /** In a terminal the rows of one group stand together, under its name. */
  readonly group?: string;
}

export interface Table extends InRooms {
  readonly kind: 'table';
  /** For people who cannot see it. */
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Most rows in a room; all of them where there is no limit. */
  readonly limits?: Partial<Record<Room, number>>;
  /** How many more there are that the record does not hold. */
  readonly unlisted?: number;
  /** What one of its rows is: `group`; and where all of them are: `run.json`. */
  readonly rest?: { readonly noun?: string; readonly place?: string };
  /** A page shows this line, and the table when it is pressed. */
  readonly folded?: string;
}

/** One figure of a fact that has several, with a label of its own: `Response time p95`. */
export interface FactPart {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

export interface Fact extends InRooms {
  readonly label: string;
  readonly value: string;
  readonly note?: string;
  /** In place of the value, where there is room for each. */
  readonly parts?: readonly FactPart[];
  readonly status?: Status;
  /** Large on a page. */
  readonly isProminent?: true;
}

export interface Facts extends InRooms {
  readonly kind: 'facts';
  readonly facts: readonly Fact[];
}

/** A figure that a note rests on, with the limit that it is held against. */
export interface Evidence {
  readonly name: string;
  readonly value: string;
  readonly limit?: string;
}

export interface NoteItem {
  readonly title: string;
  readonly text: string;
  readonly values: readonly { readonly label: string; readonly value: string }[];
}

/** A remark: a sentence, or a finding with what it rests on and what to do about it. */
export interface Note {
  readonly title?: string;
  /** Short words beside the title. */
  readonly tags?: readonly string[];
  /** A name that the text is about, before it. */
  readonly term?: string;
  /** When it happened, before the text. */
  readonly when?: string;
  readonly text?: string;
  readonly status?: Status;
  readonly evidence?: readonly Evidence[];
  readonly items?: readonly NoteItem[];
  /** What to do: one sentence after another, or numbered steps. */
  readonly advice?: string;
  readonly steps?: readonly string[];
}

export interface Notes extends InRooms {
  readonly kind: 'notes';
  /** `cards` have a frame each; `empty` says that there is nothing; `log` is a list by time; `key` explains marks. */
  readonly look: 'cards' | 'empty' | 'log' | 'key' | 'lines';
  readonly notes: readonly Note[];
}

export interface Chart extends InRooms {
  readonly kind: 'chart';
  /** Which of the view's charts it is. */
  readonly id: string;
  readonly title: string;
  /** The chart in words. */
  readonly summary: string;
  readonly isSmall: boolean;
}

/** One figure over several runs. */
export interface Course extends InRooms {
  readonly kind: 'course';
  readonly title: string;
  /** The course in words. */
  readonly summary: string;
  /** Ascending by time; `value` is `null` where a run has no figure, or was left out. */
  readonly points: readonly CoursePoint[];
}

export interface CoursePoint {
  readonly value: number | null;
  /** Which run, and its figure. */
  readonly label: string;
  /** The level changed with this run: how. */
  readonly change?: Status;
}

export type Block = Facts | Table | Chart | Notes | Course;

export interface Section extends InRooms {
  readonly id: string;
  readonly title: string;
  /** The whole section in a few words, behind its title: `2 of 4 held`. A page shows what they sum up. */
  readonly summary?: string;
  /** Where the summary is shown, when not everywhere. */
  readonly summaryRooms?: readonly Room[];
  readonly blocks: readonly Block[];
  /** Sections within it, one per monitor. */
  readonly parts?: readonly Section[];
}
