// Rows that are made when they are taken: by a function of the suite, or by what a suite without code says of each column.
// Row 17 is the same in every worker and in every run of the same seed. Called by row-sources.ts; suite/rules-data.ts checks the
// templates with `findPlaceFault`.

import { messageOf } from '../model/errors.ts';
import type { ColumnDefinition, FeederDefinition, Row, RowPlace } from '../model/feeder.ts';
import { createRandom } from '../stats/random.ts';
import { isRow } from './file-formats.ts';
import { DataFault, type RowSource } from './row-source.ts';

const placeholder = /\$\{([^}]*)\}/g;
const rowPlace = /^\s*row\s*(?::\s*(0+)\s*)?$/;

/** The first placeholder of a text that is none of `${row}` and `${row:000}`. */
export function findPlaceFault(text: string): string | undefined {
  for (const [whole, name] of text.matchAll(placeholder)) if (!rowPlace.test(name!)) return whole;
  return undefined;
}

/** `seed` is that of the run. */
export function generatedRows(name: string, definition: FeederDefinition, seed: number): RowSource {
  const { generate, count } = definition;
  const make = typeof generate === 'function' ? generate : columnsMaker(generate!);
  return {
    rows: count ?? null,
    read(index) {
      const random = createRandom(seed, 'data', name, index);
      let made: unknown;
      try {
        made = make({ row: index + 1, random });
      } catch (thrown) {
        throw new DataFault(name, `generate threw for row ${index + 1}: ${messageOf(thrown)}`);
      }
      if (isRow(made)) return made;
      throw new DataFault(
        name,
        `generate must return an object, and returned another value for row ${index + 1}`,
      );
    },
    close() {},
  };
}

function columnsMaker(columns: Readonly<Record<string, ColumnDefinition>>): (place: RowPlace) => Row {
  const makers = Object.entries(columns).map(([name, column]) => [name, columnMaker(column)] as const);
  return (place) => Object.fromEntries(makers.map(([name, make]) => [name, make(place)]));
}

function columnMaker(column: ColumnDefinition): (place: RowPlace) => unknown {
  if (typeof column === 'string') return ({ row }) => withRow(column, row);
  if (typeof column !== 'object') return () => column;
  if ('oneOf' in column) {
    const { oneOf } = column;
    return ({ random }) => oneOf[Math.floor(random() * oneOf.length)];
  }
  const { between, decimals = 0 } = column;
  const scale = 10 ** decimals;
  const least = Math.ceil(between[0] * scale);
  const steps = Math.floor(between[1] * scale) - least + 1;
  return ({ random }) => (least + Math.floor(random() * steps)) / scale;
}

function withRow(text: string, row: number): string {
  return text.replace(placeholder, (_whole, name: string) =>
    String(row).padStart(rowPlace.exec(name)?.[1]?.length ?? 0, '0'),
  );
}
