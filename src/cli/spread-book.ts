// What runs of `--repeat` have in common, printed after the last one. Called by run.ts.

import type { RunRecord } from '../model/run-record.ts';
import { usesColour } from './colour.ts';
import type { RunFlags } from './flags.ts';

export interface SpreadBook {
  add(record: RunRecord): void;
  /** Prints means and spread of each profile that ran more than once. */
  print(flags: Pick<RunFlags, 'color' | 'quiet'>): Promise<void>;
}

/** Nothing is kept of runs that are made once. */
export function createSpreadBook(repeat: number): SpreadBook {
  const byProfile = new Map<string, RunRecord[]>();
  return {
    add(record) {
      if (repeat < 2) return;
      byProfile.set(record.profile, [...(byProfile.get(record.profile) ?? []), slim(record)]);
    },
    async print(flags) {
      if (byProfile.size === 0 || flags.quiet) return;
      // Loaded when all loads have ended: until then the memory is theirs.
      const { figuresOf } = await import('../regression/run-figures.ts');
      const { unusableReason } = await import('../regression/differences.ts');
      const { spreadOf } = await import('../regression/spread.ts');
      const { spreadSection } = await import('../report/view/spread.ts');
      const { drawSection } = await import('../report/text/draw-section.ts');
      const { makePalette } = await import('../report/text/palette.ts');
      const palette = makePalette(usesColour(process.stdout, flags.color));
      for (const [profile, records] of byProfile) {
        const usable = records.filter((record) => unusableReason(record) === undefined);
        const left = records.flatMap((record) => {
          const reason = unusableReason(record);
          return reason === undefined ? [] : [`Left out: ${record.id}, since ${reason}.`];
        });
        const rows = spreadOf(usable.map((record) => figuresOf([record], false, [50, 95])[0]!));
        const lines = drawSection(spreadSection(profile, rows, left), palette);
        process.stdout.write(`\n${lines.join('\n')}\n`);
      }
    },
  };
}

/** Without what takes the most memory and has no part in the figures of the whole. */
function slim(record: RunRecord): RunRecord {
  const metrics = Object.entries(record.metrics).filter(([, { tags }]) => tags === undefined);
  const timeline = record.timeline.slice(-1);
  return { ...record, metrics: Object.fromEntries(metrics), timeline, monitors: {}, errors: [], checks: [] };
}
