// The rows of all feeders of a plan, as one worker reads them. Made by run/worker-session.ts.

import type { DataFile, FeederDefinition, FeederPlan } from '../model/feeder.ts';
import { generatedRows } from './generated-rows.ts';
import { RowFile } from './row-file.ts';
import type { RowSource } from './row-source.ts';

/** By name of the feeder. Files are opened when their first row is read. */
export function openRowSources(
  plans: readonly FeederPlan[],
  definitions: Readonly<Record<string, FeederDefinition>>,
  files: readonly DataFile[],
  seed: number,
): ReadonlyMap<string, RowSource> {
  const fileOf = new Map(files.map((file) => [file.feeder, file]));
  return new Map(
    plans.map(({ name }): [string, RowSource] => {
      const file = fileOf.get(name);
      if (file !== undefined) return [name, new RowFile(file)];
      const definition = definitions[name]!;
      const { rows } = definition;
      if (rows === undefined) return [name, generatedRows(name, definition, seed)];
      return [name, { rows: rows.length, read: (index) => rows[index]!, close() {} }];
    }),
  );
}
