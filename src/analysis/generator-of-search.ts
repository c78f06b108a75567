// What steps that the generator could not drive mean for a planned capacity search as a whole. run/conclude.ts asks.

import type { GeneratorHealth, Measurements } from '../model/run-record.ts';
import { formatFigure } from '../text/format-figure.ts';
import type { Capacity } from './capacity.ts';
import { exhaustionReasons } from './generator-exhaustion.ts';
import { missingLoadReasons } from './worker-losses.ts';

/**
 * Whether the generator limited a planned search in which it could not drive some steps; `undefined` where it could drive
 * all, or failed in a way that concerns all: what is known of the whole run holds then. It limited the search when no
 * other step held, or when the highest load that held and the lowest that broke have such a step between them.
 */
export function generatorOfSearch(
  measured: Measurements,
  capacity: Capacity | undefined,
): Pick<GeneratorHealth, 'saturated' | 'reasons'> | undefined {
  if (capacity === undefined || capacity.adaptive !== undefined) return undefined;
  const saturated = capacity.steps.filter(({ outcome }) => outcome === 'saturated');
  const { plan, generator, errors } = measured;
  const ofAll = [
    ...missingLoadReasons({ plan, workers: generator.workers, gaps: generator.gaps }),
    ...exhaustionReasons(errors),
  ];
  if (saturated.length === 0 || ofAll.length > 0) return undefined;
  const { highest, firstBroken, unit } = capacity;
  const decides = saturated.some(({ load }) => {
    if (highest === undefined) return true;
    return firstBroken !== undefined && load > highest.load && load < firstBroken.load;
  });
  if (!decides) return { saturated: false, reasons: [] };
  return {
    saturated: true,
    reasons: saturated.map(({ load, reason }) => `At ${formatFigure(load, unit)}: ${reason}`),
  };
}
